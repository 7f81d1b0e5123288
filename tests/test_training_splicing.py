"""Words become pseudo-sentences whose sound, F0 and durations agree; prosody is measured in the speaker's scale."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tests.mandarin import read
from training.aligned import Line, continuous, network_features, prosody, read_alignment, weights, write_alignment
from training.config import Config, Pitch, Splices
from training.corpus import Corpus, Item, Sound, Speaker, Statistics, write_corpus, write_items
from training.dataset import Examples, batches
from training.features import HOP, SAMPLE_RATE_HZ, energy_db, mel
from training.pitch import track
from training.psola import changed, marks
from training.splicing import Word, chosen, joined, lengths, melody, splice, symbols_of, words_of
from tts.engines.sambert.symbols import Symbols

SCALE = Speaker(0.0, 200.0, 200.0, 40.0, float(np.log(200)), 0.2, -30.0, 5.0)
SCALES = Statistics("me", [0.5] * 80, [0.25] * 80, {"me": SCALE})
SYMBOLS = Symbols()


def buzz(hz: np.ndarray) -> np.ndarray:
    """Return a sound with an F0 for each sample."""
    phase = 2 * np.pi * np.cumsum(hz) / SAMPLE_RATE_HZ
    return np.asarray(0.1 * np.sum([np.sin(k * phase) / k for k in range(1, 13)], axis=0), np.float32)


def item(name: str, frames: int, first: int, text: str) -> Item:
    return Item(name, "me", "word", "train", first, frames, 7600.0, text, "", "")


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    """Return three words of two syllables, voiced throughout: each has 10 + 20 + 10 + 24 frames."""
    items, sounds, lines = [], [], []
    for number, (text, ends) in enumerate([("妈妈", (220, 180)), ("马路", (160, 240)), ("美好", (250, 170))]):
        audio = buzz(np.linspace(*ends, 70 * HOP))
        f0 = track(audio, Pitch())
        items.append(item(str(number), 70, 70 * number, text))
        sounds.append(Sound(audio, mel(audio), f0, energy_db(audio)))
        ids = SYMBOLS.ids(SYMBOLS.write(read(text)))
        lines.append(Line(items[-1], ids, np.array([10, 20, 10, 24, 0]), 3))
    write_corpus(tmp_path, items, sounds)
    write_alignment(tmp_path, [lines[0], None, lines[2]])
    return Corpus(tmp_path)


def test_an_alignment_is_read_as_it_was_written(corpus: Corpus) -> None:
    lines = read_alignment(corpus)
    assert [line.item.text for line in lines] == ["妈妈", "美好"]
    assert [line.durations.tolist() for line in lines] == [[10, 20, 10, 24, 0]] * 2
    sound = lines[1].sound(corpus)
    assert len(sound.mel) == lines[1].frames == 64
    assert np.array_equal(sound.f0_hz, corpus.sound(corpus.items[2]).f0_hz[3:67])


def test_marks_lie_one_period_apart() -> None:
    gaps = np.diff(marks(buzz(np.full(16000, 200.0)), np.full(80, 200.0)))[3:-3]
    assert np.abs(gaps - 80).max() <= 2


def test_a_voice_can_be_faster_and_higher() -> None:
    samples = buzz(np.full(16000, 200.0))
    made = changed(samples, np.full(80, 200.0), 11200, lambda at: at / 0.7, lambda _: 240.0)
    assert len(made) == 11200
    found = track(made, Pitch())[4:-4]
    assert np.abs(12 * np.log2(found / 240)).max() < 0.2
    assert made[2000:-2000].std() == pytest.approx(samples.std(), rel=0.25)


def test_a_word_keeps_the_tempo_whatever_is_rounded(corpus: Corpus) -> None:
    line, options = read_alignment(corpus)[0], Splices(tempo=0.7, final_lengthening=1.0)
    assert lengths(line, options, begins=True, ends=True).sum() == round(0.7 * 64)
    assert (lengths(line, Splices(tempo=0.01), begins=False, ends=False) > 0).tolist() == [True] * 4 + [False]


def test_third_tones_do_not_rise_where_something_follows(corpus: Corpus) -> None:
    line = read_alignment(corpus)[1]  # 美好, mei2 hao3
    f0 = np.concatenate([np.full(50, 180.0), np.linspace(150, 250, 14)]).astype(np.float32)
    rising = Sound(np.zeros(64 * HOP, np.float32), np.zeros((64, 80), np.float32), f0, np.zeros(64, np.float32))
    last, inner = (
        melody(Word(line, rising, line.durations, 0.0, True, ends), SCALE, Splices(pitch_range=1.0))
        for ends in (True, False)
    )
    assert last[-1] == pytest.approx(250, rel=1e-3)
    assert inner[-1] == pytest.approx(150, rel=1e-3)
    assert np.allclose(last[:50], inner[:50])


def test_a_pseudo_sentence_agrees_with_itself(corpus: Corpus) -> None:
    options, order = Splices(pause_share=0.0, declination_st_per_s=-2.0), np.random.default_rng(0)
    lines = read_alignment(corpus)
    words = words_of([(lines[0], 0), (lines[1], 12), (lines[0], 0)], corpus, options)
    sound, ids = joined(words, SCALE, options, order), symbols_of(words)
    lasts = np.concatenate([word.lasts for word in words])
    assert len(ids) == len(lasts) == 15
    assert len(sound.audio) == HOP * lasts.sum() == HOP * len(sound.mel) == HOP * len(sound.f0_hz)
    assert [SYMBOLS_NAMES[row[0]] for row in ids[4::5]] == ["#1", "#3", "#4"]
    assert lasts[4::5].tolist() == [0, 12, 0]
    pause = slice(lasts[:9].sum() + 1, lasts[:10].sum() - 1)
    assert not sound.f0_hz[pause].any()
    assert sound.energy_db[pause][2:-3].max() < -50
    heard = track(sound.audio, Pitch())
    both = (heard > 0) & (sound.f0_hz > 0)
    assert np.median(np.abs(12 * np.log2(heard[both] / sound.f0_hz[both]))) < 0.2
    long = [word.lasts[:-1].sum() * HOP / SAMPLE_RATE_HZ for word in words]
    assert words[0].seconds == pytest.approx(-(long[0] + long[1]) / 2)
    assert words[1].seconds == pytest.approx(words[0].seconds + long[0])
    assert words[2].seconds == pytest.approx(-long[2] / 2), "pitch is reset by a pause"


SYMBOLS_NAMES = {number: name for name, number in SYMBOLS._ids["phone"].items()}


def test_no_third_tone_is_chosen_after_another(corpus: Corpus) -> None:
    lines = [line for line in read_alignment(corpus) if line.item.text == "美好"]
    starts = Line(lines[0].item, lines[0].ids[[2, 3, 0, 1, 4]], lines[0].durations, 0)  # hao3 mei2
    for seed in range(20):
        words = chosen([lines[0], starts], Splices(pause_share=0.0), np.random.default_rng(seed))
        pairs = list(pairwise(words))
        assert 2 <= len(words) <= 6
        assert not any(left[0] is lines[0] and right[0] is starts for left, right in pairs)


def test_where_only_third_tones_are_at_hand_pauses_part_them(corpus: Corpus) -> None:
    line = read_alignment(corpus)[1]
    low = Line(line.item, line.ids[2:], line.durations[2:], 0)  # hao3
    for seed in range(5):
        pauses = [pause for _, pause in chosen([low], Splices(pause_share=0.0), np.random.default_rng(seed))]
        assert min(pauses[:-1]) >= 10
        assert pauses[-1] == 0


def test_prosody_is_in_the_speakers_scale() -> None:
    f0 = np.concatenate([np.full(10, 200.0), np.zeros(10), np.full(10, 200 * np.exp(0.2))]).astype(np.float32)
    sound = Sound(np.zeros(6000, np.float32), np.full((30, 80), 0.5, np.float32), f0, np.full(30, -25.0, np.float32))
    line = Line(item("a", 30, 0, "x"), np.zeros((4, 6), np.int64), np.array([10, 10, 0, 10]), 0)
    pitch, energy = prosody(sound, line, SCALES)
    assert pitch == pytest.approx([0, 0.5, 0, 1], abs=1e-5), "an unvoiced phone lies between its neighbours"
    assert energy.tolist() == [1, 1, 0, 1]
    columns = network_features(sound, line.item, SCALES)
    assert columns.shape == (30, 82)
    assert columns[:, 81].tolist() == [1.0] * 10 + [0.0] * 10 + [1.0] * 10
    assert columns[:, 80] == pytest.approx((continuous(f0) - 200) / 40)
    assert not columns[:, :80].any()
    assert weights(line.item).sum() == 80


@pytest.fixture
def config(corpus: Corpus, tmp_path: Path) -> Config:
    """Return an experiment with the three words, all of them for training."""
    SCALES.save(corpus.folder)
    folder = tmp_path / "work" / "mine"
    folder.mkdir(parents=True)
    (folder / "recordings").symlink_to(corpus.folder)
    return Config(name="mine", voice="me", recordings=(), work=tmp_path / "work", splices=Splices(count=4))


def test_examples_have_what_a_network_needs(config: Config) -> None:
    examples = Examples(config, "train", spliced=False)
    assert len(examples) == 2
    assert examples.frames().tolist() == [64, 64]
    one = examples[1]
    assert (len(one.ids), len(one.durations), len(one.pitch), len(one.energy)) == (5, 5, 5, 5)
    assert one.features.shape == (64, 82)
    assert one.isolated
    assert not one.ids[:, 5].any()
    assert not len(Examples(config, "held", spliced=False))
    with pytest.raises(SystemExit, match="no alignment yet"):
        Examples(config, "train")


def test_where_no_words_are_held_out_there_are_no_pseudo_sentences_of_them(
    config: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    splice(config)
    assert "splices: train items 3, " in capsys.readouterr().out
    assert len(Examples(config, "train")) == 2 + 3
    assert not len(Examples(config, "held"))


def test_who_reads_sentences_alone_needs_no_pseudo_sentences(
    config: Config, corpus: Corpus, capsys: pytest.CaptureFixture[str]
) -> None:
    write_items(corpus.folder / "items.tsv", [replace(it, kind="sentence") for it in corpus.items])
    splice(config)
    assert capsys.readouterr().out == "splices: none, since there are no words of me to join\n"
    assert len(Examples(config, "train")) == 2
    write_items(corpus.folder / "items.tsv", [replace(it, speaker="you") for it in corpus.items])
    assert len(Examples(config, "train")) == 2, "the words of others are not joined"


def test_batches_hold_everything_once_and_are_not_too_large() -> None:
    order = np.random.default_rng(0)
    frames = order.integers(20, 300, 500)
    found = list(batches(frames, 2000, order))
    assert sorted(at for batch in found for at in batch) == list(range(500))
    assert max(len(batch) * max(frames[at] for at in batch) for batch in found) <= 2000
    assert sum(len(batch) * max(frames[at] for at in batch) for batch in found) < 1.15 * frames.sum()
    assert list(batches([5000, 5000], 2000, order)) in ([[0], [1]], [[1], [0]])
