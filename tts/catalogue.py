"""Opens the engines and finds the voice for a request."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from types import MappingProxyType

import langcodes
from langcodes.tag_parser import LanguageTagError

from tts.config import Settings
from tts.engines.base import Engine, Grows, HasImports, ReadsJapanese
from tts.errors import BadRequest, UnknownEmotion, UnknownVoice, choices
from tts.types import NEUTRAL, Controls, PcmChunk, Sentence, Sex, Voice

#: Where Chinese, if nothing more is said, is spoken as Cantonese.
_CANTONESE = ("HK", "MO")

#: Greatest distance, by CLDR's measure, at which one language serves for another: `zh-TW` for `zh`, not `de` for `en`.
_NEAR = 25


def open_catalogue(settings: Settings, opened: Mapping[str, Engine] = MappingProxyType({})) -> "Catalogue":
    """Open every engine that the settings name and is not open, or raise with a sentence for the operator."""
    engines = {name: opened.get(name) or _open_engine(name, settings) for name in settings.engines}
    return Catalogue(engines, settings.default_voice)


def _open_engine(name: str, settings: Settings) -> Engine:
    try:
        module = import_module(f"tts.engines.{name}")
    except ModuleNotFoundError as error:
        if error.name == f"tts.engines.{name}":
            raise ValueError(f"TTS_ENGINES: there is no engine {name!r}") from None
        raise
    engine: Engine = module.open(settings)
    return engine


class Catalogue:
    """All voices of all engines."""

    def __init__(self, engines: Mapping[str, Engine], default_voice: str) -> None:
        self._engines = dict(engines)
        self._voices = self._listed()
        self.damaged: dict[str, str] = {}
        """Voices that are there and cannot be opened, by id, and what is wrong with each."""
        for engine in self._engines.values():
            self.damaged |= engine.damaged if isinstance(engine, HasImports) else {}
        if not self._voices:
            told = "".join(f"; {reason}" for reason in self.damaged.values())
            raise ValueError(f"TTS_ENGINES: no voice in {', '.join(engines)}{told}")
        default_voice = default_voice or next(iter(self._voices))
        if default_voice in self.damaged:
            raise ValueError(f"TTS_DEFAULT_VOICE: {default_voice} is damaged: {self.damaged[default_voice]}")
        if default_voice not in self._voices:
            raise ValueError(f"TTS_DEFAULT_VOICE: no voice {default_voice!r}; {choices(self._voices, default_voice)}")
        self.default = self._voices[default_voice]

    def _listed(self) -> Mapping[str, Voice]:
        return {voice.id: voice for engine in self._engines.values() for voice in engine.voices}

    def on_change(self, tell: Callable[[], None]) -> None:
        """Have a function called, perhaps in a native thread, when engines have come to have more voices."""

        def look() -> None:
            self._voices = self._listed()
            tell()

        for engine in self._engines.values():
            if isinstance(engine, Grows):
                engine.on_change(look)

    @property
    def voices(self) -> Sequence[Voice]:
        """Return every voice, the preferred engine's first."""
        return list(self._voices.values())

    @property
    def languages(self) -> frozenset[str]:
        """Return every language that some voice speaks."""
        return frozenset(voice.language for voice in self._voices.values())

    def voice(self, voice_id: str) -> Voice:
        """Return the voice of that id, or raise `UnknownVoice`."""
        if voice_id in self.damaged:
            raise UnknownVoice(f"voice: {voice_id} is damaged; choices: {choices(self._voices)}")
        if voice_id not in self._voices:
            raise UnknownVoice(f"voice: no voice {voice_id!r}; choices: {choices(self._voices, voice_id)}")
        return self._voices[voice_id]

    def match(self, language: str) -> str | None:
        """Return the language among the voices' that serves for a BCP-47 tag, or None."""
        spoken = sorted(self.languages)
        try:
            wanted = langcodes.Language.get(language)
            near = langcodes.closest_supported_match(wanted, spoken, max_distance=_NEAR)
        except LanguageTagError:
            raise BadRequest(f"language: {language!r} is not a BCP-47 tag such as zh, en or pt-BR") from None
        if wanted.language == "zh" and wanted.territory in _CANTONESE and "yue" in spoken:
            return "yue"
        # Another script is no other language: whoever writes zh-Hant or zh-TW is spoken to in zh.
        return near or (wanted.language if wanted.language in spoken else None)

    def for_language(self, language: str, sex: Sex | None = None) -> Voice:
        """Return the first voice that speaks a language, of that sex if there is one, or raise `BadRequest`."""
        near = self.match(language)
        speakers = [voice for voice in self._voices.values() if voice.language == near]
        if self.default in speakers:
            speakers.insert(0, self.default)
        if not speakers:
            spoken = choices(sorted(self.languages), language)
            raise BadRequest(f"language: no voice speaks {language!r}; choices: {spoken}")
        return next((voice for voice in speakers if voice.sex == sex), speakers[0])

    def unread_japanese(self, text: str) -> Sequence[tuple[int, int]]:
        """Return where the words of a text stand that the Japanese voices cannot read, as (start, end)."""
        readers = (engine for engine in self._engines.values() if isinstance(engine, ReadsJapanese))
        return next((engine.unread_japanese(text) for engine in readers), ())

    def speak(self, sentence: Sentence, voice: Voice, controls: Controls) -> Iterator[PcmChunk]:
        """Yield the sound of a sentence as the voice's engine makes it."""
        return self._engines[voice.engine].speak(sentence, voice, controls)

    def warm(self) -> None:
        """Have every voice that is slow for the first time speak once, but the default one."""
        for engine in self._engines.values():
            if isinstance(engine, HasImports):
                engine.warm(self.default)

    def close(self) -> None:
        """Close every engine."""
        for engine in self._engines.values():
            engine.close()


def check_emotion(voice: Voice, emotion: str) -> None:
    """Raise `UnknownEmotion` when the voice cannot express it."""
    if emotion != NEUTRAL and emotion not in voice.emotions:
        raise UnknownEmotion(
            f"emotion: {voice.id} does not know {emotion!r}; choices: {choices(voice.emotions, emotion)}"
        )
