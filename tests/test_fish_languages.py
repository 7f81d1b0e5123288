"""What Fish-Speech's clients hear in each language, in espeak-ng's phonemes: no letter is named in a word's place."""

from dataclasses import dataclass
from itertools import permutations

import pytest

from tests.test_espeak_reading import NAMES
from tts.catalogue import Catalogue
from tts.config import Settings
from tts.engines import espeak
from tts.engines.espeak.engine import EspeakEngine
from tts.frontend import Reader
from tts.stream import plan
from tts.types import Request, Sentence, Voice

#: A sentence of each language, and a part of it in phonemes, its number written out.
TEXTS = {
    "zh": ("今天气温25度，我给朋友打电话。", "'@r51_| s.'i.35_| w'u21_| t'u51_|"),
    "en": ("The 3 quick foxes jumped, didn't they?", "Tr'i: kw'Ik f'0ksI#z"),
    "ja": ("今日は3時に東京駅で会いましょう。", "s,au~d_z\\'ini t,ouk_j'ou"),
    "ko": ("오늘은 날씨가 좋아서 3시간 동안 걸었어요.", "s'am_! siq'an doN'an"),
    "fr": ("Aujourd'hui, il fait 25 degrés et l'été commence.", "vE~ts'E~k d@gr'ez2 e let'e"),
    "de": ("Heute ist ein schöner Tag, und wir kaufen 12 Brötchen.", "tsv'Wlf br'Y:tC@n"),
    "es": ("¿Cómo estás hoy? Mañana compraré 15 naranjas.", "k'inTe na**'aNxas"),
    "ar": ("مرحبا، كيف حالك اليوم؟ لدي 3 كتب.", "k'ajfa H'a:lik ?alj'awm"),
    "ru": ("Сегодня хорошая погода, и у меня 3 билета.", "tR;'i b;il;'eta#"),
    "nl": ("Vandaag is het mooi weer en ik koop 8 appels.", "'Axt _!'Ap@ls"),
    "it": ("Oggi è una bella giornata e compro 7 mele.", "s'Et:e m'Ele"),
    "pl": ("Dzisiaj jest piękna pogoda, kupię 6 jabłek.", "S'ES;ts; j'abwEk"),
    "pt": ("Hoje está um belo dia e eu compro 9 maçãs.", "n'Ovy mas'&~s"),
    "tr": ("Bugün hava çok güzel, 4 elma alacağım.", "d'WRt '&lma aLadZ'a:@m"),
    "hi": ("आज मौसम अच्छा है और मेरे पास 5 किताबें हैं।", "p'a~c kIt'a:be~:"),
    "vi": ("Hôm nay trời đẹp, tôi mua 2 quả táo.", "h'a:I1_| kw'a:4_|"),
}


@dataclass(frozen=True)
class House:
    """What speaks, without a server around it."""

    catalogue: Catalogue
    engine: EspeakEngine
    reader: Reader

    def said(self, text: str, language: str) -> list[tuple[Sentence, str]]:
        """Return the sentences of a request in a language, each with its phonemes."""
        wanted = plan(Request(text, "wav", language=language), self.catalogue, self.reader)
        read = [sentence for sentence in wanted.sentences(self.reader) if sentence.text]
        return [(one, self.engine.phonemes(one, self.speaker(one, wanted.voice))) for one in read]

    def speaker(self, sentence: Sentence, voice: Voice) -> Voice:
        same = sentence.language == voice.language
        return voice if same else self.catalogue.for_language(sentence.language, voice.sex)


@pytest.fixture(scope="module")
def house() -> House:
    engine = espeak.open(Settings())
    catalogue = Catalogue({"espeak": engine}, "")
    return House(catalogue, engine, Reader({voice.language for voice in catalogue.voices}))


@pytest.mark.parametrize("language", TEXTS)
def test_a_language_is_read_in_its_own_voice(house: House, language: str) -> None:
    text, heard = TEXTS[language]
    said = house.said(text, language)
    assert {sentence.language.partition("-")[0] for sentence, _ in said} == {language}
    phonemes = " ".join(phonemes for _, phonemes in said)
    assert heard in phonemes
    assert "(en)" not in phonemes


@pytest.mark.parametrize("language", [name for name in TEXTS if name not in ("zh", "ja")])
def test_no_word_is_spelled_out(house: House, language: str) -> None:
    text, _ = TEXTS[language]
    phonemes = "".join("".join(phonemes.split()) for _, phonemes in house.said(text, language))
    for word in (word.strip("¿?.,،؟।") for word in text.split()):
        if len(word) > 3:
            named = "".join("".join(phonemes.split()) for _, phonemes in house.said(" ".join(word), language))
            assert named
            assert named not in phonemes, word


@pytest.mark.parametrize(("language", "of_text"), list(permutations(TEXTS, 2)))
def test_text_of_another_language_than_said_names_no_letter(house: House, language: str, of_text: str) -> None:
    for sentence, phonemes in house.said(TEXTS[of_text][0], language):
        assert phonemes, sentence
        assert not NAMES.search(phonemes), sentence
