"""The raw WebSocket door."""

import json

from tts.errors import BadRequest
from tts.service import Service
from tts.web import protocol
from tts.web.delivery import Gone
from tts.web.protocol import Message
from tts.web.session import Session
from tts.web.sockets import BoundedWebSocket


class _SocketChannel:
    """Sends a session's messages as JSON text frames, and sound as binary frames."""

    def __init__(self, ws: BoundedWebSocket) -> None:
        self._ws = ws

    def send(self, kind: str, body: Message, chunk: bytes | None = None) -> None:
        frame: str | bytes = json.dumps({"type": kind, **body}, ensure_ascii=False) if chunk is None else chunk
        try:
            self._ws.send(frame)
        except OSError:
            raise Gone from None

    def drop(self) -> None:
        self._ws.abort()


def serve(ws: BoundedWebSocket, service: Service) -> None:
    """Talk to one client of the raw WebSocket until it leaves."""
    channel = _SocketChannel(ws)
    session = Session(service, channel)
    try:
        while (message := ws.receive()) is not None:
            _answer(message, session, channel)
    except Gone:
        pass
    finally:
        session.close()


def _answer(message: str | bytes, session: Session, channel: _SocketChannel) -> None:
    try:
        if isinstance(message, bytes):
            raise BadRequest("a binary frame has no meaning here; send JSON as text")
        kind, body = protocol.parse_frame(message)
    except BadRequest as error:
        session.refuse(error)
        return
    channel.send("ack", {"of": kind, **session.handle(kind, body)})
