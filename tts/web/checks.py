"""Checks of single values that clients send; each also says what it takes as JSON Schema, for `tts.web.openapi`."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from tts.errors import BadRequest, choices

_PINYIN, _INDEX = re.compile("[a-zü]{1,6}[1-5]"), re.compile("[0-9]{1,6}")
_LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class Check:
    """What one field takes."""

    read: Callable[[str, Any], Any]
    """Takes the field's name and what came; returns the value, or raises `BadRequest` that names the field."""
    schema: Mapping[str, Any]


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise BadRequest(f"{name}: must be a string, not {shown(value)}")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise BadRequest(f"{name}: holds half of a surrogate pair, which is no character")
    return value


def _name(name: str, value: Any) -> str:
    text = _text(name, value)
    if not 1 <= len(text) <= _LONGEST_NAME:
        raise BadRequest(f"{name}: must have 1 to {_LONGEST_NAME} characters, not {len(text)}")
    return text


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise BadRequest(f"{name}: must be true or false, not {shown(value)}")
    return value


def _readings(name: str, value: Any) -> dict[int, str]:
    if not isinstance(value, dict):
        raise BadRequest(f"{name}: must be an object of index: pinyin, not {shown(value)}")
    readings = {}
    for index, pinyin in value.items():
        if not (isinstance(index, str) and _INDEX.fullmatch(index)):
            raise BadRequest(f"{name}: {shown(index)} is no index of a character, counted from 0")
        if not (isinstance(pinyin, str) and _PINYIN.fullmatch(pinyin)):
            raise BadRequest(f"{name}: {shown(pinyin)} is no pinyin with a tone from 1 to 5, such as hang2")
        readings[int(index)] = pinyin
    return readings


TEXT = Check(_text, {"type": "string"})
NAME = Check(_name, {"type": "string", "minLength": 1, "maxLength": _LONGEST_NAME})
FLAG = Check(_flag, {"type": "boolean"})
READINGS = Check(
    _readings,
    {
        "type": "object",
        "propertyNames": {"pattern": f"^{_INDEX.pattern}$"},
        "additionalProperties": {"type": "string", "pattern": f"^{_PINYIN.pattern}$"},
    },
)


def number(least: float, most: float, unit: str = "") -> Check:
    """Return the check of a number within limits; `unit` is written after them."""

    def read(name: str, value: Any) -> float:
        # bool is an int to Python, but not to a client; NaN is in no range.
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise BadRequest(f"{name}: must be a number from {least:g} to {most:g}{unit}, not {shown(value)}")
        return float(value)

    return Check(read, {"type": "number", "minimum": least, "maximum": most})


def whole(least: int, most: int, unit: str = "") -> Check:
    """Return the check of a whole number within limits."""
    within = number(least, most, unit)

    def read(name: str, value: Any) -> int:
        if within.read(name, value) != int(value):
            raise BadRequest(f"{name}: must be a whole number from {least} to {most}{unit}, not {shown(value)}")
        return int(value)

    return Check(read, {**within.schema, "type": "integer"})


def one_of(known: Collection[str]) -> Check:
    """Return the check of a name among known ones."""

    def read(name: str, value: Any) -> str:
        if not isinstance(value, str) or value not in known:
            raise BadRequest(f"{name}: must be one of {choices(known)}, not {shown(value)}")
        return value

    return Check(read, {"type": "string", "enum": list(known)})


def shown(value: Any) -> str:
    """Return a value for a message, short and without characters that cannot be sent."""
    if isinstance(value, bytes | bytearray):
        return "binary data"
    text = ascii(value) if isinstance(value, float) else repr(value)
    text = text.encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= 60 else text[:60] + "…"
