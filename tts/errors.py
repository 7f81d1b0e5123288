"""The one family of errors, each with the code and HTTP status that a client sees."""

from collections.abc import Iterable
from difflib import get_close_matches

_LONGEST_NAME = 100


class TtsError(Exception):
    """Anything that goes wrong in a way the client is told about."""

    code = "engine_failed"
    status = 500

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def as_dict(self) -> dict[str, str]:
        """Return the body that every door sends."""
        return {"code": self.code, "message": self.message}


class BadRequest(TtsError):
    """The request cannot be understood; the message names the field and the choices."""

    code = "bad_request"
    status = 400


class TextTooLong(BadRequest):
    """The text has more characters than the door takes."""

    code = "text_too_long"


class BadSsml(BadRequest):
    """The markup is broken; the message says where, and what is allowed there."""

    code = "bad_ssml"


class UnknownVoice(BadRequest):
    """No engine offers the voice asked for."""

    code = "unknown_voice"


class UnknownEmotion(BadRequest):
    """The voice does not know the emotion asked for."""

    code = "unknown_emotion"


class Unauthorized(TtsError):
    """The server asks for a key, and the client gave none or a wrong one."""

    code = "unauthorized"
    status = 401


class NotFound(TtsError):
    """There is no such thing, or no longer."""

    code = "not_found"
    status = 404


class Busy(TtsError):
    """The server or the connection has as much work as it takes."""

    code = "busy"
    status = 503


class TimedOut(TtsError):
    """What was waited for did not come."""

    code = "timed_out"
    status = 408


class Cancelled(TtsError):
    """The client asked for the work to stop."""

    code = "cancelled"
    status = 409


class EngineFailed(TtsError):
    """The engine broke while speaking."""


def choices(names: Iterable[str], wrong: str = "", most: int = 12) -> str:
    """Return the names for a message, those that resemble the wrong one first."""
    known = list(names)
    # A name as long as this resembles nothing, and comparing it would take its time.
    close = get_close_matches(wrong[:_LONGEST_NAME], known, n=3, cutoff=0.5)
    listed = list(dict.fromkeys([*close, *known]))
    more = f", … ({len(listed)} in all)" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more
