"""How Japanese is read: kanji, particles, numbers."""

import pytest

from tts.engines.espeak.japanese import Japanese, spread
from tts.engines.espeak.japanese_numbers import read


@pytest.fixture(scope="module")
def japanese() -> Japanese:
    return Japanese()


@pytest.mark.parametrize(
    ("text", "kana"),
    [
        ("私", "ワタシ"),
        ("私は東京へ行きます", "ワタシワトウキョウエイキます"),
        ("こんにちは", "こんにちワ"),
        ("母と花", "ハハとハナ"),
        ("国々", "クニグニ"),
        ("2026年", "ニセンニジュウロクネン"),
        ("２０２６年", "ニセンニジュウロクネン"),
        ("二〇二六年", "ニセンニジュウロクネン"),
        ("4月14日", "シガツジュウヨッカ"),
        ("1日", "ツイタチ"),
        ("9時10分", "クジジュップン"),
        ("3,000円", "サンゼンエン"),
        ("1人", "ヒトリ"),
        ("3.14", "サンテンイチヨン"),
        ("ｶﾞｽ", "ガス"),
        ("100%", "ヒャクパーセント"),
    ],
)
def test_reading(japanese: Japanese, text: str, kana: str) -> None:
    assert "".join(word.kana for word in japanese.words(text)) == kana


@pytest.mark.parametrize(
    ("digits", "kana"),
    [
        ("0", "レイ"),
        ("10", "ジュウ"),
        ("600", "ロッピャク"),
        ("8888", "ハッセンハッピャクハチジュウハチ"),
        ("10000", "イチマン"),
        ("1000000000000", "イッチョウ"),
        ("007", "レイレイナナ"),
        ("9" * 30, "キュウ" * 30),
    ],
)
def test_numbers(digits: str, kana: str) -> None:
    assert read(digits) == kana


def test_a_word_without_a_reading_is_named(japanese: Japanese) -> None:
    assert japanese.unreadable("鱻鱼が好き") == [(0, 2)]
    assert japanese.unreadable("寿司が好き") == []


def test_kana_is_spread_over_the_characters_it_is_heard_for(japanese: Japanese) -> None:
    (word,) = japanese.words("東京")
    assert spread(word) == [("ト", 0), ("ウ", 0), ("キ", 1), ("ョ", 1), ("ウ", 1)]
