"""An engine that hums one tone per character: exact, instant and the same every time, to test everything around it."""

from collections.abc import Iterator, Sequence

import numpy as np

from tts.config import Settings
from tts.types import Controls, Mark, PcmChunk, Sentence, Voice

_RATE_HZ = 16_000
_CHARACTER_MS = 100
_BASE_HZ = 220.0
#: Semitones that an emotion moves the tone at full intensity.
_SEMITONES = {"neutral": 0.0, "happy": 4.0, "sad": -4.0}


def open(settings: Settings) -> "ToneEngine":
    """Return the engine."""
    return ToneEngine()


class ToneEngine:
    """Hums with one voice per language."""

    @property
    def voices(self) -> Sequence[Voice]:
        """Return a Chinese and an English voice."""
        return [
            Voice(f"tone-{tag}", f"Tone {tag}", tag, "female", "tone", _RATE_HZ, tuple(_SEMITONES), "Apache-2.0", True)
            for tag in ("zh", "en")
        ]

    def speak(self, sentence: Sentence, voice: Voice, controls: Controls) -> Iterator[PcmChunk]:
        """Yield one chunk, with one mark, for each character."""
        ms = _CHARACTER_MS / controls.speed
        moved = controls.pitch_semitones + _SEMITONES[controls.emotion] * controls.intensity / 100
        seconds = np.arange(round(ms * _RATE_HZ / 1000)) / _RATE_HZ
        samples = (0.3 * np.sin(2 * np.pi * _BASE_HZ * 2 ** (moved / 12) * seconds)).astype(np.float32)
        at_ms = 0.0
        for index, character in enumerate(sentence.text):
            end_ms = at_ms + len(samples) * 1000 / _RATE_HZ
            yield PcmChunk(samples, (Mark(character, sentence.start + index, at_ms, end_ms),))
            at_ms = end_ms

    def close(self) -> None:
        """Hold nothing, free nothing."""
