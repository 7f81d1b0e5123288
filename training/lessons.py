"""What the acoustic network is taught with: examples in the scale of the voice, laid side by side in batches."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from training.aligned import phone_names
from training.config import Config
from training.corpus import Floats, Speaker
from training.creak import clear_voice, symbol_pitch
from training.dataset import Example, Examples
from training.features import HOP, SAMPLE_RATE_HZ
from training.states import Ints, is_final
from tts.engines.sambert.symbols import FIELDS

#: How words alone, pseudo-sentences and sentences are said; prosody alone hears the difference. What the service asks
#: for is neutral, so that is how sentences are said.
MANNERS = {"word": "emotion_placeholder1", "splice": "emotion_placeholder2", "sentence": "emotion_neutral"}
F0, VOICED = -2, -1
_EMOTION = FIELDS.index("emotion")
_SPEAKER = FIELDS.index("speaker")


@cache
def _emotions() -> tuple[str, ...]:
    inventory = json.loads((files("tts.engines.sambert") / "data" / "inventory.json").read_text(encoding="utf-8"))
    return tuple(inventory["emotion"])


@dataclass(frozen=True, slots=True)
class Lesson:
    """An example of n symbols and N frames, its pitch in the scale of the voice."""

    id: str
    ids: Ints  # (n, 4)
    speaker: int
    emotions: Ints  # (n,)
    manners: Ints  # (n,), like emotions, but it tells words, pseudo-sentences and sentences apart
    durations: Ints  # (n,)
    lasts: Floats  # (n,), how long they are to last at the tempo of the voice
    pitch: Floats  # (n,), linear in Hz as F0 among the features is
    energy: Floats  # (n,)
    features: Floats  # (N, 82)
    tune: Floats  # (N,), the F0 that the harmonics have, in deviations of the voice's
    clear: NDArray[np.bool_]  # (N,), False where the recording creaks
    weights: Floats  # (82,)


def lessons(examples: Examples, config: Config) -> list[Lesson]:
    """Return all examples, read into memory; those of other speakers in the voice's scale of running speech.

    So is their tempo: each of them speaks as fast as the experiment wants the voice to.
    """
    found = [_lesson(examples[at], examples, config) for at in range(len(examples))]
    frames, slower = config.acoustic.syllable_s * SAMPLE_RATE_HZ / HOP, {0: 1.0}
    for who in {it.speaker for it in found} - {0}:
        slower[who] = frames / _syllable([it for it in found if it.speaker == who])
    return [replace(it, lasts=it.lasts * np.float32(slower[it.speaker])) for it in found]


def _syllable(own: Sequence[Lesson]) -> float:
    """Return how many frames a syllable lasts, pauses aside."""
    finals = np.array([is_final(name) for name in phone_names()])
    breaks = np.array([name.startswith("#") for name in phone_names()])
    phones, durations = np.concatenate([it.ids[:, 0] for it in own]), np.concatenate([it.durations for it in own])
    return float(durations[~breaks[phones]].sum() / finals[phones].sum())


def _lesson(example: Example, examples: Examples, config: Config) -> Lesson:
    kind = "word" if example.isolated else "splice" if example.id.startswith("splice") else "sentence"
    emotions, speaker = example.ids[:, _EMOTION], int(example.ids[0, _SPEAKER])
    none, manner = _emotions().index("emotion_none"), _emotions().index(MANNERS[kind])
    statistics, who = examples.statistics, examples.speakers[speaker]
    own, voice = statistics.speakers[who], statistics.speakers[config.voice]
    span = 1.0 if who == config.voice else config.splices.pitch_range
    mel = example.features[:, :F0] * np.array(statistics.mel_std) + np.array(statistics.mel_mean)
    recorded = example.features[:, VOICED] > 0
    hz = np.maximum(example.features[:, F0] * own.f0_std_hz + own.f0_mean_hz, 30.0)
    pitch = np.asarray((np.log(hz) - own.log_f0_mean) / own.log_f0_std, np.float32)
    pitch, voiced = clear_voice(pitch, recorded, mel, example.ids, example.durations)
    symbols = symbol_pitch(pitch, voiced, example.pitch, example.ids, example.durations)
    hz = np.exp(own.log_f0_mean + own.log_f0_std * pitch)
    return Lesson(
        id=example.id,
        ids=example.ids[:, :4],
        speaker=speaker,
        emotions=emotions,
        manners=np.where(emotions == none, emotions, manner),
        durations=example.durations,
        lasts=example.durations.astype(np.float32),
        pitch=np.where(example.durations > 0, in_scale(symbols, voice, span), np.float32(0)),
        energy=example.energy,
        features=np.column_stack([example.features[:, :F0], in_scale(pitch, voice, span), voiced]).astype(np.float32),
        tune=np.asarray((hz - voice.f0_mean_hz) / voice.f0_std_hz, np.float32),
        clear=voiced == recorded,
        weights=example.weights,
    )


def in_scale(pitch: Floats, voice: Speaker, span: float) -> Floats:
    """Return pitch (k,), in deviations of a speaker's log F0, as deviations of the voice's F0 in Hz.

    `span` narrows it where it comes from sentences, whose deviation is small, and the voice's from words.
    """
    hz = np.exp(voice.log_f0_mean + voice.log_f0_std * span * pitch)
    return np.asarray((hz - voice.f0_mean_hz) / voice.f0_std_hz, np.float32)


@dataclass(frozen=True, slots=True)
class Batch:
    """B lessons side by side, of up to n symbols, N frames and M steps of the decoder, N = M * frames per step."""

    ids: Tensor  # (B, n, 4)
    speakers: Tensor  # (B,)
    emotions: Tensor  # (B, n)
    manners: Tensor  # (B, n)
    symbols: Tensor  # (B, n), whether there is one
    durations: Tensor  # (B, n)
    lasts: Tensor  # (B, n)
    pitch: Tensor  # (B, n)
    energy: Tensor  # (B, n)
    which: Tensor  # (B, N), the symbol of each frame
    places: Tensor  # (B, N), 1, 2, ... within the symbol; 0 where there is no frame
    bands: Tensor  # (B,), how many steps the decoder looks around
    steps: Tensor  # (B, M), whether there is one
    features: Tensor  # (B, N, 82)
    tune: Tensor  # (B, N, 2), F0 of the harmonics, and voicing
    clear: Tensor  # (B, N), whether there is a frame that does not creak
    weights: Tensor  # (B, 1, 82)

    @property
    def frames(self) -> Tensor:
        """Return whether there is a frame, (B, N)."""
        return self.places > 0


def batch_of(own: Sequence[Lesson], group: int) -> Batch:
    """Return lessons as a batch; `group` frames are a step."""
    which, places = [], []
    for it in own:
        frames = int(it.durations.sum())
        starts = np.cumsum(it.durations) - it.durations
        row = np.repeat(np.arange(len(it.durations)), it.durations)
        which.append(np.pad(row, (0, -frames % group)))
        places.append(np.pad(np.arange(1, frames + 1) - starts[row], (0, -frames % group)).astype(np.float32))
    longest = [int(it.durations.max()) for it in own]
    features = [_whole_steps(it.features, group) for it in own]
    tunes = [_whole_steps(np.column_stack([it.tune, it.features[:, VOICED]]), group) for it in own]
    return Batch(
        ids=_side([it.ids for it in own]),
        speakers=torch.tensor([it.speaker for it in own]),
        emotions=_side([it.emotions for it in own]),
        manners=_side([it.manners for it in own]),
        symbols=_side([np.ones(len(it.ids), np.bool_) for it in own]),
        durations=_side([it.durations for it in own]),
        lasts=_side([it.lasts for it in own]),
        pitch=_side([it.pitch for it in own]),
        energy=_side([it.energy for it in own]),
        which=_side(which),
        places=_side(places),
        bands=torch.tensor([int(length / group + 0.5) for length in longest]),
        steps=_side([np.ones(len(it) // group, np.bool_) for it in features]),
        features=_side(features),
        tune=_side(tunes),
        clear=_side([np.pad(it.clear, (0, -len(it.clear) % group)) for it in own]),
        weights=torch.from_numpy(np.stack([it.weights for it in own]))[:, None],
    )


def _whole_steps(rows: Floats, group: int) -> Floats:
    return np.pad(rows, ((0, -len(rows) % group), (0, 0)))


def _side(pieces: Sequence[NDArray[Any]]) -> Tensor:
    tensors = [torch.from_numpy(np.ascontiguousarray(piece)) for piece in pieces]
    return nn.utils.rnn.pad_sequence(tensors, batch_first=True)
