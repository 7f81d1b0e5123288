"""What the commands of training have in common: the experiment that is named, and tables left in a voice's folder."""

import argparse
import json
from dataclasses import replace
from pathlib import Path

from training.config import Config, load


def parser_of(description: str) -> argparse.ArgumentParser:
    """Return what reads a command line that begins with an experiment."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("config", type=Path, help="the experiment, a TOML file")
    parser.add_argument("--work", type=Path, help="where what training makes lies, instead of the file's `work`")
    return parser


def named(given: argparse.Namespace) -> Config:
    """Return the experiment that a command line names, or raise `BadConfig`."""
    config = load(given.config)
    return replace(config, work=given.work) if given.work else config


def experiment(description: str) -> Config:
    """Return the experiment that is all a command line has to name."""
    return named(parser_of(description).parse_args())


def report(folder: Path, name: str, page: str, numbers: object) -> None:
    """Write a page and its numbers into a folder, as `<name>.md` and `<name>.json`, and print the page."""
    (folder / f"{name}.md").write_text(page, encoding="utf-8")
    text = json.dumps(numbers, ensure_ascii=False, indent=1)
    (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    print(page)
