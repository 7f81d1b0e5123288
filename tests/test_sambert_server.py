"""The real server with neural voices, through every door."""

import threading
from collections.abc import Callable, Iterator

import httpx
import numpy as np
import pytest

from tests.server import Server
from tests.talker import Talker
from tests.test_socketio import EventTalker
from tests.test_ws import FrameTalker
from tests.voices import EMOTIONS, PLAIN, SUNG
from tts.engines.sambert.voice import inventory
from tts.web.answers import EMOTION_LABELS

TEXT = "今天天气很好，我们一起去公园散步吧。"
SPOKEN = [character for character in TEXT if character not in "，。"]


def pcm(server: Server, **body: object) -> bytes:
    """Return the sound of a request over HTTP."""
    answer = httpx.post(server.url + "/api/synthesize", json={"text": TEXT, "format": "pcm", **body}, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.content


@pytest.fixture(params=[EventTalker, FrameTalker], ids=["socket.io", "websocket"])
def talker(request: pytest.FixtureRequest, sambert_server: Server) -> Iterator[Talker]:
    opened: Callable[[Server], Talker] = request.param
    talking = opened(sambert_server)
    yield talking
    talking.close()


def test_neural_voices_come_first_with_their_emotions(sambert_server: Server) -> None:
    listed = httpx.get(sambert_server.url + "/api/voices").json()
    assert listed["default_voice"] == PLAIN
    assert [voice["id"] for voice in listed["voices"][:3]] == [PLAIN, SUNG, "espeak-cmn"]
    assert [emotion["id"] for emotion in listed["voices"][0]["emotions"]] == list(EMOTIONS)


def near(made: bytes, wanted: bytes) -> bool:
    """Return whether two sounds are the same but for rounding."""
    a, b = (np.frombuffer(data, "<i2").astype(np.int32) for data in (made, wanted))
    return a.shape == b.shape and bool(np.abs(a - b).max() <= 4)


def test_every_door_gives_the_same_sound(sambert_server: Server, talker: Talker) -> None:
    talker.send("synthesize", {"text": TEXT, "id": "a", "emotion": "sad"})
    assert near(talker.sound("a"), pcm(sambert_server, emotion="sad"))


def test_marks_name_every_character_in_time(talker: Talker) -> None:
    talker.send("synthesize", {"text": TEXT, "id": "a", "speed": 1.3})
    events = talker.until_end("a")
    marks = [item for event in events if event.kind == "marks" for item in event.data["items"]]
    assert [mark["text"] for mark in marks] == SPOKEN
    assert all(mark["pinyin"] for mark in marks)
    times = [mark["start_ms"] for mark in marks]
    assert times == sorted(times)
    assert marks[-1]["end_ms"] == pytest.approx(events[-1].data["audio_ms"], abs=13)


def test_cancelling_ends_it_and_the_next_one_speaks(talker: Talker) -> None:
    talker.send("synthesize", {"text": TEXT * 10, "id": "a", "window_ms": 400})
    talker.wait_for("audio_chunk")
    talker.send("cancel", {"id": "a"})
    assert talker.until_end("a")[-1].data["status"] == "cancelled"
    talker.send("synthesize", {"text": "好。", "id": "b"})
    assert talker.sound("b")


@pytest.mark.parametrize("voice", [PLAIN, SUNG])
def test_emotions_intensity_speed_and_pitch_are_heard(sambert_server: Server, voice: str) -> None:
    usual = pcm(sambert_server, voice=voice)
    assert pcm(sambert_server, voice=voice, emotion="happy") != usual
    assert near(pcm(sambert_server, voice=voice, emotion="happy", intensity=0), usual)
    assert pcm(sambert_server, voice=voice, pitch=3) != usual
    assert not near(pcm(sambert_server, voice=voice, energy=1.5), usual)
    assert len(pcm(sambert_server, voice=voice, speed=2)) < 0.6 * len(usual)


def test_an_emotion_the_voice_does_not_know_is_refused(sambert_server: Server) -> None:
    answer = httpx.post(sambert_server.url + "/api/synthesize", json={"text": TEXT, "emotion": "calm"})
    assert answer.json()["code"] == "unknown_emotion"
    assert "mini does not know 'calm'; choices: neutral, happy, sad, angry" in answer.json()["message"]


def test_another_language_goes_to_another_voice(sambert_server: Server) -> None:
    talker = FrameTalker(sambert_server)
    try:
        talker.send("synthesize", {"text": "今天很好。Это хорошо. 再见。", "id": "a"})
        warned = [event.data["message"] for event in talker.until_end("a") if event.kind == "warning"]
    finally:
        talker.close()
    assert any("mini cannot read 'Это хорошо" in message and "espeak-ru" in message for message in warned)


def test_markup_changes_the_emotion_inside_a_text(sambert_server: Server) -> None:
    def speech(inside: str) -> bytes:
        ssml = f"<speak>今天天气很好。{inside}</speak>"
        answer = httpx.post(sambert_server.url + "/api/synthesize", json={"ssml": ssml, "format": "pcm"}, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.content

    plain = speech("我们去公园。")
    sad = speech('<emotion category="sad">我们去公园。</emotion>')
    start = 2 * 16 * 400
    assert near(plain[:start], sad[:start])
    assert plain != sad


def test_ten_listeners_at_once_hear_what_one_hears(sambert_server: Server) -> None:
    alone = pcm(sambert_server)
    heard: list[bytes] = [b""] * 10

    def listen(at: int) -> None:
        heard[at] = pcm(sambert_server)

    threads = [threading.Thread(target=listen, args=(at,)) for at in range(len(heard))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert all(near(one, alone) for one in heard)


def test_every_emotion_that_voices_may_have_is_called_something_in_the_menu() -> None:
    names = [name.removeprefix("emotion_") for name in inventory()["emotion"] if name.startswith("emotion_")]
    assert {name for name in names if "placeholder" not in name} - {"none"} == EMOTION_LABELS.keys()
