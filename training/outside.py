"""F0 as a tracker from outside hears it: Praat's, which had no part in making the voice."""

import numpy as np
from numpy.typing import NDArray

from training.features import HOP, SAMPLE_RATE_HZ
from tts.types import Samples

#: Of the median; Praat asks for the range of who speaks, and otherwise hears octaves below it in creak.
_LOWEST, _HIGHEST = 0.5, 2.4


def f0_of(samples: Samples, usual_hz: float) -> NDArray[np.float64]:
    """Return F0 in Hz for each frame of 16 kHz sound, (n,), 0 where it is unvoiced; frame t is centred at t * HOP.

    `usual_hz` is the median F0 of who speaks. It is Praat's autocorrelation: P. Boersma,
    "Accurate short-term analysis of the fundamental frequency and the harmonics-to-noise ratio of a sampled sound", IFA
    Proceedings 17 (1993). Leaves with a message where `praat-parselmouth` is not installed.
    """
    try:
        # Imported here: whoever measures no emotions need not have it.
        import parselmouth
    except ImportError:
        raise SystemExit("The outside tracker is missing: pip install -r training/requirements.txt") from None
    sound = parselmouth.Sound(samples.astype(np.float64), SAMPLE_RATE_HZ)
    low_hz, high_hz = _LOWEST * usual_hz, _HIGHEST * usual_hz
    pitch = sound.to_pitch_ac(time_step=HOP / SAMPLE_RATE_HZ, pitch_floor=low_hz, pitch_ceiling=high_hz)
    found = np.asarray(pitch.selected_array["frequency"], np.float64)
    # Praat has no frame where its window would stand over an end.
    places = np.round((np.arange(len(samples) // HOP) * HOP / SAMPLE_RATE_HZ - pitch.x1) / pitch.dx).astype(int)
    inside = (places >= 0) & (places < len(found))
    return np.where(inside, found[np.clip(places, 0, len(found) - 1)], 0.0)
