"""Tests of the mel features that vocoders are scaled and trained on."""

import io
import tarfile
import wave
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from training.mels import HOP, MELS, filters, from_mel_scale, mel_of, normalised, recordings, to_mel_scale


def sine(hz: float, seconds: float = 1.0, amplitude: float = 0.5, rate_hz: int = 16000) -> NDArray[np.float32]:
    """Return a tone."""
    return (amplitude * np.sin(2 * np.pi * hz * np.arange(int(rate_hz * seconds)) / rate_hz)).astype(np.float32)


def test_the_scale_is_slaneys() -> None:
    """Known points: 1 kHz is 15, 6.4 kHz is 27 more."""
    np.testing.assert_allclose(to_mel_scale(np.array([0.0, 200.0, 1000.0, 6400.0])), [0, 3, 15, 42])
    hz = np.linspace(0, 8000, 100)
    np.testing.assert_allclose(from_mel_scale(to_mel_scale(hz)), hz, atol=1e-9)


def test_every_filter_has_the_same_area() -> None:
    """Narrow triangles at the bottom are sampled coarsely, by bins of 7.8 Hz."""
    area = filters().sum(1) * 16000 / 2048
    np.testing.assert_allclose(area, 1, atol=0.03)


@pytest.mark.parametrize("hz", [300.0, 1000.0, 4000.0])
def test_a_tone_is_loudest_in_its_own_bin(hz: float) -> None:
    middle = mel_of(sine(hz))[40]
    centre = np.argmin(np.abs(from_mel_scale(np.linspace(0, to_mel_scale(np.array(8000.0)), MELS + 2))[1:-1] - hz))
    assert abs(int(middle.argmax()) - int(centre)) <= 1


def test_a_tenth_of_the_amplitude_is_twenty_decibels_of_a_hundred() -> None:
    loud, soft = (mel_of(sine(1000, amplitude=amplitude))[40].max() for amplitude in (0.5, 0.05))
    assert float(loud - soft) == pytest.approx(0.2, abs=1e-3)


def test_there_is_a_frame_for_each_hop_and_silence_is_the_floor() -> None:
    assert mel_of(np.zeros(HOP * 10, np.float32)).tolist() == np.zeros((11, MELS)).tolist()


def test_normalised_bins_have_mean_0_and_deviation_1() -> None:
    frames = np.concatenate(normalised([mel_of(sine(hz, 0.2) + sine(hz * 3, 0.2)) for hz in (300, 900, 2000)]))
    np.testing.assert_allclose(frames.mean(0), 0, atol=1e-4)
    np.testing.assert_allclose(frames.std(0), 1, atol=1e-3)


def test_recordings_are_resampled(tmp_path: Path) -> None:
    data = io.BytesIO()
    with wave.open(data, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes((sine(440, rate_hz=8000) * 32767).astype("<i2").tobytes())
    with tarfile.open(tmp_path / "words.tar", "w") as tar:
        member = tarfile.TarInfo("words/one.wav")
        member.size = len(data.getvalue())
        tar.addfile(member, io.BytesIO(data.getvalue()))
    (samples,) = recordings(tmp_path / "words.tar")
    assert abs(len(samples) - 16000) < 50
    np.testing.assert_allclose(samples[4000:12000], sine(440)[4000:12000], atol=0.01)
