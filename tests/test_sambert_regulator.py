"""How long symbols last: rounding as in training, and errors carried along at other speeds."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps
from numpy.typing import NDArray

from tts.engines.sambert.regulator import (
    MOST_FRAMES,
    NothingToSay,
    TooLong,
    band_of,
    lengths_of,
    positions,
    regulate,
    whole_frames,
)

finite = st.floats(0, 60, width=32)
lengths = nps.arrays(np.float32, st.integers(1, 40), elements=st.one_of(st.just(0.0), finite))
Array = NDArray[Any]

SPEEDS = (0.5, 0.75, 1.25, 1.5, 2.0)


@given(lengths)
def test_at_speed_one_durations_are_rounded_as_in_training(given_lengths: Array) -> None:
    found = whole_frames(given_lengths, np.ones_like(given_lengths))
    assert found.tolist() == [int(length + np.float32(0.5)) for length in given_lengths]


@given(lengths, st.sampled_from(SPEEDS))
def test_at_other_speeds_a_line_is_as_long_as_it_should_be(given_lengths: Array, speed: float) -> None:
    speeds = np.full_like(given_lengths, speed)
    found = whole_frames(given_lengths, speeds)
    assert (found >= 0).all()
    assert not found[given_lengths == 0].any()
    wanted = np.cumsum(given_lengths.astype(np.float64) / speed)
    assert (np.abs(np.cumsum(found) - wanted) <= 0.5 + 1e-3).all()


@given(lengths, st.data())
def test_symbols_at_speed_one_keep_their_length_among_others(given_lengths: Array, data: st.DataObject) -> None:
    choice = st.sampled_from((1.0, *SPEEDS))
    speeds = np.array([data.draw(choice) for _ in given_lengths], np.float32)
    found = whole_frames(given_lengths, speeds)
    plain = speeds == 1
    assert found[plain].tolist() == whole_frames(given_lengths[plain], speeds[plain]).tolist()
    assert not found[given_lengths == 0].any()


@given(nps.arrays(np.int64, st.integers(1, 12), elements=st.integers(0, 9)), st.integers(1, 4))
def test_memory_holds_each_frame_in_its_place(durations: Array, group: int) -> None:
    """Each row is `group` frames' text, with positions counted within the symbol, and the voice of the first."""
    text = np.arange(1, len(durations) + 1, dtype=np.float32)[:, None] * np.full((1, 4), 100, np.float32)
    voice = np.arange(len(durations), dtype=np.float32)[:, None]
    if not durations.any():
        with pytest.raises(NothingToSay):
            regulate(text, voice, durations, group)
        return
    memory = regulate(text, voice, durations, group)
    wanted = [(symbol, place) for symbol, count in enumerate(durations) for place in range(1, count + 1)]
    assert len(memory) == -(-len(wanted) // group)
    frames = memory[:, : group * 4].reshape(-1, 4)
    for frame, (symbol, place) in zip(frames, wanted, strict=False):
        np.testing.assert_allclose(frame, text[symbol] + positions(np.array([place], np.float32), 4)[0], atol=1e-4)
    for frame in frames[len(wanted) :]:
        assert frame.tolist() == [0, 1, 0, 1]
    assert memory[:, -1].tolist() == [symbol for symbol, _ in wanted[::group]]


@pytest.mark.parametrize("log", [np.log(MOST_FRAMES + 1) + 0.01, 40, 200, np.inf, np.nan])
def test_what_lasts_longer_than_speech_does_is_refused(log: float) -> None:
    """At 200 the length is more than a float32 holds."""
    with pytest.raises(TooLong, match="a symbol would last more than 400 frames"):
        lengths_of(np.array([1, log], np.float32))


def test_lengths_up_to_the_bound_are_what_the_network_tells() -> None:
    found = lengths_of(np.log(np.array([1, 6, MOST_FRAMES + 0.99], np.float32)))
    np.testing.assert_allclose(found, [0, 5, MOST_FRAMES - 0.01], atol=1e-3)


def test_the_band_is_the_longest_symbol_before_rounding() -> None:
    """4.49 frames are 1.497 steps, which round to 1; 5 frames, which they are never rounded to, would be 2."""
    assert band_of(np.array([1, 4.49], np.float32), np.full(2, 0.5, np.float32), 3) == 3
    assert band_of(np.array([4.49, 0], np.float32), np.ones(2, np.float32), 3) == 1
    assert band_of(np.array([4.5, 0], np.float32), np.ones(2, np.float32), 3) == 2
    assert band_of(np.zeros(2, np.float32), np.ones(2, np.float32), 3) == 0
