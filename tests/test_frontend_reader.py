"""What the front end makes of a text: sentences that cover it, in languages that can read them."""

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tts.engines.espeak.japanese import Japanese
from tts.frontend import Reader
from tts.types import Sentence

#: Scripts with and without a reader, numbers in many forms, punctuation, emoji with joiners, controls, private use.
CHARACTERS = (
    "我们银行。，！？aZéß.,:;'\"-()123٣२①½㎏℃€%☆\n\r\t のカｶﾞ々ー안Яλשע😀👍🏽\u200d\ufe0f\u20e3\u0301གད\ue000\x07𠀀〇"
)

texts = st.text(st.one_of(st.sampled_from(CHARACTERS), st.characters(exclude_categories=["Cs"])), max_size=150)
languages = st.sampled_from(["zh", "en", "ja", "ko", "ru", "ar", "yue", "hak", "zh-Hant-TW", None])


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(unread_japanese=Japanese().unreadable)


def shape(sentences: list[Sentence]) -> list[tuple[str, str]]:
    return [(sentence.text, sentence.language) for sentence in sentences]


def named(sentences: list[Sentence]) -> str:
    return " ".join(warned.message for sentence in sentences for warned in sentence.warnings)


@settings(deadline=None, max_examples=400)
@given(text=texts, language=languages)
def test_sentences_cover_the_text_in_order_and_nothing_is_dropped_silently(
    reader: Reader, text: str, language: str | None
) -> None:
    sentences = list(reader.read(text, language))
    at = 0
    gaps = []
    for sentence in sentences:
        assert sentence.start >= at
        assert text[sentence.start : sentence.start + len(sentence.text)] == sentence.text
        gaps.append(text[at : sentence.start])
        at = sentence.start + len(sentence.text)
    message = named(sentences)
    for character in "".join([*gaps, text[at:]]):
        if unicodedata.category(character)[0] in "LN":
            assert character in message or f"U+{ord(character):04X}" in message
    assert all(sentence.text for sentence in sentences[:-1])


@pytest.mark.parametrize("text", ["", " \n\t", "。。。！", "——…", "*~_", "'\"()"])
def test_a_text_of_punctuation_says_nothing(reader: Reader, text: str) -> None:
    assert list(reader.read(text, "zh")) == []


def test_a_text_of_emoji_is_one_silent_sentence_with_the_warning(reader: Reader) -> None:
    (sentence,) = reader.read("😀👨‍👩‍👧", "zh")
    assert (sentence.text, sentence.start, sentence.warnings[0].code) == ("", 6, "unreadable")
    assert "😀" in sentence.warnings[0].message
    assert "👨‍👩‍👧" in sentence.warnings[0].message


def test_a_warning_comes_with_the_next_sentence(reader: Reader) -> None:
    first, second = reader.read("你好😀世界", "zh")
    assert (first.text, first.warnings) == ("你好", ())
    assert (second.text, second.warnings[0].message) == ("世界", "not spoken: 😀")


def test_invisible_characters_are_named_by_their_code(reader: Reader) -> None:
    assert "U+0007 U+E000" in named(list(reader.read("a\x07\ue000", "en")))


def test_the_first_sentence_comes_before_the_rest_is_read(reader: Reader) -> None:
    class Watched(str):
        furthest = 0

        def __getitem__(self, key: object) -> str:
            if isinstance(key, slice) and key.stop is not None:
                Watched.furthest = max(Watched.furthest, key.stop)
            return str.__getitem__(self, key)  # type: ignore[index]  # passes on whatever it was asked

    assert next(reader.read(Watched("你好。" + "今天天气很好。" * 400), "zh")).text == "你好。"
    assert Watched.furthest < 10


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Hello 世界!", [("Hello", "en"), ("世界!", "zh")]),
        ("zh", "我爱Привет и γεια", [("我爱", "zh"), ("Привет и", "ru"), ("γεια", "el")]),
        ("zh", "我用iPhone打电话", [("我用iPhone打电话", "zh")]),
        ("zh", "鲜の每日", [("鲜", "zh"), ("の", "ja"), ("每日", "zh")]),
        ("zh", "他喜欢。私は元気です。", [("他喜欢。", "zh"), ("私は元気です。", "ja")]),
        ("zh", "我喜欢喝おいしい牛奶", [("我喜欢喝", "zh"), ("おいしい", "ja"), ("牛奶", "zh")]),
        ("ja", "東京へ行くAIです", [("東京へ行く", "ja"), ("AI", "en"), ("です", "ja")]),
        ("ja", "鱻鱼が好き", [("鱻鱼", "zh"), ("が好き", "ja")]),
        ("en", "I like 東京タワー.", [("I like", "en"), ("東京タワー.", "ja")]),
        ("ko", "안녕 世界", [("안녕", "ko"), ("世界", "zh")]),
        ("de", "Straße สวัสดี नमस्ते", [("Straße", "de"), ("สวัสดี", "th"), ("नमस्ते", "hi")]),
        ("zh-Hant-TW", "電話ㄅㄆ", [("電話ㄅㄆ", "zh-Hant-TW")]),
        ("yue", "你好", [("你好", "yue")]),
        ("zh", "5😀6", [("5", "zh"), ("6", "zh")]),
        (None, "안녕하세요", [("안녕하세요", "ko")]),
        (None, "12345", [("12345", "en")]),
    ],
)
def test_each_run_goes_to_a_language_that_reads_it(
    reader: Reader, language: str | None, text: str, expected: list[tuple[str, str]]
) -> None:
    assert shape(list(reader.read(text, language))) == expected


def test_a_script_that_no_voice_speaks_is_left_out_with_a_warning() -> None:
    sentences = list(Reader(["zh", "en-US"]).read("你好 мир 再见", "zh"))
    assert shape(sentences) == [("你好", "zh"), ("再见", "zh")]
    assert re.search("м и р", named(sentences))


@pytest.mark.parametrize(
    ("language", "text", "left_out"),
    [("zh", "5☆", "☆"), ("ja", "5€", "€"), ("ml", "ബ൶", "൶"), ("en", "€5 ×", None), ("zh", "25℃", None)],
)
def test_symbols_are_spoken_where_the_language_has_a_word_for_them(
    reader: Reader, language: str, text: str, left_out: str | None
) -> None:
    assert named(list(reader.read(text, language))) == (f"not spoken: {left_out}" if left_out else "")


def test_a_cut_leaves_the_break_that_its_punctuation_asks_for(reader: Reader) -> None:
    sentences = reader.read("今天是个好日子，我们一起去公园。明天：再去", "zh")
    assert [sentence.words[-1].break_after for sentence in sentences] == [3, 4, 3, 4]


def test_a_clause_that_is_cut_for_its_length_leaves_the_break_of_a_phrase(reader: Reader) -> None:
    first, *_ = reader.read("我们" * 40, "zh")
    assert first.words[-1].break_after == 2
