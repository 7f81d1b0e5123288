"""How an emotion sounds on espeak-ng: tempo, pitch, range of pitch, loudness.

The directions are those of K. R. Scherer, "Vocal communication of emotion: A review of research paradigms", Speech
Communication 40 (2003), and P. N. Juslin and P. Laukka, "Communication of emotions in vocal expression and music
performance", Psychological Bulletin 129 (2003): anger and joy are fast, loud and wide in pitch; fear is fast, high
and narrow; sadness and tenderness (our calm) are slow, soft, low and narrow. Disgust, slow and low, follows I. R.
Murray and J. L. Arnott, J. Acoust. Soc. Am. 93 (1993), who also find surprise high and wide. The amounts are ours.
"""

from dataclasses import dataclass

from tts.engines.espeak.library import Parameters
from tts.errors import UnknownEmotion, choices
from tts.frontend.script import primary
from tts.types import NEUTRAL, Controls

#: espeak-ng changes its pace evenly only between these.
LEAST_RATE_WPM, MOST_RATE_WPM = 80, 449

_RATE_WPM = 175.0
#: Below espeak-ng's usual 100, so that the loudest emotion of the loudest voice does not clip.
_VOLUME = 60.0
_HIGHEST_DIAL = 99
#: What a deviation of a neural voice's energy is here.
_DEVIATION_DB = 3.0
#: espeak-ng widens the range about a tone that lies below the middle of its intonations, which would rise by about 2
#: semitones for twice the range; the written tones of these languages lie around it and stay where they are.
_LOWERED = -1 / 6
_TONAL = frozenset({"vi", "yue", "zh"})


@dataclass(frozen=True, slots=True)
class Colour:
    """What an emotion changes at 100 percent."""

    tempo: float = 1.0
    semitones: float = 0.0
    range: float = 1.0
    loudness_db: float = 0.0


EMOTIONS = {
    NEUTRAL: Colour(),
    "happy": Colour(tempo=1.12, semitones=3.0, range=1.4, loudness_db=1.5),
    "sad": Colour(tempo=0.8, semitones=-2.5, range=0.6, loudness_db=-3.5),
    "angry": Colour(tempo=1.18, semitones=1.5, range=1.5, loudness_db=2.5),
    "fear": Colour(tempo=1.28, semitones=4.0, range=0.75, loudness_db=-1.0),
    "surprise": Colour(tempo=1.05, semitones=5.0, range=1.6, loudness_db=1.0),
    "disgust": Colour(tempo=0.86, semitones=-1.5, range=1.15, loudness_db=-0.5),
    "calm": Colour(tempo=0.88, semitones=-1.0, range=0.8, loudness_db=-2.0),
}


@dataclass(frozen=True, slots=True)
class Prosody:
    """How a sentence is to sound, independent of the voice."""

    rate_wpm: float
    pitch: float
    """Factor on the voice's own pitch."""
    range: float
    """Factor on the range of pitch, besides."""
    volume: float


def prosody(controls: Controls, language: str) -> Prosody:
    """Return the emotion as far as its intensity goes in a language (BCP-47), with the pitch asked for, at tempo 1."""
    colour = EMOTIONS.get(controls.emotion)
    if colour is None:
        raise UnknownEmotion(f"emotion: no {controls.emotion!r}; choices: {choices(EMOTIONS, controls.emotion)}")
    share = controls.intensity / 100
    lowered = controls.pitch_range ** (0.0 if primary(language) in _TONAL else _LOWERED)
    return Prosody(
        rate_wpm=_RATE_WPM * colour.tempo**share,
        pitch=2 ** ((controls.pitch_semitones + colour.semitones * share) / 12) * lowered,
        range=colour.range**share * controls.pitch_range,
        volume=_VOLUME * 10 ** ((colour.loudness_db * share + _DEVIATION_DB * controls.energy) / 20),
    )


def parameters(sound: Prosody, tempo: float, pitch: float, dial: int) -> Parameters:
    """Return espeak-ng's dials for a tempo; `pitch` is the factor that `dial` stands for."""
    rate_wpm = min(MOST_RATE_WPM, max(LEAST_RATE_WPM, round(sound.rate_wpm * tempo)))
    span = min(_HIGHEST_DIAL, max(0, round(50 * pitch * sound.range)))
    return Parameters(rate_wpm, round(sound.volume), dial, span)
