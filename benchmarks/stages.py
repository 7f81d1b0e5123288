"""Measures the real-time factor of each stage of a full-size Sambert voice while streaming, on one thread.

Run it from the checkout: `.venv/bin/python -m benchmarks.stages [--rounds N] [--only PART]`. Each module
`benchmarks/stages_<part>.py` measures its part: its `measured(rounds)` yields rows, printed as JSON lines. Time is
what the thread worked, the least of the rounds, and plain torch on whole utterances is measured beside it in the
same run, so that results of different machines compare by their ratio.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import torch

PREFIX = "stages_"


def parts() -> list[str]:
    """Return the parts that have a module."""
    return sorted(path.stem.removeprefix(PREFIX) for path in Path(__file__).parent.glob(f"{PREFIX}*.py"))


def least_s(tasks: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Return the least seconds that this thread works on each task; they take turns."""
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(rounds):
        for name, task in tasks.items():
            begun_s = time.thread_time()
            task()
            times[name].append(time.thread_time() - begun_s)
    return {name: min(each) for name, each in times.items()}


def measured(part: str, rounds: int) -> Iterator[dict[str, Any]]:
    """Yield the rows of a part."""
    rows: Iterator[dict[str, Any]] = import_module(f"benchmarks.{PREFIX}{part}").measured(rounds)
    yield from rows


def main() -> None:
    """Print what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", choices=parts())
    options = parser.parse_args()
    torch.set_num_threads(1)
    for part in [options.only] if options.only else parts():
        for row in measured(part, options.rounds):
            print(json.dumps({"machine": platform.node(), **row}), flush=True)


if __name__ == "__main__":
    main()
