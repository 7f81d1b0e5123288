"""The acoustic model of Sambert voices while streaming: chunks of any size, other sentences beside, equal the whole."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, islice, repeat
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from tests.sambert import cases, exported, in_emotion, line, network, said, silent_pauses
from tts.engines.sambert.acoustic import Acoustic, Decoding, Line, Score

TOLERANCE = 1e-4


@pytest.fixture(scope="module")
def acoustic(tmp_path_factory: pytest.TempPathFactory) -> Acoustic:
    return exported(network(), tmp_path_factory.mktemp("voice"))


def sentence(case: int = 1, speed: float = 1.0) -> Line:
    return line(cases()["tiny_emo", case], speed)


def close(found: NDArray[np.float32], wanted: NDArray[np.float32]) -> None:
    assert found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, atol=TOLERANCE, rtol=0)


def streamed(acoustic: Acoustic, score: Score, chunks: Iterable[int]) -> NDArray[np.float32]:
    return np.concatenate(list(acoustic.stream(score, chunks)))


def refined(
    acoustic: Acoustic, score: Score, decoded: NDArray[np.float32], sizes: Iterator[int]
) -> NDArray[np.float32]:
    """Return final frames, the postnet being fed that many decoded frames at a time."""
    decoding, made, start = acoustic.begin(score), [], 0
    while start < len(decoded):
        size = next(sizes)
        made.append(acoustic.refine(decoding, decoded[start : start + size]))
        start += size
        assert sum(map(len, made)) == (score.frames if start >= score.frames else max(0, start - 6))
    return np.concatenate(made)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 16, 64, 0])
def test_any_chunks_make_the_whole(acoustic: Acoustic, size: int) -> None:
    """In frames for the postnet, in steps for the decoder; 0 stands for random sizes."""
    wanted = cases()["tiny_emo", 1]
    score, random = acoustic.score(sentence()), np.random.default_rng(1)
    sizes = iter(lambda: size or int(random.integers(1, 20)), None)
    close(refined(acoustic, score, wanted["decoder_mel"], sizes), wanted["mel"])
    close(streamed(acoustic, score, sizes), wanted["mel"])


@pytest.mark.parametrize("emotion", [2, 3, 4, 5, 6, 7, 8, 12, 19, 22])
def test_every_emotion(acoustic: Acoustic, emotion: int) -> None:
    spoken = said(network(), in_emotion(sentence(0), emotion))
    score = acoustic.score(in_emotion(sentence(0), emotion))
    assert score.durations.tolist() == spoken.durations.tolist()
    close(streamed(acoustic, score, repeat(3)), spoken.mel.numpy())


@pytest.mark.parametrize("speed", [0.5, 0.75, 0.9, 1.0, 1.25, 1.5, 2.0])
def test_every_speed(acoustic: Acoustic, speed: float) -> None:
    """Chunks equal the whole, and the whole equals the torch decoder on the same memory."""
    score, plain = acoustic.score(sentence(2, speed)), acoustic.score(sentence(2))
    assert abs(score.frames - plain.frames / speed) <= 0.1 * plain.frames / speed
    whole = acoustic.mel(score)
    for steps in (1, 2, 5):
        close(streamed(acoustic, score, repeat(steps)), whole)
    model = network()
    with torch.no_grad():
        decoded = model.mel_decoder(torch.from_numpy(score.memory), score.band)[: score.frames]
        close(whole, model.mel_postnet(decoded).numpy())


def test_sentences_of_other_lengths_and_bands_share_runs(acoustic: Acoustic) -> None:
    """They begin and end at different times, too; each sounds as if it were alone."""
    speeds = (1.0, 0.5, 2.0, 0.3, 1.3, 4.0)
    scores = [acoustic.score(sentence(case % 5, speed)) for case, speed in enumerate(speeds)]
    assert len({score.band for score in scores}) >= 4
    waiting = iter(enumerate(scores))
    running: dict[int, Decoding] = {}
    made: dict[int, list[NDArray[np.float32]]] = {number: [] for number in range(len(scores))}
    for round_number in range(10_000):
        running |= {
            number: acoustic.begin(score) for number, score in islice(waiting, 1 if round_number % 3 == 0 else 0)
        }
        frames = acoustic.step(list(running.values()), 1 + round_number % 5)
        for (number, decoding), decoded in zip(list(running.items()), frames, strict=True):
            made[number].append(acoustic.refine(decoding, decoded))
            if decoding.done:
                del running[number]
        if not running and len(made[len(scores) - 1]):
            break
    for number, score in enumerate(scores):
        close(np.concatenate(made[number]), acoustic.mel(score))


def test_symbols_without_duration(tmp_path: Path) -> None:
    """A real `#1` lasts 0 frames, at every speed; what it says in the text must not shift what follows."""
    model = network(changes=silent_pauses())
    acoustic = exported(model, tmp_path)
    for speed in (0.5, 1.0, 1.7):
        score = acoustic.score(sentence(1, speed))
        assert not score.durations[sentence().emotion_ids == 0].any()
        close(streamed(acoustic, score, chain([2, 4], repeat(3))), acoustic.mel(score))


def test_the_shortest_sentences(acoustic: Acoustic) -> None:
    """One symbol and few frames: fewer than the postnet looks ahead, and less than a whole step."""
    first = sentence(0, 8.0)
    for symbols, speed in ((1, 1.0), (1, 5.0), (2, 3.0), (3, 8.0)):
        short = Line(*(getattr(first, name)[:symbols] for name in Line.__slots__))
        score = acoustic.score(replace(short, speeds=np.full(symbols, speed, np.float32)))
        close(streamed(acoustic, score, repeat(1)), acoustic.mel(score))
        assert len(acoustic.mel(score)) == score.frames > 0


def test_chunks_that_end_too_early_are_an_error(acoustic: Acoustic) -> None:
    with pytest.raises(ValueError, match="end before the sentence"):
        list(acoustic.stream(acoustic.score(sentence()), [3, 3]))


def test_a_finished_sentence_has_no_more_steps(acoustic: Acoustic) -> None:
    score = acoustic.score(sentence(0))
    decoding = acoustic.begin(score)
    done = [decoding.done]
    for steps in (len(score.memory) - 1, 1):
        acoustic.refine(decoding, acoustic.step([decoding], steps)[0])
        done.append(decoding.done)
    assert done == [False, False, True]
    assert acoustic.step([decoding], 3)[0].shape == (0, 80)
