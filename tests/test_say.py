"""The command `say` with neural voices: lines of symbols against the golden tensors, dumps, and playing."""

import os
import shutil
import stat
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest

from tests.models import MODEL
from tests.sambert import CASES, cases
from tests.voices import PLAIN, SUNG
from tts.__main__ import main
from tts.types import Samples

TOLERANCE = 1e-4


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the voices of the tiny published model, imported as a person does it."""
    folder = tmp_path_factory.mktemp("imported")
    assert main(["import", str(MODEL), "--voices-dir", str(folder)]) == 0
    return folder


def symbols_file(folder: Path, *lines: str) -> str:
    path = folder / "symbols.txt"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def golden_line(voice: str, case: int) -> str:
    return str(cases()[voice, case]["symbols"])


@pytest.mark.parametrize(("voice", "case"), CASES, ids=[f"{voice} {case}" for voice, case in CASES])
def test_a_dump_reproduces_the_golden_tensors(voice: str, case: int, imported: Path, tmp_path: Path) -> None:
    file, dump = symbols_file(tmp_path, f"{case}\t{golden_line(voice, case)}"), tmp_path / "out"
    command = ["say", "--symbols-file", file, "--voice", voice, "--voices-dir", str(imported), "--dump", str(dump)]
    assert main(command) == 0
    wanted = cases()[voice, case]
    with np.load(dump) as made:
        assert made["durations"].tolist() == wanted["durations"].tolist()
        for name in ("mel", "wav"):
            assert made[name].dtype == np.float32
            assert made[name].shape == wanted[name].shape
            assert np.abs(made[name] - wanted[name]).max() <= TOLERANCE


def test_several_lines_are_several_sentences(imported: Path, tmp_path: Path) -> None:
    lines = [golden_line("tiny_emo", case) for case in (0, 4)]
    file, dump, output = symbols_file(tmp_path, lines[0], "", f"7\t{lines[1]}"), tmp_path / "a.npz", tmp_path / "a.wav"
    where = ["--voice", "tiny_emo", "--voices-dir", str(imported)]
    assert main(["say", "--symbols-file", file, *where, "--dump", str(dump), "-o", str(output)]) == 0
    wanted = [cases()["tiny_emo", case] for case in (0, 4)]
    with np.load(dump) as made:
        assert made["durations"].tolist() == [*wanted[0]["durations"], *wanted[1]["durations"]]
        assert np.abs(made["wav"] - np.concatenate([case["wav"] for case in wanted])).max() <= TOLERANCE
    with wave.open(str(output)) as sound:
        pcm = np.frombuffer(sound.readframes(sound.getnframes()), "<i2")
    first, second = (case["wav"] for case in wanted)
    assert not pcm[len(first) : -len(second)].any()
    assert len(pcm) - len(first) - len(second) == 0.4 * 16_000
    assert np.abs(pcm[: len(first)] / 32768 - first).max() <= TOLERANCE


def test_no_emotion_of_a_line_is_refused_and_its_speaker_counts(imported: Path, tmp_path: Path) -> None:
    made: list[Samples] = []
    text = golden_line("tiny_emo", 0)
    for line in (text, text.replace("emotion_neutral", "emotion_placeholder4"), text.replace("$F7", "$FBYN")):
        dump = tmp_path / f"{len(made)}.npz"
        file = symbols_file(tmp_path, line)
        where = ["--voice", "tiny_emo", "--voices-dir", str(imported)]
        assert main(["say", "--symbols-file", file, *where, "--dump", str(dump)]) == 0
        with np.load(dump) as found:
            made.append(found["wav"])
    assert all(len(a) != len(b) or np.abs(a - b).max() > 0.001 for a, b in ((made[0], made[1]), (made[0], made[2])))


def test_a_file_of_symbols_may_begin_with_a_mark_of_its_editor(imported: Path, tmp_path: Path) -> None:
    file, dump = tmp_path / "symbols.txt", tmp_path / "out.npz"
    file.write_text(f"{golden_line('tiny_emo', 0)}\r\n", encoding="utf-8-sig")
    where = ["--voice", "tiny_emo", "--voices-dir", str(imported)]
    assert main(["say", "--symbols-file", str(file), *where, "--dump", str(dump)]) == 0
    with np.load(dump) as made:
        assert made["durations"].tolist() == cases()["tiny_emo", 0]["durations"].tolist()


def test_a_text_is_dumped_as_it_is_spoken(voices_dir: Path, tmp_path: Path) -> None:
    dump = tmp_path / "text.npz"
    command = ["say", "你好，再见。", "--voices-dir", str(voices_dir), "--emotion", "sad", "--dump", str(dump)]
    assert main(command) == 0
    with np.load(dump) as made:
        frames = int(made["durations"].sum())
        assert made["durations"].shape == (2 * (2 * 2 + 1),)
        assert made["mel"].shape == (frames, 80)
        assert made["wav"].shape == (200 * frames,)


def test_a_neural_voice_is_the_default_where_there_is_one(
    voices_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "out.wav"
    assert main(["say", "你好。", "--voices-dir", str(voices_dir), "-o", str(output)]) == 0
    with wave.open(str(output)) as sound:
        assert sound.getframerate() == 16_000
        assert f"{sound.getnframes() / 16_000:.2f} s" in capsys.readouterr().out
    assert main(["voices", "--voices-dir", str(voices_dir)]) == 0
    assert capsys.readouterr().out.startswith(f"{PLAIN} ")


def test_a_damaged_voice_is_told_of_and_the_others_speak(
    voices_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, output = tmp_path / "voices", tmp_path / "out.wav"
    shutil.copytree(voices_dir, folder)
    (folder / PLAIN / "step.onnx").write_bytes(b"cut short")
    where, fault = ["--voices-dir", str(folder)], f"{folder / PLAIN / 'step.onnx'} is not the file that was imported"
    assert main(["voices", *where]) == 1
    listed = capsys.readouterr().out.splitlines()
    assert listed[0].startswith(f"{SUNG} ")
    assert listed[-1].startswith(f"{PLAIN:28} damaged: {fault}; import the voice again")
    assert main(["say", "你好。", *where, "-o", str(output)]) == 0
    assert capsys.readouterr().err.startswith(f"shengliu: {fault}")
    assert output.stat().st_size > 10_000
    for more in ([], ["--dump", str(tmp_path / "out.npz")]):
        assert main(["say", "你好。", *where, "--voice", PLAIN, "-o", str(output), *more]) == 1
        assert f"voice: {PLAIN} is damaged" in capsys.readouterr().err


def test_a_voice_is_opened_once_for_dump_and_sound(
    voices_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    load: Callable[..., Any] = onnxruntime.InferenceSession.__init__

    def noted(self: Any, path: str, *args: Any, **options: Any) -> None:
        opened.append(path)
        load(self, path, *args, **options)

    monkeypatch.setattr(onnxruntime.InferenceSession, "__init__", noted)
    dump, output = tmp_path / "out.npz", tmp_path / "out.wav"
    command = ["say", "你好。", "--voices-dir", str(voices_dir), "--dump", str(dump), "-o", str(output)]
    assert main(command) == 0
    assert dump.exists()
    assert output.exists()
    assert len(opened) == len(set(opened)) == 4 * 2


def player(folder: Path, script: str) -> str:
    """Make a program called `aplay`, and return the PATH that finds it first."""
    program = folder / "aplay"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IEXEC)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def test_playing_streams_into_the_player(
    voices_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", player(tmp_path, f'echo "$@" > {tmp_path}/options; cat > {tmp_path}/sound'))
    output = tmp_path / "out.wav"
    command = ["say", "今天天气很好。", "--voices-dir", str(voices_dir)]
    assert main([*command, "-o", str(output)]) == main(command) == 0
    assert output.read_bytes()[44:] == (tmp_path / "sound").read_bytes()
    assert "-r 16000" in (tmp_path / "options").read_text()
    told = capsys.readouterr().err
    assert "s of sound, first after" in told
    assert told.count("\r") > 2


def test_a_player_that_fails_is_told(
    voices_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", player(tmp_path, "exit 3"))
    assert main(["say", "今天天气很好。", "--voices-dir", str(voices_dir)]) == 1
    assert "\nshengliu: " in (told := capsys.readouterr().err)
    assert "aplay failed with status 3; write a file with -o" in told
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    assert main(["say", "好。", "--voices-dir", str(voices_dir)]) == 1
    assert "this machine has no player (aplay" in capsys.readouterr().err


def test_playing_is_interrupted_in_silence(
    voices_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What Ctrl-C does, here sent by the player once it has heard something."""
    monkeypatch.setenv("PATH", player(tmp_path, "head -c 2 > /dev/null; kill -INT $PPID; exec cat > /dev/null"))
    assert main(["say", "今天天气很好。" * 20, "--voices-dir", str(voices_dir)]) == 130
    told = capsys.readouterr().err
    assert "s of sound, first after" in told
    assert told.endswith("\n")
    assert "Traceback" not in told


@pytest.mark.parametrize(
    ("line", "more", "message"),
    [
        ("{a_c$tone1}", [], "symbols.txt, line 1: a line is symbols such as {b_c$"),
        ("{qq$tone1$s_both$word_both$emotion_none$F7}", [], "symbols.txt, line 1: qq is no phone of these voices"),
        ("", [], "symbols.txt holds no line of symbols"),
        ("{a_c$tone1$s_both$word_both$emotion_sad$F7}", ["--voice", "nobody"], "voice: no voice 'nobody' in"),
        ("{a_c$tone1$s_both$word_both$emotion_sad$F7}", ["--speed", "9"], "speed: must be a number from 0.5"),
        ("{a_c$tone1$s_both$word_both$emotion_sad$F7}", ["--dump", "/nonexistent/x"], "No such file or directory"),
        ("{a_c$tone1$s_both$word_both$emotion_sad$F7}", ["-o", "/nonexistent/x"], "No such file or directory"),
    ],
)
def test_mistakes_are_one_sentence(
    line: str, more: list[str], message: str, voices_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = symbols_file(tmp_path, line)
    assert main(["say", "--symbols-file", file, "--voices-dir", str(voices_dir), *more]) == 1
    told = capsys.readouterr().err
    assert message in told
    assert "Traceback" not in told


def test_a_folder_without_voices_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = symbols_file(tmp_path, golden_line("tiny_emo", 0))
    assert main(["say", "--symbols-file", file, "--voices-dir", str(tmp_path)]) == 1
    assert "holds no voice that symbols are for" in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"\xff\xfe{", None], ids=["not UTF-8", "missing"])
def test_a_file_that_cannot_be_read_is_named(
    content: bytes | None, voices_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "symbols.txt"
    if content:
        file.write_bytes(content)
    assert main(["say", "--symbols-file", str(file), "--voices-dir", str(voices_dir)]) == 1
    told = capsys.readouterr().err
    assert told.startswith(f"shengliu: {file} cannot be read: ")
    assert told.count("\n") == 1
