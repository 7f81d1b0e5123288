"""Describes the HTTP doors as an OpenAPI 3.1 document, from the tables that the doors themselves read by."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from flask import Blueprint, current_app
from werkzeug.routing import Rule

import tts
from tts.codec import ENCODINGS, FORMATS
from tts.errors import BadRequest, Cancelled, NotFound, TtsError, Unauthorized
from tts.service import Service
from tts.web import asyncapi, checks, fish, keys, openai, shapes
from tts.web.kinds import object_schema
from tts.web.protocol import Message
from tts.web.speech import current_service
from tts.web.trouble import Wording

routes = Blueprint("documents", __name__)

_JSON = "application/json"
_ANYTHING: Message = {"type": "object"}


class TooLarge(BadRequest):
    """The message is larger than any door reads."""

    status = 413


class NoSuchRange(BadRequest):
    """The file has no such part."""

    status = 416


_PARTS: Mapping[str, Message] = {
    "206": {"description": "A part of the file.", "content": {"audio/wav": {}}},
    "304": {"description": "It is what the client has."},
}
_LIST = (Unauthorized,)
_READ = (*shapes.READ_ERRORS, TooLarge, Unauthorized)
_SPEAK = (*shapes.SPEAK_ERRORS, TooLarge, Unauthorized)

_SOUND_HEADERS = {
    "X-Utterance-Id": shapes.TEXT,
    "X-Wav-Url": shapes.TEXT,
    "X-Sample-Rate": shapes.TEXT,
    "X-Warnings": {**shapes.TEXT, "contentMediaType": _JSON, "contentSchema": shapes.items(shapes.WARNING)},
}
_MAY_LACK = ("X-Warnings",)


@dataclass(frozen=True, slots=True)
class Operation:
    """What a path takes and answers; its summary is the docstring of the function that answers."""

    answers: Mapping[str, Message]
    """The types of content, each with its shape, empty for sound."""
    errors: tuple[type[TtsError], ...] = _LIST
    bodies: Mapping[str, Callable[[int, int], Message]] = field(default_factory=dict)
    """The types of a request, each with its shape; takes the limits of characters, of our doors and of others."""
    wording: Wording = TtsError.as_dict
    headers: Mapping[str, Message] = field(default_factory=dict)
    others: Mapping[str, Message] = field(default_factory=dict)
    """Answers with other statuses."""


def _json(shape: Message, **more: Any) -> Operation:
    return Operation({_JSON: shape}, **more)


def _sound(*mimes: str, errors: tuple[type[TtsError], ...] = _SPEAK, **more: Any) -> Operation:
    return Operation({mime: {} for mime in mimes}, errors, headers=_SOUND_HEADERS, **more)


def _ours(max_chars: int, _: int) -> Message:
    return shapes.request_shape("http", max_chars)


def _to_read(max_chars: int, _: int) -> Message:
    shape = shapes.request_shape("http", max_chars)
    return {**shape, "properties": {**shape["properties"], "plain": shapes.optional(checks.FLAG.schema)}}


def _openai(_: int, max_chars: int) -> Message:
    return object_schema(openai.FIELDS, max_chars, ("input",))


def _fish(table: Mapping[str, Any], _: int, max_chars: int) -> Message:
    return object_schema(table, max_chars, ("text",))


_OPENAI: Message = {"wording": openai.wording}
_FISH: Message = {"wording": fish.wording}
_FISH_SPEAKS: Message = {**_FISH, "errors": (*_SPEAK, fish.UnsupportedBody)}

#: Every HTTP door by the name of its endpoint.
OPERATIONS: Mapping[str, Operation] = {
    "routes.healthz": _json(shapes.HEALTH, errors=()),
    "routes.readyz": _json(shapes.READY, errors=()),
    "routes.voices": _json(shapes.VOICES),
    "routes.audio": Operation({"audio/wav": {}}, (NotFound, Cancelled, NoSuchRange, Unauthorized), others=_PARTS),
    "routes.read": _json(shapes.READING, errors=_READ, bodies={_JSON: _to_read}),
    "routes.synthesize": _sound(*(fmt.mime for fmt in FORMATS.values()), bodies={_JSON: _ours}),
    "openai.create_speech": _sound(
        *(ENCODINGS[name].mime for name, _ in openai.FORMATS.values()),
        "text/event-stream",
        bodies={_JSON: _openai},
        **_OPENAI,
    ),
    "openai.list_voices": _json(shapes.OPENAI_VOICES, **_OPENAI),
    "openai.list_models": _json(shapes.MODELS, **_OPENAI),
    "openai.get_model": _json(shapes.MODEL, errors=(NotFound, Unauthorized), **_OPENAI),
    "fish.health": _json(shapes.HEALTH, **_FISH),
    "fish.generate": _sound(
        "audio/wav", bodies=dict.fromkeys(fish.BODIES, partial(_fish, fish.GENERATE_FIELDS)), **_FISH_SPEAKS
    ),
    "fish.tts": _sound(
        *fish.MIMES.values(),
        fish.OTHER_MIME,
        bodies=dict.fromkeys(fish.BODIES, partial(_fish, fish.TTS_FIELDS)),
        **_FISH_SPEAKS,
    ),
    "vibevoice.config": _json(shapes.CONFIG),
    "documents.http": _json(_ANYTHING),
    "documents.sockets": _json(_ANYTHING),
}


@routes.get("/openapi.json")
def http() -> Message:
    """Describe the HTTP doors, as an OpenAPI document."""
    return document(current_service(), current_app.url_map.iter_rules())


@routes.get("/asyncapi.json")
def sockets() -> Message:
    """Describe the sockets, as an AsyncAPI document."""
    return asyncapi.document(current_service())


def document(service: Service, rules: Iterator[Rule]) -> Message:
    """Return the document for those rules of the application that are doors."""
    paths: dict[str, Message] = {}
    for rule in rules:
        if operation := OPERATIONS.get(rule.endpoint):
            path = re.sub("<(.*?)>", r"{\1}", rule.rule)
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                paths.setdefault(path, {})[method.lower()] = _operation(operation, rule, method, service)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Shengliu 声流", "version": tts.__version__, "license": {"name": "Apache-2.0"}},
        "servers": [{"url": "/"}],
        "paths": dict(sorted(paths.items())),
        "components": {"securitySchemes": keys.SCHEMES},
        "security": [{name: []} for name in keys.SCHEMES] if service.settings.api_keys else [],
    }


def _operation(operation: Operation, rule: Rule, method: str, service: Service) -> Message:
    settings = service.settings
    described: Message = {
        "operationId": f"{rule.endpoint.replace('.', '_')}_{method.lower()}",
        "summary": (current_app.view_functions[rule.endpoint].__doc__ or "").partition("\n")[0],
        "responses": {"200": _answer(operation), **operation.others, **_errors(operation)},
    }
    if rule.arguments:
        # A slash would begin another path.
        segment = {"type": "string", "pattern": "^[^/]+$"}
        named = [{"name": name, "in": "path", "required": True, "schema": segment} for name in sorted(rule.arguments)]
        described["parameters"] = named
    if operation.bodies:
        limits = settings.max_chars, settings.max_chars_compat
        content = {kind: {"schema": shape(*limits)} for kind, shape in operation.bodies.items()}
        described["requestBody"] = {"required": True, "content": content}
    if rule.endpoint in keys.OPEN:
        described["security"] = []
    return described


def _answer(operation: Operation) -> Message:
    content = {mime: {"schema": shape} if shape else {} for mime, shape in operation.answers.items()}
    headers = {name: {"schema": shape, "required": name not in _MAY_LACK} for name, shape in operation.headers.items()}
    return {"description": "What was asked for.", "content": content, **({"headers": headers} if headers else {})}


def _errors(operation: Operation) -> Message:
    """Return the answers to errors, by status, each in the words of its door."""
    kinds: dict[int, list[type[TtsError]]] = {}
    for kind in operation.errors:
        kinds.setdefault(kind.status, []).append(kind)
    return {str(status): _refusal(found, operation.wording) for status, found in sorted(kinds.items())}


def _refusal(kinds: list[type[TtsError]], wording: Wording) -> Message:
    told = [f"`{kind.code}`: {(kind.__doc__ or '').partition(chr(10))[0]}" for kind in kinds]
    # A message may begin with the name of a field, of which some doors tell apart.
    bodies = [wording(kind(message)) for kind in kinds for message in ("…", "field: …")]
    return {"description": "\n".join(told), "content": {_JSON: {"schema": _shape_of(bodies)}}}


def _shape_of(bodies: list[Any]) -> Message:
    """Return the shape that these examples have in common: objects by field, texts that are no messages by choice."""
    if all(isinstance(body, dict) for body in bodies):
        return shapes.record(**{name: _shape_of([body[name] for body in bodies]) for name in bodies[0]})
    texts = [body for body in bodies if isinstance(body, str)]
    if any(text in ("…", "field: …", "field") for text in texts):
        return shapes.optional(shapes.TEXT) if None in bodies else shapes.TEXT
    return shapes.one_of(*dict.fromkeys(bodies))
