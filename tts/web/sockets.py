"""WebSockets that keep the limits gevent-websocket 0.10.1 lacks."""

import struct
import threading
import time
from typing import Any, ClassVar
from weakref import WeakSet

from geventwebsocket.exceptions import ProtocolError, WebSocketError
from geventwebsocket.websocket import Header, WebSocket

from tts.web import protocol
from tts.web.origin import cut, hung_up
from tts.web.protocol import Message
from tts.workers import Stalled, stall_guard

NORMAL, GOING_AWAY, _PROTOCOL_ERROR, _NOT_UTF8, POLICY, _TOO_LARGE = 1000, 1001, 1002, 1007, 1008, 1009
BROKEN, TRY_AGAIN_LATER = 1011, 1013

#: Bytes of a reason for closing.
_LONGEST_REASON = 120


class CloseWith(Exception):
    """The connection must be closed with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class BoundedWebSocket(WebSocket):  # type: ignore[misc]  # the package has no types
    """A WebSocket with a limit on messages, a limit on waiting, real close codes and whole frames.

    It serves Socket.IO too. What it mends in its parent: frames of any size were read, every byte of them
    was unmasked and checked in a Python loop, close codes were not sent, frames of two greenlets could mix,
    and a reader that stopped held its greenlet for ever.
    """

    #: Seconds a client may take to read one frame; set when the server starts.
    stall_s = 30.0

    #: All that may still be open.
    open_ones: ClassVar[WeakSet["BoundedWebSocket"]] = WeakSet()

    closed: bool

    def __init__(self, environ: Message, stream: Any, handler: Any) -> None:
        super().__init__(environ, stream, handler)
        self._writing = threading.Lock()
        self.open_ones.add(self)

    def receive(self) -> str | bytes | None:
        """Return the next message, or None when the connection is closed."""
        if self.closed or self.is_alone:
            return None
        # Reading what has come already never waits, and so would let nobody else have their turn.
        time.sleep(0)
        try:
            return self._read_message()
        except CloseWith as reason:
            self.close(reason.code, reason.reason)
        except ProtocolError as error:
            self.close(_PROTOCOL_ERROR, str(error))
        except (WebSocketError, OSError):
            self.close()
        return None

    def _read_message(self) -> str | bytes | None:
        opcode, parts, size = 0, [], 0
        while True:
            header = Header.decode_header(self.stream)
            if not header.mask:
                raise CloseWith(_PROTOCOL_ERROR, "a client's frames must be masked")
            if header.opcode in (self.OPCODE_PING, self.OPCODE_PONG, self.OPCODE_CLOSE):
                if not self._control(header):
                    return None
                continue
            allowed = (self.OPCODE_CONTINUATION,) if opcode else (self.OPCODE_TEXT, self.OPCODE_BINARY)
            if header.flags or header.opcode not in allowed:
                raise CloseWith(_PROTOCOL_ERROR, "unexpected frame")
            size += header.length
            if size > protocol.MAX_MESSAGE_BYTES:
                # The length stands in the header, so nothing of it needs to be read.
                raise CloseWith(_TOO_LARGE, f"a message may have {protocol.MAX_MESSAGE_BYTES} bytes")
            opcode = opcode or header.opcode
            parts.append(self._payload(header))
            if header.fin:
                return self._decode(opcode, b"".join(parts))

    def _decode(self, opcode: int, message: bytes) -> str | bytes:
        if opcode != self.OPCODE_TEXT:
            return message
        try:
            return message.decode()
        except UnicodeDecodeError:
            raise CloseWith(_NOT_UTF8, "text must be UTF-8") from None

    def _payload(self, header: Header) -> bytes:
        data = self.raw_read(header.length) if header.length else b""
        if len(data) != header.length:
            raise WebSocketError("the connection ended inside a frame")
        return _unmask(data, header.mask)

    def _control(self, header: Header) -> bool:
        """Answer a control frame and return whether the connection lives."""
        payload = self._payload(header)
        if header.opcode == self.OPCODE_PING:
            self.send_frame(payload, self.OPCODE_PONG)
        if header.opcode == self.OPCODE_CLOSE:
            self.close(NORMAL)
        return bool(header.opcode != self.OPCODE_CLOSE)

    def send_frame(self, message: str | bytes, opcode: int) -> None:
        """Send one frame whole, or cut the connection when the client does not read it in time."""
        if self.closed:
            raise WebSocketError("the connection is closed")
        data = message.encode() if isinstance(message, str) else bytes(message)
        frame = bytes(Header.encode_header(True, opcode, b"", len(data), 0)) + data
        try:
            with stall_guard(self.stall_s), self._writing:
                self.raw_write(frame)
        except (Stalled, OSError) as error:
            self.abort()
            raise WebSocketError(str(error)) from None

    def close(self, code: int = NORMAL, reason: str | bytes = "") -> None:
        """Close the connection with a code and a reason that the client sees."""
        if self.closed:
            return
        text = reason.encode() if isinstance(reason, str) else bytes(reason)
        # A frame of control has 125 bytes at most, and half a character at their end would break the connection.
        text = text[:_LONGEST_REASON].decode("utf-8", "ignore").encode()
        try:
            self.send_frame(struct.pack("!H", code) + text, self.OPCODE_CLOSE)
        except WebSocketError:
            pass  # The client has gone, which is what closing wants.
        finally:
            self.closed = True

    def abort(self) -> None:
        """Cut the connection without a word: the client does not listen."""
        self.closed = True
        cut(self.handler)

    @property
    def is_alone(self) -> bool:
        """Return whether the client has gone, be there messages of it that nobody has read."""
        return hung_up(getattr(self.handler, "socket", None))


def _unmask(data: bytes, mask: bytes) -> bytes:
    """Return a masked payload in clear: one exclusive or of two large numbers, not a loop over bytes."""
    key = (mask * (len(data) // 4 + 1))[: len(data)]
    return (int.from_bytes(data, "big") ^ int.from_bytes(key, "big")).to_bytes(len(data), "big")
