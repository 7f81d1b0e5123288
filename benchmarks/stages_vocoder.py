"""Measures the vocoder at full size with random weights: its share of real time, against plain torch in the same run.

Run it from the checkout: `.venv/bin/python -m benchmarks.stages_vocoder [--speech TAR] [--rounds N]`. With a tar of
recordings it also says how far the error of the vocoder that convolves bytes lies below its sound on mels of real
speech, of which none served to find its scales. Time is what one thread worked, the least of the rounds, so that a
busy machine counts little; torch and ours take turns.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain, islice, repeat
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from training.audio import decode, sounds
from training.calibration import normalised
from training.export_vocoder import export
from training.features import mel as mel_of
from training.networks.hifigan import Generator, Sizes
from training.networks.lookahead import lookahead_frames
from training.quantize_vocoder import export_int8, signal_to_noise_db
from tts.engines.sambert.schedule import schedule
from tts.engines.sambert.sessions import opener
from tts.engines.sambert.vocoder import Geometry, Vocoder
from tts.engines.sambert.voice import AcousticFacts, VocoderFacts

KINDS = {"noncausal_v1_16k": Sizes(), "v1_16k": Sizes(causal=True, up_kernels=(20, 10, 4, 4))}
SECONDS = 5
FRAME_MS = 12.5
FRAMES = SECONDS * 80

Mel = NDArray[np.float32]

#: Opens a graph as serving does.
session = opener(["CPUExecutionProvider"])


def pieces(lookahead_frames: int) -> Iterator[int]:
    """Yield how many frames the service gives the vocoder at a time; the first are those the postnet does not hold."""
    acoustic = AcousticFacts(3, 12, 160, None)
    first, *_ = steps = list(islice(schedule(acoustic, VocoderFacts(False, lookahead_frames, None), FRAME_MS), 10))
    held = acoustic.refine_lookahead_frames
    return chain([3 * first - held], (3 * each for each in steps[1:]), repeat(3 * steps[-1]))


def held_bytes(vocoder: Vocoder, mel: Mel) -> int:
    """Return what a stream holds in the middle of its sentence."""
    vocoding = vocoder.begin()
    vocoder.feed(vocoding, mel[:48])
    return sum(array.nbytes for array in [*vocoding.state.values(), *vocoding.waiting])


def streamed(vocoder: Vocoder, mel: Mel) -> tuple[NDArray[np.float32], float]:
    """Return the wave in chunks as the server makes it, and the milliseconds worked until its first samples."""
    vocoding, start, waves = vocoder.begin(), 0, []
    begun_s, first_ms = time.thread_time(), 0.0
    chunks = pieces(vocoder.geometry.lookahead_frames)
    while start < len(mel):
        frames = next(chunks)
        waves.append(vocoder.feed(vocoding, mel[start : start + frames], last=start + frames >= len(mel)))
        start += frames
        first_ms = first_ms or (time.thread_time() - begun_s) * 1000
    return np.concatenate(waves), first_ms


def worked_s(task: Callable[[], object]) -> float:
    """Return the seconds that this thread works on a task."""
    begun_s = time.thread_time()
    task()
    return time.thread_time() - begun_s


def in_torch(generator: Generator, mel: Mel) -> NDArray[np.float32]:
    """Return the wave of all frames at once, the plain way."""
    with torch.inference_mode():
        wave: NDArray[np.float32] = generator(torch.from_numpy(mel.T[None].copy()))[0, 0].numpy()
    return wave


def speech(archive: Path | None) -> list[Mel]:
    """Return normalised mels of recordings, or, without any, of noise that changes as slowly as speech."""
    if archive:
        return normalised([mel_of(decode(content)) for _, content in islice(sounds(archive), 40)])
    steps = np.random.default_rng(0).standard_normal((40, FRAMES + 8, 80)).astype(np.float32)
    return [np.lib.stride_tricks.sliding_window_view(each, 8, 0).mean(-1) * 8**0.5 for each in steps]


def rows(mels: Sequence[Mel], rounds: int) -> Iterator[dict[str, Any]]:
    """Yield what was measured of each kind of vocoder; the first half of the mels sets the scales of the bytes."""
    half = len(mels) // 2
    known, fresh = mels[:half], mels[half:]
    long = np.concatenate(fresh)[:FRAMES]
    for kind, sizes in KINDS.items():
        torch.manual_seed(0)
        generator = Generator(sizes).eval()
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            export(generator, folder)
            export_int8(generator, known, folder)
            geometry = Geometry(sizes.hop, sizes.mels, lookahead_frames(sizes))
            exact, byte = (Vocoder(folder, session, geometry, int8) for int8 in (False, True))
        tasks: dict[str, Callable[[], object]] = {
            "torch": partial(in_torch, generator, long),
            "float32": partial(streamed, exact, long),
            "int8": partial(streamed, byte, long),
        }
        times = [{name: worked_s(task) for name, task in tasks.items()} for _ in range(rounds)]
        factor = {name: min(each[name] for each in times) / SECONDS for name in tasks}
        snrs = [signal_to_noise_db(in_torch(generator, mel), streamed(byte, mel)[0]) for mel in fresh[:6]]
        yield {
            "stage": f"vocoder {kind}",
            "real_time_factor": {name: round(value, 4) for name, value in factor.items()},
            "of_torch": {name: round(factor[name] / factor["torch"], 3) for name in ("float32", "int8")},
            "first_samples_ms": {
                "float32": round(min(streamed(exact, long)[1] for _ in range(rounds)), 1),
                "int8": round(min(streamed(byte, long)[1] for _ in range(rounds)), 1),
            },
            "largest_error": {"float32": float(np.abs(streamed(exact, long)[0] - in_torch(generator, long)).max())},
            "int8_snr_db": round(min(snrs), 1),
            "state_bytes": held_bytes(exact, long),
        }


def measured(rounds: int) -> Iterator[dict[str, Any]]:
    """Yield the rows for `benchmarks.stages`, on noise as slow as speech."""
    yield from rows(speech(None), rounds)


def main() -> None:
    """Print a JSON line for each kind of vocoder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--speech", type=Path, help="a tar of recordings")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(1)
    for row in rows(speech(options.speech), options.rounds):
        print(json.dumps(row))


if __name__ == "__main__":
    main()
