"""From a folder of sound files to features: cut, levelled, split, stored, and read again."""

import wave
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from training.audio import decode, speech, trimmed
from training.config import Config, HeldOut, Recordings, Sound
from training.corpus import Corpus, Item, load_statistics, read_items, split_of, write_items
from training.features import HOP
from training.prepare import prepare, recordings, rows_of
from tts.types import Samples

#: Which of the first hundred are held out; another answer would move items that were learned from to the other side.
HELD = ["yt0004", "yt0022", "yt0032", "yt0054"]
HEADER = "id\ttext\tpinyin\tflags\n"


def spoken(seconds: float, loudness: float, hz: float, rate: int) -> Samples:
    """Return a buzz between two stretches of faint noise of 300 ms each."""
    order = np.random.default_rng(0)
    time = np.arange(int(seconds * rate)) / rate
    buzz = loudness * np.sum([np.sin(2 * np.pi * k * hz * time) / k for k in range(1, 9)], axis=0) / 3
    quiet = np.zeros(int(0.3 * rate))
    whole = np.concatenate([quiet, buzz, quiet])
    return np.asarray(whole + order.normal(0, 1e-4, len(whole)), np.float32)


def write_wav(path: Path, samples: Samples, rate: int) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((samples * 32767).astype("<i2").tobytes())


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Return an experiment with four recordings of a person, one of which is not to be used, and one broken file."""
    folder = tmp_path / "wav"
    folder.mkdir()
    rows = [
        HEADER,
        'a\t妈"\tma1\t\n',
        "b\t麻\tma2\t\n",
        "c\t马\tma3\tnoisy,long\n",
        "d\t骂\tma4\t\n",
        "gone\t吗\tma5\t\n",
    ]
    for name, loudness, rate in (("a", 0.5, 22050), ("b", 0.05, 16000), ("c", 0.5, 16000), ("d", 0.2, 48000)):
        write_wav(folder / f"{name}.wav", spoken(0.6, loudness, 210, rate), rate)
    (folder / "e.wav").write_bytes(b"RIFF")
    table = tmp_path / "words.tsv"
    table.write_text("".join(rows) + "e\t错\tcuo4\t\n", encoding="utf-8")
    source = Recordings(audio=folder, table=table, kind="word", speaker="me", leave_out=("noisy",))
    return Config(name="mine", voice="me", recordings=(source,), work=tmp_path / "work", held_out=HeldOut(word=0.0))


def test_speech_is_found_and_cut_with_a_margin() -> None:
    samples = spoken(0.6, 0.3, 210, 16000)
    start, end = speech(samples, Sound())
    assert abs(start - 4800) <= 160
    assert abs(end - 14400) <= 320
    cut = trimmed(samples, Sound(margin_ms=50), HOP)
    assert len(cut) % HOP == 0
    assert abs(len(cut) - (9600 + 1600)) <= 500
    assert not len(trimmed(np.zeros(16000, np.float32), Sound(), HOP))


def test_a_file_is_decoded_at_16_khz(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", spoken(0.6, 0.3, 210, 44100), 44100)
    samples = decode((tmp_path / "a.wav").read_bytes())
    assert len(samples) == pytest.approx(1.2 * 16000, abs=2)
    assert np.abs(samples - spoken(0.6, 0.3, 210, 16000)[: len(samples)])[5000:14000].mean() < 0.01


def test_what_is_left_out_is_counted(config: Config) -> None:
    counts: Counter[str] = Counter()
    found = [it.item.id for it in recordings(config.recordings[0], config, counts)]
    assert found == ["a", "b", "d"]
    assert counts == {"files": 5, "left out: noisy": 1, "broken files": 1, "rows without a file": 1}


def test_features_are_stored_and_read_again(config: Config, capsys: pytest.CaptureFixture[str]) -> None:
    prepare(config)
    assert "3 of 5 files" in capsys.readouterr().out
    corpus, scales = Corpus(config.folder / "recordings"), load_statistics(config.folder / "recordings")
    assert [item.text for item in corpus.items] == ['妈"', "麻", "骂"]
    assert scales.speakers["me"].f0_median_hz == pytest.approx(210, rel=0.01)
    sounds = [corpus.sound(item) for item in corpus.items]
    for item, sound in zip(corpus.items, sounds, strict=True):
        assert len(sound.audio) == HOP * item.frames == HOP * len(sound.mel) == HOP * len(sound.f0_hz)
    levels = [np.sqrt(np.mean(sound.audio[2000:6000] ** 2)) for sound in sounds]
    assert levels[0] / levels[1] == pytest.approx(10, rel=0.05), "one gain for all recordings of a speaker"
    part = corpus.sound(corpus.items[1], 5, 9)
    assert np.array_equal(part.mel, sounds[1].mel[5:9])
    assert np.array_equal(part.audio, sounds[1].audio[5 * HOP : 9 * HOP])
    bands = scales.normalised_mel(np.concatenate([sound.mel for sound in sounds]))
    assert np.abs(bands.mean(axis=0)).max() < 0.02
    assert bands.std(axis=0) == pytest.approx(1, abs=0.02)


def test_a_voice_that_nobody_speaks_is_refused(config: Config) -> None:
    wrong = Config(name="mine", voice="you", recordings=config.recordings, work=config.work)
    with pytest.raises(SystemExit, match="recordings are by me"):
        prepare(wrong)


def test_a_table_must_say_who_speaks_what(config: Config) -> None:
    source = replace(config.recordings[0], speaker="")
    with pytest.raises(SystemExit, match="has no column spk"):
        rows_of(source)
    source.table.write_text("id\tpinyin\na\tma1\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="has no column spk, text"):
        rows_of(source)


def test_held_out_items_depend_on_their_names_alone() -> None:
    names = [f"yt{number:04}" for number in range(4000)]
    sides = {name: split_of(name, "word", HeldOut(word=0.03)) for name in names}
    assert 0.02 < sum(side == "held" for side in sides.values()) / len(names) < 0.04
    assert [name for name in names[:100] if sides[name] == "held"] == HELD
    more = {name: split_of(name, "word", HeldOut(word=0.06)) for name in names}
    assert all(more[name] == "held" for name, side in sides.items() if side == "held")


def test_items_survive_their_table(tmp_path: Path) -> None:
    items = [Item("a", "me", "word", "held", 0, 7, 7600.0, '"妈', "ma1", "")]
    write_items(tmp_path / "items.tsv", items)
    assert read_items(tmp_path / "items.tsv") == items
