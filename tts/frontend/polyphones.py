"""How a character with several readings is read where it stands, by its neighbours, by words, and by a network."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import mul
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tts.frontend.contexts import Contexts
from tts.frontend.network import Network
from tts.frontend.vocabulary import Match

#: From this length on, a word in the dictionary settles the matter.
IDIOM = 4

#: How much text around the asked stretch the network reads, in characters.
_BEFORE, _AFTER = 60, 40
_SENTENCE = re.compile(r"[^。！？!?\n]*[。！？!?\n]*")

#: How many characters, with the one in question, a context has that may be overruled.
WEAK = 2


@dataclass(frozen=True, slots=True)
class _Hints:
    told: str
    """How the longest word around the character reads it."""
    length: int
    """Of that word."""
    beside: str
    """How the neighbours read it."""
    settled: str
    """The reading, when nothing needs to be weighed."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """What a character can be read as."""

    readings: tuple[str, ...]
    classes: NDArray[np.int64]  # (readings,), of the network
    biases: list[float]  # one for each reading


class Polyphones:
    """Chooses among the readings that a character is known to have."""

    def __init__(self, weights: Mapping[str, NDArray[Any]], contexts: Contexts) -> None:
        self._network = Network(weights)
        self._contexts = contexts
        self._candidates = dict(_candidates(weights))
        self._trust = weights["trust"].tolist()  # 4 of them: see `evidence`
        self._word_trust = weights["word_trust"].tolist()  # 3 of them: words of two, three, more characters

    def readings(self, character: str) -> tuple[str, ...]:
        """Return the readings that can be chosen, none for a character that is not decided here."""
        known = self._candidates.get(character)
        return known.readings if known else ()

    def choose(self, text: str, start: int, end: int, words: Sequence[Match | None]) -> dict[int, str]:
        """Return readings for positions of `text[start:end]`; `words` are the dictionary's, one per character."""
        chosen: dict[int, str] = {}
        for first, last, low, high in _stretches(text, start, end):
            unsure: dict[int, _Hints] = {}
            for position in range(first, last):
                character = text[position]
                if character not in self._candidates and character not in self._contexts.readings:
                    continue
                hints = self._hints(text, position, words[position - start])
                if character in self._candidates and not hints.settled:
                    unsure[position] = hints
                elif reading := hints.settled or hints.beside:
                    chosen[position] = reading
            if unsure:
                known = [self._candidates[text[position]] for position in unsure]
                places = [position - low for position in unsure]
                scores = self._network.scores(text[low:high], places, [it.classes for it in known])
                for position, it, row in zip(unsure, known, scores, strict=True):
                    chosen[position] = self._weigh(it, unsure[position], row.tolist())
        return chosen

    def _hints(self, text: str, position: int, word: Match | None) -> _Hints:
        told, length = (word.readings[position - word.start], len(word.readings)) if word else ("", 0)
        if length >= IDIOM:
            return _Hints(told, length, "", told)
        beside, width = self._contexts.find(text, position)
        # One neighbour alone is weak where a word says otherwise: then the network is asked, too.
        firm = width > WEAK or not told or told == beside
        return _Hints(told, length, beside, beside if firm else "")

    def _weigh(self, known: Candidates, hints: _Hints, scores: Sequence[float]) -> str:
        speaking = evidence(scores)
        likeliest = known.readings[scores.index(max(scores))]
        if hints.beside and likeliest != hints.told:
            return hints.beside
        total = [sum(map(mul, row, self._trust)) + bias for row, bias in zip(speaking, known.biases, strict=True)]
        if hints.told in known.readings:
            total[known.readings.index(hints.told)] += self._word_trust[min(hints.length, IDIOM) - 2]
        return known.readings[total.index(max(total))]


def evidence(scores: Sequence[float]) -> list[tuple[float, float, float, float]]:
    """Return what the network's scores of the candidates say, each in four ways how sure it is."""
    best = -math.log(math.fsum(math.exp(score - max(scores)) for score in scores))
    logs = [score - max(scores) + best for score in scores]
    return [(max(log, -10) / 4, max(log, -3), float(log == best), math.exp(log)) for log in logs]


def _candidates(weights: Mapping[str, NDArray[Any]]) -> Iterator[tuple[str, Candidates]]:
    ends = np.cumsum(weights["counts"])
    names = str(weights["readings"]).split()
    for character, end, count in zip(str(weights["characters"]), ends, weights["counts"], strict=True):
        part = slice(int(end - count), int(end))
        classes = weights["classes"][part].astype(np.int64)
        yield character, Candidates(tuple(names[part]), classes, weights["biases"][part].tolist())


def _stretches(text: str, start: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield the parts of `text[start:end]` that lie in one sentence each, and the text to read for them."""
    for sentence in _SENTENCE.finditer(text, _sentence_start(text, start)):
        first, last = max(start, sentence.start()), min(end, sentence.end())
        while first < last:
            until = min(last, first + _BEFORE + _AFTER)
            yield first, until, max(sentence.start(), first - _BEFORE), min(sentence.end(), until + _AFTER)
            first = until
        if sentence.end() >= end:
            return


def _sentence_start(text: str, position: int) -> int:
    """Return where the sentence around a position begins."""
    return max(text.rfind(stop, 0, position) for stop in "。！？!?\n") + 1
