"""Writes what the acoustic model is given: symbols, and how they are to be spoken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tts.engines.sambert.acoustic import Line
from tts.engines.sambert.symbols import FIELDS, Symbol, Symbols
from tts.engines.sambert.voice import F0Scale, Rule
from tts.types import NEUTRAL, Controls

#: Further from neutral than this the published voices distort.
MOST_WEIGHT = 1.25
_AS_IT_IS = Rule(1.0, 0.0, 1.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Manner:
    """How a sentence is spoken: the controls, with what a rule makes of their emotion."""

    emotion: str
    """What the symbols are written with."""
    weight: float
    """How far from neutral, 0..1.25."""
    speed: float
    ratio: float
    """Factor on the pitch in Hz."""
    range: float
    """Factor on how far the pitch moves about the mean of the sentence."""
    energy: float
    """Added to the predicted energy, in its deviations."""
    gain: float
    """Factor on the samples."""
    tilt_db: float


def manner(controls: Controls, rules: Mapping[str, Rule]) -> Manner:
    """Return how controls make a voice with such rules speak; a rule counts as far as the intensity goes."""
    weight = min(MOST_WEIGHT, max(0.0, controls.intensity / 100))
    rule = rules.get(controls.emotion)
    share = weight if rule else 0.0
    rule = rule or _AS_IT_IS
    return Manner(
        emotion=NEUTRAL if share else controls.emotion,
        weight=weight,
        speed=controls.speed * rule.tempo**share,
        ratio=2 ** ((controls.pitch_semitones + rule.semitones * share) / 12),
        range=rule.range**share * controls.pitch_range,
        energy=rule.energy * share + controls.energy,
        gain=10 ** (rule.loudness_db * share / 20),
        tilt_db=rule.tilt_db * share,
    )


def tempo_for_pitch(spoken: Manner, f0: F0Scale | None) -> float:
    """Return the factor by which the finished sound must be played faster to have the pitch asked for.

    It is 1 where `f0` says what the predicted pitch is in Hz, so that the model itself can speak higher or
    lower. The other voices speak slower by this factor, and the sound is played faster by it.
    """
    return 1.0 if f0 else spoken.ratio


def write_line(symbols: Sequence[Symbol], table: Symbols, spoken: Manner, f0: F0Scale | None = None) -> Line:
    """Return the line of n checked symbols; each symbol's own emotion counts."""
    ids = table.ids(symbols)
    emotions = ids[:, FIELDS.index("emotion")]
    pauses = np.array([symbol.is_pause for symbol in symbols])
    neutral = table.id("emotion", f"emotion_{NEUTRAL}")
    scale, shift = (1.0, 0.0) if f0 is None else _pitch_change(spoken.ratio, f0)

    def each(value: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        return np.full(len(symbols), value, np.float32)

    return Line(
        ids=ids[:, :4],
        speaker_ids=ids[:, FIELDS.index("speaker")],
        emotion_ids=emotions,
        base_ids=np.where(pauses, emotions, neutral),
        emotion_weights=each(spoken.weight),
        speeds=each(spoken.speed / tempo_for_pitch(spoken, f0)),
        pitch_scale=each(scale * spoken.range),
        pitch_shift=each(shift),
        energy_shift=each(spoken.energy),
    )


def _pitch_change(ratio: float, f0: F0Scale) -> tuple[float, float]:
    """Return scale and shift of the normalised pitch p that multiply the pitch in Hz by a ratio.

    From `mean + std * p' = ratio * (mean + std * p)`: `p' = ratio * p + (ratio - 1) * mean / std`. The graph scales
    about the mean m that it predicts for the line, which nobody knows before, so that the whole line comes out
    (ratio - 1) * m * std Hz too low: nothing where m is 0, the voice's own mean, and else about 3 % at six semitones.
    """
    return ratio, (ratio - 1) * f0.mean_hz / f0.std_hz
