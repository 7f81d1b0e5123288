"""Runs the examples of `docs/doors.md` against the real server."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server import ROOT, Server

PAGE = (ROOT / "docs" / "doors.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^## ([^\n]+)\n|```(\w+)\n(.*?)```", PAGE, re.DOTALL | re.MULTILINE)
EXAMPLES = [(language, code) for _, language, code in BLOCKS if language]


def at(server: Server, code: str) -> str:
    return code.replace("localhost:7860", f"127.0.0.1:{server.port}")


@pytest.mark.parametrize("code", [code for language, code in EXAMPLES if language == "python"])
def test_a_python_example_makes_sound(server: Server, tmp_path: Path, code: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", at(server, code)], cwd=tmp_path, capture_output=True, text=True, timeout=90
    )
    assert ran.returncode == 0, ran.stderr
    size, unit = ran.stdout.split()
    assert (int(size) > 8000, unit) == (True, "bytes")


@pytest.mark.parametrize("code", [code for language, code in EXAMPLES if language == "sh"])
def test_a_line_of_curl_writes_a_wav(server: Server, tmp_path: Path, code: str) -> None:
    subprocess.run(["bash", "-ec", at(server, code)], cwd=tmp_path, check=True, timeout=60, capture_output=True)
    (file,) = tmp_path.iterdir()
    assert file.read_bytes()[:4] == b"RIFF"


def test_every_door_has_an_example() -> None:
    doors = [
        title for title, language, _ in BLOCKS if title and title not in ("Names of voices", "Keys", "Wrong paths")
    ]
    assert doors == ["OpenAI", "Fish-Speech", "VibeVoice", "ElevenLabs"]
    order = [title or language for title, language, _ in BLOCKS]
    for door in doors:
        assert order[order.index(door) + 1] == "python", door
