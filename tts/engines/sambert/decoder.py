"""The decoder while streaming: a few steps of many sentences in one run, each with the little that it remembers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from onnxruntime import InferenceSession

Floats = NDArray[np.float32]

#: Added to a score that must not count; -inf would make NaN of a row with nothing else.
SILENT = np.float32(-1e30)

#: Most steps in one run: within a run windows grow by a row with each step, and attention with them.
ROUND = 8


class Steps:
    """Where one sentence is: `done` of its memory's steps are decoded.

    `windows`, (2 * layers, 2 * heads, band, width), holds keys and values of the band's past steps (first half of the
    heads) and of its coming memory rows (second half), newest last; `frame` is the last one decoded.
    """

    __slots__ = ("band", "done", "frame", "memory", "windows")

    def __init__(self, memory: Floats, band: int, windows: Floats, frame: Floats) -> None:
        self.memory, self.band, self.windows, self.frame = memory, band, windows, frame
        self.done = 0

    @property
    def left(self) -> int:
        """Return how many steps are to be decoded."""
        return len(self.memory) - self.done

    def rows(self, start: int, count: int) -> Floats:
        """Return (count, memory) rows of the memory; beyond its end they are zeros."""
        rows = np.zeros((count, self.memory.shape[1]), np.float32)
        found = self.memory[start : start + count]
        rows[: len(found)] = found
        return rows

    def mask(self, count: int, wide: int) -> Floats:
        """Return (count, 2, wide): what each step hears of past and memory, in windows that wide.

        past:    . . s-band ... s-1 s       memory:  . . s s+1 ... s+band       (the newest is the last)
        """
        step = np.arange(self.done, self.done + count)[:, None]
        age = np.arange(wide - 1, -1, -1)  # how far a column is from the last one
        past = age <= np.minimum(step, self.band)
        memory = (age <= self.band) & (step + self.band - age < len(self.memory))
        return np.where(np.stack([past, memory], axis=1), np.float32(0), SILENT)


class Decoder:
    """Runs `step.onnx`; safe to share between threads."""

    def __init__(self, folder: Path, session: Callable[[Path], InferenceSession]) -> None:
        self._session = session(folder / "step.onnx")
        shapes = {value.name: value.shape for value in self._session.get_inputs()}
        self.mels = int(shapes["frame"][1])
        self._layers, _, self._heads, _, self._width = shapes["windows"]  # keys and values of each, past and memory

    def begin(self, memory: Floats, band: int) -> Steps:
        """Return the state before the first step for a memory (steps, memory)."""
        windows = np.zeros((self._layers, self._heads, band, self._width), np.float32)
        steps = Steps(memory, band, windows, np.zeros(self.mels, np.float32))
        if band:
            none, mask = np.zeros((0, 1, memory.shape[1]), np.float32), np.zeros((0, 1, 2, band), np.float32)
            rows = self._run(none, steps.rows(0, band)[:, None], steps.frame[None], mask, windows[:, None])[2]
            half = self._heads // 2
            windows[:, half:] = rows.reshape(band, self._layers, half, self._width).transpose(1, 2, 0, 3)
        return steps

    def step(self, batch: Sequence[Steps], count: int) -> list[Floats]:
        """Decode up to `count` steps of each; return (frames, mels) of each, fewer where a sentence ends."""
        made: list[list[Floats]] = [[np.zeros((0, self.mels), np.float32)] for _ in batch]
        while count and (left := max(steps.left for steps in batch)):
            now = min(count, left, ROUND)
            for whole, frames in zip(made, self._round(batch, now), strict=True):
                whole.append(frames)
            count -= now
        return [np.concatenate(whole) for whole in made]

    def _round(self, batch: Sequence[Steps], count: int) -> list[Floats]:
        """Decode up to `count` steps of each in one run."""
        wide = max(steps.band for steps in batch)
        memory = np.stack([steps.rows(steps.done, count) for steps in batch], axis=1)
        ahead = np.stack([steps.rows(steps.done + steps.band, count) for steps in batch], axis=1)
        mask = np.stack([steps.mask(count, wide + count) for steps in batch], axis=1)
        frame = np.stack([steps.frame for steps in batch])
        frames, windows, _ = self._run(memory, ahead, frame, mask, self._side_by_side(batch, wide))
        made = []
        for number, steps in enumerate(batch):
            new = min(count, steps.left)
            made.append(frames[:new, number].reshape(-1, self.mels))
            # Copies, since a part of a batch's windows would keep all of them.
            steps.windows = windows[:, number, :, wide - steps.band :].copy()
            steps.frame = frames[-1, number, -self.mels :].copy()
            steps.done += new
        return made

    def _side_by_side(self, batch: Sequence[Steps], wide: int) -> Floats:
        """Return (2 * layers, batch, 2 * heads, wide, width): every window, newest last."""
        windows = np.zeros((self._layers, len(batch), self._heads, wide, self._width), np.float32)
        for number, steps in enumerate(batch):
            windows[:, number, :, wide - steps.band :] = steps.windows
        return windows

    def _run(self, memory: Floats, ahead: Floats, frame: Floats, mask: Floats, windows: Floats) -> list[Floats]:
        """Return frames, windows and projected rows, as `step.onnx` has them."""
        given = {"memory": memory, "ahead": ahead, "frame": frame, "mask": mask, "windows": windows}
        results: list[Floats] = self._session.run(["frames", "next_windows", "projected"], given)
        return results
