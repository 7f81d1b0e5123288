"""Finds F0 by normalised cross-correlation and the cheapest path through its peaks, also where a voice creaks.

Two stretches of 20 ms, one lag apart, are compared around each frame; creak with its 10 to 15 ms between pulses still
fits. After Talkin (1995), "A robust algorithm for pitch tracking", and Boersma (1993) for the costs of the path.
"""

from dataclasses import dataclass, replace

import numpy as np
import soxr
from numpy.typing import NDArray

from training.config import Pitch
from training.features import HOP, SAMPLE_RATE_HZ
from training.states import runs
from tts.types import Samples

_RATE_HZ = 8000
_WINDOW = 160
_PEAKS = 8
_OCTAVE_COST = 0.03  # per octave of lag: a multiple of the period correlates as well as the period
_JUMP_COST = 0.45  # per octave between frames
_VOICING_COST = 0.10  # for each change between voiced and unvoiced
_LIFTED = 0.05  # what a peak loses that is taken for an octave higher
_BELOW, _ABOVE = 0.6, 1.9  # a speaker's range about the median
_SILENCE = 0.03  # of the loudest amplitude; below, frames tend to be unvoiced

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Peaks:
    """The candidates of n frames: lags in Hz and how periodic the sound is there, both (n, peaks); 0 for none."""

    hz: Floats
    strength: Floats


def track(samples: Samples, pitch: Pitch, usual_hz: float = 0.0) -> NDArray[np.float32]:
    """Return F0 in Hz for each frame of 16 kHz sound, (n,), 0 where it is unvoiced; frame t is centred at t * HOP.

    `usual_hz` is the speaker's median, where it is known: it narrows the range.
    """
    count = len(samples) // HOP
    slow = soxr.resample(samples, SAMPLE_RATE_HZ, _RATE_HZ).astype(np.float64)
    correlation, lags, loudness = correlations(slow, count, pitch)
    peaks = candidates(correlation, lags)
    silence = np.clip(2.0 - loudness / (_SILENCE / (1 + pitch.voicing)), 0.0, 1.0)
    if usual_hz:
        low, high = max(_BELOW * usual_hz, pitch.lowest_hz), min(_ABOVE * usual_hz, pitch.highest_hz)
        pitch = replace(pitch, lowest_hz=low, highest_hz=high)
        peaks = lifted(peaks, low)
    return without_blips(cheapest(peaks, pitch, silence)).astype(np.float32)


def lifted(peaks: Peaks, low_hz: float) -> Peaks:
    """Return peaks with those below a speaker's range an octave higher.

    Creak doubles the period when every second pulse is weaker; the tone that is heard and meant goes on above it.
    """
    below = (peaks.hz > 0) & (peaks.hz < low_hz)
    return Peaks(np.where(below, 2 * peaks.hz, peaks.hz), np.where(below, peaks.strength - _LIFTED, peaks.strength))


def without_blips(f0_hz: Floats) -> Floats:
    """Return F0 without voiced stretches of less than three frames: no phone is that short."""
    for start, end in runs(f0_hz > 0):
        if end - start < 3:
            f0_hz[start:end] = 0.0
    return f0_hz


def correlations(slow: Floats, count: int, pitch: Pitch) -> tuple[Floats, NDArray[np.int64], Floats]:
    """Return normalised correlations (frames, lags), the lags, and how loud each frame is beside the loudest."""
    lags = np.arange(int(_RATE_HZ / pitch.highest_hz) - 1, int(_RATE_HZ / pitch.lowest_hz) + 3)
    pad = _WINDOW + int(lags[-1])
    padded = np.pad(slow - slow.mean(), pad)
    centres = np.arange(count) * (HOP * _RATE_HZ // SAMPLE_RATE_HZ) + pad
    power = np.concatenate([[0.0], np.cumsum(padded**2)])
    floor = 1e-4 * _WINDOW * float(np.mean(slow**2)) + 1e-12
    found = np.empty((count, len(lags)))
    for column, lag in enumerate(lags):
        start = centres - (_WINDOW + int(lag)) // 2
        products = np.concatenate([[0.0], np.cumsum(padded[:-lag] * padded[lag:])])
        first = power[start + _WINDOW] - power[start]
        second = power[start + lag + _WINDOW] - power[start + lag]
        found[:, column] = (products[start + _WINDOW] - products[start]) / (np.sqrt(first * second) + floor)
    amplitude = np.sqrt(np.maximum(0, power[centres + _WINDOW // 2] - power[centres - _WINDOW // 2]))
    return found, lags, amplitude / (amplitude.max(initial=0.0) + 1e-9)


def candidates(correlation: Floats, lags: NDArray[np.int64]) -> Peaks:
    """Return the highest peaks of each frame, placed between the lags by a parabola."""
    middle, left, right = correlation[:, 1:-1], correlation[:, :-2], correlation[:, 2:]
    score = np.where((middle > left) & (middle >= right) & (middle > 0.1), middle, 0.0)
    score *= 1 - 0.03 * np.log2(lags[1:-1] / lags[1])  # the shortest of like peaks is to be among those kept
    best = np.argsort(-score, axis=1)[:, :_PEAKS]
    kept = np.take_along_axis(score, best, 1) > 0
    a, b, c = (np.take_along_axis(part, best, 1) for part in (left, middle, right))
    curve = a - 2 * b + c
    shift = np.where(kept & (curve < 0), 0.5 * (a - c) / np.where(curve < 0, curve, -1.0), 0.0)
    height = b - 0.25 * (a - c) * shift
    return Peaks(np.where(kept, _RATE_HZ / (lags[1:-1][best] + shift), 0.0), np.where(kept, height, 0.0))


def cheapest(peaks: Peaks, pitch: Pitch, silence: Floats) -> Floats:
    """Return F0 along the path of least cost, (n,), 0 where unvoiced; state 0 is unvoiced, the others are the peaks."""
    octaves = np.log2(np.maximum(peaks.hz, 1.0))
    lowest, highest = np.log2(pitch.lowest_hz), np.log2(pitch.highest_hz)
    inside = (peaks.hz >= pitch.lowest_hz) & (peaks.hz <= pitch.highest_hz)
    voiced = np.where(inside, _OCTAVE_COST * (highest - octaves) - peaks.strength, 1e3)
    cost = np.concatenate([(-pitch.voicing - silence)[:, None], voiced], axis=1)
    back = np.zeros(cost.shape, np.int64)
    total = cost[0]
    octaves = np.clip(octaves, lowest, highest)
    for t in range(1, len(cost)):
        move = np.full((cost.shape[1], cost.shape[1]), _VOICING_COST)
        move[0, 0] = 0.0
        move[1:, 1:] = _JUMP_COST * np.abs(octaves[t - 1][:, None] - octaves[t][None])
        through = total[:, None] + move
        back[t] = through.argmin(axis=0)
        total = through.min(axis=0) + cost[t]
    states = np.empty(len(cost), np.int64)
    states[-1] = int(total.argmin())
    for t in range(len(cost) - 1, 0, -1):
        states[t - 1] = back[t, states[t]]
    rows = np.arange(len(cost))
    return np.where(states > 0, peaks.hz[rows, np.maximum(states - 1, 0)], 0.0)
