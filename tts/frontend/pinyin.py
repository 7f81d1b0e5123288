"""Chinese characters to pinyin: one citation reading for each, chosen by what stands around it."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from tts.frontend.contexts import Contexts
from tts.frontend.lexicon import Lexicon
from tts.frontend.polyphones import Polyphones
from tts.frontend.surnames import Surnames
from tts.frontend.vocabulary import Match, Phrases, Words, parsed

DATA = Path(__file__).parent / "data"

#: How far a word can reach beyond the asked stretch, in characters.
_REACH = 12


class Pinyin:
    """Reads simplified Chinese text; made once and shared by threads.

    Readings are citation forms such as `hang2` or `lv4`, with 5 for the neutral tone: 一 is always `yi1`, 不 `bu4`.
    """

    def __init__(self, lexicon: Lexicon | None = None) -> None:
        self._characters = dict(_characters(_lines("characters.txt")))
        contexts = Contexts(_lines("polyphones.txt"))
        with np.load(DATA / "polyphones.npz") as weights:
            self._polyphones = Polyphones(dict(weights), contexts)
        self._contexts = contexts
        self._phrases = Phrases(parsed(_lines("phrases.txt")))
        fixed = parsed(_lines("words.txt"))
        self._words = Phrases(fixed)
        self._words_and_neutral = Phrases(self._neutral(_lines("neutral.txt")) | fixed)
        self._surnames = Surnames(_lines("surnames.txt"))
        self._lexicon = lexicon

    def readings(self, character: str) -> tuple[str, ...]:
        """Return every reading of a character, the usual one first; none when it is not Chinese."""
        contexts = self._contexts.readings.get(character, ())
        return tuple(dict.fromkeys((*self._characters.get(character, ()), *contexts)))

    def read(
        self,
        text: str,
        start: int = 0,
        end: int | None = None,
        words: Sequence[tuple[int, int]] | None = None,
        neutral: bool = True,
    ) -> list[str]:
        """Return a reading for each code point of `text[start:end]`, empty where it is no Chinese character.

        `words` are where the segmenter found words in `text`; the whole text is looked at, whatever part is asked for.
        Without `neutral`, characters keep the tone that some words take from them: 知识 is `zhi1 shi2`.
        """
        return self.read_both(text, start, end, words)[neutral]

    def read_both(
        self, text: str, start: int = 0, end: int | None = None, words: Sequence[tuple[int, int]] | None = None
    ) -> tuple[list[str], list[str]]:
        """Return the readings as `read` gives them without and with `neutral`."""
        end = len(text) if end is None else end
        known = Words(words or ())
        told = self._phrases.around(text, start, end, known)
        said = [self._usual(character) for character in text[start:end]]
        for offset, word in enumerate(told):
            if word:
                said[offset] = word.readings[start + offset - word.start]
        for position, reading in self._polyphones.choose(text, start, end, told).items():
            said[position - start] = reading
        both = list(said), said
        for found, fixed in zip(both, (self._words, self._words_and_neutral), strict=True):
            for match in self._certain(text, start, end, known, fixed):
                for offset, reading in enumerate(match.readings, match.start - start):
                    if reading and 0 <= offset < len(found):
                        found[offset] = reading
        return both

    def apart(self, text: str) -> frozenset[int]:
        """Return where 儿 is a syllable of its own as the user's words have it: hua1 er2, where er5 tells nothing."""
        if not self._lexicon or "儿" not in text:
            return frozenset()
        return frozenset(
            match.start + at
            for match in self._lexicon.phrases().leftmost(text)
            for at, reading in enumerate(match.readings)
            if text[match.start + at] == "儿" and reading != "er5"
        )

    def _usual(self, character: str) -> str:
        known = self._characters.get(character)
        return known[0] if known else ""

    def _certain(self, text: str, start: int, end: int, known: Words, fixed: Phrases) -> Iterator[Match]:
        """Yield what needs no weighing, the most certain last."""
        low, high = max(0, start - _REACH), end + _REACH
        near = text[low:high]
        yield from _moved(low, self._surnames.find(near, self._phrases))
        for match in _moved(low, fixed.leftmost(near)):
            if known.agree(match.start, match.end) and not _doubled(text, match):
                yield match
        if self._lexicon:
            yield from _moved(low, self._lexicon.phrases().leftmost(near))

    def _neutral(self, lines: Iterable[str]) -> dict[str, tuple[str, ...]]:
        words = (word for line in lines for word in line.split())
        return {word: ("",) * (len(word) - 1) + (self._usual(word[-1])[:-1] + "5",) for word in words}


def _doubled(text: str, match: Match) -> bool:
    """Tell whether each half of a word is said twice, where neither is neutral: 清楚 in 清清楚楚."""
    around = text[match.start - 1 : match.start] + text[match.end : match.end + 1]
    return len(around) == 2 == match.end - match.start and around == text[match.start : match.end]


def _moved(by: int, matches: Iterable[Match]) -> Iterator[Match]:
    return (Match(match.start + by, match.readings) for match in matches)


def _characters(lines: Iterable[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for line in lines:
        character, *readings = line.split()
        yield character, tuple(readings)


def _lines(name: str) -> list[str]:
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]
