"""The Socket.IO door."""

import time
from typing import Any

from flask import request
from flask_socketio import SocketIO

from tts.errors import BadRequest, choices
from tts.service import Service
from tts.web.delivery import Gone
from tts.web.protocol import CLIENT_MESSAGES, Message
from tts.web.session import Session

#: Packets that may wait for a client to read them; Socket.IO itself would queue without end.
_MOST_QUEUED = 256
_LOOK_S = 0.02


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
            if connection.queue.qsize() < _MOST_QUEUED:
                return
            if time.monotonic() > give_up_s:
                self.drop()
                raise Gone
            time.sleep(_LOOK_S)

    def _connection(self) -> Any:
        return self._socketio.server.eio.sockets.get(self._eio_sid)


def disconnect_all(socketio: SocketIO) -> None:
    """Tell every client to go, those that poll too."""
    for connection in list(socketio.server.eio.sockets.values()):
        connection.close(wait=False)


def register(socketio: SocketIO, service: Service) -> None:
    """Make the Socket.IO server answer our messages."""
    sessions: dict[str, Session] = {}

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

    @socketio.on("*")
    def on_message(kind: str, *args: Any) -> Message | None:
        return answer(kind, args)

    @socketio.on("disconnect")
    def on_disconnect(*_reason: Any) -> None:
        session = sessions.pop(request.sid, None)  # type: ignore[attr-defined]
        if session is not None:
            session.close()
