"""Speaks with the folder of a voice as the service does, and keeps what can be measured of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import onnxruntime

from training.features import HOP, SAMPLE_RATE_HZ
from training.states import Ints
from tts.engines.sambert.acoustic import Score
from tts.engines.sambert.line import Manner, manner
from tts.engines.sambert.networks import open_vocoder
from tts.engines.sambert.sessions import opener
from tts.engines.sambert.speaker import Speaker
from tts.engines.sambert.symbols import Symbols
from tts.engines.sambert.voice import BrokenVoice, Rule, read
from tts.frontend.hints import Hints
from tts.frontend.mandarin import Mandarin
from tts.types import Controls, Samples, Sentence

#: How a voice trained here is told that a word stands alone; only its prosody hears it.
ALONE = "placeholder1"


@dataclass(frozen=True, slots=True)
class Spoken:
    """A text as the service speaks it: n symbols, N frames."""

    ids: Ints  # (n, 6)
    durations: Ints  # (n,)
    raw: Samples  # (N * 200,), as the vocoder made it, frame by frame
    finished: Samples  # as it is heard: cut, faded, tilted
    left_out: int
    """Samples of `raw` before those that are heard."""
    borders: tuple[int, ...]
    """Samples of `raw` where a stretch ended while it was streamed, but for the last."""


class Voice:
    """A voice's folder with a reader of texts; raises `BrokenVoice` where it is none of 16 kHz and 12.5 ms frames."""

    def __init__(self, folder: Path, mandarin: Mandarin, rules: Mapping[str, Rule] | None = None) -> None:
        manifest = read(folder)
        if (manifest.sample_rate_hz, manifest.hop) != (SAMPLE_RATE_HZ, HOP):
            raise BrokenVoice(f"{folder} is not of {SAMPLE_RATE_HZ} Hz with frames of {HOP} samples")
        if rules is not None:
            manifest = replace(manifest, rules=rules, emotions=dict(manifest.emotions) | {name: name for name in rules})
        self.manifest, self.mandarin, self.symbols = manifest, mandarin, Symbols()
        self._session = opener(("CPUExecutionProvider",))
        self.speaker = Speaker(folder, manifest, self.symbols, self._open)
        self._folder = folder

    def _open(self, path: Path) -> onnxruntime.InferenceSession:
        session = self._session(path)
        if path.name == "encode.onnx":
            shapes = {put.name: put.shape for put in session.get_outputs()}
            self._voice_columns = int(shapes["voice"][1])
        return session

    def read(self, text: str) -> Sentence:
        """Return a text as one sentence, read."""
        return self.mandarin.read(Sentence(text, 0, "zh"), Hints())

    def ids(self, text: str) -> Ints:
        """Return the symbols of a text, (n, 6)."""
        return self.symbols.ids(self.speaker.write(self.read(text), "neutral"))

    def say(self, text: str, controls: Controls = Controls(), alone: bool = False) -> Spoken:  # noqa: B008  # frozen
        """Speak a text; `alone` is how a word is said alone, which the service does not ask for."""
        how = manner(controls, self.manifest.rules)
        sentence = self.read(text)
        symbols = self.speaker.write(sentence, how.emotion)
        score = self.speaker.score(symbols, how)
        if alone:
            score = self._as_alone(sentence, score, how)
        finish, raw, heard = self.speaker.finish(how), [], []
        for stretch in self.speaker.perform(score):
            raw.append(stretch.samples)
            heard.append(finish.feed(stretch.samples, stretch.last))
        borders = tuple(int(it) for it in np.cumsum([len(it) for it in raw])[:-1])
        return Spoken(
            self.symbols.ids(symbols), score.durations, np.concatenate(raw), np.concatenate(heard), finish.left_out,
            borders,
        )  # fmt: skip

    def _as_alone(self, sentence: Sentence, neutral: Score, how: Manner) -> Score:
        """Return a score with the prosody of words alone, whose decoder hears what it was taught: neutral."""
        score = self.speaker.score(self.speaker.write(sentence, ALONE), how)
        score.memory[:, -self._voice_columns :] = neutral.memory[0, -self._voice_columns :]
        return score

    def copied(self, features: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> Samples:
        """Return what the vocoder alone makes of features (n, mels), (n * 200,)."""
        vocoder = open_vocoder(self._folder, self.manifest, self._session)
        return vocoder.feed(vocoder.begin(), features[:, : self.manifest.mels], last=True)
