"""The states that a reading goes through, and the best path through them: monotonic alignment search."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tts.engines.sambert.symbols import Symbol

SILENCE = "sil"
#: Onsets that are written but not heard as phones of their own; they last 0 frames.
GLOTTAL = ("ga", "ge", "go")
_PARTS = 3  # of a final: it changes from one end to the other

Ints = NDArray[np.int64]


def is_final(phone: str) -> bool:
    """Tell whether a phone is the second half of a Chinese syllable."""
    return phone.endswith("_c") and phone[0] in "aeiouv"


@dataclass(frozen=True, slots=True)
class Chain:
    """The states of a reading, n of them."""

    classes: Ints  # (n,), what the network is to hear
    symbols: Ints  # (n,), the place of the symbol; -1 for the silence before the first
    optional: NDArray[np.bool_]  # (n,), whether it can be skipped


class States:
    """The inventory of states: silence, one for each initial, three for each final."""

    def __init__(self, phones: Iterable[str]) -> None:
        kinds = [SILENCE]
        for phone in sorted(set(phones)):
            if not phone.startswith("#") and phone not in GLOTTAL:
                kinds += [f"{phone}.{part}" for part in range(_PARTS if is_final(phone) else 1)]
        self.names = tuple(kinds)
        self._at = {name: at for at, name in enumerate(kinds)}

    def chain(self, symbols: Sequence[Symbol]) -> Chain:
        """Return the states of symbols: silence may stand at the ends and between words."""
        rows = [(0, -1, True)]
        for place, symbol in enumerate(symbols):
            if symbol.is_pause:
                rows.append((0, place, True))
            elif symbol.phone not in GLOTTAL:
                parts = _PARTS if is_final(symbol.phone) else 1
                rows += [(self._at[f"{symbol.phone}.{part}"], place, part == 1) for part in range(parts)]
        classes, places, optional = zip(*rows, strict=True)
        return Chain(np.array(classes), np.array(places), np.array(optional))


def best_path(scores: NDArray[np.floating], chain: Chain) -> tuple[Ints, float]:
    """Return the state of each frame, (frames,), and the score of the path.

    `scores` are (frames, classes) in natural logarithms. States follow one another, those that are optional may be left
    out. Raises `ValueError` where there are fewer frames than states that must be passed.
    """
    needed = int((~chain.optional).sum())
    if len(scores) < needed:
        raise ValueError(f"{needed} states do not fit into {len(scores)} frames")
    local = np.asarray(scores, np.float64)[:, chain.classes]
    count = len(chain.classes)
    skip = np.concatenate([[False, False], chain.optional[1:-1]])  # whether the state before can be left out
    total = np.full(count, -np.inf)
    total[0] = local[0, 0]
    total[1] = local[0, 1]  # the first silence is optional
    back = np.zeros((len(local), count), np.int8)
    for t in range(1, len(local)):
        ways = np.full((3, count), -np.inf)
        ways[0] = total
        ways[1, 1:] = total[:-1]
        ways[2, 2:] = np.where(skip[2:], total[:-2], -np.inf)
        back[t] = ways.argmax(axis=0)
        total = ways.max(axis=0) + local[t]
    last = count - 1 if total[-1] >= total[-2] else count - 2
    path = np.empty(len(local), np.int64)
    path[-1] = last
    for t in range(len(local) - 1, 0, -1):
        path[t - 1] = path[t] - back[t, path[t]]
    return path, float(total[last])


def even_labels(silent: NDArray[np.bool_], chain: Chain) -> Ints:
    """Return a first guess at the classes of the frames, (frames,): phones share evenly what is not silent."""
    inner = chain.classes[chain.classes != 0]
    labels = np.zeros(len(silent), np.int64)
    loud = np.flatnonzero(~silent)
    labels[loud] = inner[np.linspace(0, len(inner), len(loud), endpoint=False).astype(int)]
    return labels


def runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the stretches where a mask (n,) holds, as (start, end)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]
