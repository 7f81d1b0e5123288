"""The command `batch`: speaks a file of texts, each into a file of its own, and goes on where it was stopped."""

import argparse
import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tts.commands.jobs import COLUMNS, convert, read_jobs

if TYPE_CHECKING:
    from tts.commands.making import Maker

#: What a line can leave to the command line; the rest is its own.
_SHARED = tuple(name for name in COLUMNS if name not in ("id", "text", "ssml", "readings"))


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to those of the parser."""
    batch = commands.add_parser("batch", help="speak a file of texts, each into a file of its own")
    batch.add_argument("jobs", type=Path, help="a .csv with a header, a .jsonl, or a .txt with a text on each line")
    batch.add_argument("-o", "--output", type=Path, required=True, metavar="DIR", help="folder for the files")
    batch.add_argument("--concurrency", type=_count(1), default=5, metavar="N", help="texts at a time; default 5")
    batch.add_argument("--retries", type=_count(0), default=3, metavar="N", help="further attempts; default 3")
    where = "default http://localhost:7860; ws:// for WebSockets; `local` to speak without a server"
    batch.add_argument("--url", default="http://localhost:7860", help=where)
    batch.add_argument("--api-key", metavar="KEY", help="sent as a bearer token; default TTS_API_KEY")
    shared = batch.add_argument_group("for lines that do not say their own")
    for name in _SHARED:
        shared.add_argument(f"--{name.replace('_', '-')}", metavar="VALUE")
    batch.set_defaults(run=_batch)


def _count(least: int) -> Any:
    def number(text: str) -> int:
        if not (text.isdecimal() and int(text) >= least):
            raise argparse.ArgumentTypeError(f"must be a whole number from {least}, not {text!r}")
        return int(text)

    return number


def _batch(options: argparse.Namespace) -> int:
    given = {name: getattr(options, name) for name in _SHARED}
    jobs = read_jobs(options.jobs, {name: convert(name, text) for name, text in given.items() if text is not None})
    # What speaks is imported where it is used: a program may have installed a part alone.
    from tts.commands.ledger import open_ledger
    from tts.commands.making import Batch

    with open_ledger(options.output) as ledger:
        batch = Batch(jobs, ledger)
        try:
            asyncio.run(batch.run(_maker(options), options.concurrency, options.jobs))
        except KeyboardInterrupt:
            batch.tally.stopped = "interrupted"
        print(batch.report(options.jobs))
        if batch.tally.stopped == "interrupted":
            return 130
        return 0 if batch.whole else 1


def _maker(options: argparse.Namespace) -> "Maker":
    if options.url == "local":
        from tts.commands.local import LocalMaker

        return LocalMaker(options.concurrency)
    from tts.client import AsyncClient
    from tts.commands.making import RemoteMaker

    key = options.api_key or os.environ.get("TTS_API_KEY")
    client = AsyncClient(options.url, options.concurrency, retries=options.retries, api_key=key)
    return RemoteMaker(client)
