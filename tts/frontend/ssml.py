"""Reads SSML: text with markup for pauses, prosody, emotion and readings, as W3C, Alibaba and Azure write it."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]  # ships no types
from defusedxml.expatreader import DefusedExpatParser  # type: ignore[import-untyped]

from tts.errors import BadSsml
from tts.frontend.ssml_pieces import Document, Pieces
from tts.frontend.ssml_pinyin import readings
from tts.frontend.ssml_styles import styled
from tts.frontend.ssml_tags import TAGS, check
from tts.frontend.ssml_values import break_ms, filled, interpretation
from tts.types import Style

MOST_BYTES = 50_000
MOST_DEPTH = 32
BREAKS_MOST_MS = 10_000.0

_LINE = re.compile(r"\r\n?|\n")
_TAG = re.compile(r"""<(?:[^"'>]|"[^"]*"|'[^']*')*+>""")
#: What may stand between two tags: nothing that is spoken, characters as they are, references.
_RAW = re.compile(
    r"(?P<silent><!--.*?-->|<\?.*?\?>)|<!\[CDATA\[(?P<literal>.*?)\]\]>|(?P<reference>&#?\w+;)|\r\n|.", re.DOTALL
)
_PREDEFINED = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&apos;": "'", "&quot;": '"'}


def parse(source: str) -> Document:
    """Return what the markup says; raise BadSsml, naming line, column and what is allowed there."""
    if len(source) > MOST_BYTES or len(source.encode("utf-8", "replace")) > MOST_BYTES:
        raise BadSsml(f"ssml: must have at most {MOST_BYTES} bytes")
    parser = DefusedExpatParser(forbid_dtd=True)
    reader = _Reader(source, parser)
    parser.setContentHandler(reader)
    unfit = re.search(r"[\ud800-\udfff]", source)
    if unfit:
        raise reader.error(unfit.start(), f"U+{ord(unfit.group()):04X} is no character to speak")
    try:
        parser.feed(source)
        parser.close()
    except SAXParseException as broken:
        at = reader.index(broken.getLineNumber() or 1, broken.getColumnNumber() or 0)
        raise reader.error(at, f"not well-formed XML: {broken.getMessage()}") from None
    except DefusedXmlException:
        raise reader.error(reader.here(), "no document type and no entities are allowed, only tags") from None
    return reader.document()


@dataclass(frozen=True, slots=True)
class _Open:
    """An element that has begun and not ended."""

    name: str
    attributes: Mapping[str, str]
    start: int
    content: int
    """Where its content begins in the markup."""
    offset: int
    """Where its content begins in the piece."""
    style: Style
    interpret: tuple[str | None, str | None]


class _Reader(ContentHandler):
    """Follows the parser through the markup; the text is taken from the source, where its places are known."""

    def __init__(self, source: str, parser: DefusedExpatParser) -> None:
        super().__init__()
        self._source = source
        self._parser = parser
        self._lines: list[int] = [0, *(found.end() for found in _LINE.finditer(source))]
        self._cursor = 0
        self._open: list[_Open] = []
        self._pieces = Pieces()
        self._breaks_ms = 0.0
        self._language: str | None = None

    def index(self, line: int, column: int) -> int:
        """Return the code point at a place as the parser counts."""
        return self._lines[line - 1] + column

    def here(self) -> int:
        """Return where the parser is."""
        return self.index(self._parser.getLineNumber(), self._parser.getColumnNumber())

    def error(self, at: int, message: str) -> BadSsml:
        """Return the error for a place in the markup, whose first line and column are 1."""
        line = bisect_right(self._lines, at)
        return BadSsml(f"ssml: line {line}, column {at - self._lines[line - 1] + 1}: {message}")

    def document(self) -> Document:
        """Return what was read."""
        pieces = self._pieces.finish()
        if not any(piece.text.strip() or piece.pause_before_ms for piece in pieces):
            raise self.error(0, "<speak> holds nothing to say")
        return Document(pieces, self._language)

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802  # the parser calls it so
        """Take the text before a tag, check the tag, and do what it says."""
        start = self.here()
        self._take_text(start)
        self._cursor = _tag_end(self._source, start)
        attributes = dict(attrs.items())
        if len(self._open) >= MOST_DEPTH:
            raise self.error(start, f"tags may be {MOST_DEPTH} deep, not more")
        try:
            check(name, attributes, [element.name for element in self._open])
            self._begin(name, attributes, start)
        except ValueError as wrong:
            raise self.error(start, str(wrong)) from None

    def _begin(self, name: str, attributes: Mapping[str, str], start: int) -> None:
        outer = self._open[-1] if self._open else _Open("", {}, 0, 0, 0, Style(), (None, None))
        style, interpret = styled(outer.style, name, attributes), outer.interpret
        if name in ("p", "s"):
            self._pieces.end_sentence()
        elif name == "break":
            self._pause(break_ms(attributes))
            if attributes.get("strength") == "none" and "time" not in attributes:
                self._pieces.join()
        elif name == "mark":
            self._pieces.mark(filled(attributes["name"], "<mark> name"))
        elif name == "say-as":
            interpret = interpretation(attributes)
            self._pieces.separate()
        elif name == "speak":
            self._language = attributes.get("xml:lang")
        self._pieces.speak_as(style, interpret)
        self._open.append(_Open(name, attributes, start, self._cursor, self._pieces.offset, style, interpret))

    def _pause(self, pause_ms: float) -> None:
        self._breaks_ms += pause_ms
        if self._breaks_ms > BREAKS_MOST_MS:
            raise ValueError(f"<break>: all of them together may last {BREAKS_MOST_MS:g} ms, not {self._breaks_ms:g}")
        self._pieces.pause(pause_ms)

    def endElement(self, name: str) -> None:  # noqa: N802
        """Take the text before the end of an element, and do what could not be done before."""
        element = self._open[-1]
        end = element.content
        # The parser is behind the tag of an empty element, and before the closing tag of others.
        if self._source[element.content - 2] != "/":
            end = self.here()
            self._take_text(end)
            self._cursor = _tag_end(self._source, end)
        try:
            self._end(element, end)
        except ValueError as wrong:
            raise self.error(element.start, str(wrong)) from None
        self._open.pop()
        if self._open:
            self._pieces.speak_as(self._open[-1].style, self._open[-1].interpret)

    def _end(self, element: _Open, end: int) -> None:
        if element.name in ("p", "s"):
            self._pieces.end_sentence()
        elif element.name == "sub":
            span = (element.content, end) if end > element.content else (element.start, self._cursor)
            for character in filled(element.attributes["alias"], "<sub> alias"):
                self._pieces.add(character, *span)
        elif element.name == "phoneme":
            self._read_as(element)
        elif element.name == "w":
            self._pieces.word(element.offset, self._pieces.offset)
        elif element.name == "say-as":
            self._pieces.separate()

    def _read_as(self, element: _Open) -> None:
        written = self._pieces.since(element.offset)
        alphabet = element.attributes.get("alphabet", "py")
        self._pieces.read_as(readings(written, element.offset, element.attributes["ph"], alphabet))

    def _take_text(self, end: int) -> None:
        """Speak what stands between the last tag and the next."""
        element = self._open[-1] if self._open else None
        for character, start, after in _characters(self._source, self._cursor, end) if element else ():
            if element and not TAGS[element.name].text and not character.isspace():
                raise self.error(start, f"<{element.name}> holds no text")
            if element and element.name != "sub":
                self._pieces.add(character, start, after)


def _tag_end(source: str, start: int) -> int:
    tag = _TAG.match(source, start)
    assert tag, "the parser has read this tag"
    return tag.end()


def _characters(source: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    """Yield the characters of a stretch of markup without tags, each with what it is written as."""
    for found in _RAW.finditer(source, start, end):
        if found["reference"]:
            yield _referred(found["reference"]), found.start(), found.end()
        elif found["literal"]:
            for at in range(found.start("literal"), found.end("literal")):
                yield source[at], at, at + 1
        elif found["silent"] is None and found["literal"] is None:
            yield found.group()[0], found.start(), found.end()


def _referred(reference: str) -> str:
    if reference.startswith("&#x"):
        return chr(int(reference[3:-1], 16))
    return chr(int(reference[2:-1])) if reference.startswith("&#") else _PREDEFINED[reference]
