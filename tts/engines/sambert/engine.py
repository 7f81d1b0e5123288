"""Opens the voices of a folder, and speaks sentences with them."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tts.config import Settings
from tts.engines.sambert.symbols import Symbols
from tts.engines.sambert.voice import BrokenVoice, Manifest, faults, find, read
from tts.types import Controls, PcmChunk, Sentence, Voice

if TYPE_CHECKING:
    from tts.engines.sambert.speaker import Speaker


def open(settings: Settings) -> "SambertEngine":
    """Return the engine with every voice of `TTS_VOICES_DIR`, warmed up; without any where the folder has none.

    Raises `BrokenVoice`, `EngineFailed` or `ValueError` with a sentence for the operator.
    """
    folders = find(Path(settings.voices_dir))
    engine = SambertEngine(_speakers(folders, settings) if folders else {})
    engine.warm()
    return engine


class SambertEngine:
    """Speaks Chinese with neural voices that know emotions."""

    def __init__(self, speakers: Mapping[str, "Speaker"]) -> None:
        self._speakers = dict(speakers)

    @property
    def voices(self) -> Sequence[Voice]:
        """Return the voices, by id."""
        return [_voice(speaker.manifest) for speaker in self._speakers.values()]

    def speaker(self, voice_id: str) -> "Speaker":
        """Return what speaks with a voice of this engine."""
        return self._speakers[voice_id]

    def warm(self) -> None:
        """Have every voice speak once."""
        for speaker in self._speakers.values():
            speaker.warm()

    def speak(self, sentence: Sentence, voice: Voice, controls: Controls) -> Iterator[PcmChunk]:
        """Yield the sound of a read sentence while it is made, or nothing when it has no word."""
        return self._speakers[voice.id].speak(sentence, controls) if sentence.words else iter(())

    def close(self) -> None:
        """Let the sessions go."""
        self._speakers.clear()


def _speakers(folders: Sequence[Path], settings: Settings) -> "dict[str, Speaker]":
    # onnxruntime takes its time to load; a server without such a voice does not need it.
    from tts.engines.sambert.sessions import opener
    from tts.engines.sambert.speaker import Speaker

    session = opener(settings.ort_providers)
    symbols = Symbols()
    speakers = {}
    for folder in folders:
        manifest = read(folder)
        for fault in faults(folder, manifest):
            raise BrokenVoice(f"{fault}; import the voice again, or take its folder out of TTS_VOICES_DIR")
        speakers[manifest.id] = Speaker(folder, manifest, symbols, session, settings.threads)
    return speakers


def _voice(manifest: Manifest) -> Voice:
    return Voice(
        id=manifest.id,
        name=manifest.name,
        language=manifest.language,
        sex=manifest.sex,
        engine="sambert",
        sample_rate_hz=manifest.sample_rate_hz,
        emotions=tuple(manifest.emotions),
        licence=manifest.licence,
        reproducible=manifest.vocoder.nsf is None,
    )
