"""Importing a voice with the vocoder that convolves bytes: it is judged on recordings, and then it speaks."""

import re
import wave
from pathlib import Path

import numpy as np
import pytest

from tests.models import VOICE, Model
from training import calibration
from training.features import HOP, MELS
from tts.__main__ import main
from tts.engines.sambert import voice

RATE_HZ = 16_000


def record(folder: Path, count: int = 8) -> Path:
    """Write recordings of a buzz that glides and pauses, with some noise, as different as words are."""
    folder.mkdir()
    random = np.random.default_rng(0)
    for number in range(count):
        start_hz, end_hz = random.uniform(150, 350, 2)
        hz = np.linspace(start_hz, end_hz, RATE_HZ)
        phase = 2 * np.pi * np.cumsum(hz) / RATE_HZ
        buzz = sum(np.sin(k * phase) * random.uniform(0, 1) / k for k in range(1, 20))
        sound = 0.1 * buzz * np.sin(np.pi * np.linspace(0, 3, RATE_HZ)) ** 2 + random.normal(0, 0.003, RATE_HZ)
        with wave.open(str(folder / f"{number}.wav"), "wb") as file:
            file.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
            file.writeframes((32767 * sound.clip(-1, 1)).astype("<i2").tobytes())
    return folder


def spoken(voices: Path, output: Path) -> bytes:
    assert main(["say", "你好。", "--voices-dir", str(voices), "--voice", VOICE, "-o", str(output)]) == 0
    return output.read_bytes()


@pytest.mark.parametrize("source", [False, True], ids=["plain", "with a source"])
def test_a_voice_speaks_with_bytes(source: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = Model(tmp_path / "model", VOICE)
    if source:
        model.add_source()
    exact, voices, speech = tmp_path / "exact", tmp_path / "voices", record(tmp_path / "speech")
    assert main(["import", str(model.folder), "--voices-dir", str(exact)]) == 0
    capsys.readouterr()
    assert main(["import", str(model.folder), "--voices-dir", str(voices), "--int8", str(speech)]) == 0
    told = re.search(r"bytes agree to ([0-9.]+) dB", capsys.readouterr().out)
    assert told
    manifest = voice.read(voices / VOICE)
    assert manifest.vocoder.int8_snr_db == float(told[1]) >= calibration.LEAST_SNR_DB
    assert set(manifest.files) == {*voice.GRAPHS, "vocode.int8.onnx"}
    assert voice.faults(voices / VOICE, manifest) == []
    byte, float_ = spoken(voices, tmp_path / "byte.wav"), spoken(exact, tmp_path / "float.wav")
    assert len(byte) == len(float_)
    assert byte != float_


def test_too_little_speech_or_none_is_told_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = Model(tmp_path / "model", VOICE)
    command = ["import", str(model.folder), "--voices-dir", str(tmp_path / "voices"), "--int8"]
    assert main([*command, str(record(tmp_path / "few", 3))]) == 1
    assert "few holds 3 recordings where at least 4 are needed" in capsys.readouterr().err
    assert main([*command, str(tmp_path / "none")]) == 1
    assert "none cannot be read" in capsys.readouterr().err
    (tmp_path / "page.tar").write_text("no recordings", encoding="utf-8")
    assert main([*command, str(tmp_path / "page.tar")]) == 1
    assert (told := capsys.readouterr().err).count("\n") == 1
    assert "page.tar cannot be read: file could not be opened" in told
    assert not (tmp_path / "voices").exists()


def test_bytes_that_say_it_too_roughly_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(calibration, "LEAST_SNR_DB", 90.0)
    model, speech = Model(tmp_path / "model", VOICE), record(tmp_path / "speech")
    command = ["import", str(model.folder), "--voices-dir", str(tmp_path / "voices"), "--int8", str(speech)]
    assert main(command) == 1
    assert re.search(rf"bytes say {VOICE} with [0-9.]+ dB where 90 are needed", capsys.readouterr().err)
    assert list((tmp_path / "voices").iterdir()) == []


def test_frames_of_recordings_are_those_of_the_voice(tmp_path: Path) -> None:
    speech = record(tmp_path / "speech", 4)
    frames = calibration.speech(speech, None)
    assert [each.shape for each in frames] == [(RATE_HZ // HOP, MELS)] * 4
    np.testing.assert_allclose(np.concatenate(frames).mean(0), 0, atol=1e-4)
    np.testing.assert_allclose(np.concatenate(frames).std(0), 1, atol=1e-3)
    voiced = calibration.speech(speech, voice.F0Scale(250.0, 50.0))
    for plain, each in zip(frames, voiced, strict=True):
        np.testing.assert_array_equal(each[:, :MELS], plain)
        heard = each[:, MELS + 1] == 1
        assert 0.3 < heard.mean() < 1
        hz = 250 + 50 * each[heard, MELS]
        assert 140 < hz.min() < hz.max() < 360
