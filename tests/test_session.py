"""Tests of what every socket door has in common: order, queue, credit and cancelling, over both of them."""

import time
from collections.abc import Callable
from typing import Any

import av
import httpx
import pytest

from tests.server import Server
from tests.talker import ENDS, Talker
from tests.test_codec import decode

Connect = Callable[[Server], Talker]


def test_an_utterance_comes_in_order_and_ends_once(tone_server: Server, connect: Connect) -> None:
    talker = connect(tone_server)
    talker.send("synthesize", {"text": "你好，世界。", "id": "a"})
    assert talker.ack == {"ok": True, "id": "a", "position": 0}
    events = talker.until_end("a")
    assert events[0].kind == "started"
    assert events[0].data["sample_rate"] == 16_000
    assert [event.kind for event in events].count("done") == 1
    chunks = [event.data for event in events if event.kind == "audio_chunk"]
    assert all(len(chunk["chunk"]) % 2 == 0 for chunk in chunks)
    done = events[-1].data
    assert done["status"] == "completed"
    assert done["audio_ms"] == sum(len(chunk["chunk"]) for chunk in chunks) / 32
    assert 0 < done["first_chunk_ms"] < 5000
    assert talker.quiet(0.3) == []


def test_the_download_is_what_was_delivered(server: Server, connect: Connect) -> None:
    talker = connect(server)
    talker.send("synthesize", {"text": "今天天气怎么样？我们去公园吧。", "id": "a", "emotion": "sad"})
    events = talker.until_end("a")
    sound = b"".join(event.data["chunk"] for event in events if event.kind == "audio_chunk")
    kept = httpx.get(server.url + events[-1].data["wav_url"]).content
    assert len(sound) > 50_000
    assert kept[44:] == sound
    assert int.from_bytes(kept[40:44], "little") == len(sound)


def test_an_id_is_made_for_a_client_that_gives_none(tone_server: Server, connect: Connect) -> None:
    talker = connect(tone_server)
    talker.send("synthesize", {"text": "好"})
    events = talker.until_end(talker.ack["id"])
    assert {event.data["id"] for event in events if event.kind != "audio_chunk"} == {talker.ack["id"]}


def test_utterances_wait_for_each_other(tone_server: Server, connect: Connect) -> None:
    talker = connect(tone_server)
    talker.send("synthesize", {"text": "一" * 300, "id": "a", "window_ms": 1000})
    for position, name in enumerate("bc", start=1):
        talker.send("synthesize", {"text": "二", "id": name})
        assert talker.ack == {"ok": True, "id": name, "position": position}
    talker.send("played", {"id": "a", "ms": 1e6})
    talker.send("cancel", {"id": "a"})
    events = talker.until_end("c")
    order = [(event.kind, event.data["id"]) for event in events if event.kind in ("started", *ENDS)]
    assert order == [("started", "a"), ("done", "a"), ("started", "b"), ("done", "b"), ("started", "c"), ("done", "c")]
    queued = [(event.data["id"], event.data["position"]) for event in events if event.kind == "queued"]
    assert queued == [("b", 1), ("c", 2), ("c", 1)]


def test_a_ninth_that_waits_is_busy_and_the_others_live(odd_server: Server, connect: Connect) -> None:
    talker = connect(odd_server)
    talker.send("synthesize", {"text": "好", "voice": "endless", "id": "0"})
    for index in range(1, 9):
        talker.send("synthesize", {"text": "好", "id": str(index)})
        assert talker.ack["ok"]
    talker.send("synthesize", {"text": "好", "id": "9"})
    assert talker.ack["code"] == "busy"
    talker.send("cancel", {"id": "0"})
    events = talker.until_end("8")
    ends = [(event.data["id"], event.kind) for event in events if event.kind in ENDS]
    assert ends == [("9", "error"), *((str(index), "done") for index in range(9))]


def test_cancelling_the_current_one(odd_server: Server, connect: Connect) -> None:
    talker = connect(odd_server)
    talker.send("synthesize", {"text": "好", "voice": "endless", "id": "a"})
    talker.wait_for("audio_chunk")
    talker.send("cancel", {"id": "a"})
    assert talker.ack == {"ok": True, "id": "a"}
    done = talker.until_end("a")[-1]
    assert (done.kind, done.data["status"], done.data["wav_url"]) == ("done", "cancelled", None)
    assert done.data["audio_ms"] > 0
    assert odd_server.becomes_idle(1)
    talker.send("synthesize", {"text": "好", "id": "a"})
    assert talker.until_end("a")[-1].data["status"] == "completed"


def test_cancelling_one_that_waits(odd_server: Server, connect: Connect) -> None:
    talker = connect(odd_server)
    talker.send("synthesize", {"text": "好", "voice": "endless", "id": "a"})
    for name in "bc":
        talker.send("synthesize", {"text": "好", "id": name})
    talker.send("cancel", {"id": "b"})
    talker.send("cancel", {"id": "a"})
    events = talker.until_end("c")
    ends = {event.data["id"]: event.data["status"] for event in events if event.kind == "done"}
    assert ends == {"b": "cancelled", "a": "cancelled", "c": "completed"}
    assert ("queued", "c", 1) in [(event.kind, event.data.get("id"), event.data.get("position")) for event in events]


def test_credit_is_never_overdrawn(tone_server: Server, connect: Connect) -> None:
    talker = connect(tone_server)
    window_ms = 500
    talker.send("synthesize", {"text": "你好世界" * 10, "id": "a", "window_ms": window_ms})
    got_ms = played_ms = 0.0
    done = None
    while done is None:
        before_ms = got_ms
        for event in talker.quiet(0.15):
            if event.kind == "audio_chunk":
                got_ms += len(event.data["chunk"]) / 32
            if event.kind == "done":
                done = event.data
        assert got_ms - played_ms <= window_ms
        assert done or got_ms > before_ms, "the stream stands still with credit left"
        played_ms = got_ms
        talker.send("played", {"id": "a", "ms": played_ms})
    assert done["status"] == "completed"
    assert done["audio_ms"] == got_ms == 4000


@pytest.mark.parametrize("name", ["webm", "mp4-flac", "mp4-aac", "mp3", "flac", "opus"])
def test_credit_of_the_smallest_window_moves_every_format(tone_server: Server, connect: Connect, name: str) -> None:
    """A codec holds sound back that cannot be heard and so not be acknowledged; that must stop nothing."""
    talker = connect(tone_server)
    talker.send("synthesize", {"text": "你好世界" * 5, "id": "a", "window_ms": 100, "format": name})
    received = b""
    while (event := talker.next(5)).kind not in ENDS:
        if event.kind == "audio_chunk":
            received += event.data["chunk"]
            talker.send("played", {"id": "a", "ms": heard_ms(received)})
    assert event.data["status"] == "completed"


def heard_ms(data: bytes) -> float:
    """Return how much sound a player can have decoded from the beginning of a file."""
    try:
        sound, rate_hz = decode(data)
    except (av.FFmpegError, ValueError):
        return 0.0
    return len(sound) * 1000 / rate_hz


def test_a_client_that_acknowledges_nothing_is_dropped(odd_server: Server, connect: Connect) -> None:
    """The server lets a client stall for 2 s."""
    talker = connect(odd_server)
    talker.send("synthesize", {"text": "好", "voice": "endless", "id": "a", "window_ms": 500})
    sound = sum(len(event.data["chunk"]) for event in talker.quiet(1) if event.kind == "audio_chunk")
    assert sound == 32 * 500
    assert odd_server.streams() == 1
    assert odd_server.becomes_idle(4)


def test_waiting_for_a_free_place_is_told(odd_server: Server, connect: Connect) -> None:
    """The server has two places: whoever has an utterance accepted already waits, a newcomer is refused."""
    first, second, third = connect(odd_server), connect(odd_server), connect(odd_server)
    for talker in (first, second):
        talker.send("synthesize", {"text": "好", "voice": "endless", "id": "a"})
    third.send("synthesize", {"text": "好", "id": "a"})
    assert third.ack["code"] == "busy"
    first.send("synthesize", {"text": "好", "voice": "endless", "id": "b"})
    first.send("cancel", {"id": "a"})
    first.until_end("a")
    first.wait_for("started")
    for talker, name in ((first, "b"), (second, "a")):
        talker.send("cancel", {"id": name})
        talker.until_end(name)


@pytest.mark.parametrize(
    ("voice", "message"),
    [("broken", "it is broken"), ("late", "the engine broke while speaking; the server's log has the reason")],
)
def test_an_engine_that_breaks_ends_its_utterance_only(
    odd_server: Server, connect: Connect, voice: str, message: str
) -> None:
    talker = connect(odd_server)
    talker.send("synthesize", {"text": "好", "voice": voice, "id": "a"})
    end = talker.until_end("a")[-1]
    assert (end.kind, end.data["code"], end.data["message"]) == ("error", "engine_failed", message)
    talker.send("synthesize", {"text": "好", "id": "b"})
    assert talker.until_end("b")[-1].data["status"] == "completed"


@pytest.mark.parametrize(
    ("kind", "body", "code", "message"),
    [
        ("synthesize", {}, "bad_request", "text: is required"),
        ("synthesize", {"text": "  "}, "bad_request", "text: is blank"),
        ("synthesize", {"text": "好" * 501}, "text_too_long", "at most 500"),
        ("synthesize", {"text": "好", "voice": "nobody"}, "unknown_voice", "choices: "),
        ("synthesize", {"text": "好", "emotion": "bored"}, "unknown_emotion", "choices: "),
        ("synthesize", {"text": "好", "intensity": 126}, "bad_request", "intensity: must be a number from 0 to 125"),
        ("synthesize", {"text": "好", "stream": False}, "bad_request", "'stream': no such field"),
        ("synthesize", {"text": "好", "reading": {}}, "bad_request", "'reading': no such field; choices: readings"),
        ("cancel", {}, "bad_request", "id: is required"),
        ("cancel", {"id": "none"}, "not_found", "no utterance 'none'"),
        ("played", {"id": "a", "ms": -1}, "bad_request", "ms: must be a number from 0"),
    ],
)
def test_a_bad_message_is_answered_and_the_connection_lives(
    tone_server: Server, connect: Connect, kind: str, body: Any, code: str, message: str
) -> None:
    talker = connect(tone_server)
    talker.send(kind, body)
    assert talker.ack["code"] == code
    assert message in talker.ack["message"]
    if code != "not_found":
        error = talker.next()
        assert (error.kind, error.data["id"], error.data["code"]) == ("error", None, code)
    talker.send("synthesize", {"text": "好", "id": "good"})
    assert talker.until_end("good")[-1].data["status"] == "completed"


def test_an_id_in_use_is_refused(odd_server: Server, connect: Connect) -> None:
    talker = connect(odd_server)
    talker.send("synthesize", {"text": "好", "voice": "endless", "id": "a"})
    talker.send("synthesize", {"text": "好", "id": "a"})
    assert talker.ack["code"] == "bad_request"
    assert "still being spoken" in talker.ack["message"]
    talker.send("played", {"id": "a", "ms": "much"})
    talker.wait_for("audio_chunk")
    talker.send("cancel", {"id": "a"})
    # The refusals were told without the id of the utterance that goes on: it ends exactly once.
    ends = [event for event in [*talker.until_end("a"), *talker.quiet(0.3)] if event.data.get("id") == "a"]
    assert [event.kind for event in ends if event.kind in ENDS] == ["done"]
    talker.send("cancel", {"id": "a"})
    assert talker.ack["code"] == "not_found"
    assert talker.quiet(0.3) == []


def test_leaving_stops_the_work(odd_server: Server, connect: Connect) -> None:
    talker = connect(odd_server)
    talker.send("synthesize", {"text": "好", "voice": "endless", "id": "a"})
    talker.wait_for("audio_chunk")
    talker.close()
    assert odd_server.becomes_idle(1)


def test_cancelling_waits_for_the_step_in_flight(odd_server: Server, connect: Connect) -> None:
    """The step takes 2 s; its thread must be free again afterwards."""
    talker = connect(odd_server)
    talker.send("synthesize", {"text": "好", "voice": "slow", "id": "a"})
    talker.wait_for("audio_chunk")
    begun_s = time.monotonic()
    talker.send("cancel", {"id": "a"})
    assert talker.until_end("a")[-1].data["status"] == "cancelled"
    assert time.monotonic() - begun_s < 4
