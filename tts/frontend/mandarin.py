"""Reads a Chinese sentence: from its text to prosodic words of syllables as they are spoken."""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Protocol

import regex  # type: ignore[import-untyped]  # ships no types

from tts.frontend.feet import Foot, leaves
from tts.frontend.notices import unreadable
from tts.frontend.particles import with_particles
from tts.frontend.prosody import Prosody
from tts.frontend.sandhi import Sandhi, merged
from tts.frontend.syllables import Syllables
from tts.frontend.traditional import simplified
from tts.frontend.words import Token, Words
from tts.types import Sentence, Syllable, Word

_QUESTION = regex.compile(r"[?？⁇؟]")
_EXCLAMATION = regex.compile(r"[!！‼]")

_CITED = {("一", "yi"): "yi1", ("不", "bu"): "bu4"}


class Spoken(Protocol):
    """A text with everything written out."""

    @property
    def text(self) -> str:
        """What is spoken."""

    @property
    def origins(self) -> Sequence[tuple[int, int]]:
        """For each code point of `text`, the span of the source that it stands for."""

    @property
    def unreadable(self) -> Sequence[str]:
        """What cannot be spoken."""


class Normalizer(Protocol):
    """Writes out numbers, units and the like."""

    def normalize(self, text: str) -> Spoken:
        """Return a text as it is spoken."""


class Pinyin(Protocol):
    """Knows how characters are read."""

    def read(
        self, text: str, start: int = 0, end: int | None = None, words: Sequence[tuple[int, int]] | None = None
    ) -> list[str]:
        """Return one citation reading for each code point, empty where it is no Chinese character.

        `words` are where the words of the text stand.
        """

    def readings(self, character: str) -> tuple[str, ...]:
        """Return all readings of a character, the usual one first."""


class EnglishSyllable(Protocol):
    """A syllable of a foreign word."""

    @property
    def start(self) -> int:
        """Where it begins within the word."""

    @property
    def end(self) -> int:
        """Where it ends."""

    @property
    def phones(self) -> tuple[str, ...]:
        """Its ARPAbet phones."""

    @property
    def stressed(self) -> bool:
        """Whether it carries the stress."""


class English(Protocol):
    """Knows how foreign words are read."""

    def read(self, token: str) -> Sequence[EnglishSyllable]:
        """Return the syllables of a word, none where it cannot be read."""


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


class Mandarin:
    """Reads sentences; it may be used from several threads at once when its parts may."""

    def __init__(self, normalizer: Normalizer, pinyin: Pinyin, english: English, words: Words) -> None:
        self._normalizer, self._pinyin, self._english, self._words = normalizer, pinyin, english, words
        self._syllables = Syllables()
        self._prosody = Prosody(words.parts)
        self._sandhi = Sandhi(words.parts)

    def read(self, sentence: Sentence, readings: Mapping[int, str]) -> Sentence:
        """Return a sentence with what is spoken, its words and its mood.

        `readings` are chosen by code point of the request; they win over the dictionary's, and a chosen tone is
        not made neutral.
        """
        # Traditional characters are read as their simplified forms, which stand at the same places.
        spoken = self._normalizer.normalize(simplified(sentence.text))
        spans = [(start + sentence.start, end + sentence.start) for start, end in spoken.origins]
        tokens = self._words.cut(spoken.text)
        citations, fixed = self._citations(tokens, spans, readings)
        rhotic = merged(tokens, citations, fixed)
        foreign = self._foreign(tokens, spans)
        feet = self._prosody.feet([_audible(token, foreign) for token in tokens], citations, rhotic)
        surface = self._sandhi.surface(spoken.text, tokens, citations, feet, fixed)
        draft = _Draft(spoken.text, tokens, citations, surface, rhotic, spans, foreign)
        left_out = [*spoken.unreadable, *_unread(draft)]
        return replace(
            sentence,
            spoken=spoken.text,
            words=tuple(_word(foot, draft) for foot in feet),
            mood=_mood(sentence.text),
            warnings=sentence.warnings + unreadable(left_out),
        )

    def readings(self, character: str) -> tuple[str, ...]:
        """Return all readings of a character, the usual one first."""
        return self._pinyin.readings(character)

    def _citations(
        self, tokens: Sequence[Token], spans: Sequence[tuple[int, int]], chosen: Mapping[int, str]
    ) -> tuple[list[str], frozenset[int]]:
        """Return the reading of each code point, and the positions of those that were chosen."""
        text = "".join(token.text for token in tokens)
        known = self._pinyin.read(text, words=[(token.start, token.end) for token in tokens])
        found = [self._citation(*read) for read in zip(text, with_particles(tokens, known), strict=True)]
        fixed = set()
        for at, (start, end) in enumerate(spans):
            # A character that is written out as several has no reading of its own.
            alone = (
                end == start + 1 and spans[at - 1 : at] != [(start, end)] and spans[at + 1 : at + 2] != [(start, end)]
            )
            if alone and start in chosen and (reading := self._syllables.legal(chosen[start])):
                found[at] = reading
                fixed.add(at)
        return found, frozenset(fixed)

    def _citation(self, character: str, reading: str) -> str:
        """Return a reading in the inventory; dictionaries have 一 and 不 with the tones of this or that phrase."""
        legal = self._syllables.legal(reading) if reading else ""
        return _CITED.get((character, legal[:-1]), legal)

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
            if not draft.citations[at] and regex.match(r"[\p{L}\p{N}]", draft.text[at]):
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
