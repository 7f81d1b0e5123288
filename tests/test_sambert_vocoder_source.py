"""Tests of vocoders with a harmonic source: the excitation goes on across chunks as if there were none."""

from itertools import repeat
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.vocoders import SOURCE, Mel, Wave, chunked, geometry_of, random_generator, session, whole
from training.export_vocoder import export
from training.networks.hifigan import Generator
from training.networks.source import SourceModule
from tts.engines.sambert.source import Excitation
from tts.engines.sambert.vocoder import Vocoder

KERNELS = {False: (20, 11, 4, 4), True: (20, 10, 4, 4)}
SEED = 7

kinds = pytest.mark.parametrize("causal", [False, True], ids=["looks-ahead", "causal"])


def generator_of(causal: bool) -> Generator:
    """Return a generator in which the excitation is heard: its weights are ten times what they are at random."""
    generator = random_generator(causal=causal, up_kernels=KERNELS[causal], nsf=(SOURCE.harmonics, 16000))
    with torch.no_grad():
        source_of(generator).mix.weight.mul_(10)
    return generator


def source_of(generator: Generator) -> SourceModule:
    """Return the part of a generator that makes the excitation."""
    assert isinstance(generator.source_module, SourceModule)
    return generator.source_module


def features(frames: int) -> Mel:
    """Return mel, F0 that rises and falls, and voicing in stretches of ten frames."""
    random = np.random.default_rng(1)
    f0 = np.sin(np.arange(frames) / 9)
    voicing = np.where(np.arange(frames) // 10 % 3 < 2, 0.9, 0.1)
    return np.column_stack([random.standard_normal((frames, 80)), f0, voicing]).astype(np.float32)


def torch_wave(generator: Generator, mel: Mel) -> Wave:
    """Return what torch makes of all frames, with the phases and the noise that the seed stands for."""
    random = np.random.default_rng(SEED)
    phases = random.uniform(-np.pi, np.pi, SOURCE.harmonics + 1)
    phases[0] = 0
    noise = random.standard_normal((len(mel) * 200, SOURCE.harmonics + 1), np.float32)
    f0_hz = np.maximum(mel[None, :, 80].astype(np.float64) * SOURCE.std_hz + SOURCE.mean_hz, 30)
    with torch.inference_mode():
        excitation = source_of(generator)(
            torch.from_numpy(f0_hz),
            torch.from_numpy(mel[None, :, 81].copy()),
            torch.from_numpy(phases)[None],
            torch.from_numpy(noise.T[None].copy()),
        )
    return whole(generator, np.ascontiguousarray(mel[:, :80]), excitation)


@kinds
def test_chunks_make_the_wave_of_the_whole_utterance(causal: bool, tmp_path: Path) -> None:
    generator, mel = generator_of(causal), features(90)
    export(generator, tmp_path)
    vocoder = Vocoder(tmp_path, session, geometry_of(generator.sizes))
    expected = torch_wave(generator, mel)
    without = whole(generator, np.ascontiguousarray(mel[:, :80]))
    assert np.abs(expected - without).max() > 1e-2
    for frames in (1, 2, 3, 7, 16, 64, 90):
        wave = chunked(vocoder, mel, repeat(frames), SEED)
        np.testing.assert_allclose(wave, expected, rtol=0, atol=1e-5)


@kinds
def test_short_utterances(causal: bool, tmp_path: Path) -> None:
    generator = generator_of(causal)
    export(generator, tmp_path)
    vocoder = Vocoder(tmp_path, session, geometry_of(generator.sizes))
    for frames in (1, 2, 5, 17, 18, 19, 20, 37):
        mel = features(frames)
        expected = torch_wave(generator, mel)
        np.testing.assert_allclose(chunked(vocoder, mel, repeat(4), SEED), expected, rtol=0, atol=1e-5)


def test_another_seed_is_another_noise() -> None:
    mel = features(5)[:, 80:]
    same = [Excitation.begin(SOURCE, seed).waves(SOURCE, mel, 200) for seed in (1, 1, 2)]
    assert np.array_equal(same[0], same[1])
    assert not np.array_equal(same[0], same[2])


def test_the_first_harmonic_has_the_pitch_that_is_asked_for() -> None:
    """One second at 210 Hz, the mean: 210 times upwards through zero, noise or not."""
    mel = np.tile(np.array([0.0, 1.0], np.float32), (80, 1))
    first = Excitation.begin(SOURCE, 0).waves(SOURCE, mel, 200)[:, 0]
    spectrum = np.abs(np.fft.rfft(first))
    assert spectrum.argmax() == 210
    assert pytest.approx(spectrum[210], rel=0.01) == 0.1 * 8000


def test_the_phase_stays_exact_for_minutes() -> None:
    """In single precision a running sum loses it within a minute."""
    mel = np.tile(np.array([0.4321, 1.0], np.float32), (80 * 120, 1))
    stream = Excitation.begin(SOURCE, 0)
    ends = [stream.waves(SOURCE, part, 200)[-1, 0] for part in np.split(mel, range(37, len(mel), 37))]
    f0_hz = float(np.float32(0.4321)) * SOURCE.std_hz + SOURCE.mean_hz
    expected = 0.1 * np.sin(2 * np.pi * (f0_hz * len(mel) * 200 / 16000 % 1))
    assert float(ends[-1]) == pytest.approx(expected, abs=0.012)
