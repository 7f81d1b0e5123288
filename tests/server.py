"""Starts the real server for tests, as `script/server` does."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[1]

#: Whatever voices somebody has imported, tests do not see them.
NO_VOICES = {"TTS_VOICES_DIR": os.devnull}


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        """Return its address for HTTP."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def place(self) -> str:
        """Return its host and port, as they stand in URLs."""
        return f"127.0.0.1:{self.port}"

    @property
    def ws_url(self) -> str:
        """Return its address for WebSockets."""
        return f"ws://127.0.0.1:{self.port}"

    def streams(self) -> int:
        """Return how many utterances it is making."""
        return int(httpx.get(self.url + "/readyz").json()["streams"])

    def becomes_idle(self, seconds: float = 10) -> bool:
        """Return whether it stops making utterances within the time."""
        end_s = time.monotonic() + seconds
        while time.monotonic() < end_s:
            if self.streams() == 0:
                return True
            time.sleep(0.05)
        return False


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def start(port: int | None = None, **environ: str) -> Iterator[Server]:
    """Run gunicorn with the project's configuration until the block ends."""
    port = port or free_port()
    with _run([sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py"], port, environ) as running:
        yield running


@contextmanager
def start_odd(**settings: float) -> Iterator[Server]:
    """Run the server with the engines of `tests.odd_server` until the block ends."""
    port = free_port()
    pairs = [f"{name}={value}" for name, value in settings.items()]
    with _run([sys.executable, "-m", "tests.odd_server", str(port), *pairs], port, {}) as running:
        yield running


@contextmanager
def _run(command: list[str], port: int, environ: dict[str, str]) -> Iterator[Server]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TTS_")}
    with tempfile.NamedTemporaryFile(suffix=".log") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**clean, **NO_VOICES, "TTS_PORT": str(port), **environ}, stdout=log, stderr=log
        )
        running = Server(port, process, Path(log.name))
        try:
            _wait(running)
            yield running
        finally:
            process.terminate()
            try:
                process.wait(60)
            finally:
                process.kill()
                process.wait()


def _wait(server: Server, seconds: float = 60) -> None:
    end_s = time.monotonic() + seconds
    while time.monotonic() < end_s:
        if server.process.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", server.port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("the server did not start:\n" + server.log.read_text(errors="replace"))
