"""Writes what the acoustic model is given: symbols, and how they are to be spoken."""

from collections.abc import Sequence

import numpy as np

from tts.engines.sambert.acoustic import Line
from tts.engines.sambert.symbols import FIELDS, Symbol, Symbols
from tts.engines.sambert.voice import F0Scale
from tts.types import NEUTRAL, Controls

#: Further from neutral than this the published voices distort.
MOST_WEIGHT = 1.25


def tempo_for_pitch(controls: Controls, f0: F0Scale | None) -> float:
    """Return the factor by which the finished sound must be played faster to have the pitch asked for.

    It is 1 where `f0` says what the predicted pitch is in Hz, so that the model itself can speak higher or
    lower. The other voices speak slower by this factor, and the sound is played faster by it.
    """
    return 1.0 if f0 else _ratio(controls)


def write_line(symbols: Sequence[Symbol], table: Symbols, controls: Controls, f0: F0Scale | None = None) -> Line:
    """Return the line of n checked symbols; each symbol's own emotion counts, not that of the controls."""
    ids = table.ids(symbols)
    emotions = ids[:, FIELDS.index("emotion")]
    pauses = np.array([symbol.is_pause for symbol in symbols])
    neutral = table.id("emotion", f"emotion_{NEUTRAL}")
    scale, shift = (1.0, 0.0) if f0 is None else _pitch_change(_ratio(controls), f0)

    def each(value: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        return np.full(len(symbols), value, np.float32)

    return Line(
        ids=ids[:, :4],
        speaker_ids=ids[:, FIELDS.index("speaker")],
        emotion_ids=emotions,
        base_ids=np.where(pauses, emotions, neutral),
        emotion_weights=each(min(MOST_WEIGHT, max(0.0, controls.intensity / 100))),
        speeds=each(controls.speed / tempo_for_pitch(controls, f0)),
        pitch_scale=each(scale * controls.pitch_range),
        pitch_shift=each(shift),
        energy_shift=each(0.0),
    )


def _ratio(controls: Controls) -> float:
    return float(2 ** (controls.pitch_semitones / 12))


def _pitch_change(ratio: float, f0: F0Scale) -> tuple[float, float]:
    """Return scale and shift of the normalised pitch p that multiply the pitch in Hz by a ratio.

    From `mean + std * p' = ratio * (mean + std * p)`: `p' = ratio * p + (ratio - 1) * mean / std`.
    """
    return ratio, (ratio - 1) * f0.mean_hz / f0.std_hz
