"""Checks a voice's graphs, as the service runs them, against the networks in torch."""

from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from training.networks.hifigan import Generator
from training.networks.sambert import Sambert
from training.wave import wave_of
from tts.engines.sambert.acoustic import Line
from tts.engines.sambert.networks import open_acoustic, open_vocoder
from tts.engines.sambert.sessions import opener
from tts.engines.sambert.vocoder import Vocoder
from tts.engines.sambert.voice import Manifest, inventory
from tts.types import NEUTRAL

Floats = NDArray[np.float32]

#: 北京今天天气怎么样 and 好日子，我们一起去: the two phones and the tone of each syllable.
LINES: Final = (
    "b_c ei_c 3 j_c ing_c 1 #1 j_c in_c 1 t_c ian_c 1 #1 t_c ian_c 1 q_c i_c 4 #1 z_c en_c 3 m_c e_c 5 y_c ang_c 4 #4",
    "h_c ao_c 3 r_c ih_c 4 z_c ii_c 5 #3 w_c o_c 3 m_c en_c 5 #1 y_c i_c 4 q_c i_c 3 #1 q_c v_c 4 #4",
)
MOST_DIFFERENCE: Final = 1e-4
#: Opens graphs as the service does by default.
open_session: Final = opener(["CPUExecutionProvider"])
_CHUNK_STEPS: Final = (1, 2, 5)
_CHUNK_FRAMES: Final = (4, 1, 16)


class Differs(ValueError):
    """A graph does not say what the network says."""


def verify(network: Sambert, generator: Generator, folder: Path, manifest: Manifest) -> float:
    """Return the largest difference between graphs and networks: a line in each emotion, the first two in chunks too.

    Raises `Differs` when it is more than `MOST_DIFFERENCE` or a duration is another one, and what `Acoustic.score`
    raises for a network that cannot speak.
    """
    acoustic, vocoder = open_acoustic(folder, manifest, open_session), open_vocoder(folder, manifest, open_session)
    differences = []
    for number, emotion in enumerate(manifest.emotions):
        line = line_of(LINES[number % len(LINES)], emotion, manifest.speaker)
        ids = [torch.from_numpy(rows) for rows in (line.ids, line.emotion_ids, line.speaker_ids)]
        score = acoustic.score(line)  # first, since the network itself knows no bound of durations
        spoken = network(*ids)
        if score.durations.tolist() != spoken.durations.tolist():
            raise Differs(f"{emotion}: the durations of encode.onnx are not those of the network")
        mel = spoken.mel.numpy()
        differences.append(_difference(f"{emotion}: the mel frames", acoustic.mel(score), mel))
        if number >= len(LINES):
            continue
        # How a line is divided, and how it becomes sound, has nothing to do with emotions.
        chunked = np.concatenate(list(acoustic.stream(score, cycle(_CHUNK_STEPS))))
        differences.append(_difference(f"{emotion}: the mel frames in chunks", chunked, mel))
        wave = wave_of(generator, mel, vocoder.geometry.source)
        waves = [vocode(vocoder, mel, frames) for frames in (cycle([len(mel)]), cycle(_CHUNK_FRAMES))]
        differences += [_difference(f"{emotion}: the samples", vocoded, wave) for vocoded in waves]
    return max(differences)


def vocode(vocoder: Vocoder, mel: Floats, sizes: Iterator[int]) -> Floats:
    """Return the graph's samples for frames that come in pieces of such sizes."""
    vocoding, start, pieces = vocoder.begin(), 0, []
    for size in sizes:
        end = start + size
        pieces.append(vocoder.feed(vocoding, mel[start:end], last=end >= len(mel)))
        if end >= len(mel):
            break
        start = end
    return np.concatenate(pieces)


def line_of(text: str, emotion: str, speaker: str) -> Line:
    """Return one of `LINES` as the acoustic model takes it, with nothing changed about how it is spoken."""
    rows = list(_symbols(text.split()))
    fields = [inventory()[name] for name in ("phone", "tone", "syllable", "word")]
    ids = np.array([[names.index(name) for names, name in zip(fields, row, strict=True)] for row in rows], np.int64)
    pauses = np.array([row[0].startswith("#") for row in rows])
    none, neutral, wanted = (inventory()["emotion"].index(f"emotion_{name}") for name in ("none", NEUTRAL, emotion))
    n = len(rows)
    ones, zeros = np.ones(n, np.float32), np.zeros(n, np.float32)
    return Line(
        ids=ids,
        speaker_ids=np.full(n, inventory()["speaker"].index(speaker)),
        emotion_ids=np.where(pauses, none, wanted),
        base_ids=np.where(pauses, none, neutral),
        emotion_weights=ones,
        speeds=ones,
        pitch_scale=ones,
        pitch_shift=zeros,
        energy_shift=zeros,
    )


def _symbols(tokens: list[str]) -> Iterator[tuple[str, str, str, str]]:
    """Yield phone, tone, place in the syllable and place in the word."""
    word: list[tuple[str, str, str]] = []
    while tokens:
        phone = tokens.pop(0)
        if not phone.startswith("#"):
            final, tone = tokens.pop(0), f"tone{tokens.pop(0)}"
            word += [(phone, tone, "s_begin"), (final, tone, "s_end")]
            continue
        for at, symbol in enumerate(word):
            place = "word_begin" if at == 0 else "word_end" if at == len(word) - 1 else "word_middle"
            yield (*symbol, place)
        yield (phone, "tone_none", "s_none", "word_none")
        word = []


def _difference(what: str, made: Floats, expected: Floats) -> float:
    if made.shape != expected.shape:
        raise Differs(f"{what} have the shape {made.shape} and not {expected.shape}")
    difference = float(np.abs(made - expected).max())
    if not difference <= MOST_DIFFERENCE:
        raise Differs(f"{what} differ from those of the network by {difference:g}")
    return difference
