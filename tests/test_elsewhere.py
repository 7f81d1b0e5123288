"""Engines whose voices another server speaks, against servers that speak those protocols."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import httpx
import numpy as np
import pytest

from tests.server import Server, free_port, start
from tests.test_ws import FrameTalker
from tests.upstreams import Fish, OpenAi, Upstream, http_server, ramp, vibevoice
from tts.catalogue import Catalogue, open_catalogue
from tts.config import load
from tts.engines.elsewhere.engine import language_of
from tts.errors import EngineFailed
from tts.frontend import Reader
from tts.types import Controls, PcmChunk, Sentence

WHOLE = np.frombuffer(ramp(24_000), "<i2")
VOICES = {"remote": "remote-zf_xiaoxiao", "fish": "fish-zh", "vibevoice": "vibevoice-en-Carter_man"}


@dataclass
class Chain:
    """Our engine and the server behind it."""

    name: str
    upstream: Upstream
    catalogue: Catalogue

    def chunks(self, text: str, voice: str = "", controls: Controls = Controls()) -> Iterator[PcmChunk]:  # noqa: B008
        spoken = self.catalogue.voice(voice or VOICES[self.name])
        return self.catalogue.speak(Sentence(text, 3, spoken.language), spoken, controls)

    def fails(self, text: str) -> EngineFailed:
        with pytest.raises(EngineFailed) as failed:
            list(self.chunks(text))
        return failed.value


def chained(name: str, upstream: Upstream, **settings: object) -> Chain:
    known = {f"{name}_url": upstream.url, "fish_key": "secret", "remote_timeout_s": 0.7, **settings}
    return Chain(name, upstream, open_catalogue(load({}, engines=(name, "tone"), **known)))


@pytest.fixture(params=["remote", "fish", "vibevoice"])
def chain(request: pytest.FixtureRequest) -> Iterator[Chain]:
    with ExitStack() as stack:
        servers = {"remote": lambda: http_server(OpenAi), "fish": lambda: http_server(Fish), "vibevoice": vibevoice}
        yield chained(request.param, stack.enter_context(servers[request.param]()))


def test_every_sample_comes_and_one_mark_for_the_sentence(chain: Chain) -> None:
    *sound, last = (chunk for chunk in chain.chunks("你好。") if chunk.samples.size or chunk.marks)
    assert len(sound) > 1
    np.testing.assert_array_equal(np.concatenate([chunk.samples for chunk in sound]) * 32768, WHOLE)
    (mark,) = last.marks
    rate_hz = chain.catalogue.voice(VOICES[chain.name]).sample_rate_hz
    assert (mark.text, mark.start, mark.start_ms) == ("你好。", 3, 0)
    assert mark.end_ms == pytest.approx(24_000_000 / rate_hz)


def test_sound_comes_before_the_last_of_it_is_made(chain: Chain) -> None:
    stream = chain.chunks("please wait")
    assert next(chunk.samples.size for chunk in stream if chunk.samples.size)
    chain.upstream.go_on.set()
    assert sum(len(chunk.samples) for chunk in stream) > 10_000


def test_going_away_hangs_up(chain: Chain) -> None:
    stream = chain.chunks("endless")
    for _ in range(5):
        next(stream)
    begun_s = time.monotonic()
    stream.close()  # type: ignore[attr-defined]
    assert time.monotonic() - begun_s < 0.5
    assert chain.upstream.hung_up.wait(5)


def test_what_is_wrong_is_told_apart(chain: Chain) -> None:
    busy, broken, stuck = chain.fails("busy"), chain.fails("break"), chain.fails("wait")
    assert (busy.code, busy.status) == ("engine_busy", 503)
    assert (stuck.code, stuck.status) == ("engine_timeout", 504)
    assert "says nothing for 0.7 s" in stuck.message
    assert (broken.code, broken.status) == ("engine_unreachable", 502)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("remote", "refuse", "remote answers 400: Invalid voice"),
        ("vibevoice", "refuse", "vibevoice: CUDA out of memory"),
        ("fish", "other rate", "fish sends 1 channels of 16 bits at 48000 Hz, not one of 16 at 44100"),
        ("fish", "mp3", "fish sends no WAV"),
    ],
)
def test_a_refusal_says_why(name: str, text: str, words: str) -> None:
    with vibevoice() if name == "vibevoice" else http_server(OpenAi if name == "remote" else Fish) as upstream:
        refused = chained(name, upstream).fails(text)
    assert (refused.code, refused.status) == ("engine_refused", 502)
    assert words in refused.message


def test_a_wrong_key_is_a_refusal() -> None:
    with http_server(Fish) as upstream:
        assert chained("fish", upstream, fish_key="wrong").fails("好").message == "fish answers 401: Invalid token"


def test_a_server_that_is_gone_is_unreachable(chain: Chain) -> None:
    gone = Upstream(f"http://127.0.0.1:{free_port()}")
    engine = chained(chain.name, gone)
    assert [voice.engine for voice in engine.catalogue.voices] == ["tone", "tone"]


def test_openai_is_asked_as_its_clients_ask() -> None:
    with http_server(OpenAi) as upstream:
        chain = chained("remote", upstream, remote_key="sk-1")
        list(chain.chunks("你好", "remote-alloy", Controls("happy", 125.0, speed=1.5)))
    assert upstream.asked == [
        {
            "model": "gpt-4o-mini-tts",
            "input": "你好",
            "voice": "alloy",
            "response_format": "pcm",
            "speed": 1.5,
            "instructions": "Speak very happily.",
        }
    ]
    assert upstream.headers[0]["Authorization"] == "Bearer sk-1"
    found = {voice.id: (voice.language, voice.sex) for voice in chain.catalogue.voices if voice.engine == "remote"}
    assert found == {
        "remote-zf_xiaoxiao": ("zh", "female"),
        "remote-bm_george": ("en-GB", "male"),
        "remote-alloy": ("zh", "female"),
    }


def test_fish_and_vibevoice_are_asked_as_their_clients_ask() -> None:
    with http_server(Fish) as upstream:
        list(chained("fish", upstream).chunks("你好", "fish-my-voice"))
        assert upstream.asked == [{"text": "你好", "format": "wav", "streaming": True, "reference_id": "my voice"}]
    with vibevoice() as upstream:
        chain = chained("vibevoice", upstream)
        list(chain.chunks("hello & you", "vibevoice-jp-Spk1_woman"))
        assert upstream.asked == [{"text": "hello & you", "cfg": "1.500", "voice": "jp-Spk1_woman"}]
        voices = [voice for voice in chain.catalogue.voices if voice.engine == "vibevoice"]
        assert [(voice.name, voice.language, voice.sex) for voice in voices] == [
            ("en-Carter_man", "en", "male"),
            ("de-Spk0_man", "de", "male"),
            ("jp-Spk1_woman", "ja", "female"),
        ]


@pytest.mark.parametrize(
    ("told", "language"),
    [("pt-BR", "pt-BR"), ("zh", "zh"), ("Chinese", "en"), ("alloy", "en"), ("", "en"), ("zh_", "en"), ("\ud800", "en")],
)
def test_what_is_no_language_tag_is_not_taken_for_one(told: str, language: str) -> None:
    assert language_of(told, "en") == language


@pytest.mark.parametrize(("name", "path"), [("vibevoice", ""), ("remote", "/v1")])
def test_another_shengliu_is_a_server_like_any_other(tone_server: Server, name: str, path: str) -> None:
    chain = chained(name, Upstream(tone_server.url + path), remote_timeout_s=5)
    Reader({voice.language for voice in chain.catalogue.voices})
    assert sum(chunk.samples.size for chunk in chain.chunks("你好", f"{name}-tone-zh")) > 4000
    told = {voice.id: (voice.language, voice.sex) for voice in chain.catalogue.voices if voice.engine == name}
    assert told[f"{name}-tone-zh"] == ("zh", "female")
    assert told[f"{name}-tone-en"] == ("en", "female")


def test_a_shengliu_tells_the_vibevoice_engine_what_its_names_do_not(tone_server: Server) -> None:
    """Of ours, `tone-zh` begins with no language, and its names stand for voices of another sex if they must."""
    chain = chained("vibevoice", Upstream(tone_server.url), remote_timeout_s=5)
    told = {voice.name: (voice.language, voice.sex) for voice in chain.catalogue.voices if voice.engine == "vibevoice"}
    assert told["zh-Spk1_man"] == ("zh", "female")
    assert told["tone-zh"] == ("zh", "female")


@pytest.mark.parametrize("name", ["remote", "fish", "vibevoice"])
def test_an_engine_without_its_address_is_an_operators_error(name: str) -> None:
    with pytest.raises(ValueError, match=f"TTS_{name.upper()}_URL must be an address such as http://localhost:8080"):
        open_catalogue(load({}, engines=(name,)))


@dataclass
class Doors:
    """The real server with voices of another."""

    server: Server
    upstream: Upstream


@pytest.fixture(scope="module")
def doors() -> Iterator[Doors]:
    with (
        http_server(OpenAi) as upstream,
        start(
            TTS_ENGINES="tone,remote", TTS_REMOTE_URL=upstream.url, TTS_REMOTE_TIMEOUT_S="20", TTS_THREADS="2"
        ) as server,
    ):
        yield Doors(server, upstream)


def test_the_menu_lists_them_and_they_stream(doors: Doors) -> None:
    listed = httpx.get(doors.server.url + "/api/voices").json()["voices"]
    assert "remote-zf_xiaoxiao" in [voice["id"] for voice in listed]
    talker = FrameTalker(doors.server)
    try:
        talker.send("synthesize", {"text": "please wait", "voice": "remote-alloy", "id": "a"})
        talker.wait_for("audio_chunk")
        assert doors.server.streams() == 1
        doors.upstream.go_on.set()
        events = talker.until_end("a")
        assert events[-1].data["status"] == "completed"
        assert events[-1].data["audio_ms"] == pytest.approx(1000, abs=1)
        talker.send("synthesize", {"text": "hello", "voice": "remote-alloy", "id": "b", "pitch": 3})
        events = talker.until_end("b")
    finally:
        doors.upstream.go_on.clear()
        talker.close()
    warned = [event.data["message"] for event in events if event.kind == "warning"]
    assert warned == ["remote-alloy cannot change its pitch"]


def test_those_who_wait_keep_no_thread_from_those_who_synthesise(doors: Doors) -> None:
    talkers = [FrameTalker(doors.server) for _ in range(4)]
    try:
        for talker in talkers:
            talker.send("synthesize", {"text": "please wait", "voice": "remote-alloy", "id": "a"})
        begun_s = time.monotonic()
        httpx.post(doors.server.url + "/api/synthesize", json={"text": "好", "voice": "tone-zh"}).raise_for_status()
        assert time.monotonic() - begun_s < 2
        for talker in talkers:
            talker.send("cancel", {"id": "a"})
            assert talker.until_end("a")[-1].data["status"] == "cancelled"
    finally:
        doors.upstream.go_on.set()
        for talker in talkers:
            talker.close()
    assert doors.server.becomes_idle()
    doors.upstream.go_on.clear()


def test_before_sound_a_failure_is_an_answer_and_after_it_a_message(doors: Doors) -> None:
    body = {"text": "busy", "voice": "remote-alloy"}
    answer = httpx.post(doors.server.url + "/api/synthesize", json=body)
    assert (answer.status_code, answer.json()["code"]) == (503, "engine_busy")
    talker = FrameTalker(doors.server)
    try:
        talker.send("synthesize", {**body, "text": "break", "id": "b"})
        events = talker.until_end("b")
        talker.send("synthesize", {"text": "好", "voice": "tone-zh", "id": "c"})
        assert talker.sound("c")
    finally:
        talker.close()
    assert "audio_chunk" in [event.kind for event in events]
    assert (events[-1].kind, events[-1].data["code"]) == ("error", "engine_unreachable")


def test_a_server_that_was_away_at_the_start_is_found_later() -> None:
    """Nobody here reads Japanese before fish-speech comes: then its voice is in every menu, and speaks."""
    port = free_port()
    with start(
        TTS_ENGINES="tone,fish", TTS_FISH_URL=f"http://127.0.0.1:{port}", TTS_FISH_KEY="secret", TTS_THREADS="2"
    ) as server:
        body = {"text": "こんにちは。", "language": "ja"}
        assert httpx.post(server.url + "/generate", json=body).json()["message"].startswith("language: no voice speaks")
        with http_server(Fish, port):
            until_s = time.monotonic() + 20
            while "fish-ja" not in (voices := httpx.get(server.url + "/config").json()["voices"]):
                assert time.monotonic() < until_s, voices
                time.sleep(0.1)
            assert "fish-ja" in [voice["id"] for voice in httpx.get(server.url + "/v1/audio/voices").json()["voices"]]
            assert len(httpx.post(server.url + "/generate", json=body, timeout=20).content) > 40_000
            talker = FrameTalker(server)
            try:
                talker.send("synthesize", {"text": "你好。こんにちは、世界のみなさん。", "voice": "tone-zh", "id": "a"})
                warned = [event.data["code"] for event in talker.until_end("a") if event.kind == "warning"]
            finally:
                talker.close()
            assert set(warned) == {"other_voice"}
        assert server.becomes_idle()
