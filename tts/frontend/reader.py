"""Reads a request's text: sentences in their languages, one after another, as engines speak them."""

import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from tts.frontend.detect import Detector
from tts.frontend.japanese import Japanese
from tts.frontend.mandarin import open_mandarin
from tts.frontend.notices import unreadable
from tts.frontend.runs import Run, Splitter
from tts.frontend.script import READERS, primary
from tts.frontend.segment import Clause, clauses
from tts.types import Sentence


class Reader:
    """Turns texts into sentences; what it needs for that is loaded once, when it is made.

    `languages` are those that some voice speaks; characters that none of them can read are left out, with
    a warning. `tell` is given what is wrong with the user's lexicon, a sentence each, whenever that file is read.
    It may be used from several threads at once.
    """

    def __init__(
        self,
        languages: Collection[str] = tuple(READERS.values()),
        lexicon: str = "",
        tell: Callable[[str], object] = warnings.warn,
    ) -> None:
        japanese = Japanese()
        self._mandarin = open_mandarin(lexicon, tell)
        self._detector = Detector(japanese)
        self._splitter = Splitter(self._detector, japanese, languages)

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
        language = language or self.detect(text) or "en"
        pending: list[str] = []
        for clause in clauses(text, self._mandarin.ends):
            for sentence in self._clause(text, clause, language, pending):
                yield self._mandarin.read(sentence, readings) if primary(sentence.language) == "zh" else sentence
        if pending:
            yield Sentence("", len(text), language, 0.0, unreadable(pending))

    def _clause(self, text: str, clause: Clause, language: str, pending: list[str]) -> Iterator[Sentence]:
        sentence = None
        for run in self._splitter.split(text[clause.start : clause.end], language):
            if not run.language:
                pending.append(run.text)
                continue
            if sentence:
                yield sentence
            sentence = _sentence(run, clause.start, pending)
        if sentence:
            yield replace(sentence, pause_ms=clause.pause_ms)


def _sentence(run: Run, start: int, pending: list[str]) -> Sentence:
    """Return a run as a sentence, with the warnings that were waiting for one."""
    warnings = unreadable(pending)
    pending.clear()
    return Sentence(run.text, start + run.start, run.language, 0.0, warnings)
