"""OpenAI's door: `/v1/audio/speech` with its voices, models, events and errors."""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, request

from tts.errors import BadRequest, NotFound, TtsError, UnknownEmotion
from tts.production import Production
from tts.service import Service
from tts.stream import Plan
from tts.types import NEUTRAL, Controls, Request
from tts.web import protocol
from tts.web.fields import Fields, renamed
from tts.web.instructions import emotion_of
from tts.web.kinds import MANNER, Choice, Kind, Number, Other, Spoken, Text
from tts.web.names import asked_voice, shown_names
from tts.web.protocol import Message
from tts.web.speech import current_service, speech
from tts.web.trouble import answer_errors, broken

routes = Blueprint("openai", __name__)

#: OpenAI's name of a format: ours, and its sample rate where clients rely on one.
FORMATS = {
    "mp3": ("mp3", None),
    "opus": ("opus", None),
    "aac": ("aac", None),
    "flac": ("flac", None),
    "wav": ("wav", None),
    "pcm": ("pcm", 24_000),
}
_MODELS = ("tts-1", "tts-1-hd", "gpt-4o-mini-tts")
_NAMES = {"text": "input", "format": "response_format"}

#: What `POST /v1/audio/speech` takes.
FIELDS: Mapping[str, Kind] = {
    "model": Other({"type": "string"}),
    "input": Spoken(),
    "voice": Other({"anyOf": [Text().schema, {"type": "object", "properties": {"id": Text().schema}}]}),
    "response_format": Choice("mp3", tuple(FORMATS)),
    "speed": Number(1.0, 0.5, 2.0),
    "instructions": Text(4096),
    "stream_format": Choice("audio", ("audio", "sse")),
    **MANNER,
}

#: What stands for a token of sound in `usage`; a token of text is a character.
_TOKEN_MS = 50
_TYPES = {401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error"}


@routes.post("/v1/audio/speech")
def create_speech() -> Response:
    """Answer with the sound as it is, or in events."""
    if not request.is_json:
        raise BadRequest("Content-Type: must be application/json")
    service = current_service()
    fields = Fields(protocol.parse_json(request.get_data()), FIELDS)
    events = fields.choice("stream_format") == "sse"
    plan = _plan(fields, service)
    if not events:
        return speech(service, plan)
    return speech(service, plan, "text/event-stream", dress=_events)


def _plan(fields: Fields, service: Service) -> Plan:
    text = fields.spoken("input", service.settings.max_chars_compat)
    format, rate_hz = FORMATS[fields.choice("response_format")]
    voice = asked_voice(service, _voice_name(fields), text)
    speed = fields.number("speed")
    emotion, intensity = fields.emotion()
    asked = emotion_of(fields.text("instructions"))
    controls = Controls(emotion if "emotion" in fields else asked or NEUTRAL, intensity, speed)
    wanted = Request(text, format, voice, controls=controls, sample_rate_hz=rate_hz)
    try:
        return fields.plan(service, wanted)
    except UnknownEmotion as error:
        if "emotion" in fields:
            raise
        fields.warn(f"instructions: {error.message}")
        return fields.plan(service, replace(wanted, controls=Controls(speed=speed)))


def _voice_name(fields: Fields) -> Any:
    """Return the voice's name, which may also come as an object with an id; what is neither comes as it is."""
    voice = fields.raw("voice")
    return voice["id"] if isinstance(voice, dict) and isinstance(voice.get("id"), str) else voice


def _events(sound: Iterator[bytes], production: Production) -> Iterator[bytes]:
    """Yield sound as server-sent events; the last one says how much it was, or what went wrong."""
    try:
        for data in sound:
            yield _event({"type": "speech.audio.delta", "audio": base64.b64encode(data).decode()})
    except ConnectionResetError:
        raise
    except Exception as error:
        yield _event({"type": "error", **wording(broken(error))})
        raise
    heard, made = len(production.plan.document.text), round(production.audio_ms / _TOKEN_MS)
    usage = {"input_tokens": heard, "output_tokens": made, "total_tokens": heard + made}
    yield _event({"type": "speech.audio.done", "usage": usage})


def _event(body: Message) -> bytes:
    return f"data: {json.dumps(body)}\n\n".encode()


@routes.get("/v1/audio/voices")
def list_voices() -> Message:
    """List our voices, and the names that stand for some of them."""
    service = current_service()
    voices = [
        {"id": v.id, "name": v.name, "language": v.language, "sex": v.sex, "emotions": v.emotions}
        for v in service.catalogue.voices
    ]
    return {"voices": voices, "names": shown_names(service)}


@routes.get("/v1/models")
def list_models() -> Message:
    """List the names of models that clients ask for; any other is as good."""
    return {"object": "list", "data": [_model(name) for name in _MODELS]}


@routes.get("/v1/models/<name>")
def get_model(name: str) -> Message:
    """Tell about one model."""
    if name not in _MODELS:
        raise NotFound(f"model: no model {name!r}; choices: {', '.join(_MODELS)}")
    return _model(name)


def _model(name: str) -> Message:
    return {"id": name, "object": "model", "created": 0, "owned_by": "shengliu"}


def wording(error: TtsError) -> Message:
    """Return an error in the words of this door."""
    message, param = renamed(error.message, _NAMES)
    kind = _TYPES.get(error.status, "invalid_request_error" if error.status < 500 else "server_error")
    return {"error": {"message": message, "type": kind, "param": param, "code": error.code}}


answer_errors(routes, wording)
