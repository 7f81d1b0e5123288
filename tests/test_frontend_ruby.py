"""Readings for people: pinyin stands over its characters, whatever is wide, and rows fit the terminal."""

import pytest

from tts.frontend import Reader
from tts.frontend.ruby import columns, for_people


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("银行。", ["yin2 hang2", "银   行。#4"]),
        ("你好，妈妈", ["ni2 hao3", "你  好，#3", "ma1 ma5", "妈  妈#4"]),
        ("“花儿！”", ["  huar1", "“ 花儿！”#4"]),
        ("看“花”", ["kan4   hua1", "看#1 “ 花”#4"]),
        ("５％", ["bai3 fen1 zhi1 wu3", "５％#4"]),
        ("说hello", ["shuo1 hh.ah l.ow", "说#1  hello#4"]),
        ("好😀", ["hao3", "好#4", "! not spoken: 😀"]),
        ("ありがとう", ["ありがとう (ja)"]),
    ],
)
def test_pinyin_stands_over_its_character(text: str, expected: list[str], reader: Reader) -> None:
    assert list(for_people(reader.read(text, "zh"))) == expected


@pytest.mark.parametrize("width", [12, 30, 80])
def test_rows_fit_and_break_between_characters(width: int, reader: Reader) -> None:
    text = "我们今天下午两点半在学校门口见面然后一起去图书馆"
    rows = list(for_people(reader.read(text, "zh"), width=width))
    assert max(map(columns, rows)) <= width
    assert len(rows) > 2 or width == 80
    for readings, characters in zip(rows[::2], rows[1::2], strict=True):
        assert _places(readings) == _places(characters)
    assert "".join(c for row in rows[1::2] for c in row if c.isalpha()) == text


def _places(row: str) -> list[int]:
    """Return the columns at which words begin, and wide characters."""
    return [
        columns(row[:at])
        for at, character in enumerate(row)
        if character != " " and (columns(character) == 2 or not row[:at].rstrip("#123 ") or row[at - 1] == " ")
    ]


def test_a_mark_takes_no_column_of_its_own() -> None:
    assert columns("e\u0301") == 1
    assert columns("ü你Ａ") == 5
