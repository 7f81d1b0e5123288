"""A WebSocket on which text arrives while sound leaves: what a client says is spoken in order, as one where it can."""

import queue
import secrets
import threading
import time
from contextlib import suppress

import numpy as np

from tts.codec import open_encoder
from tts.errors import Busy
from tts.frontend.segment import clauses
from tts.limits import Slot
from tts.service import Service
from tts.stream import Plan
from tts.web.delivery import LOOK_S, Channel, Delivery, Gone, Job
from tts.web.sockets import NORMAL, BoundedWebSocket
from tts.workers import spawn

#: Messages that wait to be understood; a client that sends more waits itself.
_MOST_MESSAGES = 8
#: Characters that tell the pause at the end of a text.
_ENDING = 200
#: How long an utterance that has spoken everything waits while nobody says anything.
_REST_S = 1.0
#: How often text that has no room looks for some.
_ROOM_S = 0.05
#: How long a client may take to answer that the connection is closed.
_FAREWELL_S = 2.0


class Talk:
    """The conversation with one client.

    What it says is read by one greenlet; what it hears, one utterance after another, is made and sent by a second one,
    so that the text of an utterance may keep arriving while it is spoken.
    """

    def __init__(self, ws: BoundedWebSocket, service: Service) -> None:
        self._ws = ws
        self._service = service
        self._said: queue.Queue[str | bytes | None] = queue.Queue(_MOST_MESSAGES)
        self._left = threading.Event()
        self._job: Job | None = None
        self._ended = threading.Event()
        self._broke: Exception | None = None
        self._begun = False
        self._owed_ms = 0.0
        self._longest_rest_s = service.settings.text_wait_s / 2
        self._rest_s = min(_REST_S, self._longest_rest_s)
        spawn(self._listen)

    def _listen(self) -> None:
        while (message := self._ws.receive()) is not None:
            self._said.put(message)
        self._left.set()
        if self._job:
            self._job.cancel()
        self._wake()

    def _wake(self) -> None:
        """Have whoever waits for a message look; where messages wait, nobody does."""
        with suppress(queue.Full):
            self._said.put_nowait(None)

    def next(self, wait_s: float | None = None) -> str | bytes | None:
        """Return the next message, or None when none comes within the time, which begins when everything is spoken.

        Raises `Gone` when the client has left, and what has broken the utterance. One whose text does not go on for a
        while is ended: the last of its sound is let go, and its place is free.
        """
        while True:
            self._check()
            if self._is_waited_for(self._longest_rest_s):
                self.end()
            rests = self.going_on and wait_s != 0
            try:
                message = self._said.get(timeout=self._rest_s if rests else wait_s)
            except queue.Empty:
                if not rests:
                    return None
                if self._is_waited_for(self._rest_s):
                    self.end()
            else:
                if message is not None:
                    return message

    def _check(self) -> None:
        if self._is_alone():
            raise Gone
        if self._broke:
            raise self._broke

    def send(self, frame: str | bytes) -> None:
        """Send a frame, or raise `Gone`."""
        try:
            self._ws.send(frame)
        except OSError:
            raise Gone from None

    @property
    def going_on(self) -> bool:
        """Whether there is an utterance that takes more text."""
        return self._job is not None and self._job.plan.arriving is not None

    def speak(self, plan: Plan, channel: Channel) -> None:
        """Send an utterance through a channel, after the pause that the one before it asks for.

        One whose text keeps arriving is only begun. Raises `Busy` when there is no place for the first one, later ones
        wait for theirs; otherwise what `end` raises.
        """
        self.end()
        slot = self._place()
        self._ended.clear()
        self._job = Job(plan, secrets.token_hex(6), slot)
        spawn(self._deliver, self._job, slot, channel)
        if not self.going_on:
            self.end()

    def append(self, text: str, at_once: bool = False) -> None:
        """Add to the text of the utterance, when there is room; `at_once`, nothing of it waits for what may follow."""
        assert self._job
        assert self._job.plan.arriving
        arriving = self._job.plan.arriving
        for start in range(0, len(text), arriving.most):
            piece = text[start : start + arriving.most]
            while arriving.waiting + len(piece) > arriving.most:
                self._check()
                self._ended.wait(_ROOM_S)
            arriving.append(piece)
            self._job.wake()
        if at_once:
            arriving.flush()
            self._job.wake()

    def end(self) -> None:
        """Wait until all of the utterance has been sent, if there is one; raise `Gone`, or what has broken it."""
        if self._job:
            if self._job.plan.arriving:
                self._job.plan.arriving.finish()
                self._job.wake()
            self._ended.wait()
            self._owed_ms = _pause_ms(self._job.plan)
            self._job = None
            self._check()

    def stop(self) -> None:
        """Speak no more of the utterance, if there is one."""
        if self._job:
            self._job.cancel()
            self._ended.wait()
            self._job = None

    def _is_waited_for(self, seconds: float) -> bool:
        """Whether the utterance has nothing to speak before more text comes, which it has not for some time."""
        arriving = self._job and self._job.plan.arriving
        if not arriving or arriving.seen != arriving.changes or arriving.waiting:
            return False
        return time.monotonic() - arriving.fed_s >= seconds

    def _deliver(self, job: Job, slot: Slot, channel: Channel) -> None:
        try:
            if self._owed_ms:
                channel.send("audio_chunk", {"at_ms": 0.0, "peaks": ()}, _silence(job.plan, self._owed_ms))
            Delivery(self._service, channel, job).run(slot)
        except Exception as error:  # who has the conversation raises it
            self._broke = error
            self._wake()
        finally:
            slot.release()
            self._ended.set()

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
            # Whoever reads what the client says may wait for room; there is some, and then the end.
            while not self._said.empty():
                self._said.get_nowait()

    def drop(self) -> None:
        """Cut the connection to a client that no longer takes part."""
        self._ws.abort()


def _pause_ms(plan: Plan) -> float:
    """Return the pause that the end of a text asks for, if another follows."""
    text = plan.arriving.text if plan.arriving else plan.request.text
    return [clause.pause_ms for clause in clauses(text[-_ENDING:])][-1] / plan.request.controls.speed


def _silence(plan: Plan, ms: float) -> bytes:
    """Return silence in the format of an utterance."""
    encoder = open_encoder(plan.request.format, plan.sample_rate_hz, plan.request.bit_rate)
    return encoder.encode(np.zeros(round(plan.sample_rate_hz * ms / 1000), np.int16)) + encoder.finish()
