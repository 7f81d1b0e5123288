"""What markup comes to: pieces of text in the order they are spoken, each with its style, and where it was written."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tts.frontend.ssml_styles import Style


@dataclass(frozen=True, slots=True)
class Piece:
    """Text that is spoken in one style without a pause from the markup in it.

    Only a piece that carries a pause or a mark has no text.
    """

    text: str
    """What is spoken, runs of white space as one space."""
    source: tuple[int, ...]
    """For each character of `text` the code point of the markup where what it stands for begins."""
    source_end: tuple[int, ...]
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


class Pieces:
    """Collects the pieces of a document while it is read."""

    def __init__(self) -> None:
        self._done: list[Piece] = []
        self._style = Style()
        self._interpret: tuple[str | None, str | None] = (None, None)
        self._spaced = True
        self._space: tuple[int, int] | None = None
        self._pause_ms = 0.0
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
        if character in " \t\r\n":
            self._add_space(start, end)
            return
        if self._space and self._interpret[0] is None:
            self._append(" ", *self._space)
        self._append(character, start, end)
        self._spaced, self._space = False, None

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
