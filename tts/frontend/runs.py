"""Splits a clause into runs, each in a language that can read it."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from tts.frontend.characters import GRAPHEME
from tts.frontend.detect import Detector, Unread
from tts.frontend.script import READERS, Kind, kind, primary, script, scripts

#: Han signs that only Japanese words have.
_JAPANESE_SIGNS = "々〆"
_GRAPHEME = re.compile(GRAPHEME)
#: What is shown as a picture although it is made of letters, and shades of skin.
_PICTURE = re.compile(r"[🈁🈚🈯🈲-🈶🈸-🈺🉐🉑\U0001f3fb-\U0001f3ff]|\ufe0f(?!\u20e3)")


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of a clause in one language."""

    text: str
    start: int
    """Offset within the clause."""
    language: str
    """Empty when nothing can read it."""


class Splitter:
    """Decides which language reads which characters."""

    def __init__(self, detector: Detector, unread_japanese: Unread, languages: Collection[str]) -> None:
        self._detector = detector
        self._unread = unread_japanese
        self.know(languages)

    def know(self, languages: Collection[str]) -> None:
        """Take these for the languages that some voice speaks."""
        self._languages = frozenset(primary(language) for language in languages)

    def split(self, clause: str, language: str) -> Iterator[Run]:
        """Yield the runs of a clause whose text is in `language`, in order, without what is silent around them."""
        if primary(language) != "ja" and self._detector.is_japanese(clause):
            language = "ja" if primary(language) in ("zh", "yue") else language
            han = "ja"
        else:
            han = "ja" if primary(language) == "ja" else READERS["Han"]
        for run in self._rough(clause, language, han):
            if not run.language:
                yield run
            elif primary(run.language) == "ja":
                yield from self._japanese_run(run)
            else:
                yield from _trimmed(run)

    def _rough(self, clause: str, language: str, han: str) -> Iterator[Run]:
        """Yield runs by script; what belongs to no script joins the run before it."""
        own = scripts(language)
        start = 0
        current: str | None = None
        for found in _GRAPHEME.finditer(clause):
            chosen = self._language(found.group(), language, own, han)
            if chosen == READERS["Greek"] and _is_sign(clause, found.start()):
                # A lone Greek letter is a sign (μm, π), which every language has a name for.
                chosen = language
            if not chosen and not current and chosen != current:
                # Neutral characters never join unreadable ones: a digit beside an emoji is spoken.
                current, chosen = (language, "") if chosen == "" else (current, language)
            if chosen is None or chosen == current:
                continue
            if current is not None:
                yield Run(clause[start : found.start()], start, current)
                start = found.start()
            current = chosen
        yield Run(clause[start:], start, language if current is None else current)

    def _language(self, grapheme: str, language: str, own: frozenset[str], han: str) -> str | None:
        """Return the language of a character: empty for none, None when it goes along with its neighbours."""
        first = grapheme[0]
        if first in _JAPANESE_SIGNS and han == "ja":
            return "ja"
        how = kind(first, language)
        if how is Kind.UNREADABLE or _PICTURE.search(grapheme):
            return ""
        name = script(first)
        if how is not Kind.LETTER or not name:
            return None
        if name in own:
            return language
        reader = han if name == "Han" else READERS[name]
        return reader if reader in self._languages else ""

    def _japanese_run(self, run: Run) -> Iterator[Run]:
        """Yield a Japanese run, its words without a reading as Chinese; what is left is looked at again."""
        unknown = self._unread(run.text)
        if not unknown:
            yield from _trimmed(run)
            return
        start, end = unknown[0]
        yield from self._japanese_run(_part(run, 0, start))
        yield from self._foreign(_part(run, start, end))
        yield from self._japanese_run(_part(run, end, len(run.text)))

    def _foreign(self, run: Run) -> Iterator[Run]:
        chinese = READERS["Han"]
        for part in self._rough(run.text, chinese, chinese):
            reader = part.language if part.language != "ja" else ""
            moved = Run(part.text, run.start + part.start, reader)
            yield from _trimmed(moved) if reader else [moved]


def _is_sign(clause: str, position: int) -> bool:
    beside = clause[max(0, position - 1) : position] + clause[position + 1 : position + 2]
    return "Greek" not in map(script, beside)


def _part(run: Run, start: int, end: int) -> Run:
    return Run(run.text[start:end], run.start + start, run.language)


def _trimmed(run: Run) -> Iterator[Run]:
    """Yield the run without white space around it, if anything in it is spoken."""
    text = run.text.strip()
    if any(kind(character, run.language) in (Kind.LETTER, Kind.SAID) for character in text):
        yield Run(text, run.start + run.text.index(text), run.language)
