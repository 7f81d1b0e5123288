"""Gives joined words the levels of running speech: words alone die away, syllable by syllable and at their end."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from training.aligned import phone_names
from training.config import Splices
from training.durations import CLOSED
from training.features import HOP, energy_db
from training.states import Ints, is_final
from tts.types import Samples

Floats = NDArray[np.float64]
_MOST_DB = 12.0
#: Frames at the end of a final that are led back to where they were, so that no closure after it is filled with noise.
_BACK = {"closed": 3, "open": 1}


def sustained(samples: Samples, ids: Ints, lasts: Ints, options: Splices) -> Samples:
    """Return a pseudo-sentence of n symbols, `ids` (n, 6), whose syllables inside a phrase stay as loud as they begin.

    `lasts` (n,) are the frames of the symbols.
    """
    gain_db = gains_db(np.asarray(energy_db(samples), np.float64), ids, lasts, options)
    smooth = np.convolve(np.pad(gain_db, 1, mode="edge"), (0.25, 0.5, 0.25), "valid")
    every = np.interp(np.arange(len(samples)), np.arange(len(smooth)) * HOP, smooth)
    return np.asarray(samples * 10 ** (every / 20), np.float32)


def gains_db(levels: Floats, ids: Ints, lasts: Ints, options: Splices) -> Floats:
    """Return how much louder each frame becomes, (frames,), of levels (frames,) in decibels."""
    names = [phone_names()[row[0]] for row in ids]
    pauses = [name.startswith("#") for name in names]
    edges = np.concatenate([[0], np.cumsum(lasts)])
    heard = np.flatnonzero(lasts)
    gain = np.zeros(len(levels))
    for at, after in pairwise([*heard.tolist(), len(names) - 1]):
        span = slice(edges[at], edges[at + 1])
        if pauses[at]:
            continue
        if not is_final(names[at]):
            gain[span] += 0.0 if names[at] in CLOSED else options.initials_db
            # The initial of a last syllable goes with its final, wherever the final is heard.
            gain[span] += options.ends_db * _ends_a_word(pauses, lasts, at + 1)
            continue
        gain[span] += options.ends_db * _ends_a_word(pauses, lasts, at)
        if not pauses[after]:
            back = 0 if is_final(names[after]) else _BACK["closed" if names[after] in CLOSED else "open"]
            gain[span] += _fallen_db(levels[span], 1 - options.sustain, back)
    return gain


def _ends_a_word(pauses: list[bool], lasts: Ints, at: int) -> bool:
    """Tell whether a symbol is the last of a word that another one follows without a pause."""
    return at + 2 < len(pauses) and pauses[at + 1] and not lasts[at + 1]


def _fallen_db(levels: Floats, share: float, back: int) -> Floats:
    """Return a share of what each frame of a final is below its loudest one, if that came before, (frames,)."""
    loudest = int(levels.argmax())
    gain = np.where(np.arange(len(levels)) < loudest, 0.0, np.minimum(share * (levels[loudest] - levels), _MOST_DB))
    kept = max(loudest + 1, len(levels) - back)
    gain[kept:] = gain[kept - 1] * np.linspace(1, 0, len(levels) - kept + 2)[1:-1]
    return gain
