"""What the espeak engine says, in its own phonemes, after the front end has chosen the voices."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tts.config import Settings
from tts.engines import espeak
from tts.engines.espeak.engine import EspeakEngine
from tts.engines.espeak.japanese import Japanese
from tts.engines.espeak.library import Parameters
from tts.engines.espeak.wording import wording
from tts.frontend import Reader
from tts.types import Controls, Sentence, Voice

VOICE_OF = {"en": "espeak-en-us", "fr": "espeak-fr-fr", "zh": "espeak-cmn"}

#: "Chinese", "Japanese", "Cyrillic", "letter", "symbol" in the phonemes of the voices that would say them.
NAMES = re.compile(r"tS'aIni|dZ'?ap@n|sI2?r'?IlIk|'l'?et@|l,?Et#?3|l'et@|sI2?mb|ar@bIk|h'i:bru|_:\(en\)|@:11")


@pytest.fixture(scope="module")
def engine() -> EspeakEngine:
    return espeak.open(Settings())


@pytest.fixture(scope="module")
def japanese() -> Japanese:
    return Japanese()


def voice_of(engine: EspeakEngine, language: str) -> Voice:
    voices = {voice.id: voice for voice in engine.voices}
    return voices[VOICE_OF.get(language, f"espeak-{language}")]


def said(engine: EspeakEngine, reader: Reader, text: str, language: str) -> list[str]:
    return [engine.phonemes(s, voice_of(engine, s.language)) for s in reader.read(text, language) if s.text]


@pytest.mark.parametrize("language", ["zh", "en", "ja", "ko", "ru", "de", "fr", "ar", "hi", "th"])
@pytest.mark.parametrize(
    "text",
    [
        "世界",
        "漢字",
        "привет",
        "こんにちは世界",
        "カタカナ",
        "안녕",
        "γεια σου",
        "مرحبا",
        "שלום",
        "สวัสดี",
        "नमस्ते",
        "㎏ ㈱ ①",
    ],
)
def test_no_script_is_spelled_out(engine: EspeakEngine, reader: Reader, language: str, text: str) -> None:
    spoken = said(engine, reader, f"{text}。", language)
    assert spoken
    assert all(phonemes and not NAMES.search(phonemes) for phonemes in spoken), spoken


def test_the_check_above_can_fail(engine: EspeakEngine) -> None:
    for voice_id, text in (
        ("espeak-en-us", "世界"),
        ("espeak-ja", "世界"),
        ("espeak-cmn", "привет"),
        ("espeak-cmn", "か"),
    ):
        voice = next(voice for voice in engine.voices if voice.id == voice_id)
        taken = engine.library.take(text, engine._timbres[voice.id].name, Parameters(175, 60, 50, 50))
        assert NAMES.search(taken.phonemes), taken.phonemes


@pytest.mark.parametrize(
    ("language", "text", "phonemes"),
    [
        ("zh", "你好", "n'i35_| X'Au214_|"),
        ("zh", "英雄", "j'i55N_| S;j'ong35_|"),
        ("zh", "兄弟很穷", "S;j'ong55_| ti22_| X'@21n_| tS;hj'ong35_|"),
        ("zh", "50%", "p'ai21_| f'@55n_| ts.'i.55_| w'u21_| s.'i.35_|"),
        ("zh", "iPhone", "(en)'aI55_| f'oU55n(cmn)_|"),
        ("ja", "私は", "w,atas\\'iwa"),
        ("en", "cafe\u0301", "kaf'eI"),
        ("en", "[[h@l'oU]]", None),
    ],
)
def test_reading(engine: EspeakEngine, reader: Reader, language: str, text: str, phonemes: str | None) -> None:
    spoken = " ".join(said(engine, reader, text, language))
    assert spoken == phonemes if phonemes else "h@l'oU" not in spoken


def test_every_common_han_character_is_read_in_mandarin(engine: EspeakEngine) -> None:
    """espeak-ng 1.52 read 兄, 穷 and a hundred more in English: it has no syllable -iong."""
    voice = voice_of(engine, "zh")
    han = [chr(code) for code in range(0x4E00, 0xA000)]
    for at in range(0, len(han), 50):
        text = "，".join(han[at : at + 50])
        assert "(en)" not in engine.phonemes(Sentence(text, 0, "zh"), voice), text


def test_menu_begins_with_mandarin_and_has_both_sexes(engine: EspeakEngine) -> None:
    voices = engine.voices
    assert [(v.id, v.name, v.language) for v in voices[:2]] == [
        ("espeak-cmn", "普通话（男声）", "zh"),
        ("espeak-cmn-female", "普通话（女声）", "zh"),
    ]
    assert len({voice.id for voice in voices}) == len({voice.name for voice in voices}) == len(voices) > 250
    assert all(voice.emotions[0] == "neutral" and voice.licence.startswith("GPL") for voice in voices)
    assert {voice.sex for voice in voices} == {"male", "female"}


def test_every_voice_makes_a_sound(engine: EspeakEngine) -> None:
    for voice in engine.voices:
        chunks = list(engine.speak(Sentence("12 abc", 0, "en"), voice, Controls()))
        assert sum(len(chunk.samples) for chunk in chunks) > 2000, voice.id


def test_marks_of_han_are_one_each(engine: EspeakEngine) -> None:
    (chunk,) = engine.speak(Sentence("你好，世界！", 7, "zh"), voice_of(engine, "zh"), Controls())
    assert [(mark.text, mark.start) for mark in chunk.marks] == [("你", 7), ("好", 8), ("世", 10), ("界", 11)]
    lengths = [mark.end_ms - mark.start_ms for mark in chunk.marks]
    assert lengths[0] == pytest.approx(lengths[1])
    assert min(lengths) > 80


def test_marks_of_words_and_numbers(engine: EspeakEngine) -> None:
    text = "It's 3.14 o'clock, dear iPhone user"
    (chunk,) = engine.speak(Sentence(text, 0, "en"), voice_of(engine, "en"), Controls())
    assert [mark.text for mark in chunk.marks] == ["It's", "3.14", "o'clock", "dear", "iPhone", "user"]
    (chunk,) = engine.speak(Sentence("我用iPhone打", 0, "zh"), voice_of(engine, "zh"), Controls())
    assert [mark.text for mark in chunk.marks] == ["我", "用", "iPhone", "打"]


def test_marks_of_japanese_stand_at_the_characters_of_the_text(engine: EspeakEngine) -> None:
    (chunk,) = engine.speak(Sentence("東京へ行く。", 3, "ja"), voice_of(engine, "ja"), Controls())
    assert [(mark.text, mark.start) for mark in chunk.marks] == list(zip("東京へ行く", range(3, 8), strict=True))


@settings(deadline=None, max_examples=150)
@given(text=st.text(st.one_of(st.sampled_from("你好世界，穷iPhone 3.14%東京のカ안Яа"), st.characters()), max_size=60))
def test_marks_rise_and_stay_within_the_sound(engine: EspeakEngine, reader: Reader, text: str) -> None:
    for sentence in reader.read(text.encode(errors="ignore").decode(), "zh"):
        for chunk in engine.speak(sentence, voice_of(engine, sentence.language), Controls(speed=1.5)):
            at_ms = 0.0
            for mark in chunk.marks:
                assert at_ms <= mark.start_ms <= mark.end_ms <= len(chunk.samples) * 1000 / 22_050 + 1e-6
                offset = mark.start - sentence.start
                assert sentence.text[offset : offset + len(mark.text)] == mark.text
                at_ms = mark.end_ms


@given(text=st.text(max_size=60), language=st.sampled_from(["zh", "yue", "ja", "en", "ar"]))
@settings(deadline=None)
def test_wording_keeps_the_way_back(japanese: Japanese, text: str, language: str) -> None:
    words = wording(text, language, japanese)
    assert len(words.text) == len(words.origins)
    assert list(words.origins) == sorted(words.origins)
    assert all(0 <= origin < len(text) for origin in words.origins)


@pytest.mark.parametrize(
    ("text", "sent"),
    [("---ણોટ", "   ણોટ"), ("൶-ബ", "൶ ബ"), ("a--b", "a  b"), ("e-mail -5", "e-mail -5"), ("кто-то", "кто-то")],
)
def test_hyphens_that_crash_espeak_do_not_reach_it(japanese: Japanese, text: str, sent: str) -> None:
    """The first two texts ended the process: found by speaking random text of each script."""
    assert wording(text, "en", japanese).text == sent
