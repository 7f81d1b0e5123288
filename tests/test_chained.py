"""One of our servers speaks with the voices of another: every door that an engine calls is one of ours too."""

import wave
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.server import Server, start

#: One clause: each is asked for alone, and would be resampled alone.
TEXT = "你好世界。"


@pytest.fixture(scope="module")
def near(tone_server: Server) -> Iterator[Server]:
    """Yield a server whose engines ask the tone server."""
    urls: dict[str, Any] = {f"TTS_{name}_URL": tone_server.url for name in ("REMOTE", "FISH", "VIBEVOICE")}
    with start(TTS_ENGINES="remote,fish,vibevoice", TTS_DEFAULT_VOICE="remote-tone-zh", **urls) as server:
        yield server


def spoken(url: str, **body: object) -> NDArray[np.int16]:
    """Return the samples of an utterance, shape (n,)."""
    answer = httpx.post(f"{url}/api/synthesize", json={"text": TEXT, "stream": False, **body}, timeout=30)
    assert answer.status_code == 200, answer.text
    with wave.open(BytesIO(answer.content)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2")


def test_the_voices_of_the_far_server_are_listed(near: Server) -> None:
    voices = {voice["id"]: voice for voice in httpx.get(near.url + "/api/voices").json()["voices"]}
    for tag in ("zh", "en"):
        voice = voices[f"remote-tone-{tag}"]
        assert (voice["name"], voice["language"], voice["sex"]) == (f"Tone {tag}", tag, "female")
        assert voice["sample_rate"] == 24_000
    assert voices["vibevoice-tone-zh"]["engine"] == "vibevoice"
    assert voices["fish-zh"]["sample_rate"] == 44_100


@pytest.mark.parametrize(
    ("voice", "rate_hz"), [("remote-tone-zh", 24_000), ("vibevoice-zh-Spk0_woman", 24_000), ("fish-zh", 44_100)]
)
def test_it_sounds_as_there(near: Server, tone_server: Server, voice: str, rate_hz: int) -> None:
    here = spoken(near.url, voice=voice)
    there = spoken(tone_server.url, voice="tone-zh", sample_rate=rate_hz)
    np.testing.assert_array_equal(here, there)
