"""Describes the sockets as an AsyncAPI 3.0 document, from the tables that they read and answer by."""

from collections.abc import Mapping
from typing import Any

from flask import request

import tts
from tts.service import Service
from tts.web import elevenlabs, keys, shapes, vibevoice
from tts.web.kinds import object_schema
from tts.web.protocol import MESSAGES, Message

_SOUND: Message = {
    "summary": "Sound, of the utterance that was the last to start.",
    "contentType": "application/octet-stream",
    "payload": {"type": "string", "format": "binary"},
}
_LOG = shapes.record(
    type=shapes.one_of("log"),
    event=shapes.one_of(*vibevoice.EVENTS),
    data={"type": "object"},
    timestamp=shapes.TEXT,
)
_ALIGNMENT = shapes.optional(
    shapes.record(
        chars=shapes.items(shapes.TEXT),
        charStartTimesMs=shapes.items(shapes.WHOLE),
        charDurationsMs=shapes.items(shapes.WHOLE),
    )
)
_SPOKEN: Message = {
    **shapes.lax(
        audio={**shapes.optional(shapes.TEXT), "contentEncoding": "base64"},
        isFinal=shapes.FLAG,
        alignment=_ALIGNMENT,
        normalizedAlignment=_ALIGNMENT,
        warnings=shapes.items(shapes.TEXT),
    ),
    "required": ["audio", "isFinal"],
}
_FAILED = shapes.record(message=shapes.TEXT, error=shapes.TEXT, code=shapes.WHOLE)


def document(service: Service) -> Message:
    """Return the document; `receive` is what the server receives, `send` what it sends."""
    limits = service.settings.max_chars, service.settings.max_chars_compat
    channels = {
        "socketio": _channel("/socket.io", "Socket.IO: events by name, their acknowledgements", _events(limits[0])),
        "ws": _channel("/ws", "JSON text frames by type, sound in binary frames", _frames(limits[0])),
        "vibevoice": _vibevoice(limits[1]),
        "elevenlabs": _elevenlabs(limits[1]),
    }
    operations = {
        f"{channel}_{name}": _operation(channel, name, list(described["messages"]))
        for channel, described in channels.items()
        for name in described["messages"]
        if not name.startswith("ack")
    }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Shengliu 声流", "version": tts.__version__, "license": {"name": "Apache-2.0"}},
        "defaultContentType": "application/json",
        "servers": {"this": _server(bool(service.settings.api_keys))},
        "channels": channels,
        "operations": operations,
        "components": {"securitySchemes": _SECURITY},
    }


_SECURITY: Message = {
    name: {**scheme, "type": "httpApiKey"} if scheme["type"] == "apiKey" else scheme
    for name, scheme in keys.SCHEMES.items()
}


def _server(locked: bool) -> Message:
    security = [{"$ref": f"#/components/securitySchemes/{name}"} for name in _SECURITY]
    protocol = "wss" if request.is_secure else "ws"
    return {"host": request.host, "protocol": protocol, **({"security": security} if locked else {})}


def _channel(address: str, summary: str, messages: Mapping[str, Message], **more: Any) -> Message:
    return {"address": address, "summary": summary, "messages": dict(messages), **more}


def _operation(channel: str, name: str, names: list[str]) -> Message:
    """Return the operation of one message, with its acknowledgement where it has one."""
    here = {"$ref": f"#/channels/{channel}"}
    operation: Message = {
        "action": "receive" if name in ("synthesize", *MESSAGES, "request") else "send",
        "channel": here,
        "messages": [{"$ref": f"#/channels/{channel}/messages/{name}"}],
    }
    ack = f"ack_{name}"
    if ack in names:
        operation["reply"] = {"channel": here, "messages": [{"$ref": f"#/channels/{channel}/messages/{ack}"}]}
    return operation


def asked(max_chars: int) -> dict[str, Message]:
    """Return the shapes of what clients send on Socket.IO and `/ws`, by name."""
    about = {
        kind: shapes.record(**{name: dict(one.schema) for name, one in of.items()}) for kind, of in MESSAGES.items()
    }
    return {"synthesize": shapes.request_shape("socket", max_chars), **about}


def _events(max_chars: int) -> dict[str, Message]:
    payloads = {
        **asked(max_chars),
        **shapes.EVENTS,
        **{f"ack_{kind}": shape for kind, shape in shapes.ACKS.items()},
    }
    return {name: {"name": name.removeprefix("ack_"), "payload": shape} for name, shape in payloads.items()}


def _frames(max_chars: int) -> dict[str, Message]:
    told = {kind: shape for kind, shape in shapes.EVENTS.items() if kind != "audio_chunk"}
    frames = {kind: framed(shape, type=kind) for kind, shape in {**asked(max_chars), **told}.items()}
    for kind, shape in shapes.ACKS.items():
        frames[f"ack_{kind}"] = {"oneOf": [framed(one, type="ack", of=kind) for one in shape["oneOf"]]}
    return {**{name: {"payload": shape} for name, shape in frames.items()}, "sound": _SOUND}


def framed(shape: Message, **marks: str) -> Message:
    """Return the shape of a text frame: that of a message with the fields which say what it is."""
    properties = {**{name: shapes.one_of(value) for name, value in marks.items()}, **shape["properties"]}
    return {**shape, "properties": properties, "required": [*marks, *shape.get("required", ())]}


def _vibevoice(max_chars: int) -> Message:
    asked = object_schema(vibevoice.FIELDS, max_chars)
    messages = {"request": {"payload": asked}, "sound": _SOUND, "log": {"payload": _LOG}}
    summary = "VibeVoice: a text in the query or in messages becomes PCM of 16 bits at 24 kHz"
    return _channel("/stream", summary, messages, bindings=_query(asked))


def _elevenlabs(max_chars: int) -> Message:
    address = elevenlabs.PATH.replace("<", "{").replace(">", "}")
    messages = {
        "request": {"payload": object_schema(elevenlabs.FIELDS, max_chars)},
        "spoken": {"payload": _SPOKEN},
        "failed": {"payload": _FAILED},
    }
    parameters = {"voice": {"description": "A voice, or a name that stands for one."}}
    summary = "ElevenLabs: text in pieces becomes sound with the times of its characters"
    bindings = _query(object_schema(elevenlabs.QUERY, max_chars))
    return _channel(address, summary, messages, parameters=parameters, bindings=bindings)


def _query(shape: Message) -> Message:
    return {"ws": {"query": shape, "bindingVersion": "0.1.0"}}
