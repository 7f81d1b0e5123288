"""Runs the clients that the README shows against the real server."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server import ROOT, Server
from tts.config import as_markdown

README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)
PYTHON = [code for language, code in BLOCKS if language == "python"]


@pytest.mark.parametrize("code", PYTHON, ids=[code.split("\n", 1)[0] for code in PYTHON])
def test_a_python_client_hears_something(server: Server, code: str) -> None:
    program = code.replace("localhost:7860", f"127.0.0.1:{server.port}")
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    amounts = [int(line.split()[0]) for line in ran.stdout.splitlines()]
    assert sum(amounts) > 20_000


def test_every_door_has_a_python_client_or_curl() -> None:
    shown = " ".join(code for _, code in BLOCKS)
    for door in ("curl -N", "AsyncClient", "socketio.AsyncSimpleClient", "/ws", "io('http"):
        assert door in shown


def test_the_curl_line_writes_a_wav(server: Server, tmp_path: Path) -> None:
    (line,) = [code for language, code in BLOCKS if language == "sh" and code.startswith("curl")]
    command = line.replace("localhost:7860", f"127.0.0.1:{server.port}")
    subprocess.run(["bash", "-ec", command], cwd=tmp_path, check=True, timeout=60, capture_output=True)
    assert (tmp_path / "hello.wav").read_bytes()[:4] == b"RIFF"


def test_the_files_it_names_are_there() -> None:
    for path in re.findall(r"\]\((?!http)([\w/.-]+)\)", README):
        assert (ROOT / path).exists(), path


def test_the_settings_page_is_fresh() -> None:
    assert (ROOT / "docs" / "settings.md").read_text() == as_markdown()
