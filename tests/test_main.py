"""Tests of the command line."""

import io
import json
import subprocess
import sys
import wave
from pathlib import Path

import httpx
import pytest

from tests.server import ROOT, free_port
from tts.__main__ import main


def test_say_writes_a_wav(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "out.wav"
    assert main(["say", "你好，世界", "--emotion", "sad", "-o", str(path)]) == 0
    with wave.open(str(path)) as file:
        seconds = file.getnframes() / file.getframerate()
    assert seconds > 0.8
    assert f"{seconds:.2f} s" in capsys.readouterr().out


def test_say_tells_its_warnings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["say", "Hello 世界", "--voice", "espeak-en-us", "-o", str(tmp_path / "out.wav")]) == 0
    assert "cannot read '世界'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["say", "好", "--speed", "9"], "speed: must be a number from 0.5 to 2, not 9.0"),
        (["say", "好", "--voice", "nobody"], "no voice 'nobody'"),
        (["say", " "], "text: is blank"),
    ],
)
def test_mistakes_are_one_sentence(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 1
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error


def test_ssml_is_spoken_where_it_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "out.wav"
    assert main(["say", "--ssml", '<speak><break time="2s"/>好</speak>', "-o", str(path)]) == 0
    with wave.open(str(path)) as file:
        assert not any(file.readframes(2 * file.getframerate()))
    assert main(["say", "--ssml", "<speak><b>好</b></speak>", "-o", str(path)]) == 1
    assert "ssml: line 1, column 8: <b> is not known" in capsys.readouterr().err


def test_ssml_is_read_where_it_is_asked_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ssml = '<speak>银<emotion category="happy">行</emotion>\n<break time="1s"/><mark name="m"/>好</speak>'
    monkeypatch.setattr(sys, "stdin", io.StringIO(ssml))
    assert main(["read", "--ssml", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert "".join(entry["char"] for entry in told["characters"]) == ssml
    assert told["characters"][ssml.index("行")]["pinyin"] == "hang2"
    assert main(["read", "--ssml", ssml]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[:5] == ["yin2", "银#4", "emotion=happy intensity=100.0", "hang2", "行#4"]
    assert shown[5:] == ["… 1000 ms", "@m", "hao3", "好#4"]
    assert main(["read", ssml]) == 0
    assert "1000 ms" not in capsys.readouterr().out
    assert main(["read", "--ssml", "好"]) == 1
    assert "line 1, column 1" in capsys.readouterr().err


def test_voices_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["voices"]) == 0
    first = capsys.readouterr().out.splitlines()[0].split()
    assert first[:3] == ["espeak-cmn", "zh", "male"]


@pytest.mark.parametrize("command", [["app.py"], ["-m", "tts", "serve"]])
def test_the_development_server_serves(command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setenv("TTS_PORT", str(port))
    process = subprocess.Popen([sys.executable, *command], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        assert process.stderr is not None
        while b"development server" not in (line := process.stderr.readline()):
            assert line, "it ended"
        transport = httpx.HTTPTransport(retries=5)
        with httpx.Client(transport=transport) as client:
            answer = client.post(f"http://127.0.0.1:{port}/api/synthesize", json={"text": "你好"}, timeout=20)
        assert answer.content[:4] == b"RIFF"
    finally:
        process.terminate()
        process.communicate(timeout=20)
