"""Tests of how the real server starts and stops."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import pytest

from tests.server import ROOT, Server, free_port, start
from tests.test_socketio import EventTalker
from tests.test_ws import FrameTalker, raw_socket
from tts.recordings import Recordings


def run_server(**environ: str) -> subprocess.CompletedProcess[str]:
    """Return what a server prints that is expected to end by itself."""
    command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py"]
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=False)


def test_a_taken_port_is_one_sentence() -> None:
    with socket.socket() as other:
        other.bind(("0.0.0.0", 0))
        other.listen()
        port = other.getsockname()[1]
        ended = run_server(TTS_PORT=str(port))
    assert ended.returncode != 0
    assert f"port {port} is taken by another program. Choose another with TTS_PORT" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"TTS_PROT": "1"}, "unknown setting TTS_PROT; known: TTS_PORT"),
        ({"TTS_ENGINES": "nonesuch"}, "TTS_ENGINES: there is no engine 'nonesuch'"),
        ({"TTS_DEFAULT_VOICE": "espeak-cnm"}, "TTS_DEFAULT_VOICE: no voice 'espeak-cnm'; espeak-cmn"),
    ],
)
def test_a_wrong_setting_is_one_sentence(environ: dict[str, str], message: str) -> None:
    ended = run_server(TTS_PORT=str(free_port()), **environ)
    assert ended.returncode != 0
    assert message in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_port_opens_only_when_the_voice_is_warm() -> None:
    """Whoever gets through is served at once: until then the connection is refused, not left to wait."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py"]
    process = subprocess.Popen(command, cwd=ROOT, env={"TTS_PORT": str(port)}, stdout=subprocess.PIPE)
    try:
        refused = 0
        while True:
            try:
                ready = httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=0.5)
                break
            except httpx.ConnectError:
                refused += 1
                time.sleep(0.02)
        assert refused > 3
        assert ready.json() == {"status": "ok", "default_voice": "yue", "streams": 0}
        assert process.stdout is not None
        assert process.stdout.readline().decode() == f"Shengliu speaks on http://localhost:{port}\n"
    finally:
        process.terminate()
        process.communicate(timeout=30)


def stop_seconds(server: Server) -> float:
    """Return how long the server takes to end when it is asked to."""
    begun_s = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(60) == 0
    return time.monotonic() - begun_s


def test_idle_clients_do_not_hold_up_the_end() -> None:
    """They did, for gunicorn's 30 s of grace: a WebSocket is a request that goes on."""
    with start(TTS_ENGINES="tone", TTS_DEFAULT_VOICE="tone-zh") as server:
        events, frames = EventTalker(server), FrameTalker(server)
        assert stop_seconds(server) < 10
        events.close()
        frames.close()


def test_clients_that_do_not_answer_do_not_hold_up_the_end() -> None:
    """A bare connection, one kept alive between requests, and a WebSocket that ignores the close."""
    before = set(Path(tempfile.gettempdir()).glob("shengliu-*-*"))
    with start(TTS_ENGINES="tone", TTS_DEFAULT_VOICE="tone-zh") as server, httpx.Client() as kept:
        bare = socket.create_connection(("127.0.0.1", server.port))
        deaf = raw_socket(server)
        assert kept.get(server.url + "/healthz").status_code == 200
        assert stop_seconds(server) < 10
        bare.close()
        deaf.close()
    assert set(Path(tempfile.gettempdir()).glob("shengliu-*-*")) <= before


def test_what_a_killed_server_left_is_swept() -> None:
    left = Path(tempfile.mkdtemp(prefix="shengliu-999999999-"))
    mine = Path(tempfile.mkdtemp(prefix=f"shengliu-{os.getpid()}-"))
    Recordings(keep_s=1, keep_mb=1).close()
    assert not left.exists()
    assert mine.exists()
    mine.rmdir()


def test_what_is_being_made_ends_before_the_server_does() -> None:
    with start(TTS_ENGINES="tone", TTS_DEFAULT_VOICE="tone-zh") as server:
        talker = FrameTalker(server)
        talker.send("synthesize", {"text": "好" * 40, "id": "a", "window_ms": 1000})
        talker.wait_for("audio_chunk")
        server.process.send_signal(signal.SIGTERM)
        time.sleep(1.5)
        assert server.process.poll() is None
        talker.ws.send('{"type": "played", "id": "a", "ms": 1000}')
        heard_ms = 1000
        while (event := talker.next()).kind != "done":
            if event.kind == "audio_chunk":
                heard_ms += 100
                talker.ws.send(json.dumps({"type": "played", "id": "a", "ms": heard_ms}))
        assert event.data["status"] == "completed"
        assert server.process.wait(30) == 0
        talker.close()


def test_the_end_is_silent_after_clients_have_gone() -> None:
    """A connection that had ended has no socket any more, which broke the draining of the others."""
    with start(TTS_ENGINES="tone", TTS_DEFAULT_VOICE="tone-zh") as server:
        for _ in range(3):
            talker = FrameTalker(server)
            talker.send("synthesize", {"text": "好", "id": "a"})
            talker.until_end("a")
            talker.close()
        EventTalker(server).close()
        assert stop_seconds(server) < 10
        assert "Traceback" not in server.log.read_text()
