"""Keys that clients must give, where the settings ask for them: the same ones on every door."""

import base64
import hmac
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs

from flask import Flask, Response, request
from werkzeug.http import parse_cookie

from tts.errors import Unauthorized

#: Holds what a browser sends after it has given a key: what only somebody who has the key can compute.
COOKIE = "shengliu_key"
_COOKIE_S = 30 * 86_400

#: The page, for which the browser asks its user.
PAGE = "routes.page"

#: What tells nothing: whether the server lives, and the files of the page.
OPEN = ("static", "routes.healthz", "routes.readyz")

#: How programs may send a key, as documents say it.
SCHEMES: Mapping[str, dict[str, str]] = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "header": {"type": "apiKey", "in": "header", "name": "xi-api-key"},
    "query": {"type": "apiKey", "in": "query", "name": "authorization"},
}


class Keys:
    """The keys, any of which opens every door; without any, everything is open."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        self._keys = [key.encode() for key in keys]
        self._cookies = [hmac.digest(key, COOKIE.encode(), "sha256").hex().encode() for key in self._keys]

    def check(self, environ: Mapping[str, Any]) -> None:
        """Raise `Unauthorized` when a request brings no key, or a wrong one."""
        if not (self.know(*_given(environ)) or _among(self._cookies, [_cookie(environ)])):
            raise Unauthorized("the key is missing or wrong: send it as `Authorization: Bearer <key>`")

    def know(self, *given: str) -> bool:
        """Return whether one of these is a key, or none is needed; the time it takes tells nothing about the keys."""
        return not self._keys or _among(self._keys, given)

    def cookie(self, environ: Mapping[str, Any]) -> str | None:
        """Return the header that has a browser remember the key it has just given, if it has."""
        for key, cookie in zip(self._keys, self._cookies, strict=True):
            if _among([key], _given(environ)):
                secure = "; Secure" if environ.get("wsgi.url_scheme") == "https" else ""
                marks = f"Path=/; Max-Age={_COOKIE_S}; HttpOnly; SameSite=Strict{secure}"
                return f"{COOKIE}={cookie.decode()}; {marks}"
        return None


def _among(known: Iterable[bytes], given: Iterable[str]) -> bool:
    """Return whether one of the given is known; every pair is compared, whatever the others gave."""
    sent = [other.encode("utf-8", "replace") for other in given]
    return sum(hmac.compare_digest(one, other) for one in known for other in sent) > 0


def _given(environ: Mapping[str, Any]) -> Iterator[str]:
    """Yield what may be a key, from a header, the browser's dialogue, ElevenLabs' header or a query."""
    scheme, _, sent = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() == "bearer":
        yield _utf8(sent.strip())
    elif scheme.lower() == "basic":
        with suppress(ValueError):
            yield base64.b64decode(sent).decode().partition(":")[2]
    yield _utf8(environ.get("HTTP_XI_API_KEY", ""))
    for value in parse_qs(environ.get("QUERY_STRING", "")).get("authorization", []):
        yield value.removeprefix("Bearer ")


def _utf8(header: str) -> str:
    """Return a header as it was sent; WSGI takes every header for Latin-1."""
    return header.encode("latin-1").decode("utf-8", "replace")


def _cookie(environ: Mapping[str, Any]) -> str:
    return parse_cookie(environ.get("HTTP_COOKIE", "")).get(COOKIE, "")


def guard(app: Flask, keys: Keys) -> None:
    """Have every request of HTTP ask for a key; a WebSocket is refused by its own door, which can say why."""

    @app.before_request
    def check() -> None:
        socket = request.url_rule is not None and request.url_rule.websocket
        if request.method != "OPTIONS" and request.endpoint not in OPEN and not socket:
            keys.check(request.environ)

    @app.after_request
    def remember(response: Response) -> Response:
        cookie = keys.cookie(request.environ) if request.endpoint == PAGE else None
        if cookie:
            response.headers.add("Set-Cookie", cookie)
        return response
