"""Stand-ins for the parts that the Mandarin reader is made from, and its words as a line of text."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import regex  # type: ignore[import-untyped]  # ships no types
from pypinyin import Style, lazy_pinyin, pinyin

from tts.frontend.hints import Hints, SayAs
from tts.frontend.mandarin import Mandarin
from tts.frontend.words import Words
from tts.types import Sentence


@dataclass(frozen=True)
class AsWritten:
    """A text in which nothing needs to be written out."""

    text: str
    origins: tuple[tuple[int, int], ...]
    unreadable: tuple[str, ...] = ()
    unfit: tuple[SayAs, ...] = ()


class PlainNormalizer:
    """Leaves everything as it is, but for the listed texts."""

    def __init__(self, known: dict[str, AsWritten]) -> None:
        self._known = known

    def normalize(self, text: str, sayings: Sequence[SayAs] = ()) -> AsWritten:
        return self._known.get(text) or AsWritten(text, tuple((at, at + 1) for at in range(len(text))))


class DictionaryPinyin:
    """Reads with pypinyin's dictionary alone."""

    def read(self, text: str, start: int = 0, end: int | None = None) -> list[str]:
        readings: list[str] = []
        for piece in regex.findall(r"\p{Han}+|\P{Han}", text):
            han = regex.match(r"\p{Han}", piece)
            readings += lazy_pinyin(piece, Style.TONE3, neutral_tone_with_five=True) if han else [""]
        return readings[start:end]

    def readings(self, character: str) -> tuple[str, ...]:
        return tuple(pinyin(character, Style.TONE3, heteronym=True, neutral_tone_with_five=True)[0])


@dataclass(frozen=True)
class Spelt:
    """A syllable of a foreign word."""

    start: int
    end: int
    phones: tuple[str, ...]
    stressed: bool


class FewWords:
    """Knows two words of English."""

    def read(self, token: str) -> list[Spelt]:
        return {
            "Python": [Spelt(0, 2, ("p", "ay"), True), Spelt(2, 6, ("th", "aa", "n"), False)],
            "AI": [Spelt(0, 1, ("ey",), False), Spelt(1, 2, ("ay",), True)],
        }.get(token, [])


@cache
def words() -> Words:
    """Return the dictionary, which takes a second to load."""
    return Words()


def mandarin(known: dict[str, AsWritten] | None = None) -> Mandarin:
    """Return a reader made of stand-ins."""
    return Mandarin(PlainNormalizer(known or {}), DictionaryPinyin(), FewWords(), words())


def read(text: str, readings: dict[int, str] | None = None) -> Sentence:
    """Return a sentence that is read."""
    return mandarin().read(Sentence(text, 0, "zh"), Hints(readings or {}))


def shown(sentence: Sentence) -> str:
    """Return the words of a sentence as `ni3hao3 #1 ma5 #4`."""
    return " ".join(
        "".join(syllable.pinyin or ".".join(syllable.phones) for syllable in word.syllables) + f" #{word.break_after}"
        for word in sentence.words
    )
