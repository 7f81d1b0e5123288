"""Measures how many listeners at once the server speaks to without any of them having to wait for sound.

Run it from the checkout: `.venv/bin/python -m benchmarks.streams [--url URL | --voices-dir DIR] [--counts 8 16 32]`.
All begin within a second, each over a WebSocket of its own, with 100 characters. A listener plays from the first chunk
on, and waits whenever the next one is later than what it has; that is told in ms, for the one that waited longest.
"""

import argparse
import asyncio
import json
import os
import platform
import statistics
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
from websockets.asyncio.client import connect

from benchmarks.first_audio import text_of
from tests.server import start

LENGTH = 100


@dataclass(frozen=True, slots=True)
class Heard:
    """What one listener heard."""

    first_ms: float
    """From the request to the first chunk."""
    waited_ms: float
    """How long it had nothing to play after that."""
    audio_ms: float


async def listen(url: str, run: int, rate_hz: int) -> Heard:
    """Play one utterance as it comes."""
    await asyncio.sleep(run % 10 / 10)
    async with connect(url.replace("http", "ws") + "/ws", max_size=None) as ws:
        begun_s = time.perf_counter()
        await ws.send(json.dumps({"type": "synthesize", "id": "a", "text": text_of(LENGTH, run)}))
        first_s = played_until_s = waited_s = audio_s = 0.0
        async for message in ws:
            now_s = time.perf_counter()
            if isinstance(message, str):
                if (told := json.loads(message))["type"] in ("done", "error"):
                    assert told["type"] == "done", told
                    break
                continue
            if not first_s:
                first_s = played_until_s = now_s
            waited_s += max(0.0, now_s - played_until_s)
            seconds = len(message) / 2 / rate_hz
            played_until_s = max(played_until_s, now_s) + seconds
            audio_s += seconds
        return Heard((first_s - begun_s) * 1000, waited_s * 1000, audio_s * 1000)


async def together(url: str, count: int, rate_hz: int) -> dict[str, float]:
    """Return the figures of so many listeners at once."""
    begun_s = time.perf_counter()
    heard = await asyncio.gather(*(listen(url, run, rate_hz) for run in range(count)))
    first_ms = sorted(one.first_ms for one in heard)
    return {
        "listeners": count,
        "first_p50_ms": round(statistics.median(first_ms), 1),
        "first_p95_ms": round(first_ms[int(0.95 * (count - 1))], 1),
        "longest_wait_ms": round(max(one.waited_ms for one in heard), 1),
        "seconds_of_sound_per_second": round(
            sum(one.audio_ms for one in heard) / 1000 / (time.perf_counter() - begun_s), 1
        ),
    }


def main() -> None:
    """Print a JSON line for each number of listeners."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="a server that runs already, with enough TTS_MAX_STREAMS")
    parser.add_argument("--voices-dir", type=Path, default=Path(os.devnull), help="voices to start with")
    parser.add_argument("--counts", type=int, nargs="+", default=[1, 8, 16, 32, 48])
    options = parser.parse_args()
    with ExitStack() as stack:
        settings = {"TTS_VOICES_DIR": str(options.voices_dir.resolve()), "TTS_MAX_STREAMS": str(max(options.counts))}
        url = options.url or stack.enter_context(start(None, TTS_LOG_LEVEL="warning", **settings)).url
        listed = httpx.get(url + "/api/voices").json()
        voice = next(each for each in listed["voices"] if each["id"] == listed["default_voice"])
        for count in options.counts:
            figures = asyncio.run(together(url, count, voice["sample_rate"]))
            print(json.dumps({"benchmark": "streams", "machine": platform.node(), "voice": voice["id"], **figures}))


if __name__ == "__main__":
    main()
