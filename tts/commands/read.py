"""The command `read`: shows how a text is read."""

import argparse
import json
import sys
from functools import partial


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to those of the parser."""
    read = commands.add_parser("read", help="show how a text is read")
    read.add_argument("text", nargs="?", help="the text; without it, each line of standard input is one")
    read.add_argument("--json", action="store_true", help="one JSON object per text")
    read.add_argument("--plain", action="store_true", help="readings before sandhi, 儿 not merged")
    read.add_argument("--language", default="zh", help="BCP-47 tag, default zh")
    read.set_defaults(run=_read)


def _read(options: argparse.Namespace) -> int:
    from tts.config import load
    from tts.frontend import Reader
    from tts.frontend.report import for_people, report

    reader = Reader(lexicon=load().lexicon, tell=partial(print, file=sys.stderr))
    for text in [options.text] if options.text is not None else (line.rstrip("\n") for line in sys.stdin):
        sentences = reader.read(text, options.language)
        if options.json:
            print(json.dumps(report(text, sentences, options.plain), ensure_ascii=False), flush=True)
        else:
            print("\n".join(for_people(sentences, options.plain)), flush=True)
    return 0
