"""Held-out recordings beside what the acoustic network makes of them, as spectrograms with F0."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from training.corpus import Floats, Statistics
from training.lessons import F0, VOICED, Lesson
from training.networks.sambert import Sambert, Spoken, regulate
from training.pictures import Image, spectrogram, stacked, write_png

_VOICED = 0.6
_WHO = 3


def draw(folder: Path, network: Sambert, held: Sequence[Lesson], statistics: Statistics) -> None:
    """Draw some lessons of the voice: the recording, said with its prosody, said with the network's own."""
    own = [it for it in held if it.speaker == 0]
    for kind in (False, True):
        some = [it for it in own if it.id.startswith("splice") is kind][:: 7 if kind else 23][:_WHO]
        images: list[Image] = []
        for it in some:
            images += [picture(it.features, statistics)]
            images += [picture(mel.numpy(), statistics) for mel in (told(network, it)[1], spoken(network, it).mel)]
        if images:
            write_png(folder / f"acoustic-{'splices' if kind else 'words'}.png", stacked(images))


def picture(features: Floats, statistics: Statistics) -> Image:
    """Return a picture of (N, 82) features."""
    mel = features[:, :F0] * np.array(statistics.mel_std) + np.array(statistics.mel_mean)
    voice = statistics.speakers[statistics.voice]
    hz = (features[:, F0] * voice.f0_std_hz + voice.f0_mean_hz) * (features[:, VOICED] > _VOICED)
    return spectrogram(np.clip(mel, 0, 1), hz, wide=5)


@torch.no_grad()
def told(network: Sambert, lesson: Lesson) -> tuple[Tensor, Tensor]:
    """Return decoded and final frames, (N, mels): the prosody is the recording's, but it hears its own frames."""
    frames = decoded(network, lesson)
    return frames, network.mel_postnet(frames)


@torch.no_grad()
def decoded(network: Sambert, lesson: Lesson) -> Tensor:
    """Return decoded frames, (N, mels), as `told` does."""
    ids = torch.from_numpy(lesson.ids)
    speakers = torch.full((len(ids),), lesson.speaker)
    voice = torch.cat([network.speakers(speakers), network.emo_tokenizer(torch.from_numpy(lesson.emotions))], 1)
    pitch, energy = torch.from_numpy(lesson.pitch), torch.from_numpy(lesson.energy)
    text = network.variance_adaptor.condition(network.text_encoder(ids), pitch, energy)
    durations = torch.from_numpy(lesson.durations)
    group = network.sizes.outputs_per_step
    memory = regulate(text, voice, durations, group)
    frames: Tensor = network.mel_decoder(memory, int(int(durations.max()) / group + 0.5))
    return frames[: int(durations.sum())]


def spoken(network: Sambert, lesson: Lesson) -> Spoken:
    """Return what the network says by itself, as the service asks for it."""
    ids = torch.from_numpy(lesson.ids)
    said: Spoken = network(ids, torch.from_numpy(lesson.emotions), torch.full((len(ids),), lesson.speaker))
    return said
