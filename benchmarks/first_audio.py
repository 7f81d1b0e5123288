"""Measures how long a client waits for the first audible sound, over every door and for texts of every length.

Run it from the checkout: `.venv/bin/python -m benchmarks.first_audio [--url URL] [--runs N]`. Without a URL it
starts the server itself. Time runs from sending the request to holding the first sample above -40 dBFS; the
leading silence before that sample is given beside it. The WebM door is decoded to find that sample; there
the first chunk that holds sound counts.
"""

import argparse
import json
import platform
import queue
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import numpy as np
from websockets.sync.client import connect

from tests.server import start
from tests.test_codec import decode
from tests.test_socketio import Client

LENGTHS = (20, 100, 300, 500)
TEXT = "今天天气很好，我们一起去公园散步吧。春天来了，花都开了，鸟儿在树上唱歌。"
AUDIBLE = 32768 * 10 ** (-40 / 20)

#: Sends a request and yields the chunks of its sound.
Door = Callable[[dict[str, Any]], Iterator[bytes]]


def text_of(length: int, run: int) -> str:
    """Return a text of that many characters, another one for each run."""
    turned = TEXT[run % len(TEXT) :] + TEXT
    return (turned * (length // len(turned) + 1))[:length]


def http_door(url: str, client: httpx.Client) -> Door:
    """Return the chunked HTTP door."""

    def speak(request: dict[str, Any]) -> Iterator[bytes]:
        with client.stream("POST", url + "/api/synthesize", json={**request, "format": "pcm"}) as answer:
            yield from answer.iter_bytes()

    return speak


def websocket_door(url: str, stack: ExitStack) -> Door:
    """Return the raw WebSocket door, over one connection."""
    ws = stack.enter_context(connect(url.replace("http", "ws") + "/ws", max_size=None))

    def speak(request: dict[str, Any]) -> Iterator[bytes]:
        ws.send(json.dumps({"type": "synthesize", **request}))
        for message in ws:
            if isinstance(message, bytes):
                yield message
            elif json.loads(message)["type"] in ("done", "error"):
                return

    return speak


def socketio_door(url: str, stack: ExitStack, audio_format: str) -> Door:
    """Return the Socket.IO door, over one connection."""
    client = Client()
    events: queue.Queue[tuple[str, Any]] = queue.Queue(100_000)
    client.on("*", lambda kind, data=None: events.put((kind, data)))
    client.connect(url, transports=["websocket"])
    stack.callback(client.disconnect)

    def speak(request: dict[str, Any]) -> Iterator[bytes]:
        client.emit("synthesize", {**request, "format": audio_format})
        while True:
            kind, data = events.get(timeout=60)
            if kind == "audio_chunk":
                yield data["chunk"]
            elif kind in ("done", "error"):
                return

    return speak


def audible_at(data: bytes) -> int | None:
    """Return the index of the first audible sample of PCM, or None."""
    pcm = np.frombuffer(data[: len(data) // 2 * 2], "<i2").astype(np.int32)
    loud = np.flatnonzero(np.abs(pcm) > AUDIBLE)
    return int(loud[0]) if loud.size else None


def holds_sound(data: bytes) -> bool:
    """Return whether a WebM file that is still coming in holds sound."""
    try:
        sound, _ = decode(data)
    except ValueError:
        return False
    return bool((np.abs(sound) > AUDIBLE / 32768).any())


def first_sound(door: Door, request: dict[str, Any], compressed: bool) -> tuple[float, float | None]:
    """Return the milliseconds to the first audible sound and the leading silence, in ms, before it."""
    begun_s = time.perf_counter()
    arrived = [((time.perf_counter() - begun_s) * 1000, chunk) for chunk in door(request)]
    data = b""
    for ms, chunk in arrived:
        data += chunk
        if compressed:
            if holds_sound(data):
                return ms, None
        elif (index := audible_at(data)) is not None:
            return ms, index / 22.05
    raise RuntimeError("no sound came")


def measure(door: Door, runs: int, compressed: bool) -> dict[int, dict[str, float | None]]:
    """Return the figures of a door for each length of text."""
    figures = {}
    for length in LENGTHS:
        results = [first_sound(door, {"text": text_of(length, run)}, compressed) for run in range(runs + 2)][2:]
        times_ms = sorted(ms for ms, _ in results)
        silences_ms = [silence for _, silence in results if silence is not None]
        figures[length] = {
            "p50_ms": round(statistics.median(times_ms), 1),
            "p95_ms": round(times_ms[int(0.95 * (runs - 1))], 1),
            "silence_ms": round(max(silences_ms), 1) if silences_ms else None,
        }
    return figures


def main() -> None:
    """Print one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="a server that runs already")
    parser.add_argument("--runs", type=int, default=40)
    options = parser.parse_args()
    with ExitStack() as stack:
        url = options.url or stack.enter_context(start(TTS_LOG_LEVEL="warning")).url
        client = stack.enter_context(httpx.Client(timeout=60))
        doors = {
            "socketio_pcm": (socketio_door(url, stack, "pcm"), False),
            "socketio_webm": (socketio_door(url, stack, "webm"), True),
            "websocket": (websocket_door(url, stack), False),
            "http": (http_door(url, client), False),
        }
        voice = client.get(url + "/api/voices").json()["default_voice"]
        result = {name: measure(door, options.runs, compressed) for name, (door, compressed) in doors.items()}
    machine = f"{platform.node()} {platform.machine()} {platform.processor()}".strip()
    print(json.dumps({"benchmark": "first_audio", "machine": machine, "voice": voice, "runs": options.runs, **result}))


if __name__ == "__main__":
    main()
