"""The HTTP door, and the questions that are asked over HTTP alone."""

import json
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import httpx

from tts.client.door import Told
from tts.client.failures import BrokeOff, ServerRefused, TimedOut, Unreachable

#: Bytes before the sound in the server's recordings, which are 16-bit mono WAVs.
_WAV_HEADER: Final = 44


class HttpDoor:
    """Connections that are kept and shared, at most `connections` at once."""

    def __init__(self, url: str, headers: Mapping[str, str], connections: int, timeout_s: float) -> None:
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
        # A call that finds every connection in use waits for one as long as it takes: that is no fault.
        timeout = httpx.Timeout(timeout_s, pool=None)
        self._http = httpx.AsyncClient(base_url=url, headers=headers, limits=limits, timeout=timeout)

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Return the answer to a question, which is JSON."""
        with _failures():
            answer = await self._http.request(method, path, json=body)
            await _check(answer)
        try:
            return answer.json()
        except ValueError as error:
            raise ServerRefused(answer.status_code, "not_found", f"{answer.url} is no Shengliu server's") from error

    async def utter(self, request: Mapping[str, Any], told: Told) -> AsyncGenerator[bytes, None]:
        """Yield the sound of a request while it is made."""
        with _failures():
            async with self._http.stream("POST", "/api/synthesize", json=dict(request)) as answer:
                await _check(answer)
                told.sample_rate_hz = int(answer.headers.get("X-Sample-Rate", 0)) or None
                told.wav_url = answer.headers.get("X-Wav-Url")
                told.warnings = _warnings(answer)
                async for chunk in answer.aiter_bytes():
                    yield chunk

    async def learn_more(self, told: Told) -> None:
        """Fill in what the server can tell only once the sound is made, if it still has the recording."""
        if told.wav_url is None or told.sample_rate_hz is None:
            return
        with _failures():
            answer = await self._http.head(told.wav_url)
        if answer.is_success:
            samples = (int(answer.headers["Content-Length"]) - _WAV_HEADER) // 2
            told.audio_s = samples / told.sample_rate_hz
            told.warnings = _warnings(answer)


def _warnings(answer: httpx.Response) -> tuple[Mapping[str, str], ...]:
    return tuple(json.loads(answer.headers.get("X-Warnings", "[]")))


@contextmanager
def _failures() -> Iterator[None]:
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise Unreachable(f"no server answers: {error!s:.200}") from error
    except httpx.TimeoutException as error:
        raise TimedOut("the server took too long") from error
    except httpx.RequestError as error:
        raise BrokeOff(f"the connection broke off: {error!s:.200}") from error


async def _check(answer: httpx.Response) -> None:
    if answer.is_success:
        return
    await answer.aread()
    raise refusal(answer.status_code, answer.text, answer.headers.get("Retry-After", ""))


def refusal(status: int, text: str, retry_after: str) -> ServerRefused:
    """Return the error in an answer; one that is not the server's own comes from something between."""
    try:
        body = json.loads(text)
        code, message = str(body["code"]), str(body["message"])
    except (ValueError, KeyError, TypeError):
        code = "engine_failed" if status >= 500 else "bad_request"
        message = f"HTTP status {status}: {text[:200]}"
    # The header may also hold a date, which our server never sends.
    return ServerRefused(status, code, message, float(retry_after) if retry_after.isdecimal() else 0.0)
