"""One utterance being made: its packets of sound, its recording, its place among the streams."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tts.codec import Encoder, open_encoder
from tts.limits import Slot
from tts.recordings import Recording, Recordings
from tts.stream import Plan
from tts.timeline import Piece
from tts.types import Mark, Pcm16, Warned
from tts.workers import Workers

#: One peak of the waveform stands for this much sound.
PEAK_MS = 20


@dataclass(frozen=True, slots=True)
class Packet:
    """What a door sends next, in this order: warnings, marks, sound; nothing where more text must be waited for."""

    data: bytes
    """Sound in the format asked for; may be empty."""
    at_ms: float
    """Where the sound that went into this packet begins."""
    ms: float
    """How much sound went into it."""
    peaks: tuple[float, ...]
    """Largest amplitude, 0..1, of every 20 ms of that sound."""
    marks: tuple[Mark, ...]
    warnings: tuple[Warned, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to send before more text comes."""
        return not (self.data or self.marks or self.warnings)


@dataclass(frozen=True, slots=True)
class Summary:
    """How an utterance ended."""

    status: str
    """`completed` or `cancelled`."""
    audio_ms: float
    first_chunk_ms: float | None
    """From the request to the first sound that could be sent; None without any."""
    rtf: float
    """Seconds waited for the engine, the client's own left out, for a second of sound."""
    wav_token: str | None


class Production:
    """Makes an utterance, one packet per `next()`; it must be closed, which frees everything it holds."""

    def __init__(
        self, plan: Plan, pieces: Iterator[Piece], workers: Workers, recordings: Recordings, slot: Slot, id: str
    ) -> None:
        self.id = id
        self.plan = plan
        self._slot = slot
        self._recordings = recordings
        self._begun_s = time.monotonic()
        self._work_s = 0.0
        self._audio_ms = 0.0
        self._first_chunk_ms: float | None = None
        self._completed = False
        self._summary: Summary | None = None
        self.recording = recordings.open(plan.sample_rate_hz)
        encoder = open_encoder(plan.request.format, plan.sample_rate_hz, plan.request.bit_rate)
        self._packets = workers.iterate(_packets(pieces, encoder, self.recording, plan.sample_rate_hz))

    def __iter__(self) -> Production:
        return self

    def __next__(self) -> Packet:
        begun_s = time.monotonic()
        try:
            packet = next(self._packets)
        except StopIteration:
            self._completed = True
            raise
        finally:
            self._work_s += time.monotonic() - begun_s
        self._audio_ms += packet.ms
        self.recording.warnings += packet.warnings
        if packet.data and self._first_chunk_ms is None:
            self._first_chunk_ms = (time.monotonic() - self._begun_s) * 1000
        return packet

    @property
    def audio_ms(self) -> float:
        """Return how much sound was made so far."""
        return self._audio_ms

    def close(self) -> Summary:
        """Stop the work if it goes on, free everything, and return how the utterance ended."""
        if self._summary is None:
            try:
                self._packets.close()
            finally:
                self._summary = self._end()
                self._slot.release()
        return self._summary

    def _end(self) -> Summary:
        kept = False
        if self._completed:
            kept = self._recordings.finish(self.recording)
        else:
            self._recordings.discard(self.recording)
        return Summary(
            status="completed" if self._completed else "cancelled",
            audio_ms=self._audio_ms,
            first_chunk_ms=self._first_chunk_ms,
            rtf=self._work_s * 1000 / self._audio_ms if self._audio_ms else 0.0,
            wav_token=self.recording.token if kept else None,
        )


def _packets(pieces: Iterator[Piece], encoder: Encoder, recording: Recording, rate_hz: int) -> Iterator[Packet]:
    """Yield encoded packets; runs in a native thread, one packet at a time.

    Sound that the encoder holds back is counted in the packet that carries it.
    """
    at_ms, ms, peaks = 0.0, 0.0, []
    try:
        for piece in pieces:
            recording.write(piece.pcm)
            data = encoder.encode(piece.pcm) if piece.pcm.size else b""
            ms += len(piece.pcm) * 1000 / rate_hz
            peaks += _peaks(piece.pcm, rate_hz)
            if data:
                yield Packet(data, at_ms, ms, tuple(peaks), piece.marks, piece.warnings)
                at_ms, ms, peaks = at_ms + ms, 0.0, []
            elif piece.marks or piece.warnings or not piece.pcm.size:
                yield Packet(b"", at_ms, 0.0, (), piece.marks, piece.warnings)
        if last := encoder.finish():
            yield Packet(last, at_ms, ms, tuple(peaks), (), ())
    finally:
        close = getattr(pieces, "close", None)
        if close is not None:
            close()


def _peaks(pcm: Pcm16, rate_hz: int) -> list[float]:
    step = rate_hz * PEAK_MS // 1000
    size = np.abs(pcm.astype(np.int32))
    return [round(float(size[i : i + step].max()) / 32768, 3) for i in range(0, len(size), step)]
