"""The HTTP door: the page, its data, and speech as the body of an answer."""

from __future__ import annotations

import json
from collections.abc import Iterator

import structlog
from flask import Blueprint, Flask, Response, jsonify, render_template, request, send_file
from werkzeug.exceptions import HTTPException

from tts.codec import FORMATS, wav_header
from tts.errors import BadRequest, EngineFailed, NotFound, TtsError
from tts.production import Packet, Production
from tts.service import Service
from tts.web import protocol
from tts.web.origin import client_gone
from tts.workers import stall_guard

log = structlog.get_logger()

#: Warnings that a header has room for.
_MOST_WARNINGS = 8


def create_routes(service: Service) -> Blueprint:
    """Return the routes of a service."""
    routes = Blueprint("routes", __name__)
    routes.get("/")(lambda: render_template("index.html", **_page(service)))
    routes.get("/healthz")(lambda: {"status": "ok"})
    routes.get("/readyz")(lambda: {"status": "ok", "default_voice": service.catalogue.default.id})
    routes.get("/api/voices")(lambda: _voices(service))
    routes.post("/api/synthesize")(lambda: _synthesize(service))
    routes.get("/api/audio/<token>.wav")(lambda token: _audio(service, token))
    return routes


def _page(service: Service) -> protocol.Message:
    return {
        "voices": [protocol.voice_body(voice) for voice in service.catalogue.voices],
        "default_voice": service.catalogue.default.id,
        "max_chars": service.settings.max_chars,
    }


def _voices(service: Service) -> protocol.Message:
    page = _page(service)
    return {
        "voices": page["voices"],
        "default_voice": page["default_voice"],
        "formats": [{"id": name, "mime": fmt.mime} for name, fmt in FORMATS.items()],
        "limits": {"max_chars": page["max_chars"]},
    }


def _audio(service: Service, token: str) -> Response:
    # An utterance of the longest text is made in seconds; this only keeps a forgotten request from staying.
    path = service.recordings.find(token, wait_s=120)
    return send_file(path, mimetype="audio/wav", download_name="shengliu.wav", conditional=True, max_age=0)


def _synthesize(service: Service) -> Response:
    if not request.is_json:
        raise BadRequest("Content-Type: must be application/json")
    body = protocol.parse_json(request.get_data())
    plan = service.plan(protocol.parse_request(body, "http", service.settings.max_chars))
    slot = service.slots.take()
    production = service.produce(plan, slot)
    try:
        first = next((packet for packet in production if packet.data), None)
        headers = _headers(service, production)
    except BaseException:
        production.close()
        raise
    return _response(production, headers, _sound(service, production, first))


def _headers(service: Service, production: Production) -> dict[str, str]:
    plan = production.plan
    warnings = service.warnings(plan)
    headers = {
        "X-Utterance-Id": production.id,
        "X-Wav-Url": protocol.audio_url(production.recording.token),
        "X-Sample-Rate": str(plan.sample_rate_hz),
        "Cache-Control": "no-store",
        # nginx would otherwise collect the sound before it passes it on.
        "X-Accel-Buffering": "no",
    }
    if warnings:
        headers["X-Warnings"] = json.dumps([{"code": w.code, "message": w.message} for w in warnings[:_MOST_WARNINGS]])
    return headers


def _response(production: Production, headers: dict[str, str], sound: Iterator[bytes]) -> Response:
    plan = production.plan
    mime = FORMATS[plan.request.format].mime
    if plan.request.stream:
        response = Response(sound, mimetype=mime, headers=headers)
        # A generator that was never begun runs no `finally`.
        response.call_on_close(production.close)
        return response
    whole = b"".join(sound)
    if plan.request.format == "wav":
        blank = len(wav_header(plan.sample_rate_hz))
        whole = wav_header(plan.sample_rate_hz, len(whole) - blank) + whole[blank:]
    return Response(whole, mimetype=mime, headers=headers)


def _sound(service: Service, production: Production, first: Packet | None) -> Iterator[bytes]:
    """Yield the body; an error, or a client that left, ends it before it looks complete."""
    environ = request.environ
    log_here = log.bind(utterance=production.id)
    log_here.info("speaking", voice=production.plan.voice.id, chars=len(production.plan.request.text))

    def body() -> Iterator[bytes]:
        try:
            packet = first
            while packet is not None:
                with stall_guard(service.settings.stall_s):
                    yield packet.data
                if client_gone(environ):
                    raise ConnectionAbortedError("the client has gone")
                packet = next((p for p in production if p.data), None)
        except Exception as error:
            log_here.warning("body aborted", reason=str(error))
            raise
        finally:
            summary = production.close()
            log_here.info("spoken", **protocol.done_body(summary))

    return body()


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
        log.exception("request failed", path=request.path)
        return jsonify(EngineFailed("the server broke; its log has the reason").as_dict()), 500
