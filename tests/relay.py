"""A relay between client and server on which connections break in the ways that networks break them."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socketserver import BaseRequestHandler, ThreadingTCPServer


class Relay(ThreadingTCPServer):
    """Passes bytes on to a server; each connection is served as the next of `troubles` says, then all pass.

    `drop` ends a connection at its first bytes, `mute` never answers, a number ends it after so many bytes.
    """

    daemon_threads = False

    def __init__(self, port: int, *troubles: str | int) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.target = port
        self.troubles = iter(troubles)
        self.near: list[socket.socket] = []
        self.heard = b""
        self.place = f"127.0.0.1:{self.server_address[1]}"

    @property
    def connections(self) -> int:
        """Return how many connections were made."""
        return len(self.near)


class _Connection(BaseRequestHandler):
    server: Relay

    def handle(self) -> None:
        """Serve one connection."""
        near: socket.socket = self.request
        self.server.near.append(near)
        trouble = next(self.server.troubles, None)
        with suppress(OSError):
            first = near.recv(65536)
            self.server.heard += first
            if trouble == "mute":
                while near.recv(65536):
                    pass
            elif first and trouble != "drop":
                self._relay(near, first, trouble if isinstance(trouble, int) else None)

    def _relay(self, near: socket.socket, first: bytes, most: int | None) -> None:
        with socket.create_connection(("127.0.0.1", self.server.target)) as far:
            far.sendall(first)
            there = threading.Thread(target=_copy, args=(near, far, None))
            there.start()
            _copy(far, near, most)
            there.join()


def _copy(source: socket.socket, target: socket.socket, most: int | None) -> None:
    """Copy bytes until one side leaves or there were enough, and then part the two."""
    copied = 0
    with suppress(OSError):
        while (most is None or copied < most) and (data := source.recv(1024 if most else 65536)):
            target.sendall(data)
            copied += len(data)
    _end(source)
    _end(target)


def _end(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)


@contextmanager
def relay(port: int, *troubles: str | int) -> Iterator[Relay]:
    """Run a relay to the server on a port until the block ends."""
    with Relay(port, *troubles) as made:
        thread = threading.Thread(target=made.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield made
        finally:
            made.shutdown()
            thread.join()
            for near in made.near:
                _end(near)
