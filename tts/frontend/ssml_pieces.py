"""What markup comes to: pieces of text in the order they are spoken, each with its style, and where it was written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate

from tts.frontend.hints import Hints, SayAs
from tts.types import Style


@dataclass(frozen=True, slots=True)
class Piece:
    """Text that is spoken in one style without a pause from the markup in it.

    Only a piece that carries a pause or a mark has no text.
    """

    text: str
    """What is spoken, runs of white space as one space."""
    source: Sequence[int]
    """For each character of `text` the code point of the markup where what it stands for begins."""
    source_end: Sequence[int]
    """Where that ends; for the text of `<sub>` the whole content of the element."""
    style: Style
    readings: Mapping[int, str] = field(default_factory=dict)
    """Pinyin by the offset of its character in `text`; empty for a 儿 that is in the syllable before: huar1."""
    words: tuple[tuple[int, int], ...] = ()
    """Stretches of `text` that are one word each, start and end."""
    interpret_as: str | None = None
    interpret_format: str | None = None
    pause_before_ms: float = 0.0
    marks: tuple[tuple[int, str], ...] = ()
    """Offset in `text` and name; a mark at the offset of a character comes before it."""
    sentence_end: bool = False
    """Whether `<s>` or `<p>` ends or begins after it."""


@dataclass(frozen=True, slots=True)
class Document:
    """Markup that was understood."""

    pieces: tuple[Piece, ...]
    language: str | None = None
    """The `xml:lang` of `<speak>`."""

    @property
    def text(self) -> str:
        """Return all that is spoken; its length is what counts for limits."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def offsets(self) -> tuple[int, ...]:
        """Return where in the text each piece begins."""
        return tuple(accumulate((len(piece.text) for piece in self.pieces[:-1]), initial=0))

    def spans(self) -> "Spans":
        """Return where in the markup each character of the text was written."""
        if len(self.pieces) == 1:
            return Spans(self.pieces[0].source, self.pieces[0].source_end)
        starts = [start for piece in self.pieces for start in piece.source]
        return Spans(starts, [end for piece in self.pieces for end in piece.source_end])

    def hints(self, chosen: Mapping[int, str]) -> Hints:
        """Return what is said about how the text is read, by code points of it.

        `chosen` are readings by code point of the markup; they win over those in it.
        """
        readings: dict[int, str] = {}
        words: list[tuple[int, int]] = []
        sayings: list[SayAs] = []
        for at, piece in zip(self.offsets, self.pieces, strict=True):
            readings |= {at + offset: reading for offset, reading in piece.readings.items()}
            words += [(at + start, at + end) for start, end in piece.words]
            if piece.interpret_as and piece.text:
                sayings.append(SayAs(at, at + len(piece.text), piece.interpret_as, piece.interpret_format or ""))
            if chosen:
                readings |= {at + i: chosen[place] for i, place in enumerate(piece.source) if place in chosen}
        return Hints(readings, tuple(words), tuple(sayings))


@dataclass(frozen=True, slots=True)
class Spans:
    """The way back from the text that is spoken to the markup it was written in."""

    starts: Sequence[int]
    ends: Sequence[int]

    def start(self, at: int) -> int:
        """Return where a character was written; at the end of the text, where the last one ends."""
        if at < len(self.starts):
            return self.starts[at]
        return self.ends[-1] if self.ends else 0

    def end(self, at: int) -> int:
        """Return where the character before a place ends."""
        return self.ends[min(at, len(self.ends)) - 1] if at and self.ends else 0


def plain(text: str) -> Document:
    """Return a text without markup."""
    return Document((Piece(text, range(len(text)), range(1, len(text) + 1), Style()),))


#: Punctuation whose pause markup can take back.
_COMMAS = frozenset("，、；：,;:")


class Pieces:
    """Collects the pieces of a document while it is read."""

    def __init__(self) -> None:
        self._done: list[Piece] = []
        self._style = Style()
        self._interpret: tuple[str | None, str | None] = (None, None)
        self._spaced = True
        self._space: tuple[int, int] | None = None
        self._pause_ms = 0.0
        self._joined = False
        self._clear()

    def _clear(self) -> None:
        self._characters: list[str] = []
        self._places: list[tuple[int, int]] = []
        self._readings: dict[int, str] = {}
        self._words: list[tuple[int, int]] = []
        self._marks: list[tuple[int, str]] = []

    @property
    def offset(self) -> int:
        """Where the next character will stand in the piece."""
        return len(self._characters)

    def since(self, offset: int) -> str:
        """Return what was added to the piece from an offset on."""
        return "".join(self._characters[offset:])

    def add(self, character: str, start: int, end: int) -> None:
        """Add a character that stands for a stretch of the markup."""
        if self._joined and character in _COMMAS:
            if not self._characters or self._characters[-1].isascii():
                self._add_space(start, end)
            return
        if character in " \t\r\n":
            self._add_space(start, end)
            return
        if self._space and (self._characters or self._interpret[0] is None):
            self._append(" ", *self._space)
        self._append(character, start, end)
        self._spaced, self._space, self._joined = False, None, False

    def _add_space(self, start: int, end: int) -> None:
        """Add one space for a run; it goes to the plain text beside a `say-as`, and begins nothing by itself."""
        if self._spaced:
            return
        self._spaced = True
        if self._characters and self._interpret[0] is None:
            self._append(" ", start, end)
        else:
            self._space = (start, end)

    def _append(self, character: str, start: int, end: int) -> None:
        self._characters.append(character)
        self._places.append((start, end))

    def speak_as(self, style: Style, interpret: tuple[str | None, str | None]) -> None:
        """Set how the next characters are spoken."""
        if (style, interpret) != (self._style, self._interpret):
            self._close()
        self._style, self._interpret = style, interpret

    def separate(self) -> None:
        """End the piece, so that what follows is interpreted by itself."""
        self._close()

    def read_as(self, readings: Mapping[int, str]) -> None:
        """Set the pinyin of characters of the piece."""
        self._readings |= readings

    def word(self, start: int, end: int) -> None:
        """Make a stretch of the piece one word."""
        start += len(self.since(start)) - len(self.since(start).lstrip(" "))
        if start < end:
            self._words.append((start, end))

    def mark(self, name: str) -> None:
        """Name this place."""
        self._marks.append((self.offset, name))

    def pause(self, pause_ms: float) -> None:
        """Put silence here."""
        if pause_ms:
            self._break()
            self._close(marked=True)
            self._pause_ms += pause_ms

    def join(self) -> None:
        """Take back the pause of a comma that has just been written or comes next; between letters a space remains."""
        written = self.since(0).rstrip(" ")
        if written[-1:] in _COMMAS and len(written) > 1:
            at, comma = len(written) - 1, self._places[len(written) - 1]
            del self._characters[at:], self._places[at:]
            self._marks = [(min(place, at), name) for place, name in self._marks]
            self._words = [(start, min(end, at)) for start, end in self._words]
            self._space = comma if written[-2].isascii() else None
            self._spaced = True
        self._joined = True

    def end_sentence(self) -> None:
        """End the sentence, if one has begun."""
        self._break()
        if self._done:
            self._done[-1] = replace(self._done[-1], sentence_end=True)

    def finish(self) -> tuple[Piece, ...]:
        """Return all pieces, the last one without text if silence comes at the end."""
        self._break()
        self._close(marked=True)
        if self._pause_ms:
            self._done.append(Piece("", (), (), self._style, pause_before_ms=self._pause_ms))
        return tuple(self._done)

    def _break(self) -> None:
        """Close the piece; the space at its end is not needed."""
        if self._characters and self._characters[-1] == " ":
            del self._characters[-1], self._places[-1]
            self._marks = [(min(at, self.offset), name) for at, name in self._marks]
            self._words = [(start, min(end, self.offset)) for start, end in self._words]
        self._close()
        self._spaced, self._space = True, None

    def _close(self, marked: bool = False) -> None:
        """End the piece; one that has only marks goes on, unless it is wanted for them."""
        if not self._characters and not (marked and self._marks):
            return
        self._done.append(
            Piece(
                text="".join(self._characters),
                source=tuple(start for start, _ in self._places),
                source_end=tuple(end for _, end in self._places),
                style=self._style,
                readings=self._readings,
                words=tuple(self._words),
                interpret_as=self._interpret[0],
                interpret_format=self._interpret[1],
                pause_before_ms=self._pause_ms,
                marks=tuple(self._marks),
            )
        )
        self._pause_ms = 0.0
        self._clear()
