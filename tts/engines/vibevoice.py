"""The engine `vibevoice`: voices of a VibeVoice server, over its WebSocket `/stream`."""

import json
from collections.abc import Generator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from websockets.exceptions import ConnectionClosed, ConnectionClosedOK, InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect

from tts.config import Settings
from tts.engines.elsewhere.engine import ElsewhereEngine, language_of, voice_of
from tts.engines.elsewhere.errors import Overloaded, Refused, TooSlow, Unreachable
from tts.engines.elsewhere.http import Server
from tts.engines.elsewhere.pcm import samples_of
from tts.types import Controls, Samples, Sex, Voice

_RATE_HZ = 24_000
#: How its names write languages where that is no BCP-47 tag.
_TAGS = {"in": "en-IN", "jp": "ja", "kr": "ko", "sp": "es"}
#: What its model speaks best; a name may tell no language.
_USUAL = "en"
#: The strength that its page begins with.
_CFG = 1.5
_POLICY, _TRY_AGAIN_LATER = 1008, 1013


def open(settings: Settings) -> ElsewhereEngine:
    """Return the engine for the server at `TTS_VIBEVOICE_URL`; raises `ValueError` without one."""
    server = Server("vibevoice", settings.vibevoice_url, "", settings.remote_timeout_s)

    def voices() -> Sequence[Voice]:
        body = server.get("/config")
        if not isinstance(body, dict) or not isinstance(body.get("voices"), list):
            raise Refused(f"vibevoice: {server.url}/config lists no voices")
        first, told = body.get("default_voice"), _told(server, body.get("names"))
        names = sorted(map(str, body["voices"]), key=lambda name: name != first)
        return [_voice(name, told.get(name, {})) for name in names]

    def speak(text: str, voice: Voice, controls: Controls) -> Generator[Samples]:
        query = urlencode({"text": text, "cfg": f"{_CFG:.3f}", "voice": voice.name})
        yield from samples_of(_frames(server, f"/stream?{query}"))

    return ElsewhereEngine("vibevoice", voices, speak)


def _told(server: Server, names: Any) -> dict[str, dict[str, Any]]:
    """Return what a Shengliu server tells about its voices, by name: the language and the sex; others tell nothing."""
    if not isinstance(names, dict):
        return {}
    listed = server.get("/api/voices")
    voices = listed.get("voices") if isinstance(listed, dict) else None
    told = {str(voice.get("id")): voice for voice in voices or () if isinstance(voice, dict)}
    return told | {name: voice for name, voice in names.items() if isinstance(voice, dict)}


def _voice(name: str, told: Mapping[str, Any]) -> Voice:
    """Return a voice of a name such as `en-Carter_man`, and of what its server tells about it."""
    tag, hyphen, _ = name.lower().partition("-")
    guess = language_of(_TAGS.get(tag, tag) if hyphen else "", _USUAL)
    language = language_of(str(told.get("language")), guess)
    sex: Sex = "male" if told.get("sex", "male" if name.endswith("_man") else "") == "male" else "female"
    return voice_of("vibevoice", name, language, sex, _RATE_HZ, ("speed", "pitch"))


def _frames(server: Server, path: str) -> Generator[bytes]:
    """Yield the binary frames of a stream; raise what its log frames and its closing tell."""
    url = "ws" + server.url.removeprefix("http") + path
    try:
        with connect(url, open_timeout=server.timeout_s, close_timeout=1) as ws:
            yield from _received(ws, server)
    except TimeoutError as error:
        raise TooSlow(f"vibevoice: {server.url} says nothing for {server.timeout_s:g} s") from error
    except ConnectionClosed as error:
        if error.rcvd and error.rcvd.code == _TRY_AGAIN_LATER:
            raise Overloaded(f"vibevoice is busy: {error.rcvd.reason}") from error
        if error.rcvd and error.rcvd.code == _POLICY:
            raise Refused(f"vibevoice: {error.rcvd.reason}") from error
        raise Unreachable(f"vibevoice: {server.url} broke off: {error}") from error
    except InvalidStatus as error:
        raise Refused(f"vibevoice answers {error.response.status_code} to {server.url}") from error
    except (OSError, WebSocketException) as error:
        raise Unreachable(f"vibevoice: {server.url} cannot be reached: {error}") from error


def _received(ws: ClientConnection, server: Server) -> Generator[bytes]:
    while True:
        try:
            message = ws.recv(timeout=server.timeout_s)
        except ConnectionClosedOK:
            return
        if isinstance(message, bytes):
            yield message
        else:
            _heed(message)


def _heed(message: str) -> None:
    """Raise what a log frame tells, if it tells a failure."""
    try:
        told = json.loads(message)
        event, data = told["event"], told.get("data") or {}
    except (ValueError, TypeError, KeyError):
        return
    words = str(data.get("message", ""))[:200]
    if event == "backend_busy":
        raise Overloaded(f"vibevoice is busy: {words}")
    if event in ("generation_error", "backend_error"):
        raise Refused(f"vibevoice: {words}")
