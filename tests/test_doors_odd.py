"""What clients get wrong on the doors of the real server, and what each door says to it."""

import base64
import json
import os
import socket
import struct
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest
import socketio
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from websockets.sync.client import connect

from tests.server import Server
from tests.test_ws import raw_socket
from tts.web.connections import LONGEST_LINE

OPENAI = {"message", "type", "param", "code"}

#: What names no voice although it is not nothing.
NO_NAMES = [{"x": 1}, {"id": None}, ["tone-zh"], 5, 0, False, {}]


def refused(server: Server, path: str, body: dict[str, Any]) -> str:
    answer = httpx.post(server.url + path, json=body)
    assert answer.status_code == 400
    told = answer.json()
    message = told["error"]["message"] if isinstance(told.get("error"), dict) else told["message"]
    assert isinstance(message, str)
    return message


@pytest.mark.parametrize("wrong", NO_NAMES, ids=json.dumps)
@pytest.mark.parametrize(
    ("path", "text", "field"),
    [
        ("/v1/audio/speech", "input", "voice"),
        ("/v1/tts", "text", "reference_id"),
        ("/v1/tts", "text", "voice"),
        ("/generate", "text", "voice"),
        ("/api/synthesize", "text", "voice"),
        ("/api/read", "text", "voice"),
    ],
)
def test_what_names_no_voice_is_told_the_field_and_the_choices(
    tone_server: Server, path: str, text: str, field: str, wrong: Any
) -> None:
    """An object without an id was taken for no voice at all, and the default spoke."""
    message = refused(tone_server, path, {text: "好", field: wrong})
    assert message.startswith(f"{field}: must be the name of a voice, not ")
    assert "; choices: tone-zh, tone-en, en-Carter_man" in message


@pytest.mark.parametrize("wrong", NO_NAMES, ids=json.dumps)
def test_sockets_say_the_same_of_what_names_no_voice(tone_server: Server, wrong: Any) -> None:
    with connect(tone_server.ws_url + "/ws") as ws:
        ws.send(json.dumps({"type": "synthesize", "text": "好", "voice": wrong}))
        told = json.loads(ws.recv(timeout=10))
    assert (told["type"], told["code"]) == ("error", "unknown_voice")
    assert "; choices: tone-zh" in told["message"]
    with connect(tone_server.ws_url + "/stream") as ws:
        ws.send(json.dumps({"text": "好", "voice": wrong}))
        with pytest.raises(ConnectionClosedError):
            ws.recv(timeout=10)
        assert ws.close_code == 1008
        assert (ws.close_reason or "").startswith("voice: must be the name of a voice, not ")


def test_socket_io_says_the_same_of_what_names_no_voice(tone_server: Server) -> None:
    with socketio.SimpleClient() as client:
        client.connect(tone_server.url)
        told = client.call("synthesize", {"text": "好", "voice": {"x": 1}})
    assert told["code"] == "unknown_voice"
    assert "; choices: tone-zh" in told["message"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/nothing", 404),
        ("GET", "/v1/audio/voices/nobody", 404),
        ("GET", "/v1/audio/speech", 405),
        ("DELETE", "/v1/models", 405),
    ],
)
def test_paths_of_openai_are_refused_in_its_words(tone_server: Server, method: str, path: str, status: int) -> None:
    answer = httpx.request(method, tone_server.url + path)
    assert answer.status_code == status
    assert set(answer.json()["error"]) == OPENAI
    assert answer.json()["error"]["message"].startswith(f"'{path}': ")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/api/nothing", 404), ("GET", "/api/synthesize", 405), ("POST", "/config", 405), ("POST", "/ws", 405)],
)
def test_our_own_paths_are_refused_in_our_words(tone_server: Server, method: str, path: str, status: int) -> None:
    answer = httpx.request(method, tone_server.url + path)
    assert answer.status_code == status
    assert set(answer.json()) == {"code", "message"}


def test_a_wrong_method_is_told_the_right_one(tone_server: Server) -> None:
    answer = httpx.get(tone_server.url + "/v1/tts")
    assert set(answer.json()) == {"statusCode", "message", "error"}
    assert answer.json()["message"] == "'/v1/tts': is asked with POST, not GET"
    assert answer.headers["Allow"] == "OPTIONS, POST"


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/nowhere", 404, "'/nowhere': no such path"),
        ("/ws/", 404, "no such path"),
        ("/v1/text-to-speech/alloy", 404, "no such path"),
        ("/api/voices", 400, "'/api/voices': is no WebSocket"),
    ],
)
def test_a_socket_where_there_is_none_is_refused_before_the_handshake(
    tone_server: Server, path: str, status: int, words: str
) -> None:
    """It was let in and closed with 1000, as if all had gone well."""
    with pytest.raises(InvalidStatus) as refusal, connect(tone_server.ws_url + path):
        pass
    assert refusal.value.response.status_code == status
    assert words in refusal.value.response.body.decode()


@pytest.mark.parametrize("query", ["EIO=3&transport=websocket", "EIO=4&transport=websocket&sid=nobody"])
def test_what_socket_io_refuses_is_closed_with_its_reason(tone_server: Server, query: str) -> None:
    with connect(f"{tone_server.ws_url}/socket.io/?{query}") as ws, pytest.raises(ConnectionClosedError) as closed:
        ws.recv(timeout=10)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1008
    assert closed.value.rcvd.reason


def test_the_longest_chinese_text_has_room_in_an_address(tone_server: Server) -> None:
    """Each of its characters is nine bytes there; gevent itself reads 8192 bytes."""
    with connect(f"{tone_server.ws_url}/stream?{urlencode({'text': '好' * 4096, 'voice': 'tone-zh'})}") as ws:
        assert json.loads(ws.recv(timeout=10))["data"]["text_length"] == 4096
        assert isinstance(ws.recv(timeout=10), bytes)


@pytest.mark.parametrize("characters", [LONGEST_LINE // 9, 100_000])
def test_a_longer_address_is_told_so(tone_server: Server, characters: int) -> None:
    answer = httpx.get(f"{tone_server.url}/stream?text={quote('好') * min(characters, 7000)}")
    assert answer.status_code == 400
    with socket.create_connection(("127.0.0.1", tone_server.port), timeout=10) as client:
        client.sendall(b"GET /stream?text=" + b"%E5%A5%BD" * characters + b" HTTP/1.1\r\nHost: x\r\n\r\n")
        told = b"".join(iter(lambda: client.recv(65_536), b""))
    assert told.startswith(b"HTTP/1.1 414 ")
    assert json.loads(told.partition(b"\r\n\r\n")[2])["code"] == "bad_request"


def test_what_is_no_http_is_told_so(tone_server: Server) -> None:
    with socket.create_connection(("127.0.0.1", tone_server.port), timeout=10) as client:
        client.sendall(b"hello\r\n\r\n")
        told = b"".join(iter(lambda: client.recv(65_536), b""))
    assert told.startswith(b"HTTP/1.1 400 ")
    assert "no HTTP/1.1" in json.loads(told.partition(b"\r\n\r\n")[2])["message"]


@pytest.mark.parametrize(
    ("version", "header", "field"),
    [("1.0", "Sec-WebSocket-Version: 13", "HTTP/1.1"), ("1.1", "Accept: */*", "Sec-WebSocket-Version")],
)
def test_a_handshake_that_lacks_something_is_told_what(
    tone_server: Server, version: str, header: str, field: str
) -> None:
    key = base64.b64encode(os.urandom(16)).decode()
    with socket.create_connection(("127.0.0.1", tone_server.port), timeout=10) as client:
        client.sendall(
            f"GET /ws HTTP/{version}\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\n{header}\r\n\r\n".encode()
        )
        told = client.recv(65_536)
        while b"}" not in told:
            told += client.recv(65_536)
    assert told.startswith(b"HTTP/1.1 400 ")
    assert field in json.loads(told.partition(b"\r\n\r\n")[2])["message"]


def test_a_close_reaches_a_client_that_is_still_sending(tone_server: Server) -> None:
    """The connection was closed with unread bytes in it, and so reset: clients saw 1006 where 1009 was meant.

    3 MB are more than buffers between the two hold.
    """
    with raw_socket(tone_server) as client:
        client.sendall(b"\x81\xff" + struct.pack("!Q", 3_000_000) + bytes(4))
        for _ in range(30):
            client.sendall(bytes(100_000))
        told = b"".join(iter(lambda: client.recv(65_536), b""))
    assert told[:1] == b"\x88"
    assert struct.unpack("!H", told[2:4]) == (1009,)


def test_an_unknown_language_code_is_refused(tone_server: Server) -> None:
    path = f"{tone_server.ws_url}/v1/text-to-speech/alloy/stream-input?language_code="
    for code, words in [("xx", "language_code: no voice speaks 'xx'; choices: en, zh"), ("?", "language_code: ")]:
        with connect(path + quote(code)) as ws:
            ws.send(json.dumps({"text": " "}))
            assert json.loads(ws.recv(timeout=10))["message"].startswith(words)
            with pytest.raises(ConnectionClosedError):
                ws.recv(timeout=10)
            assert ws.close_code == 1008
    with connect(path + "zh") as ws:
        ws.send(json.dumps({"text": "你好。"}))
        ws.send(json.dumps({"text": ""}))
        assert [json.loads(frame)["isFinal"] for frame in ws][-1] is True


@pytest.mark.parametrize("field", ["voice_settings", "generation_config"])
def test_settings_that_are_no_object_are_named(tone_server: Server, field: str) -> None:
    with connect(f"{tone_server.ws_url}/v1/text-to-speech/alloy/stream-input") as ws:
        ws.send(json.dumps({"text": "好。", field: 5, "flush": True}))
        assert json.loads(ws.recv(timeout=10))["message"] == f"{field}: must be an object, not 5"


def test_generate_knows_auto_and_jp(tone_server: Server) -> None:
    found, said = (
        httpx.post(tone_server.url + "/generate", json={"text": "hello", **body}).content
        for body in ({"language": "auto"}, {"language": "en"})
    )
    assert found == said
    message = refused(tone_server, "/generate", {"text": "こんにちは", "language": "jp"})
    assert message == "language: no voice speaks 'ja'; choices: en, zh"
