"""What may be wrong with another server, told apart for the client."""

from tts.errors import EngineFailed


class Unreachable(EngineFailed):
    """The other server cannot be connected to, or broke off."""

    code = "engine_unreachable"
    status = 502


class TooSlow(EngineFailed):
    """The other server says nothing for too long."""

    code = "engine_timeout"
    status = 504


class Overloaded(EngineFailed):
    """The other server has as much work as it takes."""

    code = "engine_busy"
    status = 503


class Refused(EngineFailed):
    """The other server does not do what it is asked for, and says so."""

    code = "engine_refused"
    status = 502
