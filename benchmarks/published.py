"""Reproduces the published comparison: waiting for a whole file over HTTP against streaming over Socket.IO.

Run it from the checkout: `.venv/bin/python -m benchmarks.published [--voices-dir DIR] [--runs N]`. Each way has a
server of its own, which speaks 300 characters again and again. It prints a table: time to the first byte of sound and
to the last one, medians over the runs, and the most memory that the server's processes held together. Figures of the
Sambert-Hifigan WebSocket service, as its authors give them, stand beside them; their machine is not known.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx

from benchmarks.first_audio import Door, socketio_door, text_of
from tests.server import Server, start

LENGTH = 300
#: Seconds to the first response, seconds in all, MB at the peak.
PUBLISHED = {"HTTP, whole": (3.2, 3.5, 1200), "Socket.IO, streamed": (0.8, 3.6, 980)}


def whole_door(url: str, stack: ExitStack) -> Door:
    """Return the HTTP door that answers with one finished WAV file."""
    client = stack.enter_context(httpx.Client(timeout=600))

    def speak(request: dict[str, Any]) -> Generator[bytes]:
        body = {**request, "format": "wav", "stream": False}
        yield client.post(url + "/api/synthesize", json=body).raise_for_status().content

    return speak


def streamed_door(url: str, stack: ExitStack) -> Door:
    """Return the Socket.IO door as the page uses it by default."""
    return socketio_door(url, stack, "pcm")


def timed_s(door: Door, text: str) -> tuple[float, float]:
    """Return the seconds until the first and the last bytes of sound."""
    begun_s = time.perf_counter()
    arrived = [time.perf_counter() - begun_s for chunk in door({"text": text}) if chunk]
    return arrived[0], arrived[-1]


def peak_mb(server: Server) -> float:
    """Return the most memory in MB that a server and its children have held, from Linux's account of each process."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    return sum(_peak_kb(pid) for pid in (str(server.process.pid), *children)) / 1000


def _peak_kb(pid: str) -> int:
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0])


def measure(make: Callable[[str, ExitStack], Door], voices_dir: Path, runs: int) -> tuple[float, float, float]:
    """Return the median seconds to the first byte and to the last, and the peak memory in MB."""
    with ExitStack() as stack:
        server = stack.enter_context(start(TTS_LOG_LEVEL="warning", TTS_VOICES_DIR=str(voices_dir.resolve())))
        door = make(server.url, stack)
        times = [timed_s(door, text_of(LENGTH, run)) for run in range(runs)]
        first_s, total_s = (statistics.median(each) for each in zip(*times, strict=True))
        return first_s, total_s, peak_mb(server)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--voices-dir", type=Path, default=Path(os.devnull), help="imported voices, the first speaks")
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args()
    ways = {"HTTP, whole": whole_door, "Socket.IO, streamed": streamed_door}
    print(f"| {LENGTH} characters | first response | total | peak memory |\n|---|---|---|---|")
    for way, make in ways.items():
        for whose, figures in (
            ("published", PUBLISHED[way]),
            ("here", measure(make, options.voices_dir, options.runs)),
        ):
            first_s, total_s, memory_mb = figures
            print(f"| {way}, {whose} | {first_s:.3g} s | {total_s:.3g} s | {memory_mb:.0f} MB |", flush=True)


if __name__ == "__main__":
    main()
