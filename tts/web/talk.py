"""A WebSocket on which text arrives while sound leaves: what a client says waits, and is spoken in order."""

import queue
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import numpy as np
import structlog

from tts.codec import open_encoder
from tts.errors import Busy, TtsError
from tts.frontend.segment import clauses
from tts.limits import Slot
from tts.service import Service
from tts.stream import Plan
from tts.types import Request
from tts.web.delivery import LOOK_S, Channel, Delivery, Gone, Job
from tts.web.protocol import Message
from tts.web.sockets import BROKEN, NORMAL, POLICY, TRY_AGAIN_LATER, BoundedWebSocket
from tts.web.trouble import broken
from tts.workers import spawn

log = structlog.get_logger()

#: Messages that wait to be understood; a client that sends more waits itself.
_MOST_MESSAGES = 8
_CODES = {"busy": TRY_AGAIN_LATER, "engine_failed": BROKEN}
#: What VibeVoice's clients know.
_REASONS = {"busy": "Service busy"}
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
        self._owed_ms = 0.0
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
        if self._is_alone():
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
        """Send an utterance through a channel, after the pause that the one before it asks for, or raise `Gone`.

        Raises `Busy` when there is no place for the first one; later ones wait for theirs.
        """
        slot = self._place()
        self._job = Job(plan, secrets.token_hex(6), slot)
        try:
            if not self._left.is_set():
                if self._owed_ms:
                    channel.send("audio_chunk", {"at_ms": 0.0, "peaks": ()}, _silence(plan, self._owed_ms))
                Delivery(self._service, channel, self._job).run(slot)
                self._owed_ms = _pause_ms(plan.request)
        finally:
            self._job = None
            slot.release()
        if self._left.is_set():
            raise Gone

    def _place(self) -> Slot:
        while not self._is_alone():
            try:
                slot = self._service.slots.take(LOOK_S if self._begun else 0)
            except Busy:
                if not self._begun:
                    raise
            else:
                self._begun = True
                return slot
        raise Gone

    def _is_alone(self) -> bool:
        """Return whether the client has left, be there messages of it that nobody has understood."""
        return self._left.is_set() or self._ws.is_alone

    def close(self, code: int = NORMAL, reason: str = "") -> None:
        """Close the connection, and wait for the client to say that it has read everything."""
        self._ws.close(code, reason)
        give_up_s = time.monotonic() + _FAREWELL_S
        while not self._left.is_set() and time.monotonic() < give_up_s:
            # What still comes is nobody's, but must make room for the end.
            with suppress(queue.Empty):
                self._said.get(timeout=LOOK_S)
        if not self._left.is_set():
            self.drop()

    def drop(self) -> None:
        """Cut the connection to a client that no longer takes part."""
        self._ws.abort()


def _pause_ms(request: Request) -> float:
    """Return the pause that the end of a text asks for, if another follows."""
    return [clause.pause_ms for clause in clauses(request.text)][-1] / request.controls.speed


def _silence(plan: Plan, ms: float) -> bytes:
    """Return silence in the format of an utterance."""
    encoder = open_encoder(plan.request.format, plan.sample_rate_hz, plan.request.bit_rate)
    return encoder.encode(np.zeros(round(plan.sample_rate_hz * ms / 1000), np.int16)) + encoder.finish()


class Failed(TtsError):
    """An utterance ended with an error, whose body the client is to be told."""

    def __init__(self, body: Message) -> None:
        super().__init__(body["message"])
        self.code = body["code"]


def converse(talk: Talk, conversation: Callable[[], str], tell: Callable[[TtsError], None]) -> None:
    """Have a conversation and close the connection with the reason it returns, or as an error demands.

    `tell` has the error before the connection is closed.
    """
    try:
        try:
            code, reason = NORMAL, conversation()
        except Gone:
            raise
        except Exception as error:
            if not isinstance(error, TtsError):
                log.exception("conversation failed")
            known = broken(error)
            tell(known)
            code, reason = _CODES.get(known.code, POLICY), _REASONS.get(known.code, known.message)
    except Gone:
        # What the client said last may still wait for room; who reads it would wait for ever.
        code, reason = NORMAL, ""
    talk.close(code, reason)
