"""Chooses by ear how a recording was read, and which recordings to leave out."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from training.aligned import Line
from training.config import Config
from training.corpus import Corpus, Floats, Item, Statistics
from training.durations import with_breaks
from training.prepare import tell
from training.states import Ints
from training.texts import Reading
from training.tones import TONES, Span, Tones, describe, spans
from tts.engines.sambert.symbols import Symbols

#: What the network hears in neighbouring frames is nearly the same; this makes one judgement of several.
_SCORE_WEIGHT = 0.15
#: A recording with a syllable whose tone is less likely than this was not spoken as it is written.
_UNHEARD_TONE = 0.005
_WORST_SHARE = 0.003
#: Nobody is silent for so long within a phone.
_HUSH_FRAMES = 12


@dataclass(frozen=True, slots=True)
class Fit:
    """A reading laid over a recording."""

    reading: Reading
    score: float
    """How likely what is heard is, beside what fits each frame best; 0 is a perfect fit."""
    lasts: Ints
    start: int
    hush: int
    """The most quiet frames within one phone."""


class Choice:
    """Decides for each item how it was read, or that it is not used."""

    def __init__(self, corpus: Corpus, statistics: Statistics, config: Config, fits: list[list[Fit]]) -> None:
        self._corpus, self._statistics, self._config, self._fits = corpus, statistics, config, fits
        self._heard = self._hear_tones()
        certain = [own[0].score / it.frames for own, it in zip(fits, corpus.items, strict=True) if len(own) == 1]
        self._worst = float(np.quantile(certain, _WORST_SHARE))

    def _hear_tones(self) -> list[list[Floats]]:
        """Return the log probabilities of the tones of each reading of each item, in the reading's syllables."""
        rows, owners, tones, sure = [], [], [], []
        for at, (item, own) in enumerate(zip(self._corpus.items, self._fits, strict=True)):
            sound, scale = self._corpus.sound(item), self._statistics.speakers[item.speaker]
            for fit in own:
                found = syllables(fit)
                rows.append(describe(found, sound, item, scale))
                owners.append(np.full(len(found), at))
                tones.append(np.array([TONES.index(it.tone) for it in found], np.int64))
                sure.append(np.full(len(found), len(own) == 1 and item.split == "train"))
        every, places, told = np.concatenate(rows), np.concatenate(owners), np.concatenate(tones)
        certain, network = np.concatenate(sure), Tones(self._config.seed)
        network.fit(every[certain], told[certain], places[certain])
        judged = network.judge(every, places)
        right = judged.argmax(axis=1) == told
        seen = {name: right[certain & (told == number)] for number, name in enumerate(TONES)}
        shares = [f"{name} {own.mean():.1%}" for name, own in seen.items() if len(own)]
        print(f"tones heard as written, by networks that had not seen the item: {', '.join(shares)}")
        pieces = iter(np.split(judged, np.cumsum([len(piece) for piece in rows])[:-1]))
        return [[next(pieces) for _ in own] for own in self._fits]

    def lines(self) -> tuple[list[Line | None], list[tuple[str, ...]]]:
        """Return the lines of all items, and a table that says for each what was decided."""
        lines: list[Line | None] = []
        notes: list[tuple[str, ...]] = [("id", "verdict", "pinyin", "probability", "least_tone", "score")]
        counts: Counter[str] = Counter()
        for item, own, heard in zip(self._corpus.items, self._fits, self._heard, strict=True):
            verdict, best, row = self._judge(item, own, heard)
            counts[f"{item.kind}: {verdict}"] += 1
            lines.append(None if best is None else self._line(item, own[best]))
            notes.append((item.id, verdict, *row))
        print(f"readings: {tell(counts)}")
        return lines, notes

    def _judge(self, item: Item, own: list[Fit], heard: list[Floats]) -> tuple[str, int | None, tuple[str, ...]]:
        if not own:
            return "no reading", None, ()
        told = [np.array([TONES.index(it.tone) for it in syllables(fit)]) for fit in own]
        likely = [judged[np.arange(len(it)), it] for judged, it in zip(heard, told, strict=True)]
        score = np.array([_SCORE_WEIGHT * fit.score + float(it.sum()) for fit, it in zip(own, likely, strict=True)])
        shares = np.exp(score - score.max()) / np.exp(score - score.max()).sum()
        best = int(shares.argmax())
        least, fitting = float(np.exp(likely[best].min())), own[best].score / item.frames
        pinyin = " ".join(own[best].reading.pinyin)
        row = (pinyin, f"{shares[best]:.3f}", f"{least:.3f}", f"{fitting:.3f}")
        if shares[best] < self._config.aligner.doubt:
            return "dropped, two readings are as likely", None, row
        if item.kind == "word" and least < _UNHEARD_TONE:
            return "dropped, another tone is heard", None, row
        if fitting < self._worst:
            return "dropped, other phones are heard", None, row
        if own[best].hush >= _HUSH_FRAMES:
            return "dropped, a pause inside a word", None, row
        verdict = "one reading" if len(own) == 1 else "the first reading" if best == 0 else "another reading"
        return verdict, best, row

    def _line(self, item: Item, fit: Fit) -> Line:
        symbols = list(fit.reading.symbols)
        if item.kind == "sentence":
            symbols = with_breaks(symbols, fit.lasts)
        return Line(item, Symbols().ids(symbols), fit.lasts, fit.start)


def syllables(fit: Fit) -> list[Span]:
    """Return the syllables of a reading where they were found."""
    edges = fit.start + np.concatenate([[0], np.cumsum(fit.lasts)])
    return spans([it.phone for it in fit.reading.symbols], [it.tone for it in fit.reading.symbols], edges)
