"""The command `read`: shows how a text is read, pinyin over characters."""

import argparse
import json
import shutil
import sys
from collections.abc import Iterable
from functools import partial


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to those of the parser."""
    read = commands.add_parser("read", help="show how a text is read")
    read.add_argument("text", nargs="?", help="the text; without it, each line of standard input is one")
    read.add_argument("--json", action="store_true", help="one JSON object per text")
    read.add_argument("--plain", action="store_true", help="readings before sandhi, 儿 not merged")
    read.add_argument("--ssml", action="store_true", help="the text is SSML, all of standard input one document")
    read.add_argument("--language", help="BCP-47 tag, default zh or what the SSML says")
    read.set_defaults(run=_read)


def _read(options: argparse.Namespace) -> int:
    from tts.config import load
    from tts.engines.espeak.japanese import Japanese
    from tts.frontend import Reader
    from tts.frontend.report import report
    from tts.frontend.ruby import for_people
    from tts.frontend.ssml import parse
    from tts.frontend.ssml_pieces import plain

    tell = partial(print, file=sys.stderr)
    reader = Reader(lexicon=load().lexicon, tell=tell, unread_japanese=Japanese().unreadable)
    for text in _texts(options):
        document = parse(text) if options.ssml else plain(text)
        sentences = reader.read_document(document, options.language or document.language or "zh")
        if options.json:
            told = report(text, sentences, document.spans(), options.plain)
            print(json.dumps(told, ensure_ascii=False), flush=True)
        else:
            for line in for_people(sentences, options.plain, shutil.get_terminal_size((80, 24)).columns):
                print(line, flush=True)
    return 0


def _texts(options: argparse.Namespace) -> Iterable[str]:
    if options.text is not None:
        return (options.text,)
    return (sys.stdin.read(),) if options.ssml else (line.rstrip("\n") for line in sys.stdin)
