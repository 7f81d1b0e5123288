"""The command `voices`: lists the voices, verifies and removes imported ones."""

import argparse
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tts.errors import choices

if TYPE_CHECKING:
    from tts.config import Settings


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to those of the parser."""
    voices = commands.add_parser("voices", help="list the voices, verify or remove imported ones")
    voices.set_defaults(run=_list)
    actions = voices.add_subparsers(metavar="ACTION")
    verify = actions.add_parser("verify", help="compare the files of imported voices with their hashes")
    verify.add_argument("ids", nargs="*", metavar="ID", help="a voice; without one, all of them")
    verify.set_defaults(run=_verify)
    remove = actions.add_parser("remove", help="delete imported voices")
    remove.add_argument("ids", nargs="+", metavar="ID", help="a voice")
    remove.set_defaults(run=_remove)
    for parser in (voices, verify, remove):
        add_voices_dir(parser)


def add_voices_dir(parser: argparse.ArgumentParser) -> None:
    """Add the option `--voices-dir`, which is not set at all when it is not given."""
    help_text = "folder of the imported voices; default TTS_VOICES_DIR"
    parser.add_argument("--voices-dir", metavar="DIR", default=argparse.SUPPRESS, help=help_text)


def settings_of(options: argparse.Namespace) -> "Settings":
    """Return the settings, with the folder of voices that the command line names."""
    from tts.config import load

    named = getattr(options, "voices_dir", None)
    return load() if named is None else load(voices_dir=named)


def _list(options: argparse.Namespace) -> int:
    from tts.catalogue import open_catalogue

    catalogue = open_catalogue(settings_of(options))
    for voice in catalogue.voices:
        print(f"{voice.id:28} {voice.language:12} {voice.sex:7} {voice.name}  {' '.join(voice.emotions)}")
    for voice_id, reason in catalogue.damaged.items():
        print(f"{voice_id:28} damaged: {reason}")
    return 1 if catalogue.damaged else 0


def _verify(options: argparse.Namespace) -> int:
    from tts.engines.sambert.voice import BrokenVoice, faults, read

    status = 0
    for folder in _folders(options):
        try:
            found = faults(folder, read(folder))
        except BrokenVoice as error:
            found = [str(error)]
        for fault in found:
            print(f"shengliu: {fault}", file=sys.stderr)
            status = 1
        if not found:
            print(f"{folder.name}: as it was imported")
    return status


def _remove(options: argparse.Namespace) -> int:
    for folder in _folders(options):
        # The voice goes at once, even where deleting its files takes a while or is interrupted.
        gone = folder.with_name(f".{folder.name}.removed")
        shutil.rmtree(gone, ignore_errors=True)
        folder.rename(gone)
        if gone.is_symlink():
            gone.unlink()
        else:
            shutil.rmtree(gone)
        print(f"{folder} is removed")
    return 0


def _folders(options: argparse.Namespace) -> list[Path]:
    """Return the folders of the voices asked for, or of all; raise `ValueError` for one that is not there."""
    from tts.engines.sambert.voice import find

    voices_dir = Path(settings_of(options).voices_dir)
    known = {folder.name: folder for folder in find(voices_dir)}
    for name in options.ids:
        if name not in known:
            listed = choices(known, name) or "there is none"
            raise ValueError(f"no imported voice {name!r} in {voices_dir}; {listed}")
    return [known[name] for name in options.ids] if options.ids else list(known.values())
