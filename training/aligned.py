"""Which symbols are spoken when: what alignment found, in frames, beside the recordings.

alignment.npz   `ids` (symbols, 6), `durations` (symbols,), `offsets` (items + 1,) into both, `starts` (items,),
                `kept` (items,): items in the order of items.tsv
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import numpy as np

from training.corpus import Corpus, Floats, Item, Sound, Statistics
from training.features import learned_bins
from training.states import Ints


@cache
def phone_names() -> tuple[str, ...]:
    """Return the phones and breaks in the order of their ids."""
    inventory = json.loads((files("tts.engines.sambert") / "data" / "inventory.json").read_text(encoding="utf-8"))
    return tuple(inventory["phone"])


@dataclass(frozen=True, slots=True)
class Line:
    """The n symbols of an item that is learned from."""

    item: Item
    ids: Ints  # (n, 6), in the order of `tts.engines.sambert.symbols.FIELDS`
    durations: Ints  # (n,), in frames
    start: int
    """The frame of the item where the first symbol begins; silence before and after is left out."""

    @property
    def frames(self) -> int:
        """Return how many frames the symbols last together."""
        return int(self.durations.sum())

    def sound(self, corpus: Corpus) -> Sound:
        """Return the frames of the symbols."""
        return corpus.sound(self.item, self.start, self.start + self.frames)


def write_alignment(folder: Path, lines: Sequence[Line | None]) -> None:
    """Write the lines of all items of a corpus, in order; None where an item is dropped."""
    sizes = [len(line.ids) if line else 0 for line in lines]
    kept = [line for line in lines if line]
    np.savez(
        folder / "alignment.npz",
        ids=np.concatenate([line.ids for line in kept]).astype(np.int16),
        durations=np.concatenate([line.durations for line in kept]).astype(np.int16),
        offsets=np.cumsum([0, *sizes]),
        starts=np.array([line.start if line else 0 for line in lines]),
        kept=np.array([line is not None for line in lines]),
    )


def read_alignment(corpus: Corpus) -> list[Line]:
    """Return the lines of a corpus, without the items that were dropped."""
    with np.load(corpus.folder / "alignment.npz") as stored:
        table = {name: stored[name] for name in stored.files}
    if len(table["kept"]) != len(corpus.items):
        raise ValueError(f"{corpus.folder}: the alignment is of other recordings; run training.alignment again")
    lines = []
    for at in np.flatnonzero(table["kept"]):
        rows = slice(table["offsets"][at], table["offsets"][at + 1])
        ids, durations = (table[name][rows].astype(np.int64) for name in ("ids", "durations"))
        lines.append(Line(corpus.items[at], ids, durations, int(table["starts"][at])))
    return lines


def is_own_word(line: Line, voice: str) -> bool:
    """Tell whether a recording is a word alone that the voice itself reads."""
    return line.item.kind == "word" and line.item.speaker == voice


def continuous(f0_hz: Floats) -> Floats:
    """Return F0 (n,) with unvoiced frames bridged in semitones; zeros where nothing is voiced."""
    voiced = np.flatnonzero(f0_hz > 0)
    if not len(voiced):
        return np.zeros_like(f0_hz)
    return np.exp(np.interp(np.arange(len(f0_hz)), voiced, np.log(f0_hz[voiced]))).astype(np.float32)


def network_features(sound: Sound, item: Item, statistics: Statistics) -> Floats:
    """Return what the acoustic network is to say, (n, 82): normalised mel, F0 in the speaker's scale, voiced or not."""
    scale = statistics.speakers[item.speaker]
    f0 = np.where(continuous(sound.f0_hz) > 0, continuous(sound.f0_hz), scale.f0_mean_hz)
    pitch = (f0 - scale.f0_mean_hz) / scale.f0_std_hz
    voiced = (sound.f0_hz > 0).astype(np.float32)
    return np.column_stack([statistics.normalised_mel(sound.mel), pitch, voiced]).astype(np.float32)


def prosody(sound: Sound, line: Line, statistics: Statistics) -> tuple[Floats, Floats]:
    """Return pitch and energy of each symbol, both (n,), in deviations from the speaker's mean.

    Pitch is the mean log F0 of the voiced frames, bridged where a symbol has none; symbols without frames have 0.
    """
    scale = statistics.speakers[line.item.speaker]
    edges = np.concatenate([[0], np.cumsum(line.durations)])
    logs = np.log(np.maximum(continuous(sound.f0_hz), 1.0))
    voiced = sound.f0_hz > 0
    pitch, energy = (np.zeros(len(line.durations), np.float32) for _ in range(2))
    for at, (start, end) in enumerate(pairwise(edges)):
        if end > start and voiced.any():
            chosen = voiced[start:end] if voiced[start:end].any() else np.ones(end - start, np.bool_)
            pitch[at] = (logs[start:end][chosen].mean() - scale.log_f0_mean) / scale.log_f0_std
        if end > start:
            energy[at] = (sound.energy_db[start:end].mean() - scale.energy_mean_db) / scale.energy_std_db
    return pitch, energy


def weights(item: Item) -> Floats:
    """Return the weight of each of the 82 columns in the loss: bands that the recording lacks count for nothing."""
    return np.concatenate([learned_bins(item.highest_hz), [True, True]]).astype(np.float32)
