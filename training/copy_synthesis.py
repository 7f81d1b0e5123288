"""Measures a vocoder alone: recordings that it never heard, made again from their own spectrograms."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields

import numpy as np

from training.aligned import network_features
from training.config import Config, Pitch
from training.corpus import Corpus, Floats, Item, Statistics
from training.features import FFT, MELS, SAMPLE_RATE_HZ, energy_db, frames, mel
from training.networks.hifigan import Generator
from training.pitch import track
from training.wave import wave_of
from tts.engines.sambert.source import Source
from tts.types import Samples

_CEPSTRA = 24
_SPEECH_DB = 40.0  # frames further below the loudest are silence and count for nothing
_NEPERS = np.log(10) * 5  # of the whole range of `training.features.mel`, 100 dB


@dataclass(frozen=True, slots=True)
class Scores:
    """How far what was made is from the recording, over frames of speech; 0 is the recording itself."""

    mcd_db: float
    """Mel-cepstral distortion: `10 / ln 10 * sqrt(2 * sum of squares)` over coefficients 1 to 24."""
    f0_rmse_hz: float
    """Over frames that are voiced in both."""
    voicing_error: float
    """Share of frames that are voiced in only one."""
    lsd_db: float
    """Log-spectral distance: root mean square over the bins, mean over frames."""

    def __str__(self) -> str:
        """Return them as one line."""
        return (
            f"MCD {self.mcd_db:.2f} dB, F0 RMSE {self.f0_rmse_hz:.1f} Hz, "
            f"V/UV error {100 * self.voicing_error:.1f} %, LSD {self.lsd_db:.2f} dB"
        )


def source_of(generator: Generator, statistics: Statistics) -> Source:
    """Return what turns the two last features of the voice into the generator's excitation."""
    if generator.sizes.nsf is None:
        raise ValueError("The generator has no source.")
    scale = statistics.speakers[statistics.voice]
    return Source(generator.sizes.nsf[0], SAMPLE_RATE_HZ, scale.f0_mean_hz, scale.f0_std_hz)


def cepstra(spectrogram: Floats) -> Floats:
    """Return mel-cepstra (n, 24) of a mel spectrogram (n, 80) in 0..1, without the one of loudness.

    They are the c of `ln |S(w)| = c0 + c1 cos w + c2 cos 2w ...`, as SPTK has them, over the mel bands.
    """
    ranks, bands = np.arange(1, _CEPSTRA + 1)[:, None], np.arange(MELS) + 0.5
    basis = 2 / MELS * np.cos(np.pi / MELS * ranks * bands)
    return np.asarray(spectrogram * _NEPERS @ basis.T, np.float32)


def spectra_db(samples: Samples) -> Floats:
    """Return levels (n, bins) of the frames' spectra, at least -100 dB."""
    return np.asarray(20 * np.log10(np.maximum(1e-5, np.abs(np.fft.rfft(frames(samples), FFT)))), np.float32)


def scores(recorded: Samples, made: Samples, pitch: Pitch, usual_hz: float) -> Scores:
    """Return how far samples (n * 200,) are from recorded ones; `usual_hz` is the speaker's median F0."""
    levels = energy_db(recorded)
    speech = levels > levels.max() - _SPEECH_DB
    cepstral = np.square(cepstra(mel(recorded)) - cepstra(mel(made))).sum(axis=1)[speech]
    spectral = np.square(spectra_db(recorded) - spectra_db(made)).mean(axis=1)[speech]
    f0, again = (track(samples, pitch, usual_hz)[speech] for samples in (recorded, made))
    both = (f0 > 0) & (again > 0)
    return Scores(
        mcd_db=float(10 / np.log(10) * np.sqrt(2 * cepstral).mean()),
        f0_rmse_hz=float(np.sqrt(np.square(f0 - again)[both].mean())) if both.any() else 0.0,
        voicing_error=float(((f0 > 0) != (again > 0)).mean()),
        lsd_db=float(np.sqrt(spectral).mean()),
    )


def mean(found: Sequence[Scores]) -> Scores:
    """Return the mean of each score."""
    columns = np.array([astuple(it) for it in found]).mean(axis=0)
    return Scores(**dict(zip((it.name for it in fields(Scores)), columns.tolist(), strict=True)))


def held_out(corpus: Corpus, voice: str, count: int) -> list[Item]:
    """Return up to `count` of the voice's recordings that no training sees, of all lengths."""
    own = sorted((it for it in corpus.items if (it.speaker, it.split) == (voice, "held")), key=lambda it: it.frames)
    return own[:: max(1, len(own) // count)][-count:] if own else []


class CopySynthesis:
    """Held-out recordings of an experiment, ready to be made again."""

    def __init__(self, config: Config, corpus: Corpus, statistics: Statistics, count: int) -> None:
        self.pitch, self.statistics = config.pitch, statistics
        self.items = held_out(corpus, config.voice, count)
        self.sounds = [corpus.sound(item) for item in self.items]
        self.features = [
            network_features(sound, item, statistics) for item, sound in zip(self.items, self.sounds, strict=True)
        ]

    def copies(self, generator: Generator) -> list[Samples]:
        """Return them as a generator makes them."""
        source = source_of(generator, self.statistics)
        return [wave_of(generator, features, source) for features in self.features]

    def scores(self, copies: Sequence[Samples]) -> list[Scores]:
        """Return how far copies are from the recordings."""
        usual_hz = self.statistics.speakers[self.statistics.voice].f0_median_hz
        pairs = zip(self.sounds, copies, strict=True)
        return [scores(sound.audio, made, self.pitch, usual_hz) for sound, made in pairs]
