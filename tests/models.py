"""Copies of the tiny published model, to change in tests of what reads and imports such models."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml

MODEL = Path(__file__).parent / "vectors" / "golden" / "tiny-model"
#: The voice most tests look at; its vocoder is not causal.
VOICE = "tiny_emo"


class Model:
    """A copy of the tiny model, one voice or both."""

    def __init__(self, folder: Path, *voices: str) -> None:
        shutil.copytree(MODEL, folder)
        self.folder = folder
        self.home = folder / "voices" / VOICE
        if voices:
            self.list(*voices)
            for home in (folder / "voices").iterdir():
                if home.is_dir() and home.name not in voices:
                    shutil.rmtree(home)

    def list(self, *voices: str) -> None:
        """Write `voices.json`."""
        (self.folder / "voices" / "voices.json").write_text(json.dumps({"voices": voices}), encoding="utf-8")

    def configure(self, **model: Any) -> None:
        """Write `configuration.json` with other keys under `model`."""
        (self.folder / "configuration.json").write_text(json.dumps({"model": model}), encoding="utf-8")

    def edit(self, file: str, change: Callable[[dict[str, Any]], object]) -> None:
        """Change a YAML file of the voice."""
        path = self.home / file
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        change(document)
        path.write_text(yaml.safe_dump(document), encoding="utf-8")

    def retrain(self, part: str, change: Callable[[dict[str, Any]], object], number: int = 0) -> None:
        """Change the tensors of `am` or `voc`, and save them as the checkpoint of that number."""
        ckpt = self.home / part / "ckpt"
        saved = torch.load(ckpt / "checkpoint_0.pth", weights_only=True)
        change(saved["model"] if part == "am" else saved["model"]["generator"])
        torch.save(saved, ckpt / f"checkpoint_{number}.pth")

    def add_source(self) -> None:
        """Give the voice a harmonic source: F0 and voicing as two more values of a frame, and weights for it."""
        torch.manual_seed(1)
        self.edit("am/config.yaml", lambda document: acoustic(document).update(NSF=True, num_mels=82))
        nsf = {"nb_harmonics": 7, "sampling_rate": 16000}
        self.edit("voc/config.yaml", lambda document: generator(document).update(nsf_params=nsf))
        self.retrain("am", _widen)
        self.retrain("voc", _excite)
        np.save(self.home / "am" / "mvn.npy", np.array([[210.0], [40.0]]))


def _widen(state: dict[str, Any]) -> None:
    for name, axis in (
        ("mel_decoder.mel_dec.prenet.fcs.0.weight", 1),
        ("mel_postnet.fsmn.ffn_lst.0.w_1.weight", 1),
        ("mel_postnet.fc.weight", 0),
        ("mel_postnet.fc.bias", 0),
    ):
        state[name] = _longer(state[name], axis, 2)
    for name in ("mel_decoder.mel_dec.dec_out_proj.weight", "mel_decoder.mel_dec.dec_out_proj.bias"):
        state[name] = torch.cat([_longer(frame, 0, 2) for frame in state[name].chunk(3)])


def _longer(tensor: torch.Tensor, axis: int, by: int) -> torch.Tensor:
    return torch.cat([tensor, 0.1 * torch.randn_like(tensor.narrow(axis, 0, by))], axis)


def _excite(state: dict[str, Any]) -> None:
    layers = {"source_module.ffn.0": (1, 8, 1)}
    for stage, (channels, kernel) in enumerate(((16, 40), (8, 8), (4, 4), (2, 1))):
        layers[f"source_downs.{stage}.conv1d"] = (channels, 1, kernel)
    for name, shape in layers.items():
        weight = 0.3 * torch.randn(shape)
        state[f"{name}.weight_v"], state[f"{name}.bias"] = weight, torch.zeros(shape[0])
        state[f"{name}.weight_g"] = weight.norm(dim=(1, 2), keepdim=True)


def acoustic(document: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters in `am/config.yaml`."""
    params: dict[str, Any] = document["Model"]["KanTtsSAMBERT"]["params"]
    return params


def generator(document: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters in `voc/config.yaml`."""
    params: dict[str, Any] = document["Model"]["Generator"]["params"]
    return params
