"""What goes wrong between client and server, and how long the client bears with it."""

import asyncio
import random
import time
from dataclasses import dataclass
from typing import Final

from tts.errors import TtsError

#: Answers that ask the client to wait; proxies give the others while the server behind them is away.
_LATER: Final = frozenset({429, 502, 503, 504})

#: Comes with a status of those, but says that another server will not, however long one waits.
_FINAL: Final = "engine_refused"

_FIRST_PAUSE_S: Final = 0.25
_LONGEST_PAUSE_S: Final = 5.0


class ServerRefused(TtsError):
    """The server answered with an error; `code`, `status` and `message` are its own."""

    def __init__(self, status: int, code: str, message: str, retry_after_s: float = 0.0) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.retry_after_s = retry_after_s


class Unreachable(TtsError):
    """No connection could be made."""

    code = "unreachable"


class BrokeOff(TtsError):
    """The connection ended before the sound did."""

    code = "broke_off"


class TimedOut(TtsError):
    """The server took too long."""

    code = "timed_out"


def status_of(code: str) -> int:
    """Return the HTTP status that belongs to a code of the protocol, for doors that send the code alone."""
    kinds = [TtsError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    known = {kind.code: kind.status for kind in kinds}
    return {"rate_limited": 429, "unauthorized": 401, **known}.get(code, TtsError.status)


@dataclass(frozen=True, slots=True)
class Patience:
    """How often, and for how long, a client tries again."""

    retries: int
    """Further attempts after one that failed in a way that may pass."""
    wait_s: float
    """How long a server that is busy, or was there before and is away, is waited for; that uses up no retries."""


class Trial:
    """The attempts at one thing."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._retries = patience.retries
        self._pauses = 0
        self._waiting_since_s: float | None = None

    async def pause_after(self, error: TtsError, met: bool) -> None:
        """Wait before the next attempt, or raise the error when there is to be none.

        `met` says whether the server has ever answered: a wrong address is not waited for.
        """
        pause_s = self._backoff_s()
        if isinstance(error, ServerRefused):
            pause_s = max(pause_s, error.retry_after_s)
        if error.code == _FINAL:
            raise error
        if error.status in _LATER or (met and isinstance(error, Unreachable)):
            now_s = time.monotonic()
            self._waiting_since_s = self._waiting_since_s or now_s
            if now_s + pause_s > self._waiting_since_s + self._patience.wait_s:
                raise error
        elif self._retries and error.status >= 500:
            self._waiting_since_s = None
            self._retries -= 1
        else:
            raise error
        await asyncio.sleep(pause_s)

    def _backoff_s(self) -> float:
        """Return a pause that doubles each time; the jitter keeps clients from coming back all at once."""
        longest_s = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2**self._pauses)
        self._pauses += 1
        return random.uniform(longest_s / 2, longest_s)  # noqa: S311  # no secret depends on it
