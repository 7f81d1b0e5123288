"""From a path through states to how long each symbol lasts, with pauses where the speaker made them."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from training.config import Aligner
from training.states import GLOTTAL, Chain, Ints
from tts.engines.sambert.symbols import Symbol

#: Frames kept before and after speech: the onset of a stop, and the end of a breath.
LEAD, TAIL = 2, 4
#: A pause of this many frames (100 ms) is a clause's, a shorter one a phrase's.
CLAUSE_FRAMES = 8
_CLOSURE = 8
_CLOSED = ("b_c", "p_c", "d_c", "t_c", "g_c", "k_c", "z_c", "c_c", "zh_c", "ch_c", "j_c", "q_c")


def durations(path: Ints, chain: Chain, symbols: Sequence[Symbol], config: Aligner) -> tuple[Ints, int]:
    """Return how many frames each symbol lasts, (n,), and the frame where the first begins.

    Glottal onsets and the last break last none, other breaks as long as a pause that is one: short silence belongs to
    the phone after it.
    """
    counts = np.bincount(chain.symbols[path] + 1, minlength=len(symbols) + 1)
    lead, lasts = int(counts[0]), counts[1:].astype(np.int64)
    heard = [at for at, it in enumerate(symbols) if not it.is_pause and it.phone not in GLOTTAL]
    for at in (at for at, it in enumerate(symbols[:-1]) if it.is_pause):
        after = next(place for place in heard if place > at)
        closed = symbols[after].phone in _CLOSED
        if lasts[at] < (config.closure_frames if closed else config.pause_frames):
            lasts[after] += lasts[at]
            lasts[at] = 0
    lasts[heard[-1]] += min(TAIL, int(lasts[-1]))
    lasts[-1] = 0
    kept = min(LEAD, lead)
    lasts[heard[0]] += kept
    return lasts, lead - kept


def hush(quiet: NDArray[np.bool_], lasts: Ints, symbols: Sequence[Symbol]) -> int:
    """Return the most quiet frames within one phone, beyond a closure's; `quiet` begins with the first symbol."""
    edges = np.concatenate([[0], np.cumsum(lasts)])
    most = 0
    for symbol, (start, end) in zip(symbols, pairwise(edges), strict=True):
        if not symbol.is_pause:
            most = max(most, int(quiet[start:end].sum()) - _CLOSURE * (symbol.phone in _CLOSED))
    return most


def with_breaks(symbols: Sequence[Symbol], lasts: Ints) -> list[Symbol]:
    """Return symbols whose breaks are those that the speaker made: text without punctuation does not tell them."""
    found = []
    for symbol, frames in zip(symbols[:-1], lasts[:-1], strict=True):
        if symbol.is_pause and frames:
            symbol = replace(symbol, phone="#3" if frames >= CLAUSE_FRAMES else "#2")
        found.append(symbol)
    return [*found, symbols[-1]]
