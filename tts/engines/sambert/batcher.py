"""Decoder steps of many sentences run together: a thread that needs some runs all that are due."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from tts.engines.sambert.acoustic import Decoding
from tts.engines.sambert.decoder import ROUND
from tts.workers import native_lock

Floats = NDArray[np.float32]


class Due:
    """Steps that a sentence needs next, and what came of them; `busy` is held by whoever runs them."""

    __slots__ = ("busy", "decoding", "error", "frames", "left")

    def __init__(self, decoding: Decoding, steps: int) -> None:
        self.decoding, self.left = decoding, min(steps, decoding.steps.left)
        self.frames: list[Floats] = []
        self.error: Exception | None = None
        self.busy = native_lock()

    @property
    def done(self) -> bool:
        """Return whether nothing is left to run."""
        return self.error is not None or not self.left


class Batcher:
    """Runs `step`, an acoustic model's, for up to `most` sentences at once.

    A sentence joins with the steps it needs next as soon as it knows them, and takes no thread meanwhile. There is no
    thread here either: the first that cannot go on without its frames runs what is due by then, for whichever streams.
    An error reaches only the sentence that raises it.
    """

    def __init__(self, step: Callable[[Sequence[Decoding], int], list[Floats]], most: int = 16) -> None:
        self.step, self.most = step, most
        # At most one for each stream. No lock guards it, for each operation on it is one of the interpreter's.
        self._due: list[Due] = []

    def join(self, decoding: Decoding, steps: int) -> Due:
        """Say what a sentence needs next; its state is not to be touched until the frames are taken."""
        due = Due(decoding, steps)
        self._due.append(due)
        return due

    def leave(self, due: Due) -> None:
        """Take back what is not needed any more, whether it is done or not."""
        with suppress(ValueError):
            self._due.remove(due)

    def frames(self, mine: Due) -> Floats:
        """Return what `Acoustic.step` gives for one sentence, (k, mels); blocks its thread while it is run."""
        while not mine.done:
            batch = self._claimed(mine)
            if not batch:  # another thread runs it
                with mine.busy:
                    continue
            try:
                self._run(batch)
            finally:
                for due in batch:
                    due.busy.release()
        self.leave(mine)
        if mine.error is not None:
            raise mine.error
        return np.concatenate([np.zeros((0, len(mine.decoding.steps.frame)), np.float32), *mine.frames])

    def _claimed(self, mine: Due) -> list[Due]:
        """Return what is due and nobody runs, first `mine`, then what has waited longest, up to `most`."""
        batch: list[Due] = []
        for due in [mine, *self._due]:
            if len(batch) < self.most and not due.done and due.busy.acquire(blocking=False):
                batch.append(due)
        for due in [due for due in batch if due.done]:  # between the look and the lock
            due.busy.release()
            batch.remove(due)
        return batch

    def _run(self, batch: Sequence[Due]) -> None:
        """Run a round of a batch's steps; if that fails, of each alone, so that the error reaches its owner."""
        steps = min((ROUND, *(due.left for due in batch)))
        try:
            made = self.step([due.decoding for due in batch], steps)
        except Exception as error:  # whose it is shows when they run alone
            if len(batch) == 1:
                batch[0].error = error
            else:
                for due in batch:
                    self._run([due])
            return
        for due, frames in zip(batch, made, strict=True):
            due.frames.append(frames)  # before its owner may find that it is done
            due.left -= steps
