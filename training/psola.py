"""Changes tempo and pitch of a voice: pitch-synchronous overlap and add, after Moulines and Charpentier (1990)."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from training.features import HOP, SAMPLE_RATE_HZ
from tts.types import Samples

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
#: How far marks lie apart where nothing is voiced, in samples: 5 ms.
_UNVOICED = 80


def marks(samples: Samples, f0_hz: NDArray[np.floating]) -> Ints:
    """Return where the periods of a sound lie, (marks,), in samples: one to each period, on like peaks of the wave.

    `f0_hz` (frames,) is 0 where the sound is unvoiced; there they lie 5 ms apart.
    """
    found, at = [0], 0.0
    smooth = np.convolve(samples, np.ones(9) / 9, "same")
    while True:
        hz = float(f0_hz[min(int(at) // HOP, len(f0_hz) - 1)])
        period = SAMPLE_RATE_HZ / hz if hz > 0 else _UNVOICED
        expected = at + period
        if expected >= len(samples):
            return np.array(found)
        if hz > 0:
            low, high = int(expected - 0.2 * period), int(expected + 0.2 * period) + 1
            expected = low + float(np.argmax(smooth[low:high]))
        at = max(expected, at + 0.5 * period)
        found.append(int(at))


def changed(
    samples: Samples,
    f0_hz: NDArray[np.floating],
    length: int,
    source_of: Callable[[float], float],
    wanted_hz: Callable[[float], float],
) -> Samples:
    """Return a sound of `length` samples with another tempo and pitch.

    `source_of` tells for a sample of the new sound where it comes from, `wanted_hz` its F0, which does not matter where
    the source is unvoiced.
    """
    places = marks(samples, f0_hz)
    padded = np.pad(samples.astype(np.float64), HOP * 2)
    made, weight = np.zeros(length + HOP * 4), np.zeros(length + HOP * 4)
    at = 0.0
    while at < length:
        source = source_of(at)
        near = int(np.clip(np.searchsorted(places, source), 1, len(places) - 1))
        near -= int(source - places[near - 1] < places[near] - source)
        voiced = f0_hz[min(int(source) // HOP, len(f0_hz) - 1)] > 0
        before = places[near] - places[near - 1] if near else _UNVOICED
        after = places[near + 1] - places[near] if near + 1 < len(places) else before
        before, after = (min(int(part), 2 * HOP) for part in (before, after))
        bell = np.concatenate([np.hanning(2 * before + 1)[:before], np.hanning(2 * after + 1)[after:]])
        to, middle = int(at) + 2 * HOP, int(places[near]) + 2 * HOP
        made[to - before : to + after + 1] += bell * padded[middle - before : middle + after + 1]
        weight[to - before : to + after + 1] += bell
        at += SAMPLE_RATE_HZ / wanted_hz(at) if voiced else _UNVOICED
    return np.asarray((made / np.maximum(weight, 0.3))[2 * HOP : 2 * HOP + length], np.float32)
