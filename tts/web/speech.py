"""Speech as the body of an HTTP answer, sent while it is made or whole; every HTTP door answers with it."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import TypeAlias, cast

import structlog
from flask import Response, current_app, request

from tts.codec import ENCODINGS, wav_header
from tts.frontend.report import warnings_told
from tts.production import Packet, Production
from tts.recordings import Recording
from tts.service import Service
from tts.stream import Plan
from tts.web import answers
from tts.web.origin import client_gone
from tts.workers import stall_guard

log = structlog.get_logger()

#: Warnings that a header has room for.
_MOST_WARNINGS = 8

#: What a door wraps around the packets of sound.
Dress: TypeAlias = Callable[[Iterator[bytes], Production], Iterator[bytes]]


def current_service() -> Service:
    """Return the service of the application that answers."""
    return cast(Service, current_app.extensions["tts"])


def speech(
    service: Service,
    plan: Plan,
    mime: str | None = None,
    headers: Mapping[str, str] = MappingProxyType({}),
    dress: Dress | None = None,
) -> Response:
    """Return the answer with the sound of an utterance, while it is made or, where the request says so, as one body.

    `mime` and `headers` are what a door says otherwise than ours; `dress` changes the bytes on their way.
    """
    production = service.produce(plan, service.slots.take())
    try:
        # What goes wrong before the first sound can still be told by the status.
        first = next((packet for packet in production if packet.data), None)
        body = _Body(service, production, first, dress)
        content = body if plan.request.stream else _whole(plan, body)
        shown = {**_headers(production), **headers}
        return Response(content, mimetype=mime or ENCODINGS[plan.request.format].mime, headers=shown)
    except BaseException:
        production.close()
        raise


def warnings_header(recording: Recording) -> dict[str, str]:
    """Return the header with what the listener was to be told so far."""
    shown = warnings_told(recording.warnings[:_MOST_WARNINGS])
    return {"X-Warnings": json.dumps(shown)} if shown else {}


def _headers(production: Production) -> dict[str, str]:
    headers = {
        "X-Utterance-Id": production.id,
        "X-Wav-Url": answers.audio_url(production.recording.token),
        "X-Sample-Rate": str(production.plan.sample_rate_hz),
        "Cache-Control": "no-store",
        # nginx would otherwise collect the sound before it passes it on.
        "X-Accel-Buffering": "no",
    }
    return headers | warnings_header(production.recording)


def _whole(plan: Plan, body: _Body) -> bytes:
    try:
        whole = b"".join(body)
    finally:
        body.close()
    if plan.request.format != "wav":
        return whole
    blank = len(wav_header(plan.sample_rate_hz))
    return wav_header(plan.sample_rate_hz, len(whole) - blank) + whole[blank:]


class _Body:
    """The body of an answer; an error, or a client that left, ends it before it looks complete.

    A class and not a generator, since a generator that was never begun would free nothing when closed.
    """

    def __init__(self, service: Service, production: Production, first: Packet | None, dress: Dress | None) -> None:
        self._stall_s = service.settings.stall_s
        self._environ = request.environ
        self._production = production
        self._log = log.bind(utterance=production.id)
        packets = self._packets(first)
        self._sound = dress(packets, production) if dress else packets
        plan = production.plan
        self._log.info("speaking", voice=plan.voice.id, chars=len(plan.document.text))

    def __iter__(self) -> Iterator[bytes]:
        return self._sound

    def _packets(self, first: Packet | None) -> Iterator[bytes]:
        packet = first
        try:
            while packet is not None:
                with stall_guard(self._stall_s):
                    yield packet.data
                if client_gone(self._environ):
                    # The server takes this error for what it is, and cuts the body without a word.
                    raise ConnectionResetError(errno.ECONNRESET, "the client has gone")
                packet = next((later for later in self._production if later.data), None)
        except Exception as error:
            self._log.warning("body aborted", reason=str(error))
            raise

    def close(self) -> None:
        """Stop the work and free what it holds; the server calls it however the answer ends."""
        summary = self._production.close()
        self._log.info("spoken", status=summary.status, audio_ms=round(summary.audio_ms), rtf=round(summary.rtf, 4))
