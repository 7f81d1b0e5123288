"""What the networks learn to say: mel spectrogram and energy, as the published 16 kHz voices have them."""

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tts.types import Samples

SAMPLE_RATE_HZ: Final = 16000
HOP: Final = 200
WINDOW: Final = 1000
FFT: Final = 2048
MELS: Final = 80
HIGHEST_HZ: Final = 8000.0
_MIN_LEVEL_DB, _REF_LEVEL_DB = -100.0, 20.0
_BATCH: Final = 512  # frames that are transformed at once

Floats = NDArray[np.float32]


def mel_hz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return frequencies on Slaney's scale (Auditory Toolbox, 1998): linear to 1 kHz, 27 steps per factor 6.4 above."""
    return np.where(mels < 15, mels * 200 / 3, 1000 * np.exp((mels - 15) * np.log(6.4) / 27))


def hz_mel(hz: float) -> float:
    """Return the inverse of `mel_hz`."""
    return hz * 3 / 200 if hz < 1000 else 15 + float(np.log(hz / 1000)) * 27 / float(np.log(6.4))


def edges_hz() -> NDArray[np.float64]:
    """Return where the mel bands begin, peak and end, (MELS + 2,)."""
    return mel_hz(np.linspace(0, hz_mel(HIGHEST_HZ), MELS + 2))


@cache
def filterbank() -> Floats:
    """Return triangles of equal area over the bins of the spectrum, (FFT // 2 + 1, MELS)."""
    bins = np.linspace(0, SAMPLE_RATE_HZ / 2, FFT // 2 + 1)[:, None]
    low, peak, high = (edges_hz()[at : at + MELS] for at in range(3))
    triangles = np.maximum(0, np.minimum((bins - low) / (peak - low), (high - bins) / (high - peak)))
    return np.asarray(triangles * 2 / (high - low), np.float32)


@cache
def window() -> Floats:
    """Return the periodic Hann window, (WINDOW,)."""
    return np.asarray(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW), np.float32)


def frames(samples: Samples) -> Floats:
    """Return windowed frames, (n, WINDOW): frame t is centred at sample t * HOP; n * HOP samples give n frames.

    At the ends the sound is mirrored.
    """
    padded = np.pad(samples, WINDOW // 2, mode="reflect")
    strided = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    return np.asarray(strided[: len(samples) // HOP] * window(), np.float32)


def mel(samples: Samples) -> Floats:
    """Return the mel spectrogram of at least WINDOW samples, (n, MELS), between 0 (-100 dB) and 1 (0 dB).

    A magnitude spectrum of FFT points with the window in its middle, `20 log10(max(1e-5, .)) - 20`, then
    `(x + 100) / 100` clipped. Where the window stands among the FFT points does not matter to magnitudes.
    """
    windowed = frames(samples)
    power = [
        np.abs(np.fft.rfft(windowed[at : at + _BATCH], FFT)).astype(np.float32) @ filterbank()
        for at in range(0, len(windowed), _BATCH)
    ]
    db = 20 * np.log10(np.maximum(1e-5, np.concatenate(power))) - _REF_LEVEL_DB
    return np.clip((db - _MIN_LEVEL_DB) / -_MIN_LEVEL_DB, 0, 1)


def energy_db(samples: Samples) -> Floats:
    """Return the level of each frame under the window, (n,), in dB relative to full scale, at least -100."""
    power = np.mean(np.square(frames(samples), dtype=np.float64), axis=1)
    return np.asarray(10 * np.log10(np.maximum(1e-10, power)), np.float32)


def learned_bins(highest_hz: float) -> NDArray[np.bool_]:
    """Return which mel bands lie wholly below a frequency, (MELS,)."""
    return edges_hz()[2:] <= highest_hz + 1e-6
