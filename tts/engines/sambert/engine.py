"""Opens the voices of a folder, and speaks sentences with them."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from tts.config import Settings
from tts.engines.sambert.symbols import Symbols
from tts.engines.sambert.voice import BrokenVoice, Manifest, faults, find, read
from tts.errors import EngineFailed
from tts.types import Controls, PcmChunk, Sentence, Voice

log = structlog.get_logger()

if TYPE_CHECKING:
    from tts.engines.sambert.speaker import Speaker


def open(settings: Settings) -> "SambertEngine":
    """Return the engine with every whole voice of `TTS_VOICES_DIR`; without any where the folder has none.

    Raises `ValueError` with a sentence for the operator where no voice can run as the settings say.
    """
    folders = find(Path(settings.voices_dir))
    damaged: dict[str, str] = {}
    return SambertEngine(_speakers(folders, settings, damaged) if folders else {}, damaged)


class SambertEngine:
    """Speaks Chinese with neural voices that know emotions."""

    def __init__(self, speakers: Mapping[str, "Speaker"], damaged: Mapping[str, str]) -> None:
        self._speakers = dict(speakers)
        self.damaged = damaged
        """Voices of the folder that cannot be opened, by id, and what is wrong with each."""

    @property
    def voices(self) -> Sequence[Voice]:
        """Return the voices, by id."""
        return [_voice(speaker.manifest) for speaker in self._speakers.values()]

    def speaker(self, voice_id: str) -> "Speaker":
        """Return what speaks with a voice of this engine."""
        return self._speakers[voice_id]

    def warm(self, besides: Voice) -> None:
        """Have every voice but one speak once; one that cannot is told of in the log, and left to its listeners."""
        for voice_id, speaker in self._speakers.items():
            if voice_id != besides.id:
                try:
                    speaker.warm()
                except Exception as error:  # what a model that is wrong makes onnxruntime raise is any
                    log.warning("a voice does not speak", voice=voice_id, reason=str(error))

    def speak(self, sentence: Sentence, voice: Voice, controls: Controls) -> Iterator[PcmChunk]:
        """Yield the sound of a read sentence while it is made, or nothing when it has no word."""
        return self._speakers[voice.id].speak(sentence, controls) if sentence.words else iter(())

    def close(self) -> None:
        """Let the sessions go."""
        self._speakers.clear()


def _speakers(folders: Sequence[Path], settings: Settings, damaged: dict[str, str]) -> "dict[str, Speaker]":
    """Return the voices that can be opened, and note in `damaged` why others cannot."""
    # onnxruntime takes its time to load; a server without such a voice does not need it.
    from tts.engines.sambert.sessions import opener
    from tts.engines.sambert.speaker import Speaker

    session = opener(settings.ort_providers)
    symbols = Symbols()
    speakers = {}
    for folder in folders:
        try:
            manifest = read(folder)
            for fault in faults(folder, manifest):
                raise BrokenVoice(f"{fault}; import the voice again, or take its folder out of TTS_VOICES_DIR")
            speakers[manifest.id] = Speaker(folder, manifest, symbols, session)
        except (BrokenVoice, EngineFailed, OSError) as error:
            damaged[folder.name] = str(error)
        except LookupError as error:
            damaged[folder.name] = f"the graphs in {folder} are not those of a voice: {error} is missing"
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
