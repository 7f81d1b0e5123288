"""Cuts a sentence where its style changes, between words and not within them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from tts.frontend.characters import UNSPACED, of
from tts.types import Sentence, Style, Syllable, Warned, Word

_AUDIBLE = re.compile(f"[{of('L', 'N', 'S')}]")
_OPENING = re.compile(f"[{of('Ps', 'Pi')}]")
#: Where nobody has found the words: letters that are written without spaces are one each.
_WORD = re.compile(f"(?:(?![{UNSPACED}])[{of('L', 'N')}][{of('M')}'’]*)+")


@dataclass(slots=True)
class _Part:
    """A part of a sentence in one style, from `start` on."""

    start: int
    style: Style


def styled(sentence: Sentence, styles: Sequence[tuple[int, Style]]) -> list[Sentence]:
    """Return a sentence that has been read as one, cut where one of the styles begins that stand in it.

    A style that begins within what is spoken in one go, such as a number or a foreign word, takes hold after it,
    with a warning.
    """
    first = max(at for at, _ in styles if at <= sentence.start)
    inside = [(at - sentence.start, style) for at, style in styles if at > first]
    parts = [_Part(0, next(style for at, style in reversed(styles) if at == first))]
    late: list[str] = []
    for at, style in inside:
        if at < len(sentence.text):
            place = _place(sentence, at, late)
            if not _is_audible(sentence, parts[-1].start, place):
                parts[-1].style = style
            elif _is_audible(sentence, place, len(sentence.text)):
                parts.append(_Part(place, style))
    warned = tuple(
        Warned("not_honoured", f"{unit[:40]!r} is spoken in one go, as it begins") for unit in dict.fromkeys(late)
    )
    return list(_parts(replace(sentence, warnings=sentence.warnings + warned), parts))


def _place(sentence: Sentence, at: int, late: list[str]) -> int:
    """Return where a style that begins at an offset can take hold; closing signs belong to what is before them."""
    text = sentence.text
    for start, end in _units(sentence):
        if start < at < end:
            late.append(text[start:end])
            at = end
    while at < len(text) and not _AUDIBLE.match(text[at]) and not _OPENING.match(text[at]):
        at += 1
    return at


def _units(sentence: Sentence) -> Iterator[tuple[int, int]]:
    """Yield what is spoken in one go, in order: syllables, foreign words."""
    if not sentence.words:
        yield from (found.span() for found in _WORD.finditer(sentence.text))
    for word in sentence.words:
        if word.syllables[0].pinyin:
            yield from ((one.start - sentence.start, one.end - sentence.start) for one in word.syllables)
        else:
            yield word.syllables[0].start - sentence.start, word.syllables[-1].end - sentence.start


def _is_audible(sentence: Sentence, start: int, end: int) -> bool:
    if not sentence.words:
        return bool(_AUDIBLE.search(sentence.text[start:end]))
    return any(_lies(syllable, sentence.start + start, sentence.start + end) for syllable in _syllables(sentence))


def _syllables(sentence: Sentence) -> Iterator[Syllable]:
    return (syllable for word in sentence.words for syllable in word.syllables)


def _lies(syllable: Syllable, start: int, end: int) -> bool:
    return start <= syllable.start < end


def _parts(sentence: Sentence, parts: list[_Part]) -> Iterator[Sentence]:
    """Yield the parts, of which those next to each other in one style are none of their own."""
    apart = [*parts[:1], *(part for before, part in pairwise(parts) if before.style != part.style)]
    if len(apart) == 1:
        yield replace(sentence, style=apart[0].style)
        return
    ends = [*(part.start for part in apart[1:]), len(sentence.text)]
    for part, end in zip(apart, ends, strict=True):
        yield _cut(sentence, part, end, first=not part.start, last=end == len(sentence.text))


def _cut(sentence: Sentence, part: _Part, end: int, first: bool, last: bool) -> Sentence:
    text = sentence.text[part.start : end]
    start = sentence.start + part.start + len(text) - len(text.lstrip())
    bounds = sentence.start + part.start, sentence.start + end
    own = [
        (at, said) for at, said in zip(sentence.origins, sentence.spoken, strict=True) if bounds[0] <= at < bounds[1]
    ]
    return replace(
        sentence,
        text=text.strip(),
        start=start,
        pause_ms=sentence.pause_ms if last else 0.0,
        warnings=sentence.warnings if first else (),
        spoken="".join(said for _, said in own),
        words=_words(sentence.words, *bounds),
        mood=sentence.mood if last else "statement",
        origins=tuple(at for at, _ in own),
        style=part.style,
    )


def _words(words: Sequence[Word], start: int, end: int) -> tuple[Word, ...]:
    own = [replace(word, syllables=tuple(s for s in word.syllables if _lies(s, start, end))) for word in words]
    return tuple(word for word in own if word.syllables)
