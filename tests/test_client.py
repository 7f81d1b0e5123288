"""Tests of `tts.client` against the real server."""

import asyncio
import io
import wave

import httpx
import pytest

from tests.server import Server, free_port
from tts.client import AsyncClient, ServerRefused


def test_sound_comes_in_chunks_and_as_a_whole(tone_server: Server) -> None:
    async def run() -> tuple[list[bytes], bytes]:
        async with AsyncClient(tone_server.url) as client:
            chunks = [chunk async for chunk in client.stream("你好，世界。", format="pcm")]
            return chunks, await client.speak("你好，世界。")

    chunks, whole = asyncio.run(run())
    assert len(chunks) > 1
    with wave.open(io.BytesIO(whole)) as file:
        assert file.readframes(file.getnframes()) == b"".join(chunks)


def test_ssml_takes_the_place_of_the_text(tone_server: Server) -> None:
    async def run() -> bytes:
        async with AsyncClient(tone_server.url) as client:
            return await client.speak(None, ssml='<speak>好<break time="1s"/></speak>')

    assert len(asyncio.run(run())) == 44 + 2 * 16 * 1100


def test_ten_at_once_over_three_connections(tone_server: Server) -> None:
    async def run() -> list[bytes]:
        async with AsyncClient(tone_server.url, connections=3) as client:
            return list(await asyncio.gather(*(client.speak("好" * number) for number in range(1, 11))))

    sizes = [len(data) - 44 for data in asyncio.run(run())]
    assert sizes == [3200 * number for number in range(1, 11)]


def test_leaving_the_loop_stops_the_server(odd_server: Server) -> None:
    async def run() -> None:
        async with AsyncClient(odd_server.url) as client:
            stream = client.stream("好", voice="endless")
            await anext(stream)
            await stream.aclose()

    asyncio.run(run())
    assert odd_server.becomes_idle(1)


def test_a_refusal_keeps_its_code(tone_server: Server) -> None:
    async def run() -> None:
        async with AsyncClient(tone_server.url) as client:
            await client.speak("好", voice="nobody")

    with pytest.raises(ServerRefused, match="no voice 'nobody'") as refused:
        asyncio.run(run())
    assert (refused.value.status, refused.value.code) == (400, "unknown_voice")


def test_a_body_that_breaks_off_is_an_error(odd_server: Server) -> None:
    async def run() -> None:
        async with AsyncClient(odd_server.url) as client:
            async for _ in client.stream("好", voice="late"):
                pass

    with pytest.raises(httpx.RemoteProtocolError):
        asyncio.run(run())


def test_no_server_is_an_error() -> None:
    async def run() -> None:
        async with AsyncClient(f"http://127.0.0.1:{free_port()}") as client:
            await client.voices()

    with pytest.raises(httpx.ConnectError):
        asyncio.run(run())


def test_voices(tone_server: Server) -> None:
    async def run() -> list[str]:
        async with AsyncClient(tone_server.url) as client:
            return [voice["id"] for voice in await client.voices()]

    assert asyncio.run(run()) == ["tone-zh", "tone-en"]
