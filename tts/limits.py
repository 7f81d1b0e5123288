"""Bounds how many utterances are made at once."""

import threading

from tts.errors import Busy


class Slots:
    """Places for the utterances that are being made, over all doors."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._free = threading.BoundedSemaphore(most)
        self.taken = 0
        self.closed = False

    def close(self) -> None:
        """Give no place any more: the server goes down."""
        self.closed = True

    def take(self, wait_s: float = 0.0) -> "Slot":
        """Return a place, or raise `Busy` when none gets free within the time."""
        if self.closed:
            raise Busy("the server is going down; try again soon")
        if not self._free.acquire(blocking=wait_s > 0, timeout=wait_s or None):
            raise Busy(f"{self.most} utterances are being made, which is the most; try again soon")
        self.taken += 1
        return Slot(self)

    def _give_back(self) -> None:
        self.taken -= 1
        self._free.release()


class Slot:
    """A place that is held until it is released."""

    def __init__(self, slots: Slots) -> None:
        self._slots: Slots | None = slots

    def release(self) -> None:
        """Give the place back; a second call does nothing."""
        slots, self._slots = self._slots, None
        if slots is not None:
            slots._give_back()
