"""Turns samples into the bytes of an audio format while they are made."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Protocol

import av
import numpy as np
import soxr

from tts.types import Pcm16, Samples

#: What stands in both size fields of a WAV whose length is not known yet; readers take zero for an empty file.
UNKNOWN_SIZE = 0xFFFFFFFF


class Encoder(Protocol):
    """Takes samples in order and gives the bytes that can be sent so far."""

    def encode(self, pcm: Pcm16) -> bytes:
        """Return the bytes that these samples, shape (n,), complete; may be empty."""
        ...

    def finish(self) -> bytes:
        """Return the last bytes; no call may follow."""
        ...


@dataclass(frozen=True, slots=True)
class Format:
    """An audio format that a request can ask for."""

    mime: str
    container: str = ""
    """Name of the muxer; empty for PCM, which needs none."""
    codec: str = ""
    rates_hz: tuple[int, ...] = ()
    """Sample rates the codec takes; empty for any."""
    muxer_options: Mapping[str, str] = field(default_factory=dict)
    codec_options: Mapping[str, str] = field(default_factory=dict)
    bit_rate: int | None = None
    delay_ms: float = 0.0
    """Sound that codec and muxer may hold back until more follows."""


_OPUS_RATES_HZ = (8000, 12000, 16000, 24000, 48000)
_AAC_RATES_HZ = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
_SPEECH = {"application": "voip", "frame_duration": "20"}
_FLUSH = {"flush_packets": "1"}
# FFmpeg's FLAC encoder takes blocks of 27 ms up to this level and of 105 ms above it.
_SHORT_FRAMES = {"compression_level": "2"}
# A player starts when it holds one cluster or fragment, so they are short.
_CLUSTERS = {"live": "1", "cluster_time_limit": "40", **_FLUSH}
_FRAGMENTS = {"movflags": "empty_moov+default_base_moof+frag_every_frame", **_FLUSH}

FORMATS: Mapping[str, Format] = {
    "pcm": Format("audio/pcm"),
    "wav": Format("audio/wav"),
    "webm": Format("audio/webm;codecs=opus", "webm", "libopus", _OPUS_RATES_HZ, _CLUSTERS, _SPEECH, 48_000, 150),
    "mp4-flac": Format(
        "audio/mp4;codecs=flac", "mp4", "flac", (), {**_FRAGMENTS, "strict": "-2"}, _SHORT_FRAMES, delay_ms=150
    ),
    "mp4-aac": Format(
        "audio/mp4;codecs=mp4a.40.2", "mp4", "aac", _AAC_RATES_HZ, _FRAGMENTS, bit_rate=96_000, delay_ms=300
    ),
    "mp3": Format(
        "audio/mpeg", "mp3", "libmp3lame", _AAC_RATES_HZ, {"write_xing": "0", **_FLUSH}, bit_rate=64_000, delay_ms=300
    ),
    "flac": Format("audio/flac", "flac", "flac", muxer_options=_FLUSH, codec_options=_SHORT_FRAMES, delay_ms=150),
    "opus": Format(
        "audio/ogg;codecs=opus",
        "ogg",
        "libopus",
        _OPUS_RATES_HZ,
        {"page_duration": "60000", **_FLUSH},
        _SPEECH,
        48_000,
        150,
    ),
}

#: Every encoding, those too that only doors of other services offer.
ENCODINGS: Mapping[str, Format] = {
    **FORMATS,
    "aac": Format("audio/aac", "adts", "aac", _AAC_RATES_HZ, _FLUSH, bit_rate=96_000, delay_ms=300),
    "ulaw": Format("audio/basic", "mulaw", "pcm_mulaw", muxer_options=_FLUSH),
}


def open_encoder(name: str, sample_rate_hz: int, bit_rate: int | None = None) -> Encoder:
    """Return an encoder for the encoding of that name and mono samples of that rate; `bit_rate` replaces its own."""
    if name == "pcm":
        return PcmEncoder()
    if name == "wav":
        return WavEncoder(sample_rate_hz)
    fmt = ENCODINGS[name]
    return AvEncoder(replace(fmt, bit_rate=bit_rate) if bit_rate else fmt, sample_rate_hz)


def to_pcm16(samples: Samples) -> Pcm16:
    """Return float samples of -1..1, shape (n,), as 16-bit integers; louder ones are clipped, not wrapped."""
    pcm: Pcm16 = np.clip(np.rint(samples * 32768.0), -32768, 32767).astype(np.int16)
    return pcm


def wav_header(sample_rate_hz: int, data_bytes: int | None = None) -> bytes:
    """Return the 44 bytes before 16-bit mono PCM in a RIFF/WAVE file; without a length they say it is unknown."""
    riff_bytes = UNKNOWN_SIZE if data_bytes is None else data_bytes + 36
    size = UNKNOWN_SIZE if data_bytes is None else data_bytes
    chunk = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, sample_rate_hz, sample_rate_hz * 2, 2, 16)
    return struct.pack("<4sI4s", b"RIFF", riff_bytes, b"WAVE") + chunk + struct.pack("<4sI", b"data", size)


class PcmEncoder:
    """16-bit little-endian PCM without a header."""

    def encode(self, pcm: Pcm16) -> bytes:
        """Return the samples, shape (n,), as bytes."""
        return pcm.astype("<i2", copy=False).tobytes()

    def finish(self) -> bytes:
        """Return nothing: every sample has left."""
        return b""


class WavEncoder(PcmEncoder):
    """PCM behind a WAV header whose sizes say that the length is unknown."""

    def __init__(self, sample_rate_hz: int) -> None:
        self._header = wav_header(sample_rate_hz)

    def encode(self, pcm: Pcm16) -> bytes:
        """Return the samples, shape (n,), as bytes, the header before the first."""
        header, self._header = self._header, b""
        return header + super().encode(pcm)


class _Sink:
    """The file a muxer writes to: what it wrote is taken out after every step."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def write(self, data: bytes) -> int:
        self._bytes += data
        return len(data)

    def take(self) -> bytes:
        data = bytes(self._bytes)
        self._bytes.clear()
        return data


class AvEncoder:
    """One codec and one muxer for the whole utterance, so that no chunk border can be heard."""

    def __init__(self, fmt: Format, sample_rate_hz: int) -> None:
        rate_hz = _rate_for(fmt, sample_rate_hz)
        self._resampler = (
            None if rate_hz == sample_rate_hz else soxr.ResampleStream(sample_rate_hz, rate_hz, 1, "int16")
        )
        self._rate_hz = rate_hz
        self._sink = _Sink()
        self._container = av.open(self._sink, "w", format=fmt.container, options=dict(fmt.muxer_options))
        stream = self._container.add_stream(fmt.codec, rate=rate_hz, options=dict(fmt.codec_options))
        assert isinstance(stream, av.AudioStream)
        stream.layout = "mono"
        stream.time_base = Fraction(1, rate_hz)
        if fmt.bit_rate:
            stream.bit_rate = fmt.bit_rate
        self._stream = stream
        self._samples = 0

    def encode(self, pcm: Pcm16) -> bytes:
        """Return the bytes that these samples, shape (n,), complete."""
        if self._resampler is not None:
            pcm = self._resampler.resample_chunk(pcm)
        self._feed(pcm)
        return self._sink.take()

    def finish(self) -> bytes:
        """Return the bytes still in the codec, and the end of the file."""
        if self._resampler is not None:
            self._feed(self._resampler.resample_chunk(np.zeros(0, np.int16), last=True))
        self._mux(None)
        self._container.close()
        return self._sink.take()

    def _feed(self, pcm: Pcm16) -> None:
        if not pcm.size:
            return
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(pcm)[None, :], format="s16", layout="mono")
        frame.sample_rate = self._rate_hz
        frame.pts = self._samples
        frame.time_base = Fraction(1, self._rate_hz)
        self._samples += len(pcm)
        self._mux(frame)

    def _mux(self, frame: av.AudioFrame | None) -> None:
        for packet in self._stream.encode(frame):
            self._container.mux(packet)


def _rate_for(fmt: Format, sample_rate_hz: int) -> int:
    """Return the lowest rate of the codec that loses nothing, else its highest."""
    if not fmt.rates_hz or sample_rate_hz in fmt.rates_hz:
        return sample_rate_hz
    return min((rate for rate in fmt.rates_hz if rate > sample_rate_hz), default=max(fmt.rates_hz))
