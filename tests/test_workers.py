"""Tests of `tts.workers`: blocking work leaves the greenlets free."""

import threading
import time
from collections.abc import Generator, Iterator

import gevent
import pytest

from tts.workers import Feed, Stalled, Workers, native_lock, stall_guard


@pytest.fixture
def workers() -> Iterator[Workers]:
    """Yield two threads, and see that no generator was left open."""
    pool = Workers(2)
    yield pool
    assert pool.jobs == 0
    pool.close()


def test_a_greenlet_ticks_while_work_blocks(workers: Workers) -> None:
    """The engine's `next()` blocks for 2 s; 20 ticks are what the product promises."""

    def slow() -> Iterator[int]:
        time.sleep(2)
        yield 1

    ticks = 0

    def tick() -> None:
        nonlocal ticks
        while True:
            gevent.sleep(0.02)
            ticks += 1

    ticker = gevent.spawn(tick)
    assert list(workers.iterate(slow())) == [1]
    ticker.kill()
    assert ticks >= 20


def test_the_generator_runs_in_native_threads(workers: Workers) -> None:
    def names() -> Iterator[int]:
        yield threading.get_native_id()

    assert list(workers.iterate(names())) != [threading.get_native_id()]


def test_an_error_comes_out_and_closes(workers: Workers) -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise ValueError("broken")

    pulled = workers.iterate(broken())
    assert next(pulled) == 1
    with pytest.raises(ValueError, match="broken"):
        next(pulled)
    assert list(pulled) == []


def test_closing_waits_for_the_step_in_flight_and_runs_finally(workers: Workers) -> None:
    steps: list[str] = []

    def slow() -> Iterator[int]:
        try:
            for _ in range(100):
                time.sleep(0.2)
                steps.append("step")
                yield 1
        finally:
            steps.append("closed")

    def pull() -> None:
        with workers.iterate(slow()) as pulled:
            list(pulled)

    puller = gevent.spawn(pull)
    gevent.sleep(0.05)
    puller.kill()
    assert steps == ["step", "closed"]


def test_closing_early_and_twice_is_fine(workers: Workers) -> None:
    pulled = workers.iterate(iter([1, 2, 3]))
    assert next(pulled) == 1
    pulled.close()
    pulled.close()
    assert list(pulled) == []


def test_work_beyond_the_threads_waits_its_turn(workers: Workers) -> None:
    running, most = 0, 0

    def work() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        time.sleep(0.02)
        running -= 1

    gevent.joinall([gevent.spawn(workers.run, work) for _ in range(10)])
    assert 1 <= most <= 2


def test_a_client_that_stalls_is_noticed() -> None:
    with pytest.raises(Stalled, match="read nothing for"), stall_guard(0.05):
        gevent.sleep(5)
    with stall_guard(0.05):
        gevent.sleep(0)
    gevent.sleep(0.1)


def test_a_native_lock_excludes() -> None:
    lock = native_lock()
    with lock:
        assert not lock.acquire(blocking=False)


def test_a_feed_hands_over_what_comes_and_says_when_nothing_does() -> None:
    gate = threading.Event()

    def slow() -> Generator[int]:
        yield 1
        gate.wait(5)
        yield 2

    feed = Feed(slow(), 4)
    assert next(feed) == 1
    assert next(feed) is None
    gate.set()
    assert [item for item in feed if item is not None] == [2]


def test_a_feed_runs_only_so_far_ahead() -> None:
    made = []

    def numbers() -> Generator[int]:
        for number in range(100):
            made.append(number)
            yield number

    feed = Feed(numbers(), 3)
    time.sleep(0.2)
    assert len(made) <= 5
    assert [item for item in feed if item is not None] == list(range(100))


def test_a_feed_raises_what_went_wrong_and_closes_what_is_given_up() -> None:
    closed = threading.Event()

    def breaks() -> Generator[int]:
        yield 1
        raise LookupError("gone")

    def endless() -> Generator[int]:
        try:
            while True:
                yield 1
        finally:
            closed.set()

    feed = Feed(breaks(), 2)
    assert next(feed) == 1
    with pytest.raises(LookupError, match="gone"):
        list(feed)
    given_up = Feed(endless(), 2)
    next(given_up)
    given_up.close()
    assert closed.wait(2)
