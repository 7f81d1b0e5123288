"""Tells whether a request comes from our own page, and whether its client is still there."""

import select
import socket
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

#: Where the server's handler puts the connection into the WSGI environment.
CLIENT_SOCKET = "shengliu.socket"


def same_origin(environ: Mapping[str, Any], allowed: Sequence[str]) -> bool:
    """Return whether the page that calls, if it is a page, is ours or allowed by the settings."""
    origin = environ.get("HTTP_ORIGIN")
    if origin is None or origin in allowed or "*" in allowed:
        return True
    hosts = (environ.get("HTTP_X_FORWARDED_HOST", "").split(",")[0].strip(), environ.get("HTTP_HOST", ""))
    return urlsplit(origin).netloc in [host for host in hosts if host]


def client_gone(environ: Mapping[str, Any]) -> bool:
    """Return whether the client has closed its connection, found without reading from it."""
    connection = environ.get(CLIENT_SOCKET)
    if connection is None:
        return False
    try:
        readable, _, _ = select.select([connection], [], [], 0)
        return bool(readable) and connection.recv(1, socket.MSG_PEEK) == b""
    except (OSError, ValueError):
        return True
