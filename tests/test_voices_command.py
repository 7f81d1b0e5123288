"""Tests of the command `voices`."""

from pathlib import Path

import pytest

from tests.test_voice_manifest import written
from tts.__main__ import main
from tts.engines.sambert import voice


@pytest.fixture
def voices(tmp_path: Path) -> Path:
    """Return a folder with two imported voices."""
    for name in ("one", "two"):
        written(tmp_path / name, id=name)
    return tmp_path


def test_whole_voices_are_verified(voices: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["voices", "verify", "--voices-dir", str(voices)]) == 0
    assert capsys.readouterr().out == "one: as it was imported\ntwo: as it was imported\n"


def test_the_folder_may_stand_before_the_action(voices: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["voices", "--voices-dir", str(voices), "verify", "two"]) == 0
    assert capsys.readouterr().out == "two: as it was imported\n"


def test_the_folder_comes_from_the_settings(
    voices: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TTS_VOICES_DIR", str(voices))
    assert main(["voices", "verify", "one"]) == 0
    assert capsys.readouterr().out == "one: as it was imported\n"


def test_a_tampered_file_is_found(voices: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (voices / "one" / "vocode.onnx").write_text("another", encoding="utf-8")
    (voices / "two" / voice.MANIFEST).write_text("{}", encoding="utf-8")
    assert main(["voices", "verify", "--voices-dir", str(voices)]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    first, second = told.err.splitlines()
    assert first == f"shengliu: {voices / 'one' / 'vocode.onnx'} is not the file that was imported"
    assert second.startswith(f"shengliu: {voices / 'two' / voice.MANIFEST}: ")


def test_a_voice_is_removed_even_a_broken_one(voices: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (voices / "one" / voice.MANIFEST).write_text("{}", encoding="utf-8")
    assert main(["voices", "remove", "one", "--voices-dir", str(voices)]) == 0
    assert capsys.readouterr().out == f"{voices / 'one'} is removed\n"
    assert [path.name for path in voices.iterdir()] == ["two"]


def test_a_removal_that_was_interrupted_does_not_stop_the_next(voices: Path) -> None:
    (voices / ".one.removed").mkdir()
    (voices / ".one.removed" / "left").touch()
    assert main(["voices", "remove", "one", "--voices-dir", str(voices)]) == 0
    assert [path.name for path in voices.iterdir()] == ["two"]


def test_a_linked_voice_is_only_unlinked(voices: Path, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    linked.mkdir()
    (linked / "one").symlink_to(voices / "one")
    assert main(["voices", "remove", "one", "--voices-dir", str(linked)]) == 0
    assert list(linked.iterdir()) == []
    assert (voices / "one" / voice.MANIFEST).exists()


@pytest.mark.parametrize("action", ["verify", "remove"])
@pytest.mark.parametrize("name", ["three", "../one", ".", ""])
def test_only_voices_are_touched(action: str, name: str, voices: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["voices", action, name, "--voices-dir", str(voices)]) == 1
    assert f"no imported voice {name!r} in {voices}; " in capsys.readouterr().err
    assert len(list(voices.iterdir())) == 2


def test_a_folder_that_is_not_there_has_no_voices(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["voices", "remove", "one", "--voices-dir", str(tmp_path / "no")]) == 1
    assert capsys.readouterr().err == f"shengliu: no imported voice 'one' in {tmp_path / 'no'}; there is none\n"
