"""Cuts a text into clauses, one at a time, each with the pause that its punctuation asks for."""

from collections.abc import Iterator
from dataclasses import dataclass

import regex  # type: ignore[import-untyped]  # ships no types

from tts.frontend.script import is_cjk

#: A clause longer than this is cut; the first one earlier, so that the first sound does not wait for it.
MOST_CHARACTERS = 60
FIRST_MOST_CHARACTERS = 30
#: A word longer than this is no word, and is cut too.
_WORD_MOST_CHARACTERS = 200

COMMA_MS = 180.0
COLON_MS = 250.0
STOP_MS = 400.0
PARAGRAPH_MS = 700.0

_ABBREVIATIONS = frozenset((
    "mr", "mrs", "ms", "dr", "prof", "st", "vs", "no", "nos", "fig", "jr", "sr", "vol", "pp", "ca", "bzw", "usw",
    "a.m", "p.m", "ggf", "nr", "mme", "mlle", "sra", "dott", "ing", "e.g", "i.e", "z.b", "d.h", "u.a",
))  # fmt: skip

_ABBREVIATION_MOST_CHARACTERS = 12

#: Punctuation that ends a clause, with what closes after it and the white space up to the next.
_END = regex.compile(r"(?P<marks>(?:[\p{Terminal_Punctuation}…⋯]|—{2,}|(?<=\s)—(?=\s))+[\p{Pe}\p{Pf}\"']*|\R+)\s*")
_STOPS = regex.compile(r"[\p{Sentence_Terminal}…⋯]")
_PARAGRAPH = regex.compile(r"\R\s*\R")
#: What is never cut: a number or a word of an alphabet; otherwise one character with its marks.
_ATOM = regex.compile(r"(?:(?![\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}])[\p{L}\p{N}]\p{M}*[.,:'’\-]?)+|\X")
_OPENING = regex.compile(r"[\p{Ps}\p{Pi}]")
_CLINGING = regex.compile(r"[\p{P}\p{M}ーｰぁぃぅぇぉっゃゅょァィゥェォッャュョ]")


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of the text up to and with the white space after it."""

    start: int
    end: int
    pause_ms: float


def clauses(text: str) -> Iterator[Clause]:
    """Yield the clauses of a text; together they cover it."""
    start = 0
    while start < len(text):
        most = MOST_CHARACTERS if start else FIRST_MOST_CHARACTERS
        end, pause_ms = _next_end(text, start)
        yield from _cut(text, Clause(start, end, pause_ms), most)
        start = end


def _next_end(text: str, start: int) -> tuple[int, float]:
    for found in _END.finditer(text, start):
        if found.group("marks").isspace() or _ends(text, start, found):
            return found.end(), _pause_ms(found.group())
    return len(text), 0.0


def _ends(text: str, start: int, found: "regex.Match[str]") -> bool:
    """Tell whether punctuation ends a clause rather than sits in a number, an address or an abbreviation."""
    marks = found.group("marks")
    before, after = text[found.start() - 1 : found.start()], text[found.end("marks") : found.end("marks") + 1]
    if marks == "：" and before.isdigit() and after.isdigit():
        return False
    if marks[0] not in ".,:!?;":
        return True
    spaced = found.end() > found.end("marks") or not after
    if len(marks) == 1 and not spaced and _within_word(marks, before, after):
        return False
    return not (marks == "." and (spaced or is_cjk(after)) and _abbreviates(text, start, found))


def _within_word(mark: str, before: str, after: str) -> bool:
    if before.isdigit() and after.isdigit():
        return True
    if is_cjk(before) or is_cjk(after):
        return False
    if mark in ".:?":
        return after.isalnum() or after in "/\\=&"
    return not before.isalnum() and after.isalnum()


def _abbreviates(text: str, start: int, found: "regex.Match[str]") -> bool:
    word = regex.search(
        r"[\p{L}\p{M}.]*$", text[max(start, found.start() - _ABBREVIATION_MOST_CHARACTERS) : found.start()]
    ).group()
    following = text[found.end() : found.end() + 1]
    if not word or not following:
        return False
    single = len(word) == 1 and word.isupper() and word != "I"
    return following.islower() or single or word.lower() in _ABBREVIATIONS


def _pause_ms(marks: str) -> float:
    if _PARAGRAPH.search(marks):
        return PARAGRAPH_MS
    if _STOPS.search(marks) or marks.isspace():
        return STOP_MS
    return COLON_MS if regex.search("[:;：；—]", marks) else COMMA_MS


def _cut(text: str, clause: Clause, most: int) -> Iterator[Clause]:
    start = clause.start
    while len(text[start : clause.end].rstrip()) > most:
        end = _cutting_point(text, start, clause.end, most)
        if end >= clause.end:
            break
        yield Clause(start, end, 0.0)
        start, most = end, MOST_CHARACTERS
    yield Clause(start, clause.end, clause.pause_ms)


def _cutting_point(text: str, start: int, end: int, most: int) -> int:
    """Return where to cut: after the last space that is not too early, else between two characters."""
    spaced = between = 0
    position = start
    while position < end:
        if position - start > most and (spaced or between):
            break
        if start < position and _may_cut(text, position):
            spaced = position if text[position - 1].isspace() and position - start > most // 3 else spaced
            between = position if _is_free(text, position) else between
        position = min(_ATOM.match(text, position).end(), position + _WORD_MOST_CHARACTERS)
    return spaced or between or end


def _may_cut(text: str, position: int) -> bool:
    return not (_CLINGING.match(text[position]) or _OPENING.match(text[position - 1]) or text[position].isspace())


def _is_free(text: str, position: int) -> bool:
    """Tell whether two characters stand side by side without being one word."""
    return (
        text[position - 1].isspace() or is_cjk(text[position]) or is_cjk(text[position - 1]) or _is_long(text, position)
    )


def _is_long(text: str, position: int) -> bool:
    return not regex.search(r"\s", text[max(0, position - MOST_CHARACTERS) : position])
