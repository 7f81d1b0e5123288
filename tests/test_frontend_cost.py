"""Reading costs in proportion to the length of a text, whatever it is made of, and long texts are cut between words."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tts.frontend import Reader

#: What texts are made of that have been slow, or might be: signs that many rules begin or go on with.
PIECES = [
    *"1/(#一儿行的~.,:-@%+=^&a中著零点第年$\"'《—…\n ",
    "1/", "1,", "1.", "1-", "1:", "a1", "a.", "a@", "一一一", "http://a.b/", "www.", "Mr. ", "IV ", "5kg", "$1", "3%",
    "あ漢", "日本の", "한", "é", "e\u0301", "\u200d", "\u0301", "\ufe0f", "😀", "🇨🇳", "１", "①", "ⅳ", "½",
]  # fmt: skip
SHORT, LONG = 2000, 20_000
#: Ten times the text may cost ten times as much, and half as much again on a busy machine; a square would be 100 times.
MOST_TIMES = 15
#: Less than this is too little to be compared.
LEAST_S = 0.03


def cost_s(reader: Reader, text: str) -> float:
    started_s = time.process_time()
    for _ in reader.read(text):
        pass
    return time.process_time() - started_s


def grows_too_fast(reader: Reader, piece: str) -> bool:
    short, long = (piece * (length // len(piece)) for length in (SHORT, LONG))
    return cost_s(reader, long) > max(LEAST_S, MOST_TIMES * cost_s(reader, short))


@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map("".join))
def test_cost_is_linear_in_the_length(reader: Reader, piece: str) -> None:
    # Somebody else's work may spoil one measurement, but not three.
    assert not all(grows_too_fast(reader, piece) for _ in range(3))


@pytest.mark.parametrize("piece", ["1,", "🇨🇳", "a", "(", "行", "1:", "\u200d😀"])
def test_what_has_been_quadratic(reader: Reader, piece: str) -> None:
    assert not all(grows_too_fast(reader, piece) for _ in range(3))


@pytest.mark.parametrize("piece", ["行", "银行行长", "1,", "a", "あ漢", "1(", "1、", "a.", "\u0301a"])
def test_the_first_sentence_of_a_long_text_does_not_wait_for_the_rest(reader: Reader, piece: str) -> None:
    text = (piece * 20_000)[:20_000]
    first = next(reader.read(text))
    assert first.start + len(first.text) < 300


@pytest.mark.parametrize("word", ["人工智能", "银行", "展览馆", "莫名其妙", "圖書館"])
def test_a_text_without_punctuation_is_cut_between_words(reader: Reader, word: str) -> None:
    text = word * (1000 // len(word))
    sentences = list(reader.read(text, "zh"))
    assert len(sentences) > 10
    assert "".join(sentence.text for sentence in sentences) == text
    assert all(sentence.start % len(word) == 0 for sentence in sentences)
