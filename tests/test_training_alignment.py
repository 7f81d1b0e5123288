"""The search for boundaries: states, paths, durations, and the network that hears."""

from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest
import torch

from training.aligner import INPUTS, Hearing, hear, teach
from training.config import Aligner
from training.corpus import Item
from training.durations import LEAD, TAIL, durations, hush, with_breaks
from training.states import Chain, States, best_path, even_labels
from tts.engines.sambert.symbols import Symbol


def symbols(*phones: str) -> list[Symbol]:
    return [Symbol(phone, "tone1", "s_none", "word_none", "emotion_none", "F7") for phone in phones]


LINE = symbols("n_c", "i_c", "ga", "ai_c", "#1", "t_c", "a_c", "#4")
STATES = States(symbol.phone for symbol in LINE)


def best_of_all(scores: np.ndarray[Any, Any], chain: Chain) -> float:
    """Return the score of the best path by trying every one."""
    count, best = len(chain.classes), -np.inf
    for path in product(range(count), repeat=len(scores)):
        ends = bool(chain.optional[: path[0]].all() and chain.optional[path[-1] + 1 :].all())
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
    silent = np.zeros(40, np.bool_)
    silent[:4] = silent[20:28] = silent[39:] = True
    labels = even_labels(silent, chain)
    assert (labels[silent] == 0).all()
    assert labels[~silent].tolist() == sorted(labels[~silent].tolist(), key=chain.classes[1:-1].tolist().index)
    assert set(labels) == set(chain.classes)


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


def test_silence_within_a_phone_is_noticed() -> None:
    found = np.array([4, 6, 0, 7, 0, 12, 8, 0])
    quiet = np.zeros(37, np.bool_)
    quiet[17:29] = True  # the closure of t, and more
    assert hush(quiet, found, LINE) == 4
    quiet[4:10] = True  # all of i
    assert hush(quiet, found, LINE) == 6


def test_breaks_become_those_that_were_made() -> None:
    for pause, name in ((0, "#1"), (6, "#2"), (12, "#3")):
        durations_found = np.array([4, 6, 0, 7, pause, 3, 8, 0])
        assert [it.phone for it in with_breaks(LINE, durations_found) if it.is_pause] == [name, "#4"]


def test_the_network_learns_to_hear_and_boundaries_move_to_where_they_are() -> None:
    """Sounds of uneven lengths, first cut evenly: after three rounds the boundaries lie where the sound changes."""
    torch.manual_seed(0)
    order = np.random.default_rng(0)
    states = States(("n_c", "t_c", "m_c", "i_c", "a_c", "u_c"))
    sounds = order.normal(size=(len(states.names), INPUTS))
    items, chains, pieces, truth, first = [], [], [], [], 0
    for number in range(300):
        initials, finals = order.choice(["n_c", "t_c", "m_c"], 2), order.choice(["i_c", "a_c", "u_c"], 2)
        chain = states.chain(symbols(initials[0], finals[0], initials[1], finals[1], "#4"))
        states_passed = chain.classes[1:-1]
        classes = np.concatenate([np.zeros(4, int), np.repeat(states_passed, order.integers(2, 8, len(states_passed)))])
        pieces.append(sounds[classes] + order.normal(0, 0.5, (len(classes), INPUTS)))
        truth.append(classes)
        chains.append(chain)
        items.append(Item(str(number), "yue", "word", "train", first, len(classes), 8000.0, "你", "", ""))
        first += len(classes)
    inputs, none = np.concatenate(pieces).astype(np.float32), np.zeros(len(states.names), np.float32)
    networks = [Hearing(32, len(states.names), taps) for taps in (1, 5)]
    options = Aligner(epochs=2, batch_frames=600, learning_rate=5e-3)
    labels = [even_labels(classes == 0, chain) for classes, chain in zip(truth, chains, strict=True)]
    before = np.mean(np.concatenate(labels) == np.concatenate(truth))
    for network in (networks[0], networks[0], networks[1]):
        teach(network, items, inputs, labels, options, order, 1.0)
        heard = [hear(network, inputs[it.first : it.first + it.frames], none) for it in items]
        labels = [chain.classes[best_path(scores, chain)[0]] for scores, chain in zip(heard, chains, strict=True)]
    after = np.mean(np.concatenate(labels) == np.concatenate(truth))
    assert before < 0.8
    assert after > 0.95
