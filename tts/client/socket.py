"""The WebSocket door: connections that are kept, each speaking one utterance at a time."""

import asyncio
import json
import secrets
from collections.abc import AsyncGenerator, AsyncIterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.protocol import State

from tts.client.door import Told
from tts.client.failures import BrokeOff, ServerRefused, TimedOut, Unreachable, status_of
from tts.client.feed import Feed
from tts.client.http import refusal

#: Codes of closing that are answers: the server does not want this client, or not now.
_CLOSE_CODES: Final = {1008: "unauthorized", 1013: "busy"}

#: Nobody waits for a server's farewell.
_CLOSE_S: Final = 1.0


class SocketDoor:
    """Connections to `/ws`; the client's bound on what it does at once bounds them too."""

    def __init__(self, url: str, headers: Mapping[str, str], timeout_s: float) -> None:
        self._url = url
        self._headers = headers
        self._timeout_s = timeout_s
        self._idle: list[ClientConnection] = []

    async def close(self) -> None:
        """Close all connections that speak nothing."""
        while self._idle:
            await self._idle.pop().close()

    async def utter(
        self, request: Mapping[str, Any], told: Told, pieces: AsyncIterable[str] | None = None
    ) -> AsyncGenerator[bytes, None]:
        """Yield the sound of a request while it is made.

        With `pieces` the text of the request goes on with them; then no bytes are yielded, too, whenever the server has
        taken something: the request at first.
        """
        connection = await self._connection()
        body = {"id": secrets.token_hex(6), "format": "wav", **request}
        feed = Feed(connection, body["id"], pieces) if pieces is not None else None
        ended = False
        try:
            with _failures(feed):
                await connection.send(json.dumps({"type": "synthesize", **body}))
                while not ended:
                    message = await self._message(connection, feed)
                    if isinstance(message, bytes):
                        yield message
                    elif feed and feed.hear(message):
                        yield b""
                    else:
                        ended = _hear(message, body["id"], told)
        except ServerRefused:
            ended = True
            raise
        finally:
            # What was left in the middle would go on speaking into the next utterance.
            if ended and not (feed and feed.writing):
                self._idle.append(connection)
            else:
                await connection.close()
            if feed:
                await feed.stop()

    async def _message(self, connection: ClientConnection, feed: Feed | None) -> bytes | dict[str, Any]:
        """Return the next message; while text is written, silence is no fault."""
        async with asyncio.timeout(None if feed and feed.writing else self._timeout_s):
            message = await connection.recv()
        told: bytes | dict[str, Any] = message if isinstance(message, bytes) else json.loads(message)
        return told

    async def _connection(self) -> ClientConnection:
        """Return a connection that was kept and still lives, or a new one."""
        while self._idle:
            if (kept := self._idle.pop()).state is State.OPEN:
                return kept
        try:
            return await connect(
                self._url,
                additional_headers=self._headers,
                compression=None,  # sound gains nothing from it
                open_timeout=self._timeout_s,
                close_timeout=_CLOSE_S,
            )
        except InvalidStatus as error:
            answer = error.response
            text = (answer.body or b"").decode(errors="replace")
            raise refusal(answer.status_code, text, answer.headers.get("Retry-After", "")) from error
        except (OSError, InvalidHandshake) as error:
            raise Unreachable(f"no server answers: {error}") from error


def _hear(message: dict[str, Any], utterance_id: str, told: Told) -> bool:
    """Take note of a message, and return whether the utterance has ended; raise the error it tells."""
    kind = message.get("type")
    # A message that could not be understood at all is refused without an id.
    if kind == "error" and message.get("id") in (utterance_id, None):
        raise ServerRefused(status_of(message["code"]), message["code"], message["message"])
    if message.get("id") != utterance_id:
        return False
    if kind == "started":
        told.sample_rate_hz = message["sample_rate"]
    elif kind == "warning":
        told.warnings += ({"code": message["code"], "message": message["message"]},)
    elif kind == "done":
        told.audio_s = message["audio_ms"] / 1000
        told.wav_url = message["wav_url"]
        if message["status"] != "completed":
            raise BrokeOff("the server stopped speaking")
        return True
    return False


@contextmanager
def _failures(feed: Feed | None) -> Iterator[None]:
    try:
        yield
    except ConnectionClosed as error:
        if feed and feed.error:
            raise feed.error from None
        close = error.rcvd
        if close is not None and close.code in _CLOSE_CODES:
            code = _CLOSE_CODES[close.code]
            raise ServerRefused(status_of(code), code, close.reason) from error
        raise BrokeOff(f"the connection broke off: {error}") from error
    except TimeoutError as error:
        raise TimedOut("the server took too long") from error
