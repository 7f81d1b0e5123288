"""Sentences as they are read: the real lines, offsets, moods, foreign words, chosen readings."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.mandarin import AsWritten, mandarin, read, shown
from tts.frontend.hints import Hints
from tts.types import NEUTRAL, Sentence

GOLDEN = Path(__file__).parent / "vectors" / "golden_lines.tsv"
LINES = [line.split("\t") for line in GOLDEN.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]


@pytest.mark.parametrize(("text", "expected"), [(line[2], line[3]) for line in LINES], ids=[line[2] for line in LINES])
def test_the_real_lines_and_their_variants(text: str, expected: str) -> None:
    assert shown(read(text)) == expected


def test_there_are_six_variants_of_each_line() -> None:
    kinds = [(line[0], line[1]) for line in LINES]
    assert all(kinds.count((str(at), "variant")) == 6 and kinds.count((str(at), "real")) == 1 for at in range(8))


@settings(deadline=None)  # the first one loads the dictionary
@given(st.text(max_size=80))
def test_any_text_is_read_in_order(text: str) -> None:
    sentence = mandarin().read(Sentence(text, 7, "zh"), Hints())
    spans = [(syllable.start, syllable.end) for word in sentence.words for syllable in word.syllables]
    assert spans == sorted(spans)
    assert all(7 <= start < end <= 7 + len(text) for start, end in spans)
    assert [word.break_after for word in sentence.words[-1:]] in ([], [4])


def test_syllables_stand_for_what_was_written() -> None:
    written = "有256个"
    origins = ((0, 1), *[(1, 4)] * 5, (4, 5))
    sentence = mandarin({written: AsWritten("有二百五十六个", origins)}).read(Sentence(written, 10, "zh"), Hints())
    assert sentence.spoken == "有二百五十六个"
    spans = [(syllable.start, syllable.end) for word in sentence.words for syllable in word.syllables]
    assert spans == [(10, 11), *[(11, 14)] * 5, (14, 15)]


def test_readings_are_chosen_by_place_in_the_request() -> None:
    sentence = mandarin().read(Sentence("他行", 5, "zh"), Hints({6: "hang2", 5: "nonsense"}))
    assert shown(sentence) == "ta1hang2 #4"


def test_a_digit_has_no_reading_of_its_own() -> None:
    known = {"第1页": AsWritten("第一页", ((0, 1), (1, 2), (2, 3))), "10页": AsWritten("十页", ((0, 2), (2, 3)))}
    assert shown(mandarin(known).read(Sentence("10页", 0, "zh"), Hints({0: "yi1"}))) == "shi2ye4 #4"


def test_foreign_words_are_words_of_their_own() -> None:
    sentence = read("我用Python写")
    assert shown(sentence) == "wo3yong4 #1 p.ayth.aa.n #1 xie3 #4"
    first, second = sentence.words[1].syllables
    assert (first.start, first.end, first.stressed) == (2, 4, True)
    assert (second.start, second.end, second.stressed) == (4, 8, False)


def test_what_cannot_be_read_becomes_a_warning() -> None:
    sentence = read("我用Qqq写")
    assert [warning.code for warning in sentence.warnings] == ["unreadable"]
    assert shown(sentence) == "wo3yong4 #1 xie3 #4"
    assert read("我用AI写").warnings == ()
    known = {"好😀": AsWritten("好", ((0, 1),), ("😀",))}
    assert "😀" in mandarin(known).read(Sentence("好😀", 0, "zh"), Hints()).warnings[0].message


@pytest.mark.parametrize(
    ("text", "mood"),
    [("你好。", "statement"), ("你好吗？", "question"), ("好！", "exclamation"), ("真的？！", "question")],
)
def test_mood(text: str, mood: str) -> None:
    assert read(text).mood == mood


def test_what_was_there_stays() -> None:
    sentence = mandarin().read(Sentence("好", 3, "zh", 180.0), Hints())
    assert (sentence.text, sentence.start, sentence.pause_ms, NEUTRAL) == ("好", 3, 180.0, "neutral")


def test_silence_has_no_words() -> None:
    assert read("……").words == read("").words == ()
