"""Traditional Chinese becomes simplified, one character for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts.frontend.traditional import simplified

CASES = """
    繁體中文 => 繁体中文
    後來皇后走了 => 后来皇后走了
    乾淨的乾坤 => 干净的乾坤
    乾隆皇帝 => 乾隆皇帝
    頭髮發現 => 头发发现
    一隻貓只有麵包 => 一只猫只有面包
    這裡裏面 => 这里里面
    對於他 => 对于他
    看著我們 => 看着我们
    他看著我 => 他看着我
    睡著了嗎 => 睡着了吗
    著名的著作很顯著 => 著名的著作很显著
    魯迅著 => 鲁迅著
    甚麼時候 => 什么时候
    瞭解瞭望 => 了解瞭望
    臺灣銀行 => 台湾银行
    宮商角徵羽 => 宫商角徵羽
    徵求意見 => 征求意见
    憑藉實力 => 凭借实力
    計畫很好 => 计划很好
    下週見面 => 下周见面
    鐘錶 => 钟表
    喫飯 => 吃饭
    沈默很久，說 => 沉默很久，说
    剛纔 => 刚才
    """


@pytest.mark.parametrize(
    ("traditional", "expected"),
    [pytest.param(*row.strip().split(" => "), id=row.strip()) for row in CASES.strip().splitlines()],
)
def test_simplified(traditional: str, expected: str) -> None:
    assert simplified(traditional) == expected


@pytest.mark.parametrize(
    "text",
    [
        "著名作家鲁迅著",
        "破坏子系统",
        "沈思明来了",
        "乾隆和乾坤",
        "瞭望台",
        "一坏一好",
        "皇后在前面",
        "Hello 123",
        "",
        "余下的面",
        "狼藉一片",
    ],
)
def test_simplified_text_stays_as_it_is(text: str) -> None:
    assert simplified(text) == text


@given(st.one_of(st.text(), st.text(st.sampled_from("乾著坤隆後麵沈默坏土於瞭解看名,。"))))
def test_length_and_what_is_not_han_are_kept(text: str) -> None:
    found = simplified(text)
    assert len(found) == len(text)
    assert all(a == b for a, b in zip(text, found, strict=True) if a.isascii())
    # Doing it twice makes no difference: callers need not know whether it was done.
    assert len(simplified(found)) == len(text)
