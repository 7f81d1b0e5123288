"""Tests of ElevenLabs' door on the real server, with ElevenLabs' own client and with bare messages."""

import base64
import io
import json
import time
from collections.abc import Iterator
from typing import Any

import av
import numpy as np
import pytest
from elevenlabs import VoiceSettings
from elevenlabs.client import ElevenLabs
from elevenlabs.core.api_error import ApiError
from elevenlabs.realtime_tts import RealtimeTextToSpeechClient
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import ClientConnection, connect

from tests.server import Server, start
from tests.test_pieces_server import marks, pcm, speak
from tests.test_ws import FrameTalker
from tts.web.alignment import Alignment
from tts.web.elevenlabs import Buffer

#: Their client asks the `websockets` package in a way that it deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:ConnectionClosed.code is deprecated:DeprecationWarning")

HELLO = {"text": " "}
END = {"text": ""}


def speech_client(server: Server, key: str = "none") -> RealtimeTextToSpeechClient:
    """Return the client, whose WebSockets would insist on TLS."""
    client = ElevenLabs(base_url=server.url, api_key=key).text_to_speech
    assert isinstance(client, RealtimeTextToSpeechClient)
    client._ws_base_url = server.ws_url
    return client


def url(server: Server, voice: str = "tone-zh", **query: Any) -> str:
    shown = "&".join(f"{name}={value}" for name, value in {"output_format": "pcm_24000", **query}.items())
    return f"{server.ws_url}/v1/text-to-speech/{voice}/stream-input?{shown}"


def say(ws: ClientConnection, *messages: dict[str, Any]) -> None:
    for message in messages:
        ws.send(json.dumps(message))


def answers(server: Server, *messages: dict[str, Any], voice: str = "tone-zh", **query: Any) -> list[dict[str, Any]]:
    """Return all answers to messages, up to the close with code 1000."""
    with connect(url(server, voice, **query), max_size=None) as ws:
        say(ws, *messages)
        told = [json.loads(frame) for frame in ws]
        assert ws.close_code == 1000
        return told


def sound(told: list[dict[str, Any]]) -> bytes:
    return b"".join(base64.b64decode(answer["audio"]) for answer in told if answer.get("audio"))


def test_their_client_hears_a_text_that_arrives_in_words(server: Server) -> None:
    def text() -> Iterator[str]:
        yield from ("Hello ", "there, ", "my ", "friend. ", "How ", "are ", "you?")

    heard = b"".join(
        speech_client(server).convert_realtime(
            "21m00Tcm4TlvDq8ikWAM",
            text=text(),
            model_id="eleven_flash_v2_5",
            output_format="pcm_16000",
            voice_settings=VoiceSettings(speed=1.2, stability=0.5),
        )
    )
    assert 0.8 < len(heard) / 2 / 16_000 < 3
    assert np.abs(np.frombuffer(heard, "<i2")).max() > 3000


def test_their_client_is_told_what_is_wrong(tone_server: Server) -> None:
    with pytest.raises(ApiError) as caught:
        b"".join(speech_client(tone_server).convert_realtime("nobody", text=iter(["Hello."])))
    assert caught.value.status_code == 1008
    assert "no voice 'nobody'; choices: " in str(caught.value.body)


@pytest.mark.parametrize(
    ("name", "codec", "rate_hz"),
    [
        ("mp3_22050_32", "mp3float", 22_050),
        ("mp3_44100_128", "mp3float", 44_100),
        ("mp3_44100_192", "mp3float", 44_100),
    ],
)
def test_mp3_comes_as_asked(tone_server: Server, name: str, codec: str, rate_hz: int) -> None:
    made = sound(answers(tone_server, HELLO, {"text": "好" * 50, "flush": True}, END, output_format=name))
    with av.open(io.BytesIO(made), "r") as file:
        assert (file.streams.audio[0].codec_context.name, file.streams.audio[0].rate) == (codec, rate_hz)
    assert abs(len(made) * 8 / 5 / 1000 / int(name.rpartition("_")[2]) - 1) < 0.2


@pytest.mark.parametrize(
    ("name", "bytes_a_second"),
    [("pcm_16000", 32_000), ("pcm_22050", 44_100), ("pcm_44100", 88_200), ("ulaw_8000", 8000)],
)
def test_plain_sound_comes_as_asked(tone_server: Server, name: str, bytes_a_second: int) -> None:
    made = sound(answers(tone_server, HELLO, {"text": "你好世界"}, END, output_format=name))
    assert abs(len(made) / bytes_a_second - 0.4) < 0.005


def test_the_end_is_told(tone_server: Server) -> None:
    told = answers(tone_server, HELLO, {"text": "你好 "}, END)
    assert told[-1] == {"audio": None, "isFinal": True}
    assert all(answer["isFinal"] is False for answer in told[:-1])
    assert answers(tone_server, HELLO, END) == [{"audio": None, "isFinal": True}]


def test_characters_have_their_times_within_their_chunk(tone_server: Server) -> None:
    """The tone hums each character for 100 ms, punctuation too."""
    text = "你好，世界。再见！ "
    told = answers(tone_server, HELLO, {"text": text}, END)
    at_ms, heard = 0.0, []
    for answer in told[:-1]:
        shown = answer["alignment"]
        assert answer["normalizedAlignment"] == shown
        for name, *times in zip(*(shown or {"": []}).values(), strict=True):
            heard.append((name, at_ms + times[0], times[1]))
        at_ms += len(base64.b64decode(answer["audio"] or "")) / 2 / 24
    assert "".join(name for name, _, _ in heard) == text
    starts = {name: start_ms for name, start_ms, _ in heard}
    assert abs(starts["好"] - 100) < 3
    assert starts["世"] >= 300
    assert starts == dict(sorted(starts.items(), key=lambda item: item[1]))
    assert {round(ms) for name, _, ms in heard if name in "你好世界再见"} == {100}


def test_text_in_pieces_is_one_utterance(tone_server: Server) -> None:
    """Sound and times are those that our own door gives for the same pieces, to the sample."""
    text = "今天天气很好，我们去公园。走了3.5公里，花了1,200元！王行长在2：30开会：讲AI技术和Wi-Fi 6E，大家都来了。"
    talker = FrameTalker(tone_server)
    events = speak(talker, text, voice="tone-zh", sample_rate=24_000)
    talker.close()
    config = {"generation_config": {"chunk_length_schedule": [10]}}
    told = answers(tone_server, {**HELLO, **config}, *({"text": character} for character in text), END)
    assert sound(told) == pcm(events)
    at_ms, heard = 0.0, []
    for answer in told[:-1]:
        shown = answer["alignment"] or {"chars": [], "charStartTimesMs": []}
        heard += [(name, at_ms + ms) for name, ms in zip(shown["chars"], shown["charStartTimesMs"], strict=True)]
        at_ms += len(base64.b64decode(answer["audio"] or "")) / 2 / 24
    assert "".join(name for name, _ in heard) == text
    expected = {mark["start"]: mark["start_ms"] for mark in marks(events)}
    assert [ms for _, ms in heard] == pytest.approx([expected[place] for place in range(len(text))], abs=1)


def test_text_in_pieces_is_one_file(tone_server: Server) -> None:
    """Each utterance would fill up its last frame and begin anew with the delay of the encoder."""
    config = {"generation_config": {"chunk_length_schedule": [10]}}
    query = {"output_format": "mp3_44100_128"}
    texts = [{"text": "好" * 9 + "。"}] * 6
    pieces = sound(answers(tone_server, {**HELLO, **config}, *texts, END, **query))
    whole = sound(answers(tone_server, HELLO, {"text": ("好" * 9 + "。") * 6}, END, **query))
    assert pieces == whole


def test_a_flush_is_spoken_at_once_and_other_text_waits(tone_server: Server) -> None:
    with connect(url(tone_server)) as ws:
        say(ws, HELLO, {"text": "你好 "})
        with pytest.raises(TimeoutError):
            ws.recv(timeout=0.5)
        say(ws, {"text": "世界 ", "flush": True})
        first = json.loads(ws.recv(timeout=5))
        say(ws, END)
        told = [first, *(json.loads(frame) for frame in ws)]
        assert told[-1]["isFinal"]
        assert (
            "".join("".join(answer["alignment"]["chars"]) for answer in told[:-1] if answer["alignment"])
            == "你好 世界 "
        )


def test_the_schedule_says_how_much_text_is_enough(tone_server: Server) -> None:
    config = {"generation_config": {"chunk_length_schedule": [50, 500]}}
    with connect(url(tone_server)) as ws:
        say(ws, {**HELLO, **config}, {"text": "好" * 30 + "。"})
        with pytest.raises(TimeoutError):
            ws.recv(timeout=0.4)
        say(ws, {"text": "好" * 20})
        heard = ""
        while len(heard) < 31:
            heard += "".join((json.loads(ws.recv(timeout=5))["alignment"] or {"chars": []})["chars"])
        assert heard == "好" * 30 + "。"
        say(ws, {"text": "好" * 100})
        say(ws, END)
        assert sum(len((json.loads(frame).get("alignment") or {"chars": []})["chars"]) for frame in ws) == 120


@pytest.mark.parametrize(
    ("schedule", "steps"),
    [
        ((10,), [("Hello there, my ", "", "Hello there, "), ("friend ", "", "my friend ")]),
        ((10,), [("abcdefgh ijk", "", "abcdefgh "), ("l", "flush", "ijkl")]),
        ((3, 6), [("你好吗", "", "你好吗"), ("你好吗", "", ""), ("，你好吗", "", "你好吗，")]),
        (
            (50,),
            [("Hello. ", "", ""), ("How ", "trigger", "Hello. "), ("are ", "trigger", ""), ("", "flush", "How are ")],
        ),
        ((50,), [("。", "flush", ""), ("好", "flush", "。好"), (" ", "flush", "")]),
        ((5,), [("今年是20", "", "今年是"), ("24年的", "", "2024年的")]),
        ((5,), [("Hello", "flush", "Hello"), (" ", "", ""), (" ", "", ""), ("you", "flush", " you")]),
        ((50,), [("." * 4000, "", ""), ("好", "flush", "." * 16 + "好")]),
    ],
)
def test_what_waits_and_what_is_spoken(schedule: tuple[int, ...], steps: list[tuple[str, str, str]]) -> None:
    buffer = Buffer(schedule)
    for text, sign, spoken in steps:
        assert buffer.add(text, flush=sign == "flush", trigger=sign == "trigger") == spoken


def test_who_writes_slowly_for_a_long_schedule_is_waited_for() -> None:
    """An utterance waits a second for text here, and none of what comes is enough to be spoken."""
    config = {"generation_config": {"chunk_length_schedule": [3, 500]}}
    with start(TTS_ENGINES="tone", TTS_TEXT_WAIT_S="1") as server, connect(url(server)) as ws:
        say(ws, {**HELLO, **config}, {"text": "你好。"})
        for _ in range(10):
            time.sleep(0.2)
            say(ws, {"text": "好"})
        say(ws, END)
        told = [json.loads(frame) for frame in ws]
    assert told[-1] == {"audio": None, "isFinal": True}
    assert len(sound(told)) / 2 / 24_000 == pytest.approx(0.3 + 0.4 + 1.0, abs=0.01)


def test_with_auto_mode_every_text_is_spoken_at_once(tone_server: Server) -> None:
    with connect(url(tone_server, auto_mode="true")) as ws:
        say(ws, HELLO, {"text": "你好 "})
        assert json.loads(ws.recv(timeout=5))["audio"]
        say(ws, END)
        list(ws)


def test_who_says_nothing_for_too_long_is_told_so(tone_server: Server) -> None:
    with connect(url(tone_server, inactivity_timeout=1)) as ws:
        say(ws, HELLO)
        told = json.loads(ws.recv(timeout=5))
        assert (told["error"], told["code"]) == ("input_timeout_exceeded", 1008)
        with pytest.raises(ConnectionClosedError):
            ws.recv()
        assert ws.close_code == 1008


@pytest.mark.parametrize(
    ("query", "messages", "message", "error"),
    [
        ({"output_format": "wav"}, [], "output_format: must be one of ", "invalid_input_message"),
        ({}, ["{"], "the message is not JSON", "invalid_input_message"),
        ({}, ["[]"], "a request must be an object", "invalid_input_message"),
        ({}, [b"\0"], "a binary frame has no meaning", "invalid_input_message"),
        ({}, ['{"text": 5}'], "text: must be a string, not 5", "invalid_input_message"),
        (
            {},
            ['{"text": " ", "generation_config": {"chunk_length_schedule": [0]}}'],
            "chunk_length_schedule: must be a list",
            "invalid_input_message",
        ),
        ({}, ['{"text": " ", "emotion": "cross"}', '{"text": "好", "flush": true}'], "emotion: ", "unknown_emotion"),
        ({}, ['{"text": " "}', json.dumps({"text": "好" * 4097, "flush": True})], "text: has 4097", "text_too_long"),
    ],
)
def test_bad_input_is_told_and_ends_the_connection(
    tone_server: Server, query: dict[str, str], messages: list[str | bytes], message: str, error: str
) -> None:
    with connect(url(tone_server, **query)) as ws:
        for one in messages:
            ws.send(one)
        told = json.loads(ws.recv(timeout=5))
        assert (told["message"][: len(message)], told["error"], told["code"]) == (message, error, 1008)
        with pytest.raises(ConnectionClosedError):
            ws.recv()
        assert ws.close_code == 1008


def test_who_leaves_stops_the_work(odd_server: Server) -> None:
    with connect(url(odd_server, voice="endless")) as ws:
        say(ws, HELLO, {"text": "好", "flush": True})
        ws.recv()
        assert odd_server.streams() == 1
    assert odd_server.becomes_idle(2)


def test_an_engine_that_breaks_is_told(odd_server: Server) -> None:
    with connect(url(odd_server, voice="broken")) as ws:
        say(ws, HELLO, {"text": "好"}, END)
        assert json.loads(ws.recv(timeout=5))["error"] == "engine_failed"
        with pytest.raises(ConnectionClosedError):
            ws.recv()
        assert ws.close_code == 1011


def test_the_key_may_come_in_the_first_message() -> None:
    with start(TTS_ENGINES="tone", TTS_API_KEYS="secret") as server:
        for first in ({"xi-api-key": "secret"}, {"xi_api_key": "secret"}, {"authorization": "Bearer secret"}):
            assert sound(answers(server, {**HELLO, **first}, {"text": "你好"}, END))
        heard = speech_client(server, "secret").convert_realtime(
            "tone-zh", text=iter(["你好"]), output_format="pcm_24000"
        )
        assert b"".join(heard)
        with connect(url(server)) as ws:
            say(ws, {**HELLO, "xi-api-key": "wrong"})
            told = json.loads(ws.recv(timeout=5))
            assert (told["error"], told["code"]) == ("unauthorized", 1008)


def test_an_alignment_covers_the_text_once() -> None:
    alignment = Alignment("“Hi, you”!")
    alignment.add([{"text": "Hi", "start": 1, "end": 3, "start_ms": 10.0, "end_ms": 30.0}])
    assert alignment.until(0, 15) == {"chars": ["“", "H"], "charStartTimesMs": [10, 10], "charDurationsMs": [0, 10]}
    alignment.add([{"text": "you", "start": 5, "end": 8, "start_ms": 100.0, "end_ms": 130.0}])
    assert alignment.until(15, 50) == {
        "chars": ["i", ",", " "],
        "charStartTimesMs": [5, 15, 15],
        "charDurationsMs": [10, 0, 0],
    }
    assert alignment.until(50, 60) is None
    assert alignment.rest() == {
        "chars": ["y", "o", "u", "”", "!"],
        "charStartTimesMs": [50, 60, 70, 80, 80],
        "charDurationsMs": [10, 10, 10, 0, 0],
    }
    assert alignment.rest() is None
