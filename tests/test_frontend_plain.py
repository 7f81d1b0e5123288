"""Plain readings: the citation tone of each character, before sandhi and before words make it neutral; by hand."""

import json

import pytest

from tts.__main__ import main
from tts.frontend import Reader
from tts.frontend.ruby import for_people


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("花儿", "hua1 er2"),
        ("一会儿", "yi1 hui4 er2"),
        ("冰棍儿", "bing1 gun4 er2"),
        ("儿子", "er2 zi5"),
        ("女儿", "nv3 er2"),
        ("一下", "yi1 xia4"),
        ("一定", "yi1 ding4"),
        ("不是", "bu4 shi4"),
        ("对不起", "dui4 bu4 qi3"),
        ("你好", "ni3 hao3"),
        ("展览馆", "zhan3 lan3 guan3"),
        ("老师们", "lao3 shi1 men5"),
        ("桌子", "zhuo1 zi5"),
        ("妈妈", "ma1 ma1"),
        ("爸爸", "ba4 ba4"),
        ("知识", "zhi1 shi2"),
        ("看看", "kan4 kan4"),
        ("想想", "xiang3 xiang3"),
        ("你们好吗", "ni3 men5 hao3 ma5"),
        ("花兒", "hua1 er2"),
        ("他一五一十地说了", "ta1 yi1 wu3 yi1 shi2 de5 shuo1 le5"),
        ("高兴得跳起来", "gao1 xing4 de5 tiao4 qi3 lai2"),
    ],
)
def test_one_reading_a_character(text: str, expected: str, reader: Reader) -> None:
    readings, _ = for_people(reader.read(text, "zh"), plain=True)
    assert readings.split() == expected.split()


def test_the_command_has_them_at_their_characters(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["read", "--json", "--plain", "一会儿见，花儿"]) == 0
    told = json.loads(capsys.readouterr().out)
    said = [character["pinyin"] for character in told["characters"]]
    assert said == ["yi1", "hui4", "er2", "jian4", "", "hua1", "er2"]
