"""Measures the acoustic model for `benchmarks.stages`: encoder, decoder steps and postnet, alone and ten together."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.make_voice import SIZES, acoustic_state
from benchmarks.stages import least_s
from tests.sambert import cases, exported, line, said
from training.networks.sambert import Sambert, load_sambert
from tts.engines.sambert.acoustic import Acoustic, Decoding, Score
from tts.engines.sambert.schedule import schedule
from tts.engines.sambert.voice import AcousticFacts, VocoderFacts

Floats = NDArray[np.float32]

STREAMS = 10
FRAME_S = 0.0125


def pieces() -> Iterator[int]:
    """Yield how many steps the service makes at a time, for a vocoder that is not causal."""
    return schedule(AcousticFacts(3, 12, 160, None), VocoderFacts(False, 18, None), FRAME_S * 1000)


def decoded(acoustic: Acoustic, decodings: Sequence[Decoding], chunks: Iterable[int]) -> None:
    """Run the decoder alone until the first of the sentences ends."""
    for steps in chunks:
        acoustic.step(decodings, steps)
        if any(not decoding.steps.left for decoding in decodings):
            return


def refined(acoustic: Acoustic, score: Score, frames: Floats) -> None:
    """Run the postnet alone on decoded frames."""
    decoding, start = acoustic.begin(score), 0
    for steps in pieces():
        acoustic.refine(decoding, frames[start : start + 3 * steps])
        start += 3 * steps
        if start >= len(frames):
            return


def held_bytes(acoustic: Acoustic, score: Score) -> int:
    """Return what a stream holds in the middle of its sentence."""
    decoding = acoustic.begin(score)
    acoustic.refine(decoding, acoustic.step([decoding], next(pieces()))[0])
    steps, refining = decoding.steps, decoding.refining
    arrays = (steps.memory, steps.windows, steps.frame, refining.waiting, *refining.kept.values())
    return sum(array.nbytes + sys.getsizeof(array) for array in arrays)


def measured(rounds: int) -> Iterator[dict[str, Any]]:
    """Yield real-time factors of the acoustic model's stages, and of plain torch."""
    torch.manual_seed(0)
    model = load_sambert(acoustic_state())
    assert model.sizes == SIZES
    with tempfile.TemporaryDirectory() as folder:
        yield from compared(model, exported(model, Path(folder)), rounds)


def compared(model: Sambert, acoustic: Acoustic, rounds: int) -> Iterator[dict[str, Any]]:
    """Yield the rows: a golden sentence of 42 symbols, then ten of them at once."""
    sentence = line(cases()["tiny_emo", 1])
    score, spoken = acoustic.score(sentence), said(model, sentence)
    frames = spoken.decoder_mel.numpy()
    tasks = {
        "torch": lambda: said(model, sentence),
        "encode": lambda: acoustic.score(sentence),
        "step": lambda: decoded(acoustic, [acoustic.begin(score)], pieces()),
        "refine": lambda: refined(acoustic, score, frames),
        "ten": lambda: decoded(acoustic, [acoustic.begin(score) for _ in range(STREAMS)], pieces()),
    }
    factor = {name: took / (score.frames * FRAME_S) for name, took in least_s(tasks, rounds).items()}
    factor["ten"] /= STREAMS
    rest = factor["encode"] + factor["refine"]
    yield row("acoustic, one stream", factor, {"total": rest + factor["step"]}) | {
        "frames": score.frames,
        "band": score.band,
        "largest_error": float(np.abs(acoustic.mel(score) - spoken.mel.numpy()).max()),
        "state_bytes": held_bytes(acoustic, score),
    }
    factor["step"] = factor["ten"]
    yield row(f"acoustic, each of {STREAMS} streams", factor, {"total": rest + factor["ten"]})


def row(stage: str, factor: dict[str, float], total: dict[str, float]) -> dict[str, Any]:
    """Return a row of real-time factors and what they are of torch's."""
    stages = {name: factor[name] for name in ("encode", "step", "refine")} | total
    return {
        "stage": stage,
        "real_time_factor": {name: round(value, 5) for name, value in {"torch": factor["torch"], **stages}.items()},
        "of_torch": {name: round(value / factor["torch"], 3) for name, value in stages.items()},
    }
