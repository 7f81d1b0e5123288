"""The command line: `python -m tts say | read | voices | serve`."""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import wave
from pathlib import Path
from typing import TYPE_CHECKING

from tts.errors import TtsError

if TYPE_CHECKING:
    from tts.types import Request


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit status."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
    except (TtsError, ValueError) as error:
        print(f"shengliu: {error}", file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        print(f"shengliu: {error.name} is missing; pip install 'shengliu[serve]'", file=sys.stderr)
        return 1
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="shengliu", description="Streaming Chinese emotional speech.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    say = commands.add_parser("say", help="speak a text without a server")
    say.add_argument("text", help="what to say; - reads it from standard input")
    say.add_argument("-o", "--output", type=Path, help="WAV file to write; without it, the sound is played")
    say.add_argument("--voice", help="id of a voice, see `voices`")
    say.add_argument("--language", help="BCP-47 tag, e.g. zh or en")
    say.add_argument("--emotion", default="neutral")
    for name, default in (("intensity", 100.0), ("speed", 1.0), ("pitch", 0.0), ("volume", 1.0)):
        say.add_argument(f"--{name}", type=float, default=default, help=f"default {default:g}")
    say.set_defaults(run=_say)
    read = commands.add_parser("read", help="show how a text is read")
    read.add_argument("text", nargs="?", help="the text; without it, each line of standard input is one")
    read.add_argument("--json", action="store_true", help="one JSON object per text")
    read.add_argument("--plain", action="store_true", help="readings before sandhi, 儿 not merged")
    read.add_argument("--language", default="zh", help="BCP-47 tag, default zh")
    read.set_defaults(run=_read)
    voices = commands.add_parser("voices", help="list the voices")
    voices.set_defaults(run=_voices)
    serve = commands.add_parser("serve", help="serve on TTS_HOST and TTS_PORT from this process")
    serve.set_defaults(run=_serve)
    return parser


def _say(options: argparse.Namespace) -> int:
    # The packages that speak are imported where they are used: a program may have installed the client alone.
    from tts.web.protocol import parse_request

    names = ("voice", "language", "emotion", "intensity", "speed", "pitch", "volume")
    fields = {name: getattr(options, name) for name in names}
    text = sys.stdin.read() if options.text == "-" else options.text
    request = parse_request({"text": text, **fields}, "http", max_chars=1_000_000)
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


def _read(options: argparse.Namespace) -> int:
    from tts.config import load
    from tts.frontend import Reader
    from tts.frontend.report import for_people, report

    reader = Reader(lexicon=load().lexicon)
    for text in [options.text] if options.text is not None else (line.rstrip("\n") for line in sys.stdin):
        sentences = reader.read(text, options.language)
        if options.json:
            print(json.dumps(report(text, sentences, options.plain), ensure_ascii=False), flush=True)
        else:
            print("\n".join(for_people(sentences, options.plain)), flush=True)
    return 0


def _voices(_options: argparse.Namespace) -> int:
    from tts.catalogue import open_catalogue
    from tts.config import load

    for voice in open_catalogue(load()).voices:
        print(f"{voice.id:28} {voice.language:12} {voice.sex:7} {voice.name}  {' '.join(voice.emotions)}")
    return 0


def _serve(_options: argparse.Namespace) -> int:
    from tts.workers import patch

    patch()
    from tts.web.development import main as serve

    serve()
    return 0


if __name__ == "__main__":
    sys.exit(main())
