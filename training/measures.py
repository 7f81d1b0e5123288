"""What can be measured of speech against other speech, or of itself; nothing here knows where it comes from."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from training.features import HOP, MELS, SAMPLE_RATE_HZ
from training.states import Ints
from tts.types import Samples

Floats = NDArray[np.floating]

_CEPSTRA = 24
_NEPERS = float(np.log(10)) * 5  # of the whole range of `training.features.mel`, 100 dB
_NEARBY_FRAMES = 4


@dataclass(frozen=True, slots=True)
class Pairs:
    """Which of n frames stand for which others, by the symbol that both are of."""

    first: Ints  # (n,)
    second: Ints  # (n,)
    symbol: Ints  # (n,)


def paired(first: Sequence[tuple[int, int]], second: Sequence[tuple[int, int]]) -> Pairs:
    """Return which frames stand for which, for the frames from and to which m symbols last in both.

    Within a symbol, time is stretched evenly. A symbol that lasts nothing in either gives no frame.
    """
    rows = [np.zeros((3, 0), np.int64)]
    for at, ((start, end), (begin, stop)) in enumerate(zip(first, second, strict=True)):
        if end > start and stop > begin:
            places = np.arange(start, end)
            others = begin + ((places - start + 0.5) * (stop - begin) / (end - start)).astype(np.int64)
            rows.append(np.stack([places, others, np.full(len(places), at)]))
    return Pairs(*np.concatenate(rows, axis=1))


def cepstra(mel: Floats) -> Floats:
    """Return mel-cepstra (n, 24) of a mel spectrogram (n, 80) in 0..1, without the one of loudness.

    They are the c of `ln |S(w)| = c0 + c1 cos w + c2 cos 2w ...` over the mel bands.
    """
    ranks, bands = np.arange(1, _CEPSTRA + 1)[:, None], np.arange(MELS) + 0.5
    basis = 2 / MELS * np.cos(np.pi / MELS * ranks * bands)
    return np.asarray(mel * _NEPERS @ basis.T)


def distortion_db(first: Floats, second: Floats) -> Floats:
    """Return the mel-cepstral distortion of n pairs of frames (n, 80), (n,), in dB.

    It is `10 / ln 10 * sqrt(2 * sum of squares)` over coefficients 1 to 24 (Kubichek, "Mel-cepstral distance measure
    for objective speech quality assessment", 1993).
    """
    squares = np.square(cepstra(first) - cepstra(second)).sum(axis=1)
    return np.asarray(10 / np.log(10) * np.sqrt(2 * squares))


def rms(values: Floats) -> float:
    """Return the root of the mean square, nan for none."""
    return float(np.sqrt(np.mean(np.square(values)))) if len(values) else float("nan")


def correlation(first: Floats, second: Floats) -> float:
    """Return Pearson's correlation, nan where there is none."""
    if len(first) < 2 or not np.std(first) or not np.std(second):
        return float("nan")
    return float(np.corrcoef(first, second)[0, 1])


def semitones(hz: Floats, reference_hz: float = 100.0) -> Floats:
    """Return semitones above a reference for frequencies above 0."""
    return np.asarray(12 * np.log2(hz / reference_hz))


def range_semitones(f0_hz: Floats) -> float:
    """Return the range of F0 from 5 to 95 % of the voiced frames (n,), nan where none is."""
    voiced = f0_hz[f0_hz > 0]
    if not len(voiced):
        return float("nan")
    low, high = np.quantile(semitones(voiced), (0.05, 0.95))
    return float(high - low)


def edits(said: Sequence[str], wanted: Sequence[str]) -> int:
    """Return how many insertions, deletions and substitutions make one of the other (Levenshtein, 1966)."""
    row = list(range(len(wanted) + 1))
    for at, one in enumerate(said, 1):
        corner, row[0] = row[0], at
        for place, other in enumerate(wanted, 1):
            corner, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, corner + (one != other))
    return row[-1]


def effect_size(some: Floats, others: Floats) -> float:
    """Return how far the mean of the first lies above that of the second, in their pooled deviations.

    Cohen's d (Statistical Power Analysis for the Behavioral Sciences, 1988).
    """
    pooled = np.sqrt((np.var(some, ddof=1) + np.var(others, ddof=1)) / 2)
    return float((np.mean(some) - np.mean(others)) / pooled) if pooled else float("nan")


def roughness(samples: Samples, borders: Sequence[int]) -> tuple[Floats, Floats]:
    """Return the largest second difference at each of k borders, and its mean at other frames' borders nearby, (k,).

    A click is a jump, so its second difference stands out. It is held against the same place in four frames before and
    four after, since there the sound may be rougher than within a frame.
    """
    bends = np.abs(np.diff(samples.astype(np.float64), 2))
    at_border, nearby = [], []
    for border in borders:
        # A jump between two samples bends the sound at both.
        places = border - 2 + HOP * np.arange(-_NEARBY_FRAMES, _NEARBY_FRAMES + 1)
        if places[0] >= 0 and places[-1] + 2 < len(bends):
            largest = np.max([bends[places + step] for step in range(3)], axis=0)
            at_border.append(largest[_NEARBY_FRAMES])
            nearby.append(np.delete(largest, _NEARBY_FRAMES).mean())
    return np.array(at_border), np.array(nearby)


def tilt_db_per_octave(spectra: Floats) -> float:
    """Return how much the level falls or rises with each octave in power spectra (n, bins), over 60 Hz to 5 kHz.

    It is the slope of the line through the mean of the levels over the logarithm of frequency.
    """
    hz = np.linspace(0, SAMPLE_RATE_HZ / 2, spectra.shape[1])
    inside = (hz >= 60) & (hz <= 5000)
    levels = 10 * np.log10(spectra[:, inside] + 1e-12).mean(axis=0)
    return float(np.polyfit(np.log2(hz[inside]), levels, 1)[0])


def of_syllables(values: Floats, chosen: NDArray[np.bool_], edges: Sequence[tuple[int, int]]) -> Floats:
    """Return the mean of chosen values (n,) within each stretch, (k,), nan where none is chosen."""
    means = []
    for start, end in edges:
        own = values[start:end][chosen[start:end]]
        means.append(float(own.mean()) if len(own) else float("nan"))
    return np.array(means)


def stretches(durations: Ints) -> list[tuple[int, int]]:
    """Return where each of n symbols begins and ends, in frames."""
    return [(int(start), int(end)) for start, end in pairwise(np.concatenate([[0], np.cumsum(durations)]))]


def seconds(frames: float) -> float:
    """Return how long frames last."""
    return frames * HOP / SAMPLE_RATE_HZ
