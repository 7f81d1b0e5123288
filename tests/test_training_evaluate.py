"""A voice is measured with numbers that are right: distances, judges taught by recordings, effects of emotions."""

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.mandarin import mandarin, read
from tests.voices import SUNG
from training import evaluate, evaluate_emotions
from training.aligned import Line, phone_names, write_alignment
from training.comparison import Melody, clicks, compared, confusion, prosody, running
from training.config import BadConfig, Config, Listener, Pitch, Splices, build
from training.corpus import Corpus, Item, Sound, Speaker, Statistics, read_items, write_corpus, write_items
from training.emotion_rules import rules
from training.evaluate import RECORDED, RULES, VOICE, wanted
from training.evaluate_emotions import LEVEL, RANGE, RATE, TILT, directions, effects, sentences
from training.features import FFT, HOP, MELS, SAMPLE_RATE_HZ, energy_db, mel
from training.judges import Judges
from training.measures import (
    cepstra,
    correlation,
    distortion_db,
    edits,
    effect_size,
    paired,
    range_semitones,
    roughness,
    tilt_db_per_octave,
)
from training.outside import f0_of
from training.pitch import track
from training.recogniser import Heard, Recogniser, Scales, Teaching, joined, syllables
from training.rule_baseline import RuleBaseline
from training.spoken import Spoken, Voice
from training.tone_judge import tone_judge, tone_rows
from training.utterances import Utterance, recorded
from tts.engines.sambert.symbols import Symbols
from tts.engines.sambert.voice import Rule
from tts.types import Controls, Samples

SCALE = Speaker(0.0, 200.0, 200.0, 40.0, float(np.log(200)), 0.2, -30.0, 5.0)
SAD = Rule(tempo=0.8, semitones=-3.0, range=0.5, energy=0.0, loudness_db=-4.0, tilt_db=-6.0)
LEAST: dict[str, Any] = {"name": "mine", "voice": "me", "recordings": []}


def buzz(f0: np.ndarray) -> Samples:
    """Return a sound with an F0 for each sample."""
    phase = 2 * np.pi * np.cumsum(f0) / SAMPLE_RATE_HZ
    return np.asarray(0.1 * np.sum([np.sin(k * phase) / k for k in range(1, 13)], axis=0), np.float32)


def item(name: str, text: str, kind: str = "word", split: str = "train", who: str = "me") -> Item:
    return Item(name, who, kind, split, 0, 0, 7600.0, text, "", "")  # type: ignore[arg-type]  # one of a few words


def utterance(text: str, lasts: list[int], f0_hz: float | np.ndarray = 200.0, kind: str = "word") -> Utterance:
    """Return a text of two phones a syllable that is buzzed."""
    ids = Symbols().ids(Symbols().write(read(text)))
    durations = np.array(lasts)
    hz = np.broadcast_to(f0_hz, int(durations.sum())).astype(np.float64)
    audio = buzz(np.repeat(hz, HOP))
    sound = Sound(audio, mel(audio), hz.astype(np.float32), energy_db(audio))
    return Utterance(item("x", text, kind), kind != "word", ids, durations, sound)


def test_frames_of_like_symbols_stand_for_each_other() -> None:
    pairs = paired([(0, 4), (4, 4), (4, 6)], [(1, 3), (3, 5), (7, 11)])
    assert pairs.first.tolist() == [0, 1, 2, 3, 4, 5]
    assert pairs.second.tolist() == [1, 1, 2, 2, 8, 10]
    assert pairs.symbol.tolist() == [0, 0, 0, 0, 2, 2]


def test_distortion_is_nothing_between_equals_and_known_of_a_ripple() -> None:
    frames = np.random.default_rng(0).random((5, MELS))
    assert distortion_db(frames, frames).tolist() == [0] * 5
    ripple = np.cos(np.pi / MELS * 3 * (np.arange(MELS) + 0.5)) * 0.1  # 10 dB high, in the third coefficient
    nepers = 10 / 20 * np.log(10)
    assert cepstra(ripple[None])[0].round(6).tolist() == [0, 0, round(nepers, 6), *[0] * 21]
    assert distortion_db(frames, frames + ripple) == pytest.approx([10 / np.log(10) * np.sqrt(2) * nepers] * 5)
    assert distortion_db(frames, frames + 0.2) == pytest.approx([0] * 5, abs=1e-9), "loudness does not count"


def test_a_known_shift_of_f0_is_found() -> None:
    lasts = [10, 20, 10, 24, 0]
    wave = 200 + 40 * np.sin(np.arange(64) / 5)
    real, made = utterance("妈妈", lasts, wave), utterance("妈妈", lasts, wave * 2 ** (2 / 12))
    made.sound.f0_hz[:16] = 0
    found = compared([(real, made)])
    assert found["F0 RMSE, semitones"] == pytest.approx(2, abs=1e-4)
    assert found["F0 RMSE of tone 1, semitones"] == pytest.approx(2, abs=1e-4)
    assert np.isnan(found["F0 RMSE of tone 3, semitones"])
    assert found["F0 correlation of tone 1"] == pytest.approx(1)
    assert found["voiced/unvoiced error, %"] == pytest.approx(100 * 16 / 64)
    assert compared([(real, real)])["mel-cepstral distortion, dB"] == 0


def test_a_known_error_of_durations_is_found() -> None:
    real, made = utterance("妈妈", [10, 20, 10, 24, 0]), utterance("妈妈", [14, 20, 14, 24, 0])
    found = compared([(real, made)])
    assert found["duration RMSE of phones, ms"] == pytest.approx(12.5 * np.sqrt(8))
    assert found["duration of all, % of the recordings'"] == pytest.approx(100 * 72 / 64)


def test_edits_are_counted() -> None:
    assert edits("kitten", "sitting") == 3
    assert edits([], ["a", "b"]) == edits(["a", "b"], []) == 2
    assert edits("abc", "abc") == 0


def spoken(tone_4: bool, order: np.random.Generator, fall_db: float, who: str = "me") -> Utterance:
    """Return 高山 or 大树, high or falling, each syllable fading by some decibels, by a third more in 大树."""
    one = utterance("大树" if tone_4 else "高山", [8, 24, 8, 24, 0], kind="sentence")
    down = np.linspace(0, 1, 32)
    f0 = np.tile(210 * 2 ** (-0.5 * tone_4 * down) + order.normal(0, 12), 2).astype(np.float32)
    energy = np.tile(-25 - fall_db * (1 + tone_4 / 3) * down + order.normal(0, 1), 2).astype(np.float32)
    return replace(one, item=replace(one.item, speaker=who), sound=replace(one.sound, f0_hz=f0, energy_db=energy))


def test_a_judge_of_tones_is_taught_once_and_does_not_mind_how_far_a_voice_fades(tmp_path: Path) -> None:
    order, scales = np.random.default_rng(0), {"me": SCALE, "you": SCALE}
    recordings = [spoken(bool(at % 2), order, 6.0) for at in range(120)]
    first = tone_judge(tmp_path / "tones.pt", recordings, scales, 1)
    again = tone_judge(tmp_path / "tones.pt", [], scales, 1)
    weights = {float(next(network.parameters()).detach().sum()) for network in again.networks}
    assert len(weights) == len(first.networks) == 4, "the mean of several is heard, each of a seed of its own"
    tests = [spoken(bool(at % 2), order, 15.0, "you") for at in range(40)]
    told, heard = first.hear(tests, scales)
    assert told.tolist() == [0, 0, 3, 3] * 20
    assert (told == heard).mean() > 0.9
    assert np.array_equal(heard, again.hear(tests, scales)[1])
    assert np.array_equal(heard, again.hear(tests, {"made": SCALE}, "made")[1]), "whoever is said to speak"
    table = np.array(confusion(tests, Judges(plain(["a_c"], 8), again), scales, ""))
    assert table.sum() == 80
    assert table.trace() == (told == heard).sum()
    assert len(first.hear([], scales)[0]) == 0


def test_where_energy_falls_counts_beside_the_other_syllables_of_who_speaks() -> None:
    order, scales = np.random.default_rng(1), {"me": SCALE, "you": SCALE}
    mine = [spoken(bool(at % 2), order, 6.0) for at in range(20)]
    yours = [
        replace(it, item=replace(it.item, speaker="you"), sound=replace(it.sound, energy_db=3 * it.sound.energy_db - 9))
        for it in mine
    ]
    (rows, told), (both, _) = tone_rows(mine, scales), tone_rows([*mine, *yours], scales)
    assert rows.shape == (40, 21)
    assert not rows[:, 12:15].any(), "how much is voiced counts for nothing"
    assert np.allclose(both[:40], rows, atol=1e-4)
    assert np.allclose(both[40:], rows, atol=1e-4)
    assert np.allclose(rows[:, 8:12].mean(axis=0), 0, atol=1e-4)
    assert np.allclose(rows[:, 8:12].std(axis=0), 1, atol=1e-2)
    assert rows[told == 3, 11].mean() < rows[told == 0, 11].mean(), "fourth tones fall further"


def test_syllables_are_made_of_phones() -> None:
    assert syllables(["n_c", "i_c", "h_c", "ao_c"]) == ["n i_c", "h ao_c"]
    assert syllables(["a_c", "n_c", "h_c", "ao_c"]) == ["a_c", "n", "h ao_c"]


def test_effects_have_the_size_that_is_known() -> None:
    order = np.random.default_rng(0)
    assert effect_size(order.normal(3, 2, 20000), order.normal(0, 2, 20000)) == pytest.approx(1.5, abs=0.03)
    assert effect_size(np.array([1.0, 3.0]), np.array([2.0, 4.0])) == pytest.approx(-1 / np.sqrt(2))


def test_a_click_at_a_border_stands_out() -> None:
    samples = buzz(np.full(40 * HOP, 203.0))
    at_border, nearby = roughness(samples, [10 * HOP, 20 * HOP, 30 * HOP])
    assert np.mean(at_border) / np.mean(nearby) == pytest.approx(1, abs=0.5)
    clicked = samples.copy()
    clicked[20 * HOP :] += 0.3
    at_border, nearby = roughness(clicked, [0, 20 * HOP, 40 * HOP])
    assert len(at_border) == 1, "at the ends there is nothing to hold it against"
    assert at_border[0] > 10 * nearby[0]
    spoken = Spoken(np.zeros((0, 6), np.int64), np.zeros(0, np.int64), clicked, clicked, 0, (20 * HOP,))
    found = clicks([spoken])
    assert found["largest roughness at joints, of that around"] > 10
    assert found["largest roughness three frames later, of that around"] < 10


def test_range_and_tilt_are_those_of_the_sound() -> None:
    f0 = 200 * 2 ** (np.linspace(0, 10, 1001) / 12)
    assert range_semitones(np.concatenate([f0, np.zeros(500)])) == pytest.approx(9, abs=0.01)
    hz = np.linspace(0, SAMPLE_RATE_HZ / 2, FFT // 2 + 1)
    falling = np.tile(np.maximum(hz, 1.0) ** -2, (3, 1))
    assert tilt_db_per_octave(falling) == pytest.approx(-20 * np.log10(2), abs=1e-3)


def test_prosody_is_compared_whatever_the_pace_and_pitch() -> None:
    real = Melody(np.array([10.0, 20, 30, 0]), np.array([1.0, 2, np.nan, 4]))
    made = Melody(np.array([20.0, 40, 60, 9]), np.array([11.0, 12, 13, 14]))
    found = prosody([(real, made)])
    assert found["syllable durations, correlation"] == pytest.approx(1)
    assert found["syllable durations, RMSE, %"] == pytest.approx(0)
    assert found["syllable pitch, RMSE, semitones"] == pytest.approx(0, abs=1e-9)


def test_the_baseline_speaks_faster_and_falls() -> None:
    options = Splices(tempo=0.5, final_lengthening=2.0, declination_st_per_s=-1.0, pitch_range=0.5)
    words = [utterance("妈妈", [10, 30, 10, 30, 0], 200.0), utterance("马路", [10, 30, 10, 30, 0], 100.0)]
    ids = Symbols().ids(Symbols().write(read("妈妈")))
    found = RuleBaseline(words, options).melody(ids)
    assert found.lasts.tolist() == [20, 40], "the last syllable before a pause is longer"
    assert found.pitch[0] - found.pitch[1] == pytest.approx(60 / 80 / 2, abs=0.01)
    assert found.pitch.mean() == pytest.approx(3, abs=0.01), "tones are half as far from the mean as in words"


def toy(order: np.random.Generator) -> Heard:
    """Return an utterance of three kinds of phones, each loud in bands of its own, and none after itself."""
    phones = np.cumsum(order.integers(1, 3, int(order.integers(1, 5)))) % 3 + 1
    labels = np.concatenate([np.full(int(order.integers(9, 15)), phone) for phone in phones])
    bands = np.arange(79)[None] // 27 + 1 == labels[:, None]
    return Heard((3 * bands + order.normal(0, 0.3, bands.shape)).astype(np.float32), phones, labels)


def plain(phones: list[str], units: int) -> Recogniser:
    torch.manual_seed(0)
    return Recogniser(phones, Scales({"me": (np.zeros(MELS, np.float32), np.ones(MELS, np.float32))}), units)


def test_a_recogniser_learns_from_what_is_spoken_and_goes_on_where_it_was(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    order = np.random.default_rng(0)
    bands = plain(["a_c"], 8).network.stem.in_channels
    examples = [replace(it, mel=it.mel[:, :bands]) for it in (toy(order) for _ in range(200))]
    options = Listener(epochs=9, framewise=3, batch_frames=500, units=32, longest_frames=60, learning_rate=5e-3)
    checkpoint, first = tmp_path / "recogniser.pt", Teaching(plain(["b_c", "a_c", "i_c"], 32), options, 0)
    for _ in zip(range(4), first.epochs(examples), strict=False):
        first.save(checkpoint)
    again = Teaching(plain(["b_c", "a_c", "i_c"], 32), options, 0)
    again.restore(checkpoint)
    assert again.epoch == 4
    assert len(list(again.epochs(examples))) == 5
    tests = [toy(order) for _ in range(40)]
    heard = [again.recogniser.hear(np.pad(it.mel, ((0, 0), (0, MELS - 79))), "me") for it in tests]
    wrong = sum(
        edits(said, [("b_c", "a_c", "i_c")[phone - 1] for phone in it.classes])
        for said, it in zip(heard, tests, strict=True)
    )
    assert wrong < 0.1 * sum(len(it.classes) for it in tests)
    other = Teaching(plain(["b_c", "u_c"], 32), options, 0)
    with pytest.raises(SystemExit, match="knows other phones"):
        other.restore(checkpoint)


def test_words_are_put_together_and_none_is_lost() -> None:
    order = np.random.default_rng(0)
    examples = [toy(order) for _ in range(50)]
    found = joined(examples, 100, order)
    assert len(found) < 50
    assert sum(len(it.mel) for it in found) == sum(len(it.mel) for it in examples)
    assert all(len(it.mel) == len(it.labels) for it in found)
    assert sorted(np.concatenate([it.classes for it in found])) == sorted(
        np.concatenate([it.classes for it in examples])
    )


def test_rules_are_those_of_the_experiment_and_mistakes_in_them_are_named() -> None:
    table = {"tempo": 0.8, "semitones": -3, "range": 0.5, "energy": 0, "loudness_db": -4, "tilt_db": -6}
    config = build(Config, LEAST | {"rules": {"sad": table}}, "here")
    assert rules(config) == {"sad": SAD}
    assert rules(build(Config, LEAST, "here")) == {}
    mistakes: list[tuple[dict[str, Any], str]] = [
        ({"rules": {"sadness": table}}, "here: rules: unknown sadness; the keys are happy, sad"),
        ({"rules": {"sad": table | {"pitch": 1}}}, "here: rules: sad: unknown pitch"),
        ({"rules": {"sad": {"tempo": 1.0}}}, "here: rules: sad: semitones is missing"),
        ({"listener": {"epoch": 3}}, "here: listener: unknown epoch; the keys are epochs"),
    ]
    for wrong, message in mistakes:
        with pytest.raises(BadConfig) as raised:
            build(Config, LEAST | wrong, "here")
        assert str(raised.value).startswith(message)
    with pytest.raises(BadConfig, match="framewise"):
        Teaching(plain(["a_c"], 8), Listener(epochs=2, framewise=2), 0)


def test_what_is_wanted_is_said_and_checked() -> None:
    assert wanted("syllable error, %", {RECORDED: 10.0, VOICE: 15.0}) == ("at most 1.5 times that of recordings", True)
    assert wanted("tone 3 heard as such, %", {RECORDED: 100.0, VOICE: 84.0}) == ("85% of recordings", False)
    assert wanted("tone 4 heard as such, %", {RULES: 90.0, VOICE: 89.0}) == ("95% of rules", True)
    assert wanted("tone 4 heard as such, %", {RECORDED: 100.0, VOICE: 94.0})[1] is False
    assert wanted("F0 range in a sentence, semitones", {VOICE: 5.5})[1]
    assert wanted("tone 3 heard as such, %", {RECORDED: float("nan"), VOICE: 84.0})[1] is None, "nobody says one"
    assert wanted("F0 correlation", {VOICE: 0.5}) == ("", None)


def test_an_emotion_has_the_effects_that_its_rule_intends() -> None:
    assert directions(SAD) == {LEVEL: -1, RANGE: -1, RATE: -1, TILT: -1}
    assert directions(replace(SAD, range=1.0, tempo=1.2))[RATE] == 1
    order = np.random.default_rng(0)
    names = (LEVEL, RANGE, RATE, TILT)
    neutral = evaluate_emotions.Heard({name: order.normal(0, 1, 400) for name in names}, 10, 100)
    sad = evaluate_emotions.Heard(
        {name: order.normal(shift, 1, 400) for name, shift in zip(names, (-2, 2, -0.5, -0.3), strict=True)}, 11, 100
    )
    found = effects(sad, neutral, SAD)
    assert [found[name].met for name in names] == [True, False, False, False]
    assert found[LEVEL].size == pytest.approx(-2, abs=0.2)
    page = evaluate_emotions.markdown({"neutral": neutral, "sad": sad}, {"sad": found})
    assert "| 11.0% | 1.10 | **no** |" in page, "its range grows, and is to shrink"
    sad = replace(sad, values={**sad.values, RANGE: sad.values[RANGE] - 2.5})
    page = evaluate_emotions.markdown({"neutral": neutral, "sad": sad}, {"sad": effects(sad, neutral, SAD)})
    assert "| 11.0% | 1.10 | yes |" in page
    sad = replace(sad, wrong=13)
    page = evaluate_emotions.markdown({"neutral": neutral, "sad": sad}, {"sad": effects(sad, neutral, SAD)})
    assert "| 13.0% | 1.30 | **no** |" in page


def test_the_sentences_for_emotions_can_be_spoken() -> None:
    texts = sentences()
    assert len(set(texts)) == 50
    for text in texts:
        assert (
            8 <= sum(phone_names()[row[0]][0] in "aeiouv" for row in Symbols().ids(Symbols().write(read(text)))) <= 16
        )


def test_who_lacks_the_outside_tracker_is_told_how_to_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "parselmouth", None)
    with pytest.raises(SystemExit, match="pip install"):
        f0_of(np.zeros(3200, np.float32), 200.0)


def test_how_far_syllables_are_set_apart_is_measured_inside_phrases() -> None:
    one = utterance("高山大树", [8, 20, 8, 20, 0, 8, 20, 8, 20, 0], kind="sentence")
    fall = np.linspace(0, -9, 20)
    levels = np.concatenate([np.concatenate([np.full(8, -20.0), -20 + fall * times]) for times in (1, 2, 3, 9)])
    one = replace(one, sound=replace(one.sound, energy_db=levels.astype(np.float32)))
    name = "fall of level in finals inside a phrase, dB"
    assert running([one])[name] == pytest.approx(18), "the last syllable may die away"
    paused = replace(one, durations=np.array([8, 20, 8, 19, 1, 8, 20, 8, 20, 0]))
    assert running([paused])[name] == pytest.approx(18), "so may one before a pause: nine and 27 are left"
    alone = running([utterance("妈", [8, 20, 0])])
    assert np.isnan(alone[name]), "no final is inside a phrase"
    assert alone["seconds per syllable"] == pytest.approx(28 / 80)


def test_a_voice_is_heard_as_the_service_speaks_it(voices_dir: Path) -> None:
    voice = Voice(voices_dir / SUNG, mandarin(), {"sad": SAD})
    spoken = voice.say("你好世界")
    assert len(spoken.raw) == HOP * spoken.durations.sum()
    assert len(spoken.durations) == len(spoken.ids)
    assert all(0 < it < len(spoken.raw) for it in spoken.borders)
    alone = voice.say("你好世界", alone=True)
    assert alone.durations.tolist() != spoken.durations.tolist()
    assert voice.say("你好世界", Controls(emotion="sad")).durations.sum() > 1.1 * spoken.durations.sum()
    assert len(voice.copied(np.zeros((30, 82), np.float32))) == 30 * HOP
    every = running([Utterance(item("x", "你好世界"), True, spoken.ids, spoken.durations, sound_of(spoken.raw))])
    assert every["seconds per syllable, with pauses"] == pytest.approx(len(spoken.raw) / SAMPLE_RATE_HZ / 4)


def sound_of(samples: Samples) -> Sound:
    return Sound(samples, mel(samples), np.full(len(samples) // HOP, 200, np.float32), energy_db(samples))


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """Return a folder with a small experiment: recordings of two who buzz, and pseudo-sentences."""
    for folder, kinds in (("recordings", [("word", "me"), ("sentence", "you")]), ("splices", [("splice", "me")])):
        items: list[Item] = []
        sounds, lines = [], []
        for kind, who in kinds:
            for number in range(12):
                text = ("妈妈", "马路", "美好", "玛丽")[number % 4] * (1 if kind == "word" else 2)
                ids = Symbols().ids(Symbols().write(read(text)))
                lasts = np.array([0 if phone_names()[row[0]].startswith("#") else 12 for row in ids])
                audio = buzz(np.linspace(180 + 5 * number, 240, int(lasts.sum()) * HOP))
                split = "held" if number >= 8 else "train"
                one = replace(
                    item(f"{kind}{number}", text, kind, split, who), first=sum(it.frames for it in items),
                    frames=int(lasts.sum()),
                )  # fmt: skip
                items.append(one)
                sounds.append(Sound(audio, mel(audio), track(audio, Pitch()), energy_db(audio)))
                lines.append(Line(one, ids, lasts, 0))
        target = tmp_path / "work" / "mine" / folder
        write_corpus(target, items, sounds)
        write_alignment(target, lines)
        Statistics("me", [0.5] * 80, [0.25] * 80, {"me": SCALE, "you": SCALE}).save(target)
    toml = 'name = "mine"\nvoice = "me"\nrecordings = []\n[listener]\nepochs = 2\nframewise = 1\nunits = 16\n'
    toml += "[rules.sad]\ntempo = 0.8\nsemitones = -3\nrange = 0.5\nenergy = 0\nloudness_db = -4\ntilt_db = -6\n"
    (tmp_path / "mine.toml").write_text(toml, encoding="utf-8")
    return tmp_path


@pytest.fixture
def arguments(work: Path, voices_dir: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what the command line says, with a copy of a voice."""
    folder = work / SUNG
    folder.mkdir()
    for path in (voices_dir / SUNG).iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(evaluate, "open_mandarin", mandarin)
    return [str(work / "mine.toml"), "--voice", str(folder), "--work", str(work / "work")]


def test_what_is_not_held_out_is_left_out_of_the_table(
    work: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    recordings, splices = (work / "work" / "mine" / name for name in ("recordings", "splices"))
    items = read_items(recordings / "items.tsv")
    everyone = [replace(it, split="train") for it in items]
    write_items(
        recordings / "items.tsv",
        [new if new.kind == "sentence" else it for it, new in zip(items, everyone, strict=True)],
    )
    evaluate.main(arguments)
    assert "\n| words | " in (told := capsys.readouterr().out)
    assert "\n| sentences" not in told
    assert "Kept out of training: 4 words read as recorded, 4 words, 4 pseudo" in told
    shutil.rmtree(splices)
    with pytest.raises(SystemExit, match="splices has no alignment yet"):
        evaluate.main(arguments)
    write_items(recordings / "items.tsv", [replace(it, kind="sentence") for it in items])
    evaluate.main(arguments)
    assert "\n| sentences | " in (told := capsys.readouterr().out)
    assert "\n| prosody of sentences | " in told
    assert "Kept out of training: 4 sentences read as recorded, 8 sentences." in told, "four are the voice's own"
    write_items(recordings / "items.tsv", [replace(it, kind="sentence") for it in everyone])
    evaluate.main(arguments)
    assert "Kept out of training: nothing." in capsys.readouterr().out


def test_one_command_measures_a_voice(
    work: Path, arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = work / SUNG
    monkeypatch.setattr(evaluate_emotions, "open_mandarin", mandarin)
    evaluate.main(arguments)
    first = capsys.readouterr().out
    assert "recogniser: epoch 2" in first
    assert "4 words, 4 pseudo-sentences read as recorded, 4 pseudo-sentences, 4 sentences" in first
    told = json.loads((folder / "evaluation.json").read_text(encoding="utf-8"))
    values = {(row["of"], row["name"]): row["values"] for row in told["rows"]}
    assert set(values["words", "syllable error, %"]) == {"recordings", "voice", "vocoder alone"}
    assert ("sentences", "mel-cepstral distortion, dB") not in values, "somebody else said them"
    assert set(values["pseudo-sentences", "seconds per syllable"]) == {"rules", "voice", "vocoder alone"}
    assert values["pseudo-sentences", "seconds per syllable"]["rules"] == pytest.approx(0.3)
    assert values["prosody of sentences", "syllable durations, correlation"].keys() == {"voice", "rules"}
    assert (folder / "evaluation.md").read_text(encoding="utf-8") in first
    monkeypatch.setattr(evaluate_emotions, "sentences", lambda: ["今天下雨", "我们回家吧"])
    monkeypatch.setattr(evaluate_emotions, "f0_of", lambda samples, usual_hz: track(samples, Pitch(), usual_hz))
    evaluate_emotions.main(arguments)
    second = capsys.readouterr().out
    assert "epoch" not in second, "the judges are taught once"
    assert "| sad |" in second
    emotions = json.loads((folder / "emotions.json").read_text(encoding="utf-8"))["emotions"]
    assert emotions["sad"]["effects"]["rate"][0] < 0
    monkeypatch.setattr(evaluate_emotions, "sentences", lambda: ["妈妈妈妈"])
    with pytest.raises(SystemExit, match="妈妈妈妈 is among the recordings"):
        evaluate_emotions.main(arguments)
    with pytest.raises(SystemExit, match="is no voice"):
        evaluate.main([*arguments[:2], str(work), *arguments[3:]])


def test_a_recording_is_measured_as_it_was_aligned(work: Path) -> None:
    corpus = Corpus(work / "work" / "mine" / "recordings")
    lines = [Line(it, np.zeros((1, 6), np.int64), np.array([it.frames]), 0) for it in corpus.items]
    assert [recorded(line, corpus).running for line in lines[::12]] == [False, True]
    assert correlation(np.arange(5.0), -np.arange(5.0)) == pytest.approx(-1)
