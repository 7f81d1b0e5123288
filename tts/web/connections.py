"""Connections of clients: how long they may be idle, what is refused before it is a request, and how they part."""

import json
import re
import socket
from contextlib import suppress
from typing import Any, ClassVar
from weakref import WeakSet

import geventwebsocket.handler
from geventwebsocket.gunicorn.workers import GeventWebSocketWorker

from tts.errors import BadRequest
from tts.web.origin import CLIENT_SOCKET, cut, hung_up
from tts.web.protocol import Message
from tts.web.sockets import GOING_AWAY, POLICY, BoundedWebSocket
from tts.workers import read_long_lines, stall_guard

#: Seconds a connection may stay open between two requests.
_IDLE_S = 75.0
#: Bytes of a request's first line: 4096 characters of any script have room in an address.
LONGEST_LINE = 65_536
#: How long a client may take to read what it was sent last.
_FAREWELL_S = 2.0
_SOCKET_IO = "/socket.io/"
#: What is no request of HTTP that we read, by its status.
_REFUSALS = {
    "400": ("Bad Request", "its first line or its headers are no HTTP/1.1"),
    "414": ("URI Too Long", f"the address has over {LONGEST_LINE} bytes; send a text as long as that in a message"),
}


class Handler(geventwebsocket.handler.WebSocketHandler):  # type: ignore[misc]  # the package has no types
    """Handles a connection, and lets the application see whether its client is still there."""

    #: All connections that are open.
    open_ones: ClassVar[WeakSet["Handler"]] = WeakSet()

    answering = False
    """Whether a request is being answered, rather than waited for."""

    def handle(self) -> None:
        """Handle the requests of a connection until it ends."""
        self.open_ones.add(self)
        try:
            super().handle()
        finally:
            self.open_ones.discard(self)

    def read_requestline(self) -> str:
        """Wait for the next request, but not for ever."""
        with stall_guard(_IDLE_S):
            line: str = super().read_requestline()
        return line

    def handle_one_request(self) -> Any:
        """Handle a request, or say why it is none; the result tells gevent whether another may follow."""
        result = super().handle_one_request()
        if not isinstance(result, tuple):
            return result
        with suppress(OSError):
            self.socket.sendall(_refusal(result[0]))
            _part(self.socket)
        return None

    def handle_one_response(self) -> None:
        """Answer a request, unless it asks for work and its client has already gone."""
        if (self.command != "GET" or "HTTP_UPGRADE" in self.environ) and hung_up(self.socket):
            self.close_connection = True
            return
        self.answering = True
        try:
            super().handle_one_response()
        finally:
            self.answering = False

    def upgrade_websocket(self) -> list[bytes] | None:
        """Shake hands for a WebSocket, refuse a handshake that is wrong, or leave the request to the application."""
        if not self._asks_for_socket():
            return None
        if reason := self._what_is_wrong():
            body = json.dumps(BadRequest(reason).as_dict()).encode()
            versions = ("Sec-WebSocket-Version", ", ".join(self.SUPPORTED_VERSIONS))
            self.start_response("400 Bad Request", [("Content-Type", "application/json"), versions])
            return [body]
        answer: list[bytes] | None = self.upgrade_connection()
        return answer

    def _asks_for_socket(self) -> bool:
        """Return whether a WebSocket is asked for where there is one."""
        environ = self.environ
        asked = environ["REQUEST_METHOD"] == "GET" and environ.get("HTTP_UPGRADE", "").lower() == "websocket"
        if not (asked and "upgrade" in environ.get("HTTP_CONNECTION", "").lower()):
            return False
        path = environ["PATH_INFO"]
        doors = self.server.application.url_map.bind("", url_scheme="ws")
        return path.startswith(_SOCKET_IO) or bool(doors.test(path, "GET"))

    def _what_is_wrong(self) -> str:
        """Return what is wrong with the handshake of a WebSocket, empty when it is right."""
        if self.request_version != "HTTP/1.1":
            return f"a WebSocket begins with HTTP/1.1, not {self.request_version}"
        if not re.fullmatch(r"[A-Za-z0-9+/]{22}==", self.environ.get("HTTP_SEC_WEBSOCKET_KEY", "").strip()):
            return "Sec-WebSocket-Key: must be 16 bytes in base64"
        if self.environ.get("HTTP_SEC_WEBSOCKET_VERSION", "") not in self.SUPPORTED_VERSIONS:
            return f"Sec-WebSocket-Version: must be one of {', '.join(self.SUPPORTED_VERSIONS)}"
        return ""

    def run_websocket(self) -> None:
        """Serve a WebSocket, and part from its client so that it reads everything, the close above all."""
        ws: BoundedWebSocket = self.websocket
        told: list[str] = []
        try:
            answer = b"".join(self.application(self.environ, lambda status, *_: told.append(status)))
            if told and told[0] >= "4":
                # Socket.IO refuses only when the handshake is over.
                ws.close(POLICY, answer or told[0])
        finally:
            ws.close()
            self.environ["wsgi.websocket"] = None
            _part(self.socket)

    def get_environ(self) -> Message:
        """Return the WSGI environment with the connection in it."""
        environ: Message = super().get_environ()
        environ[CLIENT_SOCKET] = self.socket
        return environ


def _refusal(status: str) -> bytes:
    """Return a whole answer with one of our errors."""
    phrase, reason = _REFUSALS.get(status, _REFUSALS["400"])
    body = json.dumps(BadRequest(reason).as_dict())
    headers = f"Connection: close\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return f"HTTP/1.1 {status} {phrase}\r\n{headers}\r\n\r\n{body}".encode()


def _part(connection: Any) -> None:
    """Say that nothing more comes, and wait for the client to say the same.

    A connection that is closed while something from the client is unread is reset, and whatever the client has not
    read yet is lost with it: its own code of the close too.
    """
    with suppress(OSError), stall_guard(_FAREWELL_S):
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65_536):
            pass


def install(stall_s: float) -> None:
    """Make gevent-websocket use these connections and our WebSockets, for Socket.IO as well."""
    BoundedWebSocket.stall_s = stall_s
    geventwebsocket.handler.WebSocket = BoundedWebSocket
    GeventWebSocketWorker.wsgi_handler = Handler
    read_long_lines(LONGEST_LINE)


def close_all() -> None:
    """Part from every client that is not in the middle of an answer: the server goes down."""
    for ws in list(BoundedWebSocket.open_ones):
        ws.close(GOING_AWAY, "the server is going down")
        # A client that does not answer the close would hold up the end.
        ws.abort()
    for handler in list(Handler.open_ones):
        if not handler.answering:
            cut(handler)
