"""VibeVoice's door: `/stream`, which turns text into PCM of 24 kHz, and `/config`, which lists the voices."""

import json
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from flask import Blueprint, request

from tts.errors import BadRequest, TtsError, UnknownVoice
from tts.service import Service
from tts.stream import Plan
from tts.types import NEUTRAL, Controls, Request, Voice
from tts.web import protocol
from tts.web.checks import shown
from tts.web.conversation import Failed, converse
from tts.web.fields import Fields
from tts.web.kinds import MANNER, Flag, Kind, Number, Other, Spoken, Text
from tts.web.names import default_voice, find_voice, shown_names
from tts.web.protocol import Message
from tts.web.script import Part, Script
from tts.web.sockets import BoundedWebSocket
from tts.web.speech import current_service
from tts.web.talk import Talk
from tts.web.trouble import answer_errors

routes = Blueprint("vibevoice", __name__)

RATE_HZ = 24_000
#: The strength of a voice: at its default it speaks as it is.
_CFG = Number(1.5, 1.3, 3.0)
#: What the query and the messages of `/stream` take.
FIELDS: Mapping[str, Kind] = {
    "text": Spoken(required=False),
    "voice": Text(),
    "cfg": _CFG,
    "steps": Other({"type": "integer"}),
    "speed": Number(1.0, 0.5, 2.0),
    "more": Flag(),
    "log": Flag(),
    **MANNER,
}
#: What its log tells.
EVENTS = (
    "backend_request_received",
    "backend_first_chunk_sent",
    "model_progress",
    "backend_warning",
    "generation_error",
    "backend_error",
    "backend_busy",
    "backend_stream_complete",
)
#: Fields that hold for later messages too.
_INHERITED = ("voice", "cfg", "steps", "emotion", "intensity", "speed", "log")
#: Warnings that the reason of a close could have room for.
_MOST_TOLD = 8
#: What a first clause that has not ended waits for more of it.
_IDLE_S = 0.5
#: The clock of its log.
_ZONE = timezone(timedelta(hours=8))


@routes.get("/config")
def config() -> Message:
    """List the names of voices, ours and those of VibeVoice's clients, and what the latter stand for."""
    service = current_service()
    names = shown_names(service)
    return {
        "voices": sorted([*names, *(voice.id for voice in service.catalogue.voices)]),
        "default_voice": service.catalogue.default.id,
        "names": names,
    }


answer_errors(routes, TtsError.as_dict)


def serve(ws: BoundedWebSocket, service: Service) -> None:
    """Speak what one client sends, in the query or in messages, and close when all of it has left."""
    query = request.args.to_dict()
    talk = Talk(ws, service)
    stream = _Stream(talk, logs="text" in query)
    converse(talk, lambda: _speak_all(talk, stream, service, query), stream.fail)


def _speak_all(talk: Talk, stream: "_Stream", service: Service, query: Mapping[str, str]) -> str:
    """Speak until nothing more is announced, and return what the client is to know at the end."""
    script = _Reading(service.settings.max_chars_compat)
    script.hear(query if stream.logs else {**query, **_read(talk.next())}, stream)
    while True:
        while script.has_room and (message := talk.next(0)) is not None:
            script.hear(_read(message), stream)
        part = script.take(talk.going_on)
        if part is not None:
            _speak(talk, part, stream, service)
        elif script.is_done:
            stream.log("backend_stream_complete")
            return "; ".join(stream.told)
        elif (message := talk.next(_IDLE_S if script.waits else None)) is not None:
            script.hear(_read(message), stream)
        else:
            script.flush()


def _speak(talk: Talk, part: Part, stream: "_Stream", service: Service) -> None:
    """Begin an utterance with a part, or go on with the one whose text it continues."""
    if talk.going_on:
        talk.append(part.text)
    else:
        talk.speak(_plan(Fields(part.fields, FIELDS), part.text, service, more=not part.last), stream)
    if part.last:
        talk.end()


def _read(message: str | bytes | None) -> Message:
    if not isinstance(message, str):
        raise BadRequest("a binary frame has no meaning here; send JSON as text")
    body = protocol.parse_json(message)
    if not isinstance(body, dict):
        raise BadRequest(f'a message must be an object such as {{"text": …}}, not {shown(body)}')
    return body


class _Reading(Script):
    """A script whose messages inherit the fields of those before them."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self._fields: Message = {}
        self._more = False

    def hear(self, message: Mapping[str, Any], stream: "_Stream") -> None:
        """Add what a message says."""
        said = Fields(dict(message), FIELDS)
        text, self._more = said.words("text", self._most), said.flag("more", self._more)
        self._fields = {**self._fields, **{name: message[name] for name in _INHERITED if name in message}}
        stream.receive(Fields(self._fields, FIELDS), text)
        self.add(self._fields, text, self._more)


def _plan(fields: Fields, text: str, service: Service, more: bool) -> Plan:
    emotion, intensity = fields.emotion()
    strength = _held_cfg(fields) / _CFG.default
    voice = _voice(fields, text, service)
    if "steps" in fields:
        fields.warn(f"steps: the engine {voice.engine} has no such choice")
    plain = emotion == NEUTRAL
    if not plain and "intensity" not in fields:
        intensity = min(125.0, 100.0 * strength)
    controls = Controls(emotion, intensity, fields.number("speed"), pitch_range=strength if plain else 1.0)
    # Half the change of range in decibels: 6 dB for twice the range would shout.
    volume = strength**0.5 if plain else 1.0
    wanted = Request(text, "pcm", voice.id, controls=controls, volume=volume, sample_rate_hz=RATE_HZ, more=more)
    return fields.plan(service, wanted)


def _voice(fields: Fields, text: str, service: Service) -> Voice:
    name = fields.raw("voice")
    if name not in (None, ""):
        try:
            return find_voice(service, name, text)
        except UnknownVoice:
            if not isinstance(name, str):
                raise
    voice = default_voice(service, service.reader.detect(text))
    if name:
        fields.warn(f"voice: no voice {shown(name)}; {voice.id} speaks")
    return voice


def _cfg(fields: Fields) -> float:
    """Return the strength asked for; what is no positive number is the usual one, as there."""
    try:
        cfg = float(fields.raw("cfg"))
    except (TypeError, ValueError, OverflowError):
        return _CFG.default
    return cfg if 0 < cfg < float("inf") else _CFG.default


def _held_cfg(fields: Fields) -> float:
    cfg = _cfg(fields)
    held = min(max(cfg, _CFG.least), _CFG.most)
    if held != cfg:
        fields.warn(f"cfg {cfg:.4g} is held at {held:g}")
    return held


class _Stream:
    """Sends sound as binary frames and, to clients of the query form, what happens as frames of text."""

    def __init__(self, talk: Talk, logs: bool) -> None:
        self._talk = talk
        self.logs = logs
        self.told: deque[str] = deque(maxlen=_MOST_TOLD)
        """Warnings, each once; a client that gets no frames of text finds them in the reason of the close."""
        self._made_s = 0.0

    def receive(self, fields: Fields, text: str) -> None:
        """Log what was received, and whether the client wants such logs though it sent a message."""
        self.logs = self.logs or fields.flag("log")
        self.log(
            "backend_request_received",
            text_length=len(text),
            cfg_scale=_cfg(fields),
            inference_steps=fields.raw("steps"),
            voice=fields.raw("voice"),
        )

    def send(self, kind: str, body: Message, chunk: bytes | None = None) -> None:
        """Send a message of an utterance in the words of this door."""
        if chunk is not None:
            self._sound(chunk)
        elif kind == "warning" and body["message"] not in self.told:
            self.told.append(body["message"])
            self.log("backend_warning", code=body["code"], message=body["message"])
        elif kind == "error":
            self.log("generation_error", message=body["message"])
            raise Failed(body)

    def _sound(self, chunk: bytes) -> None:
        seconds = len(chunk) / 2 / RATE_HZ
        first = not self._made_s
        self._made_s += seconds
        self._talk.send(chunk)
        if first:
            self.log("backend_first_chunk_sent")
        self.log("model_progress", generated_sec=round(self._made_s, 3), chunk_sec=round(seconds, 3))

    def drop(self) -> None:
        """Cut the connection to a client that no longer takes part."""
        self._talk.drop()

    def fail(self, error: TtsError) -> None:
        """Log an error that ends the connection."""
        if error.code == "busy":
            self.log("backend_busy", message="Please wait for the other requests to complete.")
        else:
            self.log("backend_error", message=error.message)
        self.log("backend_stream_complete")

    def log(self, event: str, **data: Any) -> None:
        """Send an event, if this client gets them."""
        if self.logs:
            stamp = datetime.now(UTC).astimezone(_ZONE).isoformat(" ", "milliseconds")[:23]
            self._talk.send(json.dumps({"type": "log", "event": event, "data": data, "timestamp": stamp}))
