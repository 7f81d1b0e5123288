"""Reads what clients send, the same for every door: the request side of `docs/protocol.md` as code."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from tts.codec import FORMATS
from tts.errors import BadRequest, TextTooLong, choices
from tts.frontend.ssml import parse
from tts.types import Controls, Request
from tts.web.checks import FLAG, NAME, READINGS, TEXT, Check, number, one_of, shown, whole

Door: TypeAlias = Literal["socket", "http"]
Message: TypeAlias = dict[str, Any]

#: Longest message, in bytes, that any door reads.
MAX_MESSAGE_BYTES = 1_000_000

#: What a client may send about an utterance on a socket; every field is required.
MESSAGES: Mapping[str, Mapping[str, Check]] = {
    "append": {"id": NAME, "text": TEXT},
    "flush": {"id": NAME},
    "finish": {"id": NAME},
    "cancel": {"id": NAME},
    "played": {"id": NAME, "ms": number(0, 1e9, " ms")},
}

#: All that a client may send on a socket.
CLIENT_MESSAGES = ("synthesize", *MESSAGES)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a request."""

    check: Check
    default: Any = None
    doors: tuple[Door, ...] = ("socket", "http")


FIELDS: Mapping[str, Field] = {
    "text": Field(TEXT),
    "ssml": Field(TEXT),
    "voice": Field(NAME),
    "language": Field(NAME),
    "emotion": Field(NAME, "neutral"),
    "intensity": Field(number(0, 125, " percent"), 100.0),
    "speed": Field(number(0.5, 2), 1.0),
    "pitch": Field(number(-12, 12, " semitones"), 0.0),
    "energy": Field(number(-2, 2), 0.0),
    "volume": Field(number(0, 2), 1.0),
    "format": Field(one_of(FORMATS)),
    "sample_rate": Field(whole(8000, 48_000, " Hz")),
    "readings": Field(READINGS),
    "id": Field(NAME, doors=("socket",)),
    "window_ms": Field(whole(100, 60_000, " ms"), doors=("socket",)),
    "more": Field(FLAG, False, doors=("socket",)),
    "stream": Field(FLAG, True, doors=("http",)),
}


def _controls(values: Mapping[str, Any]) -> Controls:
    return Controls(values["emotion"], values["intensity"], values["speed"], values["pitch"], energy=values["energy"])


def parse_request(body: Any, door: Door, max_chars: int) -> Request:
    """Return the request in a decoded message, or raise the error that names the field and the choices."""
    fields = {name: field for name, field in FIELDS.items() if door in field.doors}
    given = _object(body, fields)
    values = {
        name: field.check.read(name, given[name]) if given.get(name) is not None else field.default
        for name, field in fields.items()
    }
    more = values.get("more", False)
    text, ssml = _source(values["text"], values["ssml"], max_chars, more)
    return Request(
        text=text,
        format=values["format"] or ("pcm" if door == "socket" else "wav"),
        voice=values["voice"],
        language=values["language"],
        controls=_controls(values),
        volume=values["volume"],
        sample_rate_hz=values["sample_rate"],
        id=values.get("id"),
        window_ms=values.get("window_ms"),
        stream=values.get("stream", True),
        readings=_within(values["readings"] or {}, text),
        ssml=ssml,
        more=more,
    )


def _source(text: str | None, ssml: str | None, max_chars: int, more: bool) -> tuple[str, bool]:
    """Return what is to be spoken, and whether it is markup; tags are no characters that are spoken."""
    if text is not None and ssml is not None:
        raise BadRequest("ssml: cannot stand beside text; leave one out")
    if more and ssml is not None:
        raise BadRequest("more: only text comes in pieces; send the whole ssml without it, or text")
    if more and not (text or "").strip():
        return text or "", False
    name, source = ("text", text) if ssml is None else ("ssml", ssml)
    if source is None:
        raise BadRequest("text: is required, or ssml")
    if not source.strip():
        raise BadRequest(f"{name}: is blank")
    spoken = source if ssml is None else parse(source).text
    if len(spoken) > max_chars:
        raise TextTooLong(f"{name}: has {len(spoken)} characters; at most {max_chars} are spoken at once")
    return source, ssml is not None


def _within(readings: dict[int, str], text: str) -> dict[int, str]:
    for index in readings:
        if index >= len(text):
            raise BadRequest(f"readings: {index} is past the text's {len(text)} characters")
    return readings


def take_flag(body: Any, name: str) -> bool:
    """Take a flag out of a message that has other fields beside a request's, and return it."""
    if not isinstance(body, dict) or body.get(name) is None:
        return False
    return bool(FLAG.read(name, body.pop(name)))


def parse_id(body: Any) -> str:
    """Return the id in a message that has nothing else."""
    return str(_parse("cancel", body)["id"])


def parse_append(body: Any) -> tuple[str, str]:
    """Return the id and the text, which may be empty, in an `append` message."""
    given = _parse("append", body)
    return given["id"], given["text"]


def parse_played(body: Any) -> tuple[str, float]:
    """Return the id and the milliseconds heard so far in a `played` message."""
    given = _parse("played", body)
    return given["id"], given["ms"]


def _parse(kind: str, body: Any) -> Message:
    fields = MESSAGES[kind]
    given = _object(body, fields)
    return {name: check.read(name, _required(given, name)) for name, check in fields.items()}


def parse_json(text: str | bytes) -> Any:
    """Return the value of a JSON text, or raise `BadRequest`."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"the message is not JSON: {str(error)[:100]}") from None


def parse_frame(text: str) -> tuple[str, Message]:
    """Return the type and the fields of a text frame of the raw WebSocket."""
    body = parse_json(text)
    if not isinstance(body, dict):
        raise BadRequest(f"a message must be an object with a type, not {shown(body)}")
    kind = body.pop("type", None)
    if not isinstance(kind, str) or kind not in CLIENT_MESSAGES:
        raise BadRequest(f"type: must be one of {choices(CLIENT_MESSAGES)}, not {shown(kind)}")
    return kind, body


def _object(body: Any, fields: Collection[str]) -> Message:
    if not isinstance(body, dict):
        raise BadRequest(f"a request must be an object, not {shown(body)}")
    for name in body:
        if name not in fields:
            raise BadRequest(f"{shown(name)}: no such field; choices: {choices(fields, str(name), most=20)}")
    return body


def _required(given: Message, name: str) -> Any:
    if given.get(name) is None:
        raise BadRequest(f"{name}: is required")
    return given[name]
