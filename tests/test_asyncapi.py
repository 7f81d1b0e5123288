"""The AsyncAPI document: it is whole, and what the real server sends on every socket is as it says."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest
import socketio
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.server import Server
from tts.errors import BadRequest, Cancelled, TtsError, Unauthorized
from tts.web import vibevoice
from tts.web.protocol import CLIENT_MESSAGES, parse_request
from tts.web.shapes import EVENTS, request_shape

WEB = Path(__file__).resolve().parents[1] / "tts" / "web"

#: One client's messages, after which every event but `audio_chunk` was sent at least once.
TALK: list[dict[str, Any]] = [
    {"type": "synthesize", "id": "a", "ssml": "<speak>你<mark name='m'/>好</speak>", "pitch": 1},
    {"type": "synthesize", "id": "b", "text": "你好。😀", "format": "mp3"},
    {"type": "synthesize", "id": "c", "text": "你好", "more": True, "voice": "tone-zh"},
    {"type": "append", "id": "c", "text": "。再"},
    {"type": "flush", "id": "c"},
    {"type": "finish", "id": "c"},
    {"type": "append", "id": "c", "text": "。"},
    {"type": "synthesize", "id": "d", "text": "再见"},
    {"type": "cancel", "id": "d"},
    {"type": "cancel", "id": "never"},
    {"type": "played", "id": "a", "ms": 12.5},
    {"type": "played", "id": "a"},
    {"type": "synthesize", "text": "好", "speed": 3},
    {"type": "flush", "id": "never"},
    {"type": "finish"},
]


@pytest.fixture(scope="module")
def document(tone_server: Server) -> dict[str, Any]:
    """Return the document of the real server."""
    found: dict[str, Any] = httpx.get(tone_server.url + "/asyncapi.json").json()
    return found


def parts_of(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every object in a document."""
    if isinstance(value, dict):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from parts_of(part)


def check(document: dict[str, Any], channel: str, message: str, body: Any) -> str:
    """Fail unless the document describes the message so, and return its name."""
    described = document["channels"][channel]["messages"][message]["payload"]
    jsonschema_rs.Draft202012Validator(described).validate(body)
    return message


def test_the_document_is_whole(document: dict[str, Any]) -> None:
    assert document["asyncapi"] == "3.0.0"
    for reference in [part["$ref"] for part in parts_of(document) if "$ref" in part]:
        found: Any = document
        for name in reference.removeprefix("#/").split("/"):
            found = found[name]
        assert found
    for channel, described in document["channels"].items():
        for name, message in described["messages"].items():
            jsonschema_rs.meta.validate(message["payload"])
            assert f"{channel}_{name}" in document["operations"] or name.startswith("ack_")
    receives = {name for name, one in document["operations"].items() if one["action"] == "receive"}
    sockets = [f"{channel}_{kind}" for channel in ("ws", "socketio") for kind in CLIENT_MESSAGES]
    assert receives == {*sockets, "vibevoice_request", "elevenlabs_request"}


def test_what_is_sent_on_the_raw_socket_is_described(tone_server: Server, document: dict[str, Any]) -> None:
    seen, acks, ended = set(), 0, 0
    with connect(tone_server.ws_url + "/ws") as ws:
        for message in TALK:
            ws.send(json.dumps(message))
        while ended < 4 or acks < len(TALK):
            frame = ws.recv(10)
            if isinstance(frame, bytes):
                continue
            body = json.loads(frame)
            kind = f"ack_{body['of']}" if body["type"] == "ack" else body["type"]
            seen.add(check(document, "ws", kind, body))
            ended += kind == "done"
            acks += body["type"] == "ack"
    assert seen == {*EVENTS, *(f"ack_{kind}" for kind in CLIENT_MESSAGES)} - {"audio_chunk"}


def test_what_clients_send_is_described(document: dict[str, Any]) -> None:
    for body in TALK:
        described = document["channels"]["ws"]["messages"][body["type"]]["payload"]
        bad = "speed" in body or body in ({"type": "finish"}, {"type": "played", "id": "a"})
        assert jsonschema_rs.Draft202012Validator(described).is_valid(body) is not bad, body


def test_what_is_sent_on_socket_io_is_described(tone_server: Server, document: dict[str, Any]) -> None:
    events: list[tuple[str, dict[str, Any]]] = []
    acks = []
    client = socketio.Client()

    @client.on("*")  # type: ignore[untyped-decorator]
    def hear(kind: str, body: dict[str, Any]) -> None:
        events.append((kind, body))

    client.connect(tone_server.url, transports=["websocket"])
    try:
        for message in TALK:
            body = {name: value for name, value in message.items() if name != "type"}
            acks.append((message["type"], client.call(message["type"], body)))
        for _ in range(100):
            if [kind for kind, _ in events].count("done") >= 4:
                break
            client.sleep(0.1)
    finally:
        client.disconnect()
    for kind, ack in acks:
        check(document, "socketio", f"ack_{kind}", ack)
    for kind, body in events:
        # The document is JSON, in which the bytes of a chunk have no place.
        check(document, "socketio", kind, {**body, "chunk": ""} if isinstance(body.get("chunk"), bytes) else body)
    assert {"audio_chunk", "started", "marks", "warning", "done", "error"} <= {kind for kind, _ in events}


def test_what_other_sockets_send_is_described(tone_server: Server, document: dict[str, Any]) -> None:
    for text in ("text=你好&cfg=9", "text=你好&emotion=cheerful"):
        with connect(f"{tone_server.ws_url}/stream?{text}") as ws:
            logs = [json.loads(frame) for frame in ws_frames(ws) if isinstance(frame, str)]
        assert {check(document, "vibevoice", "log", body) for body in logs} == {"log"}
    address = tone_server.ws_url + "/v1/text-to-speech/tone-zh/stream-input"
    for message, last in (
        ({"text": "你好。"}, "spoken"),
        ({"text": "好。", "emotion": "odd", "flush": True}, "failed"),
    ):
        with connect(address) as ws:
            ws.send(json.dumps(message))
            ws.send(json.dumps({"text": ""}))
            answers = [json.loads(frame) for frame in ws_frames(ws)]
        for body in answers:
            kind = check(document, "elevenlabs", "failed" if "error" in body else "spoken", body)
        assert kind == last


def ws_frames(ws: Any) -> Iterator[str | bytes]:
    """Yield what comes until the connection is closed, however it is."""
    try:
        yield from ws
    except ConnectionClosed:
        return


def told(file: str, *functions: str) -> set[str]:
    """Return the names that calls of these functions in a module have as their first argument."""
    calls = [node for node in ast.walk(ast.parse((WEB / file).read_text())) if isinstance(node, ast.Call)]
    firsts = [call.args[0] for call in calls if getattr(call.func, "attr", "") in functions and call.args]
    return {str(first.value) for first in firsts if isinstance(first, ast.Constant)}


def kinds_of(error: type[TtsError]) -> Iterator[type[TtsError]]:
    """Yield a kind of error and all that are of this kind."""
    yield error
    for kind in error.__subclasses__():
        yield from kinds_of(kind)


def test_every_event_of_the_code_is_described() -> None:
    sent = told("session.py", "send", "_tell") | told("delivery.py", "_send", "send") | told("raw.py", "send")
    assert sent == {*EVENTS, "ack"}
    # A connection that brings no key is closed, and a recording is asked for over HTTP.
    ours = [error for error in kinds_of(TtsError) if error.__module__.startswith("tts.")]
    # What the library for programs raises is its own.
    codes = {error.code for error in ours if not error.__module__.startswith(("tts.web.elevenlabs", "tts.client"))}
    assert set(EVENTS["error"]["properties"]["code"]["enum"]) == codes - {Unauthorized.code, Cancelled.code}
    assert told("vibevoice.py", "log") == set(vibevoice.EVENTS)


def test_the_shared_vectors_are_described_as_they_are_read() -> None:
    vectors = json.loads((Path(__file__).parent / "vectors" / "protocol.json").read_text())
    for case in vectors:
        described = jsonschema_rs.Draft202012Validator(request_shape(case["door"], 500)).is_valid(case["request"])
        if described and not case["ok"]:
            # What JSON Schema cannot say.
            with pytest.raises(BadRequest, match=r"is blank|half of a surrogate pair|is past the text"):
                parse_request(case["request"], case["door"], 500)
        else:
            assert described is case["ok"], case["name"]
