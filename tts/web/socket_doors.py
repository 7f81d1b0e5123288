"""The doors that are WebSockets: who may come in, and by which path."""

from collections.abc import Callable
from typing import Any

from flask import Flask, request

from tts.errors import Unauthorized
from tts.service import Service
from tts.web import elevenlabs, raw, vibevoice
from tts.web.keys import Keys
from tts.web.origin import same_origin
from tts.web.sockets import POLICY, BoundedWebSocket


def add_sockets(app: Flask, service: Service, keys: Keys) -> None:
    """Add the WebSockets beside Socket.IO to the application."""

    def door(path: str, serve: Callable[..., None], key: Keys = keys) -> None:
        def enter(**names: str) -> str:
            ws: BoundedWebSocket = request.environ["wsgi.websocket"]
            if refusal := _refusal(request.environ, service, key):
                # The handshake is answered before the application runs, so this is the only way to refuse.
                ws.close(POLICY, refusal)
            else:
                serve(ws, service, **names)
            return ""

        app.add_url_rule(path, path, enter, websocket=True)

    door("/ws", raw.serve)
    door("/stream", vibevoice.serve)
    # Its clients may send their key in the first message, so it asks for one itself.
    door(elevenlabs.PATH, lambda ws, service, voice: elevenlabs.serve(ws, service, keys, voice), Keys(()))


def _refusal(environ: dict[str, Any], service: Service, keys: Keys) -> str:
    """Return why a client may not come in, empty when it may."""
    if not same_origin(environ, service.settings.cors_origins):
        return "this origin may not connect"
    try:
        keys.check(environ)
    except Unauthorized as error:
        return error.message
    return ""
