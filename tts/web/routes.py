"""The HTTP door: the page, its data, and speech as the body of an answer."""

from __future__ import annotations

import errno
import json
from collections.abc import Iterator
from typing import cast

import structlog
from flask import Blueprint, Flask, Response, current_app, jsonify, render_template, request, send_file
from werkzeug.exceptions import HTTPException

from tts.codec import FORMATS, wav_header
from tts.errors import BadRequest, EngineFailed, NotFound, TtsError
from tts.frontend.report import warnings_told
from tts.production import Packet, Production
from tts.recordings import Recording
from tts.service import Service
from tts.web import answers, protocol
from tts.web.origin import client_gone
from tts.workers import stall_guard

log = structlog.get_logger()

routes = Blueprint("routes", __name__)

#: Warnings that a header has room for.
_MOST_WARNINGS = 8

#: An utterance of the longest text is made in seconds; this only keeps a forgotten download from staying.
_LONGEST_WAIT_S = 120


def _service() -> Service:
    return cast(Service, current_app.extensions["tts"])


@routes.get("/")
def page() -> str:
    """Return the page."""
    return render_template("index.html", **_page())


@routes.get("/healthz")
def healthz() -> protocol.Message:
    """Say that the process lives."""
    return {"status": "ok"}


@routes.get("/readyz")
def readyz() -> protocol.Message:
    """Say that the voices are warm, which they are when the port opens, and how many utterances are being made."""
    service = _service()
    return {"status": "ok", "default_voice": service.catalogue.default.id, "streams": service.slots.taken}


@routes.get("/api/voices")
def voices() -> protocol.Message:
    """List the voices, the formats and the limits."""
    known = _page()
    return {
        "voices": known["voices"],
        "default_voice": known["default_voice"],
        "formats": [{"id": name, "mime": fmt.mime} for name, fmt in FORMATS.items()],
        "limits": {"max_chars": known["max_chars"]},
    }


def _page() -> protocol.Message:
    service = _service()
    return {
        "voices": [answers.voice_body(voice) for voice in service.catalogue.voices],
        "default_voice": service.catalogue.default.id,
        "max_chars": service.settings.max_chars,
    }


@routes.get("/api/audio/<token>.wav")
def audio(token: str) -> Response:
    """Send a recording, waiting for its end."""
    recording = _service().recordings.find(token, wait_s=_LONGEST_WAIT_S)
    response = send_file(recording.path, mimetype="audio/wav", conditional=True, max_age=0)
    # A name here would win over the page's, which names the file after its text, like the .srt beside it.
    del response.headers["Content-Disposition"]
    response.headers.extend(_warnings(recording))
    return response


@routes.post("/api/read")
def read() -> protocol.Message:
    """Tell how a text is read."""
    service = _service()
    body = protocol.parse_json(request.get_data())
    plain = protocol.take_flag(body, "plain")
    plan = service.plan(protocol.parse_request(body, "http", service.settings.max_chars))
    return service.read(plan, plain)


@routes.post("/api/synthesize")
def synthesize() -> Response:
    """Answer with the sound, while it is made or as one body."""
    if not request.is_json:
        raise BadRequest("Content-Type: must be application/json")
    service = _service()
    body = protocol.parse_json(request.get_data())
    plan = service.plan(protocol.parse_request(body, "http", service.settings.max_chars))
    production = service.produce(plan, service.slots.take())
    try:
        # What goes wrong before the first sound can still be told by the status.
        first = next((packet for packet in production if packet.data), None)
        return _response(production, _Body(service, production, first))
    except BaseException:
        production.close()
        raise


def _headers(production: Production) -> dict[str, str]:
    headers = {
        "X-Utterance-Id": production.id,
        "X-Wav-Url": answers.audio_url(production.recording.token),
        "X-Sample-Rate": str(production.plan.sample_rate_hz),
        "Cache-Control": "no-store",
        # nginx would otherwise collect the sound before it passes it on.
        "X-Accel-Buffering": "no",
    }
    return headers | _warnings(production.recording)


def _warnings(recording: Recording) -> dict[str, str]:
    """Return the header with what the listener was to be told so far."""
    shown = warnings_told(recording.warnings[:_MOST_WARNINGS])
    return {"X-Warnings": json.dumps(shown)} if shown else {}


def _response(production: Production, body: _Body) -> Response:
    plan = production.plan
    mime = FORMATS[plan.request.format].mime
    if plan.request.stream:
        return Response(body, mimetype=mime, headers=_headers(production))
    try:
        whole = b"".join(body)
    finally:
        body.close()
    if plan.request.format == "wav":
        blank = len(wav_header(plan.sample_rate_hz))
        whole = wav_header(plan.sample_rate_hz, len(whole) - blank) + whole[blank:]
    return Response(whole, mimetype=mime, headers=_headers(production))


class _Body:
    """The body of an answer; an error, or a client that left, ends it before it looks complete.

    A class and not a generator, since a generator that was never begun would free nothing when closed.
    """

    def __init__(self, service: Service, production: Production, first: Packet | None) -> None:
        self._stall_s = service.settings.stall_s
        self._environ = request.environ
        self._production = production
        self._log = log.bind(utterance=production.id)
        self._sound = self._packets(first)
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


def handle_errors(app: Flask) -> None:
    """Answer every error with a code and a message."""

    @app.errorhandler(TtsError)
    def known(error: TtsError) -> tuple[Response, int]:
        answer = jsonify(error.as_dict())
        if error.code == "busy":
            answer.headers["Retry-After"] = "1"
        return answer, error.status

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> tuple[Response, int]:
        status = error.code or 500
        kind = NotFound if status == 404 else BadRequest if status < 500 else EngineFailed
        return jsonify({"code": kind.code, "message": error.description}), status

    @app.errorhandler(Exception)
    def unknown(error: Exception) -> tuple[Response, int]:
        log.error("request failed", path=request.path, exc_info=error)
        return jsonify(EngineFailed("the server broke; its log has the reason").as_dict()), 500
