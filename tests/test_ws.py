"""Tests of the raw WebSocket door on the real server, with the `websockets` client and bare frames."""

import base64
import json
import os
import socket
import struct
import threading
import time
from contextlib import ExitStack
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed, ConnectionClosedError
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tests.server import Server
from tests.talker import Event, Talker


class FrameTalker(Talker):
    """Talks over the raw WebSocket."""

    def __init__(self, server: Server) -> None:
        super().__init__()
        self._stack = ExitStack()
        self.ws: ClientConnection = self._stack.enter_context(connect(server.ws_url + "/ws", max_size=None))
        self._acked = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        try:
            for message in self.ws:
                self._take(message)
        except ConnectionClosed:
            pass

    def _take(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            self.events.put(Event("audio_chunk", {"chunk": message}))
            return
        data = json.loads(message)
        kind = data.pop("type")
        if kind == "ack":
            data.pop("of")
            self.ack = data
            self._acked.set()
        else:
            self.events.put(Event(kind, data))

    def send(self, kind: str, body: Any) -> None:
        """Send a message and wait for its acknowledgement."""
        self._acked.clear()
        self.ws.send(json.dumps({"type": kind, **body}))
        assert self._acked.wait(20)

    def close(self) -> None:
        """Leave."""
        self._stack.close()


def exchange(ws: ClientConnection, frame: str | bytes) -> dict[str, Any]:
    """Send a frame and return the answer."""
    ws.send(frame)
    answer: dict[str, Any] = json.loads(ws.recv(timeout=10))
    return answer


def speaks(ws: ClientConnection) -> bool:
    """Return whether the connection still serves."""
    ws.send('{"type": "synthesize", "text": "好"}')
    while True:
        message = ws.recv(timeout=10)
        if isinstance(message, str) and json.loads(message)["type"] == "done":
            return bool(json.loads(message)["status"] == "completed")


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (b"\x00\x01", "binary frame"),
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[]", "must be an object"),
        ("{}", "type: must be one of synthesize, append, flush, finish, cancel, played, not None"),
        ('{"type": "sing"}', "type: must be one of"),
        ('{"type": ["synthesize"]}', "type: must be one of"),
        ('{"type": "synthesize", "text": "\\ud83d"}', "surrogate"),
        ("[" * 50_000, "not JSON"),
    ],
)
def test_a_frame_that_is_no_message_is_answered_and_the_connection_lives(
    tone_server: Server, frame: str | bytes, message: str
) -> None:
    with connect(tone_server.ws_url + "/ws") as ws:
        error = exchange(ws, frame)
        assert (error["type"], error["code"]) == ("error", "bad_request")
        assert message in error["message"]
        if "surrogate" in message:
            ws.recv(timeout=10)
        assert speaks(ws)


def test_ssml_is_spoken_or_refused_with_its_place(tone_server: Server) -> None:
    talker = FrameTalker(tone_server)
    try:
        talker.send("synthesize", {"ssml": '<speak>你<break time="500ms"/>好</speak>'})
        assert len(talker.sound(talker.ack["id"])) == 2 * 16 * 700
        talker.send("synthesize", {"ssml": "<speak>好</p></speak>"})
        assert (talker.ack["ok"], talker.ack["code"]) == (False, "bad_ssml")
        assert talker.ack["message"].startswith("ssml: line 1, column")
    finally:
        talker.close()


@given(frames=st.lists(st.text() | st.binary(), max_size=8))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_random_frames_do_no_harm(tone_server: Server, frames: list[str | bytes]) -> None:
    with connect(tone_server.ws_url + "/ws") as ws:
        for frame in frames:
            assert exchange(ws, frame)["code"] == "bad_request"
        assert speaks(ws)


def raw_socket(server: Server) -> socket.socket:
    """Return a connection that has shaken hands and takes any bytes."""
    key = base64.b64encode(os.urandom(16)).decode()
    client = socket.create_connection(("127.0.0.1", server.port), timeout=10)
    client.sendall(
        f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += client.recv(1)
    assert b"101" in head
    return client


def close_code(client: socket.socket) -> int:
    """Return the code of the close frame that comes next."""
    data = b""
    while len(data) < 4:
        data += client.recv(4 - len(data))
    assert data[0] == 0x88
    code: int = struct.unpack("!H", data[2:4])[0]
    return code


def test_a_frame_over_the_limit_is_refused_from_its_header(tone_server: Server) -> None:
    """Only the header is sent: a server that reads the payload first would wait for ever."""
    with raw_socket(tone_server) as client:
        client.sendall(b"\x81\xff" + struct.pack("!Q", 80_000_000) + b"\x00\x00\x00\x00")
        assert close_code(client) == 1009
    with connect(tone_server.ws_url + "/ws") as ws:
        assert speaks(ws)


def test_a_message_of_many_frames_has_the_same_limit(tone_server: Server) -> None:
    piece = b"\xfe" + struct.pack("!H", 60_000) + b"\x00" * 4 + b"a" * 60_000
    with raw_socket(tone_server) as client:
        client.sendall(b"\x01" + piece)
        for _ in range(16):
            client.sendall(b"\x00" + piece)
        assert close_code(client) == 1009


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        (b"\x81\x82\x00\x00\x00\x00\xff\xfe", 1007),
        (b"\x80\x81\x00\x00\x00\x00a", 1002),
        (b"\x83\x81\x00\x00\x00\x00a", 1002),
        (b"\xc1\x81\x00\x00\x00\x00a", 1002),
        (b"\x01\x81\x00\x00\x00\x00a\x81\x81\x00\x00\x00\x00a", 1002),
        (b"\x88\x82\x00\x00\x00\x00\x03\xe8", 1000),
    ],
    ids=["not UTF-8", "continues nothing", "reserved opcode", "reserved bit", "two beginnings", "a close"],
)
def test_frames_against_the_rules_end_with_their_code(tone_server: Server, frames: bytes, code: int) -> None:
    with raw_socket(tone_server) as client:
        client.sendall(frames)
        assert close_code(client) == code


@pytest.mark.parametrize("header", ["Sec-WebSocket-Key: no key", "Sec-WebSocket-Version: 99"])
def test_a_wrong_handshake_is_refused(tone_server: Server, header: str) -> None:
    """A key that is no base64 was a 500, an unknown version a traceback."""
    name = header.split(":")[0]
    right = {"Sec-WebSocket-Key": base64.b64encode(bytes(16)).decode(), "Sec-WebSocket-Version": "13"}
    others = "".join(f"{key}: {value}\r\n" for key, value in right.items() if key != name)
    with socket.create_connection(("127.0.0.1", tone_server.port), timeout=10) as client:
        request = (
            f"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{others}{header}\r\n\r\n"
        )
        client.sendall(request.encode())
        assert client.recv(100).startswith(b"HTTP/1.1 400")


def test_frames_must_be_masked(tone_server: Server) -> None:
    with raw_socket(tone_server) as client:
        client.sendall(b"\x81\x02{}")
        assert close_code(client) == 1002


def test_a_ping_inside_a_message_is_answered(tone_server: Server) -> None:
    with raw_socket(tone_server) as client:
        client.sendall(b"\x01\x81\x00\x00\x00\x00[" + b"\x89\x82\x01\x02\x03\x04" + bytes((0x61 ^ 1, 0x62 ^ 2)))
        assert client.recv(4) == b"\x8a\x02ab"


def test_random_bytes_after_the_handshake_do_no_harm(tone_server: Server) -> None:
    for seed in range(20):
        with raw_socket(tone_server) as client:
            client.sendall(bytes((seed * 37 + index * 101) % 256 for index in range(300)))
    with connect(tone_server.ws_url + "/ws") as ws:
        assert speaks(ws)


def test_another_origin_is_closed_with_1008(tone_server: Server) -> None:
    with (
        connect(tone_server.ws_url + "/ws", origin=Origin("https://elsewhere.example")) as ws,
        pytest.raises(ConnectionClosedError) as closed,
    ):
        ws.recv(timeout=10)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1008
    with connect(tone_server.ws_url + "/ws", origin=Origin(tone_server.url)) as ws:
        assert speaks(ws)


def test_a_client_that_stops_reading_is_dropped(odd_server: Server) -> None:
    """The server lets a client stall for 2 s; what the network buffers is far less than the 32 MB."""
    with raw_socket(odd_server) as client:
        body = json.dumps({"type": "synthesize", "text": "好", "voice": "flood"}).encode()
        client.sendall(b"\x81" + bytes([0x80 | len(body)]) + b"\x00" * 4 + body)
        time.sleep(1)
        assert odd_server.streams() == 1
        assert odd_server.becomes_idle(10)


def test_a_plain_request_to_the_door_is_told_what_it_is(tone_server: Server) -> None:
    import httpx

    answer = httpx.get(tone_server.url + "/ws")
    assert answer.status_code == 400
    assert answer.json()["code"] == "bad_request"
