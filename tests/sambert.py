"""Golden sentences and small acoustic models, for the tests of Sambert voices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
import yaml
from numpy.typing import NDArray

from training.export_acoustic import export_acoustic
from training.networks.sambert import Sambert, Spoken, load_sambert
from tts.engines.sambert.acoustic import Acoustic, Line

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


def network(voice: str = "tiny_emo", **changes: torch.Tensor) -> Sambert:
    """Return a tiny acoustic model, some of its tensors replaced (dots written as double underscores)."""
    state, params = checkpoint(voice)
    return load_sambert({**state, **{name.replace("__", "."): value for name, value in changes.items()}}, params)


def session(path: Path) -> onnxruntime.InferenceSession:
    """Return a session with one thread, as serving has it."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


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
