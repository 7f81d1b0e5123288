"""Sentences in the symbols of the SAMBERT voices, against eight lines of the original front end."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.mandarin import read
from tts.engines.sambert.symbols import FIELDS, Symbol, Symbols, Unspeakable, line
from tts.frontend.syllables import Syllables
from tts.types import Sentence, Syllable, Word

VECTORS = Path(__file__).parent / "vectors"
SAMPLES: list[dict[str, Any]] = json.loads((VECTORS / "ttsfrd_samples.json").read_text(encoding="utf-8"))["lines"]
ROWS = (VECTORS / "frontend.tsv").read_text(encoding="utf-8").splitlines()
TEXTS = [row.split("\t")[2] for row in ROWS if row.split("\t")[0].endswith("-real")]
SYMBOLS = Symbols()
SYLLABLES = Syllables()
#: The initial of each spelling, in the symbols of these voices; x alone is doubled.
INITIALS = ("zh", "ch", "sh", *"bpmfdtnlgkhjqxrzcsyw")


def one_word(*syllables: Syllable) -> Sentence:
    return Sentence("", 0, "zh", words=(Word(syllables, 4),))


@pytest.mark.parametrize("at", range(8), ids=TEXTS)
def test_the_real_lines(at: int) -> None:
    symbols = SYMBOLS.write(read(TEXTS[at]))
    assert line(symbols) == SAMPLES[at]["symbols"]
    ids = SYMBOLS.ids(symbols)
    assert ids[:, :4].tolist() == SAMPLES[at]["ids"]["ling"]
    assert ids[:, 4].tolist() == SAMPLES[at]["ids"]["emo"]
    assert ids[:, 5].tolist() == SAMPLES[at]["ids"]["spk"]


def test_the_inventories_have_the_published_ids() -> None:
    def id_of(field: str, name: str) -> int:
        return SYMBOLS._ids[field][name]

    assert [id_of("phone", name) for name in ("a_c", "w_c", "ga", "aa", "air_c", "pau", "#4", "_")] == [
        0, 60, 62, 65, 104, 139, 143, 144,
    ]  # fmt: skip
    assert [id_of("tone", name) for name in ("tone1", "tone_none", "tone4", "tone0", "~")] == [0, 1, 2, 6, 8]
    assert [id_of("emotion", f"emotion_{name}") for name in ("none", "happy", "hate", "placeholder9")] == [0, 5, 19, 32]
    assert [id_of("speaker", name) for name in ("F7", "xiaoyu", "@[MASK]")] == [0, 5, 8]


def expected_phones(syllable: str) -> tuple[str, str]:
    """Return the phones of a plain syllable by the rules of Hanyu Pinyin, apart from the table."""
    if syllable[0] in "aeo":
        return "g" + syllable[0], syllable + "_c"
    initial = next(initial for initial in INITIALS if syllable.startswith(initial))
    final = syllable[len(initial) :]
    if initial in "jqxy" and final.startswith("u"):
        final = "v" + final[1:]
    if final == "i":
        final = {"zh": "ih", "ch": "ih", "sh": "ih", "r": "ih", "z": "ii", "c": "ii", "s": "ii"}.get(initial, "i")
    full = {"ui": "uei", "un": "uen", "iu": "iou"}.get(final, final)
    return ("xx" if initial == "x" else initial) + "_c", full + "_c"


@pytest.mark.parametrize("syllable", sorted(SYLLABLES.plain))
def test_every_plain_syllable(syllable: str) -> None:
    symbols = SYMBOLS.write(one_word(Syllable(0, 1, syllable + "3")))
    assert (symbols[0].phone, symbols[1].phone) == expected_phones(syllable)
    assert [symbol.tone for symbol in symbols] == ["tone3", "tone3", "tone_none"]


@pytest.mark.parametrize("syllable", sorted(SYLLABLES.plain - {"er"}))
def test_every_merged_syllable(syllable: str) -> None:
    """Also those that no word has: the rule gives phones that exist."""
    initial, final = expected_phones(syllable)
    symbols = SYMBOLS.write(one_word(Syllable(0, 2, syllable + "r2")))
    if syllable == "e":
        assert [symbol.phone for symbol in symbols] == ["ge", "er_c", "#4"]
    else:
        rhotic = "er_c" if final == "e_c" else final[:-2] + "r_c"
        assert [symbol.phone for symbol in symbols] == [initial, rhotic, "#4"]


def test_the_inventory_has_the_published_size() -> None:
    assert (len(SYLLABLES.plain), len(SYLLABLES.rhotic)) == (411, 250)
    assert SYLLABLES.rhotic < SYLLABLES.plain


@pytest.mark.parametrize(
    ("reading", "legal"),
    [
        ("hng5", "heng5"), ("ng4", "en4"), ("n2", "en2"), ("m2", "mu2"), ("ê1", "ei1"), ("len2", "lin2"),
        ("jv4", "ju4"), ("lü4", "lv4"), ("lve4", "lve4"), ("nüe4", "nve4"), ("huar1", "huar1"), ("er2", "er2"),
        ("de", "de5"), ("zher4", "zher4"), ("cei4", "cui4"), ("qwe1", ""), ("", ""), ("好", ""), ("hao9", ""),
    ],
)  # fmt: skip
def test_readings_outside_the_inventory(reading: str, legal: str) -> None:
    assert SYLLABLES.legal(reading) == legal


def test_english() -> None:
    word = Word((Syllable(0, 1, phones=("ey",)), Syllable(1, 2, phones=("th", "aa", "n"), stressed=True)), 4)
    symbols = SYMBOLS.write(Sentence("", 0, "zh", words=(word,)), "happy")
    assert [symbol.fields[:5] for symbol in symbols] == [
        ("ey", "tone0", "s_both", "word_begin", "emotion_happy"),
        ("th", "tone1", "s_begin", "word_middle", "emotion_happy"),
        ("aa", "tone1", "s_middle", "word_middle", "emotion_happy"),
        ("n", "tone1", "s_end", "word_end", "emotion_happy"),
        ("#4", "tone_none", "s_none", "word_none", "emotion_none"),
    ]


def test_a_word_of_one_phone() -> None:
    symbols = SYMBOLS.write(one_word(Syllable(0, 1, phones=("ay",), stressed=True)))
    assert str(symbols[0]) == "{ay$tone1$s_both$word_both$emotion_neutral$F7}"


@pytest.mark.parametrize(
    ("sentence", "emotion", "message"),
    [
        (Sentence("", 0, "zh"), "neutral", "no syllable"),
        (one_word(Syllable(0, 1, "hao3")), "bored", "emotion_bored is no emotion"),
        (one_word(Syllable(0, 1, "hao7")), "neutral", "tone7 is no tone"),
        (one_word(Syllable(0, 1, "qwe1")), "neutral", "qwe is no syllable"),
        (one_word(Syllable(0, 1, phones=("xx",))), "neutral", "xx is no phone"),
        (replace(one_word(), words=(Word((), 1), Word((Syllable(0, 1, "hao3"),), 4))), "neutral", "no word ends"),
    ],
)
def test_what_cannot_be_written_is_refused(sentence: Sentence, emotion: str, message: str) -> None:
    with pytest.raises(Unspeakable, match=message):
        SYMBOLS.write(sentence, emotion)


@pytest.mark.parametrize("break_after", [1, 2, 3, 4])
def test_a_line_ends_with_4_wherever_the_text_was_cut(break_after: int) -> None:
    cut = replace(one_word(), words=(Word((Syllable(0, 1, "hao3"),), break_after),))
    assert SYMBOLS.write(cut)[-1].phone == "#4"


def _tagged(at: int, **fields: str) -> Callable[[list[Symbol]], None]:
    def change(symbols: list[Symbol]) -> None:
        symbols[at] = replace(symbols[at], **fields)

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_tagged(0, word="word_middle"), "tags of a word"),
        (_tagged(0, syllable="s_both"), "two phones"),
        (_tagged(1, syllable="s_begin"), "tags of a syllable"),
        (_tagged(3, syllable="s_middle"), "tags of a syllable"),
        (_tagged(1, phone="#1"), "no word ends|tags"),
    ],
)
def test_the_check_sees_wrong_tags(change: Callable[[list[Symbol]], None], message: str) -> None:
    symbols = SYMBOLS.write(read("你好"))
    change(symbols)
    with pytest.raises(Unspeakable, match=message):
        SYMBOLS.check(symbols)


def test_ids_have_a_column_for_each_field() -> None:
    assert SYMBOLS.ids([]).shape == (0, len(FIELDS))
