"""Reads the one file that describes an experiment; a key or a value that is not understood is an error."""

import tomllib
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from pathlib import Path
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from training.emotion_rules import Rules
from training.voice_options import Acoustic, Card

T = TypeVar("T")


class BadConfig(ValueError):
    """A configuration that cannot be used; the message names the key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recordings:
    """A folder, or a tar, of sound files with a table that says what is spoken in them."""

    audio: Path
    table: Path
    """Tab-separated with a header: `id` (file name without its ending), `text`, perhaps `spk`, `pinyin`, `flags`."""
    kind: Literal["word", "sentence"]
    speaker: str = ""
    """Who speaks, where the table has no column `spk`."""
    highest_hz: float = 8000.0
    """Above this the recordings hold nothing that should be learned."""
    leave_out: tuple[str, ...] = ()
    """Rows with one of these flags are not used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """How recordings are cut and levelled."""

    margin_ms: float = 50.0
    """Silence that is kept before and after speech."""
    above_noise_db: float = 10.0
    below_peak_db: float = 50.0
    """Speech is what stands this far above the noise, and no further than this below the loudest moment."""
    level_db: float = -24.0
    """Mean level of a speaker's speech, relative to full scale; one gain for all recordings of the speaker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pitch:
    """Where F0 is looked for; in a second pass within the range of each speaker."""

    lowest_hz: float = 60.0
    highest_hz: float = 500.0
    voicing: float = 0.40
    """Periodicity (0..1) from which a frame is voiced; low enough for creaky third tones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """The share of items that no training sees, chosen by a hash of their names."""

    word: float = 0.03
    sentence: float = 0.06


@dataclass(frozen=True, slots=True, kw_only=True)
class Aligner:
    """How the network that finds the boundaries is trained."""

    rounds: int = 8
    """How often boundaries are found anew."""
    near_rounds: int = 4
    """How many of these hear each frame for itself, before the network sees around it."""
    epochs: int = 2
    """Passes over the recordings in each round."""
    batch_frames: int = 6000
    learning_rate: float = 2e-3
    channels: int = 128
    pause_frames: int = 5
    closure_frames: int = 9
    """Silence between words is a pause from this length on; before a stop, whose closure is silent, from this one."""
    doubt: float = 0.9
    """A reading that is surer than this is taken; where none is, the item is dropped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Splices:
    """How words are joined to pseudo-sentences."""

    count: int = 3000
    fewest: int = 2
    most: int = 6
    tempo: float = 0.70
    """Factor on durations."""
    pitch_range: float = 0.65
    """Factor on the F0 range, in semitones about the speaker's mean."""
    declination_st_per_s: float = -1.0
    final_lengthening: float = 1.25
    """Factor on the durations of the last syllable before a pause, beside `tempo`."""
    pause_share: float = 0.15
    """How many of the joints hold a pause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocoder:
    """The size of the vocoder, and how it is trained: first on spectra alone, then against discriminators too."""

    channels: int = 128
    """Of the layer before the first upsampling; each upsampling halves them."""
    scales: tuple[int, ...] = (10, 5, 4)
    up_kernels: tuple[int, ...] = (20, 10, 8)
    block_kernels: tuple[int, ...] = (3, 7)
    dilations: tuple[int, ...] = (1, 3, 5)
    causal: bool = True
    """Whether samples wait for no frame after their own."""
    harmonics: int = 15
    """Sines above the fundamental in its source."""
    batch: int = 4
    """Stretches in a step; each is spoken twice, with other noise."""
    segment_frames: int = 40
    learning_rate: float = 5e-4
    """Where the discriminators begin; before, it falls to this from `plain_rate`."""
    plain_rate: float = 2e-3
    plain_steps: int = 12000
    """Steps on spectra alone."""
    halving_steps: int = 20000
    """After so many steps against discriminators the learning rate is half of what it was."""
    steps: int = 100000
    average: float = 0.999
    """What of the mean of the weights stays in each step; that mean is what speaks."""
    mel_weight: float = 15.0
    stft_weight: float = 15.0
    mel_variety: float = 0.3
    stft_variety: float = 1.0
    """How much it counts that what is made varies as recordings do, beside how near it is to them. Windows of mel
    frames are long, so that less of them is left to chance."""
    spoken: float = 0.5
    """The share of stretches whose spectrogram is the acoustic model's, once `training.respeak` has made them."""
    feature_weight: float = 2.0
    periods: tuple[int, ...] = (2, 3, 5, 7)
    period_channels: int = 24
    windows: tuple[int, ...] = (400, 1600)
    """Samples of the windows of the discriminators that see spectra."""
    window_channels: int = 12
    report_steps: int = 100
    evaluate_steps: int = 1000
    checkpoint_s: float = 180.0
    threads: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """How the network that judges voices by the syllables it hears is taught, by recordings alone."""

    epochs: int = 14
    framewise: int = 3
    """How many of these learn what each frame is, before those that learn what is spoken."""
    batch_frames: int = 4000
    learning_rate: float = 3e-3
    units: int = 160
    slowest: float = 1.15
    """Recordings are heard 0.55 to this times as long as they are."""
    longest_frames: int = 300
    """Words are put together up to this length, or less."""
    sentences: int = 2
    """How often sentences, of which there are few, are heard in an epoch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """An experiment: what is learned from, and how."""

    name: str
    voice: str
    """The speaker whose voice is made; features are normalised by this speaker's mean."""
    recordings: tuple[Recordings, ...]
    work: Path = Path("training/work")
    """Where what is made lies, in a folder with the name of the experiment."""
    seed: int = 1
    card: Card = field(default_factory=Card)
    sound: Sound = field(default_factory=Sound)
    pitch: Pitch = field(default_factory=Pitch)
    held_out: HeldOut = field(default_factory=HeldOut)
    acoustic: Acoustic = field(default_factory=Acoustic)
    aligner: Aligner = field(default_factory=Aligner)
    splices: Splices = field(default_factory=Splices)
    vocoder: Vocoder = field(default_factory=Vocoder)
    listener: Listener = field(default_factory=Listener)
    rules: Rules = field(default_factory=Rules)

    @property
    def folder(self) -> Path:
        """Return where everything that this experiment makes lies."""
        return self.work / self.name


def load(path: Path) -> Config:
    """Return the experiment in a TOML file; raise `BadConfig` naming the key that is wrong."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        known = ", ".join(sorted(it.name for it in path.parent.glob("*.toml"))) or "none"
        raise BadConfig(f"{path} does not exist; there are: {known}") from None
    except tomllib.TOMLDecodeError as error:
        raise BadConfig(f"{path}: {error}") from error
    return build(Config, table, str(path))


def build(kind: type[T], table: dict[str, Any], where: str) -> T:
    """Return a dataclass made of a table; raise `BadConfig` for unknown and missing keys and wrong types."""
    assert is_dataclass(kind)
    known: dict[str, Field[Any]] = {it.name: it for it in fields(kind)}
    if unknown := set(table) - set(known):
        raise BadConfig(f"{where}: unknown {', '.join(sorted(unknown))}; the keys are {', '.join(known)}")
    for name, it in known.items():
        if name not in table and it.default is MISSING and it.default_factory is MISSING:
            raise BadConfig(f"{where}: {name} is missing")
    hints = get_type_hints(kind)
    return kind(**{name: _value(hints[name], value, f"{where}: {name}") for name, value in table.items()})


def _value(hint: Any, value: Any, where: str) -> Any:
    """Return a value as a field wants it."""
    if is_dataclass(hint) and isinstance(value, dict):
        return build(hint, value, where)  # type: ignore[arg-type]  # a class, as dataclass fields have them
    if get_origin(hint) is tuple and isinstance(value, list):
        return tuple(_value(get_args(hint)[0], it, f"{where}[{at}]") for at, it in enumerate(value))
    if get_origin(hint) is Literal and value in get_args(hint):
        return value
    if get_origin(hint) in (Union, UnionType):
        raise TypeError(f"{where}: fields of several types are not supported")
    if hint is Path and isinstance(value, str):
        return Path(value)
    if hint is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if hint in (int, str, bool) and type(value) is hint:
        return value
    wanted = " or ".join(map(str, get_args(hint))) if get_origin(hint) is Literal else getattr(hint, "__name__", hint)
    raise BadConfig(f"{where}: {value!r} is no {wanted}")
