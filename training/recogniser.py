"""Hears which syllables are spoken: a small network taught by recordings alone, to judge voices that it never heard.

It reads mel spectrograms and says phones by connectionist temporal classification (Graves et al., "Connectionist
temporal classification", ICML 2006). Before that it learns for a few passes what each frame is, as alignment found it:
a loss over whole utterances alone takes many more to begin.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import cos, pi
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from training.aligned import Line, phone_names
from training.config import BadConfig, Listener
from training.corpus import Corpus, Floats
from training.dataset import batches
from training.features import learned_bins
from training.states import GLOTTAL, Ints, is_final

BLANK = 0
STRIDE = 3
_PAD = 6  # frames around what is heard
_HIGHEST_HZ = 7600.0  # the least that recordings have


@dataclass(frozen=True, slots=True)
class Heard:
    """An utterance of n frames: its mel spectrogram in the scale of its speaker, and what is spoken in it."""

    mel: Floats  # (n, bins)
    classes: Ints  # (phones,), those that are heard, from 1 on
    labels: Ints  # (n,), the class of each frame


class Hearing(nn.Module):
    """Convolutions, the first of them three frames apart, and recurrent layers in both directions."""

    def __init__(self, classes: int, units: int) -> None:
        super().__init__()
        bins = int(learned_bins(_HIGHEST_HZ).sum())
        self.stem = nn.Conv1d(bins, units, 7, stride=STRIDE, padding=2)
        self.blocks = nn.ModuleList(nn.Conv1d(units, units, 3, padding=1) for _ in range(2))
        self.norms = nn.ModuleList(nn.BatchNorm1d(units) for _ in range(3))
        self.around = nn.GRU(units, units // 2, 2, batch_first=True, bidirectional=True, dropout=0.2)
        self.out = nn.Linear(units, classes)
        self.drop = nn.Dropout(0.15)

    def forward(self, mel: Tensor) -> Tensor:
        """Return logits (batch, frames / 3, classes) for mels (batch, frames, bins)."""
        x = self.drop(torch.relu(self.norms[0](self.stem(mel.transpose(1, 2)))))
        for block, norm in zip(self.blocks, list(self.norms)[1:], strict=True):
            x = x + self.drop(torch.relu(norm(block(x))))
        logits: Tensor = self.out(self.drop(self.around(x.transpose(1, 2))[0]))
        return logits


class Scales:
    """Mean and deviation of the mel bands of each speaker."""

    def __init__(self, table: Mapping[str, tuple[Floats, Floats]]) -> None:
        self.table = dict(table)

    def of(self, mel: Floats, speaker: str) -> Floats:
        """Return a mel spectrogram (n, 80) in the scale of a speaker, (n, bins)."""
        mean, std = self.table[speaker]
        return np.asarray(((mel - mean) / std)[:, learned_bins(_HIGHEST_HZ)], np.float32)


def scales_of(corpus: Corpus, lines: Sequence[Line]) -> Scales:
    """Return the scales of the speakers of some lines."""
    found = {}
    for who in sorted({line.item.speaker for line in lines}):
        mels = np.concatenate([line.sound(corpus).mel for line in lines if line.item.speaker == who])
        found[who] = (mels.mean(axis=0), mels.std(axis=0) + np.float32(1e-3))
    return Scales(found)


def heard_phones(line_ids: Ints) -> list[str]:
    """Return the phones of symbols (n, 6) that can be heard."""
    names = (phone_names()[int(row[0])] for row in line_ids)
    return [name for name in names if not name.startswith("#") and name not in GLOTTAL]


def syllables(phones: Sequence[str]) -> list[str]:
    """Return syllables: a final with the initial before it; an initial without a final is a mistake of its own."""
    found: list[str] = []
    for phone in phones:
        if is_final(phone) and found and not found[-1].endswith("_c") and " " not in found[-1]:
            found[-1] += f" {phone}"
        else:
            found.append(phone if is_final(phone) else phone.removesuffix("_c"))
    return found


class Recogniser:
    """A network that hears, with its phones and the scales of the speakers it was taught by."""

    def __init__(self, phones: Sequence[str], scales: Scales, units: int) -> None:
        self.phones, self.scales = tuple(phones), scales
        self.network = Hearing(len(self.phones) + 1, units)

    def example(self, line: Line, corpus: Corpus) -> Heard:
        """Return a line as the network is taught by it."""
        ids = [self._class(phone_names()[int(row[0])]) for row in line.ids]
        classes = np.array([it for it in ids if it], np.int64)
        mel = self.scales.of(line.sound(corpus).mel, line.item.speaker)
        return Heard(mel, classes, np.repeat(ids, line.durations))

    def _class(self, phone: str) -> int:
        return self.phones.index(phone) + 1 if phone in self.phones else BLANK

    @torch.no_grad()
    def hear(self, mel: Floats, speaker: str) -> list[str]:
        """Return the phones in a mel spectrogram (n, 80), the likeliest of each moment."""
        self.network.eval()
        padded = np.pad(self.scales.of(mel, speaker), ((_PAD, _PAD), (0, 0)), mode="edge")
        best = self.network(torch.from_numpy(padded)[None])[0].argmax(dim=1).tolist()
        return [self.phones[it - 1] for at, it in enumerate(best) if it and (at == 0 or it != best[at - 1])]


def varied(one: Heard, order: np.random.Generator, slowest: float) -> Heard:
    """Return an utterance as it could also have been: faster, slower, louder, brighter, with bands unheard."""
    count = len(one.mel)
    places = np.linspace(0, count - 1, max(int(count * order.uniform(0.55, slowest)), STRIDE * 3 * len(one.classes)))
    low = places.astype(int)
    high, share = np.minimum(low + 1, count - 1), (places - low)[:, None].astype(np.float32)
    mel = one.mel[low] * (1 - share) + one.mel[high] * share
    mel = mel + order.normal(0, 0.3) + order.normal(0, 0.3) * np.linspace(-1, 1, mel.shape[1])
    begin = int(order.integers(mel.shape[1]))
    mel[:, begin : begin + int(order.integers(12))] = 0
    return Heard(mel.astype(np.float32), one.classes, one.labels[np.round(places).astype(int)])


def joined(examples: Sequence[Heard], longest: int, order: np.random.Generator) -> list[Heard]:
    """Return utterances in random order, short ones put together, so that words do not only end in silence."""
    groups: list[list[Heard]] = [[]]
    room = 0.0
    for at in order.permutation(len(examples)):
        room -= len(examples[at].mel)
        if room < 0 and groups[-1]:
            groups.append([])
            room = order.uniform(0, longest)
        groups[-1].append(examples[at])
    columns = ([getattr(it, name) for it in own] for own in groups for name in ("mel", "classes", "labels"))
    return [Heard(*(np.concatenate(next(columns)) for _ in range(3))) for _ in groups]


def _batch(own: Sequence[Heard]) -> tuple[Tensor, Tensor, Tensor]:
    """Return mels (batch, frames, bins), labels of what the network says (batch, frames / 3), and its lengths."""
    longest = max(len(it.mel) for it in own) + 2 * _PAD
    longest += -longest % STRIDE
    mels = np.stack([np.pad(it.mel, ((_PAD, longest - _PAD - len(it.mel)), (0, 0)), mode="edge") for it in own])
    labels = [np.pad(it.labels, (_PAD, longest - _PAD - len(it.mel)))[1::STRIDE] for it in own]
    lengths = torch.tensor([(len(it.mel) + 2 * _PAD) // STRIDE for it in own])
    return torch.from_numpy(mels), torch.from_numpy(np.stack(labels)), lengths


class Teaching:
    """The training of a recogniser, epoch by epoch; what it is taught by is never a voice that is made."""

    def __init__(self, heard: Recogniser, options: Listener, seed: int) -> None:
        if options.framewise >= options.epochs:
            raise BadConfig("listener: framewise: must be less than epochs")
        self.recogniser, self.options, self.seed = heard, options, seed
        self.epoch = 0
        self.optimiser = torch.optim.AdamW(heard.network.parameters(), lr=options.learning_rate, weight_decay=1e-2)

    def restore(self, path: Path) -> None:
        """Go on where a checkpoint was left, if there is one."""
        if path.exists():
            stored: dict[str, Any] = torch.load(path, weights_only=True)
            if stored["phones"] != list(self.recogniser.phones):
                raise SystemExit(f"{path} knows other phones; remove it to begin anew")
            self.epoch = stored["epoch"]
            self.recogniser.network.load_state_dict(stored["network"])
            self.optimiser.load_state_dict(stored["optimiser"])

    def save(self, path: Path) -> None:
        """Write the checkpoint, whole or not at all."""
        state = {"epoch": self.epoch, "phones": list(self.recogniser.phones), "optimiser": self.optimiser.state_dict()}
        fresh = path.with_suffix(".new")
        torch.save(state | {"network": self.recogniser.network.state_dict()}, fresh)
        fresh.rename(path)

    def epochs(self, examples: Sequence[Heard]) -> Iterator[tuple[float, float]]:
        """Run the epochs that are left, and yield the mean loss of each and its seconds."""
        while self.epoch < self.options.epochs:
            began = time.monotonic()
            yield self._epoch(examples), time.monotonic() - began

    def _epoch(self, examples: Sequence[Heard]) -> float:
        order = np.random.default_rng(self.seed + self.epoch)
        examples = joined(examples, self.options.longest_frames, order)
        plan = list(batches([len(it.mel) for it in examples], self.options.batch_frames, order))
        self.recogniser.network.train()
        losses = []
        for at, batch in enumerate(plan):
            share = (self.epoch + at / len(plan)) / self.options.epochs
            rate = self.options.learning_rate * min(1.0, share * 20 + 0.05) * (0.5 + 0.5 * cos(pi * share))
            for group in self.optimiser.param_groups:
                group["lr"] = rate
            own = [examples[one] for one in batch]
            losses.append(self._step([varied(it, order, self.options.slowest) for it in own]))
        self.epoch += 1
        return float(np.mean(losses))

    def _step(self, own: Sequence[Heard]) -> float:
        mels, labels, lengths = _batch(own)
        logits = self.recogniser.network(mels)
        if self.epoch < self.options.framewise:
            loss = nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten())
        else:
            wanted = torch.from_numpy(np.concatenate([it.classes for it in own]))
            counts = torch.tensor([len(it.classes) for it in own])
            said = torch.log_softmax(logits, 2).transpose(0, 1)
            loss = nn.functional.ctc_loss(said, wanted, lengths, counts, BLANK, zero_infinity=True)
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # comes without types
        nn.utils.clip_grad_norm_(self.recogniser.network.parameters(), 2.0)
        self.optimiser.step()
        return loss.item()


def new_recogniser(lines: Sequence[Line], corpus: Corpus, options: Listener, seed: int) -> Recogniser:
    """Return a recogniser of the phones in some lines that has not been taught."""
    torch.manual_seed(seed)
    phones = sorted({phone for line in lines for phone in heard_phones(line.ids)})
    return Recogniser(phones, scales_of(corpus, lines), options.units)
