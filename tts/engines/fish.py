"""The engine `fish`: voices of a fish-speech server, over its `POST /v1/tts`."""

from collections.abc import Generator, Sequence

from tts.config import Settings
from tts.engines.elsewhere.engine import ElsewhereEngine, voice_of
from tts.engines.elsewhere.errors import Refused
from tts.engines.elsewhere.http import Server
from tts.engines.elsewhere.pcm import samples_of, without_header
from tts.types import Controls, Samples, Voice

_RATE_HZ = 44_100
#: Languages of the model's card that it is offered for without a reference; a reference speaks Chinese here.
_LANGUAGES = ("zh", "en", "ja", "ko", "de", "fr", "es", "ar", "ru", "nl", "it", "pl", "pt")


def open(settings: Settings) -> ElsewhereEngine:
    """Return the engine for the server at `TTS_FISH_URL`; raises `ValueError` without one."""
    server = Server("fish", settings.fish_url, settings.fish_key, settings.remote_timeout_s)
    references: dict[str, str] = {}

    def voices() -> Sequence[Voice]:
        body = server.get("/v1/references/list")
        if body is not None and not isinstance(body, dict):
            raise Refused("fish: /v1/references/list gives no object")
        names = [str(name) for name in (body or {}).get("reference_ids", ())]
        references.update({name.replace(" ", "-"): name for name in names})
        return [*(_voice(tag, tag) for tag in _LANGUAGES), *(_voice(name, "zh") for name in references)]

    def speak(text: str, voice: Voice, controls: Controls) -> Generator[Samples]:
        body = {"text": text, "format": "wav", "streaming": True, "reference_id": references.get(voice.name)}
        yield from samples_of(without_header(server.post("/v1/tts", body), _RATE_HZ, "fish"))

    return ElsewhereEngine("fish", voices, speak)


def _voice(name: str, language: str) -> Voice:
    return voice_of("fish", name, language, "female", _RATE_HZ, ("speed", "pitch"))
