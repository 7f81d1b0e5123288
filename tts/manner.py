"""How a sentence is spoken: the request's controls with what markup asks for, held within what voices can."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tts.types import NEUTRAL, Controls, Emphasis, Request, Style, Voice, Warned

_INTENSITY_MOST = 125.0
_SPEEDS = (0.5, 2.0)
_SEMITONES = (-12.0, 12.0)
_VOLUMES = (0.0, 2.0)
_USUAL = {"speed": 1.0, "pitch": 0.0}

#: What an emphasis does, as factor on the tempo, semitones and factor on the amplitude: 2 dB is a quarter more.
_EMPHASES: Mapping[Emphasis | None, tuple[float, float, float]] = {
    "strong": (0.8, 1.0, 1.25),
    "moderate": (0.9, 0.5, 1.12),
    "none": (1.0, 0.0, 1.0),
    "reduced": (1.1, -0.5, 0.8),
    None: (1.0, 0.0, 1.0),
}


@dataclass(frozen=True, slots=True)
class Manner:
    """How one voice speaks one sentence."""

    controls: Controls
    volume: float
    """Factor on the amplitude, 0..2."""


def manner(request: Request, style: Style, voice: Voice) -> Manner:
    """Return how a voice speaks a request's text in a style; an emotion that it does not know is neutral."""
    emotion = wanted(request, style)
    intensity, speed, semitones, volume = _asked(request, style)
    controls = Controls(
        emotion if knows(voice, emotion) else NEUTRAL,
        min(intensity, _INTENSITY_MOST),
        _held(speed, _SPEEDS),
        _held(semitones, _SEMITONES),
        request.controls.pitch_range,
        request.controls.energy,
    )
    return Manner(controls, _held(volume, _VOLUMES))


def wanted(request: Request, style: Style) -> str:
    """Return the emotion that is asked for."""
    return style.emotion or request.controls.emotion


def knows(voice: Voice, emotion: str) -> bool:
    """Tell whether a voice can express an emotion."""
    return emotion == NEUTRAL or emotion in voice.emotions


def excesses(request: Request, style: Style, voice: Voice) -> Iterator[Warned]:
    """Yield what the listener must know about a style that the voice cannot follow all the way."""
    emotion = wanted(request, style)
    if not knows(voice, emotion):
        yield Warned("not_honoured", f"{voice.id} does not know {emotion!r} and stays neutral")
    intensity, speed, semitones, volume = _asked(request, style)
    for name, value, limits in (
        ("intensity", intensity, (0.0, _INTENSITY_MOST)),
        ("speed", speed, _SPEEDS),
        ("pitch", semitones, _SEMITONES),
        ("volume", volume, _VOLUMES),
    ):
        if name in voice.ignores:
            if value != _USUAL[name]:
                yield Warned("not_honoured", f"{voice.id} cannot change its {name}")
        elif value != _held(value, limits):
            yield Warned("not_honoured", f"{name} {value:.4g} is held at {_held(value, limits):g}")


def _asked(request: Request, style: Style) -> tuple[float, float, float, float]:
    """Return intensity, speed, semitones and volume, however far they go."""
    controls = request.controls
    intensity = controls.intensity if style.intensity is None else style.intensity
    tempo, raised, louder = _EMPHASES[style.emphasis]
    return (
        intensity,
        controls.speed * style.speed * tempo,
        controls.pitch_semitones + style.pitch_semitones + raised,
        request.volume * style.volume * louder,
    )


def _held(value: float, limits: tuple[float, float]) -> float:
    return min(max(value, limits[0]), limits[1])
