"""Markup is understood or refused with the place and the choices, and no character of it gets lost."""

from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts.errors import BadRequest, BadSsml
from tts.frontend.ssml import MOST_BYTES, parse
from tts.frontend.ssml_pieces import Document, Piece
from tts.frontend.ssml_tags import TAGS
from tts.frontend.ssml_values import EMOTIONS, INTERPRETATIONS, STYLES
from tts.types import Style


def speak(inside: str) -> tuple[Piece, ...]:
    return parse(f"<speak>{inside}</speak>").pieces


def style_of(inside: str) -> Style:
    """Return the style of the piece that says 字."""
    return next(piece.style for piece in speak(inside) if "字" in piece.text)


def refusal(source: str) -> str:
    with pytest.raises(BadSsml) as raised:
        parse(source)
    assert raised.value.code == "bad_ssml"
    assert isinstance(raised.value, BadRequest)
    return raised.value.message


# Text and places


def test_text_is_where_it_was_written() -> None:
    source = "<speak>你<!-- x -->好&amp;<emphasis>😀</emphasis>&#x4e2d;<![CDATA[a<b]]></speak>"
    document = parse(source)
    assert document.text == "你好&😀中a<b"
    places = [place for piece in document.pieces for place in piece.source]
    ends = [place for piece in document.pieces for place in piece.source_end]
    written = [source[start:end] for start, end in zip(places, ends, strict=True)]
    assert written == ["你", "好", "&amp;", "😀", "&#x4e2d;", "a", "<", "b"]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_lines_are_counted_as_xml_counts_them(newline: str) -> None:
    source = f"<?xml version='1.0' encoding='gbk'?>{newline}<!-- 字 -->{newline}<speak>{newline}  𠀀字<s>乙</s></speak>"
    pieces = parse(source).pieces
    assert [(piece.text, piece.source) for piece in pieces] == [
        ("𠀀字", (source.index("𠀀"), source.index("𠀀") + 1)),
        ("乙", (source.index("乙"),)),
    ]
    assert "line 3, column 8:" in refusal(f"{newline}{newline}<speak><b/></speak>")


def test_a_byte_order_mark_moves_nothing() -> None:
    assert parse("\ufeff<speak>字</speak>").pieces[0].source == (8,)


def test_runs_of_white_space_are_one_space() -> None:
    pieces = speak("\n 甲 \n\t 乙 <emphasis> 丙</emphasis> <emphasis> 丁 </emphasis>\n戊 ")
    assert [piece.text for piece in pieces] == ["甲 乙 ", "丙", " 丁 ", "戊"]


def test_space_beside_say_as_stays_outside() -> None:
    pieces = speak('共 <say-as interpret-as="digits"> 12 </say-as> 个<say-as interpret-as="id"> 3</say-as>')
    assert [piece.text for piece in pieces] == ["共 ", "12", " 个", "3"]
    assert speak('<say-as interpret-as="telephone"> +86  110 </say-as>')[0].text == "+86 110"


def test_only_what_is_spoken_counts() -> None:
    assert len(parse('<speak>一<!-- 二 --><sub alias="三四">五</sub><break time="1s"/></speak>').text) == 3


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")))
def test_any_text_survives(text: str) -> None:
    source = f"<speak>始{escape(text)}<s>{escape(text)}</s>末</speak>"
    spoken = " ".join(part for part in text.split(" ") if part)
    assert parse(source).text.replace(" ", "") == f"始{spoken}{spoken}末".replace(" ", "")


# Tags


def test_sub_is_spoken_instead_of_what_is_written() -> None:
    source = '<speak>用<sub alias="万维网">W3C</sub>和<sub alias="空"/></speak>'
    piece = parse(source).pieces[0]
    assert piece.text == "用万维网和空"
    assert {source[start:end] for start, end in zip(piece.source[1:4], piece.source_end[1:4], strict=True)} == {"W3C"}
    assert source[piece.source[5] : piece.source_end[5]] == '<sub alias="空"/>'


@pytest.mark.parametrize(
    ("attributes", "pause_ms"),
    [
        ("", 1000.0),
        ('time="500ms"', 500.0),
        ('time="50ms"', 50.0),
        ('time="10s"', 10_000.0),
        ('time="1.5s"', 1500.0),
        ('strength="none"', 0.0),
        ('strength="x-weak"', 250.0),
        ('strength="weak"', 500.0),
        ('strength="medium"', 750.0),
        ('strength="strong"', 1000.0),
        ('strength="x-strong"', 1250.0),
        ('strength="strong" time="2s"', 2000.0),
    ],
)
def test_break(attributes: str, pause_ms: float) -> None:
    pieces = speak(f"甲<break {attributes}/>乙")
    assert pieces[-1].pause_before_ms == pause_ms
    assert "".join(piece.text for piece in pieces) == "甲乙"


def test_breaks_add_up_and_may_come_last() -> None:
    pieces = speak('<break time="1s"/>甲<break time="1s"/><s><break time="2s"/>乙</s><break time="3s"></break>')
    assert [(piece.text, piece.pause_before_ms) for piece in pieces] == [("甲", 1000.0), ("乙", 3000.0), ("", 3000.0)]


def test_breaks_last_ten_seconds_at_most() -> None:
    assert len(speak('甲<break time="4s"/><break time="6s"/>')) == 2
    message = refusal('<speak>甲<break time="4s"/>\n<break time="6s"/>乙<break time="50ms"/></speak>')
    assert message == "ssml: line 2, column 20: <break>: all of them together may last 10000 ms, not 10050"


@pytest.mark.parametrize(
    ("attributes", "style"),
    [
        ('rate="1.2"', Style(speed=1.2)),
        ('rate="80%"', Style(speed=0.8)),
        ('rate="+20%"', Style(speed=1.2)),
        ('rate="-50%"', Style(speed=0.5)),
        ('rate="x-slow"', Style(speed=0.5)),
        ('rate="fast"', Style(speed=1.55)),
        ('rate="default"', Style()),
        ('pitch="+2st"', Style(pitch_semitones=2.0)),
        ('pitch="-12st"', Style(pitch_semitones=-12.0)),
        ('pitch="+100%"', Style(pitch_semitones=12.0)),
        ('pitch="medium"', Style()),
        ('volume="50"', Style(volume=0.5)),
        ('volume="150%"', Style(volume=1.5)),
        ('volume="-20%"', Style(volume=0.8)),
        ('volume="+0dB"', Style(volume=1.0)),
        ('volume="silent"', Style(volume=0.0)),
        ('volume="soft" rate="2" pitch="-1.5st"', Style(speed=2.0, pitch_semitones=-1.5, volume=0.5)),
    ],
)
def test_prosody(attributes: str, style: Style) -> None:
    found = style_of(f"<prosody {attributes}>字</prosody>")
    assert found.speed == pytest.approx(style.speed)
    assert found.pitch_semitones == pytest.approx(style.pitch_semitones)
    assert found.volume == pytest.approx(style.volume)


def test_decibels_and_percent_of_pitch() -> None:
    assert style_of('<prosody volume="-6dB">字</prosody>').volume == pytest.approx(0.501, abs=0.001)
    assert style_of('<prosody pitch="high">字</prosody>').pitch_semitones == pytest.approx(3.156, abs=0.001)


def test_prosody_multiplies() -> None:
    found = style_of(
        '<prosody rate="1.5" pitch="+8st" volume="50"><prosody rate="1.2" pitch="+8st" volume="50">字'
        "</prosody></prosody>"
    )
    assert (found.speed, found.pitch_semitones, found.volume) == pytest.approx((1.8, 16.0, 0.25))


def test_the_innermost_style_wins_and_the_outer_one_comes_back() -> None:
    pieces = speak(
        '甲<emotion category="happy" intensity="1.2">乙<prosody rate="2">丙<mstts:express-as style="sad">丁'
        "</mstts:express-as></prosody>戊</emotion>己"
    )
    assert [(piece.text, piece.style.emotion, piece.style.intensity, piece.style.speed) for piece in pieces] == [
        ("甲", None, None, 1.0),
        ("乙", "happy", 120.0, 1.0),
        ("丙", "happy", 120.0, 2.0),
        ("丁", "sad", 100.0, 2.0),
        ("戊", "happy", 120.0, 1.0),
        ("己", None, None, 1.0),
    ]


@pytest.mark.parametrize("category", EMOTIONS)
def test_emotion(category: str) -> None:
    assert style_of(f'<emotion category="{category}">字</emotion>') == Style(emotion=category, intensity=100.0)


@pytest.mark.parametrize(("intensity", "percent"), [("0.01", 1.0), ("0.5", 50.0), ("1", 100.0), ("2.0", 200.0)])
def test_intensity_is_percent(intensity: str, percent: float) -> None:
    found = style_of(f'<emotion category="sad" intensity="{intensity}">字</emotion>')
    azure = style_of(f'<mstts:express-as style="sad" styledegree="{intensity}">字</mstts:express-as>')
    assert found == azure == Style(emotion="sad", intensity=percent)


def test_styles_of_azure_become_emotions_that_voices_have() -> None:
    assert set(STYLES.values()) <= set(EMOTIONS[:8])
    for written, meant in (("cheerful", "happy"), ("fearful", "fear"), ("angry", "angry"), ("surprise", "surprise")):
        assert style_of(f'<mstts:express-as style="{written}">字</mstts:express-as>').emotion == meant


@pytest.mark.parametrize("level", ["strong", "moderate", "none", "reduced"])
def test_emphasis(level: str) -> None:
    assert style_of(f'<emphasis level="{level}">字</emphasis>').emphasis == level
    assert style_of("<emphasis>字</emphasis>").emphasis == "moderate"


@pytest.mark.parametrize("kind", INTERPRETATIONS)
def test_say_as(kind: str) -> None:
    pieces = speak(f'共<say-as interpret-as="{kind}">12</say-as><say-as interpret-as="{kind}">34</say-as>个')
    assert [(piece.text, piece.interpret_as) for piece in pieces] == [
        ("共", None),
        ("12", kind),
        ("34", kind),
        ("个", None),
    ]


def test_say_as_tells_the_order_of_a_date() -> None:
    assert speak('<say-as interpret-as="date" format="ymd">2026-01-02</say-as>')[0].interpret_format == "ymd"


@pytest.mark.parametrize(
    ("inside", "readings"),
    [
        ('<phoneme alphabet="py" ph="dian3 dang4 hang2">典当行</phoneme>', {1: "dian3", 2: "dang4", 3: "hang2"}),
        ('<phoneme ph="hang2">行</phoneme>', {1: "hang2"}),
        ('<phoneme ph="nü3 lu:e4 lv4">女，略 绿</phoneme>', {1: "nv3", 3: "lve4", 5: "lv4"}),
        ('<phoneme ph="huar1">花儿</phoneme>', {1: "huar1", 2: ""}),
        ('<phoneme ph="hua1 er5">花儿</phoneme>', {1: "hua1", 2: "er5"}),
        ('<phoneme ph="er2 zi5">儿子</phoneme>', {1: "er2", 2: "zi5"}),
        ('<phoneme ph="HNG5">哼</phoneme>', {1: "hng5"}),
    ],
)
def test_phoneme(inside: str, readings: dict[int, str]) -> None:
    assert speak(f"去{inside}吧")[0].readings == readings


def test_word() -> None:
    pieces = speak('<w>南京市</w> <w> 长江<sub alias="大">Big</sub>桥 </w><w></w>')
    assert (pieces[0].text, pieces[0].words) == ("南京市 长江大桥", ((0, 3), (4, 8)))


def test_mark() -> None:
    pieces = speak(
        '<mark name="a"/>甲<mark name="b"/>乙<mark name="c"/><break/><mark name="d"/><emphasis>丙</emphasis>'
        '<mark name="e"/><s><mark name="f"/><break/></s><mark name="g"></mark>'
    )
    assert [(piece.text, piece.marks, piece.pause_before_ms) for piece in pieces] == [
        ("甲乙", ((0, "a"), (1, "b"), (2, "c")), 0.0),
        ("丙", ((0, "d"),), 1000.0),
        ("", ((0, "e"), (0, "f")), 0.0),
        ("", ((0, "g"),), 1000.0),
    ]


def test_voice() -> None:
    pieces = speak('<voice name="espeak-cmn"><p>甲<voice name="tone-zh">乙</voice></p></voice>')
    assert [piece.style.voice for piece in pieces] == ["espeak-cmn", "tone-zh"]


def test_sentences_and_paragraphs() -> None:
    pieces = speak("甲<p>乙<s>丙<break/></s>丁</p>戊<s></s><s>己</s>")
    assert [(piece.text, piece.sentence_end) for piece in pieces] == [
        ("甲", True), ("乙", True), ("丙", True), ("丁", True), ("戊", True), ("己", True),
    ]  # fmt: skip


def test_speak_as_azure_writes_it() -> None:
    document = parse(
        '<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis" '
        'xmlns:mstts="https://www.w3.org/2001/mstts" xml:lang="zh-CN">\n<voice name="x">\n'
        '<mstts:express-as style="cheerful" styledegree="2">你好</mstts:express-as>\n</voice>\n</speak>'
    )
    assert document.language == "zh-CN"
    assert document.pieces[0].style == Style(emotion="happy", intensity=200.0, voice="x")


# Refusals


@pytest.mark.parametrize(
    ("inside", "column", "told"),
    [
        ("<foo/>", 8, "<foo> is not known; in <speak> there may be <p>, <s>, <break>"),
        ("字<speak>a</speak>", 9, "<speak> is not allowed here"),
        ("<s><p>字</p></s>", 11, "<p> is not allowed here; in <s> there may be <break>"),
        ("<p><emotion category='sad'><p>字</p></emotion></p>", 35, "<p> is not allowed here"),
        ("<break>字</break>", 15, "<break> holds no text"),
        ("<mark name='x'><s/></mark>", 23, "<s> is not allowed here; in <mark> there may be only text"),
        ("<sub alias='a'><w>字</w></sub>", 23, "in <sub> there may be only text"),
        ("<w>字<break/></w>", 12, "in <w> there may be <mark>, <phoneme>, <sub>"),
        ("<break length='1s'/>", 8, "<break> has no attribute 'length', only time, strength"),
        ("<p class='x'>字</p>", 8, "<p> has no attribute 'class', only none"),
        ("<sub>字</sub>", 8, "<sub> needs alias; its attributes are alias"),
        ("<sub alias=' '>字</sub>", 8, "<sub> alias is blank"),
        ("<mark/>", 8, "<mark> needs name"),
        ("<mark name=''/>", 8, "<mark> name is blank"),
        ("<voice>字</voice>", 8, "<voice> needs name"),
        ("<voice name=''>字</voice>", 8, "<voice> name is blank"),
        ("<emotion>字</emotion>", 8, "<emotion> needs category; its attributes are category, intensity"),
        ("<emotion category='merry'>字</emotion>", 8, "<emotion> category must be one of neutral, happy, sad,"),
        (
            "<emotion category='sad' intensity='0'>字</emotion>",
            8,
            "<emotion> intensity must be a number from 0.01 to 2",
        ),
        ("<emotion category='sad' intensity='2.01'>字</emotion>", 8, "not '2.01'"),
        ("<mstts:express-as style='odd'>字</mstts:express-as>", 8, "style must be one of affectionate, angry,"),
        ("<mstts:express-as style='sad' styledegree='x'>字</mstts:express-as>", 8, "styledegree must be a number from"),
        ("<break time='49ms'/>", 8, "<break> time must be from 50ms to 10000ms or 10s, not '49ms'"),
        ("<break time='11s'/>", 8, "not '11s'"),
        ("<break time='1'/>", 8, "not '1'"),
        ("<break strength='huge'/>", 8, "strength must be one of none, x-weak, weak, medium, strong, x-strong, not"),
        ("<prosody rate='3'>字</prosody>", 8, "<prosody> rate must be a factor such as 1.2"),
        ("<prosody rate='٣%'>字</prosody>", 8, "<prosody> rate must be"),
        ("<prosody pitch='200Hz'>字</prosody>", 8, "<prosody> pitch must be a shift such as +2st"),
        ("<prosody pitch='50%'>字</prosody>", 8, "<prosody> pitch must be"),
        ("<prosody pitch='-100%'>字</prosody>", 8, "<prosody> pitch must be"),
        ("<prosody pitch='+13st'>字</prosody>", 8, "-12st to +12st"),
        ("<prosody volume='loudest'>字</prosody>", 8, "<prosody> volume must be a level from 0 to 200"),
        ("<prosody volume='+999999dB'>字</prosody>", 8, "<prosody> volume must be"),
        ("<prosody contour='x'>字</prosody>", 8, "only rate, pitch, volume"),
        ("<emphasis level='big'>字</emphasis>", 8, "level must be one of strong, moderate, none, reduced, not 'big'"),
        ("<say-as>字</say-as>", 8, "<say-as> needs interpret-as; its attributes are interpret-as, format"),
        ("<say-as interpret-as='x'>字</say-as>", 8, "interpret-as must be one of cardinal, digits, telephone,"),
        ("<say-as interpret-as='date' format='x'>字</say-as>", 8, "format must be one of mdy"),
        ("<say-as interpret-as='digits' format='y'>字</say-as>", 8, "format is for date and time, not for digits"),
        ("<phoneme alphabet='ipa' ph='a'>字</phoneme>", 8, "alphabet must be py"),
        ("<phoneme ph='zi'>字</phoneme>", 8, "tones 1 to 5, such as 'dian3 dang4 hang2', not 'zi'"),
        ("<phoneme ph='zi6'>字</phoneme>", 8, "tones 1 to 5"),
        ("<phoneme ph='qwx1'>字</phoneme>", 8, "not 'qwx1'"),
        ("<phoneme ph='zi4 mu3'>字</phoneme>", 8, "ph has 2 syllables for 1 characters"),
        ("<phoneme ph=''>字</phoneme>", 8, "ph has 0 syllables for 1 characters"),
        ("<phoneme ph='ei1'>A</phoneme>", 8, "<phoneme> holds 'A', but pinyin is for Chinese characters"),
        ("<phoneme ph='ei1'/>", 8, "<phoneme> holds no Chinese characters"),
        ("字<b>", 9, "<b> is not known"),
        ("a &nbsp; b", 10, "not well-formed XML: undefined entity"),
        ("a & b", 11, "not well-formed XML"),
        ("<s>字</p>", 14, "not well-formed XML: mismatched tag"),
        ("字\x00", 9, "not well-formed XML"),
        ("字&#0;", 9, "not well-formed XML"),
        ("字\ud800", 9, "U+D800 is no character"),
    ],
)
def test_refusals_name_place_and_choices(inside: str, column: int, told: str) -> None:
    message = refusal(f"<speak>{inside}</speak>")
    assert message.startswith(f"ssml: line 1, column {column}: ")
    assert told in message


@pytest.mark.parametrize("source", ["", " ", "文字", "<speak>", "<speak>字</speak><speak/>", "</speak>", "<speak", "<"])
def test_what_is_no_document_is_refused(source: str) -> None:
    assert "not well-formed XML" in refusal(source)


@pytest.mark.parametrize("source", ["<speak/>", "<speak> </speak>", "<speak><mark name='x'/></speak>"])
def test_what_says_nothing_is_refused(source: str) -> None:
    assert refusal(source) == "ssml: line 1, column 1: <speak> holds nothing to say"


def test_the_root_is_speak() -> None:
    assert refusal("<p>字</p>").endswith("<p> is not allowed here; around everything there may be <speak>")


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "source",
    [
        f'<!DOCTYPE speak [<!ENTITY l0 "哈">{LAUGHS}]><speak>&l9;</speak>',
        '<!DOCTYPE speak [<!ENTITY x SYSTEM "file:///etc/hostname">]><speak>&x;</speak>',
        '<!DOCTYPE speak [<!ENTITY % x SYSTEM "http://localhost:1/x">%x;]><speak>字</speak>',
        '<!DOCTYPE speak SYSTEM "http://localhost:1/x.dtd"><speak>字</speak>',
        "<!DOCTYPE speak><speak>字</speak>",
    ],
    ids=["billion laughs", "file", "parameter", "external subset", "bare"],
)
def test_no_document_type_and_no_entities(source: str) -> None:
    assert "no document type and no entities are allowed" in refusal(source)


def test_depth_has_a_limit() -> None:
    assert len(speak("<emphasis>" * 31 + "字" + "</emphasis>" * 31)) == 1
    assert "32 deep" in refusal("<speak>" + "<emphasis>" * 4_000)
    message = refusal("<speak>" + "<emphasis>" * 32 + "字" + "</emphasis>" * 32 + "</speak>")
    assert message == "ssml: line 1, column 318: tags may be 32 deep, not more"


def test_size_has_a_limit() -> None:
    fits = "字" * ((MOST_BYTES - 15) // 3)
    assert len(speak(fits)[0].text) == len(fits)
    assert refusal(f"<speak>{fits}字字</speak>") == f"ssml: must have at most {MOST_BYTES} bytes"
    assert refusal("x" * 10_000_000) == f"ssml: must have at most {MOST_BYTES} bytes"


# Anything at all


def read_or_refused(source: str) -> Document | None:
    """Return what a source says, or None when it is refused with a place."""
    try:
        return parse(source)
    except BadSsml as refused:
        if not refused.message.startswith("ssml: line "):
            raise
        return None


TEXTS = st.text(st.sampled_from(" \n字儿行aA1，😀é"), max_size=6)
VALUES = st.sampled_from(["", "1", "py", "zi4", "x-slow", "+2st", "500ms", "sad", "date", "strong", "名", "2", "200%"])


def element(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def written(name: str, attributes: dict[str, str], inside: list[str]) -> str:
        said = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
        return f"<{name}{said}>{''.join(inside)}</{name}>" if inside else f"<{name}{said}/>"

    def of(name: str) -> st.SearchStrategy[str]:
        keys = st.sampled_from([*TAGS[name].attributes, "other"]) if TAGS[name].attributes else st.nothing()
        required = st.fixed_dictionaries(dict.fromkeys(TAGS[name].required, VALUES))
        extra = st.dictionaries(keys, VALUES, max_size=1) if TAGS[name].attributes else st.just({})
        both = st.tuples(required, extra).map(lambda pair: pair[0] | pair[1])
        return st.builds(written, st.just(name), both, st.lists(children, max_size=3))

    return st.sampled_from(sorted(TAGS)).flatmap(of)


TREES = st.recursive(TEXTS.map(escape), element, max_leaves=12)


@given(st.lists(TREES, max_size=4).map("".join))
def test_random_markup_is_read_or_refused(inside: str) -> None:
    source = f"<speak>始{inside}</speak>"
    document = read_or_refused(source)
    if document is None:
        return
    for piece in document.pieces:
        assert len(piece.text) == len(piece.source) == len(piece.source_end)
        assert piece.text or piece.marks or piece.pause_before_ms
        assert all(0 <= start < end <= len(source) for start, end in zip(piece.source, piece.source_end, strict=True))
        assert all(0 <= at < len(piece.text) for at in piece.readings)
        assert all(0 <= start < end <= len(piece.text) for start, end in piece.words)
        assert all(0 <= at <= len(piece.text) for at, _ in piece.marks)
    starts = [start for piece in document.pieces for start in piece.source]
    assert starts == sorted(starts)


@given(st.text())
def test_any_text_is_read_or_refused(source: str) -> None:
    for attempt in (source, f"<speak>{source}</speak>", f"<speak>字<{source}/></speak>"):
        read_or_refused(attempt)
