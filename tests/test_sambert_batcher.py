"""Native threads that share the decoder's runs: each gets its own frames, and its own errors."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.sambert import cases, exported, line, network
from tts.engines.sambert.acoustic import Acoustic, Decoding, Score
from tts.engines.sambert.batcher import Batcher

Floats = NDArray[np.float32]
THREADS = 6


@pytest.fixture(scope="module")
def acoustic(tmp_path_factory: pytest.TempPathFactory) -> Acoustic:
    return exported(network(), tmp_path_factory.mktemp("voice"))


class Watched:
    """An acoustic model's steps that notes how many sentences each run had, and waits where it is told to."""

    def __init__(self, acoustic: Acoustic, broken: Decoding | None = None) -> None:
        self.acoustic, self.broken = acoustic, broken
        self.sizes: list[int] = []
        self.may_run = Event()
        self.runs = Event()
        self.may_run.set()

    def step(self, decodings: Sequence[Decoding], steps: int) -> list[Floats]:
        self.sizes.append(len(decodings))
        self.runs.set()
        assert self.may_run.wait(20)
        if self.broken in decodings:
            raise RuntimeError("this one is broken")
        return self.acoustic.step(decodings, steps)


def scores(acoustic: Acoustic) -> list[Score]:
    return [acoustic.score(line(cases()["tiny_emo", n % 5], 1 / (1 + n % 3))) for n in range(THREADS)]


def spoken(acoustic: Acoustic, batcher: Batcher, decoding: Decoding, steps: int) -> Floats:
    """Return a sentence's final frames, by that many steps at a time."""
    made = []
    while not decoding.done:
        made.append(acoustic.refine(decoding, batcher.step(decoding, steps)))
    return np.concatenate(made)


def test_threads_get_what_they_would_get_alone(acoustic: Acoustic) -> None:
    watched = Watched(acoustic)
    batcher, start = Batcher(watched.step, most=4), Barrier(THREADS)

    def speak(number: int, score: Score) -> Floats:
        start.wait(20)
        return spoken(acoustic, batcher, acoustic.begin(score), 1 + number)

    wanted = scores(acoustic)
    with ThreadPoolExecutor(THREADS) as pool:
        made = list(pool.map(speak, range(THREADS), wanted))
    for frames, score in zip(made, wanted, strict=True):
        np.testing.assert_allclose(frames, acoustic.mel(score), atol=1e-4, rtol=0)
    assert max(watched.sizes) <= 4


def test_who_waits_while_one_runs_goes_along_next(acoustic: Acoustic) -> None:
    watched = Watched(acoustic)
    watched.may_run.clear()
    batcher, wanted = Batcher(watched.step), scores(acoustic)
    with ThreadPoolExecutor(THREADS) as pool:
        first = pool.submit(batcher.step, acoustic.begin(wanted[0]), 2)
        assert watched.runs.wait(20)
        others = [pool.submit(batcher.step, acoustic.begin(score), 2) for score in wanted[1:]]
        while len(batcher._due) < THREADS:
            assert not first.done()
        watched.may_run.set()
        assert [len(future.result(20)) for future in (first, *others)] == [6] * THREADS
    assert watched.sizes == [1, THREADS - 1]


def test_an_error_reaches_the_sentence_it_belongs_to(acoustic: Acoustic) -> None:
    wanted = scores(acoustic)
    decodings = [acoustic.begin(score) for score in wanted]
    watched = Watched(acoustic, broken=decodings[2])
    watched.may_run.clear()
    batcher = Batcher(watched.step)
    with ThreadPoolExecutor(THREADS) as pool:
        first = pool.submit(batcher.step, decodings[0], 3)
        assert watched.runs.wait(20)
        others = [pool.submit(batcher.step, decoding, 3) for decoding in decodings[1:]]
        while len(batcher._due) < THREADS:
            assert not first.done()
        watched.may_run.set()
        errors = [future.exception(20) for future in others]
    assert [type(error) for error in errors] == [type(None), RuntimeError, *[type(None)] * 3]
    assert [decoding.steps.done for decoding in decodings] == [3, 3, 0, 3, 3, 3]
    assert (batcher._due, batcher._runner) == ([], None)


def test_who_leaves_hands_the_runner_over(acoustic: Acoustic) -> None:
    """An interruption in the middle of a run must not leave the others waiting for ever."""

    class Interrupted(BaseException):
        pass

    watched = Watched(acoustic)
    watched.may_run.clear()
    wanted = scores(acoustic)
    calls: list[int] = []

    def step(decodings: Sequence[Decoding], steps: int) -> list[Floats]:
        calls.append(len(decodings))
        frames = watched.step(decodings, steps)
        if len(calls) == 1:
            raise Interrupted
        return frames

    batcher = Batcher(step)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(batcher.step, acoustic.begin(wanted[0]), 1)
        assert watched.runs.wait(20)
        second = pool.submit(batcher.step, acoustic.begin(wanted[1]), 1)
        while len(batcher._due) < 2:
            assert not first.done()
        watched.may_run.set()
        assert len(second.result(20)) == 3
        assert isinstance(first.exception(20), Interrupted)
    assert (batcher._due, batcher._runner) == ([], None)


def test_one_thread_alone_needs_nobody(acoustic: Acoustic) -> None:
    score = acoustic.score(line(cases()["tiny_emo", 0]))
    batcher = Batcher(acoustic.step)
    np.testing.assert_allclose(
        spoken(acoustic, batcher, acoustic.begin(score), 5), cases()["tiny_emo", 0]["mel"], atol=1e-4, rtol=0
    )
    done = acoustic.begin(score)
    acoustic.step([done], 1000)
    assert batcher.step(done, 4).shape == (0, 80)
