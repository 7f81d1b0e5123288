"""Reads what clients send, the same for every door: the request side of `docs/protocol.md` as code."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from tts.codec import FORMATS
from tts.errors import BadRequest, TextTooLong, choices
from tts.frontend.ssml import parse
from tts.types import Controls, Request

Door: TypeAlias = Literal["socket", "http"]
Message: TypeAlias = dict[str, Any]

#: Longest message, in bytes, that any door reads.
MAX_MESSAGE_BYTES = 1_000_000

_PINYIN = re.compile("[a-zü]{1,6}[1-5]")

#: What a client may send on a socket.
CLIENT_MESSAGES = ("synthesize", "append", "flush", "finish", "cancel", "played")


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise BadRequest(f"{name}: must be a string, not {shown(value)}")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise BadRequest(f"{name}: holds half of a surrogate pair, which is no character")
    return value


def _name(name: str, value: Any) -> str:
    text = _text(name, value)
    if not 1 <= len(text) <= 64:
        raise BadRequest(f"{name}: must have 1 to 64 characters, not {len(text)}")
    return text


def _number(least: float, most: float, unit: str = "") -> Callable[[str, Any], float]:
    def check(name: str, value: Any) -> float:
        # bool is an int to Python, but not to a client; NaN is in no range.
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise BadRequest(f"{name}: must be a number from {least:g} to {most:g}{unit}, not {shown(value)}")
        return float(value)

    return check


def _whole(least: int, most: int, unit: str = "") -> Callable[[str, Any], int]:
    number = _number(least, most, unit)

    def check(name: str, value: Any) -> int:
        if number(name, value) != int(value):
            raise BadRequest(f"{name}: must be a whole number from {least} to {most}{unit}, not {shown(value)}")
        return int(value)

    return check


def _format(name: str, value: Any) -> str:
    if not isinstance(value, str) or value not in FORMATS:
        raise BadRequest(f"{name}: must be one of {choices(FORMATS)}, not {shown(value)}")
    return value


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise BadRequest(f"{name}: must be true or false, not {shown(value)}")
    return value


def _readings(name: str, value: Any) -> dict[int, str]:
    if not isinstance(value, dict):
        raise BadRequest(f"{name}: must be an object of index: pinyin, not {shown(value)}")
    readings = {}
    for index, pinyin in value.items():
        if not (isinstance(index, str) and re.fullmatch("[0-9]{1,6}", index)):
            raise BadRequest(f"{name}: {shown(index)} is no index of a character, counted from 0")
        if not (isinstance(pinyin, str) and _PINYIN.fullmatch(pinyin)):
            raise BadRequest(f"{name}: {shown(pinyin)} is no pinyin with a tone from 1 to 5, such as hang2")
        readings[int(index)] = pinyin
    return readings


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a request."""

    check: Callable[[str, Any], Any]
    default: Any = None
    doors: tuple[Door, ...] = ("socket", "http")


FIELDS: Mapping[str, Field] = {
    "text": Field(_text),
    "ssml": Field(_text),
    "voice": Field(_name),
    "language": Field(_name),
    "emotion": Field(_name, "neutral"),
    "intensity": Field(_number(0, 125, " percent"), 100.0),
    "speed": Field(_number(0.5, 2), 1.0),
    "pitch": Field(_number(-12, 12, " semitones"), 0.0),
    "energy": Field(_number(-2, 2), 0.0),
    "volume": Field(_number(0, 2), 1.0),
    "format": Field(_format),
    "sample_rate": Field(_whole(8000, 48_000, " Hz")),
    "readings": Field(_readings),
    "id": Field(_name, doors=("socket",)),
    "window_ms": Field(_whole(100, 60_000, " ms"), doors=("socket",)),
    "more": Field(_flag, False, doors=("socket",)),
    "stream": Field(_flag, True, doors=("http",)),
}


def _controls(values: Mapping[str, Any]) -> Controls:
    return Controls(values["emotion"], values["intensity"], values["speed"], values["pitch"], energy=values["energy"])


def parse_request(body: Any, door: Door, max_chars: int) -> Request:
    """Return the request in a decoded message, or raise the error that names the field and the choices."""
    fields = {name: field for name, field in FIELDS.items() if door in field.doors}
    given = _object(body, fields)
    values = {
        name: field.check(name, given[name]) if given.get(name) is not None else field.default
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
    return _flag(name, body.pop(name))


def parse_id(body: Any) -> str:
    """Return the id in a message that has nothing else."""
    return _name("id", _required(_object(body, ("id",)), "id"))


def parse_append(body: Any) -> tuple[str, str]:
    """Return the id and the text, which may be empty, in an `append` message."""
    given = _object(body, ("id", "text"))
    return _name("id", _required(given, "id")), _text("text", _required(given, "text"))


def parse_played(body: Any) -> tuple[str, float]:
    """Return the id and the milliseconds heard so far in a `played` message."""
    given = _object(body, ("id", "ms"))
    return _name("id", _required(given, "id")), _number(0, 1e9, " ms")("ms", _required(given, "ms"))


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


def _object(body: Any, fields: Mapping[str, Field] | tuple[str, ...]) -> Message:
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


def shown(value: Any) -> str:
    """Return a value for a message, short and without characters that cannot be sent."""
    if isinstance(value, bytes | bytearray):
        return "binary data"
    text = ascii(value) if isinstance(value, float) else repr(value)
    text = text.encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= 60 else text[:60] + "…"
