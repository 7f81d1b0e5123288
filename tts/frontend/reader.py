"""Reads a request's text: sentences in their languages, one after another, as engines speak them."""

import warnings
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from tts.frontend.arriving import Arriving
from tts.frontend.detect import Detector, Unread
from tts.frontend.feet import CLAUSE, PHRASE, SENTENCE
from tts.frontend.hints import Hints
from tts.frontend.mandarin import open_mandarin
from tts.frontend.notices import foreign, unreadable
from tts.frontend.runs import Splitter
from tts.frontend.script import READERS, primary
from tts.frontend.sections import Section, sections
from tts.frontend.segment import STOP_MS, Clause, clauses
from tts.frontend.ssml_pieces import Document, plain
from tts.frontend.styling import styled
from tts.types import Sentence, Style


def _nowhere(text: str) -> Sequence[tuple[int, int]]:
    return ()


class Reader:
    """Turns texts into sentences; what it needs for that is loaded once, when it is made.

    `languages` are those that some voice speaks; characters that none of them can read are left out, with
    a warning. `tell` is given what is wrong with the user's lexicon, a sentence each, whenever that file is read.
    `unread_japanese` tells where a text has words that the voices cannot read as Japanese.
    It may be used from several threads at once.
    """

    def __init__(
        self,
        languages: Collection[str] = tuple(READERS.values()),
        lexicon: str = "",
        tell: Callable[[str], object] = warnings.warn,
        unread_japanese: Unread = _nowhere,
    ) -> None:
        self._mandarin = open_mandarin(lexicon, tell)
        self._detector = Detector(unread_japanese)
        self._splitter = Splitter(self._detector, unread_japanese, languages)

    def know(self, languages: Collection[str]) -> None:
        """Take these for the languages that some voice speaks, from the next text on."""
        self._splitter.know(languages)

    def detect(self, text: str) -> str:
        """Return the BCP-47 tag of the language of a text, empty when it has no word."""
        return self._detector.detect(text)

    def others(self, character: str) -> tuple[str, ...]:
        """Return all readings of a character, the usual one first."""
        return self._mandarin.readings(character)

    def read(
        self, text: str, language: str | None = None, readings: Mapping[int, str] = MappingProxyType({})
    ) -> Iterator[Sentence]:
        """Yield the sentences of a text, the first before the rest is read; without `language` it is detected.

        `readings` are chosen by code point of the text; they win over all else.

        Warnings come with the sentence after the characters they are about. When no sentence follows, they
        come with a last one whose text is empty: it stands at the end of the text and has no sound.
        """
        return self.read_document(plain(text), language, readings)

    def read_document(
        self,
        document: Document,
        language: str | None = None,
        readings: Mapping[int, str] = MappingProxyType({}),
        languages: Mapping[str, str] = MappingProxyType({}),
    ) -> Iterator[Sentence]:
        """Yield the sentences of a document like those of its text, cut where its style changes as well.

        `readings` are chosen by code point of the markup; `languages` are those of the voices that it may name. A
        sentence without text carries silence or names of places that no sentence follows.
        """
        language = language or self.detect(document.text) or "en"
        hints = document.hints(readings)
        pending: list[str] = []
        for section in sections(document, language, languages):
            yield from self._section(section, hints, pending)
        if pending:
            yield Sentence("", len(document.text), language, 0.0, unreadable(pending))

    def read_arriving(self, arriving: Arriving, language: str, hints: Hints) -> Iterator[Sentence | None]:
        """Yield the sentences of a text that keeps arriving, None whenever more of it must be waited for.

        They are those of the whole text. One without text carries what has become the pause after the one before.
        """
        pending: list[str] = []
        spoken: Sentence | None = None
        for taken in arriving.clauses(self._mandarin.ends):
            if taken is None:
                yield None
            elif taken.silent:
                if spoken:
                    yield Sentence("", taken.clause.end, language, taken.clause.pause_ms)
            else:
                spoken = None
                for spoken in self._spoken(_plain(taken.text, language), taken.clause, hints, pending, taken.last):
                    yield spoken
        if pending:
            yield Sentence("", len(arriving.text), language, 0.0, unreadable(pending))

    def opening_language(self, arriving: Arriving) -> str | None:
        """Return the language of the first clause, empty when it has no word, None while it is not certain."""
        opening = arriving.opening(self._mandarin.ends)
        return None if opening is None else self.detect(opening)

    def _section(self, section: Section, hints: Hints, pending: list[str]) -> Iterator[Sentence]:
        """Yield the sentences of a section, the first with the silence before it, each with the names in it."""
        rest_ms, names = section.rest_ms, list(section.names)
        for sentence in self._sentences(section, hints, pending):
            end = sentence.start + len(sentence.text)
            yield replace(sentence, rest_ms=rest_ms, names=tuple(place for place in names if place[0] < end))
            rest_ms, names = 0.0, [place for place in names if place[0] >= end]
        if rest_ms or names:
            yield Sentence("", section.start + len(section.text), section.language, rest_ms=rest_ms, names=tuple(names))

    def _sentences(self, section: Section, hints: Hints, pending: list[str]) -> Iterator[Sentence]:
        for clause in clauses(section.outline or section.text, self._mandarin.ends):
            if clause.end == len(section.text):
                clause = replace(clause, pause_ms=max(clause.pause_ms, section.pause_ms))
            yield from self._spoken(section, clause, hints, pending, clause.end == len(section.text))

    def _spoken(
        self, section: Section, clause: Clause, hints: Hints, pending: list[str], last: bool
    ) -> Iterator[Sentence]:
        """Yield the sentences of a clause, which may be the last one."""
        for sentence in self._clause(section, clause, pending):
            read = _ended(self._read(sentence, hints), last and sentence.pause_ms == clause.pause_ms)
            yield from styled(read, section.styles)

    def _read(self, sentence: Sentence, hints: Hints) -> Sentence:
        if primary(sentence.language) == "zh":
            return self._mandarin.read(sentence, hints)
        told = hints.within(sentence.start, sentence.start + len(sentence.text))
        return replace(sentence, warnings=(*sentence.warnings, *foreign(sentence, told)))

    def _clause(self, section: Section, clause: Clause, pending: list[str]) -> Iterator[Sentence]:
        sentence = None
        outline = section.outline or section.text
        for run in self._splitter.split(outline[clause.start : clause.end], section.language):
            start = clause.start + run.start
            text = section.text[start : start + len(run.text)]
            if not run.language:
                pending.append(text)
                continue
            if sentence:
                yield sentence
            sentence = _sentence(text, section.start + start, run.language, pending)
        if sentence:
            yield replace(sentence, pause_ms=clause.pause_ms)


def _plain(text: str, language: str) -> Section:
    """Return a text without markup as one section."""
    return Section(
        text=text, start=0, language=language, outline="", rest_ms=0.0, pause_ms=0.0, styles=((0, Style()),), names=()
    )


def _ended(sentence: Sentence, last: bool) -> Sentence:
    """Return a sentence whose last word has the break that its punctuation says; `last` when nothing follows it."""
    if not sentence.words:
        return sentence
    ends = last or sentence.pause_ms >= STOP_MS
    break_after = SENTENCE if ends else CLAUSE if sentence.pause_ms else PHRASE
    return replace(sentence, words=(*sentence.words[:-1], replace(sentence.words[-1], break_after=break_after)))


def _sentence(text: str, start: int, language: str, pending: list[str]) -> Sentence:
    """Return a sentence with the warnings that were waiting for one."""
    warnings = unreadable(pending)
    pending.clear()
    return Sentence(text, start, language, 0.0, warnings)
