"""The network that hears phones, taught by boundaries that it finds itself, better from round to round."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from training.config import Aligner
from training.corpus import Corpus, Floats, Item, Statistics
from training.dataset import batches
from training.states import Ints, runs

INPUTS = 82  # 80 mel bands, log F0, voiced
_QUIET_SHARE = 0.25  # of the way from the quietest frames to the loudest
_PAUSE_FRAMES = 8  # quiet for 100 ms inside a sentence


class Hearing(nn.Module):
    """Convolutions that see `taps` frames, and more with each of three layers; with one tap each frame for itself.

    What sees little cannot learn the first guess by heart, where phones share a recording evenly; what sees more finds
    boundaries better. So the first rounds have one tap.
    """

    def __init__(self, channels: int, classes: int, taps: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for inputs, dilation in ((INPUTS, 1), (channels, 1), (channels, 2)):
            layers += [nn.Conv1d(inputs, channels, taps, dilation=dilation, padding=taps // 2 * dilation), nn.ReLU()]
            layers += [nn.BatchNorm1d(channels), nn.Dropout(0.2)]
        self.layers = nn.Sequential(*layers, nn.Conv1d(channels, classes, 1))

    def forward(self, features: Tensor) -> Tensor:
        """Return logits (batch, classes, frames) for features (batch, INPUTS, frames)."""
        logits: Tensor = self.layers(features)
        return logits


def features(corpus: Corpus, statistics: Statistics) -> Floats:
    """Return the network's input for all frames of a corpus, (frames, INPUTS), in the scale of each speaker."""
    made = np.zeros((len(corpus.arrays["f0"]), INPUTS), np.float32)
    for who in {item.speaker for item in corpus.items}:
        own = [item for item in corpus.items if item.speaker == who]
        rows = np.concatenate([np.arange(item.first, item.first + item.frames) for item in own])
        mel = np.asarray(corpus.arrays["mel"], np.float32)[rows]
        f0, scale = corpus.arrays["f0"][rows], statistics.speakers[who]
        pitch = (np.log(np.maximum(f0, 1.0)) - scale.log_f0_mean) / scale.log_f0_std
        made[rows, :80] = (mel - mel.mean(axis=0)) / mel.std(axis=0)
        made[rows, 80:] = np.stack([np.where(f0 > 0, pitch, 0.0), f0 > 0], axis=1)
    return made


def quiet(corpus: Corpus) -> NDArray[np.bool_]:
    """Return which frames of a corpus are hardly louder than the speaker's room, (frames,).

    The level is the mean over the bands in decibels, so that fricatives count; what is loud for less than three frames
    is a click.
    """
    levels = np.asarray(corpus.arrays["mel"], np.float32).mean(axis=1)
    found = np.zeros(len(levels), np.bool_)
    for who in {item.speaker for item in corpus.items}:
        own = [slice(item.first, item.first + item.frames) for item in corpus.items if item.speaker == who]
        low, high = np.quantile(np.concatenate([levels[rows] for rows in own]), (0.02, 0.9))
        for rows in own:
            mask = levels[rows] < low + _QUIET_SHARE * (high - low)
            for start, end in runs(~mask):
                mask[start:end] = end - start < 3
            found[rows] = mask
    return found


def silence(mask: NDArray[np.bool_], inside: bool) -> NDArray[np.bool_]:
    """Return which quiet frames (n,) of an item are surely silence: at its ends, and inside where they are many."""
    found = np.zeros_like(mask)
    for start, end in runs(mask):
        if start == 0 or end == len(mask) or (inside and end - start >= _PAUSE_FRAMES):
            found[start:end] = True
    return found


def padded(pieces: Sequence[NDArray[np.generic]], value: float) -> Tensor:
    """Return arrays (n, ...) of different lengths as one tensor (pieces, longest, ...)."""
    tensors = [torch.from_numpy(np.ascontiguousarray(piece)) for piece in pieces]
    return nn.utils.rnn.pad_sequence(tensors, batch_first=True, padding_value=value)


def teach(
    network: Hearing, items: Sequence[Item], inputs: Floats, labels: Sequence[Ints], config: Aligner,
    order: np.random.Generator, share: float,
) -> float:  # fmt: skip
    """Train one round on labels, (frames,) for each item, and return the last epoch's loss.

    `share` of the learning rate is used, falling to a tenth of that.
    """
    optimiser = torch.optim.AdamW(network.parameters(), lr=config.learning_rate * share)
    total = [
        batch
        for _ in range(config.epochs)
        for batch in batches([item.frames for item in items], config.batch_frames, order)
    ]
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, len(total), config.learning_rate * share * 0.1)
    loss_of = nn.CrossEntropyLoss(ignore_index=-1, label_smoothing=0.1)
    network.train()
    losses = []
    for batch in total:
        own = [items[at] for at in batch]
        x = padded([inputs[it.first : it.first + it.frames] for it in own], 0.0).transpose(1, 2)
        loss = loss_of(network(x), padded([labels[at] for at in batch], -1))
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        losses.append(loss.item())
    return float(np.mean(losses[-len(losses) // config.epochs :]))


@torch.no_grad()
def hear(network: Hearing, inputs: Floats, priors: Floats) -> Floats:
    """Return how likely each class makes what is heard, (frames, classes), in logarithms up to a constant of the frame.

    A class that is frequent is heard everywhere; `priors`, (classes,) in logarithms, take that away.
    """
    network.eval()
    logits = network(torch.from_numpy(inputs).T[None])[0].T
    return np.asarray(torch.log_softmax(logits, dim=1).numpy() - priors, np.float32)
