"""Reads the checkpoints of a published SAMBERT voice, in the layout of 2023, and refuses those of another family."""

import json
import pickle
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
import yaml
from numpy.typing import NDArray

from training.families import NotOurs, check_family, check_vocoder, speaker_of

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_CHECKPOINT: Final = re.compile(r"checkpoint\w*_(\d+)\.pth")
_LFS_POINTER: Final = b"version https://git-lfs"


class BadCheckpoint(ValueError):
    """A folder does not hold what a published voice holds; the message names the file and says what is wrong."""


@dataclass(frozen=True)
class Checkpoint:
    """Everything an export needs to know of one published voice."""

    name: str
    """Its name in `voices.json`."""
    am_config: dict[str, Any]
    """`Model.KanTtsSAMBERT.params` of `am/config.yaml`."""
    voc_config: dict[str, Any]
    """`Model.Generator.params` of `voc/config.yaml`."""
    audio_config: dict[str, Any]
    """`audio_config` of `audio_config.yaml`."""
    am_state: dict[str, torch.Tensor]
    """The acoustic model's tensors by their published names."""
    voc_state: dict[str, torch.Tensor]
    """The vocoder generator's tensors by their published names, weight norm not folded."""
    mvn: NDArray[np.float32] | None
    """(2,): mean and standard deviation of F0 in Hz; None for a voice without a harmonic source."""
    se: NDArray[np.float32] | None
    """(1, speaker_units): the speaker's embedding; None for a voice that has a table of speakers."""
    speaker: str
    """The speaker its symbols are written with."""
    sample_rate_hz: int
    hop: int
    """Samples of a mel frame."""


@dataclass(frozen=True)
class _Files:
    """Where the parts of one voice lie; an `.npy` may be missing."""

    am_config: Path
    am_ckpt: Path
    voc_config: Path
    voc_ckpt: Path
    audio_config: Path
    mvn: Path
    se: Path


def read_voices(folder: Path) -> list[str]:
    """Return the names of the voices in a model's folder, the default one first; raise `BadCheckpoint` without any."""
    custom = _custom(folder)
    if custom:
        names = [str(custom.get("voice_name", folder.name))]
    elif (folder / "am").is_dir():  # the folder of one voice, taken out of its model
        names = [folder.resolve().name]
    else:
        names = _listed(folder)
    for name in names:
        if not _NAME.fullmatch(name):
            raise BadCheckpoint(f"{name!r} in {folder} is no name for a voice")
    return names


def read_voice(folder: Path, name: str, trust_pickle: bool = False) -> Checkpoint:
    """Return a voice of a model's folder; raise `BadCheckpoint` for what is missing, broken or of another family.

    `trust_pickle` lets a checkpoint run code of its own while it is read; without it, such a checkpoint is refused.
    """
    files = _files(folder, name)
    am, voc = _document(files.am_config), _document(files.voc_config)
    params = _section(am, files.am_config, "Model", "KanTtsSAMBERT", "params")
    generator = _section(voc, files.voc_config, "Model", "Generator", "params")
    audio = _section(_document(files.audio_config), files.audio_config, "audio_config")
    linguistic = _section(am, files.am_config, "linguistic_unit")
    am_path, voc_path = _newest(files.am_ckpt), _newest(files.voc_ckpt)
    am_state = _tensors(am_path, trust_pickle, "model")
    voc_state = _tensors(voc_path, trust_pickle, "model", "generator")
    try:
        check_family(params, linguistic, am_state, _has_mask(folder))
        hop = check_vocoder(params, generator, audio, am_state, voc_state)
        speaker = speaker_of(linguistic)
    except NotOurs as error:
        raise BadCheckpoint(f"{name} in {folder}: {error}") from None
    return Checkpoint(
        name=name,
        am_config=params,
        voc_config=generator,
        audio_config=audio,
        am_state=am_state,
        voc_state=voc_state,
        mvn=_mvn(files.mvn, params),
        se=_array(files.se).reshape(1, -1) if params.get("SE") else None,
        speaker=speaker,
        sample_rate_hz=int(audio["sampling_rate"]),
        hop=hop,
    )


def custom_paths(folder: Path) -> list[str]:
    """Return the files and folders that a model's configuration names for a fine-tuned voice, relative to `folder`."""
    custom = _custom(folder) or {}
    return [str(path) for key, path in custom.items() if key != "voice_name" and not Path(str(path)).is_absolute()]


def _listed(folder: Path) -> list[str]:
    path = folder / "voices" / "voices.json"
    listed = _document(path, json.loads).get("voices")
    if not isinstance(listed, list):
        raise BadCheckpoint(f"{path} lists no voices")
    names = [str(name) for name in listed if (path.parent / str(name)).is_dir()]
    if not names:
        raise BadCheckpoint(f"none of the voices in {path} has a folder beside it")
    return names


def _files(folder: Path, name: str) -> _Files:
    if name not in (names := read_voices(folder)):
        raise BadCheckpoint(f"{folder} has no voice {name!r}; it has {', '.join(names)}")
    if custom := _custom(folder):
        return _custom_files(folder, custom)
    home = folder if (folder / "am").is_dir() else folder / "voices" / name
    if (home / "vocoder").is_dir() or (home / "am" / "pytorch_model.bin").exists():
        raise BadCheckpoint(f"{home} has the layout of 2022; only models published since 2023 can be imported")
    return _Files(
        am_config=home / "am" / "config.yaml",
        am_ckpt=home / "am" / "ckpt",
        voc_config=home / "voc" / "config.yaml",
        voc_ckpt=home / "voc" / "ckpt",
        audio_config=home / "audio_config.yaml",
        mvn=home / "am" / "mvn.npy",
        se=home / "am" / "se.npy",
    )


def _custom(folder: Path) -> dict[str, Any] | None:
    """Return `model.custom_ckpt` of the configuration: the paths of a fine-tuned voice, which replaces `voices/`."""
    path = folder / "configuration.json"
    model = _document(path, json.loads).get("model") if path.exists() else None
    custom = model.get("custom_ckpt") if isinstance(model, dict) else None
    return custom if isinstance(custom, dict) else None


def _custom_files(folder: Path, custom: Mapping[str, Any]) -> _Files:
    missing = [key for key in ("am_config", "am_ckpt", "voc_config", "voc_ckpt", "audio_config") if not custom.get(key)]
    if missing:
        raise BadCheckpoint(f"custom_ckpt in {folder / 'configuration.json'} lacks {', '.join(missing)}")
    where = {key: folder / str(value) for key, value in custom.items()}  # an absolute path stays as it is
    beside = where["am_config"].parent
    return _Files(
        **{key: where[key] for key in ("am_config", "am_ckpt", "voc_config", "voc_ckpt", "audio_config")},
        mvn=where.get("mvn_file", beside / "mvn.npy"),
        se=where.get("se_file", beside / "se.npy"),
    )


def _has_mask(folder: Path) -> bool:
    """Return whether the vocabularies have a row for `@[MASK]`: they do, unless an old configuration says otherwise."""
    found: Any = (
        _document(folder / "configuration.json", json.loads) if (folder / "configuration.json").exists() else {}
    )
    for key in ("model", "am", "linguistic_unit", "has_mask"):
        found = found.get(key, {}) if isinstance(found, dict) else {}
    return found is not False


def _newest(place: Path) -> Path:
    """Return the checkpoint with the highest number in a folder, or the file itself."""
    if place.is_file():
        return place
    names = {int(match[1]): path for path in place.glob("*") if (match := _CHECKPOINT.fullmatch(path.name))}
    if not names:
        raise BadCheckpoint(f"{place} has no checkpoint_<number>.pth")
    return names[max(names)]


def _tensors(path: Path, trust_pickle: bool, *keys: str) -> dict[str, torch.Tensor]:
    with path.open("rb") as file:
        if file.read(len(_LFS_POINTER)) == _LFS_POINTER:
            raise BadCheckpoint(f"{path} is only a pointer to the checkpoint; run `git lfs pull` in its folder")
    try:
        found = torch.load(path, map_location="cpu", weights_only=not trust_pickle)
    except pickle.UnpicklingError:
        raise BadCheckpoint(
            f"{path} is broken, or holds code beside its tensors; if you trust where it came from, add --trust-pickle"
        ) from None
    except Exception as error:  # what is no checkpoint fails in any way
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise BadCheckpoint(f"{path} is broken: {reason}") from None
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    if not isinstance(found, dict) or not all(isinstance(value, torch.Tensor) for value in found.values()):
        raise BadCheckpoint(f"{path} has no tensors under {'.'.join(keys)}")
    return {key: value.float() if value.is_floating_point() else value for key, value in found.items()}


def _document(path: Path, parse: Callable[[str], Any] = yaml.safe_load) -> dict[str, Any]:
    try:
        found = parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadCheckpoint(f"{path} is missing") from None
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise BadCheckpoint(f"{path} cannot be read: {' '.join(str(error).split())}") from None
    if not isinstance(found, dict):
        raise BadCheckpoint(f"{path} holds no keys")
    return found


def _section(document: dict[str, Any], path: Path, *keys: str) -> dict[str, Any]:
    for at, key in enumerate(keys):
        inner = document.get(key)
        if not isinstance(inner, dict):
            raise BadCheckpoint(f"{path} has no section {'.'.join(keys[: at + 1])}")
        document = inner
    return document


def _mvn(path: Path, params: Mapping[str, Any]) -> NDArray[np.float32] | None:
    if not params.get("NSF") or params.get("nsf_norm_type", "mean_std") != "mean_std":
        return None
    mvn = _array(path).reshape(-1)
    if mvn.shape != (2,):
        raise BadCheckpoint(f"{path} must hold a mean and a standard deviation, not {mvn.size} numbers")
    return mvn


def _array(path: Path) -> NDArray[np.float32]:
    try:
        return np.asarray(np.load(path, allow_pickle=False), dtype=np.float32)
    except FileNotFoundError:
        raise BadCheckpoint(f"{path} is missing") from None
    except (OSError, ValueError) as error:
        raise BadCheckpoint(f"{path} cannot be read: {error}") from None
