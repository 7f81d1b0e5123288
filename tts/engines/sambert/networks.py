"""Opens the networks of an imported voice as its manifest describes them."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from onnxruntime import InferenceSession

from tts.engines.sambert.acoustic import Acoustic
from tts.engines.sambert.agreement import agreeing, try_vocoder
from tts.engines.sambert.source import Source
from tts.engines.sambert.vocoder import Geometry, Vocoder
from tts.engines.sambert.voice import Manifest


def open_acoustic(folder: Path, manifest: Manifest, session: Callable[[Path], InferenceSession]) -> Acoustic:
    """Return the acoustic model of a voice, or raise `BrokenVoice` where its manifest contradicts its graphs."""
    return Acoustic(folder, agreeing(manifest, session), asdict(manifest.acoustic))


def open_vocoder(folder: Path, manifest: Manifest, session: Callable[[Path], InferenceSession]) -> Vocoder:
    """Return the vocoder of a voice, or raise `BrokenVoice` where its manifest contradicts its graph."""
    int8 = manifest.vocoder.int8_snr_db is not None
    vocoder = Vocoder(folder, agreeing(manifest, session), geometry_of(manifest), int8)
    try_vocoder(manifest, vocoder)
    return vocoder


def geometry_of(manifest: Manifest) -> Geometry:
    """Return what the vocoder must be told; in a voice with a source, two values of a frame are F0 and voicing."""
    nsf, f0 = manifest.vocoder.nsf, manifest.acoustic.f0
    source = Source(nsf.harmonics, manifest.sample_rate_hz, f0.mean_hz, f0.std_hz) if nsf and f0 else None
    mels = manifest.mels - 2 if source else manifest.mels
    return Geometry(manifest.hop, mels, manifest.vocoder.lookahead_frames, source)
