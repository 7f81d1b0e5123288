"""Tests of `tts.codec`: every format decodes to the sound that went in, whatever the chunks."""

import io
import struct
import wave

import av
import numpy as np
import pytest

from tts.codec import FORMATS, open_encoder, to_pcm16, wav_header
from tts.types import Pcm16

COMPRESSED = [name for name in FORMATS if name not in ("pcm", "wav")]


def tone(rate_hz: int, seconds: float = 2.0) -> Pcm16:
    """Return a tone of 220 Hz."""
    return (8000 * np.sin(2 * np.pi * 220 * np.arange(round(rate_hz * seconds)) / rate_hz)).astype(np.int16)


def encode(name: str, rate_hz: int, pcm: Pcm16, step: int = 700) -> list[bytes]:
    """Return what the encoder gives for each step, and for the end."""
    encoder = open_encoder(name, rate_hz)
    return [encoder.encode(pcm[i : i + step]) for i in range(0, len(pcm), step)] + [encoder.finish()]


def decode(data: bytes) -> tuple[np.ndarray, int]:
    """Return the sound in a file, shape (n,), and its rate."""
    with av.open(io.BytesIO(data), "r") as file:
        resampler = av.AudioResampler(format="flt", layout="mono")
        frames = [part for frame in file.decode(audio=0) for part in resampler.resample(frame)]
        return np.concatenate([frame.to_ndarray()[0] for frame in frames]), file.streams.audio[0].rate


@pytest.mark.parametrize("rate_hz", [8000, 11_111, 16_000, 22_050, 24_000, 48_000])
@pytest.mark.parametrize("name", COMPRESSED)
def test_a_format_decodes_to_the_sound_that_went_in(name: str, rate_hz: int) -> None:
    pcm = tone(rate_hz)
    sound, decoded_hz = decode(b"".join(encode(name, rate_hz, pcm)))
    # AAC and MP3 pad the start and the end with up to three frames of about 1,100 samples.
    assert 2.0 - 0.01 <= len(sound) / decoded_hz <= 2.0 + 3300 / decoded_hz
    middle = sound[len(sound) // 4 : len(sound) // 2]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    loudest_hz = float(np.argmax(spectrum)) * decoded_hz / len(middle)
    assert abs(loudest_hz - 220) < 3
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(8000 / 32768 / np.sqrt(2), rel=0.06)


@pytest.mark.parametrize("name", ["flac", "mp4-flac"])
def test_a_lossless_format_loses_nothing(name: str) -> None:
    pcm = tone(22_050)
    sound, _ = decode(b"".join(encode(name, 22_050, pcm, step=331)))
    assert np.array_equal(to_pcm16(sound), pcm)


@pytest.mark.parametrize("name", COMPRESSED)
def test_sound_leaves_before_the_end(name: str) -> None:
    sent = encode(name, 22_050, tone(22_050), step=2205)
    first = next(index for index, data in enumerate(sent) if data)
    assert (first + 1) * 100 <= FORMATS[name].delay_ms + 100


@pytest.mark.parametrize("name", COMPRESSED)
def test_a_codec_never_holds_back_more_than_it_says(name: str) -> None:
    """The credit window relies on the figure: a larger delay would stop a stream for ever."""
    rate_hz, step = 22_050, 441
    sent = encode(name, rate_hz, tone(rate_hz), step=step)
    waiting_ms, worst_ms = 0.0, 0.0
    for data in sent[:-1]:
        waiting_ms = 0.0 if data else waiting_ms + step * 1000 / rate_hz
        worst_ms = max(worst_ms, waiting_ms)
    assert worst_ms <= FORMATS[name].delay_ms


def test_a_streamed_wav_says_that_its_length_is_unknown() -> None:
    data = b"".join(encode("wav", 16_000, tone(16_000)))
    assert struct.unpack("<I", data[4:8]) == struct.unpack("<I", data[40:44]) == (0xFFFFFFFF,)
    assert data[44:] == tone(16_000).tobytes()
    sound, rate_hz = decode(data)
    assert rate_hz == 16_000
    assert len(sound) == 32_000


def test_a_whole_wav_has_true_sizes() -> None:
    pcm = tone(22_050)
    with wave.open(io.BytesIO(wav_header(22_050, pcm.nbytes) + pcm.tobytes())) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (22_050, 1, 2)
        assert file.getnframes() == len(pcm)


def test_loud_samples_are_clipped_and_int16_survives() -> None:
    assert to_pcm16(np.array([1.0, 2.0, -1.0, -2.0], np.float32)).tolist() == [32767, 32767, -32768, -32768]
    every = np.arange(-32768, 32768, dtype=np.int32)
    assert np.array_equal(to_pcm16((every / 32768).astype(np.float32)), every)


def test_the_end_of_nothing_is_still_a_file() -> None:
    for name in COMPRESSED:
        encoder = open_encoder(name, 16_000)
        encoder.finish()
