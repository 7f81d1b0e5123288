"""The acoustic model while streaming: a line of symbols in, frames of a mel spectrogram out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from onnxruntime import InferenceSession

from tts.engines.sambert.decoder import Decoder, Steps
from tts.engines.sambert.refiner import Refiner, Refining
from tts.engines.sambert.regulator import band_of, lengths_of, regulate, whole_frames

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Line:
    """What the acoustic model is given for a sentence of n symbols."""

    ids: Ints
    """(n, 4): phone, tone, place in the syllable, place in the word."""
    speaker_ids: Ints
    emotion_ids: Ints
    """(n,) the emotion wanted; on pauses, none."""
    base_ids: Ints
    """(n,) where a weight of 0 is: neutral on phones, the same as `emotion_ids` on pauses."""
    emotion_weights: Floats
    """(n,) embedding = base + weight * (emotion - base)."""
    speeds: Floats
    """(n,) factor on the tempo; at 1, durations are rounded as in training."""
    pitch_scale: Floats
    """(n,) factor about the line's mean predicted pitch."""
    pitch_shift: Floats
    """(n,) added to the predicted pitch, in its normalised units."""
    energy_shift: Floats


@dataclass(frozen=True, slots=True)
class Score:
    """How long each symbol lasts and what the decoder reads."""

    durations: Ints
    """(n,) frames."""
    pitch: Floats
    """(n,) normalised, after scale and shift."""
    energy: Floats
    """(n,)"""
    memory: Floats
    """(steps, memory)"""
    band: int
    frames: int


@dataclass(slots=True)
class Decoding:
    """Where one sentence is; a value that nothing else holds, so any number of sentences interleave."""

    steps: Steps
    refining: Refining

    @property
    def done(self) -> bool:
        """Return whether every step is decoded and every final frame given."""
        return not self.steps.left and self.refining.made == self.refining.length


class Acoustic:
    """An acoustic model's three graphs, safe to share between threads; `sizes` is that part of `voice.json`."""

    def __init__(self, folder: Path, session: Callable[[Path], InferenceSession], sizes: Mapping[str, int]) -> None:
        self._encoder = session(folder / "encode.onnx")
        self._decoder = Decoder(folder, session)
        self._refiner = Refiner(folder, session, sizes["refine_lookahead_frames"])
        self._group = sizes["outputs_per_step"]

    @property
    def mels(self) -> int:
        """Return the width of a frame."""
        return self._decoder.mels

    def score(self, line: Line) -> Score:
        """Return durations and the decoder's memory.

        Raises `NothingToSay` where no symbol lasts a frame, `TooLong` where one would last longer than speech does.
        """
        names = ("ids", "speaker_ids", "emotion_ids", "base_ids", "emotion_weights", "pitch_scale")
        given = {name: getattr(line, name) for name in (*names, "pitch_shift", "energy_shift")}
        outputs: list[Floats] = self._encoder.run(["text", "voice", "log_durations", "pitch", "energy"], given)
        text, voice, logs, pitch, energy = outputs
        lengths = lengths_of(logs)
        durations = whole_frames(lengths, line.speeds)
        memory = regulate(text, voice, durations, self._group)
        band = band_of(lengths, line.speeds, self._group)
        return Score(durations, pitch, energy, memory, band, int(durations.sum()))

    def begin(self, score: Score) -> Decoding:
        """Return the state of a sentence before its first step."""
        return Decoding(self._decoder.begin(score.memory, score.band), self._refiner.begin(score.frames))

    def step(self, decodings: Sequence[Decoding], steps: int) -> list[Floats]:
        """Decode up to `steps` steps of each sentence; return the frames (k, mels) of each, before `refine`."""
        return self._decoder.step([decoding.steps for decoding in decodings], steps)

    def refine(self, decoding: Decoding, frames: Floats) -> Floats:
        """Return the next final frames, (k, mels), after decoded ones; they come out late by the look-ahead."""
        return self._refiner.refine(decoding.refining, frames)

    def stream(self, score: Score, chunk_steps: Iterable[int]) -> Iterator[Floats]:
        """Yield final frames, (k, mels), after each chunk of steps; raises `ValueError` if the chunks end early."""
        decoding = self.begin(score)
        for steps in chunk_steps:
            frames = self.refine(decoding, self.step([decoding], steps)[0])
            if len(frames):
                yield frames
            if decoding.done:
                return
        raise ValueError("the chunks end before the sentence")

    def mel(self, score: Score) -> Floats:
        """Return all final frames, (frames, mels)."""
        return np.concatenate(list(self.stream(score, repeat(len(score.memory)))))
