"""An asyncio client for programs: speech over HTTP, chunk by chunk, as the server makes it."""

from collections.abc import AsyncGenerator
from types import TracebackType
from typing import Any, Self

import httpx

from tts.errors import TtsError


class ServerRefused(TtsError):
    """The server answered with an error; `code`, `status` and `message` are its own."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class AsyncClient:
    """Talks to one Shengliu server; use it as an asynchronous context manager, from one event loop.

    Connections are kept and shared, at most `connections` at once. `timeout_s` bounds every single wait: for
    the connection, for the first chunk, and for each one after it.
    """

    def __init__(self, url: str = "http://127.0.0.1:7860", connections: int = 10, timeout_s: float = 30) -> None:
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
        # A call that finds every connection in use waits for one as long as it takes: that is no fault.
        timeout = httpx.Timeout(timeout_s, pool=None)
        self._http = httpx.AsyncClient(base_url=url, limits=limits, timeout=timeout)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def voices(self) -> list[dict[str, Any]]:
        """Return the server's voices, as `GET /api/voices` lists them."""
        answer = await self._http.get("/api/voices")
        await _check(answer)
        voices: list[dict[str, Any]] = answer.json()["voices"]
        return voices

    async def stream(self, text: str | None, **fields: Any) -> AsyncGenerator[bytes, None]:
        """Yield the sound of a text while it is made; `fields` are those of the protocol's request.

        The text is None where `fields` have `ssml` instead.

        Closing the generator (`contextlib.aclosing`) stops the server's work. Raises `ServerRefused` before
        the first chunk, and `httpx.TransportError` when the server cannot be reached or breaks off.
        """
        async with self._http.stream("POST", "/api/synthesize", json={"text": text, **fields}) as answer:
            await _check(answer)
            async for chunk in answer.aiter_bytes():
                yield chunk

    async def speak(self, text: str | None, **fields: Any) -> bytes:
        """Return the whole sound of a text, a WAV unless `format` says otherwise, with true sizes."""
        answer = await self._http.post("/api/synthesize", json={"text": text, **fields, "stream": False})
        await _check(answer)
        return answer.content


async def _check(answer: httpx.Response) -> None:
    if answer.is_success:
        return
    await answer.aread()
    try:
        body = answer.json()
        code, message = str(body["code"]), str(body["message"])
    except (ValueError, KeyError, TypeError):
        code, message = "engine_failed", answer.text[:200]
    raise ServerRefused(answer.status_code, code, message)
