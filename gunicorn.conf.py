"""How gunicorn serves the application: one worker of greenlets, whose port opens when the voice is warm."""

import errno
import socket
import sys
import time
from typing import Any

from gunicorn.arbiter import Arbiter
from gunicorn.sock import TCP6Socket, TCPSocket

from tts.config import load
from tts.errors import TtsError

try:
    settings = load()
except ValueError as error:
    sys.exit(f"Shengliu: {error}")

wsgi_app = "app:create_app()"
bind = f"[{settings.host}]:{settings.port}" if ":" in settings.host else f"{settings.host}:{settings.port}"
worker_class = "geventwebsocket.gunicorn.workers.GeventWebSocketWorker"
# Socket.IO's sessions live in one process, and so do the voices; native threads use the cores.
workers = 1
worker_connections = 4000
# Starting loads voices; after that the worker reports every second.
timeout = 120
graceful_timeout = 30
loglevel = "warning"
control_socket_disable = True


#: How soon the end of the worker's service is noticed.
_LOOK_S = 0.2


class _Quiet:
    """A listener that is bound at once, so that a taken port is noticed, but listens when told."""

    @staticmethod
    def _is_listening(sock: socket.socket) -> bool:
        return True


class _Listener4(_Quiet, TCPSocket):  # type: ignore[misc]  # gunicorn has no types
    pass


class _Listener6(_Quiet, TCP6Socket):  # type: ignore[misc]  # gunicorn has no types
    pass


def on_starting(server: Any) -> None:
    """Bind the port without listening: clients are refused until the voice is warm."""
    (address,) = server.cfg.address
    kind = _Listener6 if ":" in address[0] else _Listener4
    try:
        server.LISTENERS = [kind(address, server.cfg, server.log)]
    except OSError as error:
        sys.exit(_cannot_open(error))


def post_fork(server: Any, worker: Any) -> None:
    """Have the worker say in one sentence what is wrong with a setting, where it would show a traceback."""
    load_wsgi = worker.load_wsgi

    def load_or_say() -> None:
        try:
            load_wsgi()
        except (ValueError, TtsError) as error:
            sys.stderr.write(f"Shengliu: {error}\n")
            sys.exit(Arbiter.WORKER_BOOT_ERROR)

    worker.load_wsgi = load_or_say


def post_worker_init(worker: Any) -> None:
    """Open the port: the application is loaded and its default voice has spoken."""
    try:
        for listener in worker.sockets:
            listener.listen(worker.cfg.backlog)
    except OSError as error:
        sys.stderr.write(_cannot_open(error) + "\n")
        sys.exit(Arbiter.WORKER_BOOT_ERROR)
    # Imported in the worker: the master must load nothing of the application.
    from tts.workers import spawn

    spawn(_drain_at_the_end, worker)
    shown = "localhost" if settings.host in ("0.0.0.0", "::") else settings.host
    sys.stdout.write(f"Shengliu speaks on http://{shown}:{settings.port}\n")
    sys.stdout.flush()


def _drain_at_the_end(worker: Any) -> None:
    from tts.web import drain

    while worker.alive:
        time.sleep(_LOOK_S)
    drain(worker.wsgi)


def worker_exit(server: Any, worker: Any) -> None:
    """Free what the service holds, its folder of recordings above all."""
    app = getattr(worker, "wsgi", None)
    if app is not None:
        app.extensions["tts"].close()


def _cannot_open(error: OSError) -> str:
    taken = error.errno == errno.EADDRINUSE
    why = "is taken by another program" if taken else f"of {settings.host} cannot be used ({error.strerror})"
    return f"Shengliu: port {settings.port} {why}. Choose another with TTS_PORT, for example TTS_PORT=7861"
