"""Tests of Fish-Speech's door on the real server, with the packages that its clients use."""

import asyncio
import base64
import io
import json
import wave
from typing import Any

import aiohttp
import av
import httpx
import ormsgpack
import pytest

from tests.server import Server, start

BODY = {"text": "你好世界", "reference_id": "tone-zh"}


def post(server: Server, path: str = "/v1/tts", **fields: Any) -> httpx.Response:
    return httpx.post(server.url + path, json=fields, timeout=30)


def seconds(wav: bytes) -> float:
    with wave.open(io.BytesIO(wav)) as file:
        return float(file.getnframes() / file.getframerate())


def test_a_batch_of_texts_and_languages_becomes_wav_files(server: Server) -> None:
    texts = {"zh": "你好，世界。", "en": "Good morning.", "ja": "こんにちは。", "ru": "Доброе утро.", "ar": "مرحبا"}

    async def make(session: aiohttp.ClientSession, places: asyncio.Semaphore, text: str, language: str) -> bytes:
        body = {"text": text, "language": language}
        async with places, session.post(f"{server.url}/generate", json=body) as answer:
            assert (answer.status, answer.headers["Content-Type"]) == (200, "audio/wav")
            return await answer.read()

    async def batch() -> list[bytes]:
        places = asyncio.Semaphore(3)
        async with aiohttp.ClientSession() as session:
            return await asyncio.gather(*(make(session, places, *item[::-1]) for item in texts.items()))

    assert all(0.4 < seconds(wav) < 4 for wav in asyncio.run(batch()))


@pytest.mark.parametrize("kind", ["json", "msgpack", "multipart"])
def test_a_request_comes_in_three_forms(tone_server: Server, kind: str) -> None:
    url, body = f"{tone_server.url}/v1/tts", {**BODY, "chunk_length": 200, "top_p": 0.8, "speed": 0.5}
    if kind == "json":
        answer = httpx.post(url, json=body)
    elif kind == "msgpack":
        answer = httpx.post(url, content=ormsgpack.packb(body), headers={"Content-Type": "application/msgpack"})
    else:
        answer = httpx.post(url, files={name: (None, str(value)) for name, value in body.items()})
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == "attachment; filename=audio.wav"
    assert abs(seconds(answer.content) - 0.8) < 0.01


@pytest.mark.parametrize(
    ("name", "mime", "codec"),
    [
        ("wav", "audio/wav", "pcm_s16le"),
        ("mp3", "audio/mpeg", "mp3float"),
        ("opus", "audio/ogg", "opus"),
        ("flac", "audio/flac", "flac"),
    ],
)
def test_every_format_is_what_it_says(tone_server: Server, name: str, mime: str, codec: str) -> None:
    answer = post(tone_server, **BODY, format=name)
    assert answer.headers["Content-Type"] == mime
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    with av.open(io.BytesIO(answer.content), "r") as sound:
        assert sound.streams.audio[0].codec_context.name == codec


def test_pcm_has_their_rate(tone_server: Server) -> None:
    answer = post(tone_server, **BODY, format="pcm")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert abs(len(answer.content) - 2 * 44_100 * 0.4) < 100


def test_a_stream_is_a_wav_without_sizes(tone_server: Server) -> None:
    whole = post(tone_server, **BODY)
    with httpx.stream("POST", f"{tone_server.url}/v1/tts", json={**BODY, "streaming": True}) as answer:
        assert answer.headers["Transfer-Encoding"] == "chunked"
        streamed = answer.read()
    assert streamed[4:8] == streamed[40:44] == bytes(4)
    assert streamed[44:] == whole.content[44:]
    refused = post(tone_server, **BODY, format="mp3", streaming=True)
    assert (refused.status_code, refused.json()["message"]) == (400, "format: only wav is streamed, not mp3")


def test_a_stream_begins_before_its_end_is_made(odd_server: Server) -> None:
    """The engine takes 6 s after its first chunk."""
    body = {"text": "好", "reference_id": "slow", "streaming": True}
    with httpx.stream("POST", f"{odd_server.url}/v1/tts", json=body, timeout=1.5) as answer:
        assert next(answer.iter_bytes())[:4] == b"RIFF"


def test_what_cannot_be_had_is_told(tone_server: Server) -> None:
    voice = base64.b64encode(bytes(300)).decode()
    answer = post(tone_server, **BODY, references=[{"audio": voice, "text": "x"}], speed=9)
    told = [warning["message"] for warning in json.loads(answer.headers["X-Warnings"])]
    assert any("no voice is cloned" in message for message in told)
    assert "speed 9 is held at 2" in told


@pytest.mark.parametrize(
    ("path", "fields", "message"),
    [
        ("/v1/tts", {}, "text: is required"),
        ("/generate", {"text": "  "}, "text: is blank"),
        ("/generate", {"text": "好" * 4097}, "text: has 4097 characters; at most 4096"),
        ("/generate", {"text": "好", "language": "tlh"}, "language: no voice speaks 'tlh'; choices: "),
        ("/generate", {"text": "好", "language": "?"}, "language: '?' is not a BCP-47 tag"),
        ("/v1/tts", {"text": "好", "format": "ogg"}, "format: must be one of wav, pcm, mp3, opus, flac"),
        ("/v1/tts", {"text": "好", "reference_id": "me"}, "reference_id: no voice 'me'; choices: "),
        ("/v1/tts", {"text": "好", "streaming": "perhaps"}, "streaming: must be true or false"),
        ("/v1/tts", {"text": 5}, "text: must be a string, not 5"),
    ],
)
def test_bad_input_is_answered_in_their_words(
    tone_server: Server, path: str, fields: dict[str, Any], message: str
) -> None:
    answer = post(tone_server, path, **fields)
    assert answer.status_code == answer.json()["statusCode"] == 400
    assert answer.json()["message"].startswith(message)
    assert answer.json()["error"] in ("bad_request", "text_too_long", "unknown_voice")


@pytest.mark.parametrize(
    ("kind", "content", "status"),
    [
        ("text/plain", b"{}", 415),
        ("application/json", b"{", 400),
        ("application/msgpack", b"\xc1", 400),
        ("application/msgpack", b"\x93\x01", 400),
        ("application/json", b"[]", 400),
        ("application/json", b" " * 1_000_001, 413),
    ],
)
def test_broken_bodies_are_refused(tone_server: Server, kind: str, content: bytes, status: int) -> None:
    answer = httpx.post(f"{tone_server.url}/v1/tts", content=content, headers={"Content-Type": kind})
    assert answer.status_code == answer.json()["statusCode"] == status


def test_health(tone_server: Server) -> None:
    for answer in (httpx.get(f"{tone_server.url}/v1/health"), httpx.post(f"{tone_server.url}/v1/health")):
        assert answer.json() == {"status": "ok"}


def test_a_voice_of_the_language_that_was_said(server: Server) -> None:
    """Latin letters alone would be English."""
    with start(TTS_VOICE_NAMES="host=:female") as named:
        answer = post(named, "/generate", text="Radio", language="de", voice="host")
        assert answer.status_code == 200
        assert "X-Warnings" not in answer.headers
