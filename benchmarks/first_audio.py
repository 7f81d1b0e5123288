"""Measures how long a client waits for the first audible sound, over every door and for texts of every length.

Run it from the checkout: `.venv/bin/python -m benchmarks.first_audio [--url URL | --voices-dir DIR] [--runs N]`.
Without a URL it starts the server itself, with the voices of the folder, the first of which speaks. Time runs from
sending the request to holding the first sample above -40 dBFS; the leading silence before that sample is given beside
it. The WebM door is decoded to find that sample; there the first chunk that holds sound counts.
"""

import argparse
import json
import os
import platform
import queue
import statistics
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
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

#: How many chunks are waited for; the first sound is in one of them.
CHUNKS = 12

#: Sends a request and yields the chunks of its sound; closing it cancels.
Door = Callable[[dict[str, Any]], Generator[bytes]]


def text_of(length: int, run: int) -> str:
    """Return a text of that many characters, another one for each run."""
    turned = TEXT[run % len(TEXT) :] + TEXT
    return (turned * (length // len(turned) + 1))[:length]


def http_door(url: str, client: httpx.Client) -> Door:
    """Return the chunked HTTP door."""

    def speak(request: dict[str, Any]) -> Generator[bytes]:
        with client.stream("POST", url + "/api/synthesize", json={**request, "format": "pcm"}) as answer:
            yield from answer.iter_bytes()

    return speak


def websocket_door(url: str, stack: ExitStack) -> Door:
    """Return the raw WebSocket door, over one connection."""
    ws = stack.enter_context(connect(url.replace("http", "ws") + "/ws", max_size=None))

    def speak(request: dict[str, Any]) -> Generator[bytes]:
        ws.send(json.dumps({"type": "synthesize", "id": "a", **request}))
        given_up = False
        for message in ws:
            if isinstance(message, str):
                if json.loads(message)["type"] in ("done", "error"):
                    return
            elif not given_up:
                try:
                    yield message
                except GeneratorExit:
                    given_up = True
                    ws.send(json.dumps({"type": "cancel", "id": "a"}))

    return speak


def socketio_door(url: str, stack: ExitStack, audio_format: str) -> Door:
    """Return the Socket.IO door, over one connection."""
    client = Client()
    events: queue.Queue[tuple[str, Any]] = queue.Queue(100_000)
    client.on("*", lambda kind, data=None: events.put((kind, data)))
    client.connect(url, transports=["websocket"])
    stack.callback(client.disconnect)

    def speak(request: dict[str, Any]) -> Generator[bytes]:
        client.emit("synthesize", {"id": "a", **request, "format": audio_format})
        given_up = False
        while True:
            kind, data = events.get(timeout=60)
            if kind in ("done", "error"):
                return
            if kind == "audio_chunk" and not given_up:
                try:
                    yield data["chunk"]
                except GeneratorExit:
                    given_up = True
                    client.emit("cancel", {"id": "a"})

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


def first_sound(door: Door, request: dict[str, Any], rate_hz: int | None) -> tuple[float, float | None]:
    """Return the milliseconds to the first audible sound and the leading silence, in ms, before it.

    `rate_hz` is that of PCM; None for WebM, whose silence is not looked at.
    """
    begun_s = time.perf_counter()
    sound = door(request)
    arrived = [((time.perf_counter() - begun_s) * 1000, chunk) for chunk in islice(sound, CHUNKS)]
    sound.close()
    data = b""
    for ms, chunk in arrived:
        data += chunk
        if rate_hz is None:
            if holds_sound(data):
                return ms, None
        elif (index := audible_at(data)) is not None:
            return ms, index * 1000 / rate_hz
    raise RuntimeError("no sound came")


def measure(door: Door, runs: int, rate_hz: int | None) -> dict[int, dict[str, float | None]]:
    """Return the figures of a door for each length of text."""
    figures = {}
    for length in LENGTHS:
        results = [first_sound(door, {"text": text_of(length, run)}, rate_hz) for run in range(runs + 2)][2:]
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
    parser.add_argument("--voices-dir", type=Path, default=Path(os.devnull), help="imported voices to start with")
    parser.add_argument("--runs", type=int, default=40)
    options = parser.parse_args()
    voices_dir = str(options.voices_dir.resolve())
    with ExitStack() as stack:
        url = options.url or stack.enter_context(start(TTS_LOG_LEVEL="warning", TTS_VOICES_DIR=voices_dir)).url
        client = stack.enter_context(httpx.Client(timeout=60))
        listed = client.get(url + "/api/voices").json()
        voice = listed["default_voice"]
        rate_hz = next(each["sample_rate"] for each in listed["voices"] if each["id"] == voice)
        doors = {
            "socketio_pcm": (socketio_door(url, stack, "pcm"), rate_hz),
            "socketio_webm": (socketio_door(url, stack, "webm"), None),
            "websocket": (websocket_door(url, stack), rate_hz),
            "http": (http_door(url, client), rate_hz),
        }
        result = {name: measure(door, options.runs, rate) for name, (door, rate) in doors.items()}
    machine = f"{platform.node()} {platform.machine()} {platform.processor()}".strip()
    print(json.dumps({"benchmark": "first_audio", "machine": machine, "voice": voice, "runs": options.runs, **result}))


if __name__ == "__main__":
    main()
