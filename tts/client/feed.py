"""Hands the server a text that keeps arriving, piece by piece, as fast as it takes them."""

import asyncio
import json
from collections.abc import AsyncIterable, Mapping
from contextlib import suppress
from typing import Any, Final

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from tts.client.failures import ServerRefused, status_of

#: Characters that are sent at once; a server takes 500 unless its operator says otherwise.
_MOST: Final = 100

#: How long a piece waits that the server had no room for.
_ROOM_S: Final = 0.25


class Feed:
    """The text of one utterance; none of it is asked for before the server has accepted the utterance."""

    def __init__(self, connection: ClientConnection, utterance_id: str, pieces: AsyncIterable[str]) -> None:
        self.error: Exception | None = None
        """What went wrong; the connection is closed then."""
        self._connection = connection
        self._id = utterance_id
        self._pieces = pieces
        self._answers: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue(1)
        self._writing: asyncio.Task[None] | None = None

    @property
    def writing(self) -> bool:
        """Whether there may be more text."""
        return self._writing is not None and not self._writing.done()

    def hear(self, message: Mapping[str, Any]) -> bool:
        """Take note of a message if it answers what was sent of the text, and return whether it does."""
        if message["type"] == "error":
            return "id" in message and message["id"] is None  # the acknowledgement that follows says the same
        if message["type"] != "ack":
            return False
        if message["of"] != "synthesize":
            self._answers.put_nowait(message)
        elif message.get("id") == self._id:
            self._writing = asyncio.create_task(self._write())
        return True

    async def stop(self) -> None:
        """Ask for no more text."""
        if self._writing:
            self._writing.cancel()
            with suppress(asyncio.CancelledError):
                await self._writing

    async def _write(self) -> None:
        try:
            async for piece in self._pieces:
                for start in range(0, len(piece), _MOST):
                    await self._send("append", text=piece[start : start + _MOST])
            await self._send("finish")
        except ConnectionClosed:
            pass  # who reads the connection hears it too
        except Exception as error:
            self.error = error
            await self._connection.close()

    async def _send(self, kind: str, **fields: Any) -> None:
        while True:
            await self._connection.send(json.dumps({"type": kind, "id": self._id, **fields}))
            answer = await self._answers.get()
            if answer["ok"]:
                return
            if answer["code"] != "busy":
                raise ServerRefused(status_of(answer["code"]), answer["code"], answer["message"])
            await asyncio.sleep(_ROOM_S)
