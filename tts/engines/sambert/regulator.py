"""How long each symbol lasts, and the memory that the decoder reads: one row for each of its steps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

#: Longest that a symbol may last at speed 1. In the published voices finals last up to 25 frames and pauses up to 18.
MOST_FRAMES = 400


class NothingToSay(ValueError):
    """No symbol of a line lasts a frame."""


class TooLong(ValueError):
    """A symbol of a line lasts longer than speech does."""


def lengths_of(logs: Floats) -> Floats:
    """Return (n,) lengths in frames at speed 1 for what the network tells, log(length + 1).

    Raises `TooLong` for more than `MOST_FRAMES` and for what is no number, of which sound would never end.
    """
    if not (logs <= np.log(MOST_FRAMES + 1)).all():
        raise TooLong(f"a symbol would last more than {MOST_FRAMES} frames")
    lengths: Floats = np.exp(logs) - np.float32(1)
    return lengths


def whole_frames(lengths: Floats, speeds: Floats) -> NDArray[np.int64]:
    """Return (n,) frames for predicted lengths (n,), in frames at speed 1, and speeds (n,).

    At speed 1 a symbol lasts int(length + 0.5) frames, as the voice was trained. At other speeds the rounding error
    is carried from symbol to symbol, so that a line is as long as it should be; a length of 0 stays 0.
    """
    as_trained = speeds == 1
    ends = np.floor(np.cumsum(np.where(as_trained, 0.0, lengths / speeds), dtype=np.float64) + 0.5)
    return np.where(as_trained, np.floor(lengths + np.float32(0.5)), np.diff(ends, prepend=0.0)).astype(np.int64)


def band_of(lengths: Floats, speeds: Floats, group: int) -> int:
    """Return how many steps the decoder looks back and ahead: the longest symbol's, before it is rounded."""
    return int(float((lengths / speeds).max()) / group + 0.5)


def regulate(text: Floats, voice: Floats, durations: NDArray[np.int64], group: int) -> Floats:
    """Return the memory, (steps, memory): rows of text (n, text) for each frame, by `group`, then one of `voice`.

    Text rows carry their place within the symbol; rows that fill the last group are zeros at place 0.
    Raises `NothingToSay` where no symbol lasts a frame.
    """
    frames = int(durations.sum())
    if not frames:
        raise NothingToSay("every symbol has a duration of 0")
    padded = frames + -frames % group
    which = np.repeat(np.arange(len(durations)), durations)
    places = np.zeros(padded, np.float32)
    places[:frames] = np.arange(1, frames + 1) - np.repeat(np.cumsum(durations) - durations, durations)
    spread = positions(places, text.shape[1])
    spread[:frames] += text[which]
    return np.concatenate([spread.reshape(padded // group, -1), voice[which[::group]]], axis=1)


def positions(places: Floats, width: int) -> Floats:
    """Return (n, width): sines at even and cosines at odd columns of places (n,), in wavelengths up to 10000 · 2π."""
    columns = np.arange(width)
    angles = places[:, None] / (10000 ** (2 * (columns // 2) / width)).astype(np.float32)
    return np.where(columns % 2 == 0, np.sin(angles), np.cos(angles)).astype(np.float32)
