"""Measures what streams gain from sharing the decoder's runs, in the service with its usual number of threads.

Run it from the checkout: `.venv/bin/python -m benchmarks.shared_runs --voices-dir DIR [--streams N] [--rounds N]`. All
begin at once. Runs of one sentence each take turns with shared ones in the same process, so that their ratios hold
also on a machine that has other work; the time is the processor's, in all threads.
"""

from tts.workers import patch

patch()

import argparse  # noqa: E402
import json  # noqa: E402
import platform  # noqa: E402
import statistics  # noqa: E402
import time  # noqa: E402
from collections import Counter  # noqa: E402
from collections.abc import Sequence  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

import gevent  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

from benchmarks.first_audio import text_of  # noqa: E402
from tts.catalogue import Catalogue  # noqa: E402
from tts.config import load  # noqa: E402
from tts.engines.sambert import open as open_engine  # noqa: E402
from tts.engines.sambert.acoustic import Decoding  # noqa: E402
from tts.engines.sambert.batcher import Batcher  # noqa: E402
from tts.service import Service  # noqa: E402
from tts.types import Request  # noqa: E402

LENGTH = 24


class Counted:
    """An acoustic model's steps, with how many sentences each run had and how long the processor worked on them."""

    def __init__(self, batcher: Batcher) -> None:
        self._step = batcher.step
        self.steps: Counter[int] = Counter()
        self.worked_s: list[float] = []

    def __call__(self, decodings: Sequence[Decoding], steps: int) -> list[NDArray[Any]]:
        """Decode, and count each step of the run."""
        self.steps[len(decodings)] += steps
        begun_s = time.thread_time()
        try:
            return self._step(decodings, steps)
        finally:
            self.worked_s.append(time.thread_time() - begun_s)

    @property
    def mean(self) -> float:
        """Return how many sentences shared a step, in the mean."""
        return sum(size * count for size, count in self.steps.items()) / self.steps.total()


def spoken(service: Service, run: int) -> tuple[float, float]:
    """Make one utterance; return when its first sound was there and how much there was, both in seconds."""
    begun_s, first_s = time.perf_counter(), 0.0
    production = service.produce(service.plan(Request(text_of(LENGTH, run), "pcm")), service.slots.take())
    try:
        for packet in production:
            first_s = first_s or (time.perf_counter() - begun_s if packet.data else 0.0)
    finally:
        summary = production.close()
    return first_s, summary.audio_ms / 1000


def together(service: Service, streams: int, step: Counted) -> dict[str, float]:
    """Return the figures of so many utterances that begin at once."""
    step.worked_s.clear()
    begun_s, worked_s = time.perf_counter(), time.process_time()
    talkers = [gevent.spawn(spoken, service, run) for run in range(streams)]
    gevent.joinall(talkers, raise_error=True)
    sound_s = sum(talker.value[1] for talker in talkers)
    return {
        "decoder_per_sound": sum(step.worked_s) / sound_s,
        "processor_per_sound": (time.process_time() - worked_s) / sound_s,
        "time_per_sound": (time.perf_counter() - begun_s) / sound_s,
        "first_p50_ms": statistics.median(talker.value[0] for talker in talkers) * 1000,
        "first_last_ms": max(talker.value[0] for talker in talkers) * 1000,
    }


def main() -> None:
    """Print a JSON line for the runs alone, one for the shared ones, and what these are of those."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--voices-dir", required=True, type=Path)
    parser.add_argument("--streams", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    settings = load(voices_dir=str(options.voices_dir), max_streams=options.streams)
    engine = open_engine(settings)
    service = Service(settings, Catalogue({"sambert": engine}, settings.default_voice))
    speaker = engine.speaker(service.catalogue.default.id)
    counted = {most: Counted(speaker.batcher) for most in (1, speaker.batcher.most)}
    rounds: dict[int, list[dict[str, float]]] = {most: [] for most in counted}
    for _ in range(options.rounds):
        for most, step in counted.items():
            speaker.batcher = Batcher(step, most)
            rounds[most].append(together(service, options.streams, step))
    service.close()
    about = {"benchmark": "shared_runs", "machine": platform.node(), "threads": settings.threads}
    figures = {most: {name: min(one[name] for one in made) for name in made[0]} for most, made in rounds.items()}
    for most, step in counted.items():
        row = {"streams": options.streams, "most_in_a_run": most, "in_a_run": step.mean, **figures[most]}
        print(json.dumps({**about, **{name: round(value, 4) for name, value in row.items()}}))
    alone, shared = figures.values()
    print(json.dumps({**about, "shared_of_alone": {name: round(shared[name] / alone[name], 3) for name in alone}}))


if __name__ == "__main__":
    main()
