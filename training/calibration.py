"""Gives an imported voice the vocoder that convolves bytes, scaled and judged on recordings of real speech."""

from collections.abc import Sequence
from itertools import islice, repeat
from pathlib import Path
from tarfile import TarError
from typing import Final

import av
import numpy as np
from numpy.typing import NDArray

from training.audio import decode, sounds
from training.config import Pitch
from training.features import HOP, MELS, SAMPLE_RATE_HZ, WINDOW, mel
from training.flow import flows
from training.networks.hifigan import Generator
from training.pitch import track
from training.quantize_vocoder import signal_to_noise_db, write_int8
from training.verify import open_session, vocode
from training.wave import wave_of
from tts.engines.sambert.networks import geometry_of
from tts.engines.sambert.vocoder import Vocoder
from tts.engines.sambert.voice import F0Scale, Manifest
from tts.types import Samples

Floats = NDArray[np.float32]

#: Further below the sound than this the error is hardly heard; a voice that does not reach it stays as it is.
LEAST_SNR_DB: Final = 28.0
#: Recordings that are read, and how many are needed: every other one finds the scales, the others judge.
MOST, LEAST = 40, 4
_CHUNK_FRAMES = 16


class NotGoodEnough(ValueError):
    """There is too little speech, or bytes do not say it well enough."""


def speech(path: Path, f0: F0Scale | None) -> list[Floats]:
    """Return the frames (k, 80) of the first recordings of a folder or tar, or (k, 82) for a voice with a source.

    Each band has mean 0 and deviation 1 over all of them, as the published voices' bands have over their own speech,
    whose figures are not published. F0 and voicing stand behind the bands, F0 in the scale of the voice.
    """
    try:
        waves = [decode(content) for _, content in islice(sounds(path), MOST)]
    except (OSError, TarError, av.FFmpegError) as error:
        raise NotGoodEnough(f"{path} cannot be read: {' '.join(str(error).split())}") from None
    waves = [wave for wave in waves if len(wave) >= WINDOW]
    if len(waves) < LEAST:
        raise NotGoodEnough(f"{path} holds {len(waves)} recordings where at least {LEAST} are needed")
    mels = normalised([mel(wave) for wave in waves])
    return mels if f0 is None else [_voiced(*pair, f0) for pair in zip(mels, waves, strict=True)]


def normalised(mels: Sequence[Floats]) -> list[Floats]:
    """Return mels with each of their bands at mean 0 and standard deviation 1 over all frames."""
    frames = np.concatenate(mels)
    mean, std = frames.mean(0), frames.std(0)
    return [(each - mean) / std for each in mels]


def add_int8(generator: Generator, folder: Path, manifest: Manifest, frames: Sequence[Floats]) -> float:
    """Write `vocode.int8.onnx` into a voice's folder and return how far its error lies below the sound, in dB.

    It is streamed as the service streams it, on recordings that did not find its scales; the worst counts. It is the
    fastest one that reaches `LEAST_SNR_DB`. Raises `NotGoodEnough` where none does.
    """
    if (manifest.sample_rate_hz, manifest.hop, generator.sizes.mels) != (SAMPLE_RATE_HZ, HOP, MELS):
        raise NotGoodEnough(
            f"{manifest.id} does not speak at 16 kHz, and only then its vocoder can be scaled for bytes"
        )
    geometry = geometry_of(manifest)
    seen = flows(generator, frames[::2], geometry.source)
    exact = [wave_of(generator, each, geometry.source) for each in frames[1::2]]
    snr_db = 0.0
    for float_stages in range(len(generator.sizes.scales) + 1):
        write_int8(generator, seen, folder, float_stages)
        vocoder = Vocoder(folder, open_session, geometry, int8=True)
        waves = (vocode(vocoder, each, repeat(_CHUNK_FRAMES)) for each in frames[1::2])
        snr_db = min(signal_to_noise_db(*pair) for pair in zip(exact, waves, strict=True))
        if snr_db >= LEAST_SNR_DB:
            return snr_db
    raise NotGoodEnough(f"bytes say {manifest.id} with {snr_db:.1f} dB where {LEAST_SNR_DB:.0f} are needed")


def _voiced(mels: Floats, wave: Samples, f0: F0Scale) -> Floats:
    hz = track(wave, Pitch())[: len(mels)]
    return np.column_stack([mels, np.where(hz > 0, (hz - f0.mean_hz) / f0.std_hz, 0), hz > 0]).astype(np.float32)
