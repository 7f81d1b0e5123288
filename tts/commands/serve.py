"""The command `serve`: serves from this process."""

import argparse


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to those of the parser."""
    serve = commands.add_parser("serve", help="serve on TTS_HOST and TTS_PORT from this process")
    serve.set_defaults(run=_serve)


def _serve(_options: argparse.Namespace) -> int:
    from tts.workers import patch

    patch()
    from tts.web.development import main as serve

    serve()
    return 0
