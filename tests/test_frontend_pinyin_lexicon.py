"""The user's lexicon: it wins over everything, is read again when it changes, and says what is wrong with it."""

import os
from pathlib import Path

import pytest

from tts.frontend.lexicon import Lexicon, entry, syllable
from tts.frontend.pinyin import Pinyin


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lexicon.tsv"


def save(path: Path, text: str, at_s: int) -> None:
    """Write the file with a time of its own: two writes within a tick of the clock would look the same."""
    path.write_text(text, encoding="utf-8")
    os.utime(path, (at_s, at_s))


def test_it_wins_and_the_longest_word_wins(path: Path) -> None:
    save(path, "# mine\n\n银行\tyin2 xing2\n银行行长\tyin2 hang2 hang2 chang2\n绿\tlü3\n", 1)
    pinyin = Pinyin(path)
    assert pinyin.read("去银行") == ["qu4", "yin2", "xing2"]
    assert pinyin.read("银行行长") == ["yin2", "hang2", "hang2", "chang2"]
    assert pinyin.read("银行行长", 3) == ["chang2"]
    assert pinyin.read("绿") == ["lv3"]
    assert list(pinyin.warnings) == []


def test_it_is_read_again_when_it_changes(path: Path) -> None:
    pinyin = Pinyin(path)
    assert pinyin.read("银行") == ["yin2", "hang2"]
    assert list(pinyin.warnings) == ["lexicon.tsv: no such file"]
    save(path, "银行\tyin2 xing2\n", 1)
    assert pinyin.read("银行") == ["yin2", "xing2"]
    assert list(pinyin.warnings) == []
    save(path, "银行\tyin1 hang1\n", 2)
    assert pinyin.read("银行") == ["yin1", "hang1"]
    path.unlink()
    assert pinyin.read("银行") == ["yin2", "hang2"]


def test_wrong_lines_are_named_and_left_out(path: Path) -> None:
    save(path, "银行 yin2 xing2\n行\thang2 zhang3\nABC\ta1 b1 c1\n长\tchang\n长\tzhang3\n", 1)
    lexicon = Lexicon(path)
    assert len(lexicon.phrases()) == 1
    assert lexicon.warnings == (
        "lexicon.tsv:1: expected a word, a tab and its pinyin",
        "lexicon.tsv:2: 行 has 1 characters but 2 syllables",
        "lexicon.tsv:3: 'ABC' is not all Chinese characters",
        "lexicon.tsv:4: 'chang' is no pinyin with a tone from 1 to 5, such as lv4",
    )


def test_what_was_read_serves_while_the_file_is_broken(path: Path) -> None:
    save(path, "银行\tyin2 xing2\n", 1)
    lexicon = Lexicon(path)
    assert len(lexicon.phrases()) == 1
    path.write_bytes(b"\xff\xff")
    assert len(lexicon.phrases()) == 1
    assert len(lexicon.warnings) == 1


@pytest.mark.parametrize(
    ("written", "plain"), [("hang2", "hang2"), ("LV4", "lv4"), ("lü4", "lv4"), ("nu:3", "nv3"), ("de5", "de5")]
)
def test_syllables(written: str, plain: str) -> None:
    assert syllable(written) == plain


@pytest.mark.parametrize("written", ["", "hang", "hang6", "2", "ha ng2", "v4"])
def test_what_is_no_syllable(written: str) -> None:
    with pytest.raises(ValueError, match="is no pinyin"):
        syllable(written)


def test_a_mark_at_the_start_of_the_file_is_no_part_of_a_word(path: Path) -> None:
    path.write_bytes("\ufeff银行\tyin2 xing2\n".encode())
    lexicon = Lexicon(path)
    assert len(lexicon.phrases()) == 1
    assert entry("银行\tyin2 hang2") == ("银行", ("yin2", "hang2"))
