"""Japanese text as kana: which words can be read, how, and which characters each sound comes from."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from sudachipy import Dictionary, Morpheme, SplitMode

from tts.engines.espeak.japanese_numbers import counted, is_number
from tts.frontend.characters import HAN, HIRAGANA, KATAKANA

#: Everyday readings where the dictionary gives the stiff one.
_READINGS = {
    "私": "ワタシ",
    "明日": "アシタ",
    "日本": "ニホン",
    "昨日": "キノウ",
    "一日": "イチニチ",
    "三十日": "サンジュウニチ",
}

_HAN = re.compile(f"[{HAN}〆]")
_KANA = re.compile(f"[{HIRAGANA}{KATAKANA}]")
_SMALL = frozenset("ァィゥェォャュョヮッンー")
#: Parts of speech that lean on the word before them.
_LEANING = frozenset({"助詞", "助動詞", "接尾辞", "補助記号"})


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the text with its sound."""

    kana: str
    """Empty when nobody can say how the word is read."""
    start: int
    length: int
    leans: bool
    """Whether it is said in one breath with the word before it."""


class Japanese:
    """Finds words and their readings in a dictionary, which is opened once, when this is made."""

    def __init__(self) -> None:
        self._dictionary = Dictionary(dict="small")

    def words(self, text: str) -> list[Word]:
        """Return the words of a text in order, without gaps."""
        # A tokenizer must not be used by two threads at once; making one costs next to nothing.
        morphemes = self._dictionary.tokenizer(mode=SplitMode.C).tokenize(text)
        return list(_words([m for m in morphemes if m.end() > m.begin()]))

    def unreadable(self, text: str) -> list[tuple[int, int]]:
        """Return where the words stand that have Han characters but no reading, as (start, end)."""
        return [(word.start, word.start + word.length) for word in self.words(text) if not word.kana]


def _words(morphemes: list[Morpheme]) -> Iterator[Word]:
    number = ""
    for position, morpheme in enumerate(morphemes):
        surface = unicodedata.normalize("NFKC", morpheme.surface())
        following = morphemes[position + 1].surface() if position + 1 < len(morphemes) else ""
        if is_number(surface):
            kana, _ = counted(surface, following)
        elif number and counted(number, surface)[1]:
            kana = counted(number, surface)[1]
        else:
            kana = _reading(morpheme, surface)
        leans = bool(number) or morpheme.part_of_speech()[0] in _LEANING
        yield Word(kana, morpheme.begin(), morpheme.end() - morpheme.begin(), leans)
        number = surface if is_number(surface) else ""


def _reading(morpheme: Morpheme, surface: str) -> str:
    part = morpheme.part_of_speech()[0]
    if part == "助詞" and surface in ("は", "へ"):
        return {"は": "ワ", "へ": "エ"}[surface]
    if part in ("接続詞", "感動詞") and surface.endswith("は") and len(surface) > 1:
        return surface[:-1] + "ワ"
    if surface in _READINGS:
        return _READINGS[surface]
    reading = str(morpheme.reading_form())
    known = part != "補助記号" and re.fullmatch(r"[ァ-ヺー]+", reading)
    if _HAN.search(surface):
        return reading if known else ""
    return surface if _KANA.search(surface) or not known else reading


def spread(word: Word) -> list[tuple[str, int]]:
    """Return each kana of a word with the offset, within the text, of the character it is heard for."""
    beats = max(1, sum(kana not in _SMALL for kana in word.kana))
    placed: list[tuple[str, int]] = []
    beat = -1
    for kana in word.kana:
        beat += kana not in _SMALL or beat < 0
        placed.append((kana, word.start + min(beat * word.length // beats, word.length - 1)))
    return placed
