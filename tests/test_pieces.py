"""Tests of text that keeps arriving: where it is cut, and that what is made of it is what is made of the whole."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tts.catalogue import Catalogue
from tts.engines.tone import ToneEngine
from tts.errors import Busy, TextTooLong
from tts.frontend import Reader
from tts.frontend.arriving import Arriving, Taken
from tts.frontend.hints import Hints
from tts.frontend.segment import FIRST_MOST_CHARACTERS, Clause, clauses
from tts.stream import decide, plan, speak
from tts.types import Pcm16, Request, Sentence

#: What decides where a clause ends: signs that do and those that may not, what closes, words, numbers, white space.
CHARACTERS = "我们银行长。，！？：；……——、”’」）“（\"' \n\r\t.,:!?;3 05aA-Mr.%￥か😀👍🏽\u200d\u0301é"

texts = st.text(st.one_of(st.sampled_from(CHARACTERS), st.characters(exclude_categories=["Cs"])), max_size=140)

PROSE = (
    "他说：“今天天气很好，我们一起去公园散步吧。”然后呢？……走了3.5公里，花了1,200元！\n\n"
    "“好的（真的）。”王长行长在银行行长办公室2：30开会，AI技术和Wi-Fi 6E都有——第二天，Mr. Li来了. 再见。"
)


def words_of(text: str) -> Sequence[int]:
    """Return ends of words that depend on what follows: of two characters, if the second is there."""
    return [*range(2, len(text), 2), len(text)]


def whole(text: str) -> list[tuple[str, float, bool]]:
    """Return the clauses of a text that is there at once."""
    return [shown(text, clause, clause.end == len(text)) for clause in clauses(text, words_of)]


def shown(text: str, clause: Clause, last: bool) -> tuple[str, float, bool]:
    return text[clause.start : clause.end], clause.pause_ms, last


def taken_now(taking: Iterator[Taken | None]) -> list[Taken]:
    """Return all that can be taken before more comes."""
    taken = []
    while (one := next(taking, None)) is not None:
        taken.append(one)
    return taken


def in_pieces(pieces: Sequence[str]) -> list[tuple[str, float, bool]]:
    """Return the clauses of a text that comes in pieces, looked at after each of them."""
    arriving = Arriving("", 10_000)
    taking = arriving.clauses(words_of)
    taken = taken_now(taking)
    for piece in pieces:
        arriving.append(piece)
        taken += taken_now(taking)
    arriving.finish()
    taken += taken_now(taking)
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


@settings(deadline=None, max_examples=500)
@given(pieces=st.lists(st.tuples(texts, st.booleans()), max_size=6))
def test_whatever_is_flushed_covers_the_text_in_order(pieces: list[tuple[str, bool]]) -> None:
    arriving = Arriving("", 10_000)
    taking = arriving.clauses(words_of)
    taken = []
    for piece, flushed in pieces:
        arriving.append(piece)
        if flushed:
            arriving.flush()
        taken += taken_now(taking)
        assert not (flushed and arriving.waiting)
    arriving.finish()
    taken += taken_now(taking)
    at = 0
    for one in taken:
        assert one.silent or one.clause.start == at
        at = one.clause.end
    assert at == len("".join(piece for piece, _ in pieces))


@pytest.mark.parametrize(
    ("before", "waits", "following", "clause"),
    [
        ("他花了3.", True, "5元，好", "他花了3.5元，"),
        ("他花了1,", True, "200元，好", "他花了1,200元，"),
        ("会议在2：", True, "30开，好", "会议在2：30开，"),
        ("Hello wor", True, "ld, ok", "Hello world, "),
        ("Mr.", True, " Li来了。好", "Mr. Li来了。"),
        ("“好。", True, "”然", "”"),
        ("然后……", True, "…好", "然后………"),
        ("真的！", True, "？好", "真的！？"),
        ("好。", True, "\n\n他", "好。\n\n"),
        ("你好，", True, "世", "你好，"),
        ("你好，世", False, "", "你好，"),
        ("去" * 37, True, "去", "去" * 30),
        ("去" * 38, False, "", "去" * 30),
    ],
)
def test_a_clause_is_taken_when_its_end_is_certain(before: str, waits: bool, following: str, clause: str) -> None:
    arriving = Arriving(before, 500)
    taking = arriving.clauses(lambda text: range(1, len(text) + 1))
    taken = taken_now(taking)
    assert (not taken) is waits
    arriving.append(following)
    taken += taken_now(taking)
    assert any(one.text[one.clause.start : one.clause.end].endswith(clause) for one in taken)


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        ("你好，", True), ("你好。”", True), ("你好，\n", True), ("你好", False), ("你好,", True), ("Hello, ", True),
        ("Hello,", False), ("Hello.", False), ("Mr. ", False), ("3.", False), ("2：", False), ("他说：", True),
        ("第一行\n", True), ("好。然后", False), ("https:", False), ("——", True), ("—", False), ("", False),
    ],
)  # fmt: skip
def test_a_clause_is_closed_when_only_silent_signs_can_follow(text: str, closed: bool) -> None:
    arriving = Arriving(text, 500)
    taken_now(arriving.clauses(words_of))
    assert arriving.closed is closed


def test_what_belongs_to_a_clause_that_was_flushed_is_silent_and_makes_its_pause_longer() -> None:
    arriving = Arriving("你好", 500)
    taking = arriving.clauses(words_of)
    pauses = []
    for sign in ("", "，", "”", "\n", "\n", "他说，好。"):
        arriving.append(sign)
        arriving.flush()
        pauses += [(one.clause.end, one.clause.pause_ms, one.silent) for one in taken_now(taking)]
    assert pauses[:4] == [(2, 0.0, False), (3, 180.0, True), (4, 180.0, True), (5, 180.0, True)]
    assert pauses[4:] == [(6, 700.0, True), (9, 180.0, False), (11, 400.0, False)]


def test_what_waits_has_a_limit_and_nothing_is_lost() -> None:
    arriving = Arriving("好" * 10, 20)
    with pytest.raises(TextTooLong, match="text: has 21 characters; at most 20 are taken at once"):
        arriving.append("好" * 21)
    with pytest.raises(Busy, match="10 characters wait to be spoken, and 11 more are over 20; none of them was taken"):
        arriving.append("好" * 11)
    arriving.append("，" + "好" * 9)
    assert (arriving.text, arriving.waiting) == ("好" * 10 + "，" + "好" * 9, 20)
    assert len(taken_now(arriving.clauses(words_of))) == 1
    assert arriving.waiting == 9
    arriving.append("好" * 11)


def test_the_first_clause_is_shorter_as_in_a_whole_text() -> None:
    lengths = [len(text) for text, _, _ in in_pieces("去" * 200)]
    assert (lengths[0], lengths[1]) == (FIRST_MOST_CHARACTERS, 60)


def settled(reader: Reader, pieces: Sequence[str]) -> list[Sentence]:
    """Return the sentences when every clause is spoken as soon as it is closed, each pause where it ends up."""
    arriving = Arriving("", 500)
    reading = reader.read_arriving(arriving, "zh", Hints({}))
    read: list[Sentence] = []
    for piece in pieces:
        arriving.append(piece)
        read += sentences_now(reading)
        if arriving.closed:
            arriving.flush()
            read += sentences_now(reading)
    arriving.finish()
    merged: list[Sentence] = []
    for sentence in chain(read, sentences_now(reading)):
        if sentence.text:
            merged.append(sentence)
        else:
            merged[-1] = replace(merged[-1], pause_ms=sentence.pause_ms)
    return merged


def sentences_now(reading: Iterator[Sentence | None]) -> list[Sentence]:
    read = []
    while (sentence := next(reading, None)) is not None:
        read.append(sentence)
    return read


def test_a_clause_that_is_spoken_when_it_is_closed_is_read_as_in_the_whole(reader: Reader) -> None:
    """What comes late, such as a closing quote, is no part of its text then, but it has no sound."""
    late = settled(reader, PROSE)
    at_once = list(reader.read(PROSE, "zh"))
    assert [(one.start, one.words, one.pause_ms) for one in late] == [
        (one.start, one.words, one.pause_ms) for one in at_once
    ]
    assert any(one.text != other.text for one, other in zip(late, at_once, strict=True))


def test_chosen_readings_count_in_the_text_that_synthesize_brings(reader: Reader) -> None:
    arriving = Arriving("银行行长，你", 500)
    first, *_ = sentences_now(reader.read_arriving(arriving, "zh", Hints({2: "xing2"})))
    assert [syllable.pinyin for word in first.words for syllable in word.syllables][2] == "xing2"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue({"tone": ToneEngine()}, "tone-zh")


def sound(request: Request, catalogue: Catalogue, reader: Reader, pieces: Sequence[str] = ()) -> Pcm16:
    """Return the sound of a request, of which pieces come whenever more text is waited for."""
    planned = plan(request, catalogue, reader)
    left = iter(pieces)
    made = []
    for piece in speak(planned, catalogue, reader):
        made.append(piece.pcm)
        if planned.arriving and not (piece.pcm.size or piece.marks or piece.warnings):
            following = next(left, None)
            if following is None:
                planned.arriving.finish()
            else:
                planned.arriving.append(following)
    return np.concatenate(made)


@settings(deadline=None, max_examples=30)
@given(cuts=st.lists(st.integers(0, len(PROSE)), max_size=30))
def test_any_pieces_sound_like_the_whole(catalogue: Catalogue, reader: Reader, cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(PROSE)]
    pieces = [PROSE[a:b] for a, b in pairwise(places)]
    in_pieces = Request("", "pcm", voice="tone-zh", sample_rate_hz=24_000, more=True)
    at_once = sound(replace(in_pieces, text=PROSE, more=False), catalogue, reader)
    assert np.array_equal(sound(in_pieces, catalogue, reader, pieces), at_once)


@pytest.mark.parametrize(
    ("pieces", "voice"),
    [
        (["AI", "技术正在", "改变，世"], "tone-zh"),
        (["\n\n", "Hel", "lo there", ", friends"], "tone-en"),
        (["3", ".", "5", "。", "好"], "tone-zh"),
    ],
)
def test_the_first_clause_decides_the_voice_where_nothing_is_asked_for(
    catalogue: Catalogue, reader: Reader, pieces: list[str], voice: str
) -> None:
    planned = plan(Request("", "pcm", more=True), catalogue, reader)
    assert planned.arriving
    for piece in pieces:
        assert decide(planned, catalogue, reader) is None
        planned.arriving.append(piece)
    decided = decide(planned, catalogue, reader)
    assert decided
    assert decided.voice.id == voice
    assert decided.arriving is planned.arriving


def test_a_voice_or_language_that_is_asked_for_decides_at_once(catalogue: Catalogue, reader: Reader) -> None:
    for asked in ({"voice": "tone-en"}, {"language": "en"}):
        planned = plan(Request("", "pcm", more=True, **asked), catalogue, reader)  # type: ignore[arg-type]
        assert decide(planned, catalogue, reader) is planned
        assert planned.voice.id == "tone-en"


def test_a_text_that_is_finished_without_a_word_decides_for_the_default(catalogue: Catalogue, reader: Reader) -> None:
    planned = plan(Request(" ", "pcm", more=True), catalogue, reader)
    assert planned.arriving
    planned.arriving.finish()
    decided = decide(planned, catalogue, reader)
    assert decided
    assert decided.voice.id == "tone-zh"


def test_what_follows_a_clause_without_a_sound_changes_no_pause(reader: Reader) -> None:
    """In the whole text that clause has no pause either."""
    arriving = Arriving("你好。😀！", 500)
    arriving.flush()
    reading = reader.read_arriving(arriving, "zh", Hints({}))
    read = sentences_now(reading)
    arriving.append("\n\n")
    read += sentences_now(reading)
    arriving.append("好。")
    arriving.finish()
    read += sentences_now(reading)
    assert [(one.text, one.pause_ms) for one in read] == [("你好。", 400.0), ("好。", 400.0)]
