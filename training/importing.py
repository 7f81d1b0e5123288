"""Makes voices of published checkpoints: exports their graphs, checks them, and puts them where the service looks."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch

from training.calibration import speech
from training.checkpoints import Checkpoint, read_voice, read_voices
from training.download import DownloadFailed, download, is_id
from training.known import KNOWN, MAKERS, emotions_of
from training.licences import licence_of
from training.networks.hifigan import Generator
from training.networks.hifigan import load as load_generator
from training.networks.sambert import Sambert, load_sambert
from training.unpack import unpack
from training.voice_folder import About, AlreadyThere, write_voice
from tts.engines.sambert.regulator import NothingToSay, TooLong
from tts.engines.sambert.voice import F0Scale
from tts.types import Sex


class ImportFailed(ValueError):
    """A voice cannot be made of a checkpoint."""


@dataclass(frozen=True)
class Wishes:
    """What the person who imports asks for."""

    voices_dir: Path
    voices: tuple[str, ...] = ()
    """Names in the model; none for all of them."""
    emotions: tuple[str, ...] | None = None
    """Categories to offer beside neutral; None for those the voice is known for."""
    sex: Sex | None = None
    """None for what is known, or else female."""
    cache: Path | None = None
    """Where downloads are kept; None for ModelScope's own place."""
    force: bool = False
    """Whether to replace another voice of the same name."""
    trust_pickle: bool = False
    int8: Path | None = None
    """Folder or tar of recorded speech, for a vocoder that convolves bytes; None for one that is exact."""


@contextmanager
def opened(source: str, cache: Path | None = None) -> Iterator[Path]:
    """Give the folder of a model, downloaded and unpacked where it must be; raise `ValueError` with a sentence."""
    if Path(source).is_dir():
        folder = Path(source)
    elif is_id(source):
        folder = download(source, cache)
    else:
        raise DownloadFailed(f"{source!r} is neither a folder nor a ModelScope id such as owner/name")
    with tempfile.TemporaryDirectory(prefix="shengliu-") as scratch:
        yield unpack(folder, Path(scratch))


def import_model(source: str, wishes: Wishes) -> Iterator[str]:
    """Import the voices of a model one by one, and yield a sentence before and after each.

    Raises `ValueError` at the first that is wrong; a voice that was imported before it stays. `AlreadyThere` comes
    after all the others are done.
    """
    there = []
    with opened(source, wishes.cache) as model:
        for name in wishes.voices or read_voices(model):
            yield f"{name}: exporting and checking it takes a minute or so"
            try:
                yield import_voice(model, name, source, wishes)
            except AlreadyThere as error:
                there.append(str(error))
    if there:
        raise AlreadyThere("; ".join(there))


def import_voice(model: Path, name: str, source: str, wishes: Wishes) -> str:
    """Import one voice of a model's folder and return a sentence about it; raise `ValueError` and leave no trace."""
    checkpoint = read_voice(model, name, wishes.trust_pickle)
    emotions = emotions_of(name, wishes.emotions)
    network, generator = _networks(checkpoint)
    about = About(
        name=KNOWN[name].name if name in KNOWN else name,
        sex=wishes.sex or (KNOWN[name].sex if name in KNOWN else "female"),
        sample_rate_hz=checkpoint.sample_rate_hz,
        hop=checkpoint.hop,
        emotions=emotions,
        speaker=checkpoint.speaker,
        f0=_f0(checkpoint),
        licence=licence_of(model),
        attribution=MAKERS if name in KNOWN else "",
        source=source,
    )
    frames = speech(wishes.int8, about.f0) if wishes.int8 else ()
    try:
        return write_voice(wishes.voices_dir / name, network, generator, about, wishes.force, frames)
    except (NothingToSay, TooLong) as error:
        raise ImportFailed(f"{name} is damaged, or was trained badly: {error}") from None


def _networks(checkpoint: Checkpoint) -> tuple[Sambert, Generator]:
    speaker = None if checkpoint.se is None else torch.from_numpy(checkpoint.se)
    try:
        network = load_sambert(checkpoint.am_state, checkpoint.am_config, speaker)
        return network, load_generator(checkpoint.voc_config, checkpoint.voc_state)
    except (LookupError, RuntimeError, TypeError, ValueError) as error:
        raise ImportFailed(f"{checkpoint.name} does not fit the networks: {' '.join(str(error).split())}") from None


def _f0(checkpoint: Checkpoint) -> F0Scale | None:
    """Return how pitch becomes Hz: the published voices with a source tell it, in one of two ways."""
    if checkpoint.mvn is not None:
        return F0Scale(*checkpoint.mvn.tolist())
    if not checkpoint.am_config.get("NSF"):
        return None
    least = float(checkpoint.am_config.get("nsf_f0_global_minimum", 30.0))
    return F0Scale(least, float(checkpoint.am_config.get("nsf_f0_global_maximum", 730.0)) - least)
