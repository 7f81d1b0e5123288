"""Tests of what VibeVoice's cfg does, measured in the pitch and level of every voice that its names stand for."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import pytest
import soxr
from numpy.typing import NDArray

from tests.server import Server, start
from tests.test_vibevoice import RATE_HZ, hear
from training.config import Pitch
from training.pitch import track
from tts.types import Samples
from tts.web.names import table

CFGS = (1.3, 1.5, 2.0, 2.5, 3.0)
USUAL = CFGS.index(1.5)

TEXTS = {
    "en": "I really did not expect to see you here today, my friend.",
    "de": "Ich habe dich heute wirklich nicht hier erwartet, mein Freund.",
    "fr": "Je ne m’attendais vraiment pas à te voir ici aujourd’hui, mon ami.",
    "it": "Non mi aspettavo davvero di vederti qui oggi, amico mio.",
    "ja": "今日はとてもいい天気ですね、一緒に公園へ行きましょう。",
    "ko": "오늘은 날씨가 정말 좋네요, 같이 공원에 갈까요?",
    "nl": "Ik had echt niet verwacht je hier vandaag te zien, mijn vriend.",
    "pl": "Naprawdę nie spodziewałem się ciebie tu dzisiaj, mój przyjacielu.",
    "pt": "Eu realmente não esperava ver você aqui hoje, meu amigo.",
    "es": "De verdad no esperaba verte aquí hoy, amigo mío.",
    "zh": "今天天气真不错，我们一起去公园散步，好不好？",
}
#: One name for each language and sex that the names know.
NAMES = {(one.language, one.sex): name for name, one in table(()).items() if "_" in name}


def contours(sounds: Sequence[Samples], usual: Samples) -> NDArray[np.float64]:
    """Return the pitch of each sound, (sounds, frames), in semitones above 1 Hz, where all of them are voiced.

    `usual` is the voice as it is. When its range is doubled it goes from half its usual pitch to half as much again:
    what is looked for has room for that, and little for the octaves that a period can be mistaken for.
    """
    middle_hz = float(np.median([hz for hz in f0_hz(usual, Pitch(lowest_hz=60, highest_hz=400)) if hz]))
    room = Pitch(lowest_hz=0.45 * middle_hz, highest_hz=1.7 * middle_hz, voicing=0.6)
    found = [f0_hz(sound, room) for sound in sounds]
    count = min(map(len, found))
    together = np.array([one[:count] for one in found], np.float64)
    semitones: NDArray[np.float64] = 12 * np.log2(together[:, (together > 0).all(axis=0)])
    return semitones


def f0_hz(samples: Samples, room: Pitch) -> NDArray[np.float32]:
    return track(soxr.resample(samples, RATE_HZ, 16_000), room)


def moved(contours: NDArray[np.float64]) -> list[float]:
    """Return how far each pitch is from its mean, on average: a few frames that are octaves off count little."""
    return [float(np.abs(contour - contour.mean()).mean()) for contour in contours]


def voiced(hz: NDArray[np.float64]) -> Samples:
    """Return an open vowel at a pitch that is given for each sample: a source of 6 dB less each octave, formants.

    Its periods differ by a percent, as a voice's do.
    """
    phase = 2 * np.pi * np.cumsum(hz) / RATE_HZ
    period = (phase / (2 * np.pi)).astype(int)
    uneven = 1 + 0.01 * np.random.default_rng(1).standard_normal(period[-1] + 1)
    phase = 2 * np.pi * np.cumsum(hz * uneven[period]) / RATE_HZ
    formants = ((700.0, 90.0), (1200.0, 110.0), (2600.0, 160.0))
    sound = np.zeros(len(hz))
    for n in range(1, 30):
        loud = sum(1 / np.hypot(1, (n * hz.mean() - at_hz) / width_hz) for at_hz, width_hz in formants)
        sound += loud / n * np.sin(n * phase)
    samples: Samples = (sound / np.abs(sound).max() / 2).astype(np.float32)
    return samples


@pytest.mark.parametrize("middle_hz", [75, 85, 100, 120, 180, 210, 260])
def test_the_measure_is_right_where_the_pitch_is_known(middle_hz: float) -> None:
    swing = np.sin(np.pi * np.arange(4 * RATE_HZ) / RATE_HZ)
    known = np.array([12 * np.log2(middle_hz) + semitones * swing for semitones in (1.5, 3.0, 6.0)])
    sounds = [voiced(2 ** (one / 12)) for one in known]
    measured = contours(sounds, sounds[0])
    assert moved(measured) == pytest.approx(moved(known), rel=0.03)
    assert measured.mean(axis=1) == pytest.approx(known.mean(axis=1), abs=0.1)


@pytest.fixture(scope="module")
def whole_server() -> Iterator[Server]:
    """Yield a server with the voice that ships."""
    with start(TTS_VOICES_DIR="voices") as running:
        yield running


def said(server: Server, voice: str, text: str) -> list[Samples]:
    """Return what a voice says at each cfg."""
    heard = (hear(server, {"text": text, "voice": voice, "cfg": cfg})[0] for cfg in CFGS)
    return [np.frombuffer(sound, "<i2").astype(np.float32) / np.float32(32768) for sound in heard]


def rises(values: Sequence[float]) -> bool:
    return all(later > earlier for earlier, later in pairwise(values))


def check(sounds: Sequence[Samples]) -> None:
    """Assert that range and energy grow about a pitch that stays where it is."""
    pitch = contours(sounds, sounds[USUAL])
    assert pitch.shape[1] > 80
    ranges = moved(pitch)
    levels = [float(10 * np.log10(np.mean(sound.astype(np.float64) ** 2))) for sound in sounds]
    assert rises(ranges), ranges
    assert rises(levels), levels
    # A network makes less of the pitch that it is told, the further that is from what it was taught.
    assert 1.3 < ranges[-1] / ranges[USUAL] < 2.3, ranges
    assert np.ptp(pitch.mean(axis=1)) < 1.2, pitch.mean(axis=1)


@pytest.mark.parametrize("name", NAMES.values())
def test_cfg_scales_the_range_of_pitch_and_the_energy(server: Server, name: str) -> None:
    language = table(())[name].language
    check(said(server, name, TEXTS[language.partition("-")[0]]))


@pytest.mark.parametrize("voice", ["zh-Spk0_woman", "yue"])
def test_cfg_scales_the_voice_that_ships(whole_server: Server, voice: str) -> None:
    check(said(whole_server, voice, TEXTS["zh"]))


def test_a_neural_voice_takes_cfg_too(sambert_server: Server) -> None:
    levels = []
    for cfg in CFGS:
        sound, reason = hear(sambert_server, {"text": "今天是个好日子。", "cfg": cfg})
        samples = np.frombuffer(sound, "<i2") / 32768
        levels.append(float((samples**2).mean()))
        assert reason == ""
    assert rises(levels), levels
