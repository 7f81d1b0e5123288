"""The Socket.IO door."""

import time
from typing import Any
from urllib.parse import parse_qs

import structlog
from flask import request
from flask_socketio import ConnectionRefusedError, SocketIO

from tts.errors import BadRequest, Unauthorized, choices
from tts.service import Service
from tts.web.delivery import Gone
from tts.web.keys import Keys
from tts.web.origin import CLIENT_SOCKET, hung_up
from tts.web.protocol import CLIENT_MESSAGES, Message
from tts.web.session import Session

log = structlog.get_logger()

#: Packets that may wait for a client to read them; Socket.IO itself would queue without end.
_MOST_QUEUED = 256
_LOOK_S = 0.02
#: How long a client that polls may have no connection.
_ABSENT_S = 3.0
_PROXIED = "HTTP_X_FORWARDED_FOR"


class _EventChannel:
    """Sends a session's messages as events to one client."""

    def __init__(self, socketio: SocketIO, sid: str, stall_s: float) -> None:
        self._socketio = socketio
        self._sid = sid
        self._stall_s = stall_s
        self._eio_sid = socketio.server.manager.eio_sid_from_sid(sid, "/")

    def send(self, kind: str, body: Message, chunk: bytes | None = None) -> None:
        self._wait_for_room()
        self._socketio.emit(kind, body if chunk is None else {**body, "chunk": chunk}, to=self._sid)

    def drop(self) -> None:
        connection = self._connection()
        if connection is not None:
            # Waiting for the queue to empty, as its disconnect() does, would be waiting for the dead.
            connection.close(wait=False, abort=True)

    def _wait_for_room(self) -> None:
        give_up_s = time.monotonic() + self._stall_s
        while True:
            connection = self._connection()
            if connection is None or connection.closed:
                raise Gone
            if time.monotonic() > give_up_s or _polls_no_more(connection):
                self.drop()
                raise Gone
            if connection.queue.qsize() < _MOST_QUEUED:
                return
            time.sleep(_LOOK_S)

    def _connection(self) -> Any:
        return self._socketio.server.eio.sockets.get(self._eio_sid)


def disconnect_all(socketio: SocketIO) -> None:
    """Tell every client to go, those that poll too."""
    for connection in list(socketio.server.eio.sockets.values()):
        connection.close(wait=False)


def _note_polls(socketio: SocketIO) -> None:
    """Take note of when clients poll, and over which connections; the library itself waits 45 s for one that left."""
    engine = socketio.server.eio
    handle = engine.handle_request

    def noted(environ: Message, start_response: Any) -> Any:
        sid = parse_qs(environ.get("QUERY_STRING", "")).get("sid", [""])[0]
        connection = engine.sockets.get(sid)
        # The connections of a proxy tell nothing about those behind it; what is posted may come over another one.
        polls = connection is not None and _PROXIED not in environ
        polls = polls and (environ["REQUEST_METHOD"] == "GET" or not hasattr(connection, "polls_over"))
        try:
            if polls:
                connection.polls_over = environ.get(CLIENT_SOCKET)
                connection.polled_s = time.monotonic()
            return handle(environ, start_response)
        finally:
            if polls:
                connection.polled_s = time.monotonic()

    engine.handle_request = noted


def _polls_no_more(connection: Any) -> bool:
    """Return whether a client has closed the connection it polled over, and does not come back over another."""
    over = getattr(connection, "polls_over", None)
    return over is not None and time.monotonic() - connection.polled_s > _ABSENT_S and hung_up(over)


def _answer_broken_packets(socketio: SocketIO) -> None:
    """Tell a client that its packet cannot be read; the library would only log it."""
    server, engine = socketio.server, socketio.server.eio
    read = engine.handlers["message"]

    def refuse(eio_sid: str, reason: str) -> None:
        log.info("broken packet", reason=reason[:200])
        # It would swallow the next messages as the attachments that it announced.
        server._binary_packet.pop(eio_sid, None)
        refused = BadRequest("the packet is not one of Socket.IO's, or its JSON is broken")
        sid = server.manager.sid_from_eio_sid(eio_sid, "/")
        if sid:
            socketio.emit("error", {"id": None, **refused.as_dict()}, to=sid)

    def on_packet(eio_sid: str, data: Any) -> None:
        if isinstance(data, str) and eio_sid in server._binary_packet:
            refuse(eio_sid, "text where an attachment was announced")
        try:
            read(eio_sid, data)
        except Exception as error:
            refuse(eio_sid, f"{type(error).__name__}: {error}")

    def disconnect(eio_sid: str | None = None) -> None:
        # The library's own waits until the client has read everything, and so for ever if it does not read.
        for known in [eio_sid] if eio_sid else list(engine.sockets):
            connection = engine.sockets.pop(known, None)
            if connection is not None:
                connection.close(wait=False)

    engine.on("message", on_packet)
    engine.disconnect = disconnect


def register(socketio: SocketIO, service: Service, keys: Keys) -> None:
    """Make the Socket.IO server answer our messages."""
    sessions: dict[str, Session] = {}
    _answer_broken_packets(socketio)
    _note_polls(socketio)

    def session_of(sid: str) -> Session:
        if sid not in sessions:
            sessions[sid] = Session(service, _EventChannel(socketio, sid, service.settings.stall_s))
        return sessions[sid]

    def answer(kind: str, args: tuple[Any, ...]) -> Message | None:
        session = session_of(request.sid)  # type: ignore[attr-defined]  # Flask-SocketIO adds it
        try:
            if kind not in CLIENT_MESSAGES:
                raise BadRequest(f"{kind!r}: no such message; choices: {choices(CLIENT_MESSAGES)}")
            return session.handle(kind, args[0] if len(args) == 1 else list(args))
        except BadRequest as error:
            return session.refuse(error)
        except Gone:
            return None

    @socketio.on("connect")
    def on_connect(auth: Any = None) -> None:
        told = auth.get("key") if isinstance(auth, dict) else None
        try:
            if not (isinstance(told, str) and keys.know(told)):
                keys.check(request.environ)
        except Unauthorized as error:
            raise ConnectionRefusedError(error.message, error.as_dict()) from None

    @socketio.on("*")
    def on_message(kind: str, *args: Any) -> Message | None:
        return answer(kind, args)

    @socketio.on("disconnect")
    def on_disconnect(*_reason: Any) -> None:
        session = sessions.pop(request.sid, None)  # type: ignore[attr-defined]
        if session is not None:
            session.close()
