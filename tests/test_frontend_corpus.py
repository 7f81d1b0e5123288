"""Reads the golden corpus: every line as its source says."""

import csv
import unicodedata
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from tests.server import ROOT
from tts.frontend import Reader
from tts.types import Sentence, Word

FILES = sorted((ROOT / "tests" / "vectors").glob("frontend_*.tsv"))


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


#: Lines that are read wrong so far.
KNOWN = set((ROOT / "tests" / "vectors" / "frontend_misread.txt").read_text().split())

CORPUS = [line for path in FILES for line in lines(path)]


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


def said(text: str, reader: Reader) -> list[str]:
    """Return what is spoken: pinyin, foreign words in angle brackets, and a bar at each pause inside."""
    slots: list[str] = []
    for sentence in reader.read(text, "zh"):
        if sentence.words and slots and sentence.start and _paused(text, sentence):
            slots.append("|")
        for word in sentence.words:
            slots += _word(text, word)
            if word.break_after >= 3 and word is not sentence.words[-1]:
                slots.append("|")
    return slots


def _paused(text: str, sentence: Sentence) -> bool:
    return not text[: sentence.start].rstrip()[-1:].isalnum()


def _word(text: str, word: Word) -> Iterator[str]:
    foreign = [syllable for syllable in word.syllables if not syllable.pinyin]
    yield from (syllable.pinyin for syllable in word.syllables if syllable.pinyin)
    if foreign:
        source = text[foreign[0].start : foreign[-1].end]
        yield f"<{unicodedata.normalize('NFKC', source).lower()}>"


def accepted(expected: str) -> Iterator[list[str]]:
    """Yield every reading that a line accepts: `a/b` is one or the other, `[a]` may be left out."""
    slots = [
        [[choice] for choice in slot.split("/")] if not slot.startswith("[") else [[], [slot[1:-1]]]
        for slot in expected.split()
    ]
    for chosen in product(*slots):
        yield [slot for part in chosen for slot in part]


def marked(line: dict[str, str]) -> object:
    """Return a line as a test; one that is known to be read wrong must say so when it is read right."""
    marks = [pytest.mark.xfail(strict=True, reason="known misreading")] if line["id"] in KNOWN else []
    return pytest.param(line, id=line["id"], marks=marks)


@pytest.mark.parametrize("line", [marked(line) for line in CORPUS])
def test_a_line_is_read_as_its_source_says(line: dict[str, str], reader: Reader) -> None:
    heard = said(line["text"], reader)
    assert heard in list(accepted(line["reading"])), " ".join(heard)


def test_few_lines_are_misread() -> None:
    assert len(CORPUS) >= 600
    assert {line["id"] for line in CORPUS} >= KNOWN
    assert len(KNOWN) <= len(CORPUS) // 20
