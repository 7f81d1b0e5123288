"""Answers every error of a door in the door's own words."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import structlog
from flask import Response, jsonify, request
from flask.sansio.scaffold import Scaffold
from werkzeug.exceptions import HTTPException

from tts.errors import BadRequest, EngineFailed, NotFound, TtsError
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
        told = kind(error.description or error.name)
        told.status = status
        return known(told)

    def unknown(error: Exception) -> Response:
        log.error("request failed", path=request.path, exc_info=error)
        return known(broken(error))

    door.register_error_handler(TtsError, known)
    door.register_error_handler(HTTPException, http)
    door.register_error_handler(Exception, unknown)


def broken(error: Exception) -> TtsError:
    """Return an error as the client may see it: the inside of the server is nobody's business."""
    return error if isinstance(error, TtsError) else EngineFailed("the server broke; its log has the reason")
