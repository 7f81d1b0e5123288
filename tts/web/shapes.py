"""The shapes of what clients are told, as JSON Schema: answers of HTTP doors and messages on sockets."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, get_args

from tts.engines.elsewhere.errors import Overloaded, Refused, TooSlow, Unreachable
from tts.errors import (
    BadRequest,
    BadSsml,
    Busy,
    EngineFailed,
    NotFound,
    TextTooLong,
    TimedOut,
    UnknownEmotion,
    UnknownVoice,
)
from tts.types import Emphasis, Sex, Style
from tts.web.protocol import FIELDS, Door, Field, Message

#: What may be wrong with a text that is to be read, and with one that is to be spoken.
READ_ERRORS = (BadRequest, TextTooLong, BadSsml, UnknownVoice, UnknownEmotion, EngineFailed)
SPEAK_ERRORS = (*READ_ERRORS, Busy, Unreachable, TooSlow, Overloaded, Refused)

TEXT: Message = {"type": "string"}
WHOLE: Message = {"type": "integer", "minimum": 0}
NUMBER: Message = {"type": "number"}
MS: Message = {"type": "number", "minimum": 0}
FLAG: Message = {"type": "boolean"}


def one_of(*values: Any) -> Message:
    """Return the shape of one of these values."""
    return {"enum": list(values)}


def optional(shape: Mapping[str, Any]) -> Message:
    """Return a shape, or null."""
    if "enum" in shape and "type" not in shape:
        return {"enum": [*shape["enum"], None]}
    nullable = {**shape, "type": [shape["type"], "null"]}
    return {**nullable, "enum": [*shape["enum"], None]} if "enum" in shape else nullable


def items(shape: Message) -> Message:
    """Return the shape of a list."""
    return {"type": "array", "items": shape}


def record(**properties: Message) -> Message:
    """Return the shape of an object with exactly these fields."""
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def lax(**properties: Message) -> Message:
    """Return the shape of an object with none but these fields, any of which may be missing."""
    return {"type": "object", "properties": properties, "additionalProperties": False}


SEX = one_of(*get_args(Sex))
WARNING = record(code=one_of("other_voice", "unreadable", "not_honoured", "not_kept"), message=TEXT)

LABEL = record(zh=TEXT, en=TEXT)
VOICE = record(
    id=TEXT,
    name=TEXT,
    language=TEXT,
    sex=SEX,
    engine=TEXT,
    sample_rate=WHOLE,
    emotions=items(record(id=TEXT, label=LABEL)),
    licence=TEXT,
    reproducible=FLAG,
)
VOICES = record(
    voices=items(VOICE),
    default_voice=TEXT,
    formats=items(record(id=TEXT, mime=TEXT)),
    limits=record(max_chars=WHOLE),
)

_SYLLABLE = record(start=WHOLE, end=WHOLE, pinyin=TEXT, phones=items(TEXT))
_STYLES = {"emotion": TEXT, "voice": TEXT, "emphasis": one_of(*get_args(Emphasis))}
_STYLE = lax(**{style.name: _STYLES.get(style.name, NUMBER) for style in fields(Style)})
_SENTENCE = record(
    text=TEXT,
    start=WHOLE,
    language=TEXT,
    spoken=TEXT,
    mood=one_of("statement", "question", "exclamation"),
    rest_ms=MS,
    pause_ms=MS,
    style=_STYLE,
    marks=items(record(name=TEXT, start=WHOLE)),
    words=items(record(syllables=items(_SYLLABLE), **{"break": {"type": "integer", "minimum": 1, "maximum": 4}})),
)
READING = record(
    spoken=TEXT,
    characters=items(record(index=WHOLE, char=TEXT, pinyin=TEXT, others=items(TEXT))),
    sentences=items(_SENTENCE),
    warnings=items(WARNING),
)

HEALTH = record(status=one_of("ok"))
READY = record(status=one_of("ok"), default_voice=TEXT, streams=WHOLE)

NAMED: Message = {
    "type": "object",
    "additionalProperties": record(language=TEXT, sex=optional(SEX), voice=optional(TEXT)),
}
CONFIG = record(voices=items(TEXT), default_voice=TEXT, names=NAMED)
OPENAI_VOICES = record(
    voices=items(record(id=TEXT, name=TEXT, language=TEXT, sex=SEX, emotions=items(TEXT))), names=NAMED
)
MODEL = record(id=TEXT, object=one_of("model"), created=WHOLE, owned_by=TEXT)
MODELS = record(object=one_of("list"), data=items(MODEL))

_MARK = {
    **record(text=TEXT, pinyin=TEXT, start=WHOLE, end=WHOLE, start_ms=MS, end_ms=MS, name=TEXT),
    "required": ["text", "pinyin", "start", "end", "start_ms", "end_ms"],
}

_CODE = one_of(*(error.code for error in (*SPEAK_ERRORS, NotFound, TimedOut)))

#: What the server sends on Socket.IO and `/ws`, beside acknowledgements; `chunk` is the sound itself.
EVENTS: Mapping[str, Message] = {
    "queued": record(id=TEXT, position=WHOLE),
    "started": record(id=TEXT, sample_rate=WHOLE, mime=TEXT, voice=TEXT, emotion=TEXT),
    "audio_chunk": record(id=TEXT, seq=WHOLE, at_ms=MS, peaks=items(MS), chunk={"format": "binary"}),
    "marks": record(id=TEXT, items=items(_MARK)),
    "warning": record(id=TEXT, **WARNING["properties"]),
    "done": record(
        id=TEXT,
        status=one_of("completed", "cancelled"),
        audio_ms=MS,
        first_chunk_ms=optional(MS),
        rtf=MS,
        cached=FLAG,
        wav_url=optional(TEXT),
    ),
    "error": record(id=optional(TEXT), code=_CODE, message=TEXT),
}

_REFUSED = record(ok=one_of(False), code=_CODE, message=TEXT)
_WAITING = record(ok=one_of(True), id=TEXT, waiting=WHOLE)
_HEARD = record(ok=one_of(True), id=TEXT)
_ACCEPTED: Mapping[str, Message] = {
    "synthesize": record(ok=one_of(True), id=TEXT, position=WHOLE),
    **dict.fromkeys(("append", "flush", "finish"), _WAITING),
    **dict.fromkeys(("cancel", "played"), _HEARD),
}
#: What acknowledges each of a client's messages.
ACKS: Mapping[str, Message] = {kind: {"oneOf": [shape, _REFUSED]} for kind, shape in _ACCEPTED.items()}


def request_shape(door: Door, max_chars: int) -> Message:
    """Return the shape of a request on a door where so many characters may be spoken at once."""
    properties = {name: _field(field) for name, field in FIELDS.items() if door in field.doors}
    properties["text"]["maxLength"] = max_chars
    either: list[Message] = [
        {"required": [one], "properties": {one: {"type": "string"}, other: {"type": "null"}}}
        for one, other in (("text", "ssml"), ("ssml", "text"))
    ]
    if door == "socket":
        # Only text comes in pieces.
        either[1]["properties"]["more"] = {"enum": [False, None]}
        either.append({"required": ["more"], "properties": {"more": {"const": True}, "ssml": {"type": "null"}}})
    return {**lax(**properties), "oneOf" if door == "http" else "anyOf": either}


def _field(field: Field) -> Message:
    shape = optional(field.check.schema)
    return shape if field.default is None else {**shape, "default": field.default}
