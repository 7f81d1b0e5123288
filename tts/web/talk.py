"""A WebSocket on which text arrives while sound leaves: what a client says waits, and is spoken in order."""

import queue
import secrets
import threading
import time
from contextlib import suppress

from tts.errors import Busy, TtsError
from tts.limits import Slot
from tts.service import Service
from tts.stream import Plan
from tts.web.delivery import LOOK_S, Channel, Delivery, Gone, Job
from tts.web.sockets import BROKEN, NORMAL, POLICY, TRY_AGAIN_LATER, BoundedWebSocket, CloseWith
from tts.workers import spawn

#: Messages that wait to be understood; a client that sends more waits itself.
_MOST_MESSAGES = 64
#: How long a client may take to answer that the connection is closed.
_FAREWELL_S = 2.0


class Talk:
    """The conversation with one client; what it says is read by a greenlet of its own."""

    def __init__(self, ws: BoundedWebSocket, service: Service) -> None:
        self._ws = ws
        self._service = service
        self._said: queue.Queue[str | bytes | None] = queue.Queue(_MOST_MESSAGES)
        self._left = threading.Event()
        self._job: Job | None = None
        self._begun = False
        spawn(self._listen)

    def _listen(self) -> None:
        while (message := self._ws.receive()) is not None:
            self._said.put(message)
        self._left.set()
        if self._job:
            self._job.cancel()
        with suppress(queue.Full):
            self._said.put_nowait(None)

    def next(self, wait_s: float | None = None) -> str | bytes | None:
        """Return the next message, or None when none comes within the time; raise `Gone` when the client has left."""
        if self._left.is_set():
            raise Gone
        try:
            message = self._said.get(block=wait_s != 0, timeout=wait_s)
        except queue.Empty:
            return None
        if message is None:
            raise Gone
        return message

    def send(self, frame: str | bytes) -> None:
        """Send a frame, or raise `Gone`."""
        try:
            self._ws.send(frame)
        except OSError:
            raise Gone from None

    def speak(self, plan: Plan, channel: Channel) -> None:
        """Send an utterance through a channel, or raise `Gone`.

        Raises `Busy` when there is no place for the first one; later ones wait for theirs.
        """
        slot = self._place()
        self._job = Job(plan, secrets.token_hex(6), slot)
        try:
            if not self._left.is_set():
                Delivery(self._service, channel, self._job).run(slot)
        finally:
            self._job = None
            slot.release()
        if self._left.is_set():
            raise Gone

    def _place(self) -> Slot:
        while not self._left.is_set():
            try:
                slot = self._service.slots.take(LOOK_S if self._begun else 0)
            except Busy:
                if not self._begun:
                    raise
            else:
                self._begun = True
                return slot
        raise Gone

    def close(self, code: int = NORMAL, reason: str = "") -> None:
        """Close the connection, and wait for the client to say that it has read everything."""
        self._ws.close(code, reason)
        give_up_s = time.monotonic() + _FAREWELL_S
        while not self._left.is_set() and time.monotonic() < give_up_s:
            # What still comes is nobody's, but must make room for the end.
            with suppress(queue.Empty):
                self._said.get(timeout=LOOK_S)

    def drop(self) -> None:
        """Cut the connection to a client that no longer takes part."""
        self._ws.abort()


def closing(error: TtsError) -> CloseWith:
    """Return how a connection ends that an error ends."""
    codes = {"busy": TRY_AGAIN_LATER, "engine_failed": BROKEN}
    return CloseWith(codes.get(error.code, POLICY), "Service busy" if error.code == "busy" else error.message)
