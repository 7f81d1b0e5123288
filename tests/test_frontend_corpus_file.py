"""Checks the golden corpus itself: its form, its syllables, its sources, and that there is enough of it."""

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.server import ROOT
from tts.frontend.syllables import Syllables

COLUMNS = ["id", "category", "text", "reading", "source", "note"]
FILES = sorted((ROOT / "tests" / "vectors").glob("frontend_*.tsv"))

#: How many lines of each kind of written form there are at least.
WRITTEN = {
    "numbers": 20, "years_dates": 20, "times": 10, "money": 12, "units": 20, "percent_fraction_ratio": 14,
    "ranges": 8, "ordinals": 6, "phones_ids": 14, "versions_models": 14, "email_url": 6, "math_symbols": 8,
    "fullwidth": 8, "roman": 5, "emoji": 4, "english": 25, "traditional": 42,
}  # fmt: skip

#: An English word, in lower case, as it is written.
FOREIGN = re.compile(r"<[a-z][a-z'.-]*>")


def rows(path: Path) -> list[list[str]]:
    return [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]


def repeated(values: list[str]) -> list[str]:
    return [value for value, times in Counter(values).items() if times > 1]


def column(name: str) -> list[str]:
    """Return one column of all files, without their headers."""
    return [row[COLUMNS.index(name)] for path in FILES for row in rows(path)[1:]]


def choices(slot: str) -> list[str]:
    """Return what a slot accepts: `[x]` may be left out, `a/b` is one or the other."""
    inner = slot[1:-1] if slot.startswith("[") and slot.endswith("]") else slot
    return inner.split("/")


def is_legal(choice: str, syllables: Syllables) -> bool:
    """Say whether a choice is a syllable in standard spelling with its tone, or an English word."""
    return (choice[-1:] in "12345" and syllables.legal(choice) == choice) or bool(FOREIGN.fullmatch(choice))


@pytest.fixture(scope="module")
def syllables() -> Syllables:
    return Syllables()


each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)


@each_file
def test_a_file_has_six_columns(path: Path) -> None:
    header, *lines = rows(path)
    assert header == COLUMNS
    assert [line for line in lines if len(line) != len(COLUMNS)] == []
    assert [line for line in lines if any(cell != cell.strip() for cell in line)] == []


@each_file
def test_only_the_note_may_be_empty(path: Path) -> None:
    assert [line for line in rows(path)[1:] if not all(line[:5])] == []


@each_file
def test_readings_are_written_in_legal_syllables(path: Path, syllables: Syllables) -> None:
    wrong = [
        (line[0], slot)
        for line in rows(path)[1:]
        for slot in line[3].split(" ")
        if slot != "|" and not all(is_legal(choice, syllables) for choice in choices(slot))
    ]
    assert wrong == []


@each_file
def test_a_pause_stands_between_syllables(path: Path) -> None:
    spoken = [line[3].split(" ") for line in rows(path)[1:]]
    assert [slots for slots in spoken if "|" in (slots[0], slots[-1]) or "| |" in " ".join(slots)] == []


@pytest.mark.parametrize("name", ["id", "text"])
def test_nothing_is_there_twice(name: str) -> None:
    assert repeated(column(name)) == []


def test_there_is_enough_of_every_written_form() -> None:
    found = Counter(line[1] for line in rows(ROOT / "tests" / "vectors" / "frontend_written.tsv")[1:])
    assert {name: found[name] for name, least in WRITTEN.items() if found[name] < least} == {}
    assert found.total() >= 220
