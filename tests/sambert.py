"""Golden sentences and small acoustic models, for the tests of Sambert voices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml
from numpy.typing import NDArray

from training.export_acoustic import export_acoustic
from training.networks.sambert import Sambert, Spoken, load_sambert
from tts.engines.sambert.acoustic import Acoustic, Line
from tts.engines.sambert.sessions import opener

# The sentences are too short for more.
torch.set_num_threads(1)

GOLDEN = Path(__file__).parent / "vectors" / "golden"
VOICES = ("tiny_emo", "tiny_causal")
CASES = [(voice, case) for voice in VOICES for case in range(5)]

Case = dict[str, NDArray[Any]]


@cache
def cases() -> dict[tuple[str, int], Case]:
    """Return the golden tensors by voice and case."""
    with np.load(GOLDEN / "cases.npz") as file:
        found: dict[tuple[str, int], Case] = {key: {} for key in CASES}
        for name in file:
            voice, case, key = name.split("/")
            found[voice, int(case)][key] = file[name]
    return found


@cache
def checkpoint(voice: str) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """Return a tiny acoustic model's tensors and its config's section."""
    folder = GOLDEN / "tiny-model" / "voices" / voice / "am"
    state = torch.load(folder / "ckpt" / "checkpoint_0.pth", map_location="cpu", weights_only=True)["model"]
    config = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))
    return state, config["Model"]["KanTtsSAMBERT"]["params"]


def network(voice: str = "tiny_emo", changes: Mapping[str, torch.Tensor] | None = None) -> Sambert:
    """Return a tiny acoustic model, some of its tensors replaced."""
    state, params = checkpoint(voice)
    return load_sambert({**state, **(changes or {})}, params)


def silent_pauses(state: Mapping[str, torch.Tensor] | None = None) -> dict[str, torch.Tensor]:
    """Return tensors that make pauses, whose emotion is none, last 0 frames, as real voices have it.

    The first unit of both layers of the duration's LSTM becomes a switch that remembers nothing: it is about -0.8 on
    phones and 0.8 on pauses, which their embedding tells.
    """
    state = state or checkpoint("tiny_emo")[0]
    prefix, emotion = "variance_adaptor.duration_predictor.", "emo_tokenizer.weight"
    changed = {name: value.clone() for name, value in state.items() if name.startswith(prefix) or name == emotion}
    changed[emotion][:, 0], changed[emotion][0, 0] = 0, 1
    told = changed[prefix + "lstm.weight_ih_l0"].shape[1] - changed[emotion].shape[1]  # the emotion's first column
    for layer, column, bias in ((0, told, -10.0), (1, 0, 0.0)):
        weights, back, biases = (
            changed[f"{prefix}lstm.{kind}_l{layer}"] for kind in ("weight_ih", "weight_hh", "bias_ih")
        )
        units = back.shape[1]
        for gate, value in enumerate((20.0, -20.0, bias, 20.0)):  # input, forget, cell, output
            weights[gate * units], back[gate * units], biases[gate * units] = 0, 0, value
        weights[2 * units, column] = 20
    changed[prefix + "fc.weight"][0, 0], changed[prefix + "fc.bias"][0] = -3, -0.4
    return changed


#: Opens a graph as serving does.
session = opener(["CPUExecutionProvider"])


def exported(model: Sambert, folder: Path, opened: Callable[[Path], Any] = session) -> Acoustic:
    """Export a model to a folder and open what was written."""
    folder.mkdir(parents=True, exist_ok=True)
    return Acoustic(folder, opened, export_acoustic(model, folder))


def line(case: Case, speed: float = 1.0) -> Line:
    """Return a golden sentence as the runtime takes it."""
    one = np.ones(len(case["ids"]), np.float32)
    emotions = case["emotion_ids"]
    return Line(
        case["ids"], case["speaker_ids"], emotions, emotions, one, one * np.float32(speed), one, 0 * one, 0 * one
    )


def in_emotion(sentence: Line, emotion: int) -> Line:
    """Return a sentence whose phones are in another emotion; pauses keep none."""
    ids = np.where(sentence.emotion_ids > 0, emotion, 0)
    return replace(sentence, emotion_ids=ids, base_ids=ids)


def said(model: Sambert, sentence: Line) -> Spoken:
    """Return what the torch network makes of a sentence at speed 1."""
    spoken: Spoken = model(*map(torch.from_numpy, (sentence.ids, sentence.emotion_ids, sentence.speaker_ids)))
    return spoken
