"""Chooses how bytes stand for the values that flow between layers."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

#: What of the widest range is tried, above 0 and below: cutting off rare peaks makes the steps finer.
ABOVE = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4)
BELOW = (1.0, 0.7, 0.5, 0.35, 0.25)
#: How much of the bytes' range is for values below 0 in channels that would fill it.
SHARE = 0.15
#: How many values are looked at to judge a scale.
LOOKED_AT = 100_000

Values = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Scale:
    """How bytes stand for values: `step` * (byte - `zero`)."""

    step: float
    zero: int

    @classmethod
    def fitting(cls, values: Values, below: float = 1.0, widths: Values | None = None) -> "Scale":
        """Return the scale with the least error for values (n, channels), each divided by its channel's width."""
        widths = np.ones(values.shape[1], np.float32) if widths is None else widths
        narrow = values / widths
        low, high = min(0.0, float(narrow.min())), max(1e-6, float(narrow.max()))
        scales = [cls.of(low * least, high * most) for least, most in product(BELOW, ABOVE)]
        return min(scales, key=lambda scale: scale.error(values, below, widths))

    @classmethod
    def of(cls, low: float, high: float) -> "Scale":
        """Return the scale that spans a range."""
        step = (high - low) / 255
        return cls(step, round(-low / step))

    def error(self, values: Values, below: float = 1.0, widths: Values | float = 1.0) -> float:
        """Return the mean squared error of values stored as bytes, where errors below 0 count `below` times."""
        unit = self.step * np.asarray(widths, np.float32)
        stored = np.clip(np.rint(values / unit) + self.zero, 0, 255)
        errors = (stored - self.zero) * unit - values
        return float(np.square(np.where(values < 0, below * errors, errors)).mean())


def fewer(parts: Sequence[Values]) -> Values:
    """Return some of the rows (n, channels) of all parts, spread evenly."""
    values = np.concatenate(parts)
    return values[:: max(1, values.size // LOOKED_AT)]


def widths(low: Values, high: Values) -> Values:
    """Return how wide channels are in relation to each other that have values from `low` to `high` (channels,)."""
    wide = np.maximum(np.maximum(high / (1 - SHARE), -low / SHARE), 1e-6)
    made: Values = (wide / np.exp(np.log(wide).mean())).astype(np.float32)
    return made
