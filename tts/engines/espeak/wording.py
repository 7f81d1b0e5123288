"""The text as espeak-ng is to get it, with the way back from each character to the sentence."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from tts.engines.espeak.japanese import Japanese, spread
from tts.engines.espeak.kana import everyday
from tts.engines.espeak.mandarin import CHINESE_SYMBOLS, repaired
from tts.engines.espeak.pinyin import phonemes
from tts.frontend.characters import GRAPHEME, LATIN, TERMINALS, of
from tts.frontend.script import primary, says
from tts.types import Sentence, Word

#: The least break at which speech pauses.
_PAUSE = 3
_ENDINGS = "。！？，、；：….!?,;:"
#: What espeak-ng reads as punctuation; other marks would be read out by name.
_PUNCTUATION = re.compile(f"[{TERMINALS}{of('Pd')}…·'’\"“”‘（）()«»「」¿¡-]")
#: Marks that remain on a letter when there is no letter with the mark; espeak-ng would read them out.
_LOOSE_MARKS = re.compile(
    rf"(?![\u200c\u200d])[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f{of('Cf')}]"
)
#: A hyphen that is neither a minus nor between everyday letters. espeak-ng crashes at one that follows something
#: without sound and stands before a word, e.g. in `---ણોટ`.
_CRASHING_HYPHEN = re.compile(
    rf"(?!—)[{of('Pd')}](?<!^-(?=[0-9]))(?<!\s-(?=[0-9]))(?<![A-Za-zÀ-ÿЀ-я]-(?=[A-Za-zÀ-ÿЀ-я]))"
)
_CHINESE_UNIT = re.compile(rf"\d[\d,]*(?:\.\d+)?[%％]|{GRAPHEME}")
_GRAPHEME = re.compile(GRAPHEME)
_LATIN = re.compile(f"[{LATIN}]")


@dataclass(frozen=True, slots=True)
class Wording:
    """A text for espeak-ng; its character `i` stands for the sentence's character `origins[i]`."""

    text: str
    origins: tuple[int, ...]


def wording(text: str, language: str, japanese: Japanese) -> Wording:
    """Return a sentence's text as espeak-ng reads it best."""
    pairs = _kana(text, japanese) if primary(language) == "ja" else _plain(text, language)
    said = "".join(piece for piece, _ in pairs)
    return Wording(_CRASHING_HYPHEN.sub(" ", said), tuple(at for piece, at in pairs for _ in piece))


def spelled(sentence: Sentence) -> Wording:
    """Return a sentence that the front end has read, in phonemes: both engines read alike."""
    pairs = [
        pair
        for word, following in zip_longest(sentence.words, sentence.words[1:])
        for pair in _spelled_word(sentence, word, paused=following is None or word.break_after >= _PAUSE)
    ]
    body = sentence.text.rstrip(_ENDINGS)
    pairs.append((sentence.text[len(body) :], max(0, len(body) - 1)))
    return Wording("".join(piece for piece, _ in pairs), tuple(at for piece, at in pairs for _ in piece))


def _spelled_word(sentence: Sentence, word: Word, paused: bool) -> Iterator[tuple[str, int]]:
    """Yield Mandarin syllables as phonemes, and a foreign word as it is written: espeak-ng reads it as English."""
    foreign = [syllable for syllable in word.syllables if not syllable.pinyin]
    for syllable in word.syllables:
        if syllable.pinyin:
            last = paused and syllable is word.syllables[-1]
            yield f"[[{phonemes(syllable.pinyin, last)}]] ", syllable.start - sentence.start
    if foreign:
        start, end = foreign[0].start - sentence.start, foreign[-1].end - sentence.start
        for at, character in enumerate(sentence.text[start:end], start):
            yield _bare(character) if character.isalpha() else " ", at
        yield " ", end - 1


def _bare(letter: str) -> str:
    """Return a Latin letter without marks, which espeak-ng's Mandarin would take for tones or name."""
    return "".join(part for part in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(part))


def _plain(text: str, language: str) -> list[tuple[str, int]]:
    if primary(language) in ("zh", "yue"):
        return [(_chinese(found.group(), language), found.start()) for found in _CHINESE_UNIT.finditer(text)]
    return [
        ("".join(_character(c, language) for c in unicodedata.normalize("NFC", found.group())), found.start())
        for found in _GRAPHEME.finditer(text)
    ]


def _chinese(unit: str, language: str) -> str:
    """Return a character, or a percentage, as Chinese words where espeak-ng would use English ones.

    Latin letters lose their accents: espeak-ng would take them for tones of pinyin.
    """
    if len(unit) > 1 and unit[-1] in "%％":
        return "百分之" + "".join(_character(c, language) for c in unit[:-1])
    if unit in CHINESE_SYMBOLS:
        return CHINESE_SYMBOLS[unit]
    latin = _LATIN.match(unit)
    parts = unicodedata.normalize("NFD", unit) if latin else unicodedata.normalize("NFC", unit)
    plain = "".join(_character(c, language) for c in parts)
    return repaired(plain) if primary(language) == "zh" else plain


def _kana(text: str, japanese: Japanese) -> list[tuple[str, int]]:
    """Return kana, with a space before each word that begins a breath: espeak-ng cuts longer words short."""
    pairs: list[tuple[str, int]] = []
    for word in japanese.words(text):
        if pairs and not word.leans:
            pairs.append((" ", word.start))
        for kana, at in spread(word):
            before = pairs[-1][0] if pairs else ""
            pairs.append(("".join(_character(c, "ja") for c in everyday(kana, before)), at))
    return pairs


def _character(character: str, language: str) -> str:
    """Return a character in its plain form, or a space for what must not be read out by its name.

    No `[` gets through: in espeak-ng two of them begin phonemes.
    """
    if _LOOSE_MARKS.match(character):
        return ""
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    if _PUNCTUATION.match(character) or character in "²½¼":
        return character
    if unicodedata.category(character)[0] == "M":
        return character
    if _is_named(character, language):
        character = unicodedata.normalize("NFD", character)[0]
    plain = unicodedata.normalize("NFKC", character).replace("⁄", "/")
    return "".join(c for c in plain if c.isalnum() or c in "./" or says(c, language)) or " "


#: Letters with marks, of those below U+0250, that Vietnamese has.
_VIETNAMESE = "àáâãèéêìíòóôõùúýăđĩũơư"


def _is_named(character: str, language: str) -> bool:
    """Tell whether espeak-ng would name a letter with its marks, and its number, in the middle of a word.

    It does so with all of Latin Extended Additional, such as ế, where a language does not write them.
    """
    if primary(language) == "vi":
        return "\u0080" < character < "\u0250" and character.lower() not in _VIETNAMESE
    return "\u1e00" <= character <= "\u1eff" and primary(language) != "cy"
