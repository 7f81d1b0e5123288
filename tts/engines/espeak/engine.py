"""Speaks sentences with espeak-ng, one clause per chunk."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import soxr

from tts.config import Settings
from tts.engines.espeak.emotions import Prosody, parameters, prosody
from tts.engines.espeak.japanese import Japanese
from tts.engines.espeak.library import SAMPLE_RATE_HZ, Library, Take
from tts.engines.espeak.marks import marks, milliseconds
from tts.engines.espeak.pitch import dial
from tts.engines.espeak.voices import Timbre, open_voices
from tts.engines.espeak.wording import Wording, spelled, wording
from tts.frontend.script import primary
from tts.types import Controls, Mark, Pcm16, PcmChunk, Sentence, Voice

#: Quieter than this (-54 dBFS) is silence.
_SILENCE = 65
#: A peak above this may have been clipped; then the clause is taken again with this much of the volume.
_LOUDEST = 32_000
_SOFTER = 0.7
_LEAD_MS, _TAIL_MS = 5, 20
#: A pace that is off by less is not heard.
_PACE_TOLERANCE = 0.04


def open(settings: Settings) -> "EspeakEngine":
    """Return the engine; raises `EngineFailed` when espeak-ng is not there."""
    return EspeakEngine()


class EspeakEngine:
    """Speaks with espeak-ng."""

    def __init__(self) -> None:
        self.library = Library()
        self._japanese = Japanese()
        self._voices = open_voices(self.library)
        self._timbres = {voice.id: timbre for voice, timbre in self._voices}

    @property
    def voices(self) -> Sequence[Voice]:
        """Return the voices, Mandarin first."""
        return [voice for voice, _ in self._voices]

    def speak(self, sentence: Sentence, voice: Voice, controls: Controls) -> Iterator[PcmChunk]:
        """Yield the sound of a sentence as one chunk, or nothing when it has no sound."""
        words = self._wording(sentence, voice)
        if not words.text.strip():
            return
        sound = prosody(controls, voice.language)
        taken = _Taker(self.library, words, self._timbres[voice.id], sound).take(controls.speed)
        yield from _chunk(sentence, words, *taken)

    def phonemes(self, sentence: Sentence, voice: Voice) -> str:
        """Return what is spoken, in espeak-ng's alphabet; `(en)` marks a passage read as English."""
        words = self._wording(sentence, voice)
        sound = prosody(Controls(), voice.language)
        return _Taker(self.library, words, self._timbres[voice.id], sound).take(1.0)[0].phonemes

    def unread_japanese(self, text: str) -> Sequence[tuple[int, int]]:
        """Return where the words of a Japanese text stand that have no reading, as (start, end)."""
        return self._japanese.unreadable(text)

    def _wording(self, sentence: Sentence, voice: Voice) -> Wording:
        if sentence.words and primary(voice.language) == "zh":
            return spelled(sentence)
        return wording(sentence.text, voice.language, self._japanese)

    def close(self) -> None:
        """Leave the library as it is: it belongs to the process, and another engine may be using it."""


class _Taker:
    """Asks espeak-ng for one text in one voice, and makes up for what its dials cannot do."""

    def __init__(self, library: Library, words: Wording, timbre: Timbre, sound: Prosody) -> None:
        self._library, self._words, self._timbre, self._sound = library, words, timbre, sound
        self._dial, self._reached = dial(timbre, sound.pitch)

    def take(self, speed: float) -> tuple[Take, float]:
        """Return the sound at a speed, and the factor by which its pitch must still be raised."""
        rest = self._sound.pitch / self._reached
        plain = self._at(1.0 / rest)
        if speed == 1.0:
            return plain, rest
        # espeak-ng's pace follows its dial only roughly, in some languages 30 % off: the second try aims better.
        aim_samples = len(_heard(plain.pcm)) / speed
        first = self._at(speed / rest)
        missed = len(_heard(first.pcm)) / max(1.0, aim_samples)
        if abs(missed - 1) < _PACE_TOLERANCE:
            return first, rest
        return self._at(speed / rest * missed), rest

    def _at(self, tempo: float) -> Take:
        dials = parameters(self._sound, tempo, self._reached, self._dial)
        take = self._library.take(self._words.text, self._timbre.name, dials)
        while dials.volume > 1 and np.abs(take.pcm.astype(np.int32)).max(initial=0) > _LOUDEST:
            # A few voices, Māori above all, are so loud that espeak-ng clips them.
            dials = replace(dials, volume=round(dials.volume * _SOFTER))
            take = self._library.take(self._words.text, self._timbre.name, dials)
        return take


def _chunk(sentence: Sentence, words: Wording, take: Take, raise_by: float) -> Iterator[PcmChunk]:
    pcm = _raised(take.pcm, raise_by)
    start, end = _bounds(pcm)
    if end == start:
        return
    heard = milliseconds(take.words, 1000 / SAMPLE_RATE_HZ / raise_by, start * 1000 / SAMPLE_RATE_HZ)
    samples = pcm[start:end].astype(np.float32) / np.float32(32768)
    end_ms = (end - start) * 1000 / SAMPLE_RATE_HZ
    yield PcmChunk(samples, tuple(_with_pinyin(sentence, marks(sentence, words, heard, end_ms))))


def _with_pinyin(sentence: Sentence, made: Sequence[Mark]) -> Iterator[Mark]:
    """Yield the marks with the readings of their characters, where the front end has read them."""
    read: dict[int, list[str]] = {}
    for syllable in (syllable for word in sentence.words for syllable in word.syllables):
        read.setdefault(syllable.start, []).append(syllable.pinyin)
    for mark in made:
        yield replace(mark, pinyin=" ".join(read[mark.start])) if mark.start in read else mark


def _raised(pcm: Pcm16, factor: float) -> Pcm16:
    """Return the sound played faster by a factor, which raises its pitch; it was made slower before."""
    if abs(factor - 1) < 0.005 or not len(pcm):
        return pcm
    raised: Pcm16 = soxr.resample(pcm, factor, 1.0)
    return raised


def _bounds(pcm: Pcm16) -> tuple[int, int]:
    """Return where the sound begins and ends, with a little air."""
    loud = np.flatnonzero(np.abs(pcm.astype(np.int32)) >= _SILENCE)
    if not len(loud):
        return 0, 0
    lead, tail = _LEAD_MS * SAMPLE_RATE_HZ // 1000, _TAIL_MS * SAMPLE_RATE_HZ // 1000
    return max(0, int(loud[0]) - lead), min(len(pcm), int(loud[-1]) + 1 + tail)


def _heard(pcm: Pcm16) -> Pcm16:
    start, end = _bounds(pcm)
    return pcm[start:end]
