"""Measures how late a greenlet wakes up while engines work in native threads.

Run it from the checkout: `.venv/bin/python -m benchmarks.hub_lateness [--streams N] [--seconds S]`. A greenlet
that sleeps for 5 ms at a time notes how much later than asked it woke; meanwhile other greenlets make speech
one utterance after another. The same without any work is the reference.
"""

from tts.workers import patch

patch()

import argparse  # noqa: E402
import json  # noqa: E402
import platform  # noqa: E402
import time  # noqa: E402

import gevent  # noqa: E402

from benchmarks.first_audio import TEXT  # noqa: E402
from tts.config import load  # noqa: E402
from tts.service import Service  # noqa: E402
from tts.types import Request  # noqa: E402

_STEP_S = 0.005


def lateness_ms(seconds: float) -> list[float]:
    """Return how late each wake-up of a greenlet was."""
    late, end_s = [], time.perf_counter() + seconds
    while (begun_s := time.perf_counter()) < end_s:
        gevent.sleep(_STEP_S)
        late.append((time.perf_counter() - begun_s - _STEP_S) * 1000)
    return sorted(late)


def speak_on(service: Service, audio_format: str) -> None:
    """Make one utterance after another."""
    request = Request(TEXT * 5, audio_format)
    while True:
        production = service.produce(service.plan(request), service.slots.take())
        try:
            for _ in production:
                # A door sends here, which lets others run.
                gevent.sleep(0)
        finally:
            production.close()


def figures(late: list[float]) -> dict[str, float]:
    """Return median, 99th percentile and worst."""
    return {
        "p50_ms": round(late[len(late) // 2], 2),
        "p99_ms": round(late[len(late) * 99 // 100], 2),
        "worst_ms": round(late[-1], 2),
    }


def main() -> None:
    """Print one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=5)
    options = parser.parse_args()
    service = Service(load())
    service.warm()
    idle = figures(lateness_ms(options.seconds))
    talkers = [gevent.spawn(speak_on, service, "webm") for _ in range(options.streams)]
    busy = figures(lateness_ms(options.seconds))
    gevent.killall(talkers)
    service.close()
    result = {"machine": platform.node(), "streams": options.streams, "idle": idle, "busy": busy}
    print(json.dumps({"benchmark": "hub_lateness", **result}))


if __name__ == "__main__":
    main()
