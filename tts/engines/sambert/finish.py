"""Makes the raw sound of a sentence fit to be heard: no wait, no clicks, the pitch and colour that are asked for."""

import numpy as np
import soxr

from tts.engines.sambert.tilt import Tilt
from tts.types import Samples

#: Quieter than this (-40 dBFS) is not heard; so much of it is left before the first sound.
_AUDIBLE = 0.01
_LEAD_MS = 40
_FADE_MS = 3


class Finish:
    """Takes the sound of one sentence, a piece at a time; whichever pieces of whole frames give the same samples.

    `faster` is the factor by which the sound is played faster, which raises its pitch; `tilt` filters it before.
    """

    def __init__(self, sample_rate_hz: int, faster: float = 1.0, tilt: Tilt | None = None) -> None:
        self.faster, self._tilt = faster, tilt
        self._lead = sample_rate_hz * _LEAD_MS // 1000
        self._fade = sample_rate_hz * _FADE_MS // 1000
        self._held = np.zeros(0, np.float32)
        self._begun = False
        self._resampler = None if faster == 1 else soxr.ResampleStream(faster, 1.0, 1, "float32")
        self.left_out = 0
        """Samples dropped so far, before the first audible one."""

    @property
    def changes(self) -> bool:
        """Return whether it does more than cut and fade the ends."""
        return self.faster != 1 or self._tilt is not None

    def feed(self, samples: Samples, last: bool = False) -> Samples:
        """Return the sound, shape (m,), that samples of shape (n,) complete; the last piece must not be empty."""
        if self._tilt:
            samples = self._tilt.feed(samples, last)
        if not self._begun:
            samples = self._without_silence(samples, last)
        if last:
            samples = samples.copy()
            length = min(self._fade, len(samples))
            samples[len(samples) - length :] *= _ramp(length)[::-1]
        if self._resampler is None:
            return samples
        raised: Samples = self._resampler.resample_chunk(samples, last=last)
        return raised

    def _without_silence(self, samples: Samples, last: bool) -> Samples:
        """Hold back what is quiet; begin, with a fade, shortly before the first sample that is not."""
        samples = np.concatenate([self._held, samples])
        loud = np.flatnonzero(np.abs(samples) >= _AUDIBLE)
        end = int(loud[0]) if loud.size else len(samples)
        drop = max(0, end - self._lead)
        self.left_out += drop
        self._held = samples[drop:]
        self._begun = last or bool(loud.size)
        if not self._begun:
            return self._held[:0]
        length = min(self._fade, len(self._held))
        self._held[:length] *= _ramp(length)
        return self._held


def _ramp(length: int) -> Samples:
    return np.linspace(0, 1, length, endpoint=False, dtype=np.float32)
