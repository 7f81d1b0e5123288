"""Tells whether a request comes from our own page, and whether its client is still there; cuts connections."""

import select
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

#: Where the server's handler puts the connection into the WSGI environment.
CLIENT_SOCKET = "shengliu.socket"

#: How Linux tells the state of a connection, behind which nothing of the client's that is unread can hide.
_TCP_INFO: int = getattr(socket, "TCP_INFO", 0)
_ESTABLISHED = 1


def same_origin(environ: Mapping[str, Any], allowed: Sequence[str]) -> bool:
    """Return whether the page that calls, if it is a page, is ours or allowed by the settings."""
    origin = environ.get("HTTP_ORIGIN")
    if origin is None or origin in allowed or "*" in allowed:
        return True
    hosts = (environ.get("HTTP_X_FORWARDED_HOST", "").split(",")[0].strip(), environ.get("HTTP_HOST", ""))
    return urlsplit(origin).netloc in [host for host in hosts if host]


def client_gone(environ: Mapping[str, Any]) -> bool:
    """Return whether the client has closed its connection."""
    return CLIENT_SOCKET in environ and hung_up(environ[CLIENT_SOCKET])


def hung_up(connection: Any) -> bool:
    """Return whether the other side has closed a connection, found without reading what it sent before that."""
    if connection is None:
        return True
    try:
        if _TCP_INFO:
            state: int = connection.getsockopt(socket.IPPROTO_TCP, _TCP_INFO, 1)[0]
            return state != _ESTABLISHED
        readable, _, _ = select.select([connection], [], [], 0)
        return bool(readable) and connection.recv(1, socket.MSG_PEEK) == b""
    except (OSError, ValueError):
        return True


def cut(handler: Any) -> None:
    """Cut a handler's connection, if it has not ended: then the handler has no socket, or a dead one."""
    connection = getattr(handler, "socket", None)
    if connection is not None:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
