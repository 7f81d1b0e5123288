"""Tests of text that keeps arriving, through `tts.client` to the real server."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from typing import TypeAlias

import pytest

from tests.relay import Relay
from tests.server import Server
from tts.client import AsyncClient, ServerRefused
from tts.errors import TtsError

TEXT = "今天天气很好，我们去公园。走了3.5公里，花了1,200元！王行长在2：30开会：讲AI技术和Wi-Fi 6E，大家都来了。"

#: Gives the address of a server at one of its doors.
At: TypeAlias = Callable[[Server | Relay], str]


@pytest.fixture(params=["http", "ws"])
def at(request: pytest.FixtureRequest) -> At:
    """Return what gives the address of each door; pieces go over a WebSocket from both."""
    return lambda server: f"{request.param}://{server.place}"


async def written(pieces: Sequence[str], pause_s: float = 0.0) -> AsyncIterator[str]:
    """Yield pieces as they are written."""
    for piece in pieces:
        await asyncio.sleep(pause_s)
        yield piece


async def heard(client: AsyncClient, pieces: AsyncIterator[str], **fields: str) -> bytes:
    return b"".join([chunk async for chunk in client.stream_pieces(pieces, format="pcm", **fields)])


def test_pieces_sound_like_the_whole(tone_server: Server, at: At) -> None:
    async def run() -> tuple[bytes, bytes]:
        async with AsyncClient(at(tone_server)) as client:
            return await heard(client, written(TEXT)), await client.speak(TEXT, format="pcm")

    in_pieces, whole = asyncio.run(run())
    assert in_pieces == whole


def test_sound_comes_while_the_text_is_written(tone_server: Server) -> None:
    async def run() -> None:
        spoken = asyncio.Event()

        async def writer() -> AsyncIterator[str]:
            yield "你好，"
            await asyncio.wait_for(spoken.wait(), 10)
            yield "世界"

        async with AsyncClient(f"ws://{tone_server.place}", timeout_s=0.5) as client:
            made = 0
            async for chunk in client.stream_pieces(writer(), format="pcm"):
                made += len(chunk)
                if made == 2 * 16 * 300:
                    await asyncio.sleep(0.7)  # longer than the client waits when it is not its own text that is missing
                    spoken.set()
            assert made == 2 * 16 * (300 + 180 + 200)

    asyncio.run(run())


def test_more_than_the_server_has_room_for_waits(tone_server: Server) -> None:
    async def run() -> tuple[int, int]:
        async with AsyncClient(f"ws://{tone_server.place}") as client:
            return len(await heard(client, written(["好" * 1999 + "。"]))), len(await heard(client, written(["好"])))

    assert asyncio.run(run()) == (2 * 16 * 100 * 2000, 2 * 16 * 100)


def test_leaving_stops_the_writer_and_the_server(odd_server: Server) -> None:
    stopped = []

    async def writer() -> AsyncIterator[str]:
        try:
            yield "好。"
            await asyncio.sleep(60)
        finally:
            stopped.append(True)

    async def run() -> None:
        async with AsyncClient(f"ws://{odd_server.place}") as client:
            async with aclosing(client.stream_pieces(writer(), voice="endless")) as sound:
                await anext(sound)
            assert stopped

    asyncio.run(run())
    assert odd_server.becomes_idle(2)


def test_a_writer_that_fails_is_heard(tone_server: Server) -> None:
    async def writer() -> AsyncIterator[str]:
        yield "你好，"
        raise ZeroDivisionError

    async def run() -> None:
        async with AsyncClient(f"ws://{tone_server.place}") as client:
            with pytest.raises(ZeroDivisionError):
                await heard(client, writer())
            assert await client.speak("好")

    asyncio.run(run())
    assert tone_server.becomes_idle(2)


def test_a_refusal_comes_before_the_writer_is_asked(tone_server: Server) -> None:
    asked = []

    async def writer() -> AsyncIterator[str]:
        asked.append(True)
        yield "好"

    async def run() -> None:
        async with AsyncClient(f"ws://{tone_server.place}") as client:
            with pytest.raises(ServerRefused, match="no voice 'nobody'"):
                await heard(client, writer(), voice="nobody")
            assert not asked
            assert await heard(client, writer())

    asyncio.run(run())


@pytest.mark.parametrize(("text", "code"), [("好。\ud800", "bad_request"), (" ", "bad_request")])
def test_a_text_that_cannot_be_spoken_is_refused(tone_server: Server, text: str, code: str) -> None:
    async def run() -> None:
        async with AsyncClient(f"ws://{tone_server.place}") as client:
            with pytest.raises(ServerRefused) as refused:
                await heard(client, written(text))
            assert refused.value.code == code

    asyncio.run(run())
    assert tone_server.becomes_idle(2)


def test_an_engine_that_breaks_is_an_error(odd_server: Server) -> None:
    async def run() -> None:
        async with AsyncClient(f"ws://{odd_server.place}") as client:
            with pytest.raises(TtsError) as failed:
                await heard(client, written(["好。"] * 3, 0.2), voice="late")
            assert failed.value.code == "engine_failed"

    asyncio.run(run())
