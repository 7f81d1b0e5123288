"""The client: bounded in what it does at once, patient with a server that is busy or away for a while."""

import asyncio
import io
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Mapping
from contextlib import aclosing, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self, TypeVar

from tts.client.door import Door, Told
from tts.client.failures import Patience, ServerRefused, Trial
from tts.client.files import Saved, finish_wav, plain_seconds, whole_file
from tts.client.http import HttpDoor
from tts.client.socket import SocketDoor
from tts.errors import TtsError

T = TypeVar("T")


class AsyncClient:
    """Talks to one Shengliu server; use it as an asynchronous context manager, from one event loop.

    With an `http` URL sound comes over HTTP, with a `ws` URL over WebSockets. Connections are kept and shared; at
    most `connections` utterances are made at once, further calls wait. `timeout_s` bounds every single wait: for
    the connection, for the first chunk, and for each one after it. What fails before the first chunk is tried
    again, `retries` times, after pauses that double, with jitter; a server that is busy, or was there before and is
    away, is waited for up to `patience_s`, which uses up no retries. `api_key` is sent as a bearer token.

    Raises `ServerRefused`, `Unreachable`, `TimedOut` or `BrokeOff`, each a `TtsError` with a `code`.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:7860",
        connections: int = 10,
        timeout_s: float = 30,
        retries: int = 3,
        patience_s: float = 60,
        api_key: str | None = None,
    ) -> None:
        scheme, _, place = url.rstrip("/").partition("://")
        if scheme not in ("http", "https", "ws", "wss") or not place:
            raise ValueError(f"url: must begin with http://, https://, ws:// or wss://, not {url!r}")
        secure = "s" if scheme in ("https", "wss") else ""
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._http = HttpDoor(f"http{secure}://{place}", headers, connections, timeout_s)
        self._socket = SocketDoor(f"ws{secure}://{place}/ws", headers, timeout_s)
        self._door: Door = self._socket if scheme.startswith("ws") else self._http
        self._patience = Patience(retries, patience_s)
        self._places = asyncio.Semaphore(connections)
        self._met = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections."""
        await self._socket.close()
        await self._http.close()

    async def voices(self) -> list[dict[str, Any]]:
        """Return the server's voices, as `GET /api/voices` lists them."""
        voices: list[dict[str, Any]] = (await self._ask("GET", "/api/voices"))["voices"]
        return voices

    async def read(self, text: str | None, **fields: Any) -> dict[str, Any]:
        """Return how a text will be read, as `POST /api/read` tells it; the request is checked as for speech."""
        told: dict[str, Any] = await self._ask("POST", "/api/read", {"text": text, **fields})
        return told

    def stream(self, text: str | None, **fields: Any) -> AsyncGenerator[bytes, None]:
        """Yield the sound of a text while it is made; `fields` are those of the protocol's request.

        The text is None where `fields` have `ssml` instead. Without a `format` it is a WAV whose sizes say that the
        length is not known yet. Closing the generator (`contextlib.aclosing`) stops the server's work. Only what
        fails before the first chunk is tried again: what has been heard cannot be taken back.
        """
        return self._chunks(lambda: self._door.utter(_request(text, fields), Told()))

    def stream_pieces(self, pieces: AsyncIterable[str], **fields: Any) -> AsyncGenerator[bytes, None]:
        """Yield the sound of a text that is still being written, as one utterance; it always comes over WebSockets.

        Otherwise like `stream`, but tried again only until the server has accepted the utterance: what has been taken
        from `pieces` cannot be had again. What they raise is raised here.
        """
        return self._chunks(lambda: self._socket.utter({**_request(None, fields), "more": True}, Told(), pieces))

    async def _chunks(self, utter: Callable[[], AsyncGenerator[bytes, None]]) -> AsyncGenerator[bytes, None]:
        async with self._places:
            first, rest = await self._patiently(lambda: _begun(utter()))
            async with aclosing(rest):
                if first:
                    yield first
                async for chunk in rest:
                    if chunk:
                        yield chunk

    async def speak(self, text: str | None, **fields: Any) -> bytes:
        """Return the whole sound of a text, a WAV with true sizes unless `format` says otherwise.

        Nobody has heard any of it, so it is tried again as a whole, even when it broke off in the middle.
        """
        async with self._places:
            return await self._patiently(lambda: self._speak(_request(text, fields)))

    async def save(self, text: str | None, path: Path | str, **fields: Any) -> Saved:
        """Write the sound of a text to disk while it is made; the file gets its name once it is whole.

        Like `speak` it is tried again as a whole. Raises `OSError` when the file cannot be written.
        """
        async with self._places:
            return await self._patiently(lambda: self._save(_request(text, fields), Path(path)))

    async def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        async with self._places:
            return await self._patiently(lambda: self._http.ask(method, path, body))

    async def _patiently(self, once: Callable[[], Awaitable[T]]) -> T:
        trial = Trial(self._patience)
        while True:
            try:
                result = await once()
            except TtsError as error:
                self._met = self._met or isinstance(error, ServerRefused)
                await trial.pause_after(error, self._met)
            else:
                self._met = True
                return result

    async def _speak(self, request: Mapping[str, Any]) -> bytes:
        file = io.BytesIO()
        await self._write(request, file, Told())
        return file.getvalue()

    async def _save(self, request: Mapping[str, Any], path: Path) -> Saved:
        told = Told()
        with whole_file(path) as file:
            await self._write(request, file, told)
            size = file.tell()
        if told.audio_s is None:
            told.audio_s = plain_seconds(size, request.get("format", "wav"), told.sample_rate_hz)
            # The file is whole, whatever becomes of this question.
            with suppress(TtsError):
                await self._http.learn_more(told)
        return Saved(path, size, told.audio_s, told.warnings)

    async def _write(self, request: Mapping[str, Any], file: BinaryIO, told: Told) -> None:
        async with aclosing(self._door.utter(request, told)) as sound:
            async for chunk in sound:
                file.write(chunk)
        if request.get("format", "wav") == "wav":
            finish_wav(file)


async def _begun(sound: AsyncGenerator[bytes, None]) -> tuple[bytes, AsyncGenerator[bytes, None]]:
    """Return the first chunk of some sound, and what yields the others."""
    return await anext(sound, b""), sound


def _request(text: str | None, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is sent; what is None is left out, as the protocol takes it."""
    return {name: value for name, value in {"text": text, **fields}.items() if value is not None}
