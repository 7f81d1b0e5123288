"""How the program reads a sample of sentences that others have read: characters with several readings."""

import csv

from tests.server import ROOT
from tts.frontend import Reader
from tts.types import Syllable

SAMPLE = ROOT / "tests" / "vectors" / "polyphones.tsv"
#: The share that is asked for on the whole development part, see `tts/frontend/data/README.md`.
LEAST = 0.985


def test_a_sample_of_the_development_part_is_read_as_people_read_it(reader: Reader) -> None:
    """The sample gives the tone that a character has by itself, so the citation is compared."""
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader((row for row in file if not row.startswith("#")), delimiter="\t", quoting=3))
    wrong = [
        (row["text"], row["reading"], said)
        for row in rows
        if (said := citation(reader, row["text"], int(row["position"]))) != row["reading"]
    ]
    assert len(rows) >= 390
    assert len(wrong) <= (1 - LEAST) * len(rows), wrong


def citation(reader: Reader, text: str, at: int) -> str:
    """Return the citation reading of the character at a place, empty where it is not spoken."""
    syllables: list[Syllable] = [
        syllable
        for sentence in reader.read(text, "zh")
        for word in sentence.words
        for syllable in word.syllables
        if syllable.start <= at < syllable.end
    ]
    return syllables[0].citation if syllables else ""
