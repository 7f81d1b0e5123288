"""Makes voices of published checkpoints: exports their graphs, checks them, and puts them where the service looks."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch

from training.calibration import add_int8, speech
from training.checkpoints import Checkpoint, read_voice, read_voices
from training.download import DownloadFailed, download, is_id
from training.export_acoustic import export_acoustic
from training.export_vocoder import export as export_vocoder
from training.known import KNOWN, MAKERS, emotions_of
from training.licences import licence_of
from training.networks.hifigan import Generator
from training.networks.hifigan import load as load_generator
from training.networks.lookahead import lookahead_frames
from training.networks.sambert import Sambert, load_sambert
from training.unpack import unpack
from training.verify import verify
from tts.engines.sambert.voice import (
    MANIFEST,
    SYMBOLS,
    AcousticFacts,
    BrokenVoice,
    F0Scale,
    Manifest,
    NsfFacts,
    VocoderFacts,
    check,
    faults,
    read,
    sha256,
)
from tts.types import Sex


class ImportFailed(ValueError):
    """A voice cannot be made of a checkpoint, or must not take the place of another."""


class AlreadyThere(ImportFailed):
    """Another voice has the name."""


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
    target = wishes.voices_dir / name
    with _half_made(target) as folder:
        network, generator = _networks(checkpoint)
        acoustic = AcousticFacts(**export_acoustic(network, folder), f0=_f0(checkpoint))
        export_vocoder(generator, folder)
        manifest = Manifest(
            format=1,
            id=name,
            name=KNOWN[name].name if name in KNOWN else name,
            language="zh",
            sex=wishes.sex or (KNOWN[name].sex if name in KNOWN else "female"),
            sample_rate_hz=checkpoint.sample_rate_hz,
            hop=checkpoint.hop,
            mels=network.sizes.mels,
            emotions=emotions,
            speaker=checkpoint.speaker,
            symbols=SYMBOLS,
            acoustic=acoustic,
            vocoder=_vocoder(generator),
            licence=licence_of(model),
            attribution=MAKERS if name in KNOWN else "",
            source=source,
            files=_hashes(folder),
        )
        check(manifest, target.name)
        difference = verify(network, generator, folder, manifest)
        if wishes.int8:
            manifest = _in_bytes(generator, folder, manifest, wishes.int8)
        (folder / MANIFEST).write_text(json.dumps(asdict(manifest), ensure_ascii=False, indent=2), encoding="utf-8")
        if not _put(folder, target, manifest, wishes.force):
            return f"{target} is there already, and the same"
    bytes_said = f"; bytes agree to {manifest.vocoder.int8_snr_db} dB" if wishes.int8 else ""
    return f"{target}: {', '.join(emotions)}; graphs and networks agree to {difference:.0e}{bytes_said}"


def _in_bytes(generator: Generator, folder: Path, manifest: Manifest, recordings: Path) -> Manifest:
    """Add the vocoder that convolves bytes to a voice's folder, and return what then is true of it."""
    snr_db = add_int8(generator, folder, manifest, speech(recordings, manifest.acoustic.f0))
    return replace(manifest, vocoder=replace(manifest.vocoder, int8_snr_db=round(snr_db, 1)), files=_hashes(folder))


def _hashes(folder: Path) -> dict[str, str]:
    return {path.name: sha256(path) for path in sorted(folder.iterdir())}


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


def _vocoder(generator: Generator) -> VocoderFacts:
    sizes = generator.sizes
    return VocoderFacts(sizes.causal, lookahead_frames(sizes), NsfFacts(sizes.nsf[0]) if sizes.nsf else None)


@contextmanager
def _half_made(target: Path) -> Iterator[Path]:
    """Give an empty folder beside a voice's, on the same disk and unseen by the service; it is gone afterwards."""
    folder = target.with_name(f".{target.name}.half-made")
    shutil.rmtree(folder, ignore_errors=True)  # an import that was killed may have left one
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _put(folder: Path, target: Path, manifest: Manifest, force: bool) -> bool:
    """Move a finished voice to its place and return True; False when the same voice is there, whole.

    Raises `AlreadyThere` for another voice that is whole, unless it is to be replaced.
    """
    old = target.with_name(f".{target.name}.replaced")
    if target.exists():
        there = _whole(target)
        if there and replace(there, source=manifest.source) == manifest:
            return False
        if there and not force:
            raise AlreadyThere(f"{target} is there already, and another one; --force replaces it")
        shutil.rmtree(old, ignore_errors=True)
        target.rename(old)
    try:
        folder.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)
    return True


def _whole(target: Path) -> Manifest | None:
    """Return the manifest of a voice that is as it was imported."""
    try:
        manifest = read(target)
    except BrokenVoice:
        return None
    return None if faults(target, manifest) else manifest
