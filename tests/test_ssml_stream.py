"""What markup sounds like, measured in samples with the reproducible tone; every example of docs/ssml.md speaks."""

import re
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.test_frontend_ssml_reading import MARKUP
from tts.catalogue import Catalogue
from tts.engines.tone import ToneEngine
from tts.errors import BadRequest, BadSsml, UnknownEmotion, UnknownVoice
from tts.frontend import Reader
from tts.stream import plan, speak
from tts.timeline import Piece
from tts.types import Controls, Mark, Pcm16, Request

PAGE = (Path(__file__).parents[1] / "docs" / "ssml.md").read_text(encoding="utf-8")

#: Samples of one character of the tone, and of a millisecond.
CHARACTER, MS = 1600, 16


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue({"tone": ToneEngine()}, "tone-zh")


@pytest.fixture
def make(catalogue: Catalogue, reader: Reader) -> "Maker":
    return Maker(catalogue, reader)


class Maker:
    """Speaks markup."""

    def __init__(self, catalogue: Catalogue, reader: Reader) -> None:
        self._catalogue, self._reader = catalogue, reader

    def pieces(self, inside: str, request: Request | None = None) -> list[Piece]:
        """Return all pieces of what is said in `<speak>`, after checking that they lie end to end."""
        request = replace(request or Request("", "pcm"), text=f"<speak>{inside}</speak>", ssml=True)
        planned = plan(request, self._catalogue, self._reader)
        made = list(speak(planned, self._catalogue, self._reader))
        done = 0
        for piece in made:
            assert piece.at_ms == pytest.approx(done * 1000 / planned.sample_rate_hz)
            done += len(piece.pcm)
        return made

    def sound(self, inside: str, request: Request | None = None) -> Pcm16:
        """Return the samples."""
        return np.concatenate([piece.pcm for piece in self.pieces(inside, request)])

    def marks(self, inside: str) -> list[Mark]:
        """Return all marks in the order they come."""
        return [mark for piece in self.pieces(inside) for mark in piece.marks]

    def told(self, inside: str, request: Request | None = None) -> list[str]:
        """Return the warnings, all of which are about what is not honoured."""
        warnings = [warned for piece in self.pieces(inside, request) for warned in piece.warnings]
        assert {warned.code for warned in warnings} <= {"not_honoured"}
        return [warned.message for warned in warnings]


def silences(sound: Pcm16) -> list[tuple[int, int]]:
    """Return start and length of each stretch of silence of 10 ms and more."""
    quiet = np.concatenate([[False], sound == 0, [False]])
    edges = np.flatnonzero(quiet[1:] != quiet[:-1]).reshape(-1, 2)
    return [(int(start), int(end - start)) for start, end in edges if end - start >= 10 * MS]


def hertz(sound: Pcm16) -> float:
    """Return the frequency of a tone, from its zero crossings."""
    rising = np.flatnonzero((sound[:-1] < 0) & (sound[1:] >= 0))
    return float((len(rising) - 1) * 16_000 / (rising[-1] - rising[0]))


# Breaks


def test_breaks_are_exact_to_the_sample_and_at_both_ends(make: Maker) -> None:
    sound = make.sound('<break time="250ms"/>甲<break time="1.5s"/>乙<break time="73ms"/>')
    lengths = [length for _, length in silences(sound)]
    # The tone begins with one sample at zero.
    assert lengths == [250 * MS + 1, 1500 * MS + 1, 73 * MS]
    assert len(sound) == (250 + 1500 + 73) * MS + 2 * CHARACTER


def test_breaks_alone_are_silence(make: Maker) -> None:
    sound = make.sound('<break time="250ms"/><break strength="weak"/>')
    assert len(sound) == 750 * MS
    assert not sound.any()


@pytest.mark.parametrize("speed", [0.5, 1.0, 2.0])
def test_speed_does_not_change_a_break(make: Maker, speed: float) -> None:
    sound = make.sound('甲<break time="500ms"/>乙', Request("", "pcm", controls=Controls(speed=speed)))
    assert len(sound) == 500 * MS + 2 * round(CHARACTER / speed)


@pytest.mark.parametrize(("inside", "pause_ms"), [
    ('甲。<break time="100ms"/>乙', 400), ('甲。<break time="900ms"/>乙', 900), ('甲，<break time="100ms"/>乙', 180),
    ('甲<break time="100ms"/><break time="200ms"/>乙', 300), ("<s>甲</s><s>乙</s>", 400), ("<s>甲。</s>乙", 400),
    ('<s>甲</s><break time="1s"/><s>乙</s>', 1000), ('甲<break strength="none"/>乙', 0),
    ('甲，<break strength="none"/>乙', 0), ('甲<break strength="none"/>，乙', 0),
    ('甲。<break strength="none"/>乙', 400),
    ('甲<break time="100ms"/>😀<break time="200ms"/>乙', 300),
])  # fmt: skip
def test_the_longer_of_break_and_punctuation_is_heard(make: Maker, inside: str, pause_ms: int) -> None:
    pieces = make.pieces(inside)
    marks = [mark for piece in pieces for mark in piece.marks]
    voiced = sum(mark.end_ms - mark.start_ms for mark in marks)
    assert sum(len(piece.pcm) for piece in pieces) == round((voiced + pause_ms) * MS)


@pytest.mark.parametrize("rate_hz", [8000, 24_000, 48_000])
def test_breaks_last_as_long_at_other_rates(make: Maker, rate_hz: int) -> None:
    sound = make.sound('<break time="300ms"/>甲<break time="700ms"/>', Request("", "pcm", sample_rate_hz=rate_hz))
    assert len(sound) == pytest.approx(1.1 * rate_hz, abs=2)
    assert not sound[: round(0.295 * rate_hz)].any()


# Style


def test_prosody_comes_on_top_of_the_request_and_ends_with_its_tag(make: Maker) -> None:
    request = Request("", "pcm", controls=Controls(speed=0.5, pitch_semitones=-12), volume=0.5)
    sound = make.sound('甲<prosody rate="2" pitch="+12st" volume="150">乙</prosody>丙', request)
    first, middle, last = np.split(sound, [2 * CHARACTER, 3 * CHARACTER])
    assert len(last) == 2 * CHARACTER
    assert np.array_equal(first, last)
    assert hertz(first) == pytest.approx(110, abs=0.5)
    assert hertz(middle) == pytest.approx(220, abs=1)
    assert middle.max() / first.max() == pytest.approx(1.5, abs=0.01)


def test_emotion_and_intensity_replace_those_of_the_request(make: Maker) -> None:
    request = Request("", "pcm", controls=Controls(emotion="happy", intensity=50))
    sound = make.sound('甲<emotion category="sad" intensity="1.2">乙</emotion>', request)
    assert hertz(sound[:CHARACTER]) == pytest.approx(220 * 2 ** (2 / 12), rel=0.01)
    assert hertz(sound[CHARACTER:]) == pytest.approx(220 * 2 ** (-4.8 / 12), rel=0.01)


def test_emphasis_is_slower_higher_and_louder(make: Maker) -> None:
    sound = make.sound('甲<emphasis level="strong">乙</emphasis>')
    plain, strong = sound[:CHARACTER], sound[CHARACTER:]
    assert len(strong) == round(CHARACTER / 0.8)
    assert strong.max() / plain.max() == pytest.approx(1.25, abs=0.01)
    assert hertz(strong) / hertz(plain) == pytest.approx(2 ** (1 / 12), rel=0.01)
    assert np.array_equal(make.sound('甲<emphasis level="none">乙</emphasis>'), make.sound("甲乙"))


def test_another_voice_speaks_its_part(make: Maker) -> None:
    pieces = make.pieces('你<voice name="tone-en">hi</voice>')
    assert [mark.text for piece in pieces for mark in piece.marks] == ["你", "h", "i"]
    assert not [warned for piece in pieces for warned in piece.warnings]


@pytest.mark.parametrize(("inside", "request_", "message"), [
    ('<emotion category="disgust">甲</emotion>', Request("", "pcm"), "tone-zh does not know 'disgust'"),
    ('<emotion category="sad" intensity="2">甲</emotion>', Request("", "pcm"), "intensity 200 is held at 125"),
    ('<prosody rate="1.5"><prosody rate="1.5">甲</prosody></prosody>', Request("", "pcm"), "speed 2.25 is held at 2"),
    ('<prosody rate="0.5">甲</prosody>', Request("", "pcm", controls=Controls(speed=0.8)), "speed 0.4 is held at 0.5"),
    ('<prosody pitch="+9st">甲</prosody>', Request("", "pcm", controls=Controls("neutral", 100, 1, 5)), "pitch 14"),
    ('<prosody volume="200">甲</prosody>', Request("", "pcm", volume=2.0), "volume 4 is held at 2"),
])  # fmt: skip
def test_what_goes_too_far_is_told_once(make: Maker, inside: str, request_: Request, message: str) -> None:
    (told,) = make.told(inside + "。" + inside, request_)
    assert message in told
    assert make.sound(inside, request_).any()


def test_a_reading_chosen_for_a_tag_is_told(make: Maker) -> None:
    request = Request("", "pcm", readings={2: "hang2", len("<speak>"): "hang2"})
    assert make.told("行", request) == ["readings: at 2 there is no character that is spoken"]


def test_xml_lang_chooses_the_voice_and_bows_to_the_request(catalogue: Catalogue, reader: Reader) -> None:
    source = '<speak xml:lang="en-US">hello</speak>'
    assert plan(Request(source, "pcm", ssml=True), catalogue, reader).voice.id == "tone-en"
    chosen = plan(Request(source, "pcm", voice="tone-zh", ssml=True), catalogue, reader)
    assert [warned.message for warned in chosen.warnings] == ["xml:lang 'en-US': tone-zh speaks zh"]


@pytest.mark.parametrize(("inside", "error", "message"), [
    ('<voice name="nobody">甲</voice>', UnknownVoice, "no voice 'nobody'; choices: tone-zh"),
    ('<emotion category="merry">甲</emotion>', BadSsml, "line 1, column 8: .* must be one of neutral, happy"),
    ("<b>甲</b>", BadSsml, "line 1, column 8: <b> is not known; in <speak> there may be <p>, <s>, <break>"),
])  # fmt: skip
def test_mistakes_are_found_before_anything_is_spoken(
    catalogue: Catalogue, reader: Reader, inside: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        plan(Request(f"<speak>{inside}</speak>", "pcm", ssml=True), catalogue, reader)
    with pytest.raises(UnknownEmotion):
        plan(Request("<speak>甲</speak>", "pcm", controls=Controls(emotion="calm"), ssml=True), catalogue, reader)


def test_a_text_is_never_taken_for_markup(catalogue: Catalogue, reader: Reader) -> None:
    planned = plan(Request('甲<break time="1s"/>', "pcm"), catalogue, reader)
    assert planned.document.text == '甲<break time="1s"/>'


# Marks


def test_marks_count_in_the_markup(make: Maker) -> None:
    inside = '用<sub alias="万维">WW</sub>&amp;<emotion category="sad">好</emotion>'
    source = f"<speak>{inside}</speak>"
    marks = make.marks(inside)
    assert [(mark.text, source[mark.start : mark.end]) for mark in marks] == [
        ("用", "用"), ("万", "WW"), ("维", "WW"), ("&", "&amp;"), ("好", "好"),
    ]  # fmt: skip


def test_named_places_are_told_with_their_time(make: Maker) -> None:
    inside = (
        '<mark name="a"/><break time="100ms"/><mark name="b"/>甲<mark name="c"/>乙<break time="1s"/>'
        '<mark name="d"/>丙<mark name="e"/><break time="2s"/><mark name="f"/>'
    )
    named = [mark for mark in make.marks(inside) if mark.name]
    assert [(mark.name, mark.start_ms) for mark in named] == [
        ("a", 0.0), ("b", 100.0), ("c", 200.0), ("d", 1300.0), ("e", 1400.0), ("f", 3400.0),
    ]  # fmt: skip
    assert all(mark.text == "" and mark.start == mark.end and mark.start_ms == mark.end_ms for mark in named)
    source = f"<speak>{inside}</speak>"
    assert [source[mark.start] for mark in named[1:4]] == ["甲", "乙", "丙"]


# The page, and anything


@pytest.mark.parametrize("source", re.findall(r"```xml\n(.*?)\n```", PAGE, re.S))
def test_every_example_of_the_page_speaks(catalogue: Catalogue, reader: Reader, source: str) -> None:
    planned = plan(Request(source, "pcm", ssml=True), catalogue, reader)
    made = list(speak(planned, catalogue, reader))
    assert sum(np.count_nonzero(piece.pcm) for piece in made) > CHARACTER
    told = [warned.message for piece in made for warned in piece.warnings]
    assert told == (["tone-zh does not know 'calm' and stays neutral"] if "calm" in source else [])


def test_the_page_has_an_example_of_every_tag() -> None:
    from tts.frontend.ssml_tags import TAGS

    examples = "".join(re.findall(r"```xml\n(.*?)\n```", PAGE, re.S))
    assert [name for name in TAGS if f"<{name}" not in examples] == []


ROWS = re.findall(r"^\| `(\w+)` \| (\S.*?) \| (.*?)(?::.*)? \|$", PAGE, re.M)


@pytest.mark.parametrize(("kind", "text", "said"), ROWS, ids=[row[0] for row in ROWS])
def test_kinds_of_text_are_read_as_the_page_says(reader: Reader, kind: str, text: str, said: str) -> None:
    from tts.frontend.ssml import parse
    from tts.frontend.ssml_values import INTERPRETATIONS

    assert {row[0] for row in ROWS} == set(INTERPRETATIONS)
    document = parse(f'<speak><say-as interpret-as="{kind}">{text}</say-as></speak>')
    (sentence,) = reader.read_document(document, "zh")
    pinyin = " ".join(one.pinyin for word in sentence.words for one in word.syllables)
    assert said in (sentence.spoken.strip(), pinyin)


@settings(deadline=None, max_examples=150)
@given(inside=MARKUP)
def test_any_markup_is_spoken_or_refused(catalogue: Catalogue, reader: Reader, inside: str) -> None:
    source = f"<speak>{inside}</speak>".replace('"v"', '"tone-en"')
    made: list[Piece] = []
    try:
        planned = plan(Request(source, "pcm", ssml=True), catalogue, reader)
        made.extend(speak(planned, catalogue, reader))
    except BadRequest:
        assert not any(piece.pcm.any() for piece in made)
        return
    total_ms = sum(len(piece.pcm) for piece in made) / MS
    for mark in (mark for piece in made for mark in piece.marks):
        assert 0 <= mark.start <= mark.end <= len(source)
        assert 0 <= mark.start_ms <= mark.end_ms <= total_ms + 0.1


@settings(deadline=None)
@given(inside=st.text())
def test_any_string_is_planned_or_refused(catalogue: Catalogue, reader: Reader, inside: str) -> None:
    for source in (inside, f"<speak>{inside}</speak>", f"<speak>好<{inside}/></speak>"):
        with suppress(BadRequest):
            planned = plan(Request(source, "pcm", ssml=True), catalogue, reader)
            assert planned.document.text.strip()
