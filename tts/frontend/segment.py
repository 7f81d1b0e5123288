"""Cuts a text into clauses, one at a time, each with the pause that its punctuation asks for."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from unicodedata import category

from tts.frontend.characters import GRAPHEME, LINE_END, STOPS, TERMINALS, UNSPACED, of
from tts.frontend.script import is_cjk

#: A clause longer than this is cut; the first one earlier, so that the first sound does not wait for it.
MOST_CHARACTERS = 60
FIRST_MOST_CHARACTERS = 30
#: A word longer than this is no word, and is cut too.
_WORD_MOST_CHARACTERS = 200
#: So much is read beyond a cut to see whether a word goes on.
_LONGEST_WORD = 8
#: How far ahead the end of a clause must have been sought before a cut; no text is read again and again to its end.
_AHEAD_CHARACTERS = MOST_CHARACTERS + 2 * _WORD_MOST_CHARACTERS

COMMA_MS = 180.0
COLON_MS = 250.0
STOP_MS = 400.0
PARAGRAPH_MS = 700.0

_ABBREVIATIONS = frozenset((
    "mr", "mrs", "ms", "dr", "prof", "st", "vs", "no", "nos", "fig", "jr", "sr", "vol", "pp", "ca", "bzw", "usw",
    "a.m", "p.m", "ggf", "nr", "mme", "mlle", "sra", "dott", "ing", "e.g", "i.e", "z.b", "d.h", "u.a",
))  # fmt: skip

_ABBREVIATION_MOST_CHARACTERS = 12

#: Before a mark that is half of an operator: x != y.
_NOT_EQUAL = r"(?!(?<=[A-Za-z0-9)\s])!=)"
#: Punctuation that ends a clause, with what closes after it and the white space up to the next.
_END = re.compile(
    rf"(?P<marks>(?:{_NOT_EQUAL}[{TERMINALS}…⋯]|——+|(?<=\s)—(?=\s))+[{of('Pe', 'Pf')}\"']*|{LINE_END}+)\s*"
)
#: Punctuation that may also stand within a number, a word or an address.
_IN_WORDS = ".,:!?;"
#: And what may stand between two digits: 3：15, 110、119.
_BETWEEN_DIGITS = frozenset("：、")
_STOPS = re.compile(f"[{STOPS}…⋯]")
_PARAGRAPH = re.compile(rf"{LINE_END}\s*{LINE_END}")
#: What is never cut: a number or a word of an alphabet; otherwise one character with its marks.
_ATOM = re.compile(rf"(?:(?![{UNSPACED}])[{of('L', 'N')}][{of('M')}]*[.,:'’\-]?)+|{GRAPHEME}")
_OPENING = re.compile(f"[{of('Ps', 'Pi')}]")
_CLINGING = re.compile(f"[{of('P', 'M')}ーｰぁぃぅぇぉっゃゅょァィゥェォッャュョ]")

#: What an abbreviation has none of.
_LETTERS = re.compile(f"[^{of('L', 'M')}.]")


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of the text up to and with the white space after it."""

    start: int
    end: int
    pause_ms: float


def _each(text: str) -> Sequence[int]:
    """Return an end after each character: the words of a text when nobody knows any."""
    return range(1, len(text) + 1)


def clauses(
    text: str, words: Callable[[str], Sequence[int]] = _each, start: int = 0, most: int = FIRST_MOST_CHARACTERS
) -> Iterator[Clause]:
    """Yield the clauses of a text from `start` on; together they cover it. The first has at most `most` characters.

    `words` tells where the words of a stretch end.
    """
    while start < len(text):
        end, pause_ms = _next_end(text, start)
        while start + most < end and text[start + most : end].strip():
            cut = _cutting_point(text, start, end, most, words)
            if cut >= end:
                break
            yield Clause(start, cut, 0.0)
            start, most = cut, MOST_CHARACTERS
            if end - start < _AHEAD_CHARACTERS:
                end, pause_ms = _next_end(text, start)
        yield Clause(start, end, pause_ms)
        start, most = end, MOST_CHARACTERS


def is_certain(text: str, clause: Clause, most: int) -> bool:
    """Tell whether a clause stays what it is, whatever follows a text that goes on; it was cut with that `most`."""
    end, _ = _next_end(text, clause.start)
    if end < len(text) and text[end:] != "—":
        return True
    # A clause that is cut for its length depends on no more than the word that its last character may begin.
    return clause.end < end and len(text) >= max(clause.start + most, clause.end) + _LONGEST_WORD


def is_closed(text: str, start: int) -> bool:
    """Tell whether a text ends as a clause from `start` on does: only signs and white space can still belong to it."""
    found = _closing(text, start, len(text))
    if found is None or found.end() < len(text):
        return False
    marks, before = found.group("marks"), text[found.start() - 1 : found.start()]
    if marks[0] in _IN_WORDS:
        return marks[0] != "." and (found.end() > found.end("marks") or is_cjk(before))
    return marks not in _BETWEEN_DIGITS or not before.isdigit()


def silent_end(text: str, clause: Clause) -> Clause:
    """Return what has come after a clause that was closed and belongs to it, empty where that is nothing.

    Its pause is that of the clause with all of it.
    """
    end, pause_ms = _next_end(text, clause.start)
    sure = end < len(text) or is_closed(text, clause.start)
    if not sure or end < clause.end or any(category(sign)[0] in "LNS" for sign in text[clause.end : end]):
        return Clause(clause.end, clause.end, clause.pause_ms)
    return Clause(clause.end, end, pause_ms)


def _next_end(text: str, start: int) -> tuple[int, float]:
    """Return where a clause ends and its pause, or how far it has been looked for."""
    limit = min(len(text), start + 2 * _AHEAD_CHARACTERS)
    found = _closing(text, start, limit)
    return (found.end(), _pause_ms(found.group())) if found else (limit, 0.0)


def _closing(text: str, start: int, limit: int) -> "re.Match[str] | None":
    """Return the punctuation that ends a clause."""
    for part in _END.finditer(text, start, limit):
        found = _END.match(text, part.start()) or part
        if found.group("marks").isspace() or _ends(text, start, found):
            return found
    return None


def _ends(text: str, start: int, found: re.Match[str]) -> bool:
    """Tell whether punctuation ends a clause rather than sits in a number, an address or an abbreviation."""
    marks = found.group("marks")
    before, after = text[found.start() - 1 : found.start()], text[found.end("marks") : found.end("marks") + 1]
    if marks in _BETWEEN_DIGITS and before.isdigit() and after.isdigit():
        return False
    if marks[0] not in _IN_WORDS:
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


def _abbreviates(text: str, start: int, found: re.Match[str]) -> bool:
    word = _LETTERS.split(text[max(start, found.start() - _ABBREVIATION_MOST_CHARACTERS) : found.start()])[-1]
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
    return COLON_MS if re.search("[:;：；—]", marks) else COMMA_MS


def _cutting_point(text: str, start: int, end: int, most: int, words: Callable[[str], Sequence[int]]) -> int:
    """Return where to cut: after the last space that is not too early, else between words, else between characters."""
    spaced = between = 0
    free: set[int] = set()
    # What is looked at ends early, as the cost of a grapheme grows with all that lies around it.
    near = text[start : min(end, start + _AHEAD_CHARACTERS)]
    at = 0
    # Signs that cling together make a clause no more than twice as long as it may be.
    for _ in range(2 * most):
        if at >= len(near) or (at > most and (spaced or between)) or at > _WORD_MOST_CHARACTERS + most:
            break
        position = start + at
        if at and _may_cut(text, position):
            spaced = position if text[position - 1].isspace() and at > most // 3 else spaced
            if _is_free(text, position):
                between = position
                free.add(at)
        at = min(_atom_end(near, at), at + _WORD_MOST_CHARACTERS)
    if spaced or not between:
        return spaced or start + at
    return max(
        (start + at for at in words(near[: between - start + _LONGEST_WORD]) if start + at <= between and at in free),
        default=between,
    )


def _atom_end(text: str, start: int) -> int:
    atom = _ATOM.match(text, start)
    return atom.end() if atom else len(text)


def _may_cut(text: str, position: int) -> bool:
    return not (_CLINGING.match(text[position]) or _OPENING.match(text[position - 1]) or text[position].isspace())


def _is_free(text: str, position: int) -> bool:
    """Tell whether two characters stand side by side without being one word."""
    return (
        text[position - 1].isspace() or is_cjk(text[position]) or is_cjk(text[position - 1]) or _is_long(text, position)
    )


def _is_long(text: str, position: int) -> bool:
    return not re.search(r"\s", text[max(0, position - MOST_CHARACTERS) : position])
