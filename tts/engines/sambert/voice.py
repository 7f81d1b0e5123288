"""Reads and checks the folder of an imported voice: `voice.json` and the files it names."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from functools import cache
from operator import attrgetter
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Final, Literal, TypeVar, get_args, get_origin, get_type_hints

from tts.types import NEUTRAL, Sex

MANIFEST: Final = "voice.json"
#: The graphs every voice has; it may have others beside them.
GRAPHS: Final = ("encode.onnx", "step.onnx", "refine.onnx", "vocode.onnx")
#: The version of `data/inventory.json` that a voice's ids count in.
SYMBOLS: Final = "pinyin-1"

_INVENTORY: Final = Path(__file__).parent / "data" / "inventory.json"
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_NAMES: Final = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}

T = TypeVar("T")


class BrokenVoice(ValueError):
    """A voice's folder is not what an import writes; the message names the folder and says what is wrong."""


@dataclass(frozen=True, slots=True)
class F0Scale:
    """How a predicted, normalised F0 becomes Hz: `f0 * std_hz + mean_hz`."""

    mean_hz: float
    std_hz: float


@dataclass(frozen=True, slots=True)
class AcousticFacts:
    """What the graphs `encode`, `step` and `refine` do not tell by their shapes."""

    outputs_per_step: int
    """Mel frames a decoder step makes."""
    refine_lookahead_frames: int
    """Decoder frames a final mel frame waits for."""
    d_mem: int
    """Width of the decoder's memory."""
    f0: F0Scale | None
    """None when pitch has no known Hz."""


@dataclass(frozen=True, slots=True)
class NsfFacts:
    """The harmonic source of a vocoder that has one."""

    harmonics: int
    """Sines above the fundamental."""


@dataclass(frozen=True, slots=True)
class VocoderFacts:
    """What the graph `vocode` does not tell by its shapes."""

    causal: bool
    lookahead_frames: int
    """Mel frames that a frame's samples wait for."""
    nsf: NsfFacts | None
    int8_snr_db: float | None = None
    """How far the error of `vocode.int8.onnx` lies below the sound; None where the voice does without that graph."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What makes an emotion of neutral speech at 100 %, where the network was not taught it."""

    tempo: float
    """Factor."""
    semitones: float
    """Added to the pitch."""
    range: float
    """Factor on how far the pitch moves about the mean of a sentence."""
    energy: float
    """Added to the predicted energy, in its deviations."""
    loudness_db: float
    tilt_db: float
    """What is added at 4 kHz and above; below, proportionally less for each octave, and nothing at 500 Hz."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The content of `voice.json`."""

    format: Literal[1]
    id: str
    """Name of the folder."""
    name: str
    """What the menu shows."""
    language: str
    """BCP-47 tag of the language it reads."""
    sex: Sex
    sample_rate_hz: int
    hop: int
    """Samples of a mel frame."""
    mels: int
    """Values of a frame between the networks, F0 and voicing among them where the vocoder has a source."""
    emotions: Mapping[str, str]
    """Category -> display name, `neutral` first; a category is in the inventory as `emotion_<category>`."""
    speaker: str
    """The speaker every symbol is written with, as in the inventory."""
    symbols: Literal["pinyin-1"]
    acoustic: AcousticFacts
    vocoder: VocoderFacts
    licence: str
    attribution: str
    source: str
    """Where the voice was imported from."""
    files: Mapping[str, str]
    """File name -> SHA-256 of its content."""
    rules: Mapping[str, Rule] = field(default_factory=dict)
    """Emotions that are made by rule; the network was taught the others."""


@cache
def inventory() -> Mapping[str, list[str]]:
    """Return the symbols of each field; an id is a position in its list."""
    lists: dict[str, list[str]] = json.loads(_INVENTORY.read_text(encoding="utf-8"))
    return lists


def find(voices_dir: Path) -> list[Path]:
    """Return the folders in a folder of voices that hold a voice, by name; none when it does not exist."""
    return sorted(path.parent for path in voices_dir.glob(f"[!.]*/{MANIFEST}"))


def read(folder: Path) -> Manifest:
    """Return the checked manifest of a voice's folder; raise `BrokenVoice` when there is none or it is wrong."""
    path = folder / MANIFEST
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BrokenVoice(f"{folder} is no voice: it has no {MANIFEST}") from None
    except (OSError, ValueError, RecursionError) as error:  # the last of what is nested too deep
        raise BrokenVoice(f"{path} cannot be read: {error}") from None
    try:
        return check(_built(Manifest, raw, "the voice"), folder.name)
    except ValueError as error:
        raise BrokenVoice(f"{path}: {error}") from None


def check(manifest: Manifest, folder_name: str) -> Manifest:
    """Return the manifest, or raise `ValueError` for values that contradict each other, the folder or the inventory."""
    if not _ID.fullmatch(manifest.id) or manifest.id != folder_name:
        raise ValueError(f"id {manifest.id!r} is not the name of its folder, {folder_name!r}")
    if next(iter(manifest.emotions), None) != NEUTRAL:
        raise ValueError(f"emotions: the first must be {NEUTRAL}")
    unknown = [name for name in manifest.emotions if f"emotion_{name}" not in inventory()["emotion"]]
    if unknown:
        raise ValueError(f"emotions: no category is called {', '.join(unknown)}")
    if strangers := [name for name in manifest.rules if name not in manifest.emotions or name == NEUTRAL]:
        raise ValueError(f"rules: {', '.join(strangers)} is none of the emotions beside {NEUTRAL}")
    if manifest.speaker not in inventory()["speaker"]:
        raise ValueError(f"speaker: nobody is called {manifest.speaker!r}")
    for name in ("sample_rate_hz", "hop", "mels", "acoustic.outputs_per_step"):
        if attrgetter(name)(manifest) < 1:
            raise ValueError(f"{name}: must be at least 1")
    for name in ("acoustic.refine_lookahead_frames", "vocoder.lookahead_frames"):
        if attrgetter(name)(manifest) < 0:
            raise ValueError(f"{name}: must not be negative")
    if manifest.vocoder.nsf and not manifest.acoustic.f0:
        raise ValueError("acoustic.f0: must be known where the vocoder has a source, vocoder.nsf")
    missing = [name for name in GRAPHS if name not in manifest.files]
    if missing:
        raise ValueError(f"files: {', '.join(missing)} is not listed")
    for name, digest in manifest.files.items():
        if Path(name).name != name or not _SHA256.fullmatch(digest):
            raise ValueError(f"files: {name!r} is no file name with a SHA-256")
    return manifest


def faults(folder: Path, manifest: Manifest) -> list[str]:
    """Return a sentence for each file of a voice that is missing or not the one that was imported."""
    found = []
    for name, digest in manifest.files.items():
        path = folder / name
        if not path.is_file():
            found.append(f"{path} is missing")
        elif sha256(path) != digest:
            found.append(f"{path} is not the file that was imported")
    return found


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _built(kind: type[T], raw: Any, where: str) -> T:
    """Return a dataclass made of JSON that has exactly its fields, with values of their types; defaults may lack."""
    if not isinstance(raw, dict):
        raise ValueError(f"{where}: must be an object")  # noqa: TRY004  # wrong content, not a wrong call
    hints = get_type_hints(kind)
    if missing := set(_needed(kind)) - raw.keys():
        raise ValueError(f"{where}: {', '.join(sorted(missing))} is missing")
    if unknown := raw.keys() - hints.keys():
        raise ValueError(f"{where}: {', '.join(sorted(unknown))} is unknown")
    return kind(**{name: _value(hint, raw[name], name) for name, hint in hints.items() if name in raw})


def _needed(kind: Any) -> list[str]:
    return [each.name for each in fields(kind) if each.default is MISSING and each.default_factory is MISSING]


def _value(hint: Any, raw: Any, where: str) -> Any:
    origin, choices = get_origin(hint), get_args(hint)
    if origin is UnionType:  # something or null
        return None if raw is None else _value(next(kind for kind in choices if kind is not NoneType), raw, where)
    if isinstance(hint, type) and is_dataclass(hint):
        return _built(hint, raw, where)
    if origin is Literal:
        fits, wanted = raw in choices, " or ".join(repr(choice) for choice in choices)
    elif origin is Mapping:
        if not isinstance(raw, dict):
            raise ValueError(f"{where}: must be an object, not {raw!r}")
        return {name: _value(choices[1], value, f"{where}, {name}") for name, value in raw.items()}
    else:
        kinds = (int, float) if hint is float else hint
        fits, wanted = isinstance(raw, kinds) and (hint is bool) == isinstance(raw, bool), _NAMES[hint]
    if not fits:
        raise ValueError(f"{where}: must be {wanted}, not {raw!r}")
    return raw
