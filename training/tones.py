"""Hears which tone a syllable has, to choose between readings and to find those that were not spoken as written."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from training.corpus import Floats, Item, Sound, Speaker
from training.states import Ints

TONES = ("tone1", "tone2", "tone3", "tone4", "tone5")
_POINTS = 8
_VOICED_INITIALS = ("m_c", "n_c", "l_c", "r_c", "w_c", "y_c")
_FOLDS = 4


@dataclass(frozen=True, slots=True)
class Span:
    """A syllable: its tone as written, and the frames of what of it carries the tone."""

    tone: str
    start: int
    end: int


def spans(phones: Sequence[str], tones: Sequence[str], edges: Ints) -> list[Span]:
    """Return the syllables of two-phone lines; `edges`, (n + 1,), are the frames where symbols begin."""
    found = []
    for at in range(1, len(phones)):
        if phones[at].startswith("#") or phones[at - 1].startswith("#") or phones[at - 1][0] in "aeiouv":
            continue
        first = at - 1 if phones[at - 1] in _VOICED_INITIALS else at
        found.append(Span(tones[at], int(edges[first]), int(edges[at + 1])))
    return found


def describe(syllables: Sequence[Span], sound: Sound, item: Item, scale: Speaker) -> Floats:
    """Return what is heard of each syllable's tone, (syllables, features)."""
    voiced = sound.f0_hz > 0
    logs = np.asarray((np.log(np.maximum(sound.f0_hz, 1.0)) - scale.log_f0_mean) / scale.log_f0_std, np.float32)
    energy = (sound.energy_db - scale.energy_mean_db) / scale.energy_std_db
    shapes = [_contour(logs, voiced, it) for it in syllables]
    rows = []
    for at, (span, shape) in enumerate(zip(syllables, shapes, strict=True)):
        before = shapes[at - 1][-1] if at else 0.0
        after = shapes[at + 1][0] if at + 1 < len(shapes) else 0.0
        ends = [float(at == 0), float(at == len(shapes) - 1), float(item.kind == "sentence"), before, after]
        places = np.linspace(span.start, max(span.end - 1, span.start), 4).astype(int)
        parts = [part.mean() if len(part) else 0.0 for part in np.array_split(voiced[span.start : span.end], 3)]
        rows.append([*shape, *energy[places], *parts, np.log(max(span.end - span.start, 1)) - 3, *ends])
    return np.array(rows, np.float32).reshape(len(rows), -1)


def _contour(logs: Floats, voiced: NDArray[np.bool_], span: Span) -> Floats:
    """Return F0 at evenly spaced points of the voiced part of a syllable, zeros where there is none."""
    places = np.flatnonzero(voiced[span.start : span.end]) + span.start
    if len(places) < 2:
        return np.zeros(_POINTS, np.float32)
    return np.interp(np.linspace(places[0], places[-1], _POINTS), places, logs[places]).astype(np.float32)


class Tones:
    """Small networks, each taught without a quarter of the items, so that none judges what it was taught by."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._networks: list[nn.Module] = []

    def fit(self, rows: Floats, tones: Ints, items: Ints, epochs: int = 40) -> None:
        """Learn from what is heard (n, features), the tones (n,) and the items (n,) they are of."""
        self._common = frequencies(tones)
        for fold in range(_FOLDS):
            kept = items % _FOLDS != fold
            self._networks.append(taught(rows[kept], tones[kept], epochs, self._seed + fold))

    @torch.no_grad()
    def judge(self, rows: Floats, items: Ints) -> Floats:
        """Return logarithms of the tones' probabilities, (n, 5), by the network that has not seen the item.

        They are as if all tones were as common: a reading is not to win because its tone is.
        """
        heard = torch.from_numpy(rows)
        every = torch.stack([torch.log_softmax(network(heard), dim=1) for network in self._networks])
        own = every[torch.from_numpy(items % _FOLDS), torch.arange(len(rows))] - torch.from_numpy(self._common)
        return np.asarray(torch.log_softmax(own, dim=1).numpy(), np.float32)


def frequencies(tones: Ints) -> Floats:
    """Return logarithms of how often each tone is among some, (5,), with one more of each."""
    return np.asarray(np.log(np.bincount(tones, minlength=len(TONES)) + 1.0), np.float32)


def fresh(features: int) -> nn.Module:
    """Return a network that says of features (n, features) logits (n, 5)."""
    return nn.Sequential(
        nn.BatchNorm1d(features), nn.Linear(features, 64), nn.ReLU(), nn.Dropout(0.2),
        nn.Linear(64, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, len(TONES)),
    )  # fmt: skip


def taught(rows: Floats, tones: Ints, epochs: int, seed: int) -> nn.Module:
    """Return a network that was taught the tones (n,) of what is heard (n, features)."""
    torch.manual_seed(seed)
    order = np.random.default_rng(seed)
    network = fresh(rows.shape[1])
    optimiser = torch.optim.AdamW(network.parameters(), lr=3e-3, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs)
    x, y = torch.from_numpy(rows), torch.from_numpy(tones)
    loss_of = nn.CrossEntropyLoss(label_smoothing=0.02)
    for _ in range(epochs):
        for batch in np.array_split(order.permutation(len(x)), max(1, len(x) // 256)):
            optimiser.zero_grad()
            loss_of(network(x[batch]), y[batch]).backward()
            optimiser.step()
        schedule.step()
    return network.eval()
