"""Recordings as training reads them: a folder of flat arrays with one table of items, used in place on disk.

items.tsv      one row for each recording: `Item`
audio.npy      (frames * 200,) int16, levelled
mel.npy        (frames, 80) float16, 0..1 as `training.features.mel` gives it
f0.npy         (frames,) float32 in Hz, 0 where unvoiced
energy.npy     (frames,) float32 in dB
spoken.npy     from `training.respeak`: as mel.npy, but the voice's own recordings as its acoustic model says them
statistics.json   `Statistics`
"""

import csv
import json
from collections.abc import Iterable
from dataclasses import asdict, astuple, dataclass, fields
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from training.config import HeldOut
from training.features import HOP
from tts.types import Samples

Floats = NDArray[np.float32]
SPOKEN: Final = "spoken.npy"
ARRAYS: Final = {"audio": np.int16, "mel": np.float16, "f0": np.float32, "energy": np.float32}


@dataclass(frozen=True, slots=True)
class Item:
    """A recording, or words joined to a pseudo-sentence; its frames are `first` to `first + frames` of the arrays."""

    id: str
    speaker: str
    kind: Literal["word", "sentence", "splice"]
    split: Literal["train", "held"]
    first: int
    frames: int
    highest_hz: float
    text: str
    guess: str
    """Pinyin that came with the recording, or none."""
    flags: str


@dataclass(frozen=True, slots=True)
class Sound:
    """What there is of one item: n frames."""

    audio: Samples  # (n * 200,)
    mel: Floats  # (n, 80)
    f0_hz: Floats  # (n,), 0 where unvoiced
    energy_db: Floats  # (n,)


@dataclass(frozen=True, slots=True)
class Speaker:
    """The scales of a speaker, over voiced frames."""

    gain_db: float
    f0_median_hz: float
    f0_mean_hz: float
    f0_std_hz: float
    log_f0_mean: float
    log_f0_std: float
    energy_mean_db: float
    energy_std_db: float


@dataclass(frozen=True, slots=True)
class Statistics:
    """What features are normalised by; mean and deviation of the mel bands are those of the voice alone."""

    voice: str
    mel_mean: list[float]
    mel_std: list[float]
    speakers: dict[str, Speaker]

    def normalised_mel(self, mel: Floats) -> Floats:
        """Return a mel spectrogram (n, 80) as the networks see it."""
        return np.asarray((mel - np.array(self.mel_mean)) / np.array(self.mel_std), np.float32)

    def save(self, folder: Path) -> None:
        """Write them beside the arrays."""
        (folder / "statistics.json").write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")


def load_statistics(folder: Path) -> Statistics:
    """Return what `Statistics.save` wrote."""
    read: dict[str, Any] = json.loads((folder / "statistics.json").read_text(encoding="utf-8"))
    return Statistics(**read | {"speakers": {name: Speaker(**it) for name, it in read["speakers"].items()}})


def split_of(identity: str, kind: str, held_out: HeldOut) -> Literal["train", "held"]:
    """Return which side an item is on: it depends on its name alone, whatever else is recorded later."""
    place = int(sha256(identity.encode()).hexdigest()[:8], 16) / 2**32
    return "held" if place < getattr(held_out, kind) else "train"


class Corpus:
    """A folder of items; arrays are mapped, not loaded."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.items = read_items(folder / "items.tsv")
        self.arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in ARRAYS}

    def sound(self, item: Item, start: int = 0, end: int | None = None) -> Sound:
        """Return the frames `start` to `end` of an item."""
        low, high = item.first + start, item.first + (item.frames if end is None else end)
        audio = self.arrays["audio"][low * HOP : high * HOP].astype(np.float32) / 32768
        mel, f0, energy = (np.asarray(self.arrays[name][low:high], np.float32) for name in ("mel", "f0", "energy"))
        return Sound(audio, mel, f0, energy)


def write_corpus(folder: Path, items: Iterable[Item], sounds: Iterable[Sound]) -> None:
    """Write items in the order of their sounds."""
    folder.mkdir(parents=True, exist_ok=True)
    write_items(folder / "items.tsv", items)
    columns: dict[str, list[NDArray[Any]]] = {name: [] for name in ARRAYS}
    for sound in sounds:
        scaled = np.clip(np.round(sound.audio * 32768), -32768, 32767)
        for name, value in zip(ARRAYS, (scaled, sound.mel, sound.f0_hz, sound.energy_db), strict=True):
            columns[name].append(value.astype(ARRAYS[name]))
    for name, pieces in columns.items():
        np.save(folder / f"{name}.npy", np.concatenate(pieces))


def write_items(path: Path, items: Iterable[Item]) -> None:
    """Write a table of items, one line each, with a header."""
    rows = [[it.name for it in fields(Item)], *(list(map(str, astuple(item))) for item in items)]
    path.write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")


def read_items(path: Path) -> list[Item]:
    """Return the items of a table."""
    kinds: dict[str, Any] = {"first": int, "frames": int, "highest_hz": float}
    return [Item(**{name: kinds.get(name, str)(value) for name, value in row.items()}) for row in read_table(path)]


def read_table(path: Path) -> list[dict[str, str]]:
    """Return the rows of a tab-separated table with a header; quotation marks mean themselves."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
