"""What each tag changes about how the text in it is spoken."""

from collections.abc import Mapping
from dataclasses import replace

from tts.frontend import ssml_values as values
from tts.types import Style


def styled(outer: Style, name: str, attributes: Mapping[str, str]) -> Style:
    """Return the style within an element of a style around it."""
    if name == "prosody":
        # What this adds up to may go beyond what voices can: whoever speaks it holds it there, and says so.
        return replace(
            outer,
            speed=outer.speed * values.speed(attributes.get("rate", "default")),
            pitch_semitones=outer.pitch_semitones + values.semitones(attributes.get("pitch", "default")),
            volume=outer.volume * values.volume(attributes.get("volume", "default")),
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
