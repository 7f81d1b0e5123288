"""The command `say`: speaks a text, or lines of symbols, without a server."""

import argparse
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from tts.commands.voices import add_voices_dir, settings_of

if TYPE_CHECKING:
    from tts.config import Settings
    from tts.engines.sambert.engine import SambertEngine
    from tts.types import Pcm16, Request


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to those of the parser."""
    say = commands.add_parser("say", help="speak a text without a server")
    said = say.add_mutually_exclusive_group(required=True)
    said.add_argument("text", nargs="?", help="what to say; - reads it from standard input")
    said.add_argument("--symbols-file", type=Path, help="lines of symbols to speak as they stand, each a sentence")
    say.add_argument("-o", "--output", type=Path, help="WAV file to write; without it, the sound is played")
    dumped = "durations (n,), mel (N, mels), wav (samples,)"
    say.add_argument("--dump", type=Path, help=f".npz file of what a neural voice makes of it: {dumped}")
    say.add_argument("--ssml", action="store_true", help="the text is SSML, see docs/ssml.md")
    say.add_argument("--voice", help="id of a voice, see `voices`")
    add_voices_dir(say)
    say.add_argument("--language", help="BCP-47 tag, e.g. zh or en")
    say.add_argument("--emotion", default="neutral", help="default neutral; lines of symbols bring their own")
    for name, default in (("intensity", 100.0), ("speed", 1.0), ("pitch", 0.0), ("energy", 0.0), ("volume", 1.0)):
        say.add_argument(f"--{name}", type=float, default=default, help=f"default {default:g}")
    say.set_defaults(run=_until_interrupted)


def _until_interrupted(options: argparse.Namespace) -> int:
    try:
        return _say(options)
    except KeyboardInterrupt:
        return 130  # as shells count it; whoever stops it needs no explanation


def _say(options: argparse.Namespace) -> int:
    # The packages that speak are imported where they are used: a program may have installed the client alone.
    from tts.commands.player import play, write_wav
    from tts.commands.recite import open_recital
    from tts.engines.sambert import open as open_engine

    request, settings = _request(options), settings_of(options)
    # One engine for both, since a voice is slow to open.
    opened = open_engine(settings) if options.dump or options.symbols_file else None
    recital = open_recital(request, options.symbols_file, opened, settings) if opened else None
    if recital and options.dump:
        recital.dump(options.dump)
        print(options.dump)
        if not options.output:
            return 0
    rate_hz, pieces = recital.sound() if recital and options.symbols_file else _spoken(request, settings, opened)
    if options.output:
        print(f"{options.output}: {write_wav(options.output, pieces, rate_hz):.2f} s")
    else:
        with closing(_watched(pieces, rate_hz)) as watched:
            play(watched, rate_hz)
    return 0


def _request(options: argparse.Namespace) -> "Request":
    from tts.web.protocol import parse_request

    names = ("voice", "language", "emotion", "intensity", "speed", "pitch", "energy", "volume")
    fields = {name: getattr(options, name) for name in names}
    # Lines of symbols are no text; what stands here in its place is not spoken.
    text = "#" if options.symbols_file else sys.stdin.read() if options.text == "-" else options.text
    return parse_request({"ssml" if options.ssml else "text": text, **fields}, "http", max_chars=1_000_000)


def _spoken(request: "Request", settings: "Settings", opened: "SambertEngine | None") -> "tuple[int, Iterator[Pcm16]]":
    """Return the sample rate and the sound of a request while it is made; its warnings are told meanwhile."""
    from tts.catalogue import open_catalogue
    from tts.frontend import Reader
    from tts.stream import plan, speak

    catalogue = open_catalogue(settings, {"sambert": opened} if opened else {})
    for reason in catalogue.damaged.values():
        print(f"shengliu: {reason}", file=sys.stderr)
    reader = Reader({voice.language for voice in catalogue.voices}, unread_japanese=catalogue.unread_japanese)
    planned = plan(request, catalogue, reader)

    def pieces() -> "Iterator[Pcm16]":
        for piece in speak(planned, catalogue, reader):
            for warned in piece.warnings:
                print(f"shengliu: {warned.message}", file=sys.stderr)
            yield piece.pcm
        catalogue.close()

    return planned.sample_rate_hz, pieces()


def _watched(pieces: "Iterator[Pcm16]", rate_hz: int) -> "Generator[Pcm16]":
    """Yield the pieces, and keep a line on how far they are and how soon the first one was there."""
    begun_s = time.monotonic()
    samples, first = 0, ""
    try:
        for piece in pieces:
            first = first or f"first after {(time.monotonic() - begun_s) * 1000:.0f} ms"
            samples += len(piece)
            print(f"\r{samples / rate_hz:.1f} s of sound, {first}", end="", file=sys.stderr, flush=True)
            yield piece
    finally:
        print(file=sys.stderr)
