"""Runs a streaming HiFi-GAN vocoder: mel frames in, as they come, and out the samples that have become exact."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnxruntime import InferenceSession, NodeArg

from tts.engines.sambert.source import Excitation, Source

State = NDArray[np.float32] | NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Geometry:
    """What a caller must know of a vocoder; `source` is for those that take F0 and voicing after the mel."""

    hop: int
    mels: int
    lookahead_frames: int
    source: Source | None = None


@dataclass(slots=True)
class Vocoding:
    """Where one utterance has come to; only the calls that it is given to change it."""

    state: dict[str, State]
    excitation: Excitation | None
    waiting: list[NDArray[np.float32]] = field(default_factory=list)
    started: bool = False
    ended: bool = False


def rest_of(stretches: list[tuple[int, int]], put: NodeArg) -> State:
    """Return a state before the first call: stretches of so many samples with the same value."""
    lengths, zeros = np.array(stretches).T
    column = np.repeat(zeros, lengths).astype(np.uint8 if "uint8" in put.type else np.float32)
    return np.repeat(column[None, None, :, None], put.shape[3], axis=3)


class Vocoder:
    """A vocoder of one voice for any number of utterances at once, from any threads.

    With `int8` it is the one that convolves bytes: faster, and not exact.
    """

    def __init__(
        self, folder: Path, session: Callable[[Path], InferenceSession], geometry: Geometry, int8: bool = False
    ) -> None:
        self.geometry = geometry
        self.session = session(folder / ("vocode.int8.onnx" if int8 else "vocode.onnx"))
        begins = json.loads(self.session.get_modelmeta().custom_metadata_map["state"])
        puts = {put.name: put for put in self.session.get_inputs()}
        self.begins = {name: rest_of(stretches, puts[name]) for name, stretches in begins.items()}
        self.outputs = ["wave", *(f"{name}_after" for name in begins)]

    def begin(self, seed: int = 0) -> Vocoding:
        """Return the start of an utterance; `seed` is for the noise of voices that have some."""
        source = self.geometry.source
        return Vocoding(dict(self.begins), Excitation.begin(source, seed) if source else None)

    def feed(self, vocoding: Vocoding, mel: NDArray[np.float32], last: bool = False) -> NDArray[np.float32]:
        """Return the samples (m,) in -1..1 that frames (k, mels) make exact; with `last` all that are left.

        In all they are `hop` for each frame. An NSF voice takes (k, mels + 2). Raises ValueError for frames of
        another width and after the last call.
        """
        if vocoding.ended:
            raise ValueError("The utterance has ended.")
        if mel.ndim != 2 or mel.shape[1] != self.geometry.mels + 2 * (self.geometry.source is not None):
            raise ValueError(f"Frames of another voice: {mel.shape}.")
        vocoding.waiting.append(mel)
        vocoding.ended = last
        frames = sum(map(len, vocoding.waiting))
        # The first call must give a sample, for no layer can read less than its kernel.
        if not last and frames <= (0 if vocoding.started else self.geometry.lookahead_frames):
            return np.zeros(0, np.float32)
        if not frames and not (vocoding.started and self.geometry.lookahead_frames):
            return np.zeros(0, np.float32)
        fresh = np.concatenate(vocoding.waiting)
        vocoding.waiting.clear()
        return self.run(vocoding, fresh, last)

    def run(self, vocoding: Vocoding, mel: NDArray[np.float32], last: bool) -> NDArray[np.float32]:
        """Run the graph once and keep the state it leaves."""
        feeds: dict[str, NDArray[Any]] = {**vocoding.state, "mel": mel[None, None, :, : self.geometry.mels]}
        feeds["first"] = np.array([not vocoding.started], np.int64)
        feeds["last"] = np.array([last], np.int64)
        if vocoding.excitation and self.geometry.source:
            features = mel[:, self.geometry.mels :]
            feeds["waves"] = vocoding.excitation.waves(self.geometry.source, features, self.geometry.hop)[None, None]
        wave, *states = self.session.run(self.outputs, feeds)
        vocoding.state = dict(zip(self.begins, states, strict=True))
        vocoding.started = True
        samples: NDArray[np.float32] = wave.reshape(-1)
        return samples
