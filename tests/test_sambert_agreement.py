"""A `voice.json` that contradicts its graphs: told in a sentence when they are opened, and the other voices speak."""

import json
import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import onnx
import pytest

from tests.sambert import session
from tests.voices import PLAIN, SUNG
from tts.config import load
from tts.engines.sambert import open as open_engine
from tts.engines.sambert.speaker import Speaker
from tts.engines.sambert.symbols import Symbols
from tts.engines.sambert.voice import MANIFEST, BrokenVoice, read, sha256


@pytest.fixture
def home(voices_dir: Path, tmp_path: Path) -> Path:
    """Return a folder with copies of both small voices."""
    return Path(shutil.copytree(voices_dir, tmp_path / "voices"))


def rewrite(folder: Path, field: str, value: Any) -> None:
    """Change one field of a voice's manifest, such as `vocoder.nsf`."""
    path = folder / MANIFEST
    content = json.loads(path.read_text(encoding="utf-8"))
    *outer, name = field.split(".")
    within = content
    for each in outer:
        within = within[each]
    assert within[name] != value
    within[name] = value
    path.write_text(json.dumps(content), encoding="utf-8")


@pytest.mark.parametrize(
    ("voice", "field", "value", "told"),
    [
        (PLAIN, "mels", 81, "is 81 in voice.json, but 80 in the graph step"),
        (SUNG, "mels", 80, "is 80 in voice.json, but 82 in the graph step"),
        (PLAIN, "acoustic.d_mem", 56, "is 56 in voice.json, but 40 in the graph step"),
        (PLAIN, "acoustic.outputs_per_step", 2, "is 2 in voice.json, but 3 in the graph step"),
        (PLAIN, "acoustic.refine_lookahead_frames", 0, "is 0 in voice.json, but 12 in the graph refine"),
        (PLAIN, "vocoder.lookahead_frames", 19, "is 19 in voice.json, but 18 in the graph vocode"),
        (SUNG, "vocoder.lookahead_frames", 17, "is 17 in voice.json, but 18 in the graph vocode"),
        (PLAIN, "vocoder.lookahead_frames", 0, "is 0 in voice.json, with which the graph vocode does not run"),
        (PLAIN, "hop", 160, "is 160 in voice.json, but 200 in the graph vocode"),
        (SUNG, "hop", 160, "is 160 in voice.json, with which the graph vocode does not run"),
        (SUNG, "vocoder.nsf", None, 'is null in voice.json, but {"harmonics": 7} in the graph vocode'),
        (SUNG, "vocoder.nsf.harmonics", 8, 'vocoder.nsf is {"harmonics": 8} in voice.json, but {"harmonics": 7} in'),
    ],
)
def test_what_contradicts_the_graphs_is_told_and_the_other_voice_opens(
    voice: str, field: str, value: Any, told: str, home: Path
) -> None:
    rewrite(home / voice, field, value)
    with closing(open_engine(load({}, voices_dir=str(home)))) as engine:
        assert [each.id for each in engine.voices] == [each for each in (PLAIN, SUNG) if each != voice]
        assert list(engine.damaged) == [voice]
        assert f"{voice}: {field.removesuffix('.harmonics')} is " in engine.damaged[voice]
        assert told in engine.damaged[voice]


def test_a_source_that_the_graph_has_not_is_told(home: Path) -> None:
    rewrite(home / PLAIN, "acoustic.f0", {"mean_hz": 210.0, "std_hz": 40.0})
    rewrite(home / PLAIN, "vocoder.nsf", {"harmonics": 7})
    message = 'mini: vocoder.nsf is {"harmonics": 7} in voice.json, but null in the graph vocode'
    with pytest.raises(BrokenVoice, match=message):
        Speaker(home / PLAIN, read(home / PLAIN), Symbols(), session)


def test_a_graph_whose_sizes_are_not_fixed_stops_no_server(home: Path) -> None:
    step = home / PLAIN / "step.onnx"
    graph = onnx.load(step)
    (frame,) = [put for put in graph.graph.input if put.name == "frame"]
    frame.type.tensor_type.shape.dim[1].dim_param = "wide"
    onnx.save(graph, step)
    manifest = json.loads((home / PLAIN / MANIFEST).read_text(encoding="utf-8"))
    rewrite(home / PLAIN, "files", manifest["files"] | {step.name: sha256(step)})
    with closing(open_engine(load({}, voices_dir=str(home)))) as engine:
        assert [each.id for each in engine.voices] == [SUNG]
        assert engine.damaged[PLAIN] == "mini: mels is 80 in voice.json, but 0 in the graph step"


@pytest.mark.parametrize("voice", [PLAIN, SUNG])
def test_what_agrees_opens(voice: str, home: Path) -> None:
    assert Speaker(home / voice, read(home / voice), Symbols(), session).manifest.id == voice
