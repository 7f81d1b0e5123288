"""Reads the fields of other services' requests: leniently, as they do, and telling what is not as asked."""

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from tts.errors import BadRequest, TextTooLong, choices
from tts.service import Service
from tts.stream import Plan
from tts.types import NEUTRAL, Request, Warned
from tts.web.checks import shown
from tts.web.kinds import LONGEST_NAME, Choice, Flag, Kind, Number, Spoken, Text
from tts.web.protocol import Message

_TRUE, _FALSE = ("true", "on", "yes", "1"), ("false", "off", "no", "0", "")

#: A message of ours begins with the name of its field.
_FIELD = re.compile(r"(\w+): ")


_Known = TypeVar("_Known", bound=Kind)


class Fields:
    """The fields of one request, of kinds that a table tells; other ones are ignored.

    What a form or a query says as text is understood.
    """

    def __init__(self, body: Any, table: Mapping[str, Kind], what: str = "a request") -> None:
        if not isinstance(body, dict):
            raise BadRequest(f"{what} must be an object, not {shown(body)}")
        self._body: Message = {name: value for name, value in body.items() if value is not None}
        self._table = table
        self.warnings: list[Warned] = []

    def __contains__(self, name: str) -> bool:
        return name in self._body

    def _kind(self, name: str, kind: type[_Known]) -> _Known:
        known = self._table[name]
        assert isinstance(known, kind), name
        return known

    def raw(self, name: str) -> Any:
        """Return a field as it came, None when it did not."""
        assert name in self._table, name
        return self._body.get(name)

    def text(self, name: str) -> str:
        """Return a field that is text, empty when it did not come."""
        return self._text(name, "", self._kind(name, Text).most)

    def words(self, name: str, most: int) -> str:
        """Return a field with text that may be spoken, of at most so many characters, or nothing."""
        self._kind(name, Spoken)
        return self._text(name, "", most)

    def spoken(self, name: str, most: int) -> str:
        """Return a field with the text that is to be spoken, of at most so many characters and not blank."""
        text = self.words(name, most)
        if not text.strip():
            raise BadRequest(f"{name}: is blank" if name in self else f"{name}: is required")
        return text

    def _text(self, name: str, default: str, most: int) -> str:
        value = self._body.get(name, default)
        if not isinstance(value, str):
            raise BadRequest(f"{name}: must be a string, not {shown(value)}")
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise BadRequest(f"{name}: holds half of a surrogate pair, which is no character")
        if len(value) > most:
            raise TextTooLong(f"{name}: has {len(value)} characters; at most {most} are taken at once")
        return value

    def choice(self, name: str) -> str:
        """Return a field that is one of the known names."""
        kind = self._kind(name, Choice)
        value = self._text(name, kind.default, LONGEST_NAME)
        if value not in kind.known:
            raise BadRequest(f"{name}: must be one of {choices(kind.known, value)}, not {shown(value)}")
        return value

    def number(self, name: str) -> float:
        """Return a number, held within the limits with a warning."""
        kind = self._kind(name, Number)
        value = self._body.get(name, kind.default)
        try:
            number = math.nan if isinstance(value, bool) else float(value)
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        if math.isnan(number):
            raise BadRequest(f"{name}: must be a number from {kind.least:g} to {kind.most:g}, not {shown(value)}")
        held = min(max(number, kind.least), kind.most)
        if held != number:
            self.warn(f"{name} {number:.4g} is held at {held:g}")
        return held

    def flag(self, name: str, default: bool | None = None) -> bool:
        """Return a field that is true or false; `default` is what holds here where that is not the table's."""
        usual = self._kind(name, Flag).default if default is None else default
        value = self._body.get(name, usual)
        said = value.lower() if isinstance(value, str) else value
        if said not in (True, False, *_TRUE, *_FALSE):
            raise BadRequest(f"{name}: must be true or false, not {shown(value)}")
        return said in (True, *_TRUE)

    def emotion(self) -> tuple[str, float]:
        """Return the emotion and its intensity in percent, which every door takes beside its own fields."""
        emotion = self.text("emotion") if "emotion" in self else NEUTRAL
        return emotion, self.number("intensity")

    def warn(self, message: str) -> None:
        """Have the listener told that something is not as asked."""
        self.warnings.append(Warned("not_honoured", message))

    def plan(self, service: Service, request: Request) -> Plan:
        """Return what will be done for the request, with what the listener must be told about these fields."""
        plan = service.plan(request)
        return replace(plan, warnings=(*self.warnings, *plan.warnings))


def renamed(message: str, names: Mapping[str, str]) -> tuple[str, str | None]:
    """Return a message of ours with the door's own name of its field, and that name."""
    found = _FIELD.match(message)
    if not found:
        return message, None
    name = names.get(found[1], found[1])
    return f"{name}: {message[found.end() :]}", name
