"""The command `import`: makes voices of models that are published on ModelScope."""

import argparse
from importlib import import_module
from pathlib import Path

from tts.commands.voices import add_voices_dir, settings_of


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to those of the parser."""
    importing = commands.add_parser("import", help="import voices from ModelScope or from a folder")
    importing.add_argument("source", help="a model's ModelScope id, owner/name, or its folder")
    add_voices_dir(importing)
    importing.add_argument("--voice", action="append", default=[], help="a voice of the model; without it, all of them")
    importing.add_argument("--emotions", help="categories to offer beside neutral, comma-separated; default: the known")
    importing.add_argument("--sex", choices=("female", "male"), help="of a voice that is not known")
    importing.add_argument("--cache", type=Path, metavar="DIR", help="where downloads are kept; default: ModelScope's")
    importing.add_argument("--force", action="store_true", help="replace another voice of the same name")
    int8_help = "folder or tar of recorded speech: halve the vocoder's work with bytes, scaled on these recordings"
    importing.add_argument("--int8", type=Path, metavar="SPEECH", help=int8_help)
    importing.add_argument("--trust-pickle", action="store_true", help="let a checkpoint run code while it is read")
    importing.set_defaults(run=_import)


def _import(options: argparse.Namespace) -> int:
    voices_dir = Path(settings_of(options).voices_dir)
    try:
        # By name, when it is asked for: the packages it needs are large, and no part of what serves.
        importing = import_module("training.importing")
        wishes = importing.Wishes(
            voices_dir=voices_dir,
            voices=tuple(options.voice),
            emotions=tuple(options.emotions.split(",")) if options.emotions is not None else None,
            sex=options.sex,
            cache=options.cache,
            force=options.force,
            trust_pickle=options.trust_pickle,
            int8=options.int8,
        )
        for sentence in importing.import_model(options.source, wishes):
            print(sentence, flush=True)
    except ModuleNotFoundError as error:
        raise ValueError(_what_is_missing(str(error.name))) from None
    except OSError as error:
        raise ValueError(f"the voice cannot be written: {error}") from None
    except KeyboardInterrupt:
        raise ValueError("interrupted; the voice that was being imported is not there") from None
    return 0


def _what_is_missing(name: str) -> str:
    if name == "training":
        return "voices are imported from a checkout of Shengliu; the installed package cannot"
    return f"importing voices needs {name}; pip install -r requirements.txt, or 'shengliu[train]'"
