"""How the espeak engine sounds: emotions, tempo, pitch, and streams that never mix."""

import threading
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from tts.config import Settings
from tts.engines import espeak
from tts.engines.espeak import library
from tts.engines.espeak.emotions import EMOTIONS
from tts.engines.espeak.engine import EspeakEngine
from tts.errors import EngineFailed, UnknownEmotion
from tts.types import Controls, PcmChunk, Samples, Sentence, Voice

RATE_HZ = 22_050
TEXTS = {
    "zh": "今天天气怎么样我们去公园走走吧",
    "en-US": "the quick brown fox jumps over the lazy dog",
    "ja": "今日はとてもいい天気ですね",
    "ru": "сегодня очень хорошая погода",
}
PLAIN = Controls()
INTENSITIES = (0, 25, 50, 75, 100, 125)


@pytest.fixture(scope="module")
def engine() -> EspeakEngine:
    return espeak.open(Settings())


@pytest.fixture(scope="module")
def voice(engine: EspeakEngine) -> Callable[[str], Voice]:
    voices = {voice.id: voice for voice in engine.voices}
    return voices.__getitem__


def sound(engine: EspeakEngine, voice: Voice, controls: Controls = PLAIN, text: str = "") -> Samples:
    (chunk,) = engine.speak(Sentence(text or TEXTS[voice.language], 0, voice.language), voice, controls)
    return chunk.samples


def seconds(samples: Samples) -> float:
    return len(samples) / RATE_HZ


def level_db(samples: Samples) -> float:
    return float(10 * np.log10(np.mean(samples.astype(np.float64) ** 2)))


def pitch_hz(samples: Samples) -> float:
    """Return the median of the fundamental over voiced frames, by autocorrelation."""
    found, frame = [], 2048
    for start in range(0, len(samples) - frame, 256):
        piece = samples[start : start + frame].astype(np.float64)
        if np.sqrt(np.mean(piece**2)) < 0.015:
            continue
        spectrum = np.fft.rfft(piece - piece.mean(), 2 * frame)
        likeness = np.fft.irfft(np.abs(spectrum) ** 2)[:frame]
        shortest, longest = RATE_HZ // 500, RATE_HZ // 40
        lag = shortest + int(np.argmax(likeness[shortest:longest]))
        if likeness[lag] > 0.5 * likeness[0]:
            found.append(RATE_HZ / lag)
    return float(np.median(found))


def semitones(pitch: float, against: float) -> float:
    return float(12 * np.log2(pitch / against))


#: Emotion -> signs of the changes in duration, pitch and level at 100 %; 0 where none is claimed.
DIRECTIONS = {
    "happy": (-1, 1, 1),
    "sad": (1, -1, -1),
    "angry": (-1, 1, 1),
    "fear": (-1, 1, 0),
    "surprise": (-1, 1, 1),
    "disgust": (1, -1, 0),
    "calm": (1, -1, -1),
}
VOICES = ("espeak-cmn", "espeak-cmn-female", "espeak-ja")


def test_every_emotion_has_a_direction() -> None:
    assert set(DIRECTIONS) | {"neutral"} == set(EMOTIONS)


@pytest.mark.parametrize("voice_id", VOICES)
@pytest.mark.parametrize("emotion", DIRECTIONS)
def test_an_emotion_grows_with_its_intensity(
    engine: EspeakEngine, voice: Callable[[str], Voice], voice_id: str, emotion: str
) -> None:
    takes = [sound(engine, voice(voice_id), Controls(emotion, intensity)) for intensity in INTENSITIES]
    slower, higher, louder = DIRECTIONS[emotion]
    durations = [seconds(take) * slower for take in takes]
    pitches = [pitch_hz(take) * higher for take in takes]
    levels = [level_db(take) * louder for take in takes]
    # Two takes of one text differ by up to 0.3 % in length and 0.3 semitones in measured pitch.
    assert all(after > before * (1 - 0.006 * slower) for before, after in pairwise(durations))
    assert all(after > before * (1 - 0.02 * higher) for before, after in pairwise(pitches))
    assert all(after > before - 0.25 for before, after in pairwise(levels))
    assert durations[4] / durations[0] - 1 > 0.04 if slower > 0 else durations[4] / durations[0] - 1 < -0.04
    assert abs(semitones(pitches[4] / higher, pitches[0] / higher)) > 0.7
    assert not louder or abs(levels[4] - levels[0]) > 1.0


@pytest.mark.parametrize("emotion", DIRECTIONS)
def test_intensity_0_is_neutral(engine: EspeakEngine, voice: Callable[[str], Voice], emotion: str) -> None:
    neutral, none = sound(engine, voice("espeak-cmn")), sound(engine, voice("espeak-cmn"), Controls(emotion, 0))
    assert seconds(none) == pytest.approx(seconds(neutral), rel=0.01)
    assert semitones(pitch_hz(none), pitch_hz(neutral)) == pytest.approx(0, abs=0.3)
    assert level_db(none) == pytest.approx(level_db(neutral), abs=0.2)


def test_emotions_differ_from_each_other(engine: EspeakEngine, voice: Callable[[str], Voice]) -> None:
    takes = [sound(engine, voice("espeak-cmn"), Controls(emotion)) for emotion in EMOTIONS]
    points = [(10 * np.log(seconds(t)), semitones(pitch_hz(t), 100), level_db(t)) for t in takes]
    distances = [np.linalg.norm(np.subtract(a, b)) for i, a in enumerate(points) for b in points[:i]]
    assert min(distances) > 0.8


def test_an_unknown_emotion_lists_the_choices(engine: EspeakEngine, voice: Callable[[str], Voice]) -> None:
    with pytest.raises(UnknownEmotion, match="happy"):
        sound(engine, voice("espeak-cmn"), Controls("hapy"))


@pytest.mark.parametrize("emotion", EMOTIONS)
@pytest.mark.parametrize("voice_id", ["espeak-cmn", "espeak-cmn-female", "espeak-mi", "espeak-vi", "espeak-haw-female"])
def test_nothing_clips(engine: EspeakEngine, voice: Callable[[str], Voice], voice_id: str, emotion: str) -> None:
    """Māori and Hawaiian are espeak's loudest voices, and clip at its usual volume."""
    speaker = voice(voice_id)
    text = TEXTS.get(speaker.language, "aloha mai kakou, pehea oe, hele mai")
    samples = sound(engine, speaker, Controls(emotion, 125), text)
    assert np.abs(samples).max() < 0.99


@pytest.mark.parametrize("voice_id", ["espeak-cmn", "espeak-cmn-female", "espeak-en-us", "espeak-ja", "espeak-ru"])
def test_speed_scales_the_duration(engine: EspeakEngine, voice: Callable[[str], Voice], voice_id: str) -> None:
    """Russian follows espeak's own rate badly: 1.31 times too long at double speed."""
    usual = seconds(sound(engine, voice(voice_id)))
    for speed in (0.5, 0.7, 1.5, 2.0):
        tolerance = 0.12 if speed in (0.5, 2.0) else 0.08
        ratio = seconds(sound(engine, voice(voice_id), Controls(speed=speed))) / usual
        assert ratio * speed == pytest.approx(1, abs=tolerance), speed


@pytest.mark.parametrize("emotion", ["sad", "fear"])
def test_speed_and_emotion_go_together(engine: EspeakEngine, voice: Callable[[str], Voice], emotion: str) -> None:
    """At the ends espeak's rate stops at 80 and 449 words per minute, so a slow emotion is less slow there."""
    usual = seconds(sound(engine, voice("espeak-cmn"), Controls(emotion)))
    half, double = (seconds(sound(engine, voice("espeak-cmn"), Controls(emotion, speed=s))) for s in (0.5, 2.0))
    assert 1.55 < half / usual < 2.1
    assert 0.48 < double / usual < 0.62


@pytest.mark.parametrize("voice_id", ["espeak-cmn", "espeak-cmn-female", "espeak-en-us", "espeak-ja"])
def test_pitch_moves_by_semitones(engine: EspeakEngine, voice: Callable[[str], Voice], voice_id: str) -> None:
    usual = sound(engine, voice(voice_id))
    for moved in (-9, -6, -3, 3, 6, 9, 12):
        take = sound(engine, voice(voice_id), Controls(pitch_semitones=moved))
        assert semitones(pitch_hz(take), pitch_hz(usual)) == pytest.approx(moved, abs=1.3)
        assert seconds(take) == pytest.approx(seconds(usual), rel=0.04)


def test_samples_are_16_bit_exactly(engine: EspeakEngine, voice: Callable[[str], Voice]) -> None:
    samples = sound(engine, voice("espeak-cmn"))
    assert samples.dtype == np.float32
    assert np.array_equal(samples * 32768, np.round(samples * 32768))


@pytest.mark.parametrize("voice_id", ["espeak-cmn", "espeak-cmn-female", "espeak-en-us", "espeak-ja", "espeak-ru"])
@pytest.mark.parametrize("emotion", ["neutral", "sad"])
def test_the_sound_begins_at_once_and_ends_soon(
    engine: EspeakEngine, voice: Callable[[str], Voice], voice_id: str, emotion: str
) -> None:
    """Espeak begins Mandarin with 38 ms of silence at its usual rate, and 70 ms at half of it."""
    samples = sound(engine, voice(voice_id), Controls(emotion, speed=0.5))
    loud = np.flatnonzero(np.abs(samples) > 0.01)
    assert loud[0] / RATE_HZ < 0.05
    assert (len(samples) - loud[-1]) / RATE_HZ < 0.15


def test_a_clause_without_sound_yields_nothing(engine: EspeakEngine, voice: Callable[[str], Voice]) -> None:
    for text in ("", " ", "。。。"):
        assert list(engine.speak(Sentence(text, 0, "zh"), voice("espeak-cmn"), Controls())) == []


def test_both_sexes_say_the_same(engine: EspeakEngine, voice: Callable[[str], Voice]) -> None:
    for code in ("cmn", "en-us", "ja", "fr-fr", "de", "ru"):
        man, woman = voice(f"espeak-{code}"), voice(f"espeak-{code}-female")
        sentence = Sentence(TEXTS.get(man.language, "la la banana"), 0, man.language)
        assert engine.phonemes(sentence, man) == engine.phonemes(sentence, woman)
        assert pitch_hz(sound(engine, woman, text=sentence.text)) > 1.6 * pitch_hz(
            sound(engine, man, text=sentence.text)
        )


STREAMS = (("espeak-cmn", 1.0), ("espeak-en-us-female", 2.0), ("espeak-ja", 0.5), ("espeak-ru-female", 1.0))


def test_streams_on_native_threads_each_keep_their_voice(engine: EspeakEngine, voice: Callable[[str], Voice]) -> None:
    def run(voice_id: str, speed: float) -> list[tuple[float, float]]:
        takes = [sound(engine, voice(voice_id), Controls(speed=speed)) for _ in range(6)]
        return [(seconds(take), pitch_hz(take)) for take in takes]

    alone = {stream: run(*stream)[0] for stream in STREAMS}
    together: dict[tuple[str, float], list[tuple[float, float]]] = {}
    threads = [threading.Thread(target=lambda s=s: together.update({s: run(*s)})) for s in STREAMS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for stream, (duration, pitch) in alone.items():
        assert len(together[stream]) == 6
        for other_duration, other_pitch in together[stream]:
            assert other_duration == pytest.approx(duration, rel=0.05)
            assert other_pitch == pytest.approx(pitch, rel=0.04)


def test_the_library_is_free_between_clauses(engine: EspeakEngine, voice: Callable[[str], Voice]) -> None:
    """A stream that has begun holds nothing: another one speaks a whole utterance before its next clause."""
    speaker = voice("espeak-cmn")

    def utterance() -> "list[PcmChunk]":
        return [c for text in ("你好", "世界") for c in engine.speak(Sentence(text, 0, "zh"), speaker, Controls())]

    begun = engine.speak(Sentence("今天天气很好", 0, "zh"), speaker, Controls())
    next(begun)
    assert not library._LOCK.locked()
    assert len(utterance()) == 2
    begun.close()  # type: ignore[attr-defined]  # it is a generator


def test_two_engines_share_the_process(engine: EspeakEngine, voice: Callable[[str], Voice]) -> None:
    other = espeak.open(Settings())
    before = seconds(sound(engine, voice("espeak-cmn")))
    assert seconds(sound(other, voice("espeak-cmn"))) == pytest.approx(before, rel=0.01)
    other.close()
    assert seconds(sound(engine, voice("espeak-cmn"))) == pytest.approx(before, rel=0.01)


def test_the_library_is_readied_once(engine: EspeakEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Readied a second time it went on using freed memory: a third of the runs of these tests crashed."""

    class Ready:
        def espeak_ng_GetSampleRate(self) -> int:  # noqa: N802 - espeak-ng's name
            return RATE_HZ

    monkeypatch.setattr("ctypes.CDLL", lambda path: Ready())
    assert library.Library().data == engine.library.data


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(f"No module named {name!r}")

    monkeypatch.setattr("importlib.import_module", missing)
    with pytest.raises(EngineFailed, match="pip install espeakng-loader"):
        espeak.open(Settings())


def test_an_error_of_the_library_is_told(engine: EspeakEngine) -> None:
    with pytest.raises(EngineFailed, match="voice nowhere/none"):
        engine.library.take("hello", "nowhere/none", library.Parameters(175, 60, 50, 50))
    assert not library._LOCK.locked()
