"""Reads a Chinese sentence: from its text to prosodic words of syllables as they are spoken."""

import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal

from tts.frontend.feet import Foot, leaves
from tts.frontend.hints import Hints
from tts.frontend.notices import not_honoured, unreadable
from tts.frontend.particles import with_particles
from tts.frontend.parts import English, Normalizer, Pinyin, Spoken
from tts.frontend.prosody import Prosody
from tts.frontend.sandhi import Sandhi, merged
from tts.frontend.syllables import Syllables, split_rhotic
from tts.frontend.traditional import simplified
from tts.frontend.words import Token, Words
from tts.types import Sentence, Syllable, Word

_QUESTION = re.compile(r"[?？⁇؟]")
_EXCLAMATION = re.compile(r"[!！‼]")

_CITED = {("一", "yi"): "yi1", ("不", "bu"): "bu4"}


@dataclass(frozen=True, slots=True)
class _Draft:
    """A sentence on its way: what is spoken, how it is read, and the span of the request for each code point."""

    text: str
    tokens: list[Token]
    citations: list[str]
    surface: list[str]
    merged: frozenset[int]
    spans: list[tuple[int, int]]
    foreign: dict[int, tuple[Syllable, ...]]
    """The syllables of each foreign word, by where it begins."""


@dataclass(frozen=True, slots=True)
class _Readings:
    """How each code point of what is spoken is read."""

    citations: list[str]
    lexical: list[str]
    """The same with the neutral tones of words."""
    fixed: frozenset[int]
    """Those whose reading was chosen."""
    merged: frozenset[int]
    """Those of 儿 that the chosen reading before them has in it."""
    honoured: frozenset[int]
    """Where in the sentence the chosen readings stand."""


class Mandarin:
    """Reads sentences; it may be used from several threads at once when its parts may."""

    def __init__(self, normalizer: Normalizer, pinyin: Pinyin, english: English, words: Words) -> None:
        self._normalizer, self._pinyin, self._english, self._words = normalizer, pinyin, english, words
        self._legal = lru_cache(maxsize=4096)(Syllables().legal)
        self._prosody = Prosody(words.parts)
        self._sandhi = Sandhi(words.parts)

    def read(self, sentence: Sentence, hints: Hints) -> Sentence:
        """Return a sentence with what is spoken, its words and its mood.

        The readings of the hints win over the dictionary's, and a chosen tone is not made neutral.
        """
        told = hints.within(sentence.start, sentence.start + len(sentence.text))
        # Traditional characters are read as their simplified forms, which stand at the same places.
        spoken = self._normalizer.normalize(simplified(sentence.text), told.sayings)
        tokens = self._cut(spoken, told.words)
        reading = self._citations(spoken, tokens, told)
        kept = reading.fixed | self._pinyin.apart(spoken.text)
        rhotic = merged(tokens, reading.lexical, kept) | reading.merged
        spans = [(start + sentence.start, end + sentence.start) for start, end in spoken.origins]
        foreign = self._foreign(tokens, spans)
        feet = self._prosody.feet([_audible(token, foreign) for token in tokens], reading.lexical, rhotic)
        surface = self._sandhi.surface(spoken.text, tokens, reading.lexical, feet, reading.fixed)
        draft = _Draft(spoken.text, tokens, reading.citations, surface, rhotic, spans, foreign)
        return replace(
            sentence,
            spoken=spoken.text,
            words=tuple(_word(foot, draft) for foot in feet),
            mood=_mood(sentence.text),
            origins=tuple(start for start, _ in spans),
            warnings=(
                *sentence.warnings,
                *unreadable([*spoken.unreadable, *_unread(draft)]),
                *not_honoured(sentence.text, told, reading.honoured, spoken.unfit),
            ),
        )

    def readings(self, character: str) -> tuple[str, ...]:
        """Return all readings of a character, the usual one first."""
        return self._pinyin.readings(character)

    def ends(self, text: str) -> list[int]:
        """Return where the words of a text end."""
        return [token.end for token in self._words.cut(simplified(text))]

    def _citations(self, spoken: Spoken, tokens: Sequence[Token], hints: Hints) -> "_Readings":
        """Return the reading of each code point, and which of them were chosen."""
        text, origins = spoken.text, spoken.origins
        both = self._pinyin.read_both(text, words=[(token.start, token.end) for token in tokens])
        cited, found = (
            [self._citation(*read) for read in zip(text, with_particles(tokens, known), strict=True)] for known in both
        )
        fixed: dict[int, int] = {}
        rhotic = set()
        for at, reading in self._alone(spoken, hints):
            found[at] = cited[at] = self._citation(text[at], reading)
        for at, (start, end) in enumerate(origins):
            # A character that is written out as several has no reading of its own.
            alone = end == start + 1 and (start, end) not in (*origins[max(0, at - 1) : at], *origins[at + 1 : at + 2])
            if not alone or start not in hints.readings:
                continue
            if not hints.readings[start] and at - 1 in fixed:
                found[at - 1], found[at] = split_rhotic(found[at - 1])[0], "er5"
                rhotic.add(at)
                fixed[at] = start
            elif reading := self._legal(hints.readings[start]):
                found[at] = reading
                fixed[at] = start
        for at in fixed:
            cited[at] = found[at]
        return _Readings(cited, found, frozenset(fixed), frozenset(rhotic), frozenset(fixed.values()))

    def _alone(self, spoken: Spoken, hints: Hints) -> Iterator[tuple[int, str]]:
        """Yield readings of what is read by itself: words that are given, and names, whose surnames have their own."""
        names = [(say.start, say.end, "姓") for say in hints.sayings if say.kind == "name"]
        for start, end, before in [*((start, end, "") for start, end in hints.words), *names]:
            places = _places(spoken, start, end)
            if len(places) > 1:
                read = self._pinyin.read(before + "".join(spoken.text[at] for at in places))
                yield from zip(places, read[len(before) :], strict=True)

    def _cut(self, spoken: Spoken, words: Sequence[tuple[int, int]]) -> list[Token]:
        """Return the words of the spoken text, those that are given uncut."""
        if not words:
            return self._words.cut(spoken.text)
        tokens: list[Token] = []
        done = 0
        for start, end in words:
            if own := _places(spoken, start, end):
                tokens += _moved(done, self._words.cut(spoken.text[done : own[0]]))
                done = own[-1] + 1
                tokens += _moved(own[0], _one_word(self._words.cut(spoken.text[own[0] : done])))
        return [*tokens, *_moved(done, self._words.cut(spoken.text[done:]))]

    def _citation(self, character: str, reading: str) -> str:
        """Return a reading in the inventory; dictionaries have 一 and 不 with the tones of this or that phrase."""
        legal = self._legal(reading) if reading else ""
        return _CITED.get((character, legal[:-1]), legal) if character in "一不" else legal

    def _foreign(self, tokens: Sequence[Token], spans: Sequence[tuple[int, int]]) -> dict[int, tuple[Syllable, ...]]:
        found = {}
        for token in tokens:
            if token.tag == "eng":
                own = spans[token.start : token.end]
                found[token.start] = tuple(
                    Syllable(
                        own[syllable.start][0], own[syllable.end - 1][1], "", "", syllable.phones, syllable.stressed
                    )
                    for syllable in self._english.read(token.text)
                )
        return found


def open_mandarin(lexicon: str = "", tell: Callable[[str], object] = warnings.warn) -> Mandarin:
    """Return a reader with all its dictionaries; `lexicon` is the path of the user's own words, empty for none.

    `tell` is given what is wrong with that file, whenever it is read.
    """
    # Imported here: who brings parts of their own does not load these.
    from tts.frontend.english import English as OwnEnglish
    from tts.frontend.lexicon import Lexicon
    from tts.frontend.normalize import Normalizer as OwnNormalizer
    from tts.frontend.pinyin import Pinyin as OwnPinyin

    return Mandarin(
        OwnNormalizer(), OwnPinyin(Lexicon(Path(lexicon), tell) if lexicon else None), OwnEnglish(), Words()
    )


def _places(spoken: Spoken, start: int, end: int) -> list[int]:
    """Return which code points of what is spoken come from a stretch."""
    return [at for at, (origin, _) in enumerate(spoken.origins) if start <= origin < end]


def _one_word(cut: list[Token]) -> list[Token]:
    """Return words as one, which is a name where the dictionary does not know it; foreign words stay apart."""
    if len(cut) == 1 or any(token.tag == "eng" for token in cut):
        return cut
    return [Token("".join(token.text for token in cut), 0, "nz")]


def _moved(by: int, tokens: list[Token]) -> Iterator[Token]:
    return (Token(token.text, token.start + by, token.tag) for token in tokens)


def _audible(token: Token, foreign: Mapping[int, tuple[Syllable, ...]]) -> Token:
    """Return a foreign word that cannot be read as what is no word."""
    silent = token.tag == "eng" and not foreign[token.start]
    return Token(token.text, token.start, "x") if silent else token


def _unread(draft: _Draft) -> Iterator[str]:
    """Yield the letters and digits that nothing reads."""
    for token in draft.tokens:
        if token.tag == "eng":
            if not draft.foreign[token.start]:
                yield token.text
            continue
        for at in range(token.start, token.end):
            if not draft.citations[at] and draft.text[at].isalnum():
                yield draft.text[at]


def _word(foot: Foot, draft: _Draft) -> Word:
    if foot.tokens[0].tag == "eng":
        return Word(draft.foreign[foot.tokens[0].start], foot.break_after)
    return Word(tuple(_syllable(at, draft) for at in leaves(foot.tree)), foot.break_after)


def _syllable(at: int, draft: _Draft) -> Syllable:
    start, end = draft.spans[at]
    pinyin = draft.surface[at]
    if at + 1 in draft.merged:
        end = max(end, draft.spans[at + 1][1])
        pinyin = pinyin[:-1] + "r" + pinyin[-1]
    return Syllable(start, end, pinyin, draft.citations[at])


def _mood(text: str) -> Literal["statement", "question", "exclamation"]:
    if _QUESTION.search(text):
        return "question"
    return "exclamation" if _EXCLAMATION.search(text) else "statement"
