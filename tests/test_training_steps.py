"""All steps from a folder of sound files to what a network is taught by, on a voice of buzzes and hisses."""

import wave
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from training.aligned import read_alignment
from training.alignment import Alignment
from training.config import Aligner, Config, HeldOut, Recordings, Splices
from training.corpus import Corpus, read_table
from training.dataset import Examples
from training.prepare import prepare
from training.splicing import splice
from tts.types import Samples

RATE = 16000
#: Each syllable hisses in a band of its own for its initial and buzzes with formants of its own for its final.
WORDS = {"妈妈": "ma1 ma5", "大地": "da4 di4", "你": "ni3", "马路": "ma3 lu4", "地图": "di4 tu2", "大路": "da4 lu4",
         "他": "ta1", "土地": "tu3 di4", "打": "da3", "路": "lu4", "第一": "di4 yi1", "题目": "ti2 mu4"}  # fmt: skip
INITIALS = {"m": 300, "d": 3000, "n": 500, "l": 400, "t": 5000, "y": 700}
FINALS = {"a": 800, "i": 2500, "u": 350}
TONES = {"1": (300, 300), "2": (200, 280), "3": (200, 170), "4": (300, 180), "5": (220, 200)}


def syllable(pinyin: str, order: np.random.Generator) -> Samples:
    """Return the sound of a syllable."""
    hiss = order.normal(0, 0.05, int(order.uniform(0.06, 0.12) * RATE))
    hiss *= np.sin(2 * np.pi * INITIALS[pinyin[0]] * np.arange(len(hiss)) / RATE)
    f0 = np.linspace(*TONES[pinyin[-1]], int(order.uniform(0.2, 0.35) * RATE))
    phase = 2 * np.pi * np.cumsum(f0) / RATE
    shape = [np.exp(-(((k * f0.mean() - FINALS[pinyin[-2]]) / 600) ** 2)) + 0.1 for k in range(1, 20)]
    buzz = 0.1 * sum(weight * np.sin(k * phase) for k, weight in enumerate(shape, 1))
    return np.asarray(np.concatenate([hiss, buzz * np.hanning(len(buzz)) ** 0.3]), np.float32)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Return an experiment with each word read four times."""
    order, folder, rows = np.random.default_rng(0), tmp_path / "wav", ["id\ttext\n"]
    folder.mkdir()
    for take in range(4):
        for number, (text, pinyin) in enumerate(WORDS.items()):
            quiet = np.zeros(RATE // 5)
            sound = np.concatenate([quiet, *(syllable(it, order) for it in pinyin.split()), quiet])
            with wave.open(str(folder / f"w{take}{number:02}.wav"), "wb") as file:
                file.setparams((1, 2, RATE, 0, "NONE", ""))
                file.writeframes(((sound + order.normal(0, 1e-4, len(sound))) * 32767).astype("<i2").tobytes())
            rows.append(f"w{take}{number:02}\t{text}\n")
    (tmp_path / "words.tsv").write_text("".join(rows), encoding="utf-8")
    source = Recordings(audio=folder, table=tmp_path / "words.tsv", kind="word", speaker="me")
    aligner = Aligner(rounds=4, near_rounds=3, epochs=15, batch_frames=400, channels=32, doubt=0.0)
    return Config(
        name="mine", voice="me", recordings=(source,), work=tmp_path / "work", aligner=aligner,
        splices=Splices(count=6), held_out=HeldOut(word=0.1),
    )  # fmt: skip


def test_a_folder_of_recordings_becomes_examples(config: Config, capsys: pytest.CaptureFixture[str]) -> None:
    prepare(config)
    Alignment(replace(config, aligner=replace(config.aligner, rounds=3))).run()
    capsys.readouterr()
    Alignment(config).run()
    assert "goes on after round 3\nround 4" in capsys.readouterr().out
    corpus = Corpus(config.folder / "recordings")
    lines = read_alignment(corpus)
    assert len(read_table(corpus.folder / "aligned.tsv")) == len(corpus.items) == 48
    assert len(lines) > 30
    voiced, voiceless = [], []
    for line in lines:
        assert line.durations[-1] == 0
        assert 0 <= line.start < line.start + line.frames <= line.item.frames
        sound = line.sound(corpus)
        begin = np.cumsum(line.durations)[:-1:2]  # each syllable has two phones
        voiced += [sound.f0_hz[at + 2 : at + 10] > 0 for at in begin]
        voiceless += [sound.f0_hz[at - 3 : at - 1] > 0 for at in begin]
    assert np.concatenate(voiced).mean() > 0.8, "finals begin where it buzzes"
    assert np.concatenate(voiceless).mean() < 0.4
    splice(config)
    assert "held items 1" in capsys.readouterr().out
    examples = Examples(config, "train")
    assert len(examples) + len(Examples(config, "held")) == len(lines) + 6
    for at in range(len(examples)):
        one = examples[at]
        assert one.features.shape == (one.durations.sum(), 82)
        assert np.isfinite(one.features).all()
        assert len(one.ids) == len(one.durations) == len(one.pitch)
    assert {path.name for path in (config.folder / "pictures").iterdir()} >= {
        "features.png",
        "aligner.png",
        "splices.png",
    }
