"""Says the voice's recordings again with its acoustic model, frame for frame, for the vocoder to learn from.

    python -m training.respeak training/experiments/yue.toml [--work FOLDER]

A vocoder that has only ever seen spectrograms of recordings does not know the smoother ones of an acoustic model.
Reads `acoustic.pt` and writes `recordings/spoken.npy`, with which `training.train_vocoder` goes on.
"""

import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from training.acoustic_pictures import decoded
from training.aligned import read_alignment
from training.commands import experiment
from training.config import Config
from training.corpus import SPOKEN, Corpus, Floats, Statistics, load_statistics
from training.dataset import Examples
from training.lessons import F0, VOICED, Lesson, lessons
from training.networks.sambert import Sambert
from training.trained_acoustic import load_acoustic


@torch.no_grad()
def respoken(network: Sambert, lesson: Lesson) -> Tensor:
    """Return final mel frames, (N, 80): durations, pitch and energy are the recording's, and so is the harmonics' F0.

    The decoder hears its own frames, as when it speaks.
    """
    frames = decoded(network, lesson)
    tune = torch.from_numpy(np.column_stack([lesson.tune, lesson.features[:, VOICED]]))
    made: Tensor = network.mel_postnet(torch.cat([frames[:, :F0], tune], 1))[:, :F0]
    return made


def levels(made: Tensor, statistics: Statistics) -> Floats:
    """Return a mel spectrogram that the network made, (N, 80), between 0 and 1."""
    mel = made.numpy() * np.array(statistics.mel_std) + np.array(statistics.mel_mean)
    return np.asarray(np.clip(mel, 0, 1), np.float32)


def respeak(config: Config) -> Path:
    """Write what the acoustic model makes of the voice's recordings; all other frames are as they were recorded."""
    corpus, began = Corpus(config.folder / "recordings"), time.monotonic()
    network, statistics = load_acoustic(config.folder / "acoustic.pt"), load_statistics(corpus.folder)
    places = {line.item.id: line.item.first + line.start for line in read_alignment(corpus)}
    own = [it for it in lessons(Examples(config, "train", spliced=False), config) if it.speaker == 0]
    mels = np.array(corpus.arrays["mel"])
    for it in own:
        start = places[it.id]
        mels[start : start + len(it.features)] = levels(respoken(network, it), statistics)
    fresh = corpus.folder / f"new-{SPOKEN}"
    np.save(fresh, mels)
    print(f"{len(own)} recordings said again in {time.monotonic() - began:.0f} s")
    return fresh.replace(corpus.folder / SPOKEN)


if __name__ == "__main__":
    torch.set_num_threads(1)
    respeak(experiment("Says the voice's recordings again with its acoustic model."))
