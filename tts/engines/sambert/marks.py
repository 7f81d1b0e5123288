"""From the frames of each symbol to marks: when each character is heard."""

from collections.abc import Iterator
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from tts.engines.sambert.symbols import Symbols
from tts.types import Mark, Sentence, Syllable


def marks(sentence: Sentence, durations: NDArray[np.int64], symbols: Symbols, frame_ms: float) -> Iterator[Mark]:
    """Yield when each character of a sentence is heard, in order, counted from its first frame.

    `durations`, shape (n,), are the frames of the symbols that `symbols` writes for the sentence. Syllables
    that stand for the same characters, as those of a number do, make one mark.
    """
    for (start, end), group in groupby(_heard(sentence, durations, symbols), lambda one: (one[0].start, one[0].end)):
        said = list(group)
        text = sentence.text[start - sentence.start : end - sentence.start]
        pinyin = " ".join(syllable.pinyin for syllable, _, _ in said if syllable.pinyin)
        yield Mark(text, start, said[0][1] * frame_ms, said[-1][2] * frame_ms, pinyin)


def _heard(sentence: Sentence, durations: NDArray[np.int64], symbols: Symbols) -> Iterator[tuple[Syllable, int, int]]:
    """Yield each syllable with the frame where it begins and the one where it has ended."""
    edges = [0, *np.cumsum(durations).tolist()]
    at = 0
    for word in sentence.words:
        for syllable in word.syllables:
            after = at + len(symbols.phones(syllable))
            yield syllable, edges[at], edges[after]
            at = after
        at += 1  # the pause after the word
