"""The values that flow through the program, from a request to sound with marks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

#: Mono audio, shape (n,), float32 in -1..1.
Samples: TypeAlias = NDArray[np.float32]

#: Mono audio as it leaves the program, shape (n,), int16.
Pcm16: TypeAlias = NDArray[np.int16]

Sex: TypeAlias = Literal["female", "male"]

Emphasis: TypeAlias = Literal["strong", "moderate", "none", "reduced"]

NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice that an engine offers."""

    id: str
    """Unique among all engines, e.g. `espeak-cmn`."""
    name: str
    """What the menu shows, in the voice's own language."""
    language: str
    """BCP-47 tag of the language it reads, e.g. `zh`, `en-US`."""
    sex: Sex
    engine: str
    """Name of the engine that speaks it, e.g. `espeak`."""
    sample_rate_hz: int
    emotions: tuple[str, ...]
    """Emotions it can express, `neutral` first."""
    licence: str
    reproducible: bool
    """Whether the same request gives the same samples every time, but for a step of 16 bits beside other streams."""
    elsewhere: bool = False
    """Whether another server speaks it, so that making its sound is waiting."""
    ignores: tuple[str, ...] = ()
    """Controls that it does not follow: `speed`, `pitch`."""


@dataclass(frozen=True, slots=True)
class Controls:
    """How a sentence is to be spoken."""

    emotion: str = NEUTRAL
    intensity: float = 100.0
    """Percent: 0 sounds neutral, 100 as designed, up to 125."""
    speed: float = 1.0
    """Factor on the tempo, 0.5..2."""
    pitch_semitones: float = 0.0
    """-12..12, added to the voice's own pitch."""
    pitch_range: float = 1.0
    """Factor on how far the pitch moves about its mean."""
    energy: float = 0.0
    """-2..2, added to the energy that a neural voice predicts, in its deviations; 3 dB each in other voices."""


@dataclass(frozen=True, slots=True)
class Style:
    """What markup asks for beyond the request's controls; None leaves it to them."""

    emotion: str | None = None
    intensity: float | None = None
    """Percent, 1 to 200."""
    speed: float = 1.0
    """Factor on the request's; nested elements multiply."""
    pitch_semitones: float = 0.0
    """Added to the request's."""
    volume: float = 1.0
    """Factor on the request's."""
    voice: str | None = None
    emphasis: Emphasis | None = None


@dataclass(frozen=True, slots=True)
class Warned:
    """Something the listener should know, though the speech goes on."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks for, after `tts.web.protocol` has checked it."""

    text: str
    """What is to be spoken; with `ssml`, as markup."""
    format: str
    """A key of `tts.codec.ENCODINGS`."""
    voice: str | None = None
    language: str | None = None
    controls: Controls = Controls()
    volume: float = 1.0
    """Factor on the amplitude, 0..2."""
    sample_rate_hz: int | None = None
    """None for the voice's own."""
    bit_rate: int | None = None
    """Bits per second of a compressed format; None for the format's own."""
    id: str | None = None
    """The client's name for the utterance."""
    window_ms: int | None = None
    """Sound that may be unacknowledged; None for no limit."""
    stream: bool = True
    """False when HTTP is to answer with one body."""
    readings: Mapping[int, str] = field(default_factory=dict)
    """Chosen readings: code point of `text` -> pinyin."""
    ssml: bool = False
    """Whether `text` is SSML; it is never guessed."""
    more: bool = False
    """Whether `text` is only the beginning, which may be empty, and the rest keeps arriving."""


@dataclass(frozen=True, slots=True)
class Syllable:
    """One spoken syllable, and the characters it stands for."""

    start: int
    """Code point of the spoken text (the request's, without its tags) where what it stands for begins."""
    end: int
    """Where that ends, exclusive; syllables of one number or word may share a span."""
    pinyin: str = ""
    """As spoken, after sandhi and with a merged 儿: `hang2`, `lv4`, `de5`, `huar1`; empty for a foreign syllable."""
    citation: str = ""
    """The reading before sandhi and without a merged 儿: `yi1` where `pinyin` is `yi4`, `hua1` where it is `huar1`."""
    phones: tuple[str, ...] = ()
    """ARPAbet phones of an English syllable, lower case, without stress digits."""
    stressed: bool = False
    """Whether an English syllable carries the primary stress."""


@dataclass(frozen=True, slots=True)
class Word:
    """A prosodic word: syllables that are spoken without a break between them."""

    syllables: tuple[Syllable, ...]
    break_after: int = 1
    """The break that follows, 1 to 4: word, phrase, clause, sentence (#1 to #4)."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A piece of text that is spoken in one go: a clause in one language."""

    text: str
    """As written; `text[i]` stands at code point `start + i` of the spoken text. Empty where there is only
    silence, a name for a place, or a warning."""
    start: int
    language: str
    """BCP-47 tag of the language it is in."""
    pause_ms: float = 0.0
    """Silence that follows it."""
    warnings: tuple[Warned, ...] = ()
    """What the front end has to say about the text up to the end of this piece."""
    spoken: str = ""
    """The text with numbers, units and the like written out, where the language's front end does that."""
    words: tuple[Word, ...] = ()
    """How it is read, where the language's front end says; the last one's break is what its punctuation asks for."""
    mood: Literal["statement", "question", "exclamation"] = "statement"
    """What its punctuation says."""
    origins: tuple[int, ...] = ()
    """For each code point of `spoken` the code point of the spoken text that it comes from."""
    style: Style = Style()
    rest_ms: float = 0.0
    """Silence that markup puts before it, whatever the speed."""
    names: tuple[tuple[int, str], ...] = ()
    """Places that markup names: the code point of the spoken text that follows, and the name."""


@dataclass(frozen=True, slots=True)
class Mark:
    """When a stretch of the text is heard."""

    text: str
    start: int
    """Code point where `text` begins: of the spoken text as an engine tells it, of the request's when it leaves."""
    start_ms: float
    end_ms: float
    pinyin: str = ""
    """How it is read; empty where the engine does not tell."""
    end: int = 0
    """Code point of the request's text after it; the timeline says it, engines need not."""
    name: str = ""
    """The name that markup gave the place, if this is one: then `text` is empty, and it begins when it ends."""


@dataclass(frozen=True, slots=True)
class PcmChunk:
    """A stretch of sound from an engine, with the marks that begin in it.

    Marks count their time from the first sample of the sentence.
    """

    samples: Samples
    marks: tuple[Mark, ...] = field(default=())
