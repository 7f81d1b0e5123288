"""Clients that ask and go away at once, on every door of the real server: they keep no place from those who stay."""

import base64
import json
import os
import socket
import struct
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from tests.server import Server, start

BODY = {"text": "好", "input": "好", "voice": "slow"}


def post(path: str, body: dict[str, Any]) -> bytes:
    data = json.dumps(body).encode()
    return (
        f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
    ).encode() + data


def talk(path: str, *messages: str) -> bytes:
    """Return a handshake and masked frames."""
    key = base64.b64encode(os.urandom(16)).decode()
    head = (
        f"GET {path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
    )
    frames = [b"\x81\xfe" + struct.pack("!H", len(data)) + bytes(4) + data for data in map(str.encode, messages)]
    return f"{head}Sec-WebSocket-Version: 13\r\n\r\n".encode() + b"".join(frames)


DOORS: dict[str, Callable[[], bytes]] = {
    "http": lambda: post("/api/synthesize", {"text": "好", "voice": "slow"}),
    "openai": lambda: post("/v1/audio/speech", BODY),
    "fish": lambda: post("/v1/tts", BODY),
    "generate": lambda: post("/generate", BODY),
    "ws": lambda: talk("/ws", json.dumps({"type": "synthesize", "text": "好", "voice": "slow"})),
    "vibevoice": lambda: talk("/stream", json.dumps(BODY)),
    "vibevoice query": lambda: talk(f"/stream?{urlencode(BODY)}"),
    "elevenlabs": lambda: talk("/v1/text-to-speech/slow/stream-input", json.dumps({"text": "好。", "flush": True})),
    "socket.io": lambda: talk("/socket.io/?EIO=4&transport=websocket", "40", f'42["synthesize",{json.dumps(BODY)}]'),
}


@pytest.mark.parametrize("door", DOORS)
def test_who_has_gone_gets_no_place(odd_server: Server, door: str) -> None:
    """Each had held one of the two places for the two seconds of its voice, on doors that look up late.

    The request and the end of the connection arrive in one packet, so that the server sees both at once.
    """
    for _ in range(8):
        with socket.create_connection(("127.0.0.1", odd_server.port), timeout=10) as client:
            client.sendall(DOORS[door](), socket.MSG_MORE)
    answers = [httpx.post(odd_server.url + "/api/synthesize", json={"text": "好", "voice": "steady"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]


class Poller:
    """Talks Socket.IO by polling, over one connection for each request or over one for all."""

    def __init__(self, server: Server, keep: bool) -> None:
        limits = httpx.Limits(max_keepalive_connections=None if keep else 0)
        headers = {} if keep else {"Connection": "close"}
        self.http = httpx.Client(base_url=server.url, headers=headers, limits=limits, timeout=20)
        self._url = "/socket.io/?EIO=4&transport=polling"
        self._url += "&sid=" + json.loads(self.http.get(self._url).text[1:])["sid"]
        self.post("40")

    def post(self, packet: str) -> None:
        self.http.post(self._url, content=packet).raise_for_status()

    def poll(self) -> list[str]:
        """Return the packets that have come."""
        packets = self.http.get(self._url).raise_for_status().text.split("\x1e")
        if "2" in packets:
            self.post("3")
        return packets

    def ask(self) -> None:
        """Ask for more packets than wait for a client."""
        body = json.dumps({"text": "好" * 400, "voice": "tone-zh"})
        self.post(f'42["synthesize",{body}]')


@pytest.mark.parametrize("polls", [0, 1, 2])
def test_who_polled_and_has_gone_frees_its_place(polls: int) -> None:
    """The library notices after 45 s, and a queue that nobody empties was given up after 30 s."""
    with start(TTS_ENGINES="tone", TTS_DEFAULT_VOICE="tone-zh") as server:
        poller = Poller(server, keep=True)
        for _ in range(min(polls, 1)):
            poller.poll()
        poller.ask()
        if polls == 2:
            poller.poll()
        poller.http.close()
        assert server.becomes_idle(10)


def test_who_polls_over_many_connections_is_not_taken_for_gone(tone_server: Server) -> None:
    """Between two polls it has no connection; all in all it takes longer than it may be absent."""
    poller = Poller(tone_server, keep=False)
    poller.poll()
    poller.ask()
    heard: list[str] = []
    until_s = time.monotonic() + 30
    while '42["done"' not in "".join(packet[:9] for packet in heard) and time.monotonic() < until_s:
        heard += poller.poll()
        time.sleep(2)
    assert sum(packet.startswith("b") for packet in heard) == 400
    poller.http.close()
