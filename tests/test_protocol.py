"""Tests of `tts.web.protocol`: the shared vectors, and whatever a client may send."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts.errors import BadRequest, TextTooLong, TtsError
from tts.types import Request
from tts.web.protocol import (
    CLIENT_MESSAGES,
    FIELDS,
    parse_append,
    parse_frame,
    parse_id,
    parse_json,
    parse_played,
    parse_request,
)

VECTORS = json.loads((Path(__file__).parent / "vectors" / "protocol.json").read_text())

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)


def as_fields(request: Request) -> dict[str, Any]:
    """Return a request as the wire's fields."""
    controls = request.controls
    return {
        "text": None if request.ssml else request.text, "ssml": request.text if request.ssml else None,
        "voice": request.voice, "language": request.language, "emotion": controls.emotion,
        "intensity": controls.intensity, "speed": controls.speed, "pitch": controls.pitch_semitones,
        "energy": controls.energy,
        "volume": request.volume, "format": request.format, "sample_rate": request.sample_rate_hz,
        "id": request.id, "window_ms": request.window_ms, "stream": request.stream, "more": request.more,
        "readings": {str(index): pinyin for index, pinyin in request.readings.items()},
    }  # fmt: skip


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: case["name"])
def test_the_shared_vectors(case: dict[str, Any]) -> None:
    if case["ok"]:
        fields = as_fields(parse_request(case["request"], case["door"], 500))
        assert {name: fields[name] for name in case["normalised"]} == case["normalised"]
        return
    with pytest.raises(TtsError) as refused:
        parse_request(case["request"], case["door"], 500)
    assert refused.value.code == case["code"]
    if case.get("field"):
        assert case["field"] in refused.value.message


def test_the_vectors_cover_every_field() -> None:
    named = {case.get("field") for case in VECTORS if not case["ok"]}
    assert set(FIELDS) <= named


@given(JSON)
def test_no_body_breaks_the_parser(body: Any) -> None:
    for parse in (lambda body: parse_request(body, "socket", 500), parse_id, parse_append, parse_played):
        with suppress(TtsError):
            parse(body)


@given(st.dictionaries(st.sampled_from([*FIELDS, "other"]), JSON, min_size=1))
def test_fields_of_any_value_are_taken_or_named(body: dict[str, Any]) -> None:
    refusal = None
    try:
        request = parse_request({"text": "你好", **body}, "socket", 500)
    except BadRequest as error:
        refusal = error.message
    if refusal is None:
        assert 1 <= len(request.text) <= 500
        assert 0.5 <= request.controls.speed <= 2
    else:
        assert refusal.encode()
        assert any(name in refusal for name in [*body, "text"])


@given(st.text() | st.binary())
def test_no_frame_breaks_the_parser(frame: str | bytes) -> None:
    try:
        kind, body = parse_frame(frame)  # type: ignore[arg-type]
    except BadRequest:
        return
    assert kind in CLIENT_MESSAGES
    assert isinstance(body, dict)


@pytest.mark.parametrize("text", ["[" * 100_000, "9" * 5000, '{"a":', "", "\x00", "nul"])
def test_broken_json_is_a_bad_request(text: str) -> None:
    with pytest.raises(BadRequest, match="not JSON"):
        parse_json(text)


def test_characters_are_code_points() -> None:
    assert parse_request({"text": "😀" * 500}, "socket", 500).text == "😀" * 500
    with pytest.raises(TextTooLong, match="has 501 characters; at most 500"):
        parse_request({"text": "好" * 501}, "socket", 500)


def test_an_error_names_the_field_and_the_choices() -> None:
    with pytest.raises(BadRequest, match=r"'speeed': no such field; choices: speed, text"):
        parse_request({"text": "好", "speeed": 2}, "socket", 500)
    with pytest.raises(BadRequest, match=r"format: must be one of pcm, wav, webm.*, not 'ogg'"):
        parse_request({"text": "好", "format": "ogg"}, "socket", 500)
    with pytest.raises(BadRequest, match=r"speed: must be a number from 0.5 to 2, not True"):
        parse_request({"text": "好", "speed": True}, "socket", 500)


def test_messages_about_an_utterance() -> None:
    assert parse_id({"id": "a"}) == "a"
    assert parse_played({"id": "a", "ms": 12}) == ("a", 12.0)
    for body in ({}, {"id": ""}, {"id": "a" * 65}, {"id": 1}, {"id": "a", "x": 1}, "a", None):
        with pytest.raises(BadRequest):
            parse_id(body)
    assert parse_append({"id": "a", "text": ""}) == ("a", "")
    for text in (None, 1, "\ud83d"):
        with pytest.raises(BadRequest, match="text"):
            parse_append({"id": "a", "text": text})
    for ms in (-1, "1", None, True, float("nan")):
        with pytest.raises(BadRequest, match="ms"):
            parse_played({"id": "a", "ms": ms})


def test_a_frame_needs_a_type() -> None:
    assert parse_frame('{"type": "synthesize", "text": "好"}') == ("synthesize", {"text": "好"})
    with pytest.raises(BadRequest, match="type: must be one of synthesize, append, flush, finish, cancel, played"):
        parse_frame('{"type": "sing"}')
