"""The engine `remote`: voices of any server that understands OpenAI's `POST /v1/audio/speech`."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tts.config import Settings
from tts.engines.elsewhere.engine import ElsewhereEngine, language_of, voice_of
from tts.engines.elsewhere.errors import Refused
from tts.engines.elsewhere.http import Server
from tts.engines.elsewhere.pcm import samples_of
from tts.types import NEUTRAL, Controls, Samples, Sex, Voice

#: What such servers send as `pcm`.
_RATE_HZ = 24_000
#: The voices of OpenAI's own service, which has no list of them.
_USUAL = (
    "alloy",
    "ash",
    "ballad",
    "coral",
    "echo",
    "fable",
    "onyx",
    "nova",
    "sage",
    "shimmer",
    "verse",
    "marin",
    "cedar",
)
_MEN = ("ash", "ballad", "echo", "fable", "onyx", "verse", "cedar")
#: Kokoro's names begin with the language and the sex, e.g. `zf_xiaoxiao`.
_LANGUAGES = {
    "a": "en-US",
    "b": "en-GB",
    "e": "es",
    "f": "fr",
    "h": "hi",
    "i": "it",
    "j": "ja",
    "p": "pt-BR",
    "z": "zh",
}
_SEXES: Mapping[str, Sex] = {"f": "female", "m": "male"}
_TONES = {
    "happy": "happily",
    "sad": "sadly",
    "angry": "angrily",
    "fear": "in fear",
    "surprise": "with surprise",
    "disgust": "with disgust",
    "calm": "calmly",
}


def open(settings: Settings) -> ElsewhereEngine:
    """Return the engine for the server at `TTS_REMOTE_URL`; raises `ValueError` without one."""
    # Its clients are told an address that ends so.
    url = settings.remote_url.rstrip("/").removesuffix("/v1")
    server = Server("remote", url, settings.remote_key, settings.remote_timeout_s)
    model = settings.remote_model
    # Its older models know no instructions.
    emotions = (NEUTRAL,) if model.startswith("tts-1") else (NEUTRAL, *_TONES)
    names = {}

    def voices() -> Sequence[Voice]:
        body = server.get("/v1/audio/voices")
        found = list(_named(_USUAL if body is None else body, emotions))
        names.update({voice.id: name for name, voice in found})
        return [voice for _, voice in found]

    def speak(text: str, voice: Voice, controls: Controls) -> Generator[Samples]:
        body: dict[str, Any] = {"model": model, "input": text, "voice": names[voice.id], "response_format": "pcm"}
        body |= {"speed": controls.speed, **_instructions(controls)}
        yield from samples_of(server.post("/v1/audio/speech", body))

    return ElsewhereEngine("remote", voices, speak)


def _named(body: Any, emotions: tuple[str, ...]) -> Iterator[tuple[str, Voice]]:
    """Yield the voices of a list, whose items are names or objects, with the names that the server gives them."""
    items = (body.get("voices") or body.get("data")) if isinstance(body, dict) else body
    if not isinstance(items, list | tuple):
        raise Refused("remote: /v1/audio/voices lists no voices")
    for item in items:
        known = item if isinstance(item, dict) else {"id": item}
        name = str(known.get("id") or known.get("name"))
        language, sex = _nature(name)
        language = language_of(str(known.get("language", "")), language)
        sex = "male" if known.get("sex", sex) == "male" else "female"
        voice = voice_of("remote", name, language, sex, _RATE_HZ, ("pitch",), emotions)
        yield name, replace(voice, name=str(known.get("name") or name))


def _nature(name: str) -> tuple[str, Sex]:
    """Return the language and the sex that a name tells; OpenAI's voices speak whatever they read."""
    if name[2:3] == "_" and name[0] in _LANGUAGES and name[1] in _SEXES:
        return _LANGUAGES[name[0]], _SEXES[name[1]]
    return "zh", "male" if name in _MEN else "female"


def _instructions(controls: Controls) -> dict[str, str]:
    tone = _TONES.get(controls.emotion)
    if tone is None or controls.intensity <= 0:
        return {}
    degree = "slightly " if controls.intensity < 60 else "very " if controls.intensity > 110 else ""
    return {"instructions": f"Speak {degree}{tone}." if not tone.startswith(("in ", "with ")) else f"Speak {tone}."}
