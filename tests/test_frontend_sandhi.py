"""How tones change: 一, 不, third tones, neutral tone, reduplication, and the merged 儿.

Expected readings were written by hand from the textbook rules; no dictionary was at hand.
"""

import pytest

from tests.mandarin import read


def spoken(text: str, readings: dict[int, str] | None = None) -> str:
    return " ".join(syllable.pinyin for word in read(text, readings).words for syllable in word.syllables)


def check(text: str, expected: str) -> None:
    assert spoken(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("一天", "yi4 tian1"),
        ("一年", "yi4 nian2"),
        ("一起", "yi4 qi3"),
        ("一定", "yi2 ding4"),
        ("一个", "yi2 ge5"),
        ("看一看", "kan4 yi5 kan4"),
        ("押一付三", "ya1 yi1 fu4 san1"),
        ("押一付一的房子", "ya1 yi1 fu4 yi1 de5 fang2 zi5"),
        ("假一罚十", "jia3 yi1 fa2 shi2"),
        ("付一半", "fu4 yi2 ban4"),
        ("第一", "di4 yi1"),
        ("第一天", "di4 yi1 tian1"),
        ("十一", "shi2 yi1"),
        ("十一月一日", "shi2 yi1 yue4 yi1 ri4"),
        ("一月", "yi1 yue4"),
        ("一个月", "yi2 ge5 yue4"),
        ("统一", "tong3 yi1"),
        ("统一思想", "tong3 yi1 si1 xiang3"),
        ("这一天", "zhe4 yi4 tian1"),
        ("同一天", "tong2 yi4 tian1"),
        ("一百一十一", "yi4 bai3 yi1 shi2 yi1"),
        ("二一二", "er4 yi1 er4"),
        ("一点五", "yi1 dian2 wu3"),
        ("一千零五十点四元", "yi4 qian1 ling2 wu3 shi2 dian3 si4 yuan2"),
        ("三点一四", "san1 dian3 yi1 si4"),
        ("下午三点一刻", "xia4 wu3 san1 dian3 yi2 ke4"),
        ("早点一起走", "zao2 dian3 yi4 qi3 zou3"),
        ("一九四九年", "yi1 jiu3 si4 jiu3 nian2"),
        ("一年级", "yi1 nian2 ji2"),
        ("百分之一", "bai3 fen1 zhi1 yi1"),
        ("一一", "yi1 yi1"),
        ("一", "yi1"),
    ],
)
def test_yi(text: str, expected: str) -> None:
    check(text, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("不要", "bu2 yao4"),
        ("不断", "bu2 duan4"),
        ("不行", "bu4 xing2"),
        ("不好", "bu4 hao3"),
        ("好不好", "hao3 bu5 hao3"),
        ("喜不喜欢", "xi3 bu5 xi3 huan5"),
        ("看不见", "kan4 bu5 jian4"),
        ("对不起", "dui4 bu5 qi3"),
        ("差不多", "cha4 bu5 duo1"),
        ("要不是", "yao4 bu2 shi4"),
        ("不", "bu4"),
        ("不，我不去", "bu4 wo3 bu2 qu4"),
    ],
)
def test_bu(text: str, expected: str) -> None:
    check(text, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("你好", "ni2 hao3"),
        ("你好吗", "ni2 hao3 ma5"),
        ("展览馆", "zhan2 lan2 guan3"),
        ("总统府", "zong2 tong2 fu3"),
        ("小老虎", "xiao3 lao2 hu3"),
        ("很美好", "hen3 mei2 hao3"),
        ("我很好", "wo3 hen2 hao3"),
        ("买雨伞", "mai3 yu2 san3"),
        ("请我们吃饭", "qing2 wo3 men5 chi1 fan4"),
        ("小鸟", "xiao2 niao3"),
        ("洒满了", "sa2 man3 le5"),
        ("我想，你好", "wo2 xiang3 ni2 hao3"),
        ("想买酒", "xiang3 mai2 jiu3"),
    ],
)
def test_third_tones(text: str, expected: str) -> None:
    check(text, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("知识", "zhi1 shi5"),
        ("怎么", "zen3 me5"),
        ("我们的", "wo3 men5 de5"),
        ("朋友们", "peng2 you5 men5"),
        ("小朋友", "xiao3 peng2 you5"),
        ("走吧", "zou3 ba5"),
        ("日子", "ri4 zi5"),
        ("妈妈", "ma1 ma5"),
        ("姐姐", "jie3 jie5"),
        ("奶奶", "nai3 nai5"),
        ("看看", "kan4 kan5"),
        ("想想", "xiang2 xiang5"),
        ("慢慢走", "man4 man4 zou3"),
        ("天天", "tian1 tian1"),
        ("是个", "shi4 ge5"),
        ("两个", "liang3 ge5"),
        ("整个", "zheng3 ge4"),
        ("个人", "ge4 ren2"),
    ],
)
def test_neutral_tone(text: str, expected: str) -> None:
    check(text, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("花儿", "huar1"),
        ("一点儿", "yi4 dianr3"),
        ("一会儿", "yi2 huir4"),
        ("小孩儿", "xiao3 hair2"),
        ("哪儿", "nar3"),
        ("这儿", "zher4"),
        ("玩儿", "wanr2"),
        ("儿子", "er2 zi5"),
        ("女儿", "nv3 er2"),
        ("儿童", "er2 tong2"),
        ("婴儿", "ying1 er2"),
        ("幼儿园", "you4 er2 yuan2"),
        ("混血儿", "hun4 xue4 er2"),
        ("儿", "er2"),
    ],
)
def test_erhua(text: str, expected: str) -> None:
    check(text, expected)


def test_a_merged_er_belongs_to_its_syllable() -> None:
    syllable = read("花儿").words[0].syllables[0]
    assert (syllable.start, syllable.end, syllable.pinyin, syllable.citation) == (0, 2, "huar1", "hua1")


def test_citations_are_the_tones_before_sandhi() -> None:
    citations = [syllable.citation for word in read("一起不断小鸟").words for syllable in word.syllables]
    assert citations == ["yi1", "qi3", "bu4", "duan4", "xiao3", "niao3"]


def test_a_chosen_reading_keeps_its_tone() -> None:
    assert spoken("东西", {1: "xi1"}) == "dong1 xi1"
    assert spoken("花儿", {1: "er2"}) == "hua1 er2"
    assert spoken("银行", {1: "xing2"}) == "yin2 xing2"
