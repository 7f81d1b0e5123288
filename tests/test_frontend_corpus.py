"""Reads the golden corpus: every line as its source says."""

import csv
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import product

import pytest

from tests.server import ROOT
from tts.frontend import Reader
from tts.frontend.ssml import parse
from tts.frontend.ssml_pieces import Document, plain
from tts.types import Sentence, Word

CORPUS = ROOT / "tests" / "vectors" / "frontend.tsv"


def lines() -> Iterator[dict[str, str]]:
    with CORPUS.open(encoding="utf-8", newline="") as file:
        rows = (row for row in file if not row.startswith("#"))
        yield from csv.DictReader(rows, delimiter="\t", quoting=csv.QUOTE_NONE)


@pytest.fixture(scope="module")
def reader_with_lexicon(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """Return a reader whose user has all the words that lines of the category lexicon ask for."""
    path = tmp_path_factory.mktemp("corpus") / "lexicon.tsv"
    entries = (line["note"].replace(" ", "\t", 1) for line in lines() if line["category"] == "lexicon")
    path.write_text("\n".join(entries), encoding="utf-8")
    return Reader(lexicon=str(path), tell=pytest.fail)


def parsed(text: str) -> Document:
    return parse(text) if text.startswith("<speak") else plain(text)


def said(text: str, sentences: Iterable[Sentence], breaks: bool = False) -> list[str]:
    """Return what is spoken: pinyin, foreign words in angle brackets, and a bar at each pause inside.

    With `breaks`, each break between prosodic words stands instead, as `#1` to `#3`.
    """
    slots: list[str] = []
    pause_ms = 0.0
    for sentence in sentences:
        if sentence.words and slots and (pause_ms or sentence.rest_ms):
            slots.append("#3" if breaks else "|")
        pause_ms = sentence.pause_ms
        for word in sentence.words:
            slots += _word(text, word)
            if word is not sentence.words[-1] and (breaks or word.break_after >= 3):
                slots.append(f"#{word.break_after}" if breaks else "|")
    return slots


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
def test_a_line_is_read_as_its_source_says(
    line: dict[str, str], reader: Reader, request: pytest.FixtureRequest
) -> None:
    category = line["category"]
    if category == "lexicon":
        reader = request.getfixturevalue("reader_with_lexicon")
    document = parsed(line["text"])
    sentences = list(reader.read_document(document, "zh"))
    heard = said(document.text, sentences, breaks=category == "prosody")
    assert heard in list(accepted(line["reading"])), " ".join(heard)
    if category in ("ssml", "lexicon", "warnings"):
        told = [warned.message for sentence in sentences for warned in sentence.warnings]
        assert told == ([line["note"]] if category == "warnings" else [])
