"""From espeak-ng's word times to marks: one per Han character or kana, one per word of an alphabet."""

import re
from collections.abc import Sequence
from itertools import pairwise

from tts.engines.espeak.library import Word
from tts.engines.espeak.wording import Wording
from tts.frontend.characters import HAN, HIRAGANA, KATAKANA, of
from tts.frontend.script import is_cjk
from tts.types import Mark, Sentence

_CJK = f"[{HAN}{HIRAGANA}{KATAKANA}ーｰ]"
_LETTER = rf"(?!{_CJK})[{of('L', 'N')}][{of('M')}\u200c\u200d]*"
_UNIT = re.compile(rf"{_CJK}|(?:{_LETTER}[.,:'’\-]?)*{_LETTER}|[%+=&@#{of('Sc')}°]")


def marks(sentence: Sentence, words: Wording, heard: Sequence[tuple[int, float]], end_ms: float) -> tuple[Mark, ...]:
    """Return when each unit of a sentence is heard.

    `heard` are (character of the wording, milliseconds). Units that espeak-ng says in one go share its time by
    their length.
    """
    units = [found.span() for found in _UNIT.finditer(sentence.text)]
    if not units:
        return ()
    anchors = _anchors(units, words, heard, end_ms)
    made: list[Mark] = []
    for (first, from_ms), (after, to_ms) in pairwise(anchors):
        weights = [_weight(sentence.text, unit, words) for unit in units[first:after]]
        at_ms = from_ms
        for (start, end), weight in zip(units[first:after], weights, strict=True):
            until_ms = min(to_ms, at_ms + (to_ms - from_ms) * weight / sum(weights))
            made.append(Mark(sentence.text[start:end], sentence.start + start, at_ms, until_ms))
            at_ms = until_ms
    return tuple(made)


def milliseconds(words: Sequence[Word], scale: float, offset_ms: float) -> list[tuple[int, float]]:
    """Return word times in milliseconds of the sound that is sent, `scale` milliseconds per espeak-ng sample."""
    return [(word.position, word.sample * scale - offset_ms) for word in words]


def _anchors(
    units: list[tuple[int, int]], words: Wording, heard: Sequence[tuple[int, float]], end_ms: float
) -> list[tuple[int, float]]:
    """Return (unit, time) pairs that rise in both, from the first unit at 0 to one past the last at the end."""
    anchors = [(0, 0.0)]
    for position, at_ms in heard:
        if not 0 <= position < len(words.origins) or not anchors[-1][1] < at_ms < end_ms:
            continue
        origin = words.origins[position]
        unit = next((index for index, (_, end) in enumerate(units) if origin < end), len(units))
        if anchors[-1][0] < unit < len(units):
            anchors.append((unit, at_ms))
    return [*anchors, (len(units), end_ms)]


def _weight(text: str, unit: tuple[int, int], words: Wording) -> int:
    """Return the share of a unit: its kana where kanji were read as kana, otherwise its length."""
    start, end = unit
    said = [words.text[i] for i, origin in enumerate(words.origins) if start <= origin < end]
    kana = sum(is_cjk(character) for character in said)
    return max(1, kana if is_cjk(text[start]) else end - start)
