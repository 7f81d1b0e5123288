"""The voice that comes with the program: whole, small, credited, and able to speak."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.server import ROOT, Server, start
from tests.test_ws import FrameTalker
from tts.config import load
from tts.engines.sambert import open as open_engine
from tts.engines.sambert.engine import SambertEngine
from tts.engines.sambert.voice import Manifest, faults, read
from tts.frontend import Reader
from tts.types import Controls, Samples

FOLDER = ROOT / "voices" / "yue"
TEXT = "今天天气很好，我们一起去公园散步吧。"
#: What the licence of the recordings asks to be said, from the catalogue of the recordings.
CREDIT = '"Collection audio libre de mots chinois (mandarins)", (c) 2009 Yue Tan, University of Caen / Shtooka'


@pytest.fixture(scope="module")
def manifest() -> Manifest:
    return read(FOLDER)


@pytest.fixture(scope="module")
def engine() -> Iterator[SambertEngine]:
    opened = open_engine(load({}, voices_dir=str(FOLDER.parent)))
    yield opened
    opened.close()


def sound(engine: SambertEngine, reader: Reader, controls: Controls) -> Samples:
    (voice,) = [voice for voice in engine.voices if voice.id == "yue"]
    sentences = reader.read(TEXT, "zh")
    return np.concatenate([chunk.samples for one in sentences for chunk in engine.speak(one, voice, controls)])


def test_it_is_whole_and_small(manifest: Manifest) -> None:
    assert faults(FOLDER, manifest) == []
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 25e6


def test_whoever_made_the_recordings_is_named(manifest: Manifest) -> None:
    assert manifest.licence == "CC BY-SA 4.0"
    assert CREDIT in manifest.attribution
    card = (FOLDER / "README.md").read_text(encoding="utf-8").replace("\n> ", " ")
    assert manifest.attribution in card


def test_it_speaks_at_the_pace_and_level_of_speech(engine: SambertEngine, reader: Reader) -> None:
    made = sound(engine, reader, Controls())
    syllables = sum(character not in "，。" for character in TEXT)
    assert 0.22 < len(made) / 16_000 / syllables < 0.36
    assert 0.1 < np.abs(made).max() < 1
    assert 0.02 < np.sqrt(np.square(made).mean()) < 0.3


def test_it_speaks_in_eight_emotions_that_differ(engine: SambertEngine, reader: Reader, manifest: Manifest) -> None:
    wanted = ["neutral", "happy", "sad", "angry", "fear", "surprise", "disgust", "calm"]
    assert sorted(manifest.emotions) == sorted(wanted)
    assert set(manifest.rules) == set(wanted) - {"neutral"}
    made = {name: sound(engine, reader, Controls(name)) for name in manifest.emotions}
    assert len(made["sad"]) > 1.1 * len(made["neutral"]) > 1.1 * len(made["happy"])
    levels = {name: np.sqrt(np.square(one).mean()) for name, one in made.items()}
    assert levels["angry"] > levels["neutral"] > levels["sad"]


@pytest.fixture(scope="module")
def shipped() -> Iterator[Server]:
    """Yield the server as it is after a clone: no setting but the port."""
    with start(TTS_VOICES_DIR="voices") as server:
        yield server


def test_chinese_is_spoken_by_it_without_being_asked_for(shipped: Server, tmp_path: Path) -> None:
    talker = FrameTalker(shipped)
    try:
        talker.send("synthesize", {"text": TEXT, "id": "a", "emotion": "happy"})
        events = talker.until_end("a")
    finally:
        talker.close()
    started = next(event.data for event in events if event.kind == "started")
    assert (started["voice"], started["sample_rate"]) == ("yue", 16_000)
    marks = [item["text"] for event in events if event.kind == "marks" for item in event.data["items"]]
    assert "".join(marks) == TEXT.replace("，", "").replace("。", "")
