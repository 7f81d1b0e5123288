"""Reads the golden corpus: every line as its source says."""

import csv
import unicodedata
from collections.abc import Iterator
from itertools import product

import pytest

from tests.server import ROOT
from tts.frontend import Reader
from tts.types import Sentence, Word

CORPUS = ROOT / "tests" / "vectors" / "frontend.tsv"


def lines() -> Iterator[dict[str, str]]:
    with CORPUS.open(encoding="utf-8", newline="") as file:
        rows = (row for row in file if not row.startswith("#"))
        yield from csv.DictReader(rows, delimiter="\t", quoting=csv.QUOTE_NONE)


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


def said(text: str, reader: Reader, breaks: bool = False) -> list[str]:
    """Return what is spoken: pinyin, foreign words in angle brackets, and a bar at each pause inside.

    With `breaks`, each break between prosodic words stands instead, as `#1` to `#3`.
    """
    slots: list[str] = []
    for sentence in reader.read(text, "zh"):
        if sentence.words and slots and sentence.start and _paused(text, sentence):
            slots.append("#3" if breaks else "|")
        for word in sentence.words:
            slots += _word(text, word)
            if word is not sentence.words[-1] and (breaks or word.break_after >= 3):
                slots.append(f"#{word.break_after}" if breaks else "|")
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


@pytest.mark.parametrize("line", list(lines()), ids=lambda line: line["id"])
def test_a_line_is_read_as_its_source_says(line: dict[str, str], reader: Reader) -> None:
    heard = said(line["text"], reader, breaks=line["category"] == "prosody")
    assert heard in list(accepted(line["reading"])), " ".join(heard)
