"""The acoustic network learns from examples, goes on as if it had not been stopped, and speaks through the service."""

import shutil
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from threading import Event

import numpy as np
import pytest
import torch

from tests.mandarin import read
from training.acoustic_loss import PARTS
from training.acoustic_pictures import told
from training.acoustic_training import Training
from training.aligned import Line, phone_names, read_alignment, write_alignment
from training.check_export import main as check_main
from training.config import BadConfig, Config, build
from training.corpus import (
    Corpus,
    Item,
    Sound,
    Speaker,
    Statistics,
    load_statistics,
    read_items,
    write_corpus,
    write_items,
)
from training.creak import clear_voice, symbol_pitch
from training.dataset import Examples
from training.export import main as export_main
from training.features import HOP
from training.forced import forced
from training.lessons import F0, MANNERS, VOICED, Lesson, batch_of, lessons
from training.networks.hifigan import Generator, Sizes
from training.respeak import levels, respeak, respoken
from training.train_acoustic import held_out, train
from training.trained_acoustic import load_acoustic
from training.voice_options import Acoustic, Card
from tts.config import load as settings
from tts.engines.sambert import open as open_engine
from tts.engines.sambert.voice import inventory
from tts.types import Controls

ACOUSTIC = Acoustic(
    embedding=16, encoder_layers=2, encoder_units=16, encoder_heads=2, encoder_inner=16, text=8, speaker=4, emotion=4,
    predictor_units=8, predictor_taps=5, duration_units=8, prenet=16, decoder_layers=2, decoder_units=16,
    decoder_heads=2, decoder_inner=16, postnet_units=16, postnet_taps=9, batch_frames=400, warm_up_steps=10,
)  # fmt: skip
VOICE = Speaker(0.0, 240.0, 245.0, 50.0, 5.48, 0.2, -30.0, 6.0)
MAN = Speaker(0.0, 130.0, 132.0, 20.0, 4.87, 0.13, -30.0, 6.0)
INITIALS, FINALS = ("b_c", "d_c", "g_c", "zh_c"), ("a_c", "i_c", "ang_c", "ong_c")


pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Return an experiment whose recordings are aligned and whose words are spliced."""
    card = Card(name="小", licence="CC0", attribution="nobody", source="random numbers")
    made = Config(name="tiny", voice="voice", recordings=(), work=tmp_path, acoustic=ACOUSTIC, card=card)
    order = np.random.default_rng(1)
    kinds = [("word", "voice", 2)] * 12 + [("sentence", "man", 6)] * 4
    write(made.folder / "recordings", [spoken(*kind, order) for kind in kinds], "abcdefghijklmnop")
    write(made.folder / "splices", [spoken("splice", "voice", 4, order) for _ in range(4)], "qrst")
    return made


def spoken(kind: str, speaker: str, syllables: int, order: np.random.Generator) -> tuple[Item, Line, Sound]:
    """Return an item whose phones each have a spectrum of their own."""
    names, ids = phone_names(), []
    tones, marks, words = (inventory()[name] for name in ("tone", "syllable", "word"))
    neutral, none = (inventory()["emotion"].index(f"emotion_{name}") for name in ("neutral", "none"))
    for at in range(syllables):
        tone = tones.index(f"tone{order.integers(1, 5)}")
        for phone, mark in ((order.choice(INITIALS), "s_begin"), (order.choice(FINALS), "s_end")):
            place = "word_begin" if at == 0 and mark == "s_begin" else "word_middle"
            ids.append([names.index(phone), tone, marks.index(mark), words.index(place), neutral, 0])
    pause = [tones.index("tone_none"), marks.index("s_none"), words.index("word_none"), none, 0]
    rows = np.array([*ids, [names.index("#4"), *pause]])
    durations = np.array([*order.integers(2, 9, 2 * syllables), 0])
    frames = int(durations.sum())
    each = np.repeat(rows[:, 0], durations)
    mel = np.clip(0.5 + 0.3 * np.sin(each[:, None] * np.arange(1, 81) / 7), 0, 1).astype(np.float32)
    scale = VOICE if speaker == "voice" else MAN
    f0 = np.where(each % 3 > 0, scale.f0_mean_hz + 20 * np.sin(np.arange(frames) / 5), 0).astype(np.float32)
    item = Item("", speaker, kind, "train", 0, frames, 8000.0, "", "", "")  # type: ignore[arg-type]
    quiet = np.zeros(frames * HOP, np.float32)
    return item, Line(item, rows, durations, 0), Sound(quiet, mel, f0, np.full(frames, -30, np.float32))


def write(folder: Path, made: list[tuple[Item, Line, Sound]], names: str) -> None:
    """Write a corpus of items; every fourth is held out."""
    first, items = 0, []
    for at, (item, _, _) in enumerate(made):
        prefix = "splice" if item.kind == "splice" else ""
        items.append(replace(item, id=prefix + names[at], first=first, split="train" if at % 4 else "held"))
        first += item.frames
    write_corpus(folder, items, [sound for _, _, sound in made])
    write_alignment(folder, [line for _, line, _ in made])
    Statistics("voice", [0.5] * 80, [0.2] * 80, {"voice": VOICE, "man": MAN}).save(folder)


def taught(config: Config) -> list[Lesson]:
    return lessons(Examples(config, "train"), config)


def test_the_loss_falls_in_training_and_held_out(config: Config) -> None:
    own, held = taught(config), lessons(Examples(config, "held"), config)
    training = Training.begin(replace(config, acoustic=replace(ACOUSTIC, learning_rate=1e-2)))
    before = held_out(training.speaking(), held, ACOUSTIC)
    parts = [training.learn(own) for _ in range(40)]
    after = held_out(training.speaking(), held, ACOUSTIC)
    for early, late in ((parts[0], parts[-1]), (before, after)):
        assert (late[:2] < 0.8 * early[:2]).all()
        assert late[PARTS.index("durations")] < 0.5 * early[PARTS.index("durations")]


def test_one_that_was_stopped_is_one_that_was_not(config: Config, tmp_path: Path) -> None:
    whole = train(config, 7).network.state_dict()
    (config.folder / "acoustic.pt").unlink()
    train(config, 3)
    resumed = train(config, 7)
    assert resumed.step == 7
    assert all(torch.equal(whole[name], value) for name, value in resumed.network.state_dict().items())


def test_sentences_alone_of_which_none_is_held_out_teach_as_well(
    config: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(config.folder / "splices")
    table = config.folder / "recordings" / "items.tsv"
    write_items(table, [replace(it, kind="sentence", split="train") for it in read_items(table)])
    training = train(replace(config, acoustic=replace(ACOUSTIC, report_s=0.0, pictures_s=0.0)), 2)
    assert "16 lessons, " in (told := capsys.readouterr().out)
    assert "; 0 held out; " in told
    assert "step 2" in told
    assert "nan" not in told
    rows = np.array(training.history)
    assert np.isfinite(rows[:, : 1 + len(PARTS)]).all()
    assert np.isnan(rows[:, 1 + len(PARTS) :]).all()
    assert train(config, 3).step == 3


def test_it_stops_when_it_is_told_to_and_leaves_a_checkpoint(config: Config) -> None:
    stop = Event()
    stop.set()
    assert train(config, 7, stop).step == 0
    assert (config.folder / "acoustic.pt").exists()


def test_a_checkpoint_of_another_size_is_not_overwritten(config: Config) -> None:
    train(config, 1)
    before = (config.folder / "acoustic.pt").read_bytes()
    with pytest.raises(SystemExit, match="of other sizes; move it away"):
        train(replace(config, acoustic=replace(ACOUSTIC, decoder_layers=3)), 2)
    assert (config.folder / "acoustic.pt").read_bytes() == before


def test_the_voices_recordings_are_said_again_frame_for_frame(config: Config) -> None:
    network = train(config, 2).speaking()
    spoken, corpus = np.load(respeak(config)), Corpus(config.folder / "recordings")
    recorded, scales = corpus.arrays["mel"], load_statistics(corpus.folder)
    own = {it.id: it for it in taught(config) if it.speaker == 0}
    said = 0
    for line in read_alignment(corpus):
        rows = slice(line.item.first, line.item.first + line.item.frames)
        if line.item.speaker == "voice" and line.item.split == "train":
            wanted = levels(respoken(network, own[line.item.id]), scales)
            np.testing.assert_allclose(spoken[rows], wanted, atol=2e-3)
            said += 1
        else:
            assert np.array_equal(spoken[rows], recorded[rows])
    assert said == 9


def test_what_is_said_again_has_its_harmonics_where_the_recording_has_them(config: Config) -> None:
    network, own = train(config, 2).speaking(), taught(config)[0]
    higher = replace(own, tune=own.tune + 1)
    assert not torch.allclose(respoken(network, own), respoken(network, higher), atol=1e-4)


def test_in_a_batch_a_lesson_is_what_it_is_alone(config: Config) -> None:
    network, own = train(config, 2).speaking(), taught(config)
    batch = batch_of(own, 3)
    with torch.no_grad():
        together = forced(network, batch)
        for at, lesson in enumerate(own):
            alone, n, frames = forced(network, batch_of([lesson], 3)), len(lesson.ids), len(lesson.features)
            for name, rows in (("pitch", n), ("energy", n), ("log_durations", n), ("decoded", frames), ("mel", frames)):
                a, b = (getattr(said, name)[place, :rows] for said, place in ((together, at), (alone, 0)))
                torch.testing.assert_close(a, b, atol=1e-5, rtol=0)


def test_what_is_trained_is_what_speaks(config: Config) -> None:
    network = train(config, 2).speaking().requires_grad_(False)
    for lesson in taught(config):
        batch = batch_of([lesson], 3)
        decoded, mel = told(network, lesson)
        heard = torch.zeros_like(batch.features)
        # Each time one more step has heard what it hears when it speaks.
        for _ in range(batch.steps.shape[1]):
            heard = forced(network, batch, heard=heard).decoded
        torch.testing.assert_close(heard[0, : len(decoded)], decoded, atol=1e-5, rtol=0)
        tuned = replace(batch, tune=heard[..., F0:])
        torch.testing.assert_close(forced(network, tuned, heard=heard).mel[0, : len(mel)], mel, atol=1e-5, rtol=0)


def test_sentences_of_others_teach_their_melody_in_the_scale_of_the_voice(config: Config) -> None:
    own, sentences = taught(config), inventory()["emotion"].index(MANNERS["sentence"])
    of_man = next(it for it in own if it.speaker == 1)
    assert set(of_man.manners[:-1]) == {sentences} == {inventory()["emotion"].index("emotion_neutral")}
    voiced = of_man.features[:, VOICED] > 0
    hz, real = (x[voiced] * VOICE.f0_std_hz + VOICE.f0_mean_hz for x in (of_man.features[:, F0], of_man.tune))
    # His 20 Hz about 132 are 4.6 deviations in semitones each way, of which splices keep 0.65.
    assert abs(np.log(real).mean() - MAN.log_f0_mean) < 0.05
    wanted = VOICE.log_f0_mean + 0.65 * VOICE.log_f0_std * (np.log(real) - MAN.log_f0_mean) / MAN.log_f0_std
    assert np.allclose(np.log(hz), wanted, atol=1e-4)
    phones = [it.lasts[:-1].sum() / (len(it.ids) // 2) for it in own if it.speaker == 1]
    assert abs(np.mean(phones) * HOP / 16_000 - ACOUSTIC.syllable_s) < 1e-3
    word = next(it for it in own if it.id.islower() and not it.speaker and not it.id.startswith("splice"))
    assert np.allclose(word.features[:, F0], word.tune, atol=1e-4)
    assert word.lasts.tolist() == word.durations.tolist()


def test_creak_is_taught_as_a_clear_low_voice() -> None:
    names, tones = phone_names(), inventory()["tone"]
    durations = np.array([2, 8])
    pitch = np.array([0, 0, 0, -1, 0, 0, -1, 0, 0, 0], np.float32)
    recorded = np.array([0, 0, 1, 1, 0, 0, 1, 0, 0, 0], bool)
    mel = np.full((10, 80), 0.8, np.float32)
    mel[9] = 0.5
    for tone, creak in (("tone3", -1.8), ("tone2", -1.0)):
        ids = np.array([[names.index("h_c"), tones.index(tone)], [names.index("ao_c"), tones.index(tone)]])
        low, voiced = clear_voice(pitch, recorded, mel, ids, durations)
        assert low[2:].tolist() == pytest.approx([0, -1, creak, creak, -1, creak, creak, creak])
        assert voiced.tolist() == [False] * 2 + [True] * 7 + [False]  # neither the initial nor what is quiet
        each = symbol_pitch(low, voiced, np.array([0.5, 0.5], np.float32), ids, durations)
        assert each.tolist() == pytest.approx([0.5, (-2 + 4 * creak) / 7])


def test_phones_that_were_never_heard_are_said_like_their_neighbours_and_only_by_the_voice(config: Config) -> None:
    train(config, 1)
    network = load_acoustic(config.folder / "acoustic.pt")
    assert (network.spk_tokenizer.weight == network.spk_tokenizer.weight[0]).all()
    rows = network.text_encoder.get_submodule("sy_emb").get_parameter("weight")
    names = phone_names()
    for phone, like in (("th", "s_c"), ("uar_c", "ua_c"), ("ueng_c", "eng_c")):
        assert torch.equal(rows[names.index(phone)], rows[names.index(like)])
    assert not torch.equal(rows[names.index("er_c")], rows[names.index("e_c")])


def test_options_are_strict() -> None:
    least = {"name": "tiny", "voice": "voice", "recordings": []}
    assert build(Config, least | {"acoustic": {"text": 32}}, "here").acoustic.text == 32
    with pytest.raises(BadConfig, match="here: acoustic: unknown layers; the keys are embedding"):
        build(Config, least | {"acoustic": {"layers": 3}}, "here")
    with pytest.raises(BadConfig, match="here: card: sex: 'girl' is no female or male"):
        build(Config, least | {"card": {"sex": "girl"}}, "here")


def write_vocoder(config: Config) -> None:
    """Write a vocoder that has learned nothing."""
    generator = Generator(Sizes(channels=16, scales=(10, 20), up_kernels=(20, 40), causal=True, nsf=(3, 16_000)))
    vocoder = {"sizes": asdict(generator.sizes), "average": generator.state_dict()}
    torch.save(vocoder, config.folder / "vocoder.pt")


def test_a_network_that_cannot_speak_yet_is_not_exported(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_vocoder(config)
    monkeypatch.setattr("training.commands.load", lambda _path: config)
    training = train(config, 1)
    last = training.average["variance_adaptor.duration_predictor.fc.bias"]
    for log, why in ((-9.0, "every symbol has a duration of 0"), (9.0, "frames")):
        last.fill_(log)
        training.save(config.folder / "acoustic.pt")
        with pytest.raises(SystemExit, match=f"cannot speak yet, and must be trained for longer: .*{why}"):
            export_main(["tiny.toml", "-o", str(tmp_path / "voices" / "tiny")])
    assert not list((tmp_path / "voices").iterdir())


def test_an_exported_voice_speaks_and_passes_its_check(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    quick = replace(config, acoustic=replace(ACOUSTIC, learning_rate=1e-2))
    train(quick, 30)
    write_vocoder(config)
    monkeypatch.setattr("training.commands.load", lambda _path: config)
    voices = tmp_path / "voices"
    export_main(["tiny.toml", "-o", str(voices / "tiny")])
    assert "neutral; graphs and networks agree to" in capsys.readouterr().out
    check_main(["tiny.toml", str(voices / "tiny")])
    assert "the graphs say what the networks say" in capsys.readouterr().out
    with closing(open_engine(settings({}, voices_dir=str(voices)))) as engine:
        (voice,) = engine.voices
        assert (voice.name, voice.licence) == ("小", "CC0")
        samples = np.concatenate([chunk.samples for chunk in engine.speak(read("大地。"), voice, Controls())])
    assert len(samples) > 0.1 * 16_000
    train(quick, 31)
    with pytest.raises(SystemExit, match=r"neutral: the .* the network"):
        check_main(["tiny.toml", str(voices / "tiny")])
