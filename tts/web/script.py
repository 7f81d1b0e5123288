"""Text that arrives in messages, and what of it can be spoken: all that is whole, else up to a clause's end."""

import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: Where a clause ends for certain: a full stop or comma of Latin script may stand in a number until a space follows.
#: A run of signs is tried from its first alone: from each of them it would cost the square of its length.
_END = re.compile(r"(?:[。！？；，、…\n]|(?<!\d)：)+[”’」』）)]*|(?<![.!?;:,])[.!?;:,]++[\"'”’)]*\s+")

#: After these no word or number goes on: in Chinese and Japanese writing every sign stands for itself.
_WHOLE = re.compile(r"[\s\u2e80-\u9fff\uf900-\ufaff\uff01-\uff0f\uff1a-\uff65\U00020000-\U0003ffff]")

#: Characters that wait for the end of their clause; a writer who uses no signs is spoken too.
_LONGEST_CLAUSE = 100

#: Messages that may wait, each with fields of its own.
_MOST_PARTS = 1000


@dataclass(slots=True)
class Part:
    """Text that is to be spoken in one manner."""

    fields: Mapping[str, Any]
    text: str
    last: bool = True
    """Whether it has no more text."""


class Script:
    """What one client has sent and is not spoken yet; there is room until so many characters wait."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._parts: deque[Part] = deque(maxlen=_MOST_PARTS)
        self._open = False
        self._flushed = False

    @property
    def is_done(self) -> bool:
        """Whether everything is spoken and nothing more was announced."""
        return not (self._parts or self._open)

    @property
    def has_room(self) -> bool:
        """Whether more should be heard before something is spoken."""
        return sum(len(part.text) for part in self._parts) < self._most and len(self._parts) < _MOST_PARTS

    @property
    def waits(self) -> bool:
        """Whether there is text whose clause has not ended."""
        return any(part.text for part in self._parts)

    def add(self, fields: Mapping[str, Any], text: str, more: bool) -> None:
        """Add text; with `more`, the next continues it if it has the same fields."""
        if self._open and self._parts and self._parts[-1].fields == fields:
            self._parts[-1].text += text
        else:
            self._parts.append(Part(fields, text))
        self._open = more

    def flush(self) -> None:
        """Have all that waits be spoken, though its clause has not ended."""
        self._flushed = True

    def take(self, going_on: bool = False) -> Part | None:
        """Return what can be spoken now, or None; what has no word in it is left out.

        With `going_on` it continues what is being spoken: then all of it is told at once, and always where it ends.
        """
        while self._parts:
            part = self._parts[0]
            last = len(self._parts) > 1 or not self._open
            end = len(part.text) if last or going_on or self._flushed else _end(part.text)
            piece = Part(part.fields, part.text[:end], last)
            part.text = part.text[end:]
            if last:
                self._parts.popleft()
            tells = piece.text or last if going_on else any(character.isalnum() for character in piece.text)
            if tells:
                self._flushed = False
                return piece
            if not last:
                break
        self._flushed = False
        return None


def _end(text: str) -> int:
    return clause_end(text) or (word_end(text) if len(text) > _LONGEST_CLAUSE else 0)


def clause_end(text: str) -> int:
    """Return where the last clause of a text that goes on ends, 0 when none has."""
    return max((found.end() for found in _END.finditer(text)), default=0)


def word_end(text: str) -> int:
    """Return where the last word or number ends that is whole, whatever follows; the text's end when none is."""
    found = _WHOLE.search(text[::-1])
    return len(text) - found.start() if found else len(text)
