"""One connection's utterances: they wait, play one after another, are paced and cancelled; the same on every socket."""

from __future__ import annotations

import secrets
import threading
import time
from collections import deque
from typing import Any, Protocol

import structlog

from tts.errors import BadRequest, Busy, EngineFailed, NotFound, TtsError
from tts.codec import FORMATS
from tts.limits import Slot
from tts.production import Packet, Production
from tts.service import Service
from tts.stream import Plan
from tts.types import Warned
from tts.web import protocol
from tts.web.protocol import Message
from tts.workers import spawn

log = structlog.get_logger()

#: How often a waiting utterance looks whether its client has gone.
_LOOK_S = 0.25


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


class _Job:
    """An accepted utterance."""

    def __init__(self, plan: Plan, utterance_id: str, slot: Slot | None) -> None:
        self.plan = plan
        self.id = utterance_id
        self.slot = slot
        self.cancelled = False
        self.sent_ms = 0.0
        self.played_ms = 0.0

    @property
    def open_ms(self) -> float:
        """Sound that was sent and not acknowledged."""
        return self.sent_ms - self.played_ms


class Session:
    """The utterances of one connection."""

    def __init__(self, service: Service, channel: Channel) -> None:
        self._service = service
        self._channel = channel
        self._waiting: deque[_Job] = deque(maxlen=service.settings.max_waiting + 1)
        self._current: _Job | None = None
        self._news = threading.Condition()
        self._closed = False

    def handle(self, kind: str, body: Any) -> Message:
        """Do what a message asks and return its acknowledgement; a refusal is also sent as `error`."""
        try:
            if kind == "synthesize":
                return {"ok": True, **self._submit(body)}
            if kind == "cancel":
                return {"ok": True, "id": self._cancel(protocol.parse_cancel(body))}
            return {"ok": True, "id": self._played(*protocol.parse_played(body))}
        except TtsError as error:
            return self.refuse(error, body.get("id") if isinstance(body, dict) else None)

    def refuse(self, error: TtsError, utterance_id: Any = None) -> Message:
        """Tell the client why a message was refused, and return the acknowledgement that says the same."""
        named = utterance_id if isinstance(utterance_id, str) else None
        self._channel.send("error", {"id": named, **error.as_dict()})
        return {"ok": False, **error.as_dict()}

    def close(self) -> None:
        """Stop everything: the client has gone."""
        self._closed = True
        self._waiting.clear()
        if self._current:
            self._current.cancelled = True
        self._wake()

    def _submit(self, body: Any) -> Message:
        service = self._service
        request = protocol.parse_request(body, "socket", service.settings.max_chars)
        utterance_id = request.id or secrets.token_hex(6)
        if self._find(utterance_id):
            raise BadRequest(f"id: {utterance_id!r} is still being spoken on this connection")
        if self._current and len(self._waiting) >= service.settings.max_waiting:
            raise Busy(f"{len(self._waiting)} utterances wait on this connection, which is the most")
        plan = service.plan(request)
        job = _Job(plan, utterance_id, None if self._current else service.slots.take())
        if self._current:
            self._waiting.append(job)
            self._channel.send("queued", {"id": job.id, "position": len(self._waiting)})
        else:
            self._current = job
            spawn(self._run)
        return {"id": job.id, "position": len(self._waiting)}

    def _find(self, utterance_id: str) -> _Job | None:
        jobs = [self._current, *self._waiting]
        return next((job for job in jobs if job and job.id == utterance_id), None)

    def _cancel(self, utterance_id: str) -> str:
        job = self._find(utterance_id)
        if job is None:
            raise NotFound(f"id: no utterance {utterance_id!r} is being spoken or waits")
        job.cancelled = True
        if job in self._waiting:
            self._waiting.remove(job)
            self._channel.send("done", {"id": job.id, **_never_begun()})
            self._tell_positions()
        self._wake()
        return utterance_id

    def _played(self, utterance_id: str, ms: float) -> str:
        job = self._find(utterance_id)
        # The last words of an utterance are heard after its end was sent: that is no error.
        if job is not None:
            job.played_ms = max(job.played_ms, min(ms, job.sent_ms))
            self._wake()
        return utterance_id

    def _tell_positions(self) -> None:
        for position, job in enumerate(self._waiting, start=1):
            self._channel.send("queued", {"id": job.id, "position": position})

    def _wake(self) -> None:
        with self._news:
            self._news.notify_all()

    def _run(self) -> None:
        try:
            while self._current:
                self._play(self._current)
                self._current = self._waiting.popleft() if self._waiting else None
                if self._current:
                    self._tell_positions()
        except Gone:
            self.close()
            self._current = None

    def _play(self, job: _Job) -> None:
        with structlog.contextvars.bound_contextvars(utterance=job.id):
            slot = job.slot or self._wait_for_slot(job)
            if slot is None:
                self._channel.send("done", {"id": job.id, **_never_begun()})
                return
            try:
                self._produce(job, slot)
            finally:
                slot.release()

    def _wait_for_slot(self, job: _Job) -> Slot | None:
        told = False
        while not job.cancelled:
            try:
                return self._service.slots.take(_LOOK_S if told else 0)
            except Busy:
                if not told:
                    self._channel.send("queued", {"id": job.id, "position": 0})
                told = True
        return None

    def _produce(self, job: _Job, slot: Slot) -> None:
        end = "error"
        try:
            body = self._speak(job, slot)
            end = "done"
        except TtsError as error:
            body = error.as_dict()
        except Gone:
            raise
        except Exception:
            log.exception("engine failed")
            body = EngineFailed("the engine broke while speaking; the server's log has the reason").as_dict()
        # The address is a secret of the client's.
        log.info("spoken", end=end, **{name: value for name, value in body.items() if name != "wav_url"})
        self._channel.send(end, {"id": job.id, **body})

    def _speak(self, job: _Job, slot: Slot) -> Message:
        """Send the sound of an utterance and return the fields of its `done`."""
        self._channel.send("started", {"id": job.id, **protocol.started_body(job.plan)})
        log.info("speaking", voice=job.plan.voice.id, chars=len(job.plan.request.text))
        production = self._service.produce(job.plan, slot)
        try:
            self._forward(job, production)
        finally:
            summary = production.close()
        if production.recording.failure and summary.status == "completed":
            self._send_warning(job, Warned("not_kept", f"no download: {production.recording.failure}"))
        return protocol.done_body(summary)

    def _forward(self, job: _Job, production: Production) -> None:
        seq = 0
        for packet in production:
            if job.cancelled:
                return
            for warning in packet.warnings:
                self._send_warning(job, warning)
            if packet.marks:
                self._channel.send("marks", {"id": job.id, **protocol.marks_body(packet)})
            if packet.data:
                self._await_credit(job, packet)
                if job.cancelled:
                    return
                self._send_sound(job, packet, seq)
                seq += 1

    def _send_warning(self, job: _Job, warning: Warned) -> None:
        self._channel.send("warning", {"id": job.id, "code": warning.code, "message": warning.message})

    def _send_sound(self, job: _Job, packet: Packet, seq: int) -> None:
        job.sent_ms += packet.ms
        body = {"id": job.id, "seq": seq, "at_ms": round(packet.at_ms, 1), "peaks": packet.peaks}
        self._channel.send("audio_chunk", body, packet.data)

    def _await_credit(self, job: _Job, packet: Packet) -> None:
        """Wait until the window has room for the packet; drop a client that acknowledges nothing for too long."""
        window_ms = job.plan.request.window_ms
        if window_ms is None:
            return
        # What the codec holds back cannot be heard, so it cannot be acknowledged before more is sent.
        held_ms = FORMATS[job.plan.request.format].delay_ms
        heard_ms, since_s = job.played_ms, time.monotonic()
        while not job.cancelled and job.open_ms > held_ms and job.open_ms + packet.ms > window_ms:
            with self._news:
                self._news.wait(_LOOK_S)
            if job.played_ms > heard_ms:
                heard_ms, since_s = job.played_ms, time.monotonic()
            if time.monotonic() - since_s > self._service.settings.stall_s:
                log.warning("client dropped", reason="acknowledges nothing")
                self._channel.drop()
                raise Gone


def _never_begun() -> Message:
    return {
        "status": "cancelled", "audio_ms": 0, "first_chunk_ms": None, "rtf": 0, "cached": False, "wav_url": None,
    }
