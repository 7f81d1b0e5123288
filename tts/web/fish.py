"""Fish-Speech's door: `/generate` of its batch clients, and `/v1/tts` of its server."""

from collections.abc import Iterator
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
from tts.web.names import find_voice
from tts.web.protocol import Message
from tts.web.speech import Dress, current_service, speech
from tts.web.trouble import answer_errors

routes = Blueprint("fish", __name__)

_FORMATS = ("wav", "pcm", "mp3", "opus", "flac")
#: Whoever asks for sound without a header takes it to have this rate.
_PCM_HZ = 44_100
_MIMES = {"wav": "audio/wav", "mp3": "audio/mpeg", "opus": "audio/ogg", "flac": "audio/flac"}
_HEADER_BYTES = 44


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
    return _answer(Fields(_body()), ("wav",))


@routes.post("/v1/tts")
def tts() -> Response:
    """Answer with a file, or with a WAV while it is made."""
    return _answer(Fields(_body()), _FORMATS, _zero_sizes)


def _body() -> Any:
    """Return the request, which may come in three forms."""
    kind = request.mimetype
    if kind == "application/json":
        return protocol.parse_json(request.get_data())
    if kind in ("application/msgpack", "application/x-msgpack"):
        try:
            return ormsgpack.unpackb(request.get_data())
        except ValueError as error:
            raise BadRequest(f"the message is not MessagePack: {error}") from None
    if kind in ("multipart/form-data", "application/x-www-form-urlencoded"):
        return request.form.to_dict()
    known = "application/json, application/msgpack, multipart/form-data"
    raise UnsupportedBody(f"Content-Type: must be one of {known}, not {kind!r}")


def _answer(fields: Fields, formats: tuple[str, ...], streamed: Dress | None = None) -> Response:
    service = current_service()
    wanted = _request(fields, formats, service)
    if wanted.stream and wanted.format != "wav":
        raise BadRequest(f"format: only wav is streamed, not {wanted.format}")
    headers = {"Content-Disposition": f"attachment; filename=audio.{wanted.format}"}
    mime = _MIMES.get(wanted.format, "application/octet-stream")
    return speech(service, fields.plan(service, wanted), mime, headers, streamed if wanted.stream else None)


def _request(fields: Fields, formats: tuple[str, ...], service: Service) -> Request:
    text = fields.spoken("text", service.settings.max_chars_compat)
    emotion, intensity = fields.emotion()
    language = fields.text("language")
    field = "reference_id" if fields.text("reference_id") else "voice"
    name = fields.text(field)
    if fields.raw("references"):
        fields.warn("references: no voice is cloned here; reference_id names one of /v1/audio/voices")
    format = fields.choice("format", "wav", formats)
    return Request(
        text,
        format,
        find_voice(service, name, text, field, language).id if name else None,
        language or None,
        Controls(emotion, intensity, fields.number("speed", 1.0, 0.5, 2.0)),
        sample_rate_hz=_PCM_HZ if format == "pcm" else None,
        stream=fields.flag("streaming"),
    )


def _zero_sizes(sound: Iterator[bytes], production: Production) -> Iterator[bytes]:
    """Yield a WAV whose sizes are zero, as this server's clients know it while they stream."""
    first = next(sound, b"")
    header, rest = bytearray(first[:_HEADER_BYTES]), first[_HEADER_BYTES:]
    header[4:8] = header[40:44] = bytes(4)
    yield from chain([bytes(header) + rest], sound)


def _wording(error: TtsError) -> Message:
    return {"statusCode": error.status, "message": error.message, "error": error.code}


answer_errors(routes, _wording)
