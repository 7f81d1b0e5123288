"""Tests of VibeVoice's door on the real server, with the clients that its users have: websockets and aiohttp."""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

import aiohttp
import httpx
import numpy as np
import pytest
from websockets.asyncio.client import connect as connect_async
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import ClientConnection, connect

from tests.server import Server, start, start_odd
from tests.test_pieces_server import pcm, speak
from tests.test_ws import FrameTalker
from tts.web.script import Script, clause_end, word_end

RATE_HZ = 24_000


@pytest.fixture
def connect_frames(tone_server: Server) -> Iterator[FrameTalker]:
    """Yield a connection to our own door."""
    talker = FrameTalker(tone_server)
    yield talker
    talker.close()


def listen(ws: ClientConnection) -> bytes:
    """Return all the sound until the server closes; a frame of text fails the test."""
    frames = list(ws)
    assert all(isinstance(frame, bytes) for frame in frames), frames
    return b"".join(frame for frame in frames if isinstance(frame, bytes))


def hear(server: Server, *messages: dict[str, Any]) -> tuple[bytes, str]:
    """Return the sound of messages, and the reason of the close."""
    with connect(f"{server.ws_url}/stream", max_size=None) as ws:
        for message in messages:
            ws.send(json.dumps(message))
        sound = listen(ws)
        assert ws.close_code == 1000
        return sound, ws.close_reason or ""


def logged(server: Server, **query: Any) -> tuple[bytes, list[dict[str, Any]], int | None]:
    """Return the sound, the logs and the close code of the query form."""
    with connect(f"{server.ws_url}/stream?{urlencode(query)}", max_size=None) as ws:
        try:
            frames = list(ws)
        except ConnectionClosedError:
            frames = []
        sound = b"".join(frame for frame in frames if isinstance(frame, bytes))
        return sound, [json.loads(frame) for frame in frames if isinstance(frame, str)], ws.close_code


def test_a_first_message_is_spoken_as_pcm_and_then_the_server_closes(tone_server: Server) -> None:
    sound, reason = hear(tone_server, {"text": "你好世界", "voice": "tone-zh", "cfg": 1.5})
    assert abs(len(sound) - 2 * RATE_HZ * 0.4) < 100
    assert reason == ""


def test_the_query_form_logs_what_happens(tone_server: Server) -> None:
    sound, logs, code = logged(tone_server, text="你好世界", voice="tone-zh", cfg="1.500")
    assert code == 1000
    assert abs(len(sound) - 2 * RATE_HZ * 0.4) < 100
    assert [log["event"] for log in logs if log["event"] != "model_progress"] == [
        "backend_request_received",
        "backend_first_chunk_sent",
        "backend_stream_complete",
    ]
    assert {log["type"] for log in logs} == {"log"}
    assert logs[0]["data"] == {"text_length": 4, "cfg_scale": 1.5, "inference_steps": None, "voice": "tone-zh"}
    assert len(logs[0]["timestamp"]) == len("2026-01-31 23:59:59.999")
    made = [log["data"] for log in logs if log["event"] == "model_progress"]
    assert abs(made[-1]["generated_sec"] - len(sound) / 2 / RATE_HZ) < 0.002
    assert abs(sum(one["chunk_sec"] for one in made) - made[-1]["generated_sec"]) < 0.01


def test_ten_clients_are_spoken_to_at_once() -> None:
    """Each engine step takes 50 ms, and each client waits until all ten have heard something."""

    async def client(url: str, heard: asyncio.Barrier, number: int) -> bytes:
        async with connect_async(f"{url}/stream") as ws:
            await ws.send(json.dumps({"text": "好", "voice": "endless"}))
            first = await ws.recv()
            assert isinstance(first, bytes)
            await heard.wait()
            return first

    async def all_ten(url: str) -> list[bytes]:
        heard = asyncio.Barrier(10)
        return await asyncio.gather(*(client(url, heard, number) for number in range(10)))

    with start_odd(max_streams=10) as server:
        assert len(asyncio.run(asyncio.wait_for(all_ten(server.ws_url), 20))) == 10
        assert server.becomes_idle()


def test_aiohttp_hears_the_same(tone_server: Server) -> None:
    async def talk() -> tuple[bytes, int | None]:
        async with aiohttp.ClientSession() as session, session.ws_connect(f"{tone_server.url}/stream") as ws:
            await ws.send_json({"text": "你好", "voice": "tone-zh"})
            sound = b"".join([message.data async for message in ws])
            return sound, ws.close_code

    sound, code = asyncio.run(talk())
    assert (code, abs(len(sound) - 2 * RATE_HZ * 0.2) < 100) == (1000, True)


def test_a_message_before_the_end_is_spoken_too(tone_server: Server) -> None:
    once, _ = hear(tone_server, {"text": "你好。", "voice": "tone-zh"})
    twice, _ = hear(tone_server, {"text": "你好。", "voice": "tone-zh"}, {"text": "你好。"})
    assert len(twice) == 2 * len(once) + 2 * RATE_HZ * 400 // 1000


def test_more_keeps_the_connection_open(tone_server: Server) -> None:
    """The tone hums punctuation too: 300 ms come before the wait, then the pause of a comma and 200 ms."""
    with connect(f"{tone_server.ws_url}/stream") as ws:
        ws.send(json.dumps({"text": "你好，", "voice": "tone-zh", "more": True}))
        first = 0
        while first < 2 * RATE_HZ * 0.3 - 100:
            first += len(ws.recv(timeout=5))
        with pytest.raises(TimeoutError):
            ws.recv(timeout=0.7)
        ws.send(json.dumps({"text": "世"}))
        ws.send(json.dumps({"text": "界", "more": False}))
        rest = listen(ws)
        assert ws.close_code == 1000
    assert abs(first - 2 * RATE_HZ * 0.3) + abs(len(rest) - 2 * RATE_HZ * (0.2 + 0.18)) < 200


def test_text_in_pieces_sounds_like_the_whole(tone_server: Server) -> None:
    """A number cut in two would have a pause in it, and a pause of its own at the end."""
    text = "一共3.5元，很便宜。三点：12：30！"
    pieces = [{"text": character, "voice": "tone-zh", "more": True} for character in text]
    sound, reason = hear(tone_server, *pieces, {"more": False})
    whole, _ = hear(tone_server, {"text": text, "voice": "tone-zh"})
    assert (abs(len(sound) - len(whole)) < 100, reason) == (True, "")


def test_a_clause_that_does_not_end_is_spoken_after_a_while(tone_server: Server) -> None:
    with connect(f"{tone_server.ws_url}/stream") as ws:
        ws.send(json.dumps({"text": "你好", "voice": "tone-zh", "more": True}))
        assert isinstance(ws.recv(timeout=3), bytes)
        ws.send(json.dumps({"more": False}))
        listen(ws)


def test_who_leaves_stops_the_work(odd_server: Server) -> None:
    with connect(f"{odd_server.ws_url}/stream") as ws:
        ws.send(json.dumps({"text": "好", "voice": "endless"}))
        ws.recv()
        assert odd_server.streams() == 1
    assert odd_server.becomes_idle(2)


def test_a_full_server_says_try_again(odd_server: Server) -> None:
    with connect(f"{odd_server.ws_url}/stream") as one, connect(f"{odd_server.ws_url}/stream") as two:
        for ws in (one, two):
            ws.send(json.dumps({"text": "好", "voice": "endless"}))
            ws.recv()
        with connect(f"{odd_server.ws_url}/stream") as third:
            third.send(json.dumps({"text": "好"}))
            with pytest.raises(ConnectionClosedError):
                third.recv()
            assert (third.close_code, third.close_reason) == (
                1013,
                "Service busy",
            )
        with connect(f"{odd_server.ws_url}/stream?text=x") as fourth:
            events = [json.loads(fourth.recv())["event"] for _ in range(3)]
            with pytest.raises(ConnectionClosedError):
                fourth.recv()
            assert fourth.close_code == 1013
        assert events == ["backend_request_received", "backend_busy", "backend_stream_complete"]
    assert odd_server.becomes_idle()


def test_an_error_closes_with_a_code_of_its_own(odd_server: Server) -> None:
    for voice, code, reason in (("broken", 1011, "it is broken"), ("late", 1011, "the engine broke")):
        with connect(f"{odd_server.ws_url}/stream") as ws:
            ws.send(json.dumps({"text": "好", "voice": voice}))
            with pytest.raises(ConnectionClosedError):
                list(ws)
            assert (ws.close_code, (ws.close_reason or "").startswith(reason)) == (code, True)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("{", "the message is not JSON"),
        ("[]", "a message must be an object"),
        (b"\0", "a binary frame has no meaning"),
        ('{"text": 5}', "text: must be a string, not 5"),
        ('{"text": "好", "emotion": "cross"}', "emotion: tone-zh does not know 'cross'; choices: neutral, happy, sad"),
        ('{"text": "好", "more": "perhaps"}', "more: must be true or false"),
        (json.dumps({"text": "好" * 4097}), "text: has 4097 characters; at most 4096"),
        (json.dumps({"text": "好", "emotion": "喜" * 60}), "emotion: tone-zh does not know '喜"),
    ],
)
def test_a_bad_message_is_told_in_the_close(tone_server: Server, message: str | bytes, reason: str) -> None:
    with connect(f"{tone_server.ws_url}/stream") as ws:
        ws.send(message)
        with pytest.raises(ConnectionClosedError):
            list(ws)
        assert (ws.close_code, (ws.close_reason or "")[: len(reason)]) == (1008, reason)


def test_a_bad_query_is_told_in_the_log_too(tone_server: Server) -> None:
    with connect(f"{tone_server.ws_url}/stream?text=x&emotion=cross") as ws:
        events = [json.loads(ws.recv()) for _ in range(3)]
    assert [event["event"] for event in events][1:] == ["backend_error", "backend_stream_complete"]
    assert "does not know 'cross'" in events[1]["data"]["message"]


def test_blank_text_has_no_sound(tone_server: Server) -> None:
    assert hear(tone_server, {"text": "  "}) == (b"", "")
    sound, logs, code = logged(tone_server, text="")
    assert (sound, [log["event"] for log in logs], code) == (
        b"",
        ["backend_request_received", "backend_stream_complete"],
        1000,
    )


def warnings_of(server: Server, **query: Any) -> list[str]:
    _, logs, code = logged(server, **query)
    assert code == 1000
    return [log["data"]["message"] for log in logs if log["event"] == "backend_warning"]


def test_steps_and_unknown_voices_are_warned_of(tone_server: Server) -> None:
    assert warnings_of(tone_server, text="你好", voice="tone-zh", steps=5) == [
        "steps: the engine tone has no such choice"
    ]
    assert warnings_of(tone_server, text="你好", voice="xx-Nobody_man") == [
        "voice: no voice 'xx-Nobody_man'; tone-zh speaks"
    ]
    _, reason = hear(tone_server, {"text": "你好", "voice": "xx-Nobody_man", "steps": 5})
    assert reason == "voice: no voice 'xx-Nobody_man'; tone-zh speaks; steps: the engine tone has no such choice"


def test_cfg_is_held_and_what_is_no_number_is_the_usual(tone_server: Server) -> None:
    assert warnings_of(tone_server, text="你好", cfg=9) == ["cfg 9 is held at 3"]
    for cfg in ("", "much", "-1", "nan", "inf", 0):
        assert warnings_of(tone_server, text="你好", cfg=cfg) == []
    assert hear(tone_server, {"text": "你好", "cfg": 10**400})[1] == ""


@pytest.mark.parametrize(
    ("name", "text", "speaks"),
    [
        ("en-Carter_man", "Hello there.", ("en", "male")),
        ("en-Emma_woman", "Hello there.", ("en", "female")),
        ("jp-Spk0_man", "こんにちは。", ("ja", "male")),
    ],
)
def test_names_stand_for_a_language_and_a_sex(server: Server, name: str, text: str, speaks: tuple[str, str]) -> None:
    shown = httpx.get(f"{server.url}/config").json()
    assert shown["voices"] == sorted(shown["voices"])
    assert {name, shown["default_voice"], "espeak-cmn"} <= set(shown["voices"])
    meant = shown["names"][name]
    assert (meant["language"].partition("-")[0], meant["sex"]) == speaks
    assert warnings_of(server, text=text, voice=name) == []


def test_a_text_goes_to_a_voice_of_its_own_language_and_the_same_sex(server: Server) -> None:
    for name, speaker in (("en-Emma_woman", "espeak-cmn-female"), ("en-Carter_man", "espeak-cmn")):
        (warning,) = warnings_of(server, text="今天天气真好。", voice=name)
        assert warning.endswith(f"cannot read '今天天气真好。' (zh); {speaker} speaks it")


def test_the_table_of_names_is_in_the_settings() -> None:
    with start(TTS_ENGINES="tone", TTS_VOICE_NAMES="boss=tone-en, en-Emma_woman=zh:female") as server:
        names = httpx.get(f"{server.url}/config").json()["names"]
        assert names["boss"] == {"language": "en", "sex": "female", "voice": "tone-en"}
        assert names["en-Emma_woman"]["voice"] == "tone-zh"
        assert warnings_of(server, text="Hello", voice="boss") == []
    for wrong in ("boss", "boss=", "=zh:female", "boss=zh:boy"):
        with pytest.raises(RuntimeError, match="Shengliu: TTS_VOICE_NAMES: "), start(TTS_VOICE_NAMES=wrong):
            pass


def test_an_emotion_wins_and_cfg_is_its_strength(tone_server: Server) -> None:
    """The tone rises by 4 semitones when it is happy: by a quarter more at most."""
    heard = [
        np.frombuffer(hear(tone_server, {"text": "好" * 20, "voice": "tone-zh", "emotion": "happy", **more})[0], "<i2")
        for more in ({}, {"cfg": 3.0}, {"cfg": 3.0, "intensity": 0})
    ]
    strongest = [float(np.argmax(np.abs(np.fft.rfft(sound)))) * RATE_HZ / len(sound) for sound in heard]
    assert np.allclose(12 * np.log2(np.array(strongest) / 220), (4, 5, 0), atol=0.8)


def test_the_first_sound_does_not_wait_for_the_end(odd_server: Server) -> None:
    """The engine takes 6 s after its first chunk."""
    begun_s = time.monotonic()
    with connect(f"{odd_server.ws_url}/stream") as ws:
        ws.send(json.dumps({"text": "好", "voice": "slow"}))
        assert isinstance(ws.recv(timeout=1.5), bytes)
        assert time.monotonic() - begun_s < 1.5


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("你好，世", 3),
        ("3.", 0),
        ("3.5", 0),
        ("Hi. ", 4),
        ("你好", 0),
        ("他说：“好。”然", 7),
        ("", 0),
        ("a, b, c", 6),
        ("在12：", 0),
        ("他说：", 3),
        ("Wait... ", 8),
        ("Wait...", 0),
        ("“Really?!” he", 11),
    ],
)
def test_where_the_last_clause_ends(text: str, end: int) -> None:
    assert clause_end(text) == end


def test_a_script_gives_whole_clauses_and_keeps_manners_apart() -> None:
    script = Script(100)
    script.add({"voice": "a"}, "你好，世", more=True)
    part = script.take()
    assert part
    assert (part.text, script.take(), script.is_done) == ("你好，", None, False)
    script.add({"voice": "b"}, "再见", more=True)
    part = script.take()
    assert part
    assert (part.text, part.fields) == ("世", {"voice": "a"})
    script.flush()
    part = script.take()
    assert part
    assert (part.text, script.waits) == ("再见", False)
    script.add({"voice": "b"}, "。", more=False)
    assert script.take() is None
    assert script.is_done


def test_a_script_that_goes_on_tells_all_that_comes_and_where_it_ends() -> None:
    script = Script(100)
    told: list[tuple[str, str, bool] | None] = []

    def take(going_on: bool) -> None:
        part = script.take(going_on)
        told.append((part.fields["voice"], part.text, part.last) if part else None)

    script.add({"voice": "a"}, "你好，世", more=True)
    take(going_on=False)
    take(going_on=True)
    take(going_on=True)
    script.add({"voice": "a"}, "”", more=True)
    take(going_on=True)
    script.add({"voice": "b"}, "再见", more=False)
    take(going_on=True)
    take(going_on=False)
    assert told == [
        ("a", "你好，", False),
        ("a", "世", False),
        None,
        ("a", "”", False),
        ("a", "", True),
        ("b", "再见", True),
    ]
    assert script.is_done


def test_a_text_without_signs_is_taken_word_by_word_when_it_gets_long() -> None:
    script = Script(1000)
    script.add({}, "word " * 20, more=True)
    assert script.take() is None
    script.add({}, "and so", more=True)
    part = script.take()
    assert part
    assert (part.text, script.take()) == ("word " * 20 + "and ", None)
    script.add({}, "。" * 500, more=True)
    part = script.take()
    assert part
    assert (part.text, script.waits) == ("so" + "。" * 500, False)


@pytest.mark.parametrize(
    ("text", "end"),
    [("今年是20", 3), ("今年", 2), ("Hello wor", 6), ("Hello", 5), ("价格12.", 2), ("２０２４", 4), ("", 0)],
)
def test_where_the_last_whole_word_ends(text: str, end: int) -> None:
    assert word_end(text) == end


def test_a_writer_who_uses_no_signs_is_heard_while_writing(tone_server: Server) -> None:
    with connect(f"{tone_server.ws_url}/stream") as ws:
        heard, written = b"", 0
        while not heard and written < 100:
            ws.send(json.dumps({"text": "好" * 10, "more": True, "voice": "tone-zh"}))
            written += 1
            with suppress(TimeoutError):
                heard = bytes(ws.recv(timeout=0.05))  # type: ignore[arg-type]  # it is no text
        assert heard
        ws.send(json.dumps({"more": False}))
        # A character hums for 0.1 s; what is said in parts may lose a sample in each.
        assert abs(len(heard + listen(ws)) - 2 * RATE_HZ * written) < 100 * written


def test_who_sends_nothing_but_signs_keeps_nobody_out(tone_server: Server) -> None:
    with connect(f"{tone_server.ws_url}/stream") as ws:
        for _ in range(50):
            ws.send(json.dumps({"text": "." * 4000, "more": True}))
        assert httpx.get(f"{tone_server.url}/healthz", timeout=8).json() == {"status": "ok"}
        ws.send(json.dumps({"more": False}))
        assert listen(ws) == b""


def test_fields_of_the_query_hold_for_a_message_too(tone_server: Server) -> None:
    with connect(f"{tone_server.ws_url}/stream?voice=nobody&cfg=9") as ws:
        ws.send(json.dumps({"text": "你好", "cfg": 2}))
        assert listen(ws)
        assert ws.close_reason == "voice: no voice 'nobody'; tone-zh speaks"


#: The tone hums signs too, so there are none that could come after their clause was spoken.
CONTINUED = "今天天气很好，我们去公园。走了3.5公里，花了1,200元！王行长在2：30开会：讲AI技术和Wi-Fi 6E，大家都来了。"


def test_text_in_pieces_is_one_utterance(tone_server: Server, connect_frames: FrameTalker) -> None:
    """Between two utterances the change of the sample rate would begin anew, and few samples would be the same."""
    expected = pcm(speak(connect_frames, CONTINUED, voice="tone-zh", sample_rate=RATE_HZ))
    messages = [{"text": character} for character in CONTINUED]
    sound, reason = hear(tone_server, {"voice": "tone-zh", "more": True}, *messages, {"more": False})
    assert (sound == expected, reason) == (True, "")


def test_another_manner_is_another_utterance(tone_server: Server) -> None:
    said = {"voice": "tone-zh", "more": True}
    slow = {"text": "世界", "speed": 0.5, "more": False}
    sound, _ = hear(tone_server, {"text": "你", **said}, {"text": "好。", **said}, slow)
    assert abs(len(sound) - 2 * RATE_HZ * (0.3 + 0.4 + 0.4)) < 200


def test_a_text_that_rests_holds_no_place(tone_server: Server) -> None:
    with connect(f"{tone_server.ws_url}/stream") as ws:
        ws.send(json.dumps({"text": "你好，", "voice": "tone-zh", "more": True}))
        assert ws.recv(timeout=5)
        assert tone_server.becomes_idle(5)
        ws.send(json.dumps({"text": "世界", "more": False}))
        assert listen(ws)


def test_more_text_than_may_wait_waits_outside(tone_server: Server) -> None:
    long = {"text": "好" * 1800, "more": True}
    sound, _ = hear(tone_server, {"text": "你好，", "voice": "tone-zh", "more": True}, long, long, {"more": False})
    assert abs(len(sound) - 2 * RATE_HZ * (0.3 + 0.18 + 360)) < 200


def test_what_is_wrong_stops_an_utterance_that_goes_on(odd_server: Server) -> None:
    with connect(f"{odd_server.ws_url}/stream") as ws:
        ws.send(json.dumps({"text": "好。", "voice": "endless", "more": True}))
        ws.recv(timeout=5)
        ws.send("{")
        with pytest.raises(ConnectionClosedError):
            list(ws)
        assert ws.close_code == 1008
    assert odd_server.becomes_idle(2)


def test_an_engine_that_breaks_ends_a_text_that_goes_on(odd_server: Server) -> None:
    with connect(f"{odd_server.ws_url}/stream") as ws:
        ws.send(json.dumps({"text": "好。", "voice": "late", "more": True}))
        with pytest.raises(ConnectionClosedError):
            list(ws)
        assert ws.close_code == 1011
