"""Controls on a line of symbols, marks from durations, and what is done to the finished sound."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tests.mandarin import read
from tests.voices import EMOTIONS, HOP, PLAIN, RATE_HZ, SUNG
from tts.catalogue import Catalogue
from tts.config import load
from tts.engines.sambert import open as open_engine
from tts.engines.sambert.acoustic import Score
from tts.engines.sambert.engine import SambertEngine
from tts.engines.sambert.finish import Finish
from tts.engines.sambert.line import manner, write_line
from tts.engines.sambert.marks import marks
from tts.engines.sambert.symbols import Symbols, Unspeakable, line, parse
from tts.engines.sambert.voice import F0Scale
from tts.frontend import Reader
from tts.stream import plan, speak
from tts.types import Controls, Mark, Request, Samples, Sentence

SENTENCE = read("今天是个好日子，我们一起去公园散步吧")
TABLE = Symbols()
FRAME_MS = HOP * 1000 / RATE_HZ


@pytest.fixture(scope="module")
def engine(voices_dir: Path) -> SambertEngine:
    return open_engine(load({}, voices_dir=str(voices_dir)))


def score(engine: SambertEngine, controls: Controls, voice: str = PLAIN) -> Score:
    speaker = engine.speaker(voice)
    return speaker.score(speaker.write(SENTENCE, controls.emotion), manner(controls, {}))


def test_phones_have_the_emotion_and_pauses_none() -> None:
    symbols = TABLE.write(SENTENCE, "happy")
    given = write_line(symbols, TABLE, manner(Controls("happy", 50.0), {}))
    pauses = np.array([symbol.is_pause for symbol in symbols])
    assert set(given.emotion_ids[~pauses]) == {TABLE.id("emotion", "emotion_happy")}
    assert set(given.base_ids[~pauses]) == {TABLE.id("emotion", "emotion_neutral")}
    assert set(given.emotion_ids[pauses]) == set(given.base_ids[pauses]) == {TABLE.id("emotion", "emotion_none")}
    assert set(given.emotion_weights) == {0.5}


def test_a_range_of_pitch_widens_about_the_mean(engine: SambertEngine) -> None:
    plain, wide = (score(engine, Controls(pitch_range=factor)).pitch for factor in (1.0, 1.5))
    assert np.ptp(plain) > 0.01
    assert np.allclose(np.diff(wide), 1.5 * np.diff(plain), atol=1e-4)
    assert abs(wide.mean() - plain.mean()) < 0.1 * np.ptp(plain)


@pytest.mark.parametrize(("intensity", "weight"), [(0.0, 0.0), (100.0, 1.0), (125.0, 1.25), (200.0, 1.25)])
def test_intensity_is_a_weight(intensity: float, weight: float) -> None:
    given = write_line(TABLE.write(SENTENCE), TABLE, manner(Controls("sad", intensity), {}))
    assert set(given.emotion_weights) == {weight}


@pytest.mark.parametrize("emotion", [name for name in EMOTIONS if name != "neutral"])
def test_the_way_from_neutral_grows_with_intensity(engine: SambertEngine, emotion: str) -> None:
    neutral = score(engine, Controls())
    away = []
    for intensity in (0.0, 25.0, 50.0, 75.0, 100.0, 125.0):
        found = score(engine, Controls(emotion, intensity))
        away.append(float(np.abs(found.pitch - neutral.pitch).mean() + np.abs(found.energy - neutral.energy).mean()))
    assert away[0] == 0
    assert away == sorted(away)
    assert away[-1] > 1.1 * away[-2] > 0
    assert score(engine, Controls(emotion, 0.0)).durations.tolist() == neutral.durations.tolist()


def test_speed_divides_the_time(engine: SambertEngine) -> None:
    usual = score(engine, Controls()).frames
    frames = {speed: score(engine, Controls(speed=speed)).frames for speed in (0.5, 0.75, 1.0, 1.25, 1.5, 2.0)}
    counts = list(frames.values())
    assert counts == sorted(counts, reverse=True)
    for speed, found in frames.items():
        assert found == pytest.approx(usual / speed, abs=len(TABLE.write(SENTENCE)) / 2)


def test_the_predicted_pitch_moves_where_its_hertz_are_known(engine: SambertEngine) -> None:
    f0 = F0Scale(210.0, 40.0)
    usual = score(engine, Controls(), SUNG)
    for semitones in (-4.0, 3.0, 12.0):
        found = score(engine, Controls(pitch_semitones=semitones), SUNG)
        ratio = 2 ** (semitones / 12)
        hertz = [f0.mean_hz + f0.std_hz * one.pitch for one in (usual, found)]
        np.testing.assert_allclose(hertz[1] / hertz[0], ratio, rtol=0.03)


@pytest.mark.parametrize("semitones", [-12.0, -3.0, 4.0, 12.0])
def test_another_pitch_takes_no_other_time(engine: SambertEngine, semitones: float) -> None:
    """The voice whose pitch has no Hz speaks slower or faster, so that playing it otherwise keeps its length."""
    usual, moved = (
        np.concatenate(
            [chunk.samples for chunk in engine.speaker(PLAIN).speak(SENTENCE, Controls(pitch_semitones=one))]
        )
        for one in (0.0, semitones)
    )
    assert len(moved) == pytest.approx(len(usual), rel=0.03)


@pytest.mark.parametrize("semitones", [-7.0, 5.0])
def test_a_tone_is_raised_by_so_many_semitones(semitones: float) -> None:
    faster = 2 ** (semitones / 12)
    tone = np.sin(2 * np.pi * 440 * np.arange(RATE_HZ) / RATE_HZ).astype(np.float32)
    raised = Finish(RATE_HZ, faster).feed(tone, last=True)
    assert len(raised) == pytest.approx(RATE_HZ / faster, abs=2)
    spectrum = np.abs(np.fft.rfft(raised * np.hanning(len(raised))))
    assert np.argmax(spectrum) * RATE_HZ / len(raised) == pytest.approx(440 * faster, abs=1.5)


def voiced(lead_ms: int, sound_ms: int = 200) -> Samples:
    """Return silence with a murmur of -46 dBFS, and then noise."""
    murmur = np.full(lead_ms * RATE_HZ // 1000, 0.005, np.float32)
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, sound_ms * RATE_HZ // 1000).astype(np.float32)
    return np.concatenate([murmur, noise])


@pytest.mark.parametrize("lead_ms", [0, 20, 45, 300])
def test_what_is_quiet_before_the_first_sound_is_short(lead_ms: int) -> None:
    finish = Finish(RATE_HZ)
    made = finish.feed(voiced(lead_ms), last=True)
    assert finish.left_out == max(0, lead_ms - 40) * RATE_HZ // 1000
    assert len(made) + finish.left_out == len(voiced(lead_ms))
    assert np.flatnonzero(np.abs(made) >= 0.01)[0] <= 0.05 * RATE_HZ


def test_a_sentence_begins_and_ends_without_a_click() -> None:
    made = Finish(RATE_HZ).feed(voiced(0), last=True)
    assert made[0] == made[-1] == 0
    assert np.abs(made[:5]).max() < 0.1
    assert np.abs(made[-5:]).max() < 0.1
    assert (made[100:-100] == voiced(0)[100:-100]).all()


@pytest.mark.parametrize("faster", [1.0, 1.3], ids=["as it is", "raised"])
@pytest.mark.parametrize("lead_ms", [0, 300])
@pytest.mark.parametrize("size", [HOP, 3 * HOP, 7 * HOP])
def test_pieces_are_finished_like_the_whole(faster: float, lead_ms: int, size: int) -> None:
    raw = voiced(lead_ms)
    finish = Finish(RATE_HZ, faster)
    pieces = [finish.feed(raw[at : at + size], last=at + size >= len(raw)) for at in range(0, len(raw), size)]
    np.testing.assert_allclose(np.concatenate(pieces), Finish(RATE_HZ, faster).feed(raw, last=True), atol=1e-6)


def test_silence_alone_stays_short() -> None:
    assert len(Finish(RATE_HZ).feed(np.zeros(RATE_HZ, np.float32), last=True)) == RATE_HZ * 40 // 1000


def heard(sentence: Sentence, durations: list[int]) -> list[Mark]:
    return list(marks(sentence, np.array(durations), TABLE, 10.0))


def test_marks_come_from_the_durations() -> None:
    #       n  i  #1 h  ao #4
    assert heard(read("你好"), [3, 7, 2, 5, 0]) == [
        Mark("你", 0, 0.0, 100.0, "ni2"),
        Mark("好", 1, 100.0, 170.0, "hao3"),
    ]


def test_syllables_of_one_number_make_one_mark_and_those_of_a_word_one_each(reader: Reader) -> None:
    sentence = next(reader.read("25个", "zh"))
    durations = [2] * len(TABLE.write(sentence))
    first, *_ = heard(sentence, durations)
    assert first.text == "25"
    assert first.pinyin.split() == ["er4", "shi2", "wu3"]
    english = next(reader.read("用hello说", "zh"))
    found = heard(english, [2] * len(TABLE.write(english)))
    assert [mark.text for mark in found] == ["用", "hel", "lo", "说"]
    assert found[1].pinyin == found[2].pinyin == ""


def test_a_merged_er_is_one_mark_over_both_characters() -> None:
    sentence = read("一朵花儿")
    *_, last = heard(sentence, [2] * len(TABLE.write(sentence)))
    assert (last.text, last.pinyin) == ("花儿", "huar1")


@pytest.mark.parametrize("speed", [0.5, 1.0, 1.7])
@pytest.mark.parametrize("semitones", [0.0, 4.0])
def test_marks_are_right_on_the_audible_timeline(
    engine: SambertEngine, reader: Reader, speed: float, semitones: float
) -> None:
    """Each sentence's first character begins with its sound, and its last one ends with it, to one frame."""
    catalogue = Catalogue({"sambert": engine}, PLAIN)
    request = Request("今天天气很好，我们去公园。你呢？", "pcm", controls=Controls("happy", 80, speed, semitones))
    pieces = list(speak(plan(request, catalogue, reader), catalogue, reader))
    pcm = np.concatenate([piece.pcm for piece in pieces])
    found = [mark for piece in pieces for mark in piece.marks]
    assert "".join(mark.text for mark in found) == "今天天气很好我们去公园你呢"
    assert all(mark.end_ms == next_.start_ms for mark, next_ in pairwise(found) if next_.start not in (7, 13))
    starts, ends = sounding(pcm)
    assert len(starts) == 3
    frame_ms = FRAME_MS + 1
    for text, start_ms, end_ms in zip(("今好", "我园", "你呢"), starts, ends, strict=True):
        assert next(mark.start_ms for mark in found if mark.text == text[0]) == pytest.approx(start_ms, abs=frame_ms)
        assert next(mark.end_ms for mark in found if mark.text == text[1]) == pytest.approx(end_ms, abs=frame_ms)


def sounding(pcm: np.ndarray[tuple[int], np.dtype[np.int16]]) -> tuple[list[float], list[float]]:
    """Return where stretches of sound begin and end, in ms, between silences of at least 80 ms."""
    loud = np.flatnonzero(pcm)
    gaps = np.flatnonzero(np.diff(loud) > 0.08 * RATE_HZ)
    starts = [loud[0], *loud[gaps + 1]]
    ends = [*loud[gaps], loud[-1]]
    return [at * 1000 / RATE_HZ for at in starts], [(at + 1) * 1000 / RATE_HZ for at in ends]


def test_pauses_between_sentences_are_silent(engine: SambertEngine, reader: Reader) -> None:
    catalogue = Catalogue({"sambert": engine}, PLAIN)
    for text, least_ms, most_ms in (("你好，再见", 150, 220), ("你好。再见", 370, 440)):
        pieces = list(speak(plan(Request(text, "pcm"), catalogue, reader), catalogue, reader))
        starts, ends = sounding(np.concatenate([piece.pcm for piece in pieces]))
        assert least_ms <= starts[1] - ends[0] <= most_ms


def test_a_line_is_parsed_as_it_is_written() -> None:
    symbols = TABLE.write(SENTENCE, "sad")
    for text in (line(symbols), f"12\t{line(symbols)}\n", f"  {line(symbols)} "):
        assert parse(text) == symbols


@pytest.mark.parametrize("text", ["", "北京", "{a_c$tone1}", "{a$b$c$d$e$f", "{a$b$c$d$e$f}{a$b$c$d$e$f}"])
def test_what_is_no_line_is_refused(text: str) -> None:
    with pytest.raises(Unspeakable, match="a line is symbols such as"):
        parse(text)


def test_names_are_checked_and_nothing_else() -> None:
    strange = [replace(TABLE.write(SENTENCE)[0], emotion="emotion_placeholder3")]
    TABLE.check_names(strange)
    with pytest.raises(Unspeakable, match="q_d is no phone"):
        TABLE.check_names([replace(strange[0], phone="q_d")])
