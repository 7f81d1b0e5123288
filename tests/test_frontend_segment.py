"""Where a text is cut, and how long the pauses are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts.frontend.segment import COMMA_MS, FIRST_MOST_CHARACTERS, MOST_CHARACTERS, PARAGRAPH_MS, STOP_MS, clauses


def cut(text: str) -> list[str]:
    return [text[clause.start : clause.end].strip() for clause in clauses(text)]


@given(st.text(max_size=400))
def test_clauses_cover_the_text(text: str) -> None:
    at = 0
    for clause in clauses(text):
        assert clause.start == at < clause.end
        at = clause.end
    assert at == len(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("你好，世界。再见！", ["你好，", "世界。", "再见！"]),
        ("价格是3.14元", ["价格是3.14元"]),
        ("10:30见,好吗", ["10:30见,", "好吗"]),
        ("1,000 items", ["1,000 items"]),
        ("Fruit, e.g. apples", ["Fruit,", "e.g. apples"]),
        ("Mr. Smith met J. Doe. Then", ["Mr. Smith met J. Doe.", "Then"]),
        ("See example.com/a?b=c now", ["See example.com/a?b=c now"]),
        ("他说：“你好！”她笑了", ["他说：", "“你好！”", "她笑了"]),
        ("Hi!Bye", ["Hi!", "Bye"]),
        ("x!=y时2 != 1", ["x!=y时2 != 1"]),
        ("नमस्ते। आप कैसे हैं", ["नमस्ते।", "आप कैसे हैं"]),
        ("مرحبا، كيف", ["مرحبا،", "كيف"]),
        ("打110、119或120。1、好", ["打110、119或120。", "1、", "好"]),
        ("一\n二", ["一", "二"]),
        ("等等……好——走", ["等等……", "好——", "走"]),
    ],
)
def test_punctuation_of_all_scripts_cuts_but_not_inside_numbers_and_words(text: str, expected: list[str]) -> None:
    assert cut(text) == expected


def test_pauses_grow_from_comma_to_stop_to_paragraph() -> None:
    pauses = [clause.pause_ms for clause in clauses("好，好。好\n\n好")]
    assert pauses == [COMMA_MS, STOP_MS, PARAGRAPH_MS, 0.0]
    assert COMMA_MS < STOP_MS < PARAGRAPH_MS


@pytest.mark.parametrize("unit", ["今天天气", "word ", "การ", "2026年3,000元iPhone"])
def test_long_clauses_are_cut_and_the_first_one_earlier(unit: str) -> None:
    text = unit * 60
    pieces = cut(text)
    assert len(pieces[0]) <= FIRST_MOST_CHARACTERS
    assert max(map(len, pieces)) <= MOST_CHARACTERS
    assert "".join(pieces).replace(" ", "") == text.replace(" ", "")
    assert not any(piece.startswith(("ord", "026", "000", "hone", ",")) for piece in pieces)


def test_a_long_word_is_never_cut() -> None:
    word = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
    assert cut(f"{word} {word}") == [word, word]
