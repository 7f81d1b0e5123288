"""Which pitch espeak-ng can make by itself, and how to ask for it."""

import math

from tts.engines.espeak.voices import Timbre

#: Ends of espeak-ng's table `pitch_adjust_tab` (in 128ths: 64 at 0, 128 at 50, 254 at 100), nearly exponential.
_LEAST, _MOST = 64 / 128, 254 / 128


def dial(timbre: Timbre, factor: float) -> tuple[int, float]:
    """Return the pitch dial for a factor on the voice's pitch, and the factor it reaches.

    In `SetPitch2` of espeak-ng a tone is `base * table[dial] + height * range`, and the base is lowered by 18
    for each step that the range is widened. With the range multiplied by the same factor as the tone, the
    table must give `factor + (factor - 1) * bend`. Beyond the table's ends the caller makes up the rest.
    """
    # As voices.c computes them: base = (lowest - 9) << 12, range = (highest - lowest) * 108.
    bend = 18 * 108 * (timbre.highest - timbre.lowest) / (4096 * (timbre.lowest - 9))
    wanted = min(_MOST, max(_LEAST, factor + (factor - 1) * bend))
    return round(50 + 50 * math.log2(wanted)), (wanted + bend) / (1 + bend)
