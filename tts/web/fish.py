"""Fish-Speech's door: `/generate` of its batch clients, and `/v1/tts` of its server."""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

import ormsgpack
from flask import Blueprint, Response, request

from tts.errors import BadRequest, TtsError
from tts.production import Production
from tts.service import Service
from tts.types import Controls, Request
from tts.web import protocol
from tts.web.fields import Fields
from tts.web.kinds import MANNER, Choice, Flag, Kind, Number, Other, Spoken, Text
from tts.web.names import asked_voice
from tts.web.protocol import Message
from tts.web.speech import Dress, current_service, speech
from tts.web.trouble import answer_errors

routes = Blueprint("fish", __name__)

#: What `POST /generate` takes.
GENERATE_FIELDS: Mapping[str, Kind] = {
    "text": Spoken(),
    "language": Text(),
    "format": Choice("wav", ("wav",)),
    "streaming": Flag(),
    "reference_id": Text(),
    "voice": Text(),
    "references": Other({"type": "array"}),
    "speed": Number(1.0, 0.5, 2.0),
    **MANNER,
}
#: What `POST /v1/tts` takes.
TTS_FIELDS: Mapping[str, Kind] = {**GENERATE_FIELDS, "format": Choice("wav", ("wav", "pcm", "mp3", "opus", "flac"))}
#: The forms in which a request may come.
_JSON = "application/json"
_MSGPACK = ("application/msgpack", "application/x-msgpack")
FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
BODIES = (_JSON, *_MSGPACK, *FORMS)
#: The rate that clients of `/v1/tts` rely on, whatever the voice's is, by format.
_RATES_HZ = {"wav": 44_100, "pcm": 44_100}
MIMES = {"wav": "audio/wav", "mp3": "audio/mpeg", "opus": "audio/ogg", "flac": "audio/flac"}
OTHER_MIME = "application/octet-stream"
_HEADER_BYTES = 44
#: What its clients write for a language where that is no BCP-47 tag; empty for that of the text.
_LANGUAGES = {"auto": "", "jp": "ja"}


class UnsupportedBody(BadRequest):
    """The request comes in a form that the door does not read."""

    status = 415


@routes.route("/v1/health", methods=["GET", "POST"])
def health() -> Message:
    """Say that the server lives."""
    return {"status": "ok"}


@routes.post("/generate")
def generate() -> Response:
    """Answer a text in a language with a WAV."""
    return _answer(Fields(_body(), GENERATE_FIELDS), {})


@routes.post("/v1/tts")
def tts() -> Response:
    """Answer with a file, or with a WAV while it is made."""
    return _answer(Fields(_body(), TTS_FIELDS), _RATES_HZ, _zero_sizes)


def _body() -> Any:
    """Return the request, which may come in three forms."""
    kind = request.mimetype
    if kind == _JSON:
        return protocol.parse_json(request.get_data())
    if kind in _MSGPACK:
        try:
            return ormsgpack.unpackb(request.get_data())
        except ValueError as error:
            raise BadRequest(f"the message is not MessagePack: {error}") from None
    if kind in FORMS:
        return request.form.to_dict()
    raise UnsupportedBody(f"Content-Type: must be one of {', '.join(BODIES)}, not {kind!r}")


def _answer(fields: Fields, rates_hz: Mapping[str, int], streamed: Dress | None = None) -> Response:
    service = current_service()
    wanted = _request(fields, rates_hz, service)
    if wanted.stream and wanted.format != "wav":
        raise BadRequest(f"format: only wav is streamed, not {wanted.format}")
    headers = {"Content-Disposition": f"attachment; filename=audio.{wanted.format}"}
    mime = MIMES.get(wanted.format, OTHER_MIME)
    return speech(service, fields.plan(service, wanted), mime, headers, streamed if wanted.stream else None)


def _request(fields: Fields, rates_hz: Mapping[str, int], service: Service) -> Request:
    text = fields.spoken("text", service.settings.max_chars_compat)
    emotion, intensity = fields.emotion()
    language = fields.text("language")
    language = _LANGUAGES.get(language.lower(), language)
    field = "voice" if fields.raw("reference_id") in (None, "") else "reference_id"
    if fields.raw("references"):
        fields.warn("references: no voice is cloned here; reference_id names one of /v1/audio/voices")
    format = fields.choice("format")
    return Request(
        text,
        format,
        asked_voice(service, fields.raw(field), text, field, language),
        language or None,
        Controls(emotion, intensity, fields.number("speed")),
        sample_rate_hz=rates_hz.get(format),
        stream=fields.flag("streaming"),
    )


def _zero_sizes(sound: Iterator[bytes], production: Production) -> Iterator[bytes]:
    """Yield a WAV whose sizes are zero, as this server's clients know it while they stream."""
    first = next(sound, b"")
    header, rest = bytearray(first[:_HEADER_BYTES]), first[_HEADER_BYTES:]
    header[4:8] = header[40:44] = bytes(4)
    yield from chain([bytes(header) + rest], sound)


def wording(error: TtsError) -> Message:
    """Return an error in the words of this door."""
    return {"statusCode": error.status, "message": error.message, "error": error.code}


answer_errors(routes, wording)
