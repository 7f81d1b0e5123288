"""Tells people how a text is read: each clause with its pinyin over its characters, in the columns of a terminal."""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tts.frontend.report import reading_of, style_told
from tts.types import Sentence, Style, Syllable, Word

_OPENING = "“‘（《〈「『【([{"


@dataclass(frozen=True, slots=True)
class _Cell:
    """What stands one above the other."""

    reading: str
    text: str

    @property
    def columns(self) -> int:
        return max(columns(self.reading), columns(self.text))


def columns(text: str) -> int:
    """Return how many columns of a terminal a text takes: two for a wide character, none for a mark on another."""
    return sum(
        0 if unicodedata.category(character)[0] == "M" else 1 + (unicodedata.east_asian_width(character) in "WF")
        for character in text
    )


def for_people(sentences: Iterable[Sentence], plain: bool = False, width: int = 80) -> Iterator[str]:
    """Yield lines of at most `width` columns to print: for each clause its readings over its text, then its warnings.

    After each prosodic word stands the break, `#1` to `#4`. With `plain`, readings are those before sandhi.
    """
    for sentence in sentences:
        if sentence.rest_ms:
            yield f"… {sentence.rest_ms:g} ms"
        if sentence.style != Style():
            yield " ".join(f"{name}={value}" for name, value in style_told(sentence.style).items())
        for _, name in sentence.names:
            yield f"@{name}"
        if sentence.words:
            yield from _set(list(_cells(sentence, plain)), width)
        elif sentence.text:
            yield f"{sentence.text} ({sentence.language})"
        for warned in sentence.warnings:
            yield f"! {warned.message}"


def _cells(sentence: Sentence, plain: bool) -> Iterator[_Cell]:
    """Yield the cells of a sentence; what is written once and read as several words stands under the first.

    Signs stand with what is before them, but for opening ones, and before the break.
    """
    units = [unit for word in sentence.words for unit in _units(word, plain)]
    shown = 0
    starts = [start - sentence.start for _, start, _, _ in units] + [len(sentence.text)]
    if before := sentence.text[: starts[0]].strip():
        yield _Cell("", before)
    for (reading, start, end, break_after), following in zip(units, starts[1:], strict=True):
        shown = max(shown, start - sentence.start)
        after = max(shown, end - sentence.start, following)
        text = sentence.text[shown:after].rstrip()
        closed = text.rstrip(_OPENING)
        yield _Cell(reading, " ".join(closed.split()) + (f"#{break_after}" if break_after else ""))
        if text != closed:
            yield _Cell("", text[len(closed) :])
        shown = after


def _units(word: Word, plain: bool) -> Iterator[tuple[str, int, int, int]]:
    """Yield what is read in one go, such as a number: its reading, where it starts and ends, the break after it."""
    syllables: list[Syllable] = []
    for syllable in word.syllables:
        if syllables and syllable.start >= syllables[-1].end and (syllable.pinyin or syllables[-1].pinyin):
            yield *_unit(syllables, plain), 0
            syllables = []
        syllables.append(syllable)
    yield *_unit(syllables, plain), word.break_after


def _unit(syllables: list[Syllable], plain: bool) -> tuple[str, int, int]:
    said = (reading_of(syllable, plain) or ".".join(syllable.phones) for syllable in syllables)
    return " ".join(said), syllables[0].start, syllables[-1].end


def _set(cells: list[_Cell], width: int) -> Iterator[str]:
    """Yield the cells in pairs of lines."""
    row: list[_Cell] = []
    for cell in cells:
        if row and sum(one.columns + 1 for one in row) + cell.columns > width:
            yield from _lines(row)
            row = []
        row.append(cell)
    yield from _lines(row)


def _lines(row: list[_Cell]) -> Iterator[str]:
    for texts in ([cell.reading for cell in row], [cell.text for cell in row]):
        padded = (text + " " * (cell.columns - columns(text)) for text, cell in zip(texts, row, strict=True))
        yield " ".join(padded).rstrip()
