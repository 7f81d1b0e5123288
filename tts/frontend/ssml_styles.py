"""How a stretch of marked-up text is to be spoken, and what each tag changes about it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tts.frontend import ssml_values as values


@dataclass(frozen=True, slots=True)
class Style:
    """How a piece is to be spoken; None leaves it to the request."""

    emotion: str | None = None
    intensity: float | None = None
    """Percent, 1 to 200; an engine that goes less far takes its most."""
    speed: float = 1.0
    pitch_semitones: float = 0.0
    volume: float = 1.0
    voice: str | None = None
    emphasis: values.Emphasis | None = None

    def within(self, speed: float, pitch_semitones: float, volume: float) -> "Style":
        """Return the style of an element inside: prosody adds up, held where voices can follow."""
        return replace(
            self,
            speed=_clamped(self.speed * speed, values.SPEEDS),
            pitch_semitones=_clamped(self.pitch_semitones + pitch_semitones, values.SEMITONES),
            volume=_clamped(self.volume * volume, values.VOLUMES),
        )


def _clamped(value: float, limits: tuple[float, float]) -> float:
    return min(max(value, limits[0]), limits[1])


def styled(outer: Style, name: str, attributes: Mapping[str, str]) -> Style:
    """Return the style within an element of a style around it."""
    if name == "prosody":
        return outer.within(
            speed=values.speed(attributes.get("rate", "default")),
            pitch_semitones=values.semitones(attributes.get("pitch", "default")),
            volume=values.volume(attributes.get("volume", "default")),
        )
    if name == "emphasis":
        return replace(outer, emphasis=values.emphasis(attributes.get("level", "moderate")))
    if name == "voice":
        return replace(outer, voice=values.filled(attributes["name"], "<voice> name"))
    if name == "emotion":
        intensity = values.degree(attributes.get("intensity", "1"), "<emotion> intensity")
        return replace(outer, emotion=values.category(attributes["category"]), intensity=intensity)
    if name == "mstts:express-as":
        intensity = values.degree(attributes.get("styledegree", "1"), "<mstts:express-as> styledegree")
        return replace(outer, emotion=values.emotion_of_style(attributes["style"]), intensity=intensity)
    return outer
