"""What the attributes of SSML may say, and what that means in the program's own units."""

import math
import re
from collections.abc import Mapping
from typing import cast

from tts.types import Emphasis

BREAK_LEAST_MS = 50.0
BREAK_MOST_MS = 10_000.0
SPEEDS = (0.5, 2.0)
SEMITONES = (-12.0, 12.0)
VOLUMES = (0.0, 2.0)

#: Azure's lengths; W3C names the strengths only. Empty `<break/>` is Alibaba's second.
_STRENGTHS_MS = {
    "none": 0.0, "x-weak": 250.0, "weak": 500.0, "medium": 750.0, "strong": 1000.0, "x-strong": 1250.0,
}  # fmt: skip
_BREAK_MS = 1000.0

#: The names' factors are Azure's.
_RATES = {"x-slow": 0.5, "slow": 0.64, "medium": 1.0, "default": 1.0, "fast": 1.55, "x-fast": 2.0}
_PITCHES = {"x-low": 0.55, "low": 0.8, "medium": 1.0, "default": 1.0, "high": 1.2, "x-high": 1.45}
#: W3C leaves the levels open, with `medium` as they come; here a step is 6 dB.
_VOLUMES = {"silent": 0.0, "x-soft": 0.25, "soft": 0.5, "medium": 1.0, "default": 1.0, "loud": 1.41, "x-loud": 2.0}

_LEVELS = ("strong", "moderate", "none", "reduced")
INTERPRETATIONS = (
    "cardinal", "digits", "telephone", "name", "address", "id", "characters", "punctuation", "date", "time",
    "currency", "measure",
)  # fmt: skip
_FORMATS = ("mdy", "dmy", "ymd", "md", "dm", "ym", "my", "d", "m", "y", "hms12", "hms24")

#: Alibaba's categories and those of its open voices. Which of them a voice has is for the catalogue to say.
EMOTIONS = (
    "neutral", "happy", "sad", "angry", "fear", "surprise", "disgust", "calm", "serious", "gentle", "hate", "arousal",
    "jealousy", "embarrassed", "frustrated", "affectionate", "newscast", "customer-service", "story", "living",
    "relax", "lyrical", "disgruntled", "satisfied", "disappointed", "excited", "anxiety", "pity", "pleasure",
    "dominance",
)  # fmt: skip
#: Azure's styles as the nearest of the emotions that most voices have; ways of speaking are neutral.
STYLES = {
    "affectionate": "happy", "angry": "angry", "assistant": "neutral", "calm": "calm", "chat": "neutral",
    "cheerful": "happy", "customerservice": "neutral", "depressed": "sad", "disgruntled": "disgust",
    "documentary-narration": "neutral", "embarrassed": "fear", "empathetic": "calm", "excited": "happy",
    "fearful": "fear", "friendly": "happy", "gentle": "calm", "hopeful": "happy", "lyrical": "calm",
    "narration-professional": "neutral", "narration-relaxed": "calm", "newscast": "neutral",
    "newscast-casual": "neutral", "newscast-formal": "neutral", "poetry-reading": "calm", "sad": "sad",
    "serious": "neutral", "terrified": "fear", "unfriendly": "angry", "surprised": "surprise", "disgusted": "disgust",
}  # fmt: skip

_NUMBER = r"(?P<number>[+-]?(?:\d{1,6}(?:\.\d{1,6})?|\.\d{1,6}))"


def break_ms(attributes: Mapping[str, str]) -> float:
    """Return the length of a break by its time, else by its strength."""
    strength = attributes.get("strength")
    if strength is not None:
        _one_of(strength, _STRENGTHS_MS, "<break> strength")
    time = attributes.get("time")
    if time is None:
        return _BREAK_MS if strength is None else _STRENGTHS_MS[strength]
    found = re.fullmatch(_NUMBER + r"(?P<unit>ms|s)", time.strip())
    value = float(found["number"]) * (1000.0 if found["unit"] == "s" else 1.0) if found else math.nan
    if not BREAK_LEAST_MS <= value <= BREAK_MOST_MS:
        raise ValueError(f"<break> time must be from 50ms to 10000ms or 10s, not {shown(time)}")
    return value


def speed(text: str) -> float:
    """Return the factor on the tempo."""
    how = f"a factor such as 1.2, a percentage such as 120% or +20%, or one of {', '.join(_RATES)}"
    value = _RATES.get(text.strip()) or _factor(text, bare=1.0)
    return _within(value, SPEEDS, "<prosody> rate", "0.5 to 2", how, text)


def semitones(text: str) -> float:
    """Return the shift of the pitch."""
    how = f"a shift such as +2st or -10%, or one of {', '.join(_PITCHES)}"
    found = re.fullmatch(_NUMBER + "st", text.strip())
    factor = _PITCHES.get(text.strip()) or (_factor(text, bare=None) if text.strip()[:1] in ("+", "-") else math.nan)
    value = float(found["number"]) if found else 12.0 * math.log2(factor) if factor > 0.0 else math.nan
    return _within(value, SEMITONES, "<prosody> pitch", "-12st to +12st", how, text)


def volume(text: str) -> float:
    """Return the factor on the amplitude."""
    how = f"a level from 0 to 200, a change such as -6dB or +10%, or one of {', '.join(_VOLUMES)}"
    found = re.fullmatch(_NUMBER + "dB", text.strip())
    named = _VOLUMES.get(text.strip())
    value = named if named is not None else _factor(text, bare=0.01)
    value = 10.0 ** (min(float(found["number"]), 100.0) / 20.0) if found else value
    return _within(value, VOLUMES, "<prosody> volume", "twice the usual", how, text)


def _factor(text: str, bare: float | None) -> float:
    """Return a number times `bare`, or a percentage: with a sign a change, without one a share."""
    found = re.fullmatch(_NUMBER + "(?P<percent>%?)", text.strip())
    if not found or (bare is None and not found["percent"]):
        return math.nan
    number, signed = float(found["number"]), found["number"][0] in "+-"
    share = number / 100.0 if found["percent"] else number * (bare or 1.0)
    return 1.0 + share if signed else share


def _within(value: float, limits: tuple[float, float], name: str, most: str, how: str, text: str) -> float:
    if not limits[0] <= value <= limits[1]:
        raise ValueError(f"{name} must be {how}, within {most}, not {shown(text)}")
    return value


def degree(text: str, name: str) -> float:
    """Return an intensity of 0.01 to 2 in percent."""
    found = re.fullmatch(_NUMBER, text.strip())
    value = float(text) if found else math.nan
    if not 0.01 <= value <= 2.0:
        raise ValueError(f"{name} must be a number from 0.01 to 2, not {shown(text)}")
    return 100.0 * value


def category(text: str) -> str:
    """Return one of Alibaba's emotions."""
    return _one_of(text, EMOTIONS, "<emotion> category")


def emotion_of_style(text: str) -> str:
    """Return the emotion that one of Azure's styles stands for; it may also name the emotion itself."""
    return STYLES.get(text) or _one_of(text, (*STYLES, *EMOTIONS[:8]), "<mstts:express-as> style")


def emphasis(text: str) -> Emphasis:
    """Return a level of emphasis."""
    return cast(Emphasis, _one_of(text, _LEVELS, "<emphasis> level"))


def interpretation(attributes: Mapping[str, str]) -> tuple[str, str | None]:
    """Return what kind of text `say-as` says it is, and the order of a date's or time's parts."""
    kind = _one_of(attributes["interpret-as"], INTERPRETATIONS, "<say-as> interpret-as")
    form = attributes.get("format")
    if form is not None and kind not in ("date", "time"):
        raise ValueError(f"<say-as> format is for date and time, not for {kind}")
    return kind, form if form is None else _one_of(form, _FORMATS, "<say-as> format")


def filled(text: str, name: str) -> str:
    """Return a value that must not be blank."""
    if not text.strip():
        raise ValueError(f"{name} is blank")
    return text.strip()


def _one_of(text: str, choices: Mapping[str, object] | tuple[str, ...], name: str) -> str:
    if text not in choices:
        raise ValueError(f"{name} must be one of {', '.join(dict.fromkeys(choices))}, not {shown(text)}")
    return text


def shown(text: str) -> str:
    """Return what the client wrote, short enough for a message."""
    return repr(text if len(text) <= 40 else text[:40] + "…")
