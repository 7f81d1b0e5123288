"""Serves the application from one process without gunicorn, for development."""

import signal
import sys

import structlog

from tts.config import load
from tts.web import create_app
from tts.web.connections import Handler
from tts.workers import serve

log = structlog.get_logger()


def main() -> None:
    """Serve until interrupted; the settings are those of the real server."""
    settings = load()
    app = create_app()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    log.info("development server", url=f"http://localhost:{settings.port}")
    try:
        serve(app, settings.host, settings.port, Handler)
    except KeyboardInterrupt:
        pass
    finally:
        app.extensions["tts"].close()
