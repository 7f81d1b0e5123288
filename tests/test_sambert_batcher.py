"""Streams that share the decoder's runs: each gets its own frames, and its own errors, and holds no thread for it."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from threading import Barrier, Event

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.sambert import cases, exported, line, network
from tts.engines.sambert.acoustic import Acoustic, Decoding, Score
from tts.engines.sambert.batcher import Batcher

Floats = NDArray[np.float32]
STREAMS = 6


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
    return [acoustic.score(line(cases()["tiny_emo", n % 5], 1 / (1 + n % 3))) for n in range(STREAMS)]


def spoken(acoustic: Acoustic, batcher: Batcher, decoding: Decoding, steps: int) -> Floats:
    """Return a sentence's final frames, by that many steps at a time."""
    made = []
    while not decoding.done:
        made.append(acoustic.refine(decoding, batcher.frames(batcher.join(decoding, steps))))
    return np.concatenate(made)


def test_one_thread_makes_what_everybody_needs(acoustic: Acoustic) -> None:
    """Streams that wait hold no thread: the first that goes on has all of them run, the others find it done."""
    watched, wanted = Watched(acoustic), scores(acoustic)
    batcher, decodings = Batcher(watched.step), [acoustic.begin(score) for score in wanted]
    made: list[list[Floats]] = [[] for _ in decodings]
    while any(not decoding.done for decoding in decodings):
        due = [None if decoding.done else batcher.join(decoding, 5) for decoding in decodings]
        for frames, decoding, one in zip(made, decodings, due, strict=True):
            if one:
                frames.append(acoustic.refine(decoding, batcher.frames(one)))
    for pieces, score in zip(made, wanted, strict=True):
        np.testing.assert_allclose(np.concatenate(pieces), acoustic.mel(score), atol=1e-4, rtol=0)
    assert watched.sizes[0] == STREAMS
    assert watched.sizes == sorted(watched.sizes, reverse=True)
    assert batcher._due == []


def test_threads_get_what_they_would_get_alone(acoustic: Acoustic) -> None:
    watched = Watched(acoustic)
    batcher, start = Batcher(watched.step, most=4), Barrier(STREAMS)

    def speak(number: int, score: Score) -> Floats:
        start.wait(20)
        return spoken(acoustic, batcher, acoustic.begin(score), 1 + number)

    wanted = scores(acoustic)
    with ThreadPoolExecutor(STREAMS) as pool:
        made = list(pool.map(speak, range(STREAMS), wanted))
    for frames, score in zip(made, wanted, strict=True):
        np.testing.assert_allclose(frames, acoustic.mel(score), atol=1e-4, rtol=0)
    assert max(watched.sizes) <= 4
    assert batcher._due == []


def test_who_waits_for_another_runs_what_is_left(acoustic: Acoustic) -> None:
    watched = Watched(acoustic)
    watched.may_run.clear()
    batcher = Batcher(watched.step, most=4)
    due = [batcher.join(acoustic.begin(score), 2) for score in scores(acoustic)]
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(batcher.frames, due[0])
        assert watched.runs.wait(20)
        watched.runs.clear()
        second = pool.submit(batcher.frames, due[1])
        assert watched.runs.wait(20)
        watched.may_run.set()
        assert len(first.result(20)) == len(second.result(20)) == 6
    assert watched.sizes == [4, 2]
    assert all(one.done for one in due)


def test_who_has_nothing_to_run_waits_for_who_runs_it(acoustic: Acoustic) -> None:
    watched = Watched(acoustic)
    watched.may_run.clear()
    batcher = Batcher(watched.step)
    due = [batcher.join(acoustic.begin(score), 2) for score in scores(acoustic)[:2]]
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(batcher.frames, due[0])
        assert watched.runs.wait(20)
        second = pool.submit(batcher.frames, due[1])
        watched.may_run.set()
        assert len(first.result(20)) == len(second.result(20)) == 6
    assert watched.sizes == [2]


def test_the_last_frames_are_not_missed_while_they_are_made(acoustic: Acoustic) -> None:
    """Once a sentence's last step is decoded, its frames are still on their way out of the run."""
    decoded, may_go_on = Event(), Event()

    def step(decodings: Sequence[Decoding], steps: int) -> list[Floats]:
        frames = acoustic.step(decodings, steps)
        decoded.set()
        assert may_go_on.wait(20)
        return frames

    batcher, wanted = Batcher(step), scores(acoustic)[:2]
    decodings = [acoustic.begin(score) for score in wanted]
    for decoding in decodings:
        acoustic.step([decoding], decoding.steps.left - 2)
    due = [batcher.join(decoding, 16) for decoding in decodings]
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(batcher.frames, due[0])
        assert decoded.wait(20)
        second = pool.submit(batcher.frames, due[1])
        wait([second], timeout=0.1)
        may_go_on.set()
        assert len(first.result(20)) == len(second.result(20)) == 6


def test_an_error_reaches_the_sentence_it_belongs_to(acoustic: Acoustic) -> None:
    decodings = [acoustic.begin(score) for score in scores(acoustic)]
    batcher = Batcher(Watched(acoustic, broken=decodings[2]).step)
    due = [batcher.join(decoding, 3) for decoding in decodings]
    assert len(batcher.frames(due[0])) == 9
    with pytest.raises(RuntimeError, match="this one is broken"):
        batcher.frames(due[2])
    assert [len(batcher.frames(due[at])) for at in (1, 3, 4, 5)] == [9] * 4
    assert [decoding.steps.done for decoding in decodings] == [3, 3, 0, 3, 3, 3]
    assert batcher._due == []


def test_who_is_interrupted_leaves_its_share_to_the_others(acoustic: Acoustic) -> None:
    """An interruption in the middle of a run must not leave the others waiting for ever."""

    class Interrupted(BaseException):
        pass

    watched = Watched(acoustic)
    watched.may_run.clear()

    def step(decodings: Sequence[Decoding], steps: int) -> list[Floats]:
        if watched.sizes:
            return acoustic.step(decodings, steps)
        watched.step(decodings, 0)
        raise Interrupted

    batcher = Batcher(step)
    due = [batcher.join(acoustic.begin(score), 1) for score in scores(acoustic)[:2]]
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(batcher.frames, due[0])
        assert watched.runs.wait(20)
        second = pool.submit(batcher.frames, due[1])
        watched.may_run.set()
        assert isinstance(first.exception(20), Interrupted)
        assert len(second.result(20)) == 3


def test_what_is_given_up_is_not_run(acoustic: Acoustic) -> None:
    watched = Watched(acoustic)
    batcher, wanted = Batcher(watched.step), scores(acoustic)
    given_up, kept = (acoustic.begin(score) for score in wanted[:2])
    due = [batcher.join(decoding, 4) for decoding in (given_up, kept)]
    batcher.leave(due[0])
    assert len(batcher.frames(due[1])) == 12
    assert (watched.sizes, given_up.steps.done) == ([1], 0)


def test_one_thread_alone_needs_nobody(acoustic: Acoustic) -> None:
    score = acoustic.score(line(cases()["tiny_emo", 0]))
    batcher = Batcher(acoustic.step)
    np.testing.assert_allclose(
        spoken(acoustic, batcher, acoustic.begin(score), 5), cases()["tiny_emo", 0]["mel"], atol=1e-4, rtol=0
    )
    done = acoustic.begin(score)
    acoustic.step([done], 1000)
    assert batcher.frames(batcher.join(done, 4)).shape == (0, 80)
