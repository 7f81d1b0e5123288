"""What the vocoder is taught by: short stretches of the voice's recordings, with what its source needs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.aligned import continuous
from training.config import Config
from training.corpus import SPOKEN, Corpus, Item, load_statistics
from training.features import HOP

Values = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Batch:
    """Stretches of n frames; the second half are those of the first again, with phases and noise of their own."""

    mel: Tensor  # (batch, 80, n), normalised
    f0_hz: Tensor  # (batch, n), bridged where unvoiced
    voiced: Tensor  # (batch, n), 1 where voiced
    phases: Tensor  # (batch, harmonics + 1), where the sines begin
    noise: Tensor  # (batch, harmonics + 1, n * 200)
    wave: Tensor  # (batch, n * 200)


class Segments:
    """Recordings of the voice that are not held out and long enough."""

    def __init__(self, config: Config) -> None:
        self.options = config.vocoder
        self.corpus = Corpus(config.folder / "recordings")
        self.statistics = load_statistics(self.corpus.folder)
        spoken = self.corpus.folder / SPOKEN
        self.spoken = np.load(spoken, mmap_mode="r") if spoken.exists() else self.corpus.arrays["mel"]
        own = [it for it in self.corpus.items if it.speaker == config.voice and it.split == "train"]
        self.items = [it for it in own if it.frames >= self.options.segment_frames]
        self.too_short = len(own) - len(self.items)
        if not self.items:
            raise SystemExit(f"{self.corpus.folder}: no recording of {config.voice} lasts a segment")
        # Long items are chosen more often, so that all frames are heard alike.
        self._ends = np.cumsum([it.frames for it in self.items])

    def batch(self, order: np.random.Generator) -> Batch:
        """Return stretches from anywhere."""
        options, frames = self.options, self.options.segment_frames
        chosen = np.searchsorted(self._ends, order.integers(0, self._ends[-1], options.batch), side="right")
        mels, pitches, voices, waves = zip(*[self._stretch(self.items[at], order) for at in chosen], strict=True)
        sines = (2 * options.batch, options.harmonics + 1)
        phases = order.uniform(-math.pi, math.pi, sines)
        phases[:, 0] = 0.0
        noise = order.standard_normal((*sines, frames * HOP), np.float32)
        return Batch(*[tensor(rows) for rows in (2 * mels, 2 * pitches, 2 * voices, phases, noise, 2 * waves)])

    def _stretch(self, item: Item, order: np.random.Generator) -> tuple[Values, ...]:
        """Return mel (80, n), F0 and voicing (n,), and samples (n * 200,)."""
        frames = self.options.segment_frames
        start = int(order.integers(0, item.frames - frames + 1))
        sound, rows = self.corpus.sound(item), slice(start, start + frames)
        f0 = np.maximum(continuous(sound.f0_hz), 1.0)
        heard = self.corpus.arrays["mel"] if order.random() >= self.options.spoken else self.spoken
        first = item.first + start
        mel = self.statistics.normalised_mel(np.asarray(heard[first : first + frames], np.float32)).T
        return mel, f0[rows], sound.f0_hz[rows] > 0, sound.audio[start * HOP : (start + frames) * HOP]


def tensor(rows: Sequence[Values] | Values) -> Tensor:
    """Return arrays of one shape as a tensor (rows, ...)."""
    return torch.from_numpy(np.ascontiguousarray(np.stack(list(rows)), np.float32))
