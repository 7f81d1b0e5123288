"""Decoder steps of many threads run together: whoever holds the runner runs everybody's due step."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from tts.engines.sambert.acoustic import Decoding
from tts.engines.sambert.decoder import ROUND
from tts.workers import native_lock

Floats = NDArray[np.float32]


class Due:
    """Steps that a thread waits for; its gate opens when they are done, or when the thread is to run what is due."""

    __slots__ = ("decoding", "error", "frames", "gate", "left")

    def __init__(self, decoding: Decoding, left: int) -> None:
        self.decoding, self.left = decoding, left
        self.frames: list[Floats] = []
        self.error: Exception | None = None
        self.gate = native_lock()
        self.gate.acquire()

    @property
    def done(self) -> bool:
        """Return whether nothing is left to wait for."""
        return self.error is not None or not self.left or not self.decoding.steps.left


class Batcher:
    """Runs `step`, an acoustic model's, for up to `most` sentences of different threads at once.

    There is no thread of its own: the first to come runs, in rounds, whatever is due until its own steps are done, and
    then hands the runner to the next who waits. An error reaches only the thread whose sentence raises it.
    """

    def __init__(self, step: Callable[[Sequence[Decoding], int], list[Floats]], most: int = 16) -> None:
        self._step, self._most = step, most
        self._lock = native_lock()
        self._due: list[Due] = []  # bounded by the number of threads, each of which waits for one
        self._runner: Due | None = None

    def step(self, decoding: Decoding, steps: int) -> Floats:
        """Return what `Acoustic.step` gives for one sentence; blocks its native thread meanwhile."""
        mine = Due(decoding, steps)
        try:
            if not self._enter(mine):
                mine.gate.acquire()
            while not mine.done:
                self._round()
        finally:
            self._leave(mine)
        if mine.error is not None:
            raise mine.error
        return np.concatenate([np.zeros((0, len(decoding.steps.frame)), np.float32), *mine.frames])

    def _enter(self, mine: Due) -> bool:
        """Join those who wait; return whether this thread is to run what is due."""
        with self._lock:
            self._due.append(mine)
            if self._runner is None:
                self._runner = mine
            return self._runner is mine

    def _leave(self, mine: Due) -> None:
        """Wait no longer, also after an interruption, and hand over the runner where this thread holds it."""
        with self._lock:
            if mine in self._due:
                self._due.remove(mine)
            if self._runner is mine:
                self._runner = self._due[0] if self._due else None
                if self._runner is not None:
                    self._runner.gate.release()

    def _round(self) -> None:
        """Run some steps of those who came first, and let those go on whose steps are done."""
        with self._lock:
            batch = self._due[: self._most]
        self._run(batch, min(ROUND, *(due.left for due in batch)))
        with self._lock:
            for due in batch:
                if due.done and due in self._due:
                    self._due.remove(due)
                    if due is not self._runner:
                        due.gate.release()

    def _run(self, batch: list[Due], steps: int) -> None:
        """Run steps of a batch; if that fails, of each alone, so that the error reaches its owner."""
        try:
            made = self._step([due.decoding for due in batch], steps)
        except Exception as error:  # whose it is shows when they run alone
            if len(batch) == 1:
                batch[0].error = error
            else:
                for due in batch:
                    self._run([due], steps)
            return
        for due, frames in zip(batch, made, strict=True):
            due.frames.append(frames)
            due.left -= steps
