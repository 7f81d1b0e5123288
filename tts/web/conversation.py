"""Has a conversation over a WebSocket to its end: the reason that closes it, or the error that broke it off."""

from collections.abc import Callable

import structlog

from tts.errors import TtsError
from tts.web.delivery import Gone
from tts.web.protocol import Message
from tts.web.sockets import BROKEN, NORMAL, POLICY, TRY_AGAIN_LATER
from tts.web.talk import Talk
from tts.web.trouble import broken

log = structlog.get_logger()

_CODES = {"busy": TRY_AGAIN_LATER, "engine_failed": BROKEN}
#: What VibeVoice's clients know.
_REASONS = {"busy": "Service busy"}


class Failed(TtsError):
    """An utterance ended with an error, whose body the client is to be told."""

    def __init__(self, body: Message) -> None:
        super().__init__(body["message"])
        self.code = body["code"]


def converse(talk: Talk, conversation: Callable[[], str], tell: Callable[[TtsError], None]) -> None:
    """Have a conversation and close the connection with the reason it returns, or as an error demands.

    `tell` has the error before the connection is closed.
    """
    try:
        try:
            code, reason = NORMAL, conversation()
        except Gone:
            raise
        except Exception as error:
            if not isinstance(error, TtsError):
                log.exception("conversation failed")
            known = broken(error)
            talk.stop()
            tell(known)
            code, reason = _CODES.get(known.code, POLICY), _REASONS.get(known.code, known.message)
    except Gone:
        talk.stop()
        # What the client said last may still wait for room; who reads it would wait for ever.
        code, reason = NORMAL, ""
    talk.close(code, reason)
