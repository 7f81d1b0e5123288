"""The web application: every door to the service."""

import time
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from flask.json.provider import DefaultJSONProvider
from flask_socketio import SocketIO

from tts.catalogue import Catalogue
from tts.config import load
from tts.errors import TtsError
from tts.logs import configure
from tts.service import Service
from tts.web import connections, events, fish, names, openai, openapi, routes, vibevoice
from tts.web.keys import Keys, guard
from tts.web.protocol import MAX_MESSAGE_BYTES, Message
from tts.web.socket_doors import add_sockets
from tts.web.trouble import answer_errors

_LOOK_S = 0.1

#: How long after its end began the server may still take connections; gunicorn looks once a second.
_CLOSING_S = 3.0

_HERE = Path(__file__).resolve().parent
#: Templates and static files lie at the top of a checkout, and beside this file in an installed package.
_ROOT = _HERE if (_HERE / "templates").is_dir() else _HERE.parents[1]

#: The page needs nothing from anywhere else; blob: is what MediaSource plays from.
_CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; media-src 'self' blob:; worker-src 'self'; manifest-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


#: Whose words errors are told in, by how the path begins; ours elsewhere.
_WORDINGS = (
    *((path, fish.wording) for path in ("/generate", "/v1/tts", "/v1/health", "/v1/references")),
    ("/v1/", openai.wording),
)


class _Json(DefaultJSONProvider):
    """Chinese as it is, and fields in the order of the protocol."""

    ensure_ascii = False
    sort_keys = False


def create_app(overrides: Message | None = None, catalogue: Catalogue | None = None) -> Flask:
    """Return the application with its default voice warm.

    `overrides` are settings by field name, on top of the environment's; `catalogue` replaces the engines.
    """
    settings = load(**(overrides or {}))
    configure(settings)
    connections.install(settings.stall_s)
    service = Service(settings, catalogue)
    service.warm()
    app = Flask("tts", root_path=str(_ROOT), template_folder="templates", static_folder="static")
    app.config["MAX_CONTENT_LENGTH"] = MAX_MESSAGE_BYTES
    app.json = _Json(app)
    app.extensions["tts"] = service
    names.table(settings.voice_names)
    for door in (routes, openai, fish, vibevoice, openapi):
        app.register_blueprint(door.routes)
    answer_errors(app, _wording)
    keys = Keys(settings.api_keys)
    guard(app, keys)
    add_sockets(app, service, keys)
    # Events of one client are handled in order, and a client that floods waits: no greenlet for each.
    socketio = SocketIO(
        app,
        async_mode="gevent",
        async_handlers=False,
        manage_session=False,
        cors_allowed_origins=list(settings.cors_origins) or None,
        max_http_buffer_size=MAX_MESSAGE_BYTES,
    )
    events.register(socketio, service, keys)
    app.after_request(lambda response: _secure(response, settings.cors_origins))
    return app


def drain(app: Flask) -> None:
    """Take no more work, let what is being made end, and then part from all clients."""
    service: Service = app.extensions["tts"]
    service.slots.close()
    while service.slots.taken:
        time.sleep(_LOOK_S)
    events.disconnect_all(app.extensions["socketio"])
    # What polled has its answer now, and what was answered may have become idle; and who is parted from comes back
    # at once, which would hold up the end as long as the port is open.
    until_s = time.monotonic() + _CLOSING_S
    while time.monotonic() < until_s:
        time.sleep(_LOOK_S)
        connections.close_all()


def _wording(error: TtsError) -> Message:
    """Return an error where no door answers, in the words of those whose paths begin so."""
    return next((wording for start, wording in _WORDINGS if request.path.startswith(start)), TtsError.as_dict)(error)


def _secure(response: Response, origins: tuple[str, ...]) -> Response:
    headers: dict[str, Any] = {
        "Content-Security-Policy": _CONTENT_SECURITY_POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "cross-origin" if origins else "same-origin",
    }
    origin = request.headers.get("Origin")
    if origin and (origin in origins or "*" in origins):
        headers |= {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Headers": "Authorization, Content-Type",
            "Access-Control-Expose-Headers": "X-Utterance-Id, X-Wav-Url, X-Sample-Rate, X-Warnings",
            "Vary": "Origin",
        }
    response.headers.extend(headers)
    return response
