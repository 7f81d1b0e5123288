"""The user's lexicon: it wins over everything, is read again when it changes, and says what is wrong with it."""

import os
import threading
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tts.__main__ import main
from tts.config import load
from tts.frontend.lexicon import Lexicon, entry, syllable
from tts.frontend.pinyin import Pinyin
from tts.service import Service


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lexicon.tsv"


def save(path: Path, text: str, at_s: int) -> None:
    """Write the file with a time of its own: two writes within a tick of the clock would look the same."""
    path.write_text(text, encoding="utf-8")
    os.utime(path, (at_s, at_s))


def test_it_wins_and_the_longest_word_wins(path: Path) -> None:
    save(path, "# mine\n\n银行\tyin2 xing2\n银行行长\tyin2 hang2 hang2 chang2\n绿\tlü3\n", 1)
    told: list[str] = []
    pinyin = Pinyin(Lexicon(path, told.append))
    assert pinyin.read("去银行") == ["qu4", "yin2", "xing2"]
    assert pinyin.read("银行行长") == ["yin2", "hang2", "hang2", "chang2"]
    assert pinyin.read("银行行长", 3) == ["chang2"]
    assert pinyin.read("绿") == ["lv3"]
    assert told == []


def test_a_full_tone_keeps_er_apart(path: Path) -> None:
    save(path, "花儿\thua1 er2\n鸟儿\tniao3 er5\n", 1)
    pinyin = Pinyin(Lexicon(path, str))
    assert pinyin.apart("看花儿和鸟儿") == {2}
    assert pinyin.apart("看花") == Pinyin().apart("花儿") == frozenset()


def test_it_is_read_again_when_it_changes(path: Path) -> None:
    told: list[str] = []
    pinyin = Pinyin(Lexicon(path, told.append))
    assert told == ["lexicon.tsv: no such file"]
    assert pinyin.read("银行") == ["yin2", "hang2"]
    save(path, "银行\tyin2 xing2\n", 1)
    assert pinyin.read("银行") == ["yin2", "xing2"]
    save(path, "银行\tyin1 hang1\n", 2)
    assert pinyin.read("银行") == ["yin1", "hang1"]
    assert len(told) == 1
    path.unlink()
    assert pinyin.read("银行") == pinyin.read("银行") == ["yin2", "hang2"]
    assert told == ["lexicon.tsv: no such file"] * 2


def test_wrong_lines_are_named_and_left_out(path: Path) -> None:
    save(path, "银行 yin2 xing2\n行\thang2 zhang3\nABC\ta1 b1 c1\n长\tchang\n长\tzhang3\n", 1)
    told: list[str] = []
    lexicon = Lexicon(path, told.append)
    assert len(lexicon.phrases()) == 1
    assert told == [
        "lexicon.tsv:1: expected a word, a tab and its pinyin",
        "lexicon.tsv:2: 行 has 1 characters but 2 syllables",
        "lexicon.tsv:3: 'ABC' is not all Chinese characters",
        "lexicon.tsv:4: 'chang' is no pinyin with a tone from 1 to 5, such as lv4",
    ]
    lexicon.phrases()
    assert len(told) == 4
    save(path, "银行\n长\tzhang3\n", 2)
    lexicon.phrases()
    assert told[4:] == ["lexicon.tsv:1: expected a word, a tab and its pinyin"]


def test_a_file_that_is_something_else_is_told_briefly(path: Path) -> None:
    save(path, "no lexicon\n" * 1000, 1)
    told: list[str] = []
    Lexicon(path, told.append)
    assert len(told) == 21
    assert told[-1] == "lexicon.tsv: 980 more lines are wrong"


def test_what_was_read_serves_while_the_file_is_broken(path: Path) -> None:
    save(path, "银行\tyin2 xing2\n", 1)
    told: list[str] = []
    lexicon = Lexicon(path, told.append)
    assert len(lexicon.phrases()) == 1
    path.write_bytes(b"\xff\xff")
    assert len(lexicon.phrases()) == 1
    assert [wrong.partition(": cannot be read")[0] for wrong in told] == ["lexicon.tsv"]


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
    lexicon = Lexicon(path, str)
    assert len(lexicon.phrases()) == 1
    assert entry("银行\tyin2 hang2") == ("银行", ("yin2", "hang2"))


def test_the_command_tells_what_is_wrong(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    save(path, "银行 yin2 xing2\n", 1)
    monkeypatch.setenv("TTS_LEXICON", str(path))
    assert main(["read", "银行"]) == 0
    told = capsys.readouterr()
    assert told.err == "lexicon.tsv:1: expected a word, a tab and its pinyin\n"
    assert told.out.splitlines()[0] == "yin2 hang2"


def test_the_server_logs_what_is_wrong(path: Path) -> None:
    """Once at its start, and once more for the file that was changed."""
    save(path, "银行 yin2 xing2\n", 1)
    with capture_logs() as logged:
        service = Service(load({}, engines=("tone",), default_voice="tone-zh", lexicon=str(path)))
        list(service.reader.read("你好。你好。", "zh"))
        save(path, "银\tyin\n", 2)
        list(service.reader.read("你好。你好。", "zh"))
        service.close()
    assert [(event["log_level"], event["event"], event["reason"]) for event in logged] == [
        ("warning", "lexicon", "lexicon.tsv:1: expected a word, a tab and its pinyin"),
        ("warning", "lexicon", "lexicon.tsv:1: 'yin' is no pinyin with a tone from 1 to 5, such as lv4"),
    ]


def test_nobody_waits_for_who_reads_the_file(tmp_path: Path) -> None:
    path = tmp_path / "lexicon.tsv"
    path.write_text("行长\thang2 zhang3\nwrong\n", encoding="utf-8")
    ended = []

    def tell(_: str) -> None:
        if told:  # else it is being made
            other = threading.Thread(target=told[0].phrases, daemon=True)
            other.start()
            other.join(5)
            ended.append(not other.is_alive())

    told: list[Lexicon] = []
    told.append(Lexicon(path, tell))
    path.write_text("行长\thang2 zhang3\nwrong again\n", encoding="utf-8")
    told[0].phrases()
    assert ended == [True]
