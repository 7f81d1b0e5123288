"""Calls another server over HTTP: its answer as it comes, or what is wrong with it."""

import json
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from tts.engines.elsewhere.errors import Overloaded, Refused, TooSlow, Unreachable
from tts.errors import EngineFailed

#: How much of another server's own words is passed on.
_MOST_TOLD = 200
_BUSY = (429, 503)


class Server:
    """Another server's HTTP side. Every call has a connection of its own, so that any thread may make it."""

    def __init__(self, name: str, url: str, key: str, timeout_s: float) -> None:
        if not url.startswith(("http://", "https://")):
            raise ValueError(f"TTS_{name.upper()}_URL must be an address such as http://localhost:8080, not {url!r}")
        self.name, self.url, self.timeout_s = name, url.rstrip("/"), timeout_s
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}

    def get(self, path: str) -> Any:
        """Return the JSON that a path gives, or None when there is no such path; raise `EngineFailed`."""
        with self._told(), self._client() as client:
            answer = client.get(path, headers={"Accept": "application/json"})
            if answer.status_code == httpx.codes.NOT_FOUND:
                return None
            _check(answer, self.name)
        try:
            return answer.json()
        except ValueError:
            raise Refused(f"{self.name}: {self.url}{path} gives no JSON") from None

    def post(self, path: str, body: Mapping[str, Any]) -> Generator[bytes]:
        """Yield the body of an answer as it comes; closing the generator hangs up. Raises `EngineFailed`."""
        with self._told(), self._client() as client, client.stream("POST", path, json=body) as answer:
            if not answer.is_success:
                answer.read()
            _check(answer, self.name)
            yield from answer.iter_bytes()

    def _client(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, headers=self._headers, timeout=self.timeout_s)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Give httpx's errors their names here."""
        try:
            yield
        except EngineFailed:
            raise
        except httpx.ConnectTimeout as error:
            raise Unreachable(f"{self.name}: no connection to {self.url} within {self.timeout_s:g} s") from error
        except httpx.TimeoutException as error:
            raise TooSlow(f"{self.name}: {self.url} says nothing for {self.timeout_s:g} s") from error
        except httpx.HTTPError as error:
            raise Unreachable(f"{self.name}: {self.url} cannot be reached or broke off: {error}") from error


def _check(answer: httpx.Response, name: str) -> None:
    if answer.is_success:
        return
    told = f"{name} answers {answer.status_code}: {_words(answer)}"
    raise (Overloaded if answer.status_code in _BUSY else Refused)(told)


def _words(answer: httpx.Response) -> str:
    """Return the message of an error, wherever the other server puts it."""
    try:
        body: Any = answer.json()
    except ValueError:
        return answer.text[:_MOST_TOLD]
    if isinstance(body, dict):
        body = body["error"] if isinstance(body.get("error"), dict) else body
        body = next((body[key] for key in ("message", "detail", "error") if body.get(key)), body)
    return (body if isinstance(body, str) else json.dumps(body, ensure_ascii=False))[:_MOST_TOLD]
