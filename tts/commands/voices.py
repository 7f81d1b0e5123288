"""The command `voices`: lists the voices."""

import argparse


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to those of the parser."""
    voices = commands.add_parser("voices", help="list the voices")
    voices.set_defaults(run=_voices)


def _voices(_options: argparse.Namespace) -> int:
    from tts.catalogue import open_catalogue
    from tts.config import load

    for voice in open_catalogue(load()).voices:
        print(f"{voice.id:28} {voice.language:12} {voice.sex:7} {voice.name}  {' '.join(voice.emotions)}")
    return 0
