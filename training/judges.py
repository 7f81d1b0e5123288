"""Two networks that judge voices, taught by recordings alone, once, and kept: one hears syllables, one hears tones."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from training.aligned import Line, phone_names, read_alignment
from training.config import Config
from training.corpus import Corpus, Floats, Item, Sound, Speaker, load_statistics
from training.measures import edits
from training.recogniser import Recogniser, Teaching, heard_phones, new_recogniser, syllables
from training.states import Ints
from training.tones import TONES, Span, describe, fresh, spans, taught
from tts.engines.sambert.voice import inventory

_TONE_EPOCHS = 40
#: How far rare tones are made as likely as frequent ones: what hears most tones of held-out recordings rightly.
_FAIRNESS = 0.3
#: Which columns of `training.tones.describe` tell how much of a syllable is voiced. Creak gives third tones away, but a
#: voice that creaks less still has their melody; recordings are heard as well without.
_VOICING = slice(12, 15)


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


class ToneJudge:
    """Hears which tone each syllable has; `common` are the logarithms of how frequent tones are, (5,)."""

    def __init__(self, network: nn.Module, common: Floats) -> None:
        self.network, self.common = network.eval(), common

    @torch.no_grad()
    def hear(self, it: Utterance, scale: Speaker) -> tuple[Ints, Ints]:
        """Return the tones that are written and those that are heard, (syllables,) both, as places in `TONES`."""
        rows, told = tone_rows(it, scale)
        if not len(told):
            return told, told
        logits = self.network(torch.from_numpy(rows)).numpy()
        return told, (logits - _FAIRNESS * self.common).argmax(axis=1)


def tone_rows(it: Utterance, scale: Speaker) -> tuple[Floats, Ints]:
    """Return what is heard of the tone of each syllable, (syllables, features), and the tones that are written."""
    found = it.spans
    item = replace(it.item, kind="sentence" if it.running else "word")
    told = np.array([TONES.index(one.tone) for one in found], np.int64)
    rows = describe(found, it.sound, item, scale)
    rows[:, _VOICING] = 0
    return rows, told


@dataclass(frozen=True, slots=True)
class Judges:
    """Who judges an experiment."""

    recogniser: Recogniser
    tones: ToneJudge

    def syllable_errors(self, it: Utterance, speaker: str) -> tuple[int, int]:
        """Return how many syllables are heard wrongly, with those too many, and how many there are."""
        said, wanted = syllables(self.recogniser.hear(it.sound.mel, speaker)), syllables(heard_phones(it.ids))
        return edits(said, wanted), len(wanted)


def judges(config: Config) -> Judges:
    """Return the judges of an experiment; they are taught first where that has not been done, or not to the end."""
    corpus = Corpus(config.folder / "recordings")
    lines = [line for line in read_alignment(corpus) if line.item.split == "train"]
    return Judges(_recogniser(config, corpus, lines), _tones(config, corpus, lines))


def _often(lines: Sequence[Line], sentences: int) -> list[Line]:
    """Return lines with those of sentences as often as is asked for."""
    return [line for line in lines for _ in range(1 if line.item.kind == "word" else sentences)]


def _recogniser(config: Config, corpus: Corpus, lines: Sequence[Line]) -> Recogniser:
    path = config.folder / "recogniser.pt"
    heard = new_recogniser(lines, corpus, config.listener, config.seed)
    teaching = Teaching(heard, config.listener, config.seed)
    teaching.restore(path)
    if teaching.epoch < config.listener.epochs:
        examples = [heard.example(line, corpus) for line in _often(lines, config.listener.sentences)]
        weights = sum(it.numel() for it in heard.network.parameters())
        print(f"recogniser: {len(lines)} recordings, {len(heard.phones)} phones, {weights} weights")
        for loss, lasted in teaching.epochs(examples):
            teaching.save(path)
            print(f"recogniser: epoch {teaching.epoch}: loss {loss:.3f}, {lasted:.0f} s", flush=True)
    return heard


def _tones(config: Config, corpus: Corpus, lines: Sequence[Line]) -> ToneJudge:
    path, scales = config.folder / "tones.pt", load_statistics(corpus.folder).speakers
    if path.exists():
        stored = torch.load(path, weights_only=True)
        network = fresh(int(stored["features"]))
        network.load_state_dict(stored["network"])
        return ToneJudge(network, stored["common"].numpy())
    began = time.monotonic()
    pairs = [
        tone_rows(recorded(line, corpus), scales[line.item.speaker])
        for line in _often(lines, config.listener.sentences)
    ]
    rows, told = np.concatenate([it[0] for it in pairs]), np.concatenate([it[1] for it in pairs])
    network = taught(rows, told, _TONE_EPOCHS, config.seed)
    common = np.log(np.bincount(told, minlength=len(TONES)) + 1.0).astype(np.float32)
    state = {"features": rows.shape[1], "network": network.state_dict(), "common": torch.from_numpy(common)}
    _whole(state, path)
    print(f"tones: {len(told)} syllables of {len(lines)} recordings, {time.monotonic() - began:.0f} s")
    return ToneJudge(network, common)


def _whole(state: object, path: Path) -> None:
    torch.save(state, path.with_suffix(".new"))
    path.with_suffix(".new").rename(path)
