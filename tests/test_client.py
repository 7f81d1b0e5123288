"""Tests of `tts.client` against the real server, the same over HTTP and WebSockets."""

import asyncio
import io
import wave
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import av
import pytest

from tests.relay import Relay, relay
from tests.server import Server
from tts.client import AsyncClient, Saved, ServerRefused
from tts.errors import TtsError

#: Gives the address of a server at one of its doors.
At: TypeAlias = Callable[[Server | Relay], str]


@pytest.fixture(params=["http", "ws"])
def at(request: pytest.FixtureRequest) -> At:
    """Return what gives the address of each door."""
    return lambda server: f"{request.param}://{server.place}"


def frames(data: bytes | Path) -> bytes:
    """Return the sound in a WAV whose sizes are true."""
    with wave.open(io.BytesIO(data) if isinstance(data, bytes) else str(data)) as file:
        sound: bytes = file.readframes(file.getnframes())
    return sound


def test_sound_comes_in_chunks_and_as_a_whole(tone_server: Server, at: At) -> None:
    async def run() -> tuple[list[bytes], bytes]:
        async with AsyncClient(at(tone_server)) as client:
            chunks = [chunk async for chunk in client.stream("你好，世界。", format="pcm")]
            return chunks, await client.speak("你好，世界。")

    chunks, whole = asyncio.run(run())
    assert len(chunks) > 1
    assert frames(whole) == b"".join(chunks)


def test_ssml_takes_the_place_of_the_text(tone_server: Server, at: At) -> None:
    async def run() -> bytes:
        async with AsyncClient(at(tone_server)) as client:
            return await client.speak(None, ssml='<speak>好<break time="1s"/></speak>')

    assert len(frames(asyncio.run(run()))) == 2 * 16 * 1100


def test_ten_at_once_over_three_connections(tone_server: Server, at: At) -> None:
    async def run() -> tuple[list[bytes], int]:
        with relay(tone_server.port) as between:
            async with AsyncClient(at(between), connections=3) as client:
                sounds = await asyncio.gather(*(client.speak("好" * number) for number in range(1, 11)))
            return sounds, between.connections

    sounds, connections = asyncio.run(run())
    assert [len(frames(data)) for data in sounds] == [3200 * number for number in range(1, 11)]
    assert connections == 3


def test_leaving_the_loop_stops_the_server(odd_server: Server, at: At) -> None:
    async def run() -> None:
        async with AsyncClient(at(odd_server)) as client:
            stream = client.stream("好", voice="endless")
            await anext(stream)
            await stream.aclose()
            assert frames(await client.speak("好", voice="steady"))

    asyncio.run(run())
    assert odd_server.becomes_idle(2)


def test_a_refusal_keeps_its_code(tone_server: Server, at: At) -> None:
    async def run() -> None:
        async with AsyncClient(at(tone_server)) as client:
            with pytest.raises(ServerRefused, match="no voice 'nobody'") as refused:
                await client.speak("好", voice="nobody")
            assert (refused.value.status, refused.value.code) == (400, "unknown_voice")
            with pytest.raises(ServerRefused, match="speed: must be a number") as refused:
                await anext(client.stream("好", speed=9))
            assert refused.value.code == "bad_request"

    asyncio.run(run())


def test_an_engine_that_breaks_in_the_middle_is_an_error(odd_server: Server, at: At) -> None:
    heard = []

    async def run() -> None:
        async with AsyncClient(at(odd_server)) as client:
            async for chunk in client.stream("好", voice="late"):
                heard.append(len(chunk))  # noqa: PERF401  # what came before the error is kept

    with pytest.raises(TtsError) as failed:
        asyncio.run(run())
    assert heard
    assert failed.value.code == ("broke_off" if at(odd_server).startswith("http") else "engine_failed")


def test_files_are_whole_and_tell_how_long_they_are(tone_server: Server, at: At, tmp_path: Path) -> None:
    async def run() -> list[Saved]:
        async with AsyncClient(at(tone_server)) as client:
            names = ("wav", "mp3", "opus", "pcm")
            return [await client.save("你好，世界", tmp_path / name, format=name) for name in names]

    saved = asyncio.run(run())
    assert {one.path.name: one.path.stat().st_size for one in saved} == {one.path.name: one.size for one in saved}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mp3", "opus", "pcm", "wav"]
    seconds = len(frames(tmp_path / "wav")) / 32_000
    assert [one.audio_s for one in saved] == pytest.approx([seconds] * 4, abs=0.001)
    with av.open(str(tmp_path / "mp3")) as file:
        assert sum(frame.samples for frame in file.decode(audio=0)) / 16_000 == pytest.approx(seconds, abs=0.2)


def test_warnings_are_told_with_the_file(tone_server: Server, at: At, tmp_path: Path) -> None:
    async def run() -> Saved:
        async with AsyncClient(at(tone_server)) as client:
            return await client.save("好。Привет, как дела?", tmp_path / "a.wav", voice="tone-zh")

    assert [warned["code"] for warned in asyncio.run(run()).warnings] == ["unreadable"]


def test_voices_and_readings(tone_server: Server, at: At) -> None:
    async def run() -> tuple[list[str], str]:
        async with AsyncClient(at(tone_server)) as client:
            return [voice["id"] for voice in await client.voices()], (await client.read("3 只"))["spoken"]

    assert asyncio.run(run()) == (["tone-zh", "tone-en"], "三 只")


@pytest.mark.parametrize("url", ["localhost:7860", "ftp://localhost", "http://"])
def test_a_wrong_url_is_told_at_once(url: str) -> None:
    with pytest.raises(ValueError, match=r"url: must begin with http://"):
        AsyncClient(url)
