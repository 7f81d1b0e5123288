"""Tests of OpenAI's door on the real server, with OpenAI's own client."""

import base64
import io
import json
import wave
from collections.abc import Iterator
from typing import Any

import av
import httpx
import numpy as np
import openai
import pytest

from tests.server import Server
from tts.codec import AvEncoder, open_encoder
from tts.web.instructions import emotion_of

#: What FFmpeg calls the codec of each of OpenAI's formats.
CODECS = {"mp3": "mp3float", "opus": "opus", "aac": "aac", "flac": "flac", "wav": "pcm_s16le"}


def client_of(server: Server) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=0)


@pytest.fixture
def client(tone_server: Server) -> Iterator[openai.OpenAI]:
    with client_of(tone_server) as client:
        yield client


def pitch_hz(pcm: bytes, rate_hz: int = 24_000) -> float:
    """Return the frequency of a hum."""
    samples = np.frombuffer(pcm, "<i2").astype(float)
    return float(np.argmax(np.abs(np.fft.rfft(samples)))) * rate_hz / len(samples)


def speak(client: openai.OpenAI, text: str = "你好世界", **fields: Any) -> bytes:
    fields = {"model": "tts-1", "voice": "alloy", "response_format": "pcm", **fields}
    return client.audio.speech.create(input=text, **fields).read()


@pytest.mark.parametrize("name", CODECS)
def test_every_format_is_what_it_says(client: openai.OpenAI, name: str) -> None:
    with av.open(io.BytesIO(speak(client, response_format=name)), "r") as sound:
        assert sound.streams.audio[0].codec_context.name == CODECS[name]
        frames = list(sound.decode(audio=0))
        seconds = sum(frame.samples / frame.sample_rate for frame in frames)
    assert 0.35 < seconds < 0.6


def test_pcm_has_24_kilohertz_whatever_the_voice_has(client: openai.OpenAI) -> None:
    pcm = speak(client)
    assert abs(len(pcm) - 2 * 24_000 * 0.4) < 100
    assert abs(pitch_hz(pcm) - 220) < 5


def test_mp3_is_what_one_gets_who_asks_for_nothing(tone_server: Server) -> None:
    answer = httpx.post(f"{tone_server.url}/v1/audio/speech", json={"input": "你好", "voice": "nova", "model": "x"})
    assert answer.headers["Content-Type"] == "audio/mpeg"
    assert answer.headers["Transfer-Encoding"] == "chunked"


def test_speed_changes_the_length_and_is_held_where_voices_end(tone_server: Server, client: openai.OpenAI) -> None:
    assert abs(len(speak(client, speed=2.0)) - 2 * 24_000 * 0.2) < 100
    answer = client.audio.speech.with_raw_response.create(
        input="你好世界", model="tts-1", voice="alloy", response_format="pcm", speed=4.0
    )
    assert abs(len(answer.content) - 2 * 24_000 * 0.2) < 100
    (warning,) = json.loads(answer.headers["X-Warnings"])
    assert warning == {"code": "not_honoured", "message": "speed 4 is held at 2"}


@pytest.mark.parametrize(
    ("instructions", "semitones"),
    [
        ("Speak in a cheerful and positive tone.", 4),
        ("用悲伤的语气朗读", -4),
        ("Do not sound sad.", 0),
        ("Speak like a pirate.", 0),
    ],
)
def test_instructions_are_read_for_an_emotion(client: openai.OpenAI, instructions: str, semitones: int) -> None:
    hummed = pitch_hz(speak(client, instructions=instructions))
    assert abs(12 * np.log2(hummed / 220) - semitones) < 0.8


def test_an_emotion_the_voice_lacks_is_told(client: openai.OpenAI) -> None:
    answer = client.audio.speech.with_raw_response.create(
        input="你好", model="gpt-4o-mini-tts", voice="alloy", instructions="Sound furious!"
    )
    (warning,) = json.loads(answer.headers["X-Warnings"])
    assert "does not know 'angry'" in warning["message"]


def test_an_emotion_can_be_named(client: openai.OpenAI) -> None:
    hummed = pitch_hz(speak(client, extra_body={"emotion": "happy", "intensity": 50}))
    assert abs(12 * np.log2(hummed / 220) - 2) < 0.8
    with pytest.raises(openai.BadRequestError, match="does not know 'angry'; choices: neutral, happy, sad"):
        speak(client, extra_body={"emotion": "angry"})


@pytest.mark.parametrize(
    ("text", "emotion"),
    [
        ("", ""),
        ("Speak clearly.", ""),
        ("Sound excited!", "happy"),
        ("Don't sound angry, sound calm", "calm"),
        ("not sad but joyful", "happy"),
        ("Be gentle and soothing", "calm"),
        ("I want a scared voice", "fear"),
        ("unhappy", "sad"),
        ("不要生气，要温柔", "calm"),
        ("非常惊讶的语气", "surprise"),
        ("带着厌恶", "disgust"),
        ("an expressive stranger made a nomad glance", ""),
    ],
)
def test_the_emotion_of_instructions(text: str, emotion: str) -> None:
    assert emotion_of(text) == emotion


def test_events_carry_the_sound_and_say_how_much_it_was(tone_server: Server, client: openai.OpenAI) -> None:
    with client.audio.speech.with_streaming_response.create(
        input="你好世界", model="gpt-4o-mini-tts", voice="alloy", response_format="pcm", stream_format="sse"
    ) as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        lines = [line for line in answer.iter_lines() if line]
    events = [json.loads(line.removeprefix("data: ")) for line in lines]
    assert [event["type"] for event in events] == ["speech.audio.delta"] * (len(events) - 1) + ["speech.audio.done"]
    pcm = b"".join(base64.b64decode(event["audio"]) for event in events[:-1])
    assert pcm == speak(client)
    assert events[-1]["usage"] == {"input_tokens": 4, "output_tokens": 8, "total_tokens": 12}


def test_an_error_among_events_is_an_event(odd_server: Server) -> None:
    body = {"input": "好", "voice": "late", "response_format": "wav", "stream_format": "sse"}
    with httpx.stream("POST", f"{odd_server.url}/v1/audio/speech", json=body) as answer:
        seen = io.BytesIO()
        with pytest.raises(httpx.RemoteProtocolError):
            seen.writelines(answer.iter_bytes())
    last = json.loads(seen.getvalue().decode().strip().rsplit("data: ", 1)[1])
    assert (last["type"], last["error"]["code"]) == ("error", "engine_failed")
    assert b"secret" not in seen.getvalue()


def test_sound_comes_while_it_is_made(odd_server: Server) -> None:
    """The engine takes 6 s after its first chunk."""
    with (
        client_of(odd_server) as client,
        client.audio.speech.with_streaming_response.create(
            input="好", model="tts-1", voice="slow", response_format="pcm", timeout=1.5
        ) as answer,
    ):
        assert len(next(answer.iter_bytes())) >= 1000


def test_who_leaves_stops_the_work(odd_server: Server) -> None:
    with (
        client_of(odd_server) as client,
        client.audio.speech.with_streaming_response.create(
            input="好", model="tts-1", voice="endless", response_format="pcm"
        ) as answer,
    ):
        chunks = answer.iter_bytes()
        next(chunks)
        assert odd_server.streams() == 1
    assert odd_server.becomes_idle(2)


@pytest.mark.parametrize(
    ("fields", "message", "param"),
    [
        ({"input": ""}, "input: is blank", "input"),
        ({"input": "。。。"}, "input: nothing in it can be spoken", "input"),
        ({"input": "好" * 4097}, "input: has 4097 characters; at most 4096", "input"),
        ({"voice": "nobody"}, "voice: no voice 'nobody'; choices: ", "voice"),
        ({"response_format": "ogg"}, "response_format: must be one of .*opus", "response_format"),
        ({"stream_format": "ws"}, "stream_format: must be one of audio, sse", "stream_format"),
        ({"speed": "fast"}, "speed: must be a number from 0.5 to 2", "speed"),
    ],
)
def test_bad_input_is_answered_in_their_words(
    client: openai.OpenAI, fields: dict[str, Any], message: str, param: str
) -> None:
    text = fields.pop("input", "你好")
    with pytest.raises(openai.BadRequestError, match=message) as caught:
        speak(client, text, **fields)
    assert (caught.value.param, caught.value.type) == (param, "invalid_request_error")
    assert caught.value.code


def test_a_full_server_says_so(odd_server: Server) -> None:
    body = {"input": "好", "voice": "endless", "model": "x"}
    with (
        httpx.stream("POST", f"{odd_server.url}/v1/audio/speech", json=body),
        httpx.stream("POST", f"{odd_server.url}/v1/audio/speech", json=body),
        client_of(odd_server) as client,
        pytest.raises(openai.InternalServerError) as caught,
    ):
        speak(client, "好", voice="steady")
    assert (caught.value.status_code, caught.value.code) == (503, "busy")
    assert odd_server.becomes_idle()


def test_what_is_no_json_is_refused(tone_server: Server) -> None:
    url = f"{tone_server.url}/v1/audio/speech"
    for answer in (
        httpx.post(url, content="{", headers={"Content-Type": "application/json"}),
        httpx.post(url, content="{}"),
        httpx.post(url, json=[]),
        httpx.post(url, json={"input": "好" * 400_000}),
    ):
        assert answer.status_code in (400, 413)
        assert answer.json()["error"]["type"] == "invalid_request_error"


def test_a_voice_may_be_an_object_and_fields_may_be_unknown(client: openai.OpenAI) -> None:
    assert speak(client, voice={"id": "tone-zh"}, extra_body={"lang_code": "z"}) == speak(client, voice="tone-zh")


def test_text_of_another_language_goes_to_its_own_voice(server: Server) -> None:
    with client_of(server) as client:
        answer = client.audio.speech.with_raw_response.create(input="Good morning.", model="tts-1", voice="onyx")
        assert len(answer.content) > 3000
        assert "X-Warnings" not in answer.headers


def test_models_and_voices_are_listed(tone_server: Server, client: openai.OpenAI) -> None:
    assert {"tts-1", "tts-1-hd", "gpt-4o-mini-tts"} == {model.id for model in client.models.list()}
    assert client.models.retrieve("tts-1").id == "tts-1"
    with pytest.raises(openai.NotFoundError, match="no model 'x'"):
        client.models.retrieve("x")
    listed = httpx.get(f"{tone_server.url}/v1/audio/voices").json()
    assert [voice["id"] for voice in listed["voices"]] == ["tone-zh", "tone-en"]
    assert listed["names"]["en-Emma_woman"] == {"language": "en", "sex": "female", "voice": "tone-en"}
    assert listed["names"]["alloy"] == {"language": "", "sex": "female", "voice": None}


def test_a_bit_rate_can_be_asked_for() -> None:
    hum = (8000 * np.sin(np.arange(44_100) / 10)).astype(np.int16)
    sizes = []
    for bit_rate in (32_000, 128_000):
        encoder = open_encoder("mp3", 44_100, bit_rate)
        assert isinstance(encoder, AvEncoder)
        sizes.append(len(encoder.encode(hum) + encoder.finish()) * 8)
    assert np.allclose(sizes, (32_000, 128_000), rtol=0.1)


def test_a_saved_wav_can_be_read(client: openai.OpenAI) -> None:
    with wave.open(io.BytesIO(speak(client, response_format="wav"))) as file:
        assert file.getframerate() == 16_000
