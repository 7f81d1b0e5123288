"""What the writer of a text says about how it is read, beyond the text itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class SayAs:
    """A stretch of the text, and what kind of text it is said to be."""

    start: int
    end: int
    kind: str
    """One of `tts.frontend.ssml_values.INTERPRETATIONS`."""
    form: str = ""
    """The order of a date's parts, such as `ymd`; empty where it is left to the text."""


@dataclass(frozen=True, slots=True)
class Hints:
    """Readings, words and kinds of text; all places are code points of the text that is spoken."""

    readings: Mapping[int, str] = field(default_factory=dict)
    """Pinyin of single characters; empty for a 儿 that is spoken in the syllable before it."""
    words: tuple[tuple[int, int], ...] = ()
    """Stretches that are one word each, start and end."""
    sayings: tuple[SayAs, ...] = ()

    def within(self, start: int, end: int) -> "Hints":
        """Return what is said about a stretch, its places counted from where that begins."""
        return Hints(
            {at - start: reading for at, reading in self.readings.items() if start <= at < end},
            tuple((max(a, start) - start, min(b, end) - start) for a, b in self.words if a < end and b > start),
            tuple(
                replace(say, start=max(say.start, start) - start, end=min(say.end, end) - start)
                for say in self.sayings
                if say.start < end and say.end > start
            ),
        )

    @property
    def kinds(self) -> tuple[str, ...]:
        """Return what says something: chosen pinyin, and the names of tags."""
        kinds = (("pinyin", self.readings), ("<w>", self.words), ("<say-as>", self.sayings))
        return tuple(name for name, said in kinds if said)
