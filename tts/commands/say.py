"""The command `say`: speaks a text without a server."""

import argparse
import shutil
import subprocess
import sys
import tempfile
import wave
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tts.types import Request


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to those of the parser."""
    say = commands.add_parser("say", help="speak a text without a server")
    say.add_argument("text", help="what to say; - reads it from standard input")
    say.add_argument("-o", "--output", type=Path, help="WAV file to write; without it, the sound is played")
    say.add_argument("--ssml", action="store_true", help="the text is SSML, see docs/ssml.md")
    say.add_argument("--voice", help="id of a voice, see `voices`")
    say.add_argument("--language", help="BCP-47 tag, e.g. zh or en")
    say.add_argument("--emotion", default="neutral")
    for name, default in (("intensity", 100.0), ("speed", 1.0), ("pitch", 0.0), ("volume", 1.0)):
        say.add_argument(f"--{name}", type=float, default=default, help=f"default {default:g}")
    say.set_defaults(run=_say)


def _say(options: argparse.Namespace) -> int:
    # The packages that speak are imported where they are used: a program may have installed the client alone.
    from tts.web.protocol import parse_request

    names = ("voice", "language", "emotion", "intensity", "speed", "pitch", "volume")
    fields = {name: getattr(options, name) for name in names}
    text = sys.stdin.read() if options.text == "-" else options.text
    request = parse_request({"ssml" if options.ssml else "text": text, **fields}, "http", max_chars=1_000_000)
    if options.output:
        seconds = _write(request, options.output)
        print(f"{options.output}: {seconds:.2f} s")
        return 0
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        _write(request, Path(file.name))
        return _play(file.name)


def _write(request: "Request", path: Path) -> float:
    """Write a request's sound into a WAV file, tell its warnings, and return its seconds."""
    from tts.catalogue import open_catalogue
    from tts.config import load
    from tts.frontend import Reader
    from tts.stream import plan, speak

    catalogue = open_catalogue(load())
    reader = Reader({voice.language for voice in catalogue.voices})
    planned = plan(request, catalogue, reader)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, planned.sample_rate_hz, 0, "NONE", ""))
        for piece in speak(planned, catalogue, reader):
            for warned in piece.warnings:
                print(f"shengliu: {warned.message}", file=sys.stderr)
            file.writeframesraw(piece.pcm.tobytes())
        seconds: float = file.tell() / planned.sample_rate_hz
    catalogue.close()
    return seconds


def _play(path: str) -> int:
    for player in ("aplay -q", "afplay", "paplay", "play -q", "ffplay -nodisp -autoexit -v error"):
        program, *options = player.split()
        if shutil.which(program):
            return subprocess.run([program, *options, path], check=False).returncode  # noqa: S603  # our own file
    raise ValueError("this machine has no player (aplay, afplay, paplay, play or ffplay); write a file with -o")
