"""Which reading a character has beside certain neighbours, from the list in `data/polyphones.txt`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_CLASS = re.compile(r"\[[^\]]*\]")


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: re.Pattern[str]
    """One group per context, the longest first, so that the first that fits is the most telling."""
    answers: tuple[tuple[str, int], ...]
    """A reading and how many characters say so, one per group."""


class Contexts:
    """The list, compiled: one regular expression per character."""

    def __init__(self, lines: Iterable[str]) -> None:
        found: dict[str, list[tuple[int, str, str]]] = {}
        for line in lines:
            character, reading, *contexts = line.split()
            found.setdefault(character, []).extend((_width(it), it, reading) for it in contexts)
        self._rules = {character: _compiled(character, rows) for character, rows in found.items()}
        self.readings = {character: tuple(dict.fromkeys(row[2] for row in rows)) for character, rows in found.items()}

    def find(self, text: str, position: int) -> tuple[str, int]:
        """Return the reading of `text[position]` and how many characters say so; nothing beside it is `("", 0)`."""
        rule = self._rules.get(text[position])
        match = rule and rule.pattern.match(text, position)
        return rule.answers[(match.lastindex or 1) - 1] if rule and match else ("", 0)


def _compiled(character: str, rows: list[tuple[int, str, str]]) -> _Rule:
    rows = sorted(rows, key=lambda row: -row[0])
    pattern = "|".join(f"({_expression(character, context)})" for _, context, _ in rows)
    return _Rule(re.compile(pattern), tuple((reading, width) for width, _, reading in rows))


def _width(context: str) -> int:
    return len(_CLASS.sub("x", context))


def _expression(character: str, context: str) -> str:
    before, _, after = context.partition("~")
    if before.startswith("^"):
        before = r"\A" + before[1:]
    if after.endswith("$"):
        after = after[:-1] + r"\Z"
    return _look("<=", before, character) + character + _look("=", after, character)


def _look(way: str, context: str, character: str) -> str:
    return f"(?{way}{context.replace('~', character)})" if context else ""
