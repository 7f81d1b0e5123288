"""One connection's utterances: they wait and play one after another; the same on every socket."""

from __future__ import annotations

import secrets
from collections import deque
from typing import Any

import structlog

from tts.errors import BadRequest, Busy, NotFound, TtsError
from tts.limits import Slot
from tts.service import Service
from tts.web import answers, protocol
from tts.web.delivery import LOOK_S, Channel, Delivery, Gone, Job
from tts.web.names import read_request
from tts.web.protocol import Message
from tts.workers import spawn


class _TooLate(NotFound):
    """What should be stopped has ended."""


class Session:
    """The utterances of one connection."""

    def __init__(self, service: Service, channel: Channel) -> None:
        self._service = service
        self._channel = channel
        self._waiting: deque[Job] = deque(maxlen=service.settings.max_waiting + 1)
        self._current: Job | None = None

    def handle(self, kind: str, body: Any) -> Message:
        """Do what a message asks and return its acknowledgement; a refusal is also sent as `error`."""
        try:
            if kind == "synthesize":
                return {"ok": True, **self._submit(body)}
            if kind == "cancel":
                return {"ok": True, "id": self._cancel(protocol.parse_id(body))}
            if kind == "played":
                return {"ok": True, "id": self._played(*protocol.parse_played(body))}
            return {"ok": True, **self._continue(kind, body)}
        except _TooLate as error:
            # A stop that comes just after the end is no mistake worth an event.
            return {"ok": False, **error.as_dict()}
        except TtsError as error:
            return self.refuse(error, self._refused_id(kind, body))

    def refuse(self, error: TtsError, utterance_id: Any = None) -> Message:
        """Tell the client why a message was refused, and return the acknowledgement that says the same."""
        named = utterance_id if isinstance(utterance_id, str) else None
        self._channel.send("error", {"id": named, **error.as_dict()})
        return {"ok": False, **error.as_dict()}

    def _refused_id(self, kind: str, body: Any) -> Any:
        """Return the id that a refusal is about; never that of an utterance whose end is still to come."""
        named = body.get("id") if kind == "synthesize" and isinstance(body, dict) else None
        return None if isinstance(named, str) and self._find(named) else named

    def close(self) -> None:
        """Stop everything: the client has gone."""
        self._waiting.clear()
        if self._current:
            self._current.cancel()

    def _submit(self, body: Any) -> Message:
        service = self._service
        request = read_request(service, body, "socket")
        utterance_id = request.id or secrets.token_hex(6)
        if self._find(utterance_id):
            raise BadRequest(f"id: {utterance_id!r} is still being spoken on this connection")
        if self._current and len(self._waiting) >= service.settings.max_waiting:
            raise Busy(f"{len(self._waiting)} utterances wait on this connection, which is the most")
        plan = service.plan(request)
        job = Job(plan, utterance_id, None if self._current else service.slots.take())
        if self._current:
            self._waiting.append(job)
            self._tell("queued", job, position=len(self._waiting))
        else:
            self._current = job
            spawn(self._run)
        return {"id": job.id, "position": len(self._waiting)}

    def _continue(self, kind: str, body: Any) -> Message:
        """Add to a text that keeps arriving, or say that no more of it, or nothing soon, comes."""
        utterance_id, text = protocol.parse_append(body) if kind == "append" else (protocol.parse_id(body), "")
        job = self._find(utterance_id)
        if job is None or job.cancelled:
            raise NotFound(f"id: no utterance {utterance_id!r} takes text; it has ended, was cancelled, or never was")
        arriving = job.plan.arriving
        if arriving is None:
            raise BadRequest(f"id: {utterance_id!r} came whole; only what is synthesized with more: true takes text")
        if arriving.finished:
            raise BadRequest(f"id: the text of {utterance_id!r} is finished; synthesize another for more")
        if kind == "append":
            arriving.append(text)
        elif kind == "flush":
            arriving.flush()
        else:
            arriving.finish()
        job.wake()
        return {"id": utterance_id, "waiting": arriving.waiting}

    def _find(self, utterance_id: str) -> Job | None:
        jobs = [self._current, *self._waiting]
        return next((job for job in jobs if job and job.id == utterance_id), None)

    def _cancel(self, utterance_id: str) -> str:
        job = self._find(utterance_id)
        if job is None:
            raise _TooLate(f"id: no utterance {utterance_id!r} is being spoken or waits")
        job.cancel()
        if job in self._waiting:
            self._waiting.remove(job)
            self._tell("done", job, **answers.never_begun_body())
            self._tell_positions()
        return utterance_id

    def _played(self, utterance_id: str, ms: float) -> str:
        # The last words of an utterance are heard after its end was sent: an unknown id is no error.
        if job := self._find(utterance_id):
            job.played(ms)
        return utterance_id

    def _tell(self, kind: str, job: Job, **body: Any) -> None:
        self._channel.send(kind, {"id": job.id, **body})

    def _tell_positions(self) -> None:
        for position, job in enumerate(self._waiting, start=1):
            self._tell("queued", job, position=position)

    def _run(self) -> None:
        try:
            while self._current:
                self._play(self._current)
                self._current = self._waiting.popleft() if self._waiting else None
                if self._current:
                    self._tell_positions()
        except Gone:
            self.close()

    def _play(self, job: Job) -> None:
        with structlog.contextvars.bound_contextvars(utterance=job.id):
            slot = job.slot or self._wait_for_slot(job)
            if slot is None:
                self._tell("done", job, **answers.never_begun_body())
                return
            try:
                Delivery(self._service, self._channel, job).run(slot)
            finally:
                slot.release()

    def _wait_for_slot(self, job: Job) -> Slot | None:
        told = False
        while not job.cancelled:
            try:
                return self._service.slots.take(LOOK_S if told else 0)
            except Busy:
                if not told:
                    self._tell("queued", job, position=0)
                told = True
        return None
