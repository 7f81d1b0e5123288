"""Copies of the tiny published model, to change in tests of what reads and imports such models."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

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


def acoustic(document: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters in `am/config.yaml`."""
    params: dict[str, Any] = document["Model"]["KanTtsSAMBERT"]["params"]
    return params


def generator(document: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters in `voc/config.yaml`."""
    params: dict[str, Any] = document["Model"]["Generator"]["params"]
    return params
