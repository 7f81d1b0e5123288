"""Measures text in pieces: how soon the first clause is heard, and how soon the end after the last token.

Run it from the checkout: `.venv/bin/python -m benchmarks.pieces [--url URL] [--runs N] [--rate TOKENS]`. Without a
URL it starts the server itself. A language model is played by one to three characters at a time, at a steady rate,
of a text of 300 characters, over both sockets in turn. `first` runs from sending the token that ends the first clause
to holding the first sample above -40 dBFS, and `end` from sending the last token, `finish` right behind it, to `done`.
"""

import argparse
import json
import platform
import queue
import random
import re
import statistics
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import httpx
from websockets.sync.client import connect

from benchmarks.first_audio import TEXT, audible_at
from tests.server import start
from tests.test_socketio import Client

CHARACTERS = 300

#: Sends a message.
Send = Callable[[str, dict[str, Any]], None]
#: Messages with the second they came in: kind, sound.
Inbox = queue.Queue[tuple[float, str, bytes]]


def websocket_door(url: str, stack: ExitStack) -> tuple[Send, Inbox]:
    """Return the raw WebSocket door, over one connection."""
    ws = stack.enter_context(connect(url.replace("http", "ws") + "/ws", max_size=None))
    inbox: Inbox = queue.Queue(100_000)

    def listen() -> None:
        for message in ws:
            now_s = time.perf_counter()
            if isinstance(message, bytes):
                inbox.put((now_s, "audio_chunk", message))
            else:
                inbox.put((now_s, json.loads(message)["type"], b""))

    threading.Thread(target=listen, daemon=True).start()
    return lambda kind, body: ws.send(json.dumps({"type": kind, **body})), inbox


def socketio_door(url: str, stack: ExitStack) -> tuple[Send, Inbox]:
    """Return the Socket.IO door, over one connection."""
    client = Client()
    inbox: Inbox = queue.Queue(100_000)
    client.on("*", lambda kind, data=None: inbox.put((time.perf_counter(), kind, (data or {}).get("chunk", b""))))
    client.connect(url, transports=["websocket"])
    stack.callback(client.disconnect)
    return client.emit, inbox


def text_of(run: int) -> str:
    """Return a text that begins with another clause in each run."""
    starts = [0, *(found.end() for found in re.finditer("[，。]", TEXT[:-1]))]
    turned = TEXT[starts[run % len(starts)] :] + TEXT
    return (turned * (CHARACTERS // len(turned) + 1))[:CHARACTERS]


def tokens_of(text: str, chance: random.Random) -> list[str]:
    """Return a text as a language model might write it."""
    tokens = []
    while text:
        size = chance.randint(1, 3)
        tokens.append(text[:size])
        text = text[size:]
    return tokens


def measure(send: Send, inbox: Inbox, voice: str, tokens: list[str], rate: float) -> tuple[float, float]:
    """Return the milliseconds to the first sound after the first clause, and to the end after the last token."""
    send("synthesize", {"id": "a", "more": True, "voice": voice})
    begun_s, clause_s = time.perf_counter(), 0.0
    for index, token in enumerate(tokens):
        time.sleep(max(0.0, begun_s + index / rate - time.perf_counter()))
        if not clause_s and any(sign in token for sign in "，。"):
            clause_s = time.perf_counter()
        send("append", {"id": "a", "text": token})
    last_s = time.perf_counter()
    send("finish", {"id": "a"})
    heard_s = 0.0
    while True:
        now_s, kind, chunk = inbox.get(timeout=60)
        if not heard_s and audible_at(chunk) is not None:
            heard_s = now_s
        if kind == "done":
            return (heard_s - clause_s) * 1000, (now_s - last_s) * 1000
        if kind == "error":
            raise RuntimeError("the utterance was refused")


def figures(values_ms: list[float]) -> dict[str, float]:
    """Return the middle and the slow end of some times."""
    ordered = sorted(values_ms)
    slow = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return {"p50_ms": round(statistics.median(ordered), 1), "p95_ms": round(slow, 1)}


def main() -> None:
    """Print one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="a server that runs already")
    parser.add_argument("--voice", help="the default voice where none is named")
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--rate", type=float, default=20.0, help="tokens per second")
    options = parser.parse_args()
    chance = random.Random(0)  # noqa: S311  # no secret
    result: dict[str, Any] = {}
    with ExitStack() as stack:
        url = options.url or stack.enter_context(start(TTS_LOG_LEVEL="warning")).url
        voice = options.voice or httpx.get(url + "/api/voices").json()["default_voice"]
        for name, door in (("socketio", socketio_door), ("websocket", websocket_door)):
            send, inbox = door(url, stack)
            texts = [tokens_of(text_of(run), chance) for run in range(options.runs)]
            times = [measure(send, inbox, voice, tokens, options.rate) for tokens in texts]
            first_ms, end_ms = zip(*times, strict=True)
            result[name] = {"first": figures(list(first_ms)), "end": figures(list(end_ms))}
    machine = f"{platform.node()} {platform.machine()} {platform.processor()}".strip()
    settings = {"voice": voice, "runs": options.runs, "tokens_per_s": options.rate}
    print(json.dumps({"benchmark": "pieces", "machine": machine, **settings, **result}))


if __name__ == "__main__":
    main()
