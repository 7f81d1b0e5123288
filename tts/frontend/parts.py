"""What the Mandarin reader asks of the parts it is made from."""

from collections.abc import Sequence
from typing import Protocol

from tts.frontend.hints import SayAs


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

    @property
    def unfit(self) -> Sequence[SayAs]:
        """What is not of the kind that it was said to be."""


class Normalizer(Protocol):
    """Writes out numbers, units and the like."""

    def normalize(self, text: str, sayings: Sequence[SayAs] = ()) -> Spoken:
        """Return a text as it is spoken; `sayings` tell what parts of it are."""


class Pinyin(Protocol):
    """Knows how characters are read."""

    def read(self, text: str) -> list[str]:
        """Return one reading for each code point, empty where it is no Chinese character."""

    def read_both(
        self, text: str, start: int = 0, end: int | None = None, words: Sequence[tuple[int, int]] | None = None
    ) -> tuple[list[str], list[str]]:
        """Return the readings without and with the neutral tones of words; `words` are where those stand."""

    def readings(self, character: str) -> tuple[str, ...]:
        """Return all readings of a character, the usual one first."""

    def apart(self, text: str) -> frozenset[int]:
        """Return where 儿 is a syllable of its own, whatever is usual."""


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
