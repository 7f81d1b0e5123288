"""Which words a text is cut into, and what the dictionary's exceptions are for."""

import logging
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.mandarin import words


def cut(text: str) -> list[str]:
    return [token.text for token in words().cut(text)]


@settings(deadline=None)  # the first one loads the dictionary
@given(st.text(max_size=200))
def test_words_cover_the_text(text: str) -> None:
    at = 0
    for token in words().cut(text):
        assert token.start == at < token.end
        at = token.end
    assert at == len(text)
    assert "".join(cut(text)) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("今天天气怎么样", ["今天", "天气", "怎么样"]),
        ("明天上午开会", ["明天", "上午", "开会"]),
        ("千里之行始于足下", ["千里", "之", "行", "始于", "足下"]),
        ("日新月异", ["日新月异"]),
        ("人工智能", ["人工智能"]),
        ("语音识别系统", ["语音", "识别", "系统"]),
        ("二零二四年", ["二零二四", "年"]),
        ("两百五十六个", ["两百五十六", "个"]),
        ("三点一四", ["三点一四"]),
        ("我用Python写", ["我", "用", "Python", "写"]),
        ("他慢慢地走了", ["他", "慢慢", "地", "走", "了"]),
        ("it's好", ["it's", "好"]),
        ("", []),
    ],
)
def test_cut(text: str, expected: list[str]) -> None:
    assert cut(text) == expected


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("展览馆", ("展览", "馆")),
        ("小老虎", ("小", "老虎")),
        ("中央电视台", ("中央", "电视台")),
        ("生活方式", ("生活", "方式")),
        ("今天天气", ("今天", "天气")),
        ("好", ("好",)),
        ("好" * 1000, ("好" * 1000,)),
    ],
    ids=lambda value: value[:5] if isinstance(value, str) else None,
)
def test_parts(word: str, parts: tuple[str, ...]) -> None:
    assert words().parts(word) == parts


def test_nothing_is_logged(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    """The library tells on stderr how it loads, and leaves a cache in a folder that everybody can write."""
    with caplog.at_level(logging.DEBUG):
        words().cut("欢迎使用语音合成系统")
    assert caplog.records == []
    assert capfd.readouterr() == ("", "")


def test_threads_do_not_disturb_each_other() -> None:
    texts = ["今天天气怎么样", "王小明来到网易杭研大厦", "始于足下", "研究研究再说"] * 20
    expected = [cut(text) for text in texts]
    found: dict[int, list[list[str]]] = {}
    threads = [
        threading.Thread(target=lambda at=at: found.update({at: [cut(text) for text in texts]})) for at in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(found.values()) == [expected] * 4
