"""The only bridge between greenlets and native threads: blocking work runs here, never in a greenlet."""

from __future__ import annotations

import errno
from _queue import Empty, SimpleQueue  # those of `queue` may be patched
from _thread import LockType
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any, Generic, ParamSpec, TypeVar

import gevent
from gevent import monkey, pywsgi
from gevent.pywsgi import WSGIServer
from gevent.threadpool import ThreadPool

T = TypeVar("T")
P = ParamSpec("P")

_END = object()
#: How long a feed waits for the next item before it says that there is none yet.
_LOOK_S = 0.1


def patch() -> None:
    """Make the standard library cooperative; to be called before anything else is imported."""
    monkey.patch_all()


def native_lock() -> LockType:
    """Return a lock for native threads; a patched one would need a hub in each of them."""
    lock: LockType = monkey.get_original("_thread", "allocate_lock")()
    return lock


def spawn(function: Callable[P, Any], *args: P.args, **kwargs: P.kwargs) -> None:
    """Run a function in a greenlet of its own."""
    gevent.spawn(function, *args, **kwargs)


def serve(application: Callable[..., Any], host: str, port: int, handler: type) -> None:
    """Serve a WSGI application until interrupted, for development."""
    WSGIServer((host, port), application, handler_class=handler).serve_forever()


def read_long_lines(most_bytes: int) -> None:
    """Have gevent's server read requests whose first line has up to so many bytes."""
    pywsgi.MAX_REQUEST_LINE = most_bytes


class Stalled(ConnectionResetError):
    """A client took longer to read than it may."""


@contextmanager
def stall_guard(seconds: float) -> Iterator[None]:
    """Raise `Stalled` in this greenlet when the block takes longer than `seconds`."""
    with gevent.Timeout(seconds, Stalled(errno.ECONNRESET, f"the client read nothing for {seconds:g} s")):
        yield


class _Outcome(Generic[T]):
    """What a function gave or raised; gevent itself would print the traceback of an error in a thread."""

    def __init__(self, function: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self._error: BaseException | None = None
        try:
            self._value = function(*args, **kwargs)
        except BaseException as error:  # it is raised again in the greenlet that waits
            self._error = error

    @property
    def went_well(self) -> bool:
        """Return whether it gave something."""
        return self._error is None

    def result(self) -> T:
        """Return what the function gave, or raise what it raised."""
        if self._error is not None:
            raise self._error
        return self._value


class Workers:
    """A fixed number of native threads, started at once, that take one piece of work after another."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._pool = ThreadPool(threads)
        self._pool.size = threads
        self.jobs = 0
        """Generators that are open."""

    def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return the function's result, computed in a native thread while other greenlets go on.

        A greenlet that is killed meanwhile waits for the thread first, so that nothing it uses is torn
        away under the running function.
        """
        job = self._pool.spawn(_Outcome, function, args, kwargs)
        try:
            outcome: _Outcome[T] = job.get()
        except BaseException:
            job.wait()
            raise
        return outcome.result()

    def iterate(self, generator: Iterator[T]) -> Pulled[T]:
        """Return the generator as an iterator whose every `next()` runs in a native thread."""
        return Pulled(self, generator)

    def close(self) -> None:
        """Let the threads finish what they do and end."""
        self._pool.kill()


class Feed(Generic[T]):
    """What a generator yields in a native thread of its own, up to `size` items ahead; for what waits for others.

    It gives None while nothing comes, so that whoever pulls it can look around. Closing it does not wait: its thread
    closes the generator when the generator's own wait ends.
    """

    def __init__(self, generator: Generator[T], size: int) -> None:
        self._items: SimpleQueue[_Outcome[T]] = SimpleQueue()  # bounded by the places
        self._places: SimpleQueue[None] = SimpleQueue()  # bounded by `size`, and one when it is closed
        for _ in range(size):
            self._places.put(None)
        self._closed = False
        monkey.get_original("_thread", "start_new_thread")(self._run, (generator,))

    def __iter__(self) -> Feed[T]:
        return self

    def __next__(self) -> T | None:
        try:
            item = self._items.get(timeout=_LOOK_S)
        except Empty:
            return None
        self._places.put(None)
        return item.result()

    def close(self) -> None:
        """Let the thread end as soon as it can."""
        self._closed = True
        self._places.put(None)

    def _run(self, generator: Generator[T]) -> None:
        outcome = _Outcome(next, (generator,), {})
        while outcome.went_well:
            self._items.put(outcome)
            self._places.get()
            if self._closed:
                break
            outcome = _Outcome(next, (generator,), {})
        else:
            self._items.put(outcome)
        _Outcome(generator.close, (), {})
        # Cooperative sockets made a hub in this thread, which nobody else would free.
        gevent.get_hub().destroy(destroy_loop=True)


class Pulled(Generic[T]):
    """A generator pulled one `next()` at a time from the threads; closing it closes the generator."""

    def __init__(self, workers: Workers, generator: Iterator[T]) -> None:
        self._workers = workers
        self._generator = generator
        self._open = True
        workers.jobs += 1

    def __iter__(self) -> Pulled[T]:
        return self

    def __next__(self) -> T:
        if not self._open:
            raise StopIteration
        try:
            # StopIteration cannot pass through a result, so a value of our own stands for it.
            value: Any = self._workers.run(next, self._generator, _END)
        except BaseException:
            self.close()
            raise
        if value is _END:
            self.close()
            raise StopIteration
        item: T = value
        return item

    def close(self) -> None:
        """Stop the generator; it runs its `finally` blocks in a native thread."""
        if not self._open:
            return
        self._open = False
        try:
            close = getattr(self._generator, "close", None)
            if close is not None:
                self._workers.run(close)
        finally:
            self._workers.jobs -= 1

    def __enter__(self) -> Pulled[T]:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
