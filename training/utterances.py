"""Something spoken, recorded or made: its symbols, how long they last, and its sound."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.aligned import Line, phone_names
from training.corpus import Corpus, Floats, Item, Sound
from training.states import Ints
from training.tones import Span, spans
from tts.engines.sambert.voice import inventory


@dataclass(frozen=True, slots=True)
class Utterance:
    """Something spoken, recorded or made, of n symbols and N frames."""

    item: Item
    """Of a made one, that whose text it says."""
    running: bool
    """Whether it is speech that runs, rather than a word alone."""
    ids: Ints  # (n, 6)
    durations: Ints  # (n,)
    sound: Sound

    @property
    def spans(self) -> list[Span]:
        """Return its syllables, but for those that last nothing."""
        return spans_of(self.ids, self.durations)

    @property
    def tonal_hz(self) -> Floats:
        """Return F0, (N,), where tones are carried, and 0 elsewhere."""
        return np.where(tonal(self.ids, self.durations), self.sound.f0_hz, np.float32(0))


def spans_of(ids: Ints, durations: Ints) -> list[Span]:
    """Return the syllables of symbols (n, 6) that last so many frames (n,), but for those that last nothing."""
    names = [phone_names()[int(row[0])] for row in ids]
    edges = np.concatenate([[0], np.cumsum(durations)])
    found = spans(names, [inventory()["tone"][int(row[1])] for row in ids], edges)
    return [it for it in found if it.end > it.start]


def tonal(ids: Ints, durations: Ints) -> NDArray[np.bool_]:
    """Return which frames carry the tone of a syllable, (N,): others may hiss, and a tracker may hear F0 in that."""
    mask = np.zeros(int(durations.sum()), np.bool_)
    for it in spans_of(ids, durations):
        mask[it.start : it.end] = True
    return mask


def recorded(line: Line, corpus: Corpus) -> Utterance:
    """Return a recording, or a pseudo-sentence."""
    return Utterance(line.item, line.item.kind != "word", line.ids, line.durations, line.sound(corpus))
