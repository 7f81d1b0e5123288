"""The postnet while streaming: decoded frames in, final frames out as soon as they are exact."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from onnxruntime import InferenceSession

Floats = NDArray[np.float32]


class Refining:
    """Where one sentence of `length` frames is: how many went in and came out, and what the layers keep of them."""

    __slots__ = ("given", "kept", "length", "made", "waiting")

    def __init__(self, length: int, kept: dict[str, Floats], mels: int) -> None:
        self.length, self.kept = length, kept
        self.waiting: Floats = np.zeros((0, mels), np.float32)
        self.given = self.made = 0


class Refiner:
    """Runs `refine.onnx`, whose frames come out `lookahead` frames late; safe to share between threads."""

    def __init__(self, folder: Path, session: Callable[[Path], InferenceSession], lookahead: int) -> None:
        self._session, self._lookahead = session(folder / "refine.onnx"), lookahead
        shapes = {value.name: value.shape for value in self._session.get_inputs()}
        self.mels = int(shapes["frames"][1])
        self._kept = {name: tuple(shape) for name, shape in shapes.items() if name not in {"frames", "start", "length"}}
        self._outputs = ["mel", *(f"next_{name}" for name in self._kept)]

    def begin(self, length: int) -> Refining:
        """Return the state before the first of `length` frames."""
        return Refining(length, {name: np.zeros(shape, np.float32) for name, shape in self._kept.items()}, self.mels)

    def refine(self, state: Refining, frames: Floats) -> Floats:
        """Return the next final frames, (k, mels), after decoded frames (n, mels); all others after the last."""
        frames = np.concatenate([state.waiting, frames[: state.length - state.given - len(state.waiting)]])
        last = state.given + len(frames) == state.length
        if last:
            frames = np.concatenate([frames, np.zeros((self._lookahead, self.mels), np.float32)])
        if not state.given and len(frames) <= self._lookahead:
            state.waiting = frames
            return frames[:0]
        return self._run(state, frames)

    def _run(self, state: Refining, frames: Floats) -> Floats:
        given = {"frames": frames, "start": np.array(state.given), "length": np.array(state.length), **state.kept}
        mel, *kept = self._session.run(self._outputs, given)
        state.kept = dict(zip(self._kept, kept, strict=True))
        state.waiting = frames[:0]
        state.given += len(frames)
        state.made += len(mel)
        final: Floats = mel
        return final
