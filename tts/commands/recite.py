"""Has lines of symbols spoken as they stand, and writes down what the networks make of them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from tts.catalogue import check_emotion
from tts.codec import to_pcm16
from tts.config import Settings
from tts.engines.sambert.engine import SambertEngine
from tts.engines.sambert.line import manner
from tts.engines.sambert.speaker import Speaker
from tts.engines.sambert.symbols import Symbol, Symbols, Unspeakable, parse
from tts.errors import BadRequest, UnknownVoice, choices
from tts.frontend import Reader
from tts.frontend.segment import STOP_MS
from tts.types import Pcm16, Request, Samples, Voice


class Recital:
    """Lines of symbols, each a sentence, and the voice that speaks them."""

    def __init__(self, speaker: Speaker, lines: Sequence[Sequence[Symbol]], request: Request) -> None:
        self._speaker = speaker
        self._lines = lines
        self._pause_ms = STOP_MS / request.controls.speed
        self._spoken = manner(request.controls, speaker.manifest.rules)
        self._volume = np.float32(request.volume)

    def dump(self, path: Path) -> None:
        """Write `durations` (n,), `mel` (N, mels) and `wav` (samples,) of all lines, one after the other."""
        durations, mel, wav = [], [], []
        for line in self._lines:
            score = self._speaker.score(line, self._spoken)
            durations.append(score.durations)
            for stretch in self._speaker.perform(score):
                mel.append(stretch.mel)
                wav.append(stretch.samples)
        with path.open("wb") as file:  # savez would add an ending of its own to a name
            np.savez(file, durations=np.concatenate(durations), mel=np.concatenate(mel), wav=np.concatenate(wav))

    def sound(self) -> tuple[int, Iterator[Pcm16]]:
        """Return the sample rate and the sound while it is made, with a pause between the lines."""
        return self._speaker.manifest.sample_rate_hz, self._pieces()

    def _pieces(self) -> Iterator[Pcm16]:
        rate_hz = self._speaker.manifest.sample_rate_hz
        for at, line in enumerate(self._lines):
            if at:
                yield np.zeros(round(rate_hz * self._pause_ms / 1000), np.int16)
            for samples in self._line(line):
                yield to_pcm16(samples * self._volume)

    def _line(self, line: Sequence[Symbol]) -> Iterator[Samples]:
        finish = self._speaker.finish(self._spoken)
        for stretch in self._speaker.perform(self._speaker.score(line, self._spoken)):
            # What the networks make is left as it is, unless there is more to make of it.
            yield finish.feed(stretch.samples, stretch.last) if finish.changes else stretch.samples


def open_recital(request: Request, symbols_file: Path | None, engine: SambertEngine, settings: Settings) -> Recital:
    """Return a recital of a file's lines, or of the lines that a request's text is written in."""
    voice = _voice(request, engine, settings)
    speaker = engine.speaker(voice.id)
    if symbols_file:
        return Recital(speaker, read_lines(symbols_file), request)
    check_emotion(voice, request.controls.emotion)
    if request.ssml:
        raise BadRequest("ssml: --dump takes plain text, or lines of symbols")
    sentences = Reader({voice.language}).read(request.text, voice.language, request.readings)
    emotion = manner(request.controls, speaker.manifest.rules).emotion
    lines = [speaker.write(sentence, emotion) for sentence in sentences if sentence.words]
    if not lines:
        raise BadRequest("text: nothing in it can be spoken")
    return Recital(speaker, lines, request)


def read_lines(path: Path) -> list[list[Symbol]]:
    """Return the lines of a file of symbols; raise `ValueError` naming the one that cannot be spoken."""
    table = Symbols()
    lines = []
    for number, text in enumerate(_text(path).splitlines(), 1):
        if not text.strip():
            continue
        try:
            lines.append(parse(text))
            table.check_names(lines[-1])
        except Unspeakable as error:
            raise ValueError(f"{path}, line {number}: {error}") from error
    if not lines:
        raise ValueError(f"{path} holds no line of symbols")
    return lines


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")  # some editors put a mark before the first line
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} cannot be read: {error}") from None


def _voice(request: Request, engine: SambertEngine, settings: Settings) -> Voice:
    voices = {voice.id: voice for voice in engine.voices}
    if not voices and not engine.damaged:
        raise ValueError(f"{settings.voices_dir} holds no voice that symbols are for; `python -m tts import` makes one")
    known = [*voices, *engine.damaged]
    default = settings.default_voice if settings.default_voice in known else known[0]
    wanted = request.voice or default
    if wanted in engine.damaged:
        raise UnknownVoice(f"voice: {wanted} is damaged: {engine.damaged[wanted]}")
    if wanted not in voices:
        raise UnknownVoice(f"voice: no voice {wanted!r} in {settings.voices_dir}; choices: {choices(voices, wanted)}")
    return voices[wanted]
