"""Whatever clients of other services send, the real server answers in their words and goes on."""

import json
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.server import Server

#: Fields of all doors, so that values meet names that mean something.
NAMES = (
    *("text", "input", "voice", "model", "instructions", "response_format", "speed", "stream_format", "language"),
    *("format", "streaming", "references", "reference_id", "emotion", "intensity", "cfg", "steps", "more", "log"),
    *("voice_settings", "generation_config", "chunk_length_schedule", "flush", "try_trigger_generation", "id"),
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(
        ["你好", "Hello.", "tone-zh", "alloy", "wav", "sse", "zh", "happy", "true", "1e999", "\ud800", "。"]
    ),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=6,
)
BODIES = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6).map(
    lambda body: {"text": "好", "input": "好", **body}
)

fuzzed = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

ERRORS = {
    "/v1/audio/speech": lambda body: {"message", "type", "param", "code"} == set(body["error"]),
    "/v1/tts": lambda body: {"statusCode", "message", "error"} == set(body),
    "/generate": lambda body: {"statusCode", "message", "error"} == set(body),
}


@pytest.mark.parametrize("path", ERRORS)
@fuzzed
@given(body=BODIES)
def test_json_is_spoken_or_refused(tone_server: Server, path: str, body: dict[str, Any]) -> None:
    answer = httpx.post(tone_server.url + path, content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert answer.status_code in (200, 400), answer.text
    if answer.status_code == 400:
        assert ERRORS[path](answer.json())


@fuzzed
@given(body=st.binary(max_size=60) | st.binary(max_size=40).map(lambda tail: b"\x82\xa4text\xa1x" + tail))
def test_messagepack_is_spoken_or_refused(tone_server: Server, body: bytes) -> None:
    answer = httpx.post(f"{tone_server.url}/v1/tts", content=body, headers={"Content-Type": "application/msgpack"})
    assert answer.status_code in (200, 400), answer.text


@pytest.mark.parametrize("path", ["/stream", "/v1/text-to-speech/tone-zh/stream-input"])
@settings(parent=fuzzed, max_examples=30)
@given(messages=st.lists(BODIES.map(json.dumps) | st.text(max_size=20) | st.binary(max_size=5), min_size=1, max_size=3))
def test_messages_end_in_a_close_of_their_kind(tone_server: Server, path: str, messages: list[str | bytes]) -> None:
    end = [json.dumps({"more": False}), json.dumps({"text": ""})]
    with connect(tone_server.ws_url + path) as ws:
        try:
            for message in (*messages, *end):
                ws.send(message)
            list(ws)
        except ConnectionClosed:
            pass
        assert ws.close_code in (1000, 1008)
