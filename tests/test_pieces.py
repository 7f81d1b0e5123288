"""Tests of text that keeps arriving: where it is cut, and that what is made of it is what is made of the whole."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tts.errors import Busy, TextTooLong
from tts.frontend.arriving import Arriving, Taken
from tts.frontend.segment import Clause, clauses

#: What decides where a clause ends: signs that do and those that may not, what closes, words, numbers, white space.
CHARACTERS = "我们银行长。，！？：；……——、”’」）“（\"' \n\r\t.,:!?;3 05aA-Mr.%￥か😀👍🏽\u200d\u0301é"

texts = st.text(st.one_of(st.sampled_from(CHARACTERS), st.characters(exclude_categories=["Cs"])), max_size=140)


def words_of(text: str) -> Sequence[int]:
    """Return ends of words that depend on what follows: of two characters, if the second is there."""
    return [*range(2, len(text), 2), len(text)]


def whole(text: str) -> list[tuple[str, float, bool]]:
    """Return the clauses of a text that is there at once."""
    return [shown(text, clause, clause.end == len(text)) for clause in clauses(text, words_of)]


def shown(text: str, clause: Clause, last: bool) -> tuple[str, float, bool]:
    return text[clause.start : clause.end], clause.pause_ms, last


def take(taking: object) -> list[Taken]:
    """Return all that can be taken now."""
    taken = []
    while (one := next(taking, None)) is not None:  # type: ignore[call-overload]
        taken.append(one)
    return taken


def in_pieces(pieces: Sequence[str]) -> list[tuple[str, float, bool]]:
    """Return the clauses of a text that comes in pieces, looked at after each of them."""
    arriving = Arriving("", 10_000)
    taking = arriving.clauses(words_of)
    taken = take(taking)
    for piece in pieces:
        arriving.append(piece)
        taken += take(taking)
    arriving.finish()
    taken += take(taking)
    assert arriving.waiting == 0
    assert not any(one.silent for one in taken)
    return [shown(one.text, one.clause, one.last) for one in taken]


@settings(deadline=None, max_examples=1000)
@given(text=texts)
def test_each_character_by_itself_gives_the_clauses_of_the_whole(text: str) -> None:
    assert in_pieces(text) == whole(text)


@settings(deadline=None, max_examples=500)
@given(pieces=st.lists(texts, max_size=6))
def test_any_pieces_give_the_clauses_of_the_whole(pieces: list[str]) -> None:
    assert in_pieces(pieces) == whole("".join(pieces))
