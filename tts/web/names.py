"""Names of voices that clients of other services use, and the voices of ours that stand for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args

from tts.errors import BadRequest, UnknownVoice, choices
from tts.service import Service
from tts.types import Request, Sex, Voice
from tts.web import protocol
from tts.web.checks import shown
from tts.web.fields import renamed
from tts.web.protocol import Message

#: The names that are known without any setting: VibeVoice's by language and sex, OpenAI's and the best known of
#: ElevenLabs', which speak every language, by sex.
_KNOWN = (
    *("en-Carter_man=en:male", "en-Davis_man=en:male", "en-Frank_man=en:male", "en-Mike_man=en:male"),
    *("en-Emma_woman=en:female", "en-Grace_woman=en:female", "in-Samuel_man=en-IN:male"),
    *("de-Spk0_man=de:male", "de-Spk1_woman=de:female", "fr-Spk0_man=fr:male", "fr-Spk1_woman=fr:female"),
    *("it-Spk0_woman=it:female", "it-Spk1_man=it:male", "jp-Spk0_man=ja:male", "jp-Spk1_woman=ja:female"),
    *("kr-Spk0_woman=ko:female", "kr-Spk1_man=ko:male", "nl-Spk0_man=nl:male", "nl-Spk1_woman=nl:female"),
    *("pl-Spk0_man=pl:male", "pl-Spk1_woman=pl:female", "pt-Spk0_woman=pt:female", "pt-Spk1_man=pt:male"),
    *("sp-Spk0_woman=es:female", "sp-Spk1_man=es:male", "zh-Spk0_woman=zh:female", "zh-Spk1_man=zh:male"),
    *("alloy=:female", "ash=:male", "ballad=:male", "cedar=:male", "coral=:female", "echo=:male", "fable=:male"),
    *("marin=:female", "nova=:female", "onyx=:male", "sage=:female", "shimmer=:female", "verse=:male"),
    *("21m00Tcm4TlvDq8ikWAM=:female", "EXAVITQu4vr4xnSDxMaL=:female", "JBFqnCBsd6RMkjVDRZzb=:male"),
    *("pNInz6obpgDQGcFmaJgB=:male", "onwK4e9ZLuTAKqWW03F9=:male", "XB0fDUnXU5powFXDhCwa=:female"),
)


@dataclass(frozen=True, slots=True)
class Named:
    """What a name stands for: a voice, or the first voice of a language and a sex."""

    voice: str = ""
    language: str = ""
    """Empty for that of the text."""
    sex: Sex | None = None


@cache
def table(entries: tuple[str, ...]) -> Mapping[str, Named]:
    """Return what the names stand for, those of the settings on top of the known ones.

    Raises `ValueError` with a sentence for the operator.
    """
    return dict(map(_read, (*_KNOWN, *entries)))


def _read(entry: str) -> tuple[str, Named]:
    name, equals, meaning = (part.strip() for part in entry.partition("="))
    language, colon, sex = meaning.partition(":")
    if not (name and equals and meaning):
        raise ValueError(f"TTS_VOICE_NAMES: {entry!r} is neither name=voice nor name=language:sex")
    if not colon:
        return name, Named(voice=meaning)
    found = next((known for known in get_args(Sex) if known == sex), None)
    if found is None:
        raise ValueError(f"TTS_VOICE_NAMES: {entry!r} must end in :female or :male")
    return name, Named(language=language, sex=found)


def read_request(service: Service, body: Any, door: protocol.Door) -> Request:
    """Return the request in a decoded message of our own doors, or raise the error that the client sees."""
    name = body.get("voice") if isinstance(body, dict) else None
    if name is not None:
        _check_name(service, name, "voice")
    return protocol.parse_request(body, door, service.settings.max_chars)


def asked_voice(service: Service, name: Any, text: str, field: str = "voice", language: str = "") -> str | None:
    """Return the id of the voice that a field asks for, None when it asks for none; errors are `find_voice`'s."""
    return None if name in (None, "") else find_voice(service, name, text, field, language).id


def find_voice(service: Service, name: Any, text: str, field: str = "voice", language: str = "") -> Voice:
    """Return the voice of ours that a name stands for when this text is spoken, or raise `UnknownVoice`.

    `language` is that of the text where somebody has said it.
    """
    _check_name(service, name, field)
    known = {voice.id: voice for voice in service.catalogue.voices}
    named = table(service.settings.voice_names).get(name, Named(voice=name))
    if named.voice in known:
        return known[named.voice]
    if named.voice:
        raise UnknownVoice(f"{field}: no voice {shown(name)}; choices: {_choices(service, name)}")
    return default_voice(service, named.language or language or service.reader.detect(text), named.sex)


def check_language(service: Service, language: str, field: str) -> None:
    """Raise `BadRequest` that names the field and the choices when no voice speaks a language; empty is any."""
    try:
        if language:
            service.catalogue.for_language(language)
    except BadRequest as error:
        raise BadRequest(renamed(error.message, {"language": field})[0]) from None


def _check_name(service: Service, name: Any, field: str) -> None:
    """Raise `UnknownVoice` when what should name a voice is no text."""
    if not isinstance(name, str):
        reason = f"{field}: must be the name of a voice, not {shown(name)}"
        raise UnknownVoice(f"{reason}; choices: {_choices(service)}")


def _choices(service: Service, wrong: str = "") -> str:
    ids = [voice.id for voice in service.catalogue.voices]
    return choices([*ids, *table(service.settings.voice_names)], wrong)


def default_voice(service: Service, language: str, sex: Sex | None = None) -> Voice:
    """Return the first voice of a language and a sex; where none speaks it, of the default voice's language."""
    catalogue = service.catalogue
    try:
        return catalogue.for_language(language or catalogue.default.language, sex)
    except BadRequest:
        return catalogue.for_language(catalogue.default.language, sex)


def shown_names(service: Service) -> dict[str, Message]:
    """Return every name with its language, empty for that of the text, its sex and the voice that speaks now."""
    return {name: _shown(service, name, named) for name, named in table(service.settings.voice_names).items()}


def _shown(service: Service, name: str, named: Named) -> Message:
    if named.voice or named.language:
        try:
            voice = find_voice(service, name, "")
        except UnknownVoice:
            return {"language": "", "sex": None, "voice": None}
        return {"language": voice.language, "sex": voice.sex, "voice": voice.id}
    return {"language": "", "sex": named.sex, "voice": None}
