"""Speaks sentences with one voice, each while it is being made."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from tts.engines.sambert.acoustic import Score
from tts.engines.sambert.batcher import Batcher
from tts.engines.sambert.finish import Finish
from tts.engines.sambert.line import Manner, manner, tempo_for_pitch, write_line
from tts.engines.sambert.marks import marks
from tts.engines.sambert.networks import open_acoustic, open_vocoder
from tts.engines.sambert.regulator import NothingToSay, TooLong
from tts.engines.sambert.schedule import schedule
from tts.engines.sambert.symbols import Symbol, Symbols, Unspeakable
from tts.engines.sambert.tilt import Tilt
from tts.engines.sambert.voice import Manifest
from tts.errors import EngineFailed
from tts.types import Controls, Mark, PcmChunk, Samples, Sentence, Syllable, Word

_HELLO = Sentence("你好", 0, "zh", words=(Word((Syllable(0, 1, "ni2"), Syllable(1, 2, "hao3")), 4),))


@dataclass(frozen=True, slots=True)
class Stretch:
    """Part of a sentence as the networks make it."""

    mel: NDArray[np.float32]
    """Frames, shape (k, mels), as they went into the vocoder."""
    samples: Samples
    """Shape (m,); they lag behind the frames by what the vocoder looks ahead, until the last stretch."""
    last: bool


class Speaker:
    """A voice. All streams share its sessions; what a stream carries along is in its iterator."""

    def __init__(
        self,
        folder: Path,
        manifest: Manifest,
        symbols: Symbols,
        session: Callable[[Path], onnxruntime.InferenceSession],
    ) -> None:
        self.manifest = manifest
        self._symbols = symbols
        self._acoustic = open_acoustic(folder, manifest, session)
        self._vocoder = open_vocoder(folder, manifest, session)
        self.batcher = Batcher(self._acoustic.step)
        self._frame_ms = manifest.hop * 1000 / manifest.sample_rate_hz

    def warm(self) -> None:
        """Speak once, so that the first listener does not wait for what is made at first use."""
        for _ in self.speak(_HELLO, Controls()):
            pass

    def speak(self, sentence: Sentence, controls: Controls) -> Iterator[PcmChunk]:
        """Yield the sound of a read sentence while it is made; raises `EngineFailed` when it cannot be spoken."""
        spoken = manner(controls, self.manifest.rules)
        score = self.score(self.write(sentence, spoken.emotion), spoken)
        finish = self.finish(spoken)
        heard = tuple(marks(sentence, score.durations, self._symbols, self._frame_ms / finish.faster))
        for stretch in self.perform(score):
            samples = finish.feed(stretch.samples, stretch.last)
            if samples.size:
                early_ms = finish.left_out * 1000 / self.manifest.sample_rate_hz / finish.faster
                yield PcmChunk(samples, tuple(_earlier(heard, early_ms)))
                heard = ()

    def finish(self, spoken: Manner) -> Finish:
        """Return what finishes the sound of a sentence."""
        rate_hz = self.manifest.sample_rate_hz
        tilt = Tilt(rate_hz, spoken.tilt_db, spoken.gain) if spoken.tilt_db or spoken.gain != 1 else None
        return Finish(rate_hz, tempo_for_pitch(spoken, self.manifest.acoustic.f0), tilt)

    def write(self, sentence: Sentence, emotion: str) -> list[Symbol]:
        """Return the symbols of a read sentence in an emotion of the voice, or raise `EngineFailed`."""
        try:
            return self._symbols.write(sentence, emotion, self.manifest.speaker)
        except Unspeakable as error:
            raise EngineFailed(f"{self.manifest.id} cannot speak {sentence.text!r}: {error}") from error

    def score(self, symbols: Sequence[Symbol], spoken: Manner) -> Score:
        """Return how long each of n checked symbols lasts, and what the decoder needs for them."""
        try:
            return self._acoustic.score(write_line(symbols, self._symbols, spoken, self.manifest.acoustic.f0))
        except NothingToSay as error:
            raise EngineFailed(f"{self.manifest.id} gives no time to any symbol of the sentence") from error
        except TooLong as error:
            raise EngineFailed(f"{self.manifest.id} is damaged, or was trained badly: {error}") from error

    def perform(self, score: Score) -> Iterator[Stretch]:
        """Yield a sentence as it is made: a short stretch first, then longer ones."""
        decoding, vocoding = self._acoustic.begin(score), self._vocoder.begin()
        lengths = schedule(self.manifest.acoustic, self.manifest.vocoder, self._frame_ms)
        due = self.batcher.join(decoding, next(lengths))
        try:
            while not decoding.done:
                mel = self._acoustic.refine(decoding, self.batcher.frames(due))
                last = decoding.done
                samples = self._vocoder.feed(vocoding, mel, last)
                if not last:  # while this stretch is on its way, other streams run what is due along with their own
                    due = self.batcher.join(decoding, next(lengths))
                yield Stretch(mel, samples, last)
        finally:
            self.batcher.leave(due)


def _earlier(heard: Sequence[Mark], ms: float) -> Iterator[Mark]:
    for mark in heard:
        yield replace(mark, start_ms=max(0.0, mark.start_ms - ms), end_ms=max(0.0, mark.end_ms - ms))
