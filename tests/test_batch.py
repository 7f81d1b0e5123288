"""Tests of the command `batch`: what it reads, what it makes, and that nothing is lost or taken for finished."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.relay import relay
from tests.server import ROOT, Server, free_port, start
from tests.test_client import frames
from tts.__main__ import main
from tts.commands.jobs import read_jobs
from tts.commands.ledger import open_ledger

doors = pytest.mark.parametrize("door", ["http", "ws"])
TONE = {"TTS_ENGINES": "tone", "TTS_DEFAULT_VOICE": "tone-zh"}


def jobs(folder: Path, text: str, kind: str = "csv") -> str:
    path = folder / f"jobs.{kind}"
    path.write_text(text, encoding="utf-8")
    return str(path)


def names(folder: Path) -> list[str]:
    """Return the sound in a folder; nothing of it is half."""
    assert not list(folder.glob("*.part")) + list(folder.glob(".*.part"))
    return sorted(path.name for path in folder.iterdir() if path.name not in (".batch.jsonl", "report.json"))


def report(folder: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return told


def wait_for(condition: Callable[[], Any], seconds: float = 30) -> None:
    end_s = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end_s
        time.sleep(0.02)


@doors
def test_a_table_becomes_files(
    door: str, tone_server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The table is as spreadsheets write it: with a byte order mark, quotes, a line break in a text, empty cells."""
    table = '\ufeffid,text,speed,format\r\nsku-1,"你好，\n世界",,\r\n\r\n手表,好,2,flac\r\n,"好""好""",,pcm\r\n'
    out = tmp_path / "out"
    url = f"{door}://{tone_server.place}"
    assert main(["batch", jobs(tmp_path, table), "-o", str(out), "--url", url]) == 0
    assert names(out) == ["00003.pcm", "sku-1.wav", "手表.flac"]
    assert len(frames(out / "sku-1.wav")) > 4 * 3200
    assert (out / "手表.flac").read_bytes()[:4] == b"fLaC"
    told = report(out)
    assert (told["items"], told["ok"], told["failed"], told["left"]) == (3, 3, {}, 0)
    assert told["audio_s"] > 0.5
    assert told["speed"] == pytest.approx(told["audio_s"] / told["wall_s"], rel=0.05)
    assert "3 texts: 3 ok (0 of them from before), 0 failed" in capsys.readouterr().out


def test_without_a_server_it_makes_the_same(
    tone_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**TONE, "TTS_API_KEY": "for servers"}.items():
        monkeypatch.setenv(name, value)
    lines = '{"id": "a", "text": "你好，世界。"}\n\n{"id": 7, "ssml": "<speak>好</speak>", "format": "mp3"}\n'
    file = jobs(tmp_path, lines, "jsonl")
    assert main(["batch", file, "-o", str(tmp_path / "here"), "--url", "local"]) == 0
    assert main(["batch", file, "-o", str(tmp_path / "there"), "--url", tone_server.url]) == 0
    assert names(tmp_path / "here") == ["7.mp3", "a.wav"]
    for name in names(tmp_path / "here"):
        assert (tmp_path / "here" / name).read_bytes() == (tmp_path / "there" / name).read_bytes()
    assert report(tmp_path / "here")["audio_s"] == pytest.approx(report(tmp_path / "there")["audio_s"])


def test_what_is_finished_is_kept_and_what_changed_is_made_anew(tone_server: Server, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = ["-o", str(out), "--url", tone_server.url]
    assert main(["batch", jobs(tmp_path, "好\n好好\n好好好\n好好好好\n", "txt"), *command]) == 0
    before = {name: (out / name).stat().st_mtime_ns for name in names(out)}
    (out / "00002.wav").write_bytes((out / "00002.wav").read_bytes()[:100])
    (out / "00004.wav").unlink()
    (out / ".00009.wav.part").write_bytes(b"RIFF")
    assert main(["batch", jobs(tmp_path, "好\n好好\n坏\n好好好好\n", "txt"), *command]) == 0
    made = {name for name in names(out) if (out / name).stat().st_mtime_ns != before[name]}
    assert made == {"00002.wav", "00003.wav", "00004.wav"}
    assert [len(frames(out / name)) for name in names(out)] == [3200, 6400, 3200, 12800]
    assert (report(out)["ok"], report(out)["kept"]) == (4, 1)
    assert main(["batch", jobs(tmp_path, "好\n好好\n坏\n好好好好\n", "txt"), *command, "--speed", "2"]) == 0
    assert report(out)["kept"] == 0


@pytest.mark.parametrize(
    ("kind", "text", "messages"),
    [
        ("csv", "id,txt\na,好\n", ["line 1: 'txt': no such column; choices: text, id"]),
        ("csv", "id,voice\na,b\n", ["line 1: text: there must be such a column, or ssml"]),
        ("csv", "text,text\na,b\n", ["line 1: 'text': stands twice"]),
        ("csv", "text,speed\n好,fast\n好,1\n好,两\n", ["2 bad", "line 2: speed: must be a number, not 'fa", "line 4"]),
        ("csv", "id,text\na,好,好\n", ["line 2: has 3 cells under 2 columns; a text with a comma needs quotes"]),
        ("csv", 'id,text\na,"好\n', ["line 2: is not CSV"]),
        ("csv", "id,text\na,\n", ["line 2: text: is required, or ssml"]),
        ("csv", "id,text\na,好\nb,好\nA,好\n", ["line 4: id: 'A' is already that of line 2"]),
        ("csv", "id,text\n00002,好\n,好\n", ["line 3: id: '00002' is already that of line 2"]),
        ("csv", "id,text\n../a,好\n", ["line 2: id: '../a' is no name of a file in the output folder"]),
        ("csv", "id,text\n/etc/a,好\n", ["line 2: id: '/etc/a' is no name"]),
        ("csv", "id,text\n..,好\n", ["line 2: id: must have 1 to 200 bytes and not begin with a dot"]),
        ("jsonl", '{"text": "好", "id": "a\\u0000b"}\n', ["line 1: id: 'a\\x00b' is no name"]),
        ("jsonl", '{"text": "好", "id": ""}\n', ["line 1: id: must have 1 to 200 bytes"]),
        ("jsonl", '{"text": "好", "id": true}\n', ["line 1: id: must be text or a whole number, not True"]),
        ("jsonl", '{"text": "好"\n[]\n{"txt": 1}\n', ["line 1: is not JSON", "line 2: must be an", "line 3: txt: no"]),
        ("txt", "\n \n", ["holds nothing to speak"]),
        ("xml", "", ["must end with one of .csv, .jsonl, .txt"]),
    ],
)  # fmt: skip
def test_bad_lines_are_named_before_anything_starts(
    kind: str, text: str, messages: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    nowhere = f"http://127.0.0.1:{free_port()}"
    assert main(["batch", jobs(tmp_path, text, kind), "-o", str(out), "--url", nowhere]) == 1
    told = capsys.readouterr().err
    for message in messages:
        assert message in told
    assert not out.exists()


@pytest.mark.parametrize("where", ["local", "server"])
def test_what_cannot_be_spoken_is_named_before_anything_starts(
    where: str, tone_server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers out of range and the like are found by whoever is to speak."""
    for name, value in TONE.items():
        monkeypatch.setenv(name, value)
    lines = [
        {"text": "好"},
        {"text": "好", "speed": 9},
        {"text": "好", "voice": "tone-hz"},
        {"text": "好", "emotion": "merry"},
        {"text": "好", "format": "../ogg"},
        {"text": 5},
        {"text": "好", "speed": float("nan")},
        {"text": "\ud800"},
    ]
    out = tmp_path / "out"
    url = "local" if where == "local" else tone_server.url
    file = jobs(tmp_path, "\n".join(json.dumps(line) for line in lines), "jsonl")
    assert main(["batch", file, "-o", str(out), "--url", url]) == 1
    told = capsys.readouterr().err
    assert "7 bad lines, nothing was spoken" in told
    assert "line 2: speed: must be a number from 0.5 to 2, not 9" in told
    assert "line 3: voice: no voice 'tone-hz'" in told
    assert "tone-zh" in told
    assert "line 4: emotion: " in told
    assert "line 5: format: must be one of pcm, wav" in told
    assert "line 6: text: must be a string, not 5" in told
    assert names(out) == []


def test_a_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    path = tmp_path / "jobs.csv"
    path.write_bytes("text\n你好\n".encode("gbk"))
    with pytest.raises(ValueError, match=r"is not UTF-8 .*'CSV UTF-8'"):
        read_jobs(path, {})


def test_what_fails_is_told_and_the_rest_is_made(
    odd_server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The odd server has two places for the three at a time."""
    table = "id,text,voice\na,好,steady\nb,好,broken\nc,好,late\nd,好,steady\ne,好,steady\n"
    out = tmp_path / "out"
    command = ["batch", jobs(tmp_path, table), "-o", str(out), "--url", odd_server.url, "--retries", "1"]
    assert main([*command, "--concurrency", "3"]) == 1
    assert names(out) == ["a.wav", "d.wav", "e.wav"]
    told = report(out)
    assert (told["ok"], told["failed"]) == (3, {"engine_failed": 1, "broke_off": 1})
    assert {(one["id"], one["line"], one["reason"]) for one in told["failures"]} == {
        ("b", 3, "engine_failed"),
        ("c", 4, "broke_off"),
    }
    shown = capsys.readouterr()
    assert "b (line 3): engine_failed: it is broken" in shown.err
    assert "5 texts: 3 ok (0 of them from before), 2 failed" in shown.out


def test_warnings_are_in_the_report(tone_server: Server, tmp_path: Path) -> None:
    out = tmp_path / "out"
    file = jobs(tmp_path, "好。Привет, как дела?\n好\n", "txt")
    assert main(["batch", file, "-o", str(out), "--url", tone_server.url, "--voice", "tone-zh"]) == 0
    (warned,) = report(out)["warnings"]
    assert (warned["id"], warned["line"], warned["code"]) == ("00001", 1, "unreadable")


def test_no_server_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    command = ["batch", jobs(tmp_path, "好", "txt"), "-o", str(tmp_path / "out"), "--url", nowhere, "--retries", "0"]
    assert main(command) == 1
    assert "no server answers" in capsys.readouterr().err


def test_a_terminal_shows_how_far_it_is(tone_server: Server, tmp_path: Path) -> None:
    terminal, its_end = pty.openpty()
    termios.tcsetwinsize(its_end, (24, 120))
    command = [sys.executable, "-m", "tts", "batch", jobs(tmp_path, "好好\n" * 30, "txt"), "--url", tone_server.url]
    with subprocess.Popen(
        [*command, "-o", str(tmp_path / "out")], cwd=ROOT, stdout=subprocess.PIPE, stderr=its_end
    ) as p:
        os.close(its_end)
        shown = b""
        with suppress(OSError):  # the terminal has no other end any more
            while more := os.read(terminal, 4096):
                shown += more
        p.communicate()
    os.close(terminal)
    (last,) = shown.decode().strip().splitlines()[-1:]
    assert re.search(r"100%\S+ 30/30 \[\d\d:\d\d<00:00, +[\d.]+ texts/s, failed=0\]", last)


def test_two_batches_do_not_write_into_one_folder(
    tone_server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_ledger(tmp_path / "out"):
        file = jobs(tmp_path, "好", "txt")
        assert main(["batch", file, "-o", str(tmp_path / "out"), "--url", tone_server.url]) == 1
    assert "another batch writes there; choose another folder with -o" in capsys.readouterr().err


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_batch_that_was_stopped_goes_on(how: signal.Signals, odd_server: Server, tmp_path: Path) -> None:
    """The third text never ends; the first two are kept, and nothing of the third is taken for it."""
    lines = '{"text": "好"}\n{"text": "好"}\n{"text": "好", "voice": "%s"}\n'
    path = tmp_path / "jobs.jsonl"
    path.write_text(lines % "endless")
    command = ["batch", str(path), "-o", str(tmp_path / "out"), "--concurrency", "1", "--url", odd_server.url]
    with subprocess.Popen(
        [sys.executable, "-m", "tts", *command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        part = tmp_path / "out" / ".00003.wav.part"
        wait_for(lambda: part.exists() and part.stat().st_size)
        process.send_signal(how)
        output, errors = process.communicate(timeout=20)
    assert "Traceback" not in errors
    if how == signal.SIGINT:
        assert process.returncode == 130
        assert "2 ok (0 of them from before), 0 failed, 1 left" in output
        assert "the same command goes on from here" in output
        assert names(tmp_path / "out") == ["00001.wav", "00002.wav"]
    else:
        # It may have been killed in the middle of a line.
        with (tmp_path / "out" / ".batch.jsonl").open("a") as ledger:
            ledger.write('{"file": "00003.wav", "requ')
    assert odd_server.becomes_idle()
    path.write_text(lines % "steady")
    assert main(command) == 0
    assert names(tmp_path / "out") == ["00001.wav", "00002.wav", "00003.wav"]
    assert report(tmp_path / "out")["kept"] == 2
    assert main(command) == 0
    assert report(tmp_path / "out")["kept"] == 3


def test_a_batch_without_a_server_stops_in_the_middle_of_a_text(tmp_path: Path) -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("TTS_")} | TONE
    command = [sys.executable, "-m", "tts", "batch", jobs(tmp_path, "好" * 200_000, "txt"), "--url", "local"]
    with subprocess.Popen(
        [*command, "-o", str(tmp_path / "out")],
        cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        wait_for(lambda: (tmp_path / "out" / ".00001.wav.part").exists())
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=20)
    assert process.returncode == 130, errors
    assert "1 texts: 0 ok" in output
    assert names(tmp_path / "out") == []


def test_nothing_is_lost_when_connections_break(tone_server: Server, tmp_path: Path) -> None:
    troubles: list[str | int] = ["drop", 20_000, 5_000, "drop", 8_000, 100]
    with relay(tone_server.port, *troubles) as between:
        file = jobs(tmp_path, "好好好好好\n" * 40, "txt")
        assert main(["batch", file, "-o", str(tmp_path / "out"), "--url", f"http://{between.place}"]) == 0
    assert len(names(tmp_path / "out")) == 40
    assert {len(frames(tmp_path / "out" / name)) for name in names(tmp_path / "out")} == {16_000}


def test_nothing_is_lost_when_the_server_is_restarted(tmp_path: Path) -> None:
    """Connections that were kept are dead when it is back.

    Clients that come back at once must not hold up its end, which they did for the 30 s that gunicorn allows.
    """
    port = free_port()
    outs = {door: tmp_path / door for door in ("http", "ws")}
    file = jobs(tmp_path, "\n".join("好" * (1 + number % 9) for number in range(100)), "txt")
    ended: dict[str, int] = {}

    def run(door: str) -> None:
        url = f"{door}://127.0.0.1:{port}"
        ended[door] = main(["batch", file, "-o", str(outs[door]), "--url", url])

    threads = [Thread(target=run, args=(door,)) for door in outs]
    with start(port, **TONE) as server:
        for thread in threads:
            thread.start()
        wait_for(lambda: all(len(list(out.glob("*.wav"))) > 10 for out in outs.values()))
        server.process.terminate()
        server.process.wait(20)
    assert max(len(list(out.glob("*.wav"))) for out in outs.values()) < 100
    with start(port, **TONE):
        for thread in threads:
            thread.join(60)
    assert ended == {"http": 0, "ws": 0}
    for out in outs.values():
        assert [len(frames(out / name)) // 3200 for name in names(out)] == [1 + number % 9 for number in range(100)]
