"""Tests of text in pieces through both socket doors of the real server."""

import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import playwright
import pytest

from tests.server import ROOT, Server, start
from tests.talker import ENDS, Event, Talker
from tests.test_codec import decode

TEXT = (
    "他说：“今天天气很好，我们一起去公园散步吧。”然后呢？……走了3.5公里，花了1,200元！\n\n"
    "“好的（真的）。”王行长在2：30开会，讲AI技术——第二天，大家都来了。"
)

#: The tone hums signs too, so none may come late; that is when it is spoken without them.
HUMMED = "今天天气很好，我们去公园。走了3.5公里，花了1,200元！王行长在2：30开会：讲AI技术和Wi-Fi 6E，大家都来了。"


@pytest.fixture(scope="module")
def patient_server() -> Iterator[Server]:
    """Yield a server that does not speak unfinished clauses by itself, and has less threads than it is asked for."""
    with start(TTS_ENGINES="tone", TTS_IDLE_FLUSH_S="60", TTS_THREADS="2") as running:
        yield running
        assert running.becomes_idle()


@pytest.fixture(scope="module")
def hasty_server() -> Iterator[Server]:
    """Yield a server that waits for text for one second, whatever it has."""
    with start(TTS_ENGINES="tone", TTS_IDLE_FLUSH_S="60", TTS_TEXT_WAIT_S="1") as running:
        yield running
        assert running.becomes_idle()


Connect = Callable[[Server], Talker]


def speak(talker: Talker, pieces: Sequence[str], pause_s: float = 0.0, **fields: Any) -> list[Event]:
    """Send a text in pieces and return all that is answered."""
    talker.send("synthesize", {"id": "p", "more": True, **fields})
    assert talker.ack["ok"], talker.ack
    for piece in pieces:
        talker.send("append", {"id": "p", "text": piece})
        assert talker.ack["ok"], talker.ack
        time.sleep(pause_s)
    talker.send("finish", {"id": "p"})
    return talker.until_end("p")


def speak_whole(talker: Talker, text: str, **fields: Any) -> list[Event]:
    """Send a text whole and return all that is answered."""
    talker.send("synthesize", {"id": "w", "text": text, **fields})
    return talker.until_end("w")


def pcm(events: Sequence[Event]) -> bytes:
    return b"".join(event.data["chunk"] for event in events if event.kind == "audio_chunk")


def marks(events: Sequence[Event]) -> list[dict[str, Any]]:
    return [item for event in events if event.kind == "marks" for item in event.data["items"]]


def heard(talker: Talker, characters: int) -> str:
    """Return the next characters that are spoken."""
    text = ""
    while len(text) < characters:
        text += "".join(mark["text"] for mark in marks([talker.wait_for("marks")]))
    return text


def random_pieces(text: str, seed: int) -> list[str]:
    """Return a text cut at random into pieces of one to six characters."""
    chance = random.Random(seed)  # noqa: S311  # no secret
    pieces = []
    while text:
        size = chance.randint(1, 6)
        pieces.append(text[:size])
        text = text[size:]
    return pieces


@pytest.mark.parametrize(
    "pieces", [list(HUMMED), random_pieces(HUMMED, 1), [HUMMED]], ids=["characters", "random", "whole"]
)
def test_any_pieces_sound_like_the_whole(tone_server: Server, connect: Connect, pieces: list[str]) -> None:
    talker = connect(tone_server)
    whole, made = speak_whole(talker, HUMMED), speak(talker, pieces)
    assert pcm(made) == pcm(whole)
    assert marks(made) == marks(whole)
    assert made[-1].data["audio_ms"] == whole[-1].data["audio_ms"]
    assert [event.kind for event in made if event.kind in ("started", *ENDS)] == ["started", "done"]


@pytest.mark.parametrize(("seed", "pause_s"), [(3, 0.0), (4, 0.0), (5, 0.08)])
def test_a_neural_voice_sounds_like_the_whole(
    sambert_server: Server, connect: Connect, seed: int, pause_s: float
) -> None:
    talker = connect(sambert_server)
    fields: dict[str, Any] = {"emotion": "happy", "speed": 1.2}
    # Slow ones have each clause spoken before its closing quote and the end of its paragraph have come.
    made = speak(talker, random_pieces(TEXT, seed), pause_s, **fields)
    whole = speak_whole(talker, TEXT, **fields)
    one, other = (np.frombuffer(pcm(events), "<i2").astype(np.int32) for events in (whole, made))
    assert one.shape == other.shape
    assert np.abs(one - other).max() <= 4
    assert marks(made) == marks(whole)


def test_espeak_sounds_like_the_whole(server: Server, connect: Connect) -> None:
    """Its own noise differs from time to time, and with it where its clauses end: the same text differs by 25 ms."""
    talker = connect(server)
    whole, made = speak_whole(talker, TEXT), speak(talker, list(TEXT))
    assert made[-1].data["audio_ms"] == pytest.approx(whole[-1].data["audio_ms"], abs=40)
    for one, other in zip(marks(made), marks(whole), strict=True):
        assert (one["text"], one["pinyin"], one["start"], one["end"]) == (
            other["text"], other["pinyin"], other["start"], other["end"],
        )  # fmt: skip
        assert one["start_ms"] == pytest.approx(other["start_ms"], abs=40)


@pytest.mark.parametrize("name", ["wav", "webm", "mp3", "flac"])
def test_every_format_comes_in_pieces_and_keeps_to_the_window(tone_server: Server, connect: Connect, name: str) -> None:
    talker = connect(tone_server)
    talker.send("synthesize", {"id": "a", "more": True, "format": name, "window_ms": 1000})
    for piece in ("你好，", "世界，" * 10, "再见。"):
        talker.send("append", {"id": "a", "text": piece})
        time.sleep(0.1)
    talker.send("finish", {"id": "a"})
    received = b""
    while (event := talker.next(5)).kind not in ENDS:
        if event.kind == "audio_chunk":
            received += event.data["chunk"]
            talker.send("played", {"id": "a", "ms": 1e6})
    assert event.data["audio_ms"] == 36 * 100 + 11 * 180
    pcm, rate_hz = decode(received)
    assert len(pcm) / rate_hz * 1000 == pytest.approx(event.data["audio_ms"], abs=120)


def test_positions_and_times_count_over_all_that_was_appended(tone_server: Server, connect: Connect) -> None:
    talker = connect(tone_server)
    text = "你好，" * 400
    talker.send("synthesize", {"id": "a", "more": True, "text": text[:300]})
    for at in range(300, len(text), 300):
        while True:
            talker.send("append", {"id": "a", "text": text[at : at + 300]})
            if talker.ack["ok"]:
                break
            assert talker.ack["code"] == "busy"
            time.sleep(0.02)
    talker.send("finish", {"id": "a"})
    events = talker.until_end("a")
    assert [mark["start"] for mark in marks(events)] == list(range(len(text)))
    times = [mark["start_ms"] for mark in marks(events)]
    assert times == sorted(times)
    assert events[-1].data["audio_ms"] == 400 * 300 + 399 * 180


def test_a_clause_is_heard_before_more_comes_and_the_rest_waits(patient_server: Server, connect: Connect) -> None:
    talker = connect(patient_server)
    talker.send("synthesize", {"id": "a", "more": True, "text": "你好，世"})
    assert heard(talker, 3) == "你好，"
    talker.send("append", {"id": "a", "text": "界3."})
    assert talker.ack == {"ok": True, "id": "a", "waiting": 4}
    assert marks(talker.quiet(0.3)) == []
    talker.send("flush", {"id": "a"})
    assert heard(talker, 4) == "世界3."
    talker.send("append", {"id": "a", "text": "吗。"})
    assert [mark["start"] for mark in marks([talker.wait_for("marks")])] == [7]
    talker.send("finish", {"id": "a"})
    assert talker.ack == {"ok": True, "id": "a", "waiting": 0}
    assert talker.until_end("a")[-1].data["status"] == "completed"


def test_an_unfinished_clause_is_spoken_when_nothing_comes(tone_server: Server, connect: Connect) -> None:
    talker = connect(tone_server)
    talker.send("synthesize", {"id": "a", "more": True, "text": "你好吗"})
    talker.wait_for("audio_chunk")
    talker.send("cancel", {"id": "a"})
    talker.until_end("a")


def test_who_never_finishes_is_told_and_may_go_on(hasty_server: Server, connect: Connect) -> None:
    talker = connect(hasty_server)
    talker.send("synthesize", {"id": "a", "more": True, "text": "你好吗"})
    events = talker.until_end("a")
    assert len(pcm(events)) == 3 * 3200
    assert (events[-1].kind, events[-1].data["code"]) == ("error", "timed_out")
    assert "nothing was appended for 1 s, and it was not finished" in events[-1].data["message"]
    talker.send("append", {"id": "a", "text": "好"})
    assert talker.ack["code"] == "not_found"
    assert pcm(speak_whole(talker, "好"))


def test_text_that_comes_now_and_then_is_no_reason_to_end(hasty_server: Server, connect: Connect) -> None:
    """An empty text says that its sender lives."""
    talker = connect(hasty_server)
    events = speak(talker, ["你好。", "", "", "吗"], pause_s=0.5)
    assert events[-1].data["status"] == "completed"
    assert [mark["text"] for mark in marks(events)] == ["你", "好", "。", "吗"]


def test_more_than_the_limit_is_refused_and_nothing_is_lost(patient_server: Server, connect: Connect) -> None:
    talker = connect(patient_server)
    talker.send("synthesize", {"id": "first", "text": "一" * 100, "window_ms": 1000})
    talker.send("synthesize", {"id": "a", "more": True})
    assert talker.ack == {"ok": True, "id": "a", "position": 1}
    talker.send("append", {"id": "a", "text": "二" * 501})
    assert talker.ack["code"] == "text_too_long"
    talker.send("append", {"id": "a", "text": "二" * 499})
    assert talker.ack == {"ok": True, "id": "a", "waiting": 499}
    talker.send("append", {"id": "a", "text": "三三"})
    assert talker.ack["code"] == "busy"
    assert "499 characters wait to be spoken, and 2 more are over 500; none of them was taken" in talker.ack["message"]
    talker.send("append", {"id": "a", "text": "四"})
    assert talker.ack["waiting"] == 500
    talker.send("finish", {"id": "a"})
    talker.send("cancel", {"id": "first"})
    events = talker.until_end("a")
    assert "".join(mark["text"] for mark in marks(events) if mark["text"] in "二三四") == "二" * 499 + "四"
    refusals = [event.data for event in events if event.kind == "error"]
    assert [(refusal["id"], refusal["code"]) for refusal in refusals] == [(None, "text_too_long"), (None, "busy")]


def test_cancelling_while_it_waits_for_text(patient_server: Server, connect: Connect) -> None:
    talker = connect(patient_server)
    for fields in ({"text": "你好，世界"}, {"text": ""}, {"voice": "tone-zh"}):
        talker.send("synthesize", {"id": "a", "more": True, **fields})
        time.sleep(0.2)
        talker.send("cancel", {"id": "a"})
        end = talker.until_end("a")[-1]
        assert (end.kind, end.data["status"], end.data["wav_url"]) == ("done", "cancelled", None)
        talker.send("append", {"id": "a", "text": "好"})
        assert talker.ack["code"] == "not_found"
        assert talker.next().data["id"] is None
        assert patient_server.becomes_idle()
    assert pcm(speak_whole(talker, "好"))


def test_leaving_while_it_waits_for_text(patient_server: Server, connect: Connect) -> None:
    talker = connect(patient_server)
    talker.send("synthesize", {"id": "a", "more": True, "text": "你好，世界"})
    talker.wait_for("audio_chunk")
    talker.close()
    assert patient_server.becomes_idle()


def test_an_engine_that_waits_is_not_taken_for_text_that_does(odd_server: Server, connect: Connect) -> None:
    talker = connect(odd_server)
    begun_s = time.monotonic()
    talker.send("synthesize", {"id": "a", "more": True, "voice": "waiting", "text": "你好。"})
    talker.wait_for("audio_chunk")
    # Otherwise it is heard only when the text has been waited for in vain.
    assert time.monotonic() - begun_s < 10
    talker.send("cancel", {"id": "a"})
    talker.until_end("a")


def test_one_that_waits_for_text_does_not_hold_up_the_end_of_the_server(connect: Connect) -> None:
    with start(TTS_ENGINES="tone") as server:
        talker = connect(server)
        talker.send("synthesize", {"id": "a", "more": True, "text": "你好，世界"})
        talker.wait_for("audio_chunk")
        begun_s = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert talker.until_end("a")[-1].data["code"] == "timed_out"
        assert server.process.wait(60) == 0
        assert time.monotonic() - begun_s < 15


def test_those_that_wait_for_text_keep_no_thread(patient_server: Server, connect: Connect) -> None:
    """The server has two threads."""
    waiting = [connect(patient_server) for _ in range(10)]
    for talker in waiting:
        talker.send("synthesize", {"id": "a", "more": True, "text": "你好，世界"})
        talker.wait_for("audio_chunk")
    assert patient_server.streams() == 10
    assert pcm(speak_whole(connect(patient_server), "你好"))
    for talker in waiting:
        talker.send("finish", {"id": "a"})
        assert talker.until_end("a")[-1].data["audio_ms"] == 680


def test_the_first_clause_decides_who_speaks(server: Server, connect: Connect) -> None:
    talker = connect(server)
    for pieces, voice in ((["AI", "技术，", "好"], "espeak-cmn"), (["Hel", "lo there, ", "friends"], "espeak-en-us")):
        events = speak(talker, pieces)
        started = next(event.data for event in events if event.kind == "started")
        assert started["voice"] == voice


@pytest.mark.parametrize(
    ("kind", "body", "code", "message"),
    [
        ("synthesize", {"more": "yes", "text": "好"}, "bad_request", "more: must be true or false, not 'yes'"),
        ("synthesize", {"more": True, "ssml": "<speak>好</speak>"}, "bad_request", "more: only text comes in pieces"),
        ("synthesize", {"more": True, "voice": "nobody"}, "unknown_voice", "choices: "),
        ("synthesize", {"more": True, "emotion": "bored"}, "unknown_emotion", "choices: "),
        ("synthesize", {"more": True, "text": "好" * 501}, "text_too_long", "at most 500"),
        ("append", {"id": "none", "text": "好"}, "not_found", "no utterance 'none' takes text"),
        ("append", {"id": "a"}, "bad_request", "text: is required"),
        ("append", {"id": "a", "text": 5}, "bad_request", "text: must be a string, not 5"),
        ("append", {"id": "a", "txt": "好"}, "bad_request", "'txt': no such field; choices: text, id"),
        ("append", {"text": "好"}, "bad_request", "id: is required"),
        ("flush", {"id": "none"}, "not_found", "no utterance 'none' takes text"),
        ("flush", {"id": "a", "text": "好"}, "bad_request", "'text': no such field; choices: id"),
        ("finish", {"id": "none"}, "not_found", "no utterance 'none' takes text"),
        ("finish", {}, "bad_request", "id: is required"),
    ],
)
def test_a_bad_message_is_answered_and_the_connection_lives(
    patient_server: Server, connect: Connect, kind: str, body: Any, code: str, message: str
) -> None:
    talker = connect(patient_server)
    talker.send(kind, body)
    assert talker.ack["code"] == code
    assert message in talker.ack["message"]
    error = talker.next()
    assert (error.kind, error.data["id"], error.data["code"]) == ("error", None, code)
    assert pcm(speak(talker, ["好"]))


def test_a_text_that_is_whole_or_finished_takes_no_more(patient_server: Server, connect: Connect) -> None:
    talker = connect(patient_server)
    talker.send("synthesize", {"id": "a", "text": "一" * 100, "window_ms": 1000})
    talker.send("append", {"id": "a", "text": "二"})
    assert "'a' came whole; only what is synthesized with more: true takes text" in talker.ack["message"]
    talker.send("synthesize", {"id": "b", "more": True, "text": "二"})
    talker.send("finish", {"id": "b"})
    for kind, body in (("append", {"id": "b", "text": "三"}), ("flush", {"id": "b"}), ("finish", {"id": "b"})):
        talker.send(kind, body)
        assert "the text of 'b' is finished" in talker.ack["message"]
    talker.send("cancel", {"id": "a"})
    events = talker.until_end("b")
    assert {event.data["id"] for event in events if event.kind == "error"} == {None}
    assert events[-1].data["audio_ms"] == 100


def test_a_text_without_a_word_is_an_error(patient_server: Server, connect: Connect) -> None:
    talker = connect(patient_server)
    end = speak(talker, [" ", "。"])[-1]
    assert (end.kind, end.data["code"]) == ("error", "bad_request")
    assert "nothing in it can be spoken" in end.data["message"]


PROGRAM = """
import { io } from './static/vendor/socket.io.esm.min.js';
const socket = io(process.argv[1], { transports: ['websocket'] });
let bytes = 0;
socket.on('audio_chunk', ({ chunk }) => { bytes += chunk.byteLength; });
socket.on('error', (error) => console.error(error));
socket.on('done', ({ id, status }) => { console.log(id, status, bytes); socket.disconnect(); });
socket.emit('synthesize', { id: 'a', more: true });
for (const token of ['你好', '，世', '界', '。']) socket.emit('append', { id: 'a', text: token });
socket.emit('finish', { id: 'a' });
"""


def test_the_javascript_client_speaks_in_pieces(patient_server: Server) -> None:
    """Playwright brings a Node.js of its own."""
    node = Path(playwright.__file__).parent / "driver" / "node"
    ran = subprocess.run(
        [node, "--input-type=module", "-e", PROGRAM, patient_server.url],
        cwd=ROOT, capture_output=True, text=True, timeout=30, check=True,
    )  # fmt: skip
    assert ran.stdout == f"a completed {(6 * 100 + 180) * 32}\n", ran.stderr
