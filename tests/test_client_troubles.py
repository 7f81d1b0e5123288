"""Tests of what `tts.client` does when the network or the server fails it."""

import asyncio
import time
from contextlib import aclosing, suppress
from pathlib import Path

import pytest

from tests.relay import relay
from tests.server import Server, free_port
from tests.test_client import frames
from tts.client import AsyncClient, BrokeOff, ServerRefused, TimedOut, Unreachable
from tts.client.failures import Patience, Trial
from tts.errors import TtsError

doors = pytest.mark.parametrize("door", ["http", "ws"])


@doors
def test_no_server_is_an_error_and_not_waited_for(door: str) -> None:
    async def run() -> None:
        async with AsyncClient(f"{door}://127.0.0.1:{free_port()}", retries=1) as client:
            await client.speak("好")

    begun_s = time.monotonic()
    with pytest.raises(Unreachable, match="no server answers"):
        asyncio.run(run())
    assert time.monotonic() - begun_s < 10


@doors
def test_what_fails_before_the_first_chunk_is_tried_again(tone_server: Server, door: str) -> None:
    async def run() -> bytes:
        with relay(tone_server.port, "drop", "drop") as between:
            async with AsyncClient(f"{door}://{between.place}", retries=2) as client:
                sound = b"".join([chunk async for chunk in client.stream("好", format="pcm")])
            assert between.connections == 3
            return sound

    assert len(asyncio.run(run())) == 3200


@doors
def test_retries_come_to_an_end(tone_server: Server, door: str) -> None:
    async def run() -> int:
        with relay(tone_server.port, *["drop"] * 9) as between:
            async with AsyncClient(f"{door}://{between.place}", retries=2) as client:
                with pytest.raises((BrokeOff, Unreachable)):
                    await client.speak("好")
            return between.connections

    assert asyncio.run(run()) == 3


@doors
def test_what_has_been_heard_is_not_repeated(tone_server: Server, door: str) -> None:
    heard = []

    async def run(place: str) -> None:
        async with AsyncClient(f"{door}://{place}") as client:
            async for chunk in client.stream("好" * 100, format="pcm"):
                heard.append(len(chunk))  # noqa: PERF401  # what came before the error is kept

    with relay(tone_server.port, 40_000) as between, pytest.raises(BrokeOff):
        asyncio.run(run(between.place))
    assert 0 < sum(heard) < 320_000
    assert between.connections == 1


@doors
def test_a_file_that_nobody_has_heard_is_made_anew(tone_server: Server, door: str, tmp_path: Path) -> None:
    async def run() -> None:
        with relay(tone_server.port, 40_000, 40_000) as between:
            async with AsyncClient(f"{door}://{between.place}") as client:
                await client.save("好" * 100, tmp_path / "a.wav")
                assert between.connections >= 2
                assert len(frames(await client.speak("好" * 100))) == 320_000

    asyncio.run(run())
    assert len(frames(tmp_path / "a.wav")) == 320_000
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


@doors
def test_a_file_that_fails_leaves_nothing(tone_server: Server, door: str, tmp_path: Path) -> None:
    async def run() -> None:
        with relay(tone_server.port, 40_000) as between:
            async with AsyncClient(f"{door}://{between.place}", retries=0) as client:
                await client.save("好" * 100, tmp_path / "a.wav")

    with pytest.raises(BrokeOff):
        asyncio.run(run())
    assert list(tmp_path.iterdir()) == []


@doors
def test_a_server_that_says_nothing_is_given_up(tone_server: Server, door: str) -> None:
    async def run() -> None:
        with relay(tone_server.port, "mute", "mute") as between:
            async with AsyncClient(f"{door}://{between.place}", timeout_s=0.2, retries=0) as client:
                await client.speak("好")

    with pytest.raises((TimedOut, Unreachable), match=r"took too long|timed out"):
        asyncio.run(run())


@doors
def test_a_busy_server_is_waited_for(odd_server: Server, door: str) -> None:
    """The odd server has two places."""
    url = f"{door}://127.0.0.1:{odd_server.port}"

    async def run() -> bytes:
        async with AsyncClient(url) as others, AsyncClient(url, retries=0, patience_s=0) as hasty:
            endless = [others.stream("好", voice="endless") for _ in range(2)]
            async with aclosing(endless[0]), aclosing(endless[1]):
                for stream in endless:
                    await anext(stream)
                with pytest.raises(ServerRefused, match="2 utterances are being made") as refused:
                    await hasty.speak("好", voice="steady")
                assert (refused.value.status, refused.value.code) == (503, "busy")
                waiting = asyncio.create_task(others.speak("好", voice="steady"))
                await asyncio.sleep(0.3)
                assert not waiting.done()
            return await waiting

    assert frames(asyncio.run(run()))


@doors
def test_the_key_is_sent_as_a_bearer_token(tone_server: Server, door: str) -> None:
    async def run() -> bytes:
        with relay(tone_server.port) as between:
            async with AsyncClient(f"{door}://{between.place}", api_key="secret-1") as client:
                await client.speak("好")
            return between.heard

    assert b"authorization: bearer secret-1" in asyncio.run(run()).lower()


def pauses(
    errors: list[TtsError], patience: Patience, monkeypatch: pytest.MonkeyPatch, met: bool = True
) -> list[float]:
    """Return how long a trial waits after each of these errors; the clock goes on by that much."""
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    async def run() -> None:
        trial = Trial(patience)
        for error in errors:
            await trial.pause_after(error, met)

    monkeypatch.setattr("tts.client.failures.asyncio.sleep", sleep)
    monkeypatch.setattr("tts.client.failures.time.monotonic", lambda: 1000.0 + sum(waited))
    with suppress(TtsError):
        asyncio.run(run())
    return waited


def test_pauses_double_with_jitter(monkeypatch: pytest.MonkeyPatch) -> None:
    waited = pauses([TimedOut("")] * 12, Patience(10, 0), monkeypatch)
    assert len(waited) == 10
    for pause, longest in zip(waited, [0.25, 0.5, 1, 2, 4, 5, 5, 5, 5, 5], strict=True):
        assert longest / 2 <= pause <= longest
    again = pauses([TimedOut("")] * 12, Patience(10, 0), monkeypatch)
    assert again != waited


def test_waiting_for_a_busy_server_uses_up_no_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    busy = ServerRefused(503, "busy", "", retry_after_s=1.0)
    waited = pauses([busy] * 50, Patience(0, 20), monkeypatch)
    assert len(waited) > 4
    assert min(waited) >= 1
    assert 14 < sum(waited) <= 20


def test_a_refusal_is_final_and_a_wrong_address_too(monkeypatch: pytest.MonkeyPatch) -> None:
    patience = Patience(2, 60)
    assert pauses([ServerRefused(400, "bad_request", "")], patience, monkeypatch) == []
    assert pauses([ServerRefused(401, "unauthorized", "")], patience, monkeypatch) == []
    assert pauses([ServerRefused(502, "engine_refused", "")], patience, monkeypatch) == []
    assert len(pauses([Unreachable("")] * 9, patience, monkeypatch, met=False)) == 2
    assert len(pauses([ServerRefused(500, "engine_failed", "")] * 9, patience, monkeypatch)) == 2
