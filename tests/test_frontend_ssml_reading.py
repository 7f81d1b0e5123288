"""What the front end makes of markup: read in context, cut where the sound changes, each place known."""

from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.mandarin import shown
from tts.errors import BadSsml
from tts.frontend import Reader
from tts.frontend.report import report
from tts.frontend.ssml import parse
from tts.frontend.ssml_tags import TAGS
from tts.types import Sentence, Style


def read(reader: Reader, inside: str, language: str = "zh", readings: dict[int, str] | None = None) -> list[Sentence]:
    return list(reader.read_document(parse(f"<speak>{inside}</speak>"), language, readings or {}))


def line(sentences: list[Sentence]) -> str:
    """Return all words as one line."""
    return " ".join(shown(sentence) for sentence in sentences)


def messages(sentences: list[Sentence]) -> list[str]:
    return [warned.message for sentence in sentences for warned in sentence.warnings]


# Context and cuts


def test_a_style_cuts_the_sound_but_not_the_reading(reader: Reader) -> None:
    sentences = read(reader, '银<emotion category="happy">行</emotion>开门')
    assert [(s.text, s.style.emotion, s.spoken) for s in sentences] == [
        ("银", None, "银"),
        ("行", "happy", "行"),
        ("开门", None, "开门"),
    ]
    assert line(sentences) == "yin2 #1 hang2 #1 kai1men2 #4"


def test_tones_change_across_a_cut(reader: Reader) -> None:
    assert line(read(reader, '你<prosody rate="fast">好</prosody>')) == "ni2 #4 hao3 #4"


@pytest.mark.parametrize(
    "inside",
    [
        '我在银<mark name="a"/>行开会',
        '我在<phoneme ph="yin2">银</phoneme>行开会',
        '我在<sub alias="银">Ag</sub>行开会',
        "我在<!-- x -->银行开会",
        "我在<w>银行</w>开会",
    ],
)
def test_what_changes_no_sound_cuts_nothing(reader: Reader, inside: str) -> None:
    (sentence,) = read(reader, inside)
    assert sentence.text == "我在银行开会"
    assert "yin2hang2" in line([sentence])


def test_punctuation_stays_with_what_it_belongs_to(reader: Reader) -> None:
    sentences = read(reader, "他说<emphasis>“好的</emphasis>”，是吧<emphasis>？</emphasis>")
    assert [(s.text, s.style.emphasis) for s in sentences] == [
        ("他说", None),
        ("“好的”，", "moderate"),
        ("是吧？", None),
    ]
    assert [s.mood for s in sentences] == ["statement", "statement", "question"]
    assert [bool(s.pause_ms) for s in sentences] == [False, True, True]


@pytest.mark.parametrize(
    ("inside", "texts", "unit"),
    [
        ('共1<emotion category="sad">2</emotion>个', ["共12个"], "12"),
        ('共1<emotion category="sad">2个</emotion>', ["共12", "个"], "12"),
        ("用Py<emphasis>thon</emphasis>写", ["用Python写"], "Python"),
        ("玩<emphasis>儿</emphasis>吧", ["玩儿吧"], "玩儿"),
    ],
)
def test_what_is_spoken_in_one_go_is_not_cut(reader: Reader, inside: str, texts: list[str], unit: str) -> None:
    sentences = read(reader, inside)
    assert [s.text for s in sentences] == texts
    assert messages(sentences) == [f"{unit!r} is spoken in one go, as it begins"]


def test_a_foreign_sentence_is_cut_between_words(reader: Reader) -> None:
    sentences = read(reader, "A <emphasis>very</emphasis> good un<emphasis>believ</emphasis>able day", "en")
    assert [(s.text, s.style.emphasis) for s in sentences] == [
        ("A", None),
        ("very", "moderate"),
        ("good unbelievable day", None),
    ]
    assert messages(sentences) == ["'unbelievable' is spoken in one go, as it begins"]


# Breaks, sentences, names


def test_breaks_part_what_is_read(reader: Reader) -> None:
    sentences = read(reader, '<break time="1s"/>银<break time="300ms"/>行<s>好</s>吧<break time="2s"/>')
    assert [(s.text, s.rest_ms, s.pause_ms) for s in sentences] == [
        ("银", 1000.0, 0.0),
        ("行", 300.0, 400.0),
        ("好", 0.0, 400.0),
        ("吧", 0.0, 0.0),
        ("", 2000.0, 0.0),
    ]
    assert line(sentences[:2]) == "yin2 #4 xing2 #4"


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        ('你好，<break strength="none"/>世界', "你好世界"),
        ('你好 <break strength="none"/> ， 世界', "你好 世界"),
        ('hi,<break strength="none"/>you', "hi you"),
        ('<break strength="none"/>，好', "好"),
        ('你好<break strength="none"/>。世界', "你好。世界"),
    ],
)
def test_no_break_takes_back_the_pause_of_a_comma(reader: Reader, inside: str, text: str) -> None:
    assert "".join(sentence.text for sentence in read(reader, inside)) == text


def test_names_are_carried_wherever_they_stand(reader: Reader) -> None:
    inside = '<mark name="a"/><break/>你<mark name="b"/>好。<mark name="c"/>再<emphasis>见</emphasis><mark name="d"/>'
    sentences = read(reader, inside)
    assert [(s.text, s.names) for s in sentences] == [
        ("", ((0, "a"),)),
        ("你好。", ((1, "b"),)),
        ("再", ((3, "c"),)),
        ("见", ()),
        ("", ((5, "d"),)),
    ]


def test_silence_and_names_survive_where_nothing_is_spoken(reader: Reader) -> None:
    (sentence,) = read(reader, '<break time="1s"/>。<mark name="a"/>')
    assert (sentence.text, sentence.rest_ms, sentence.names) == ("", 1000.0, ((1, "a"),))


def test_a_voice_of_another_language_reads_its_own(reader: Reader) -> None:
    document = parse('<speak>我说<voice name="e">hello</voice>你<voice name="z">好</voice></speak>')
    sentences = list(reader.read_document(document, "zh", {}, {"e": "en", "z": "zh"}))
    assert [(s.text, s.language) for s in sentences] == [("我说", "zh"), ("hello", "en"), ("你", "zh"), ("好", "zh")]
    assert line(sentences[2:]) == "ni2 #4 hao3 #4"


# Readings, words, kinds of text


def test_pinyin_wins_over_the_dictionary(reader: Reader) -> None:
    inside = '去<phoneme ph="yin2 xing2">银行</phoneme>看<phoneme ph="huar1">花儿</phoneme>'
    (sentence,) = read(reader, inside)
    said = [(one.pinyin, one.citation, one.start, one.end) for word in sentence.words for one in word.syllables]
    assert said[1:3] == [("yin2", "yin2", 1, 2), ("xing2", "xing2", 2, 3)]
    assert said[-1] == ("huar1", "hua1", 4, 6)
    assert messages([sentence]) == []
    assert "hua1er2" in line(read(reader, '<phoneme ph="hua1 er2">花儿</phoneme>'))


def test_chosen_readings_count_in_the_markup_and_win_over_it(reader: Reader) -> None:
    inside = '<phoneme ph="xing2">行</phoneme>'
    at = len("<speak>") + inside.index("行")
    assert line(read(reader, inside, readings={at: "hang2"})) == "hang2 #4"


def test_a_reading_that_is_no_syllable_is_told(reader: Reader) -> None:
    assert messages(read(reader, '<phoneme ph="biu3">行</phoneme>')) == ["'行' cannot be read as biu3"]


def test_a_word_is_one_word_and_read_by_itself(reader: Reader) -> None:
    (sentence,) = read(reader, "<w>南京市</w><w>长江大桥</w>")
    assert line([sentence]) == "nan2jing1shi4 #1 chang2jiang1da4qiao2 #4"
    (sentence,) = read(reader, "南京<w>市长</w>江大桥")
    assert "shi4zhang3 #1" in line([sentence])


@pytest.mark.parametrize(
    ("kind", "form", "text", "spoken"),
    [
        ("cardinal", "", "12,345", "一万二千三百四十五"),
        ("cardinal", "", "-110.5", "负一百一十点五"),
        ("cardinal", "", "2026", "两千零二十六"),
        ("digits", "", "110", "一一零"),
        ("telephone", "", "+86 110", "加八六 幺幺零"),
        ("id", "", "ab1", " A B 幺"),
        ("characters", "", "AB-1", " A B 杠一"),
        ("punctuation", "", "“……”", "左双引号省略号右双引号"),
        ("address", "", "1号楼304室", "一号楼三零四室"),
        ("date", "", "2026.01.02", "二零二六年一月二日"),
        ("date", "", "20260102", "二零二六年一月二日"),
        ("date", "mdy", "3/4/2026", "二零二六年三月四日"),
        ("date", "dmy", "3/4/2026", "二零二六年四月三日"),
        ("date", "ym", "2026/10", "二零二六年十月"),
        ("date", "md", "5.6", "五月六日"),
        ("date", "y", "2026", "二零二六年"),
        ("date", "d", "5", "五日"),
        # Without a sign between them, parts have all their digits: 2026 is no 20年2月6日.
        ("date", "", "2026", "二零二六年"),
        ("date", "", "202601", "二零二六年一月"),
        ("date", "", "12/4/2026", "二零二六年十二月四日"),
        ("date", "", "2026年1月2日", "二零二六年一月二日"),
        ("date", "ymd", "26-1-2", "二六年一月二日"),
        ("time", "", "14点5分", "十四点五分"),
        ("time", "", "5点", "五点"),
        ("time", "", "5am", "上午五点"),
        ("time", "hms24", "14:05:30", "十四点零五分三十秒"),
        ("time", "", "2:00", "两点"),
        ("currency", "", "$12.5", "十二点五美元"),
        ("measure", "", "2kg", "两千克"),
    ],
)
def test_say_as(reader: Reader, kind: str, form: str, text: str, spoken: str) -> None:
    shape = f" format={quoteattr(form)}" if form else ""
    (sentence,) = read(reader, f'<say-as interpret-as="{kind}"{shape}>{text}</say-as>')
    assert sentence.spoken.rstrip() == spoken
    assert messages([sentence]) == []
    places = [(one.start, one.end) for word in sentence.words for one in word.syllables]
    assert places == sorted(places)
    assert all(0 <= start < end <= len(text) for start, end in places)


def test_a_picture_in_it_is_told(reader: Reader) -> None:
    for inside in (
        '读<say-as interpret-as="digits">1😀2</say-as>',
        'I say <say-as interpret-as="digits">1😀2</say-as>',
    ):
        assert "not spoken: 😀" in messages(read(reader, inside, "en" if inside[0] == "I" else "zh"))


def test_signs_that_are_named_cut_no_clause(reader: Reader) -> None:
    (sentence,) = read(
        reader, '读作<say-as interpret-as="punctuation">，。</say-as>和<say-as interpret-as="id">a.b</say-as>吧'
    )
    assert sentence.spoken == "读作逗号句号和 A 点 B 吧"


@pytest.mark.parametrize(
    "kind", ["cardinal", "digits", "telephone", "date", "time", "currency", "measure", "punctuation"]
)
def test_what_is_not_of_its_kind_is_read_as_usual_and_told(reader: Reader, kind: str) -> None:
    sentences = read(reader, f'我<say-as interpret-as="{kind}">明天</say-as>来')
    assert line(sentences) == line(read(reader, "我明天来"))
    assert messages(sentences) == [f"'明天' is no {kind}"]


def test_a_name_has_a_surname(reader: Reader) -> None:
    assert line(read(reader, '<say-as interpret-as="name">单雄信</say-as>')).startswith("shan4")


def test_hints_mean_nothing_in_other_languages_and_that_is_told(reader: Reader) -> None:
    sentences = read(reader, 'I have <say-as interpret-as="digits">12</say-as> <w>cats</w>', "en")
    assert [s.text for s in sentences] == ["I have 12 cats"]
    assert messages(sentences) == ["<w> and <say-as>: only for Chinese; 'I have 12 cats' (en) is read as usual"]


# The report


def test_the_report_counts_in_the_markup(reader: Reader) -> None:
    source = '<speak>用<sub alias="万维">WW</sub>&amp;银<emotion category="sad">行</emotion><mark name="m"/></speak>'
    document = parse(source)
    told = report(source, reader.read_document(document, "zh"), document.spans())
    assert "".join(entry["char"] for entry in told["characters"]) == source
    read_there = {entry["index"]: entry["pinyin"] for entry in told["characters"] if entry["pinyin"]}
    assert read_there == {
        source.index("用"): "yong4",
        source.index("WW"): "wan4 wei2",
        source.index("&"): "he2",
        source.index("银"): "yin2",
        source.index("行"): "hang2",
    }
    syllables = [one for sentence in told["sentences"] for word in sentence["words"] for one in word["syllables"]]
    assert [source[one["start"] : one["end"]] for one in syllables] == ["用", "WW", "WW", "&amp;", "银", "行"]
    assert told["sentences"][1]["style"] == {"emotion": "sad", "intensity": 100.0}
    assert told["sentences"][-1]["marks"] == [{"name": "m", "start": source.index("行") + 1}]


# Anything


TEXTS = st.text(st.sampled_from("我们银行一不儿12.,，。“”a b😀の\n&<"), max_size=6).map(escape)
GOOD = {
    "break": ['time="100ms"', ""], "prosody": ['rate="2"', 'pitch="+3st"'], "emphasis": [""], "mark": ['name="m"'],
    "say-as": [f'interpret-as="{kind}"' for kind in ("digits", "date", "characters", "punctuation", "name", "id")],
    "sub": ['alias="中文"', 'alias="1，2"'], "phoneme": ['ph="yi1"', 'ph="wo3 men5"'], "voice": ['name="v"'],
    "emotion": ['category="happy"'], "mstts:express-as": ['style="sad"'],
}  # fmt: skip


@st.composite
def elements(draw: st.DrawFn, children: st.SearchStrategy[str]) -> str:
    name = draw(st.sampled_from(sorted(TAGS)))
    attributes = draw(st.sampled_from(GOOD.get(name, [""])))
    inside = "".join(draw(st.lists(children, max_size=3))) if TAGS[name].text else ""
    return f"<{name} {attributes}>{inside}</{name}>"


MARKUP = st.lists(st.recursive(TEXTS, elements, max_leaves=10), max_size=5).map("".join)


@settings(deadline=None, max_examples=300)
@given(inside=MARKUP, language=st.sampled_from(["zh", "en", "ja"]))
def test_any_markup_is_read_in_order_or_refused(reader: Reader, inside: str, language: str) -> None:
    source = f"<speak>{inside}</speak>"
    try:
        document = parse(source)
    except BadSsml:
        return
    text, spans = document.text, document.spans()
    sentences = list(reader.read_document(document, language, {}, {"v": "en"}))
    at = 0
    for sentence in sentences:
        assert sentence.start >= at
        assert text[sentence.start : sentence.start + len(sentence.text)] == sentence.text
        at = sentence.start + len(sentence.text)
        assert len(sentence.origins) in (0, len(sentence.spoken))
        for word in sentence.words:
            for one in word.syllables:
                assert sentence.start <= one.start < one.end <= at
                assert 0 <= spans.start(one.start) < spans.end(one.end) <= len(source)
        assert all(1 <= word.break_after <= 4 for word in sentence.words)
    assert sum(s.rest_ms for s in sentences) == sum(piece.pause_before_ms for piece in document.pieces)
    names = [name for piece in document.pieces for _, name in piece.marks]
    assert [name for s in sentences for _, name in s.names] == names
    assert all(entry["char"] for entry in report(source, sentences, spans)["characters"])


@settings(deadline=None, max_examples=100)
@given(
    text=st.text(
        st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff \u3000\xa0\u2028\u2029"),
        min_size=1,
    )
)
def test_a_text_reads_the_same_with_speak_around_it(reader: Reader, text: str) -> None:
    plain = list(reader.read(text, "zh"))
    assert list(reader.read_document(parse(f"<speak>{escape(text)}</speak>"), "zh")) == plain
    assert all(sentence.style == Style() for sentence in plain)
