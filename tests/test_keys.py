"""Tests of the keys that an operator can ask for, on every door of the real server."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest
import socketio
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import connect

from tests.server import Server, start
from tts.web.keys import COOKIE

KEYS = ("correct horse", "schlüssel-二")


@pytest.fixture(scope="module")
def locked() -> Iterator[Server]:
    """Yield a server that asks for a key."""
    with start(TTS_ENGINES="tone", TTS_API_KEYS=",".join(KEYS)) as server:
        yield server


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


PATHS = (
    ("GET", "/"),
    ("GET", "/api/voices"),
    ("POST", "/api/synthesize"),
    ("POST", "/api/read"),
    ("GET", "/api/audio/x.wav"),
    ("POST", "/v1/audio/speech"),
    ("GET", "/v1/audio/voices"),
    ("GET", "/v1/models"),
    ("POST", "/generate"),
    ("POST", "/v1/tts"),
    ("GET", "/v1/health"),
    ("GET", "/nowhere"),
)


@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize(
    "headers", [{}, bearer("wrong"), bearer(f"{KEYS[0]}x"), {"Authorization": "Basic !"}, {"Cookie": f"{COOKIE}="}]
)
def test_no_door_opens_without_a_key(locked: Server, method: str, path: str, headers: dict[str, str]) -> None:
    answer = httpx.request(
        method, locked.url + path, headers=headers, json={"text": "好"} if method == "POST" else None
    )
    assert answer.status_code == 401
    assert "the key is missing or wrong" in answer.text
    assert answer.headers["WWW-Authenticate"].startswith("Basic" if path == "/" else "Bearer")


@pytest.mark.parametrize("key", KEYS)
def test_any_of_the_keys_opens(locked: Server, key: str) -> None:
    answer = httpx.post(
        f"{locked.url}/v1/tts", json={"text": "你好"}, headers={b"Authorization": f"Bearer {key}".encode()}
    )
    assert answer.status_code == 200
    assert answer.content[:4] == b"RIFF"


def test_openai_s_client_brings_its_key_and_is_told_when_it_is_wrong(locked: Server) -> None:
    for key in (KEYS[0], "wrong"):
        with openai.OpenAI(base_url=f"{locked.url}/v1", api_key=key, max_retries=0) as client:
            if key == "wrong":
                with pytest.raises(openai.AuthenticationError, match="the key is missing or wrong") as caught:
                    client.models.list()
                assert caught.value.code == "unauthorized"
            else:
                assert client.models.list().data


def test_what_tells_nothing_stays_open(locked: Server) -> None:
    for path in ("/healthz", "/readyz", "/static/js/main.js"):
        assert httpx.get(locked.url + path).status_code == 200
    assert httpx.options(f"{locked.url}/api/synthesize").status_code == 200


def test_a_browser_gives_the_key_once(locked: Server) -> None:
    """Its user types it into the browser's own dialogue; from then on a cookie, which is not the key, does."""
    with httpx.Client(base_url=locked.url) as browser:
        page = browser.get("/", auth=("anyone", KEYS[0]))
        assert page.status_code == 200
        given = page.headers["Set-Cookie"]
        assert KEYS[0] not in given
        assert "HttpOnly; SameSite=Strict" in given
        assert browser.get("/api/voices").status_code == 200
        with connect(f"{locked.ws_url}/ws", additional_headers={"Cookie": given.partition(";")[0]}) as ws:
            ws.send(json.dumps({"type": "cancel", "id": "x"}))
            assert json.loads(ws.recv())["type"] == "ack"
    assert "Set-Cookie" not in httpx.get(f"{locked.url}/static/js/main.js", headers=bearer(KEYS[0])).headers


@pytest.mark.parametrize("path", ["/ws", "/stream", "/stream?text=x"])
def test_a_websocket_without_a_key_is_told_why_it_closes(locked: Server, path: str) -> None:
    for headers in ({}, bearer("wrong")):
        with (
            connect(locked.ws_url + path, additional_headers=headers) as ws,
            pytest.raises(ConnectionClosedError) as caught,
        ):
            ws.recv()
        assert caught.value.rcvd
        assert (caught.value.rcvd.code, "the key" in caught.value.rcvd.reason) == (1008, True)


@pytest.mark.parametrize("way", ["header", "query", "basic", "xi"])
def test_a_websocket_brings_its_key(locked: Server, way: str) -> None:
    basic = base64.b64encode(f"x:{KEYS[0]}".encode()).decode()
    headers: dict[str, dict[str, str]] = {
        "header": bearer(KEYS[0]),
        "query": {},
        "basic": {"Authorization": f"Basic {basic}"},
        "xi": {"xi-api-key": KEYS[0]},
    }
    query = "?authorization=correct%20horse" if way == "query" else ""
    with connect(f"{locked.ws_url}/ws{query}", additional_headers=headers[way]) as ws:
        ws.send(json.dumps({"type": "cancel", "id": "x"}))
        assert json.loads(ws.recv())["of"] == "cancel"


@pytest.mark.parametrize(
    "options", [{"auth": {"key": KEYS[0]}}, {"auth": {"key": KEYS[1]}}, {"headers": bearer(KEYS[0])}]
)
def test_socket_io_opens_with_a_key(locked: Server, options: dict[str, Any]) -> None:
    with socketio.SimpleClient() as client:
        client.connect(locked.url, **options)
        assert client.call("synthesize", {"text": "你好"})["ok"]


@pytest.mark.parametrize("options", [{}, {"auth": {"key": "wrong"}}, {"auth": "wrong"}, {"auth": {"key": "\udc80"}}])
def test_socket_io_stays_shut_without(locked: Server, options: dict[str, Any]) -> None:
    with socketio.SimpleClient() as client, pytest.raises(socketio.exceptions.ConnectionError):
        client.connect(locked.url, **options)


def test_a_false_handshake_opens_nothing(locked: Server) -> None:
    """What looks like a WebSocket to one part of the server may not to another."""
    for upgrade in ("websocket", "x-websocket", "websocket, h2c"):
        headers = {"Connection": "Upgrade", "Upgrade": upgrade, "Sec-WebSocket-Version": "13"}
        for path in ("/api/voices", "/v1/models"):
            answer = httpx.get(locked.url + path, headers=headers)
            assert answer.status_code in (400, 401), (upgrade, path)
