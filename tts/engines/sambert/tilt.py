"""Makes sound brighter or darker, and louder or softer, as it comes: what a rule does to the samples of an emotion."""

import numpy as np

from tts.types import Samples

#: Between these the change grows evenly with the octaves; above, it stays.
_FROM_HZ, _TO_HZ = 500.0, 4000.0
_HALF = 48
_POINTS = 1024


class Tilt:
    """Filters one sentence; whichever pieces give the same samples, as many as came in and none of them late."""

    def __init__(self, sample_rate_hz: int, tilt_db: float, gain: float) -> None:
        self._taps = _taps(sample_rate_hz, tilt_db) * np.float32(gain)
        self._kept = np.zeros(_HALF, np.float32)

    def feed(self, samples: Samples, last: bool = False) -> Samples:
        """Return the samples, shape (m,), that samples of shape (n,) complete; `last` gives those that wait."""
        after = np.zeros(_HALF if last else 0, np.float32)
        held = np.concatenate([self._kept, samples, after])
        ready = max(0, len(held) - 2 * _HALF)
        self._kept = held[ready:]
        return np.convolve(held, self._taps, "valid").astype(np.float32) if ready else held[:0]


def _taps(sample_rate_hz: int, tilt_db: float) -> Samples:
    """Return a filter that is symmetric about its middle, (2 * _HALF + 1,): the wanted gains, under a Hann window."""
    hz = np.fft.rfftfreq(_POINTS, 1 / sample_rate_hz)
    octaves = np.log2(np.clip(hz, _FROM_HZ, _TO_HZ) / _FROM_HZ) / np.log2(_TO_HZ / _FROM_HZ)
    whole = np.fft.fftshift(np.fft.irfft(10 ** (tilt_db * octaves / 20), _POINTS))
    middle = _POINTS // 2
    taps: Samples = (whole[middle - _HALF : middle + _HALF + 1] * np.hanning(2 * _HALF + 3)[1:-1]).astype(np.float32)
    return taps
