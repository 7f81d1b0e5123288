"""The baseline that learned prosody must beat: words as they are read alone, faster, narrower, and falling."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from training.aligned import continuous, phone_names
from training.comparison import Melody
from training.config import Splices
from training.features import HOP, SAMPLE_RATE_HZ
from training.measures import semitones, stretches
from training.states import Ints, is_final
from training.utterances import Utterance
from tts.engines.sambert.voice import inventory

_POINTS = 8
#: Breaks after which pitch is reset.
_RESETS = ("#3", "#4")


class RuleBaseline:
    """Mean durations of the phones and mean contours of the tones in words, with the rules of pseudo-sentences."""

    def __init__(self, words: Sequence[Utterance], options: Splices) -> None:
        self.options = options
        lasts: dict[int, list[int]] = defaultdict(list)
        contours: dict[int, list[NDArray[np.floating]]] = defaultdict(list)
        every = np.concatenate([it.sound.f0_hz for it in words])
        mean = float(semitones(every[every > 0]).mean())
        for it in words:
            f0 = semitones(np.maximum(continuous(it.sound.f0_hz), 1.0)) - mean
            for row, frames, (start, end) in zip(it.ids, it.durations, stretches(it.durations), strict=True):
                lasts[int(row[0])].append(int(frames))
                if is_final(phone_names()[int(row[0])]) and (it.sound.f0_hz[start:end] > 0).sum() >= _POINTS:
                    places = np.linspace(start, end - 1, _POINTS)
                    contours[int(row[1])].append(np.interp(places, np.arange(len(f0)), f0))
        self.frames = {phone: float(np.mean(own)) for phone, own in lasts.items()}
        self.contours = {tone: np.mean(own, axis=0) for tone, own in contours.items()}

    def melody(self, ids: Ints) -> Melody:
        """Return how the symbols of a sentence, (n, 6), are to be said."""
        names = [phone_names()[int(row[0])] for row in ids]
        lasts, pitch, since = [], [], 0.0
        phrase: list[float] = []
        for at, name in enumerate(names):
            if name in _RESETS and phrase:
                pitch += self._fallen(phrase, since)
                phrase, since = [], 0.0
            elif is_final(name):
                ends = at + 1 == len(names) or names[at + 1] in _RESETS
                factor = self.options.tempo * (self.options.final_lengthening if ends else 1.0)
                lasts.append(factor * sum(self.frames.get(int(row[0]), 0.0) for row in ids[at - 1 : at + 1]))
                since += lasts[-1] * HOP / SAMPLE_RATE_HZ
                phrase.append(self._height(int(ids[at, 1]), ends))
        return Melody(np.array(lasts), np.array(pitch + self._fallen(phrase, since)))

    def _height(self, tone: int, ends: bool) -> float:
        contour = self.contours.get(tone, np.zeros(_POINTS))
        if inventory()["tone"][tone] == "tone3" and not ends:
            low = int(contour.argmin())
            contour = np.concatenate([contour[:low], np.full(_POINTS - low, contour[low])])
        return float(self.options.pitch_range * contour.mean())

    def _fallen(self, phrase: Sequence[float], lasts_s: float) -> list[float]:
        """Return heights that fall by so much in a second about the middle of the phrase."""
        places = (np.arange(len(phrase)) + 0.5) / max(len(phrase), 1) - 0.5
        fall: NDArray[np.floating] = np.asarray(phrase) + places * lasts_s * self.options.declination_st_per_s
        return [float(it) for it in fall]
