"""Emotions that are made by rule, in voices whose network was taught none."""

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.mandarin import read as read_sentence
from tests.sambert import session
from tests.voices import HOP, RATE_HZ, SUNG
from tts.engines.sambert.line import manner
from tts.engines.sambert.speaker import Speaker
from tts.engines.sambert.symbols import Symbols
from tts.engines.sambert.tilt import Tilt
from tts.engines.sambert.voice import BrokenVoice, F0Scale, Rule, read
from tts.types import Controls, Samples

SENTENCE = read_sentence("今天是个好日子，我们一起去公园散步吧")
SAD = Rule(tempo=0.8, semitones=-3.0, range=0.5, energy=-0.5, loudness_db=-4.0, tilt_db=-6.0)
F0 = F0Scale(210.0, 40.0)


@pytest.fixture(scope="module")
def speaker(voices_dir: Path) -> Speaker:
    folder = voices_dir / SUNG
    manifest = replace(read(folder), rules={"sad": SAD}, emotions={"neutral": "中性", "sad": "悲伤"})
    return Speaker(folder, manifest, Symbols(), session)


def sound(speaker: Speaker, controls: Controls) -> Samples:
    return np.concatenate([chunk.samples for chunk in speaker.speak(SENTENCE, controls)])


@pytest.mark.parametrize(("intensity", "share"), [(0.0, 0.0), (50.0, 0.5), (100.0, 1.0), (125.0, 1.25), (300.0, 1.25)])
def test_a_rule_counts_as_far_as_the_intensity_goes(intensity: float, share: float) -> None:
    spoken = manner(Controls("sad", intensity, speed=1.5, pitch_semitones=2.0), {"sad": SAD})
    assert spoken.emotion == ("neutral" if share else "sad")
    assert spoken.speed == pytest.approx(1.5 * 0.8**share)
    assert 12 * np.log2(spoken.ratio) == pytest.approx(2 - 3 * share)
    assert spoken.range == pytest.approx(0.5**share)
    assert spoken.energy == -0.5 * share
    assert 20 * np.log10(spoken.gain) == pytest.approx(-4 * share)
    assert spoken.tilt_db == -6 * share


def test_what_the_network_was_taught_is_left_to_it() -> None:
    spoken = manner(Controls("happy", 80.0), {"sad": SAD})
    assert (spoken.emotion, spoken.weight) == ("happy", 0.8)
    assert (spoken.speed, spoken.ratio, spoken.range, spoken.energy, spoken.gain, spoken.tilt_db) == (1, 1, 1, 0, 1, 0)


def test_the_network_is_told_tempo_pitch_range_and_energy(speaker: Speaker) -> None:
    def made(controls: Controls) -> Any:
        spoken = manner(controls, speaker.manifest.rules)
        return speaker.score(speaker.write(SENTENCE, spoken.emotion), spoken)

    usual, sad = made(Controls()), made(Controls("sad"))
    assert sad.frames == pytest.approx(usual.frames / 0.8, rel=0.05)
    hertz = [F0.mean_hz + F0.std_hz * one.pitch for one in (usual, sad)]
    ratio = 2 ** (-3 / 12)
    assert hertz[1].mean() == pytest.approx(hertz[0].mean() * ratio, rel=0.03)
    assert hertz[1].std() == pytest.approx(hertz[0].std() * ratio * 0.5, rel=1e-3)
    np.testing.assert_allclose(sad.energy, usual.energy - 0.5, atol=1e-5)
    np.testing.assert_allclose(made(Controls(energy=1.5)).energy, usual.energy + 1.5, atol=1e-5)


def test_more_intensity_is_further_from_neutral_and_none_is_neutral(speaker: Speaker) -> None:
    neutral = sound(speaker, Controls())
    made = [sound(speaker, Controls("sad", intensity)) for intensity in (0.0, 40.0, 80.0, 125.0)]
    np.testing.assert_allclose(made[0], neutral, atol=1e-5)
    lengths = [len(one) for one in made]
    assert lengths == sorted(lengths)
    assert lengths[-1] > 1.2 * lengths[0]
    levels = [float(np.sqrt(np.square(one).mean())) for one in made]
    assert levels == sorted(levels, reverse=True)


def level_db(samples: Samples, hz: float) -> float:
    middle = samples[RATE_HZ // 4 : 3 * RATE_HZ // 4]
    wave = np.exp(-2j * np.pi * hz * np.arange(len(middle)) / RATE_HZ)
    return float(20 * np.log10(abs(middle @ wave) * 2 / len(middle)))


@pytest.mark.parametrize(("hz", "share"), [(150, 0), (400, 0), (1000, 1 / 3), (2000, 2 / 3), (4500, 1), (7000, 1)])
@pytest.mark.parametrize("tilt_db", [-9.0, 6.0])
def test_a_tilt_grows_with_the_octaves(hz: float, share: float, tilt_db: float) -> None:
    tone = (0.1 * np.sin(2 * np.pi * hz * np.arange(RATE_HZ) / RATE_HZ)).astype(np.float32)
    made = Tilt(RATE_HZ, tilt_db, 0.5).feed(tone, last=True)
    assert made.shape == tone.shape
    assert level_db(made, hz) - level_db(tone, hz) == pytest.approx(tilt_db * share - 6.02, abs=0.5)


def test_a_tilt_of_nothing_changes_nothing_and_is_not_late() -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, 5 * HOP).astype(np.float32)
    np.testing.assert_allclose(Tilt(RATE_HZ, 0.0, 1.0).feed(noise, last=True), noise, atol=1e-6)


@pytest.mark.parametrize("size", [1, 7, HOP, 3 * HOP])
def test_pieces_are_tilted_like_the_whole(size: int) -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, 4 * HOP).astype(np.float32)
    tilt = Tilt(RATE_HZ, 5.0, 0.8)

    def pieces() -> Iterator[Samples]:
        for at in range(0, len(noise), size):
            yield tilt.feed(noise[at : at + size], last=at + size >= len(noise))

    np.testing.assert_allclose(
        np.concatenate(list(pieces())), Tilt(RATE_HZ, 5.0, 0.8).feed(noise, last=True), atol=1e-6
    )


def written(voices_dir: Path, tmp_path: Path, **changes: Any) -> Path:
    folder = tmp_path / SUNG
    folder.mkdir()
    document = {**asdict(read(voices_dir / SUNG)), **changes}
    (folder / "voice.json").write_text(json.dumps(document), encoding="utf-8")
    return folder


def test_rules_are_part_of_a_voice_and_need_not_be(voices_dir: Path, tmp_path: Path) -> None:
    folder = written(voices_dir, tmp_path, rules={"sad": asdict(SAD)})
    assert read(folder).rules == {"sad": SAD}
    document = json.loads((folder / "voice.json").read_text())
    del document["rules"]
    (folder / "voice.json").write_text(json.dumps(document))
    assert read(folder).rules == {}


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"calm": asdict(SAD)}, "rules: calm is none of the emotions beside neutral"),
        ({"neutral": asdict(SAD)}, "rules: neutral is none of the emotions"),
        ({"sad": {"tempo": 0.8}}, "rules, sad: energy, loudness_db, range, semitones, tilt_db is missing"),
        ({"sad": {**asdict(SAD), "tempo": "slow"}}, "tempo: must be a number, not 'slow'"),
        (["sad"], "rules: must be an object"),
    ],
)
def test_rules_that_make_no_sense_are_refused(rules: Any, message: str, voices_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(BrokenVoice, match=message):
        read(written(voices_dir, tmp_path, rules=rules))
