"""ElevenLabs' door: text that arrives in pieces becomes sound with the times of its characters, all in JSON."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from flask import request

from tts.errors import BadRequest, TtsError
from tts.production import PEAK_MS
from tts.service import Service
from tts.stream import Plan
from tts.types import Controls, Request
from tts.web import protocol
from tts.web.alignment import Alignment
from tts.web.conversation import Failed, converse
from tts.web.fields import Fields
from tts.web.keys import Keys
from tts.web.kinds import MANNER, Choice, Flag, Kind, Number, Other, Spoken, Text, object_schema
from tts.web.names import check_language, find_voice
from tts.web.protocol import Message
from tts.web.script import clause_end, word_end
from tts.web.sockets import POLICY, BoundedWebSocket
from tts.web.talk import Talk

PATH = "/v1/text-to-speech/<voice>/stream-input"

#: Their name of a format: ours, its sample rate in Hz and its bit rate.
_FORMATS: dict[str, tuple[str, int, int | None]] = {
    "mp3_22050_32": ("mp3", 22_050, 32_000),
    **{f"mp3_44100_{rate}": ("mp3", 44_100, rate * 1000) for rate in (32, 64, 96, 128, 192)},
    **{f"pcm_{rate_hz}": ("pcm", rate_hz, None) for rate_hz in (16_000, 22_050, 24_000, 44_100)},
    "ulaw_8000": ("ulaw", 8000, None),
}
_SCHEDULE = (120, 160, 250, 290)
_LONGEST_SCHEDULE, _LONGEST_PIECE = 100, 500
#: Signs that wait for a word.
_MOST_SIGNS = 16
_KEYS = ("xi-api-key", "xi_api_key", "authorization")

#: What the query takes; `inactivity_timeout` is in seconds.
QUERY: Mapping[str, Kind] = {
    "output_format": Choice("mp3_44100_128", tuple(_FORMATS)),
    "language_code": Text(),
    "auto_mode": Flag(),
    "inactivity_timeout": Number(20.0, 1, 180),
}
_SETTINGS: Mapping[str, Kind] = {"speed": Number(1.0, 0.5, 2.0)}
_LENGTHS = {"type": "integer", "minimum": 1, "maximum": _LONGEST_PIECE}
_CONFIG: Mapping[str, Kind] = {
    "chunk_length_schedule": Other({"type": "array", "maxItems": _LONGEST_SCHEDULE, "items": _LENGTHS})
}
#: What messages take; all but the first three hold for the whole connection, if the first message has them.
FIELDS: Mapping[str, Kind] = {
    "text": Spoken(required=False),
    "flush": Flag(),
    "try_trigger_generation": Flag(),
    "voice_settings": Other(object_schema(_SETTINGS, 0)),
    "generation_config": Other(object_schema(_CONFIG, 0)),
    **dict.fromkeys(_KEYS, Text()),
    **MANNER,
}


class TimedOut(TtsError):
    """No text came for too long."""

    code = "input_timeout_exceeded"


def serve(ws: BoundedWebSocket, service: Service, keys: Keys, voice: str) -> None:
    """Speak what one client sends until it says that this was all."""
    talk = Talk(ws, service)
    visit = _Visit(talk, service, keys, voice, request.environ, Fields(request.args.to_dict(), QUERY))
    converse(talk, visit.run, visit.tell)


class _Visit:
    """One client's connection."""

    def __init__(
        self, talk: Talk, service: Service, keys: Keys, voice: str, environ: dict[str, Any], query: Fields
    ) -> None:
        self._talk = talk
        self._service = service
        self._keys = keys
        self._voice = voice
        self._environ = environ
        self._query = query
        self._wait_s = 0.0
        self._answers: _Answers | None = None

    def run(self) -> str:
        """Speak until an empty text comes, and return nothing to say at the close."""
        self._wait_s = self._query.number("inactivity_timeout")
        name = self._query.choice("output_format")
        first = self._message()
        self._admit(first)
        check_language(self._service, self._query.text("language_code"), "language_code")
        buffer = Buffer(_schedule(first), self._query.flag("auto_mode"))
        manner, message, most = first, first, self._service.settings.max_chars_compat
        while (text := message.words("text", most)) or "text" not in message:
            flush = message.flag("flush")
            if piece := buffer.add(text, flush, message.flag("try_trigger_generation")):
                self._speak(piece, manner, name)
            if flush:
                # Whoever asks for all of the sound may be the only one to speak for a while.
                self._talk.end()
            message = self._message()
        if piece := buffer.add("", flush=True):
            self._speak(piece, manner, name)
        self._talk.end()
        self._send({"audio": None, "isFinal": True})
        return ""

    def _message(self) -> Fields:
        said = self._talk.next(self._wait_s)
        if said is None:
            raise TimedOut(f"text: none came for {self._wait_s:g} s; send some, or an empty one when that was all")
        if isinstance(said, bytes):
            raise BadRequest("a binary frame has no meaning here; send JSON as text")
        return Fields(protocol.parse_json(said), FIELDS)

    def _admit(self, first: Fields) -> None:
        """Raise `Unauthorized` when neither the connection nor the first message brings a key."""
        told = [first.text(name) for name in _KEYS]
        if not self._keys.know(*(key.removeprefix("Bearer ") for key in told if key)):
            self._keys.check(self._environ)

    def _speak(self, text: str, manner: Fields, format_name: str) -> None:
        """Go on with the utterance, or begin one."""
        at_once = self._query.flag("auto_mode")
        if self._answers and self._talk.going_on:
            self._answers.expect(text)
            self._talk.append(text, at_once)
        else:
            plan = self._plan(text, manner, format_name)
            self._answers = _Answers(self._send, self._talk, text)
            self._talk.speak(plan, self._answers)
            self._talk.append("", at_once)

    def _plan(self, text: str, manner: Fields, format_name: str) -> Plan:
        service = self._service
        language = self._query.text("language_code")
        emotion, intensity = manner.emotion()
        settings = Fields(manner.raw("voice_settings") or {}, _SETTINGS, "voice_settings:")
        controls = Controls(emotion, intensity, settings.number("speed"))
        voice = find_voice(service, self._voice, text, "voice_id", language)
        format, rate_hz, bit_rate = _FORMATS[format_name]
        wanted = Request(
            text, format, voice.id, controls=controls, sample_rate_hz=rate_hz, bit_rate=bit_rate, more=True
        )
        return settings.plan(service, wanted)

    def _send(self, body: Message) -> None:
        self._talk.send(json.dumps(body, ensure_ascii=False))

    def tell(self, error: TtsError) -> None:
        """Send an error that ends the connection."""
        code = error.code if error.code != "bad_request" else "invalid_input_message"
        self._send({"message": error.message, "error": code, "code": POLICY})


class Buffer:
    """Text that waits until there is enough of it, by a schedule of characters or at its clauses' ends."""

    def __init__(self, schedule: tuple[int, ...], at_once: bool = False) -> None:
        self._schedule = schedule
        self._at_once = at_once
        self._taken = 0
        self._text = ""
        self._joins = False

    def add(self, text: str, flush: bool = False, trigger: bool = False) -> str:
        """Add text, and return what is to be spoken now, empty when that is nothing with a word in it."""
        # Blanks open a conversation and keep it alive; between two words one of them counts.
        text = self._text + text
        self._text = " " * (self._joins and text[:1].isspace()) + text.lstrip()
        piece = self._text[: self._end(flush, trigger)]
        if not any(character.isalnum() for character in piece):
            # What opens a clause may wait for it, but nobody may fill the memory with signs.
            self._text = self._text[max(0, len(piece) - _MOST_SIGNS) :]
            return ""
        self._text = self._text[len(piece) :]
        self._joins = not piece[-1].isspace()
        self._taken += 1
        return piece

    def _end(self, flush: bool, trigger: bool) -> int:
        enough = len(self._text) >= self._schedule[min(self._taken, len(self._schedule) - 1)]
        if flush or self._at_once:
            return len(self._text)
        if enough or trigger:
            # A schedule asks for sound, but a word or a number in two would be none.
            return clause_end(self._text) or word_end(self._text) * enough
        return 0


def _schedule(first: Fields) -> tuple[int, ...]:
    config = Fields(first.raw("generation_config") or {}, _CONFIG, "generation_config:")
    lengths = config.raw("chunk_length_schedule") or _SCHEDULE
    valid = isinstance(lengths, list | tuple) and len(lengths) <= _LONGEST_SCHEDULE
    if not valid or not all(isinstance(length, int) and 1 <= length <= _LONGEST_PIECE for length in lengths):
        raise BadRequest("chunk_length_schedule: must be a list of numbers of characters, each up to 500")
    return tuple(lengths)


class _Answers:
    """Sends the sound of one utterance as JSON."""

    def __init__(self, send: Any, talk: Talk, text: str) -> None:
        self._send = send
        self._talk = talk
        self._alignment = Alignment(text)
        self._warnings: list[str] = []

    def expect(self, text: str) -> None:
        """Take note of text that the utterance goes on with."""
        self._alignment.text += text

    def send(self, kind: str, body: Message, chunk: bytes | None = None) -> None:
        """Send a message of an utterance in the words of this door."""
        if kind == "marks":
            self._alignment.add(body["items"])
        elif kind == "warning":
            self._warnings.append(body["message"])
        elif chunk is not None:
            self._sound(chunk, body["at_ms"], len(body["peaks"]) * PEAK_MS)
        elif kind == "error":
            raise Failed(body)
        elif kind == "done" and (rest := self._alignment.rest()):
            self._send({"audio": None, "isFinal": False, "alignment": rest, "normalizedAlignment": rest})

    def _sound(self, chunk: bytes, at_ms: float, ms: float) -> None:
        heard = self._alignment.until(at_ms, at_ms + ms)
        audio = base64.b64encode(chunk).decode()
        body = {"audio": audio, "isFinal": False, "alignment": heard, "normalizedAlignment": heard}
        if self._warnings:
            body["warnings"], self._warnings = self._warnings, []
        self._send(body)

    def drop(self) -> None:
        """Cut the connection to a client that no longer takes part."""
        self._talk.drop()
