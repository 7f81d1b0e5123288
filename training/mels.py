"""Mel features of recorded speech, as the published voices were trained on."""

import io
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, cast

import av
import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE_HZ = 16000
HOP = 200
WINDOW = 1000
FFT = 2048
MELS = 80


def to_mel_scale(hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Slaney's scale: 3 per 200 Hz up to 1 kHz, 27 per factor of 6.4 above."""
    return np.where(hz < 1000, hz * 3 / 200, 15 + np.log(np.maximum(hz, 1000) / 1000) * 27 / np.log(6.4))


def from_mel_scale(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the frequencies in Hz of points on Slaney's scale."""
    return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((mel - 15) * np.log(6.4) / 27))


def filters() -> NDArray[np.float64]:
    """Return (mels, bins): triangles from 0 Hz to half the sample rate, each of the same area."""
    top = to_mel_scale(np.array(SAMPLE_RATE_HZ / 2))
    corners = from_mel_scale(np.linspace(0, top, MELS + 2))
    bins = np.fft.rfftfreq(FFT, 1 / SAMPLE_RATE_HZ)
    low, mid, high = (corners[start : start + MELS, None] for start in range(3))
    triangles = np.minimum((bins - low) / (mid - low), (high - bins) / (high - mid))
    return np.maximum(0, triangles) * 2 / (high - low)


def mel_of(wave: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (frames, mels) in 0..1 of samples (n,) in -1..1: decibels from -80 to 20 of the magnitudes."""
    window = np.zeros(FFT)
    start = (FFT - WINDOW) // 2
    window[start : start + WINDOW] = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)
    padded = np.pad(wave.astype(np.float64), FFT // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, FFT)[::HOP]
    magnitudes = np.abs(np.fft.rfft(frames * window)) @ filters().T
    decibels = 20 * np.log10(np.maximum(1e-5, magnitudes)) - 20
    return np.clip((decibels + 100) / 100, 0, 1).astype(np.float32)


def normalised(mels: Sequence[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
    """Return mels with each of their bins at mean 0 and standard deviation 1 over all frames."""
    frames = np.concatenate(mels)
    mean, std = frames.mean(0), frames.std(0)
    return [(mel - mean) / std for mel in mels]


def recordings(archive: Path) -> Iterator[NDArray[np.float32]]:
    """Yield the samples in -1..1 at 16 kHz of each recording of a tar."""
    with tarfile.open(archive) as tar:
        for member in tar:
            if member.isfile():
                yield decoded(cast("IO[bytes]", tar.extractfile(member)).read())


def decoded(data: bytes) -> NDArray[np.float32]:
    """Return the samples in -1..1 at 16 kHz of a recording in any common format."""
    resampler = av.AudioResampler("flt", "mono", SAMPLE_RATE_HZ)
    with av.open(io.BytesIO(data), "r") as container:
        frames = [part for frame in container.decode(audio=0) for part in resampler.resample(frame)]
    frames += resampler.resample(None)
    return np.concatenate([frame.to_ndarray()[0] for frame in frames])
