"""The HTTP door: the page, its data, and speech as the body of an answer."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request, send_file

from tts.codec import FORMATS
from tts.errors import BadRequest
from tts.web import answers, protocol
from tts.web.names import read_request
from tts.web.speech import current_service, speech, warnings_header

routes = Blueprint("routes", __name__)

#: An utterance of the longest text is made in seconds; this only keeps a forgotten download from staying.
_LONGEST_WAIT_S = 120


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
    service = current_service()
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
    service = current_service()
    return {
        "voices": [answers.voice_body(voice) for voice in service.catalogue.voices],
        "default_voice": service.catalogue.default.id,
        "max_chars": service.settings.max_chars,
    }


@routes.get("/api/audio/<token>.wav")
def audio(token: str) -> Response:
    """Send a recording, waiting for its end."""
    recording = current_service().recordings.find(token, wait_s=_LONGEST_WAIT_S)
    response = send_file(recording.path, mimetype="audio/wav", conditional=True, max_age=0)
    # A name here would win over the page's, which names the file after its text, like the .srt beside it.
    del response.headers["Content-Disposition"]
    response.headers.extend(warnings_header(recording))
    return response


@routes.post("/api/read")
def read() -> protocol.Message:
    """Tell how a text is read."""
    service = current_service()
    body = protocol.parse_json(request.get_data())
    plain = protocol.take_flag(body, "plain")
    plan = service.plan(read_request(service, body, "http"))
    return service.read(plan, plain)


@routes.post("/api/synthesize")
def synthesize() -> Response:
    """Answer with the sound, while it is made or as one body."""
    if not request.is_json:
        raise BadRequest("Content-Type: must be application/json")
    service = current_service()
    body = protocol.parse_json(request.get_data())
    plan = service.plan(read_request(service, body, "http"))
    return speech(service, plan)
