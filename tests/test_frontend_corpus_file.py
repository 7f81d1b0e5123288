"""Checks the golden corpus itself: its form, its syllables, its sources, and that there is enough of it."""

import re
from collections import Counter
from itertools import pairwise

import pytest

from tests.test_frontend_corpus import CORPUS
from tts.frontend.syllables import Syllables

COLUMNS = ["id", "category", "text", "reading", "source", "note"]
HEADER, *ROWS = (
    line.split("\t") for line in CORPUS.read_text(encoding="utf-8").splitlines() if not line.startswith("#")
)

#: How many lines there are at least of each kind.
LEAST = {
    "numbers": 20, "years_dates": 20, "times": 10, "money": 12, "units": 20, "percent_fraction_ratio": 14,
    "ranges": 8, "ordinals": 6, "phones_ids": 14, "versions_models": 14, "email_url": 6, "math_symbols": 8,
    "fullwidth": 8, "roman": 5, "emoji": 4, "english": 25, "traditional": 42, "polyphones": 160, "names": 35,
    "yi_bu": 30, "third_tone": 25, "neutral": 40, "reduplication": 16, "erhua": 30, "sentences": 20, "prosody": 56,
    "chat": 35, "news": 24, "product": 21, "address": 8, "phones": 5, "dates": 3, "sports": 11, "brands": 14,
    "poems": 28, "ssml": 20, "lexicon": 6, "warnings": 8,
}  # fmt: skip

#: An English word, in lower case, as it is written.
FOREIGN = re.compile(r"<[a-z][a-z'.-]*>")
#: Where a reading comes from; what was looked up there follows.
SOURCES = (
    "CC-CEDICT ",
    "phrase-pinyin-data pinyin.txt ",
    "phrase-pinyin-data zdic_cybs.txt ",
    "phrase-pinyin-data zdic_cibs.txt ",
    "Unihan kXHC1983 ",
    "Unihan kTGHZ2013 ",
    "WeTextProcessing ",
    "Baidu SSML documentation (",
    "Tencent SSML documentation (",
    "ttsfrd_samples.json line ",
    "PaddleSpeech textnorm_test_cases.txt ",
    "PaddleSpeech zh_text_frontend.md ",
    "PaddleSpeech tone_sandhi.py ",
    "PolyU tone sandhi ",
    "TCFL tone sandhi ",
    "Pronunciation Wiki ",
    "doi:10.3389/fpsyg.2021.713665 ",
    "NeMo-text-processing zh test_cases_",
    "light_text_process test_zh_tn_rule_helpers.py ",
    "HeidelTime resources/chinese ",
    "GB 3100-1993 ",
    "CMUdict ",
    "Unicode ",
    "W3C SSML 1.1 section ",
    "W3C XML 1.0 section ",
    "Alibaba Cloud SSML documentation (",
    "Azure SSML documentation (",
    "rule: ",
)
#: Lines that rest on general rules alone, as no source states what they show.
MOST_RULES = 2


def repeated(values: list[str]) -> list[str]:
    return [value for value, times in Counter(values).items() if times > 1]


def column(name: str) -> list[str]:
    """Return one column, without its header."""
    return [row[COLUMNS.index(name)] for row in ROWS]


def choices(slot: str) -> list[str]:
    """Return what a slot accepts: `[x]` may be left out, `a/b` is one or the other."""
    inner = slot[1:-1] if slot.startswith("[") and slot.endswith("]") else slot
    return inner.split("/")


def is_legal(choice: str, syllables: Syllables) -> bool:
    """Say whether a choice is a syllable in standard spelling with its tone, or an English word."""
    return (choice[-1:] in "12345" and syllables.legal(choice) == choice) or bool(FOREIGN.fullmatch(choice))


def pauses(category: str) -> tuple[str, ...]:
    """Return the slots of a line that are no syllables."""
    return ("#1", "#2", "#3") if category == "prosody" else ("|",)


@pytest.fixture(scope="module")
def syllables() -> Syllables:
    return Syllables()


def test_it_has_six_columns() -> None:
    assert HEADER == COLUMNS
    assert [row for row in ROWS if len(row) != len(COLUMNS)] == []
    assert [row for row in ROWS if any(cell != cell.strip() for cell in row)] == []


def test_only_the_note_may_be_empty() -> None:
    assert [row for row in ROWS if not all(row[:5])] == []


def test_readings_are_written_in_legal_syllables(syllables: Syllables) -> None:
    wrong = [
        (row[0], slot)
        for row in ROWS
        for slot in row[3].split(" ")
        if slot not in pauses(row[1]) and not all(is_legal(choice, syllables) for choice in choices(slot))
    ]
    assert wrong == []


def test_a_pause_stands_between_syllables() -> None:
    silent = [[slot in pauses(row[1]) for slot in row[3].split(" ")] for row in ROWS]
    assert [row for row in silent if row[0] or row[-1] or (True, True) in pairwise(row)] == []


def test_every_line_names_its_source() -> None:
    assert [(row[0], row[4]) for row in ROWS if not row[4].startswith(SOURCES)] == []


def test_the_head_counts_the_lines_and_those_that_rest_on_rules() -> None:
    head = "".join(line for line in CORPUS.read_text(encoding="utf-8").splitlines() if line.startswith("#"))
    rules = sum(source.startswith("rule: ") for source in column("source"))
    assert f"{len(ROWS)} lines" in head
    assert f"{rules} lines are `rule: ...`" in head
    assert rules <= MOST_RULES


@pytest.mark.parametrize("name", ["id", "text"])
def test_nothing_is_there_twice(name: str) -> None:
    assert repeated(column(name)) == []


def test_there_is_enough_of_everything() -> None:
    found = Counter(column("category"))
    assert {name: found[name] for name, least in LEAST.items() if found[name] < least} == {}
    assert set(found) == set(LEAST)
    assert found.total() >= 980
