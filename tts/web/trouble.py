"""Answers every error of a door in the door's own words."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import structlog
from flask import Response, jsonify, request
from flask.sansio.scaffold import Scaffold
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.exceptions import NotFound as NoSuchPath
from werkzeug.routing import WebsocketMismatch

from tts.errors import BadRequest, EngineFailed, NotFound, TtsError
from tts.web.checks import shown
from tts.web.keys import PAGE
from tts.web.protocol import Message

log = structlog.get_logger()

#: Has a browser ask its user: the name does not matter, the password is the key.
_BROWSER = 'Basic realm="Shengliu", charset="UTF-8"'

#: How a door says what is wrong.
Wording: TypeAlias = Callable[[TtsError], Message]


def answer_errors(door: Scaffold, wording: Wording) -> None:
    """Have an application, or the routes of one door, answer every error with its status and a body in JSON."""

    def known(error: TtsError) -> Response:
        answer = jsonify(wording(error))
        answer.status_code = error.status
        if error.code == "busy":
            answer.headers["Retry-After"] = "1"
        if error.code == "unauthorized":
            answer.headers["WWW-Authenticate"] = _BROWSER if request.endpoint == PAGE else "Bearer"
        return answer

    def http(error: HTTPException) -> Response:
        status = error.code or 500
        kind = NotFound if status == 404 else BadRequest if status < 500 else EngineFailed
        told = kind(_reason(error))
        told.status = status
        answer = known(told)
        if isinstance(error, MethodNotAllowed) and error.valid_methods:
            answer.headers["Allow"] = ", ".join(sorted(error.valid_methods))
        return answer

    def unknown(error: Exception) -> Response:
        # A client that has gone is no failure, and nobody reads the answer.
        if not isinstance(error, ConnectionResetError):
            log.error("request failed", path=request.path, exc_info=error)
        return known(broken(error))

    door.register_error_handler(TtsError, known)
    door.register_error_handler(HTTPException, http)
    door.register_error_handler(Exception, unknown)


def _reason(error: HTTPException) -> str:
    """Return what is wrong in words for whoever wrote the client, not for somebody at a browser."""
    path = shown(request.path)
    if isinstance(error, NoSuchPath):
        return f"{path}: no such path; /openapi.json and /asyncapi.json list them"
    if isinstance(error, MethodNotAllowed):
        methods = sorted(set(error.valid_methods or ()) - {"HEAD", "OPTIONS"})
        return f"{path}: is asked with {' or '.join(methods)}, not {request.method}"
    if isinstance(error, WebsocketMismatch):
        return f"{path}: {'is no WebSocket' if 'Upgrade' in request.headers else 'is only for WebSockets'}"
    return error.description or error.name


def broken(error: Exception) -> TtsError:
    """Return an error as the client may see it: the inside of the server is nobody's business."""
    return error if isinstance(error, TtsError) else EngineFailed("the server broke; its log has the reason")
