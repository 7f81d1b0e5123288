"""Runs the examples of docs/clients.md against the real server; those in JavaScript run in tests/js."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from tests.server import ROOT, Server
from tests.test_client import frames

PAGE = (ROOT / "docs" / "clients.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)


def example(language: str, word: str) -> str:
    """Return the example in a language that holds a word."""
    (code,) = [code for kind, code in BLOCKS if kind == language and word in code]
    return str(code)


def run(command: list[str], code: str, server: Server, folder: Path) -> list[str]:
    """Return the lines that an example prints, run in a folder of its own."""
    program = code.replace("localhost:7860", server.place)
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    ran = subprocess.run(
        [*command, program], cwd=folder, env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


def test_every_example_is_run() -> None:
    """Whoever adds one adds its test."""
    assert [kind for kind, _ in BLOCKS] == ["sh", "python", "python", "python", "csv", "sh", "js"]


def test_curl(server: Server, tmp_path: Path) -> None:
    run(["bash", "-ec"], example("sh", "curl"), server, tmp_path)
    assert (tmp_path / "hello.mp3").stat().st_size > 5000


def test_ten_at_a_time(server: Server, tmp_path: Path) -> None:
    lines = run([sys.executable, "-c"], example("python", "TEXTS"), server, tmp_path)
    names = [f"{number:02}.wav" for number in range(1, 11)]
    assert [line.split()[-1] for line in lines] == names
    assert all(len(frames(tmp_path / name)) > 30_000 for name in names)


def test_openai_s_sdk(server: Server, tmp_path: Path) -> None:
    assert run([sys.executable, "-c"], example("python", "OpenAI"), server, tmp_path) == []
    data = (tmp_path / "sale.wav").read_bytes()
    assert data.startswith(b"RIFF")
    assert len(data) > 30_000


def test_a_language_model_speaks(server: Server, tmp_path: Path) -> None:
    lines = run([sys.executable, "-c"], example("python", "stream_pieces"), server, tmp_path)
    assert 6 < sum(int(line.split()[0]) for line in lines) / 2 / 24_000 < 15


def test_a_file_of_texts(server: Server, tmp_path: Path) -> None:
    (tmp_path / "products.csv").write_text(example("csv", "sku"), encoding="utf-8")
    command = example("sh", "batch").replace("python", sys.executable).strip()
    lines = run(["bash", "-ec"], f"{command} --url http://localhost:7860", server, tmp_path)
    assert lines[0] == "3 texts: 3 ok (0 of them from before), 0 failed"
    assert sorted(path.name for path in (tmp_path / "out").glob("*.mp3")) == [f"sku-100{i}.mp3" for i in (1, 2, 3)]
    assert json.loads((tmp_path / "out" / "report.json").read_text())["audio_s"] > 8


def test_the_options_it_names_are_there() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "tts", "batch", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for option in set(re.findall(r"`(--[\w-]+)", PAGE)):
        assert option in shown, option
