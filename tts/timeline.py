"""Lays sentences end to end: one line of samples, with silence between them, cut into pieces to send."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import soxr

from tts.codec import to_pcm16
from tts.frontend.ssml_pieces import Spans
from tts.types import Mark, Pcm16, PcmChunk, Samples, Voice, Warned

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


def named(place: int, name: str, at_ms: float) -> Mark:
    """Return the mark of a place that has a name."""
    return Mark("", place, at_ms, at_ms, name=name)


class Timeline:
    """Places the sound of all sentences on one line of samples at the utterance's rate."""

    def __init__(self, spans: Spans, rate_hz: int, window_ms: int | None) -> None:
        self._spans = spans
        self._rate_hz = rate_hz
        # Half a window, so that one piece can be heard while the next is on its way.
        self._most_ms = (window_ms or 2 * max(PIECES_MS)) // 2
        self._source_hz = 0
        self._resampler: soxr.ResampleStream | None = None
        self._in_ms = 0.0
        self._base_ms = 0.0
        self._out_samples = 0
        self._pieces = 0
        self.pause_ms = 0.0
        """Silence owed before the next sentence, if there is one."""
        self.rest_ms = 0.0
        """Silence that markup asks for here; it has the other in it."""
        self.heard = False

    def tell(self, warnings: tuple[Warned, ...]) -> Piece:
        """Return a piece without sound."""
        return Piece(np.zeros(0, np.int16), self._at_ms, (), warnings)

    def name(self, names: Iterable[tuple[int, str]]) -> Piece:
        """Return a piece that says when places are reached that no sentence follows."""
        marks = tuple(named(place, name, self._in_ms + self.rest_ms) for place, name in names)
        return Piece(np.zeros(0, np.int16), self._at_ms, tuple(map(self._placed, marks)))

    def begin(self, voice: Voice) -> Iterator[Piece]:
        """Yield the silence that is owed, then take sound at the voice's rate."""
        if voice.sample_rate_hz != self._source_hz:
            yield from self._flush()
            self._source_hz = voice.sample_rate_hz
            self._resampler = None
            if self._source_hz != self._rate_hz:
                self._resampler = soxr.ResampleStream(self._source_hz, self._rate_hz, 1, "float32")
        yield from self._silence(max(self.rest_ms, self.pause_ms if self.heard else 0.0))
        self.pause_ms = self.rest_ms = 0.0
        self._base_ms = self._in_ms

    def add(self, chunk: PcmChunk, volume: float) -> Iterator[Piece]:
        """Yield sound of the current sentence, its marks counted from the sentence's start.

        An empty chunk, of an engine that waits, gives an empty piece.
        """
        if not chunk.samples.size and not chunk.marks:
            yield self.tell(())
        self.heard = self.heard or bool(chunk.samples.size)
        moved = tuple(
            replace(mark, start_ms=mark.start_ms + self._base_ms, end_ms=mark.end_ms + self._base_ms)
            for mark in map(self._placed, chunk.marks)
        )
        yield from self._push(_amplify(chunk.samples, volume), moved)

    def finish(self) -> Iterator[Piece]:
        """Yield the silence at the end and what the resampler still holds."""
        if self.heard:
            yield from self._silence(self.rest_ms)
        yield from self._flush()

    def _silence(self, ms: float) -> Iterator[Piece]:
        if ms:
            yield from self._push(np.zeros(round(ms * self._source_hz / 1000), np.float32), ())

    def _flush(self) -> Iterator[Piece]:
        if self._resampler is not None:
            yield from self._cut(self._resampler.resample_chunk(np.zeros(0, np.float32), last=True), ())
            self._resampler = None

    def _placed(self, mark: Mark) -> Mark:
        """Return a mark of the spoken text as one of the request's."""
        start = self._spans.start(mark.start)
        end = self._spans.end(mark.start + len(mark.text)) if mark.text else start
        return replace(mark, start=start, end=end)

    @property
    def _at_ms(self) -> float:
        return self._out_samples * 1000 / self._rate_hz

    def _push(self, samples: Samples, marks: tuple[Mark, ...]) -> Iterator[Piece]:
        self._in_ms += len(samples) * 1000 / self._source_hz
        if self._resampler is not None:
            samples = self._resampler.resample_chunk(samples)
        yield from self._cut(samples, marks)

    def _cut(self, samples: Samples, marks: tuple[Mark, ...]) -> Iterator[Piece]:
        pcm = to_pcm16(samples)
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
