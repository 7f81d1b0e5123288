"""Sends one utterance to one client: at the pace the client allows, until it ends, breaks or is cancelled."""

from __future__ import annotations

import threading
import time
from typing import Protocol

import structlog

from tts.codec import FORMATS
from tts.errors import EngineFailed, TtsError
from tts.limits import Slot
from tts.production import Packet, Production
from tts.service import Service
from tts.stream import Plan
from tts.types import Warned
from tts.web import answers
from tts.web.protocol import Message

log = structlog.get_logger()

#: How often something that waits looks whether its client has gone.
LOOK_S = 0.25


class Channel(Protocol):
    """The way to one client."""

    def send(self, kind: str, body: Message, chunk: bytes | None = None) -> None:
        """Send a message, waiting while the client reads too slowly; raise `Gone` when it has left."""
        ...

    def drop(self) -> None:
        """Cut the connection to a client that no longer takes part."""
        ...


class Gone(Exception):
    """The client has left."""


class Job:
    """An accepted utterance."""

    def __init__(self, plan: Plan, utterance_id: str, slot: Slot | None) -> None:
        self.plan = plan
        self.id = utterance_id
        self.slot = slot
        self.cancelled = False
        self.sent_ms = 0.0
        self.played_ms = 0.0
        self._news = threading.Condition()

    @property
    def open_ms(self) -> float:
        """Sound that was sent and not acknowledged."""
        return self.sent_ms - self.played_ms

    def cancel(self) -> None:
        """Have the work stop at its next step."""
        self.cancelled = True
        self._wake()

    def played(self, ms: float) -> None:
        """Take note of how much the client has heard."""
        self.played_ms = max(self.played_ms, min(ms, self.sent_ms))
        self._wake()

    def wait_for_news(self) -> None:
        """Wait until something was played or cancelled, or for a while."""
        with self._news:
            self._news.wait(LOOK_S)

    def _wake(self) -> None:
        with self._news:
            self._news.notify_all()


class Delivery:
    """Makes a job's utterance and sends it."""

    def __init__(self, service: Service, channel: Channel, job: Job) -> None:
        self._service = service
        self._channel = channel
        self._job = job

    def run(self, slot: Slot) -> None:
        """Send everything from `started` to exactly one `done` or `error`; raise `Gone` when the client leaves."""
        end = "error"
        try:
            body = self._speak(slot)
            end = "done"
        except TtsError as error:
            body = error.as_dict()
        except Gone:
            log.info("spoken", end="client gone")
            raise
        except Exception:
            log.exception("engine failed")
            body = EngineFailed("the engine broke while speaking; the server's log has the reason").as_dict()
        # The address of the recording is a secret of the client's.
        log.info("spoken", end=end, **{name: value for name, value in body.items() if name != "wav_url"})
        self._send(end, body)

    def _send(self, kind: str, body: Message, chunk: bytes | None = None) -> None:
        self._channel.send(kind, {"id": self._job.id, **body}, chunk)

    def _speak(self, slot: Slot) -> Message:
        """Send the sound of the utterance and return the fields of its `done`."""
        plan = self._job.plan
        self._send("started", answers.started_body(plan))
        log.info("speaking", voice=plan.voice.id, chars=len(plan.document.text))
        production = self._service.produce(plan, slot)
        try:
            self._forward(production)
        finally:
            summary = production.close()
        if production.recording.failure and summary.status == "completed":
            self._warn(Warned("not_kept", f"no download: {production.recording.failure}"))
        return answers.done_body(summary)

    def _forward(self, production: Production) -> None:
        seq = 0
        for packet in production:
            if self._job.cancelled:
                return
            for warning in packet.warnings:
                self._warn(warning)
            if packet.marks:
                self._send("marks", answers.marks_body(packet))
            if packet.data:
                if not self._await_credit(packet):
                    return
                self._job.sent_ms += packet.ms
                self._send("audio_chunk", answers.chunk_body(packet, seq), packet.data)
                seq += 1

    def _warn(self, warning: Warned) -> None:
        self._send("warning", {"code": warning.code, "message": warning.message})

    def _await_credit(self, packet: Packet) -> bool:
        """Wait until the window has room for the packet, and return whether it may still be sent.

        A client that acknowledges nothing for too long is dropped.
        """
        job, request = self._job, self._job.plan.request
        if request.window_ms is None:
            return True
        # What the codec holds back cannot be heard, so it cannot be acknowledged before more is sent.
        held_ms = FORMATS[request.format].delay_ms
        heard_ms, since_s = job.played_ms, time.monotonic()
        while not job.cancelled and job.open_ms > held_ms and job.open_ms + packet.ms > request.window_ms:
            job.wait_for_news()
            if job.played_ms > heard_ms:
                heard_ms, since_s = job.played_ms, time.monotonic()
            if time.monotonic() - since_s > self._service.settings.stall_s:
                log.warning("client dropped", reason="acknowledges nothing")
                self._channel.drop()
                raise Gone
        return not job.cancelled
