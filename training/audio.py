"""Recordings as arrays: decoded, resampled, cut to the speech in them, levelled."""

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import soxr
from numpy.typing import NDArray

from training.config import Sound
from training.features import SAMPLE_RATE_HZ
from tts.types import Samples

ENDINGS = (".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a")
_BLOCK = 160  # 10 ms
_SILENT_DB = -80.0


def sounds(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the names, without folder and ending, and the contents of the sound files in a folder or a tar."""
    if path.is_dir():
        for file in sorted(it for it in path.rglob("*") if it.suffix.lower() in ENDINGS):
            yield file.stem, file.read_bytes()
        return
    with tarfile.open(path) as archive:
        for member in archive:
            name = Path(member.name)
            if name.suffix.lower() in ENDINGS and (content := archive.extractfile(member)):
                yield name.stem, content.read()


def decode(content: bytes) -> Samples:
    """Return the mono sound in a file's bytes at 16 kHz; raise `av.FFmpegError` where there is none."""
    with av.open(io.BytesIO(content), "r") as container:
        rate = container.streams.audio[0].rate
        resampler = av.AudioResampler(format="flt", layout="mono", rate=rate)
        pieces = [part.to_ndarray()[0] for frame in container.decode(audio=0) for part in resampler.resample(frame)]
        pieces += [part.to_ndarray()[0] for part in resampler.resample(None)]
    samples = np.concatenate(pieces).astype(np.float32)
    return soxr.resample(samples, rate, SAMPLE_RATE_HZ, "VHQ").astype(np.float32) if rate != SAMPLE_RATE_HZ else samples


def levels_db(samples: Samples) -> NDArray[np.float32]:
    """Return the level of each 10 ms, (n,), with high frequencies raised so that fricatives count."""
    raised = np.diff(samples, prepend=samples[:1] * 0) + 0.1 * samples
    blocks = raised[: len(raised) // _BLOCK * _BLOCK].reshape(-1, _BLOCK)
    return np.asarray(10 * np.log10(np.mean(np.square(blocks, dtype=np.float64), axis=1) + 1e-10), np.float32)


def speech(samples: Samples, sound: Sound) -> tuple[int, int]:
    """Return where speech begins and ends, in samples; (0, 0) where there is none.

    The noise is the level that a tenth of the recording stays below, but a recording without silence has no noise to
    measure: `below_peak_db` bounds it.
    """
    level = levels_db(samples)
    if not len(level):
        return 0, 0
    noise, peak = float(np.quantile(level, 0.1)), float(level.max())
    if peak < _SILENT_DB:
        return 0, 0
    threshold = min(max(noise + sound.above_noise_db, peak - sound.below_peak_db), peak - 20.0)
    loud = np.convolve(level > threshold, np.ones(3), "same") >= 2  # a click of 10 ms is no speech
    found = np.flatnonzero(loud)
    if not len(found):
        return 0, 0
    return int(found[0]) * _BLOCK, (int(found[-1]) + 1) * _BLOCK


def trimmed(samples: Samples, sound: Sound, hop: int) -> Samples:
    """Return the speech with the margin that is there, cut to whole hops; empty where there is no speech."""
    start, end = speech(samples, sound)
    margin = int(sound.margin_ms * SAMPLE_RATE_HZ / 1000)
    start, end = max(0, start - margin), min(len(samples), end + margin) if end else 0
    return samples[start : start + (end - start) // hop * hop]


def active_power(samples: Samples) -> tuple[float, int]:
    """Return the summed power of the 10 ms within 30 dB of the loudest, and the number of their samples."""
    blocks = np.square(samples[: len(samples) // _BLOCK * _BLOCK].reshape(-1, _BLOCK), dtype=np.float64).sum(axis=1)
    active = blocks[blocks > blocks.max(initial=0.0) * 1e-3]
    return float(active.sum()), len(active) * _BLOCK
