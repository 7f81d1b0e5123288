"""Finds when each symbol is spoken, chooses between readings by ear, and drops what stays doubtful.

    python -m training.alignment training/experiments/yue.toml [--work FOLDER]

Reads and completes `<work>/<experiment>/recordings/` (see `training.aligned`); goes on where it was interrupted.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from training.aligned import Line, phone_names, write_alignment
from training.aligner import Hearing, features, hear, quiet, silence, teach
from training.choosing import Choice, Fit
from training.commands import experiment
from training.config import Config
from training.corpus import Corpus, Floats, Item, Statistics, load_statistics
from training.durations import durations, hush
from training.features import HOP, SAMPLE_RATE_HZ
from training.pictures import curves, spectrogram, stacked, write_png
from training.prepare import tell
from training.states import GLOTTAL, Ints, States, best_path, even_labels, is_final
from training.texts import Texts

#: What phones lose where it is quiet before and after speech.
_SILENT = 20.0
_PRIOR_WEIGHT = 0.8


class Alignment:
    """All that the search for boundaries needs of an experiment."""

    def __init__(self, config: Config) -> None:
        self.config, self.options = config, config.aligner
        self.corpus = Corpus(config.folder / "recordings")
        self.statistics: Statistics = load_statistics(self.corpus.folder)
        self.counts: Counter[str] = Counter()
        texts = Texts()
        self.readings = [texts.readings(item, self.counts) for item in self.corpus.items]
        phones = (symbol.phone for own in self.readings for reading in own for symbol in reading.symbols)
        self.states = States(phones)
        self.chains = [[self.states.chain(reading.symbols) for reading in own] for own in self.readings]
        self.inputs, self.quiet = features(self.corpus, self.statistics), quiet(self.corpus)
        self.network = self._fresh(0)
        self.priors = np.zeros(len(self.states.names), np.float32)
        self.losses: list[float] = []
        taught = [
            len(own) == 1 and it.split == "train" for own, it in zip(self.readings, self.corpus.items, strict=True)
        ]
        self.taught = np.flatnonzero(taught)

    def run(self) -> None:
        """Train, choose, write."""
        print(f"texts: {tell(self.counts)}")
        self._restore()
        labels = self._labels()
        for number in range(len(self.losses), self.options.rounds):
            self._round(number, labels)
            labels = self._labels()
        fits = [self._fits(at) for at in range(len(self.corpus.items))]
        lines, notes = Choice(self.corpus, self.statistics, self.config, fits).lines()
        write_alignment(self.corpus.folder, lines)
        (self.corpus.folder / "aligned.tsv").write_text("".join("\t".join(it) + "\n" for it in notes), encoding="utf-8")
        report(lines, self.corpus)
        self._draw(lines)

    def _labels(self) -> list[Ints]:
        """Return the classes of the frames of what is taught: shared evenly at first, then as the network hears."""
        found = []
        for at in self.taught:
            item, chain = self.corpus.items[at], self.chains[at][0]
            if self.losses:
                found.append(chain.classes[best_path(self._scores(item), chain)[0]])
            else:
                found.append(even_labels(self._silence(item, inside=item.kind == "sentence"), chain))
        return found

    def _fresh(self, number: int) -> Hearing:
        """Return the network that a round begins with where it does not go on with the one before."""
        torch.manual_seed(self.config.seed)
        taps = 1 if number < self.options.near_rounds else 5
        return Hearing(self.options.channels, len(self.states.names), taps)

    def _scores(self, item: Item) -> Floats:
        scores = hear(self.network, self.inputs[item.first : item.first + item.frames], self.priors)
        scores[self._silence(item, inside=False), 1:] -= _SILENT
        return scores

    def _silence(self, item: Item, inside: bool) -> NDArray[np.bool_]:
        return silence(self.quiet[item.first : item.first + item.frames], inside)

    def _round(self, number: int, labels: Sequence[Ints]) -> None:
        items = [self.corpus.items[at] for at in self.taught]
        if number == self.options.near_rounds:
            self.network = self._fresh(number)
        share = 1.0 - number / (self.options.rounds + 1)
        order = np.random.default_rng(self.config.seed + number)
        self.losses.append(teach(self.network, items, self.inputs, labels, self.options, order, share))
        frequent = np.bincount(np.concatenate(list(labels)), minlength=len(self.priors)) + 10
        self.priors = (_PRIOR_WEIGHT * np.log(frequent / frequent.sum())).astype(np.float32)
        print(f"round {number + 1}: loss {self.losses[-1]:.3f}", flush=True)
        torch.save({"losses": self.losses, "priors": torch.from_numpy(self.priors), "names": list(self.states.names),
                    "network": self.network.state_dict()}, self._checkpoint)  # fmt: skip
        write_png(self.config.folder / "pictures" / "aligner.png", curves({"loss": self.losses}))

    @property
    def _checkpoint(self) -> Path:
        return self.config.folder / "aligner.pt"

    def _restore(self) -> None:
        if not self._checkpoint.exists():
            return
        stored = torch.load(self._checkpoint, weights_only=True)
        if stored["names"] != list(self.states.names):
            raise SystemExit(f"{self._checkpoint} knows other phones; remove it to begin anew")
        self.losses, self.priors = list(stored["losses"]), stored["priors"].numpy()
        self.network = self._fresh(len(self.losses) - 1)
        self.network.load_state_dict(stored["network"])
        print(f"goes on after round {len(self.losses)}")

    def _fits(self, at: int) -> list[Fit]:
        """Return the readings of an item that fit into its frames."""
        item, found = self.corpus.items[at], []
        scores = self._scores(item)
        for reading, chain in zip(self.readings[at], self.chains[at], strict=True):
            try:
                path, score = best_path(scores, chain)
            except ValueError:
                self.counts["readings longer than their recording"] += 1
                continue
            lasts, start = durations(path, chain, reading.symbols, self.options)
            silent = hush(self.quiet[item.first + start : item.first + item.frames], lasts, reading.symbols)
            found.append(Fit(reading, score - float(scores.max(axis=1).sum()), lasts, start, silent))
        return found

    def _draw(self, lines: Sequence[Line | None]) -> None:
        """Draw some items with their boundaries."""
        kept = [line for line in lines if line]
        names = phone_names()
        for page in range(4):
            pictures = []
            for line in kept[page * 61 % len(kept) :: len(kept) // 5 + 1]:
                sound = self.corpus.sound(line.item)
                edges = line.start + np.concatenate([[0], np.cumsum(line.durations)])
                named = [names[int(row[0])].removesuffix("_c") for row in line.ids]
                marks = [
                    (int(edge), name)
                    for edge, name, it in zip(edges, [*named, "-"], [*line.durations, 1], strict=True)
                    if it
                ]
                pictures.append(spectrogram(sound.mel, sound.f0_hz, marks)[:, :3000])
            write_png(self.config.folder / "pictures" / f"boundaries{page}.png", stacked(pictures))


def report(lines: Sequence[Line | None], corpus: Corpus) -> None:
    """Print how long phones and pauses last for each speaker."""
    for who in sorted({item.speaker for item in corpus.items}):
        own = [line for line in lines if line and line.item.speaker == who]
        ids, lasts = np.concatenate([it.ids for it in own]), np.concatenate([it.durations for it in own])
        phones = np.array([phone_names()[number] for number in ids[:, 0]])
        pause = np.char.startswith(phones, "#")
        final = np.array([is_final(name) for name in phones])
        glottal = np.isin(phones, GLOTTAL)
        minutes = sum(line.frames for line in own) * HOP / SAMPLE_RATE_HZ / 60
        syllable = float(lasts[~pause].sum() / final.sum()) * HOP / SAMPLE_RATE_HZ
        quantiles = [
            np.quantile(lasts[chosen], (0.05, 0.5, 0.95)).astype(int).tolist()
            for chosen in (~pause & ~final & ~glottal, final, pause & (lasts > 0))
            if chosen.any()
        ]
        print(
            f"{who}: {len(own)} items, {minutes:.1f} min, {syllable:.3f} s per syllable; "
            f"frames (5, 50, 95 %) of initials, finals, pauses: {quantiles}; {(pause & (lasts > 0)).sum()} pauses"
        )


if __name__ == "__main__":
    Alignment(experiment("Finds when each symbol is spoken.")).run()
