"""Sets up structured logs: one line an event, with the utterance it belongs to."""

import logging
import sys

import structlog

from tts.config import Settings


class Lines:
    """Writes each event to standard error as a whole line, from greenlets and native threads alike.

    The loggers of structlog take a lock, and the server's would be one of greenlets, on which native threads hang. No
    lock is needed here: the file takes a native one for each write, and keeps no whole line back.
    """

    def msg(self, line: str) -> None:
        """Write a line."""
        sys.stderr.write(line + "\n")

    debug = info = warning = error = critical = msg


def configure(settings: Settings) -> None:
    """Write events of the chosen level and above to standard error, as text or as JSON."""
    last: structlog.typing.Processor
    if settings.log_format == "json":
        last = structlog.processors.JSONRenderer(ensure_ascii=False)
    else:
        last = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[settings.log_level.upper()]),
        logger_factory=Lines,
        cache_logger_on_first_use=False,
    )
