"""The command line: `python -m tts say | batch | read | voices | import | serve`."""

import argparse
import sys

from tts.commands import batch, importing, read, say, serve, voices
from tts.errors import TtsError


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit status."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
    except (TtsError, ValueError, OSError) as error:
        print(f"shengliu: {error}", file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        print(f"shengliu: {error.name} is missing; pip install 'shengliu[client,serve]'", file=sys.stderr)
        return 1
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="shengliu", description="Streaming Chinese emotional speech.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in (say, batch, read, voices, importing, serve):
        command.add(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
