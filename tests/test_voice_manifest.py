"""Tests of reading the folder of an imported voice."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tts.engines.sambert import voice

WHOLE: dict[str, Any] = {
    "format": 1,
    "id": "tiny",
    "name": "Tiny",
    "language": "zh",
    "sex": "female",
    "sample_rate_hz": 16000,
    "hop": 200,
    "mels": 80,
    "emotions": {"neutral": "中性", "happy": "高兴"},
    "speaker": "F7",
    "symbols": "pinyin-1",
    "acoustic": {"outputs_per_step": 3, "refine_lookahead_frames": 12, "d_mem": 40, "f0": None},
    "vocoder": {"causal": False, "lookahead_frames": 18, "nsf": None},
    "licence": "Apache-2.0",
    "attribution": "",
    "source": "a folder",
    "files": {name: hashlib.sha256(name.encode()).hexdigest() for name in voice.GRAPHS},
}


def written(folder: Path, **changes: Any) -> Path:
    """Write a voice whose files hold their own names; a change to `...` leaves the key out."""
    folder.mkdir(parents=True)
    for name in voice.GRAPHS:
        (folder / name).write_text(name, encoding="utf-8")
    content = {key: value for key, value in (WHOLE | changes).items() if value is not ...}
    (folder / voice.MANIFEST).write_text(json.dumps(content), encoding="utf-8")
    return folder


def test_a_manifest_is_read(tmp_path: Path) -> None:
    read = voice.read(written(tmp_path / "tiny"))
    assert (read.id, read.acoustic.d_mem, read.acoustic.f0, read.vocoder.causal) == ("tiny", 40, None, False)
    assert list(read.emotions) == ["neutral", "happy"]


def test_an_nsf_voice_is_read(tmp_path: Path) -> None:
    nsf = {"causal": False, "lookahead_frames": 18, "nsf": {"harmonics": 7}}
    acoustic = WHOLE["acoustic"] | {"f0": {"mean_hz": 210.5, "std_hz": 40}}
    read = voice.read(written(tmp_path / "tiny", acoustic=acoustic, vocoder=nsf, mels=82))
    assert read.acoustic.f0 == voice.F0Scale(210.5, 40)
    assert read.vocoder.nsf == voice.NsfFacts(7)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": 2}, "format: must be 1, not 2"),
        ({"hop": ...}, "the voice: hop is missing"),
        ({"colour": "red"}, "the voice: colour is unknown"),
        ({"hop": "200"}, "hop: must be a whole number, not '200'"),
        ({"hop": True}, "hop: must be a whole number, not True"),
        ({"hop": 0}, "hop: must be at least 1"),
        ({"sex": "none"}, "sex: must be 'female' or 'male', not 'none'"),
        ({"symbols": "pinyin-2"}, "symbols: must be 'pinyin-1'"),
        ({"id": "other"}, "id 'other' is not the name of its folder, 'tiny'"),
        ({"emotions": {"happy": "高兴"}}, "the first must be neutral"),
        ({"emotions": {"neutral": "中性", "hungry": "饿"}}, "no category is called hungry"),
        ({"emotions": {"neutral": 1}}, "voice.json: emotions"),
        ({"speaker": "F99"}, "nobody is called 'F99'"),
        ({"vocoder": {"causal": 1, "lookahead_frames": 18, "nsf": None}}, "causal: must be true or false, not 1"),
        ({"acoustic": []}, "acoustic: must be an object"),
        ({"acoustic": WHOLE["acoustic"] | {"outputs_per_step": 0}}, "acoustic.outputs_per_step: must be at least 1"),
        ({"vocoder": WHOLE["vocoder"] | {"lookahead_frames": -1}}, "lookahead_frames: must not be negative"),
        ({"vocoder": WHOLE["vocoder"] | {"nsf": {"harmonics": 7}}}, "acoustic.f0: must be known where the vocoder has"),
        ({"files": {"encode.onnx": "0" * 64}}, "step.onnx, refine.onnx, vocode.onnx is not listed"),
        ({"files": WHOLE["files"] | {"../a": "0" * 64}}, "'../a' is no file name"),
        ({"files": WHOLE["files"] | {"a": "0"}}, "'a' is no file name with a SHA-256"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(voice.BrokenVoice) as caught:
        voice.read(written(tmp_path / "tiny", **changes))
    assert message in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "[" * 100_000])
def test_a_broken_file_is_named(text: str, tmp_path: Path) -> None:
    folder = written(tmp_path / "tiny")
    (folder / voice.MANIFEST).write_text(text, encoding="utf-8")
    with pytest.raises(voice.BrokenVoice, match=r"voice\.json"):
        voice.read(folder)


def test_a_folder_without_a_voice_is_named(tmp_path: Path) -> None:
    with pytest.raises(voice.BrokenVoice, match=r"is no voice: it has no voice\.json"):
        voice.read(tmp_path)


def test_voices_are_found_by_name_and_half_made_ones_are_not(tmp_path: Path) -> None:
    for name in ("b", "a", ".a.half"):
        written(tmp_path / name)
    (tmp_path / "notes").mkdir()
    assert [path.name for path in voice.find(tmp_path)] == ["a", "b"]
    assert voice.find(tmp_path / "nowhere") == []


def test_files_that_changed_or_went_are_found(tmp_path: Path) -> None:
    folder = written(tmp_path / "tiny")
    read = voice.read(folder)
    assert voice.faults(folder, read) == []
    (folder / "step.onnx").write_text("another", encoding="utf-8")
    (folder / "refine.onnx").unlink()
    assert voice.faults(folder, read) == [
        f"{folder / 'step.onnx'} is not the file that was imported",
        f"{folder / 'refine.onnx'} is missing",
    ]
