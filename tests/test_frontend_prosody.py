"""How words are grouped, and where breaks are."""

import itertools
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.mandarin import pinyin, read, shown, words
from tts.frontend.feet import leaves
from tts.frontend.number_feet import feet_of_number
from tts.frontend.prosody import Prosody
from tts.frontend.sandhi import Sandhi


def grouped(text: str) -> str:
    """Return the characters of each prosodic word, `|` between them and a break's digit where it is not 1."""
    pieces = []
    for word in read(text).words:
        mark = {1: "|", 4: ""}.get(word.break_after, f"|{word.break_after}|")
        pieces.append(text[word.syllables[0].start : word.syllables[-1].end] + mark)
    return "".join(pieces)


@pytest.mark.parametrize(
    "expected",
    [
        "今天|是个|好日子",
        "新的|知识",
        "洒满了|整个|房间",
        "春天|3|别着急",
        "我|不知道",
        "站起来",
        "三本书",
        "你和我",
        "老师们",
        "中华|人民共和国",
        "幺三八|零零幺三|八零零零",
        "我用|Python|写|代码",
    ],
)
def test_grouping(expected: str) -> None:
    text = expected.replace("|3|", "，").replace("|", "")
    assert grouped(text) == expected


def test_a_comma_is_a_break_and_quotes_are_none() -> None:
    assert [word.break_after for word in read("春天，夏天、秋天；冬天").words] == [3, 3, 3, 4]
    assert shown(read("他说“你好”")) == shown(read("他说你好"))


def test_a_long_clause_is_cut_into_phrases() -> None:
    text = "为了让更多的人了解这项技术我们决定在下个月举办一次面向公众的免费讲座"
    sizes = [0]
    for word in read(text).words:
        sizes[-1] += len(word.syllables)
        if word.break_after == 2:
            sizes.append(0)
    assert len(sizes) > 2
    assert max(sizes) <= 12


def test_a_clause_of_one_breath_has_no_phrases() -> None:
    assert {word.break_after for word in read("人工智能正在改变我们的生活方式").words} == {1, 4}


@pytest.mark.parametrize(
    ("number", "feet"),
    [
        ("幺三八零零幺三八零零零", ("幺三八", "零零幺三", "八零零零")),
        ("三千五百六十七万八千九百", ("三千五百", "六十七万", "八千九百")),
        ("一百二十三亿零五", ("一百二十", "三亿", "零五")),
        ("二零二四", ("二零二四",)),
        ("一二三四五六", ("一二三", "四五六")),
    ],
)
def test_feet_of_number(number: str, feet: tuple[str, ...]) -> None:
    assert feet_of_number(number) == feet


@settings(deadline=None)  # the first one loads the dictionary
@given(st.text("零一二三四五六七八九十百千万亿点两幺", min_size=1, max_size=40))
def test_no_digit_of_a_number_is_lost(number: str) -> None:
    assert "".join(feet_of_number(number)) == number
    assert max(map(len, feet_of_number(number))) <= 40


@settings(deadline=None)  # the first one loads the dictionary
@given(st.text(st.sampled_from("的一不儿看好你我他了，。 A个第十三不地")), st.text(max_size=60))
def test_every_syllable_is_in_one_word(left: str, right: str) -> None:
    text = left + right
    tokens, readings = words().cut(text), pinyin().read(text)
    tokens = [token for token in tokens if token.tag != "eng"]
    feet = Prosody(words().parts).feet(tokens, readings, frozenset())
    inside = [at for foot in feet for at in leaves(foot.tree)]
    assert inside == [at for at, reading in enumerate(readings) if reading]
    assert [foot.break_after for foot in feet[-1:]] in ([], [4])


def test_what_leans_does_not_grow_without_limit() -> None:
    """A page full of 的 was one word whose tree was deeper than Python's stack; 5000 are more than its 1000 frames."""
    assert max(len(word.syllables) for word in read("的" * 5000).words) <= 7
    assert len(read("一" * 5000).words) > 1000


def test_cost_grows_with_the_length_alone() -> None:
    """The best of five: 500 characters take under 25 ms, and ten times as much no more than twenty times that."""
    text = "他说今天下午三点我们要去公司开会讨论下一个季度的销售计划，请大家准时到会议室参加一次。" * 12
    prosody, sandhi = Prosody(words().parts), Sandhi(words().parts)

    def seconds(piece: str) -> float:
        readings = pinyin().read(piece)
        best = 10.0
        for _ in itertools.repeat(None, 5):
            start = time.perf_counter()
            tokens = words().cut(piece)
            feet = prosody.feet(tokens, readings, frozenset())
            sandhi.surface(piece, tokens, readings, feet, frozenset())
            best = min(best, time.perf_counter() - start)
        return best

    short = seconds(text[:500])
    assert short < 0.025
    assert seconds(text[:500] * 10) < 20 * short
