"""Tests of `tts.engines.espeak.pinyin`: every syllable of Mandarin is said, and none in another language."""

import pytest

from tts.config import Settings
from tts.engines import espeak
from tts.engines.espeak.pinyin import phonemes
from tts.types import Controls, Sentence, Syllable, Word

#: Initial -> its finals: the 411 syllables of Mandarin, as the Sambert symbols list them (v is ü).
SYLLABLES = {
    "": "a ai an ang ao e ei en eng er o ou",
    "b": "a ai an ang ao ei en eng i ian iao ie in ing o u",
    "c": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "ch": "a ai an ang ao e en eng i ong ou u ua uai uan uang ui un uo",
    "d": "a ai an ang ao e ei en eng i ia ian iao ie ing iu ong ou u uan ui un uo",
    "f": "a an ang ei en eng o ou u",
    "g": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "h": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "j": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "k": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "l": "a ai an ang ao e ei eng i ia ian iang iao ie in ing iu o ong ou u uan un uo v ve",
    "m": "a ai an ang ao e ei en eng i ian iao ie in ing iu o ou u",
    "n": "a ai an ang ao e ei en eng i ian iang iao ie in ing iu ong ou u uan un uo v ve",
    "p": "a ai an ang ao ei en eng i ian iao ie in ing o ou u",
    "q": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "r": "an ang ao e en eng i ong ou u uan ui un uo",
    "s": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "sh": "a ai an ang ao e ei en eng i ou u ua uai uan uang ui un uo",
    "t": "a ai an ang ao e ei eng i ian iao ie ing ong ou u uan ui un uo",
    "w": "a ai an ang ei en eng o u",
    "x": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "y": "a an ang ao e i in ing o ong ou u uan ue un",
    "z": "a ai an ang ao e ei en eng i ong ou u uan ui un uo",
    "zh": "a ai an ang ao e ei en eng i ong ou u ua uai uan uang ui un uo",
}
ALL = [initial + final for initial, finals in SYLLABLES.items() for final in finals.split()]


@pytest.fixture(scope="module")
def engine() -> espeak.engine.EspeakEngine:
    return espeak.open(Settings())


def sentence(*pinyin: str) -> Sentence:
    """Return a sentence of syllables, one character each."""
    syllables = tuple(Syllable(index, index + 1, name, name) for index, name in enumerate(pinyin))
    return Sentence("好" * len(pinyin), 0, "zh", words=(Word(syllables, 4),))


def test_the_list_is_whole() -> None:
    assert len(ALL) == len(set(ALL)) == 411


@pytest.mark.parametrize("tone", "12345")
def test_every_syllable_is_said_in_mandarin(engine: espeak.engine.EspeakEngine, tone: str) -> None:
    voice = engine.voices[0]
    for name in ALL:
        said = engine.phonemes(sentence(name + tone), voice)
        assert "(" not in said, name
        marks = {"1": "55", "2": "35", "3": "214", "4": "51", "5": "11"}
        assert marks[tone] in said, name


def test_every_erhua_syllable_is_said_in_mandarin(engine: espeak.engine.EspeakEngine) -> None:
    for name in ALL:
        if name not in ("e", "er"):
            said = engine.phonemes(sentence(name + "r4"), engine.voices[0])
            assert "(" not in said, name
            assert "@r11" in said, name


def test_the_spellings_of_other_dictionaries_are_known(engine: espeak.engine.EspeakEngine) -> None:
    for first, second in (("lü4", "lv4"), ("jv4", "ju4"), ("xvan2", "xuan2"), ("lue4", "lve4"), ("yvn4", "yun4")):
        assert phonemes(first) == phonemes(second)
    for name in ("hng5", "n2", "ng4", "m2", "ê4"):
        assert "(" not in engine.phonemes(sentence(name), engine.voices[0])


@pytest.mark.parametrize("wrong", ["", "ni", "ni6", "xyz1", "1", "zhr3", "NI3"])
def test_what_is_no_syllable_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"tone|syllable"):
        phonemes(wrong)


def test_the_reading_of_the_front_end_is_what_is_heard(engine: espeak.engine.EspeakEngine) -> None:
    """行 is xing2 to espeak-ng in most words; the sentence says hang2."""
    said = engine.phonemes(sentence("hang2", "zhang3"), engine.voices[0])
    assert said.split() == ["X'A35N_|", "ts.'A214N_|"]


def test_marks_carry_the_pinyin_and_english_stays_english(engine: espeak.engine.EspeakEngine) -> None:
    text = "用CPU算。"
    words = (
        Word((Syllable(0, 1, "yong4", "yong4"),)),
        Word(
            (Syllable(1, 2, phones=("s", "iy")), Syllable(2, 3, phones=("p", "iy")), Syllable(3, 4, phones=("y", "uw")))
        ),
        Word((Syllable(4, 5, "suan4", "suan4"),), 4),
    )
    spoken = Sentence(text, 0, "zh", words=words)
    assert "(en)" in engine.phonemes(spoken, engine.voices[0])
    (chunk,) = engine.speak(spoken, engine.voices[0], Controls())
    assert [(mark.text, mark.pinyin) for mark in chunk.marks] == [("用", "yong4"), ("CPU", ""), ("算", "suan4")]
    assert [mark.start_ms for mark in chunk.marks] == sorted(mark.start_ms for mark in chunk.marks)


def test_each_syllable_has_its_own_time(engine: espeak.engine.EspeakEngine) -> None:
    """Read as characters, 你好 is one event of espeak-ng's; read as syllables it is two."""
    (chunk,) = engine.speak(sentence("ni2", "hao3", "ma5"), engine.voices[0], Controls())
    lengths = [mark.end_ms - mark.start_ms for mark in chunk.marks]
    assert len(lengths) == 3
    assert len(set(lengths)) == 3


def test_a_third_tone_rises_again_only_before_a_pause(engine: espeak.engine.EspeakEngine) -> None:
    said = engine.phonemes(sentence("hao3", "ren2", "hao3"), engine.voices[0]).split()
    assert said == ["X'Au21_|", "z.'@35n_|", "X'Au214_|"]
