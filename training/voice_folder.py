"""Writes the folder of a voice: graphs of its networks, checked against them, and what there is to know about it."""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from training.calibration import Floats, add_int8
from training.export_acoustic import export_acoustic
from training.export_vocoder import export as export_vocoder
from training.networks.hifigan import Generator
from training.networks.lookahead import lookahead_frames
from training.networks.sambert import Sambert
from training.verify import verify
from tts.engines.sambert.voice import (
    MANIFEST,
    SYMBOLS,
    AcousticFacts,
    BrokenVoice,
    F0Scale,
    Manifest,
    NsfFacts,
    Rule,
    VocoderFacts,
    check,
    faults,
    read,
    sha256,
)
from tts.types import Sex


class AlreadyThere(ValueError):
    """Another voice has the name."""


@dataclass(frozen=True, slots=True)
class About:
    """What the networks of a voice do not tell about it."""

    name: str
    """What the menu shows."""
    sex: Sex
    sample_rate_hz: int
    hop: int
    emotions: Mapping[str, str]
    speaker: str
    f0: F0Scale | None
    licence: str
    attribution: str
    source: str
    rules: Mapping[str, Rule] = field(default_factory=dict)


def write_voice(
    target: Path,
    network: Sambert,
    generator: Generator,
    about: About,
    force: bool = False,
    speech: Sequence[Floats] = (),
) -> str:
    """Write a voice's folder and return a sentence about it; raise `ValueError` and leave no trace.

    With frames of `speech` its vocoder convolves bytes. Raises `AlreadyThere` for another voice that is whole, unless
    it is to be replaced, and what `verify` raises.
    """
    with _half_made(target) as folder:
        acoustic = AcousticFacts(**export_acoustic(network, folder), f0=about.f0)
        export_vocoder(generator, folder)
        manifest = Manifest(
            format=1,
            id=target.name,
            name=about.name,
            language="zh",
            sex=about.sex,
            sample_rate_hz=about.sample_rate_hz,
            hop=about.hop,
            mels=network.sizes.mels,
            emotions=about.emotions,
            speaker=about.speaker,
            symbols=SYMBOLS,
            acoustic=acoustic,
            vocoder=_vocoder(generator),
            licence=about.licence,
            attribution=about.attribution,
            source=about.source,
            files=_hashes(folder),
            rules=about.rules,
        )
        check(manifest, target.name)
        difference = verify(network, generator, folder, manifest)
        if speech:
            manifest = _in_bytes(generator, folder, manifest, speech)
        (folder / MANIFEST).write_text(json.dumps(asdict(manifest), ensure_ascii=False, indent=2), encoding="utf-8")
        if not _put(folder, target, manifest, force):
            return f"{target} is there already, and the same"
    bytes_said = f"; bytes agree to {manifest.vocoder.int8_snr_db} dB" if speech else ""
    return f"{target}: {', '.join(about.emotions)}; graphs and networks agree to {difference:.0e}{bytes_said}"


def _in_bytes(generator: Generator, folder: Path, manifest: Manifest, speech: Sequence[Floats]) -> Manifest:
    """Add the vocoder that convolves bytes to a voice's folder, and return what then is true of it."""
    snr_db = round(add_int8(generator, folder, manifest, speech), 1)
    return replace(manifest, vocoder=replace(manifest.vocoder, int8_snr_db=snr_db), files=_hashes(folder))


def _hashes(folder: Path) -> dict[str, str]:
    return {path.name: sha256(path) for path in sorted(folder.iterdir())}


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
