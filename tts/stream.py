"""Turns a request into one continuous stream of sound and marks, sentence after sentence."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import soxr

from tts.catalogue import Catalogue, check_emotion
from tts.codec import to_pcm16
from tts.errors import BadRequest
from tts.frontend import Reader
from tts.types import NEUTRAL, Mark, Pcm16, Request, Samples, Sentence, Voice, Warned

#: The first pieces are short, so that sound leaves early; later ones grow, so that each costs less to send.
PIECES_MS = (100, 200, 400)

#: Above this amplitude a raised volume is bent rather than clipped.
_KNEE = 0.8


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the utterance, in order and without gaps."""

    pcm: Pcm16
    """Shape (n,); may be empty when there is only something to tell."""
    at_ms: float
    """Where it begins in the utterance."""
    marks: tuple[Mark, ...] = ()
    """Marks of the sentence that begins here, counted from the start of the utterance."""
    warnings: tuple[Warned, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """A request whose voice is found and whose choices are checked."""

    request: Request
    voice: Voice
    sample_rate_hz: int


def plan(request: Request, catalogue: Catalogue, reader: Reader) -> Plan:
    """Return what will be done for a request, or raise the error that the client sees."""
    voice = _voice(request, catalogue, reader)
    check_emotion(voice, request.controls.emotion)
    return Plan(request, voice, request.sample_rate_hz or voice.sample_rate_hz)


def _voice(request: Request, catalogue: Catalogue, reader: Reader) -> Voice:
    if request.voice:
        voice = catalogue.voice(request.voice)
        if request.language and catalogue.match(request.language) != voice.language:
            raise BadRequest(f"language: {voice.id} speaks {voice.language}, not {request.language!r}; leave one out")
        return voice
    language = request.language or reader.detect(request.text) or catalogue.default.language
    return catalogue.for_language(language)


def speak(plan: Plan, catalogue: Catalogue, reader: Reader) -> Iterator[Piece]:
    """Yield the utterance while it is made.

    Raises `BadRequest` when nothing in the text can be spoken.
    """
    timeline = _Timeline(plan)
    for sentence in reader.read(plan.request.text, plan.voice.language, plan.request.readings):
        yield from _sentence(sentence, plan, catalogue, timeline)
    yield from timeline.finish()
    if not timeline.heard:
        raise BadRequest("text: nothing in it can be spoken")


def _sentence(sentence: Sentence, plan: Plan, catalogue: Catalogue, timeline: "_Timeline") -> Iterator[Piece]:
    voice, warnings = _speaker(sentence, plan, catalogue)
    if warnings:
        yield timeline.tell(warnings)
    if not sentence.text or voice is None:
        return
    yield from timeline.begin(voice)
    controls = plan.request.controls
    if not _knows(voice, controls.emotion):
        controls = replace(controls, emotion=NEUTRAL)
    for chunk in catalogue.speak(sentence, voice, controls):
        yield from timeline.add(chunk.samples, chunk.marks)
    timeline.pause_ms = sentence.pause_ms / controls.speed


def _speaker(sentence: Sentence, plan: Plan, catalogue: Catalogue) -> tuple[Voice | None, tuple[Warned, ...]]:
    """Return who speaks the sentence, and what the listener must be told."""
    main = plan.voice
    if not sentence.text or sentence.language == main.language:
        return main, sentence.warnings
    shown = sentence.text if len(sentence.text) <= 20 else sentence.text[:20] + "…"
    try:
        other = catalogue.for_language(sentence.language, main.sex)
    except BadRequest:
        lost = Warned("unreadable", f"{shown!r} ({sentence.language}) cannot be spoken by any voice")
        return None, (*sentence.warnings, lost)
    emotion = plan.request.controls.emotion
    without = "" if _knows(other, emotion) else f", without {emotion!r}"
    message = f"{main.id} cannot read {shown!r} ({sentence.language}); {other.id} speaks it{without}"
    told = Warned("other_voice", message)
    return other, (*sentence.warnings, told)


def _knows(voice: Voice, emotion: str) -> bool:
    return emotion == NEUTRAL or emotion in voice.emotions


class _Timeline:
    """Places the sound of all sentences on one line of samples at the utterance's rate."""

    def __init__(self, plan: Plan) -> None:
        self._rate_hz = plan.sample_rate_hz
        self._volume = plan.request.volume
        # Half a window, so that one piece can be heard while the next is on its way.
        self._most_ms = (plan.request.window_ms or 2 * max(PIECES_MS)) // 2
        self._source_hz = 0
        self._resampler: soxr.ResampleStream | None = None
        self._in_ms = 0.0
        self._base_ms = 0.0
        self._out_samples = 0
        self._pieces = 0
        self.pause_ms = 0.0
        """Silence owed before the next sentence."""
        self.heard = False

    def tell(self, warnings: tuple[Warned, ...]) -> Piece:
        """Return a piece without sound."""
        return Piece(np.zeros(0, np.int16), self._at_ms, (), warnings)

    def begin(self, voice: Voice) -> Iterator[Piece]:
        """Yield the pause owed to the sentence before, then take sound at the voice's rate."""
        if voice.sample_rate_hz != self._source_hz:
            yield from self.finish()
            self._source_hz = voice.sample_rate_hz
            self._resampler = None
            if self._source_hz != self._rate_hz:
                self._resampler = soxr.ResampleStream(self._source_hz, self._rate_hz, 1, "float32")
        if self.heard and self.pause_ms:
            yield from self._push(np.zeros(round(self.pause_ms * self._source_hz / 1000), np.float32), ())
        self.pause_ms = 0.0
        self._base_ms = self._in_ms

    def add(self, samples: Samples, marks: tuple[Mark, ...]) -> Iterator[Piece]:
        """Yield sound of the current sentence, shape (n,), its marks counted from the sentence's start."""
        self.heard = self.heard or bool(samples.size)
        moved = tuple(
            replace(mark, start_ms=mark.start_ms + self._base_ms, end_ms=mark.end_ms + self._base_ms) for mark in marks
        )
        yield from self._push(samples, moved)

    def finish(self) -> Iterator[Piece]:
        """Yield what the resampler still holds."""
        if self._resampler is not None:
            yield from self._cut(self._resampler.resample_chunk(np.zeros(0, np.float32), last=True), ())
            self._resampler = None

    @property
    def _at_ms(self) -> float:
        return self._out_samples * 1000 / self._rate_hz

    def _push(self, samples: Samples, marks: tuple[Mark, ...]) -> Iterator[Piece]:
        self._in_ms += len(samples) * 1000 / self._source_hz
        if self._resampler is not None:
            samples = self._resampler.resample_chunk(samples)
        yield from self._cut(samples, marks)

    def _cut(self, samples: Samples, marks: tuple[Mark, ...]) -> Iterator[Piece]:
        pcm = to_pcm16(_amplify(samples, self._volume))
        while pcm.size or marks:
            most_ms = min(PIECES_MS[min(self._pieces, len(PIECES_MS) - 1)], self._most_ms)
            most = self._rate_hz * most_ms // 1000
            yield Piece(pcm[:most], self._at_ms, marks)
            self._pieces += 1
            self._out_samples += len(pcm[:most])
            pcm, marks = pcm[most:], ()


def _amplify(samples: Samples, volume: float) -> Samples:
    """Return the samples at a volume of 0..2, shape (n,); what a raised volume pushes past the knee bends towards 1.

    It looks at one sample at a time, so chunks and whole give the same.
    """
    if volume == 1:
        return samples
    louder: Samples = samples * np.float32(volume)
    size = np.abs(louder)
    if volume < 1 or not size.size or size.max() <= _KNEE:
        return louder
    bent = _KNEE + (1 - _KNEE) * np.tanh((size - _KNEE) / (1 - _KNEE))
    result: Samples = np.where(size > _KNEE, np.sign(louder) * bent, louder).astype(np.float32)
    return result
