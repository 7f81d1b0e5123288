"""Words whose characters are read in a known way, and the longest of them around each character of a text."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass


class Words:
    """Where the words of a text stand, as the segmenter found them; without any, every cut is as good."""

    def __init__(self, words: Iterable[tuple[int, int]] = ()) -> None:
        self._around = {position: word for word in words for position in range(*word)}

    def agree(self, start: int, end: int) -> bool:
        """Return whether a stretch cuts no word in two, unless it lies within one."""
        first = self._around.get(start, (start, end))
        last = self._around.get(end - 1, (start, end))
        return (first[0] == start or first[1] >= end) and (last[1] == end or last[0] <= start)


@dataclass(frozen=True, slots=True)
class Match:
    """A known word in a text."""

    start: int
    readings: tuple[str, ...]
    """One per character; empty where the word does not tell."""

    @property
    def end(self) -> int:
        """Where the word ends."""
        return self.start + len(self.readings)


class Phrases:
    """A dictionary of words to readings, searched for the longest."""

    def __init__(self, words: Mapping[str, tuple[str, ...]]) -> None:
        self._words = words
        lengths: dict[str, set[int]] = {}
        for word in words:
            lengths.setdefault(word[0], set()).add(len(word))
        self._reach = max(map(len, words), default=1)
        self._lengths = {first: tuple(sorted(known, reverse=True)) for first, known in lengths.items()}

    def __len__(self) -> int:
        return len(self._words)

    def starting(self, text: str, start: int) -> Iterator[Match]:
        """Yield the words that start there, the longest first."""
        for length in self._lengths.get(text[start], ()):
            readings = self._words.get(text[start : start + length])
            if readings:
                yield Match(start, readings)

    def leftmost(self, text: str) -> Iterator[Match]:
        """Yield words that do not overlap: from the left, at each place the longest."""
        position = 0
        while position < len(text):
            match = next(self.starting(text, position), None) if text[position] in self._lengths else None
            if match:
                yield match
            position = match.end if match else position + 1

    def around(self, text: str, start: int, end: int, words: Words) -> list[Match | None]:
        """Return, for each character from `start` to `end`, the longest word that tells its reading."""
        best: list[Match | None] = [None] * (end - start)
        for first in range(max(0, start - self._reach + 1), end):
            for match in self.starting(text, first) if text[first] in self._lengths else ():
                if match.end > start and words.agree(match.start, match.end):
                    _keep_longer(best, match, start)
        return best


def _keep_longer(best: list[Match | None], match: Match, start: int) -> None:
    for position in range(max(match.start, start), min(match.end, start + len(best))):
        other = best[position - start]
        if match.readings[position - match.start] and (other is None or len(match.readings) > len(other.readings)):
            best[position - start] = match


def parsed(lines: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the words of a list: a word and its readings, `-` where it does not tell, one line each."""
    words = {}
    for line in lines:
        word, *readings = line.split()
        words[word] = tuple("" if reading == "-" else reading for reading in readings)
    return words
