"""Cuts a document where markup has reading start anew: at breaks, ends of sentences, and other languages."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tts.frontend.characters import of
from tts.frontend.segment import STOP_MS
from tts.frontend.ssml_pieces import Document, Piece
from tts.types import Style

_SIGN = re.compile(f"[{of('P', 'Z', 'Cc', 'Sm', 'Sc', 'Sk')}]")


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of a document that is read as one text."""

    text: str
    start: int
    """Where it begins in the document's text."""
    language: str
    outline: str
    """The text as it is cut into clauses: signs that are said by name are no punctuation there."""
    rest_ms: float
    """Silence before it."""
    pause_ms: float
    """The least pause after it."""
    styles: tuple[tuple[int, Style], ...]
    """Where each style begins in the document's text."""
    names: tuple[tuple[int, str], ...]
    """Places that have a name, in the document's text."""


def sections(document: Document, language: str, languages: Mapping[str, str]) -> Iterator[Section]:
    """Yield the sections of a document in a language; `languages` are those of voices that it may name."""
    run: list[Piece] = []
    start = at = 0
    for piece in document.pieces:
        if run and (run[-1].sentence_end or piece.pause_before_ms or _differ(run[-1], piece, language, languages)):
            yield _section(run, start, language, languages)
            run, start = [], at
        run.append(piece)
        at += len(piece.text)
    if run:
        yield _section(run, start, language, languages)


def _differ(before: Piece, after: Piece, language: str, languages: Mapping[str, str]) -> bool:
    one, other = (languages.get(piece.style.voice or "", language) for piece in (before, after))
    return one != other


def _section(run: list[Piece], start: int, language: str, languages: Mapping[str, str]) -> Section:
    styles, names = [], []
    at = start
    for piece in run:
        if piece.text:
            styles.append((at, piece.style))
        names += [(at + offset, name) for offset, name in piece.marks]
        at += len(piece.text)
    return Section(
        # A piece alone is not copied: it may be a text of any length.
        text="".join(piece.text for piece in run) if len(run) > 1 else run[0].text,
        start=start,
        language=languages.get(run[0].style.voice or "", language),
        outline="".join(map(_outline, run)) if any(piece.interpret_as for piece in run) else "",
        rest_ms=run[0].pause_before_ms,
        pause_ms=STOP_MS if run[-1].sentence_end else 0.0,
        styles=tuple(styles),
        names=tuple(names),
    )


def _outline(piece: Piece) -> str:
    return _SIGN.sub("0", piece.text) if piece.interpret_as else piece.text
