"""The search for boundaries: states, paths, durations, and the network that hears."""

from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest
import torch

from training.aligner import INPUTS, Hearing, hear, teach
from training.config import Aligner
from training.corpus import Item
from training.durations import LEAD, TAIL, durations, with_breaks
from training.states import Chain, States, best_path, even_path
from tts.engines.sambert.symbols import Symbol


def symbols(*phones: str) -> list[Symbol]:
    return [Symbol(phone, "tone1", "s_none", "word_none", "emotion_none", "F7") for phone in phones]


LINE = symbols("n_c", "i_c", "ga", "ai_c", "#1", "t_c", "a_c", "#4")
STATES = States(symbol.phone for symbol in LINE)


def best_of_all(scores: np.ndarray[Any, Any], chain: Chain) -> float:
    """Return the score of the best path by trying every one."""
    count, best = len(chain.classes), -np.inf
    for path in product(range(count), repeat=len(scores)):
        ends = not chain.optional[: path[0]].size or chain.optional[: path[0]].all()
        ends = ends and bool(chain.optional[path[-1] + 1 :].all())
        steps = all(b == a or (b > a and chain.optional[a + 1 : b].all()) for a, b in pairwise(path))
        if ends and steps:
            best = max(best, sum(scores[t, chain.classes[state]] for t, state in enumerate(path)))
    return float(best)


def test_the_best_path_is_the_best_of_all() -> None:
    chain = STATES.chain(symbols("t_c", "a_c", "#4"))
    order = np.random.default_rng(1)
    for _ in range(10):
        scores = order.normal(size=(6, len(STATES.names)))
        path, score = best_path(scores, chain)
        assert score == pytest.approx(best_of_all(scores, chain))
        assert score == pytest.approx(sum(scores[t, chain.classes[state]] for t, state in enumerate(path)))


def test_a_recording_too_short_for_its_text_is_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        best_path(np.zeros((7, len(STATES.names))), STATES.chain(LINE))


def test_the_first_guess_passes_every_phone() -> None:
    chain = STATES.chain(LINE)
    path = even_path(40, chain, 4)
    assert len(path) == 40
    assert (np.diff(path) >= 0).all()
    assert set(chain.symbols[path]) == {-1, 0, 1, 3, 5, 6, 7}


def lasts(pause: int, lead: int = 5, tail: int = 9) -> tuple[list[int], int]:
    chain = STATES.chain(LINE)
    places = [-1] * lead + [0] * 4 + [1] * 6 + [3] * 7 + [4] * pause + [5] * 3 + [6] * 8 + [7] * tail
    first = {place: int(np.flatnonzero(chain.symbols == place)[0]) for place in set(places)}
    found, start = durations(np.array([first[place] for place in places]), chain, LINE, Aligner())
    return found.tolist(), start


@pytest.mark.parametrize(("pause", "before_t", "kept"), [(0, 3, 0), (8, 11, 0), (12, 3, 12)])
def test_durations_add_up(pause: int, before_t: int, kept: int) -> None:
    """The closure of a stop is silent, so that only longer silence before one is a pause."""
    found, start = lasts(pause)
    assert found == [4 + LEAD, 6, 0, 7, kept, before_t, 8 + TAIL, 0]
    assert start + sum(found) == 5 + 28 + pause + TAIL


def test_silence_that_is_not_there_is_not_kept() -> None:
    assert lasts(0, lead=1, tail=0) == ([5, 6, 0, 7, 0, 3, 8, 0], 0)


def test_breaks_become_those_that_were_made() -> None:
    for pause, name in ((0, "#1"), (6, "#2"), (12, "#3")):
        durations_found = np.array([4, 6, 0, 7, pause, 3, 8, 0])
        assert [it.phone for it in with_breaks(LINE, durations_found) if it.is_pause] == [name, "#4"]


def test_the_network_learns_to_hear_and_boundaries_move_to_where_they_are() -> None:
    """Sounds of uneven lengths, first cut evenly: after two rounds the boundaries lie where the sound changes."""
    torch.manual_seed(0)
    order = np.random.default_rng(0)
    line = symbols("n_c", "i_c", "#4")
    states, items, pieces, truth = States(it.phone for it in line), [], [], []
    chain, sounds = states.chain(line), order.normal(size=(len(states.names), INPUTS))
    first = 0
    for number in range(60):
        runs = [order.integers(3, 6), *order.integers(2, 14, size=4), order.integers(3, 6)]
        classes = np.repeat([0, *chain.classes[1:-1], 0], runs)
        pieces.append(sounds[classes] + order.normal(0, 0.5, (len(classes), INPUTS)))
        truth.append(classes)
        items.append(Item(str(number), "yue", "word", "train", first, len(classes), 8000.0, "你", "", ""))
        first += len(classes)
    inputs = np.concatenate(pieces).astype(np.float32)
    network, options = Hearing(16, len(states.names)), Aligner(epochs=6, batch_frames=200)
    paths = [even_path(it.frames, chain, 4) for it in items]
    before = np.mean(np.concatenate([chain.classes[path] for path in paths]) == np.concatenate(truth))
    for _ in range(2):
        teach(network, items, inputs, [chain.classes[path] for path in paths], options, order, 1.0)
        none = np.zeros(len(states.names), np.float32)
        paths = [best_path(hear(network, inputs[it.first : it.first + it.frames], none), chain)[0] for it in items]
    after = np.mean(np.concatenate([chain.classes[path] for path in paths]) == np.concatenate(truth))
    assert before < 0.8
    assert after > 0.95
