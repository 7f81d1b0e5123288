"""What the acoustic model is taught by: recordings and pseudo-sentences, as arrays for a network."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from training.aligned import Line, is_own_word, network_features, prosody, read_alignment, weights
from training.config import Config
from training.corpus import Corpus, Floats, load_statistics
from training.states import Ints
from tts.engines.sambert.symbols import FIELDS

_SPEAKER = FIELDS.index("speaker")


@dataclass(frozen=True, slots=True)
class Example:
    """An item of n symbols and N frames, N being the sum of the durations."""

    id: str
    ids: Ints  # (n, 6), the last column tells the speaker: 0 is the voice
    durations: Ints  # (n,)
    pitch: Floats  # (n,), in the speaker's scale
    energy: Floats  # (n,)
    features: Floats  # (N, 82): normalised mel, F0 in the speaker's scale, 1 where voiced
    weights: Floats  # (82,), 0 for bands that the recording lacks
    isolated: bool
    """Whether it is a word alone, rather than speech that runs."""


class Examples:
    """All examples of one side; they are read from disk when they are asked for."""

    def __init__(self, config: Config, split: Literal["train", "held"], spliced: bool = True) -> None:
        every = learned_from(config, spliced)
        self.statistics = load_statistics(config.folder / "recordings")
        others = sorted(set(self.statistics.speakers) - {config.voice})
        self.speakers = (config.voice, *others)
        self._lines = [(corpus, line) for corpus, line in every if line.item.split == split]

    def __len__(self) -> int:
        return len(self._lines)

    def frames(self) -> NDArray[np.int64]:
        """Return how long each example is, (examples,), without reading any."""
        return np.array([line.frames for _, line in self._lines])

    def __getitem__(self, at: int) -> Example:
        corpus, line = self._lines[at]
        sound, item = line.sound(corpus), line.item
        pitch, energy = prosody(sound, line, self.statistics)
        ids = line.ids.copy()
        ids[:, _SPEAKER] = self.speakers.index(item.speaker)
        mels = network_features(sound, item, self.statistics)
        return Example(item.id, ids, line.durations, pitch, energy, mels, weights(item), item.kind == "word")


def learned_from(config: Config, spliced: bool = True) -> list[tuple[Corpus, Line]]:
    """Return all recordings and, where the voice reads words, pseudo-sentences; exit where some are not made yet."""
    found = _lines(config.folder / "recordings")
    if spliced and any(is_own_word(line, config.voice) for _, line in found):
        found += _lines(config.folder / "splices")
    return found


def _lines(folder: Path) -> list[tuple[Corpus, Line]]:
    if not (folder / "alignment.npz").exists():
        raise SystemExit(f"{folder} has no alignment yet; training/README.md tells the order of the steps")
    corpus = Corpus(folder)
    return [(corpus, line) for line in read_alignment(corpus)]


def batches(frames: Sequence[int] | Ints, most: int, order: np.random.Generator) -> Iterator[list[int]]:
    """Yield places of items of like lengths, at most `most` frames with their padding, in random order.

    An item that is longer alone is a batch of its own.
    """
    lengths = np.asarray(frames)
    groups: list[list[int]] = [[]]
    for at in np.argsort(lengths + order.uniform(0, 5, len(lengths))):
        # Those before it are at most 5 frames longer.
        if groups[-1] and (len(groups[-1]) + 1) * (int(lengths[at]) + 5) > most:
            groups.append([])
        groups[-1].append(int(at))
    for at in order.permutation(len(groups)):
        yield groups[at]
