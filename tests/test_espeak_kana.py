"""Tests of `tts.engines.espeak.kana`: no kana is called "Japanese letter"."""

import pytest

from tts.config import Settings
from tts.engines import espeak
from tts.engines.espeak.kana import everyday
from tts.types import Sentence


@pytest.mark.parametrize(
    ("kana", "said"),
    [
        ("こゝろ", "こころ"),
        ("みすゞ", "みすず"),
        ("んー", "ん"),
        ("ㇰ", "ク"),
        ("ァ", "ア"),
        ("きゃ", "きゃ"),
        ("ラー", "ラー"),
    ],
)
def test_rare_kana_are_written_as_everyday_ones(kana: str, said: str) -> None:
    assert everyday(kana, "") == said


def test_every_kana_is_said_in_japanese() -> None:
    engine = espeak.open(Settings())
    voice = next(voice for voice in engine.voices if voice.language == "ja")
    kana = [chr(code) for code in (*range(0x3041, 0x3097), *range(0x309D, 0x30A0), *range(0x30A1, 0x3100))]
    for character in [*kana, *map(chr, range(0x31F0, 0x3200)), "んー", "こゝろ", "みすゞさん", "アイヌのㇰ", "っっ"]:
        assert "(en)" not in engine.phonemes(Sentence(character, 0, "ja"), voice), character
