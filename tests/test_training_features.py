"""Mel spectrogram, energy and F0 of sounds whose answers are known."""

import numpy as np
import pytest
from numpy.typing import NDArray

from training.config import Pitch
from training.features import HOP, MELS, SAMPLE_RATE_HZ, WINDOW, edges_hz, energy_db, filterbank, learned_bins, mel
from training.pictures import curves
from training.pitch import track
from tts.types import Samples


def voice(f0_hz: NDArray[np.float64], harmonics: int = 12) -> Samples:
    """Return a buzz with an F0 for each sample; its harmonics weaken."""
    phase = 2 * np.pi * np.cumsum(f0_hz) / SAMPLE_RATE_HZ
    return np.asarray(0.1 * sum(np.sin(k * phase) / k for k in range(1, harmonics + 1)), np.float32)


def slow_mel(samples: Samples, frame: int) -> NDArray[np.float64]:
    """Return one frame by the formulas themselves: a sum for each bin, a triangle for each band."""
    padded = np.pad(samples.astype(np.float64), WINDOW // 2, mode="reflect")
    at = frame * HOP
    bell = np.array([0.5 * (1 - np.cos(2 * np.pi * n / WINDOW)) for n in range(WINDOW)])
    cut = padded[at : at + WINDOW] * bell
    hz = np.arange(1025) * SAMPLE_RATE_HZ / 2048
    spectrum = np.abs(np.exp(-2j * np.pi * hz[:, None] * np.arange(WINDOW) / SAMPLE_RATE_HZ) @ cut)
    top = 15 + 27 * np.log(8.0) / np.log(6.4)
    steps = [top * k / 81 for k in range(82)]
    edges = [200 * m / 3 if m < 15 else 1000 * 6.4 ** ((m - 15) / 27) for m in steps]
    bands = []
    for low, peak, high in zip(edges, edges[1:], edges[2:], strict=False):
        up, down = (hz - low) / (peak - low), (high - hz) / (high - peak)
        bands.append((spectrum * np.clip(np.minimum(up, down), 0, None)).sum() * 2 / (high - low))
    db = 20 * np.log10(np.maximum(1e-5, bands)) - 20
    return np.clip((db + 100) / 100, 0, 1)


def test_the_mel_spectrogram_follows_its_formulas() -> None:
    noise = np.random.default_rng(3).normal(0, 0.05, 4000).astype(np.float32)
    made = mel(noise)
    assert made.shape == (20, MELS)
    for frame in (0, 1, 9, 19):  # the ends are mirrored
        assert np.abs(made[frame] - slow_mel(noise, frame)).max() < 1e-5


def test_known_points_of_slaneys_scale() -> None:
    """1 kHz is 15 mel; each band has the area of one hertz, so that noise of like density is like in all of them."""
    assert edges_hz()[0] == 0
    assert edges_hz()[-1] == pytest.approx(8000)
    assert filterbank()[:, 3:-1].sum(axis=0) * SAMPLE_RATE_HZ / 2048 == pytest.approx(1, abs=0.05)
    assert learned_bins(7600).sum() == 78
    assert learned_bins(8000).all()


def test_silence_and_a_sine_have_the_energy_they_have() -> None:
    assert mel(np.zeros(2000, np.float32)).max() == 0
    sine = 0.5 * np.sin(2 * np.pi * 440 * np.arange(8000) / SAMPLE_RATE_HZ).astype(np.float32)
    expected = 10 * np.log10(0.5**2 / 2 * 3 / 8)  # a sine's power, times the mean square of a Hann window
    assert energy_db(sine)[10:-10] == pytest.approx(expected, abs=0.05)


def test_what_is_not_known_is_left_out_of_curves() -> None:
    known = curves({"mel": [2.0, 1.0]})
    both = curves({"mel": [2.0, 1.0], "held": [np.nan, np.nan]})
    assert np.array_equal(both[:, :360], known[:, :360]), "on the right are names"
    assert not np.array_equal(both, known)
    assert not curves({"held": [np.nan]})[20:-20, :360].any()


@pytest.mark.parametrize("ends", [(300, 300), (200, 340), (380, 180), (90, 130)], ids=str)
def test_f0_of_glides(ends: tuple[int, int]) -> None:
    hz = np.linspace(*ends, SAMPLE_RATE_HZ)
    found = track(voice(hz), Pitch())
    inner = slice(4, -4)
    assert (found[inner] > 0).all()
    assert np.abs(np.log2(found[inner] / hz[::HOP][inner])).max() < 0.01


def test_noise_and_silence_are_unvoiced() -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, SAMPLE_RATE_HZ).astype(np.float32)
    assert (track(noise, Pitch()) > 0).mean() < 0.05
    assert not track(np.zeros(SAMPLE_RATE_HZ, np.float32), Pitch()).any()


def test_creak_stays_on_its_octave() -> None:
    """Third tones creak: every second pulse weakens and the period doubles, but the tone goes on."""
    hz = np.concatenate([np.linspace(230, 190, 6000), np.full(4000, 190.0), np.linspace(190, 220, 6000)])
    phase = np.cumsum(hz) / SAMPLE_RATE_HZ
    creaky = np.where((np.arange(len(hz)) > 6000) & (np.arange(len(hz)) < 10000), 0.35, 1.0)
    strength = np.where(np.floor(phase) % 2 == 0, 1.0, creaky)
    pulses = np.where(np.diff(np.floor(phase), prepend=0) > 0, strength, 0.0)
    ring = np.exp(-np.arange(160) / 25) * np.sin(2 * np.pi * 700 * np.arange(160) / SAMPLE_RATE_HZ)
    sound = np.convolve(pulses, ring)[: len(hz)].astype(np.float32)
    assert track(sound, Pitch())[40] == pytest.approx(95, rel=0.03)  # so it is without knowing the speaker
    found = track(sound, Pitch(), usual_hz=230)
    assert np.abs(np.log2(found[4:-4] / hz[::HOP][4:-4])).max() < 0.05
