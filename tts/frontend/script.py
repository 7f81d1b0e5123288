"""What a character is to a reader: a letter of some script, a spoken symbol, punctuation, or nothing sayable."""

import re
import unicodedata
from enum import Enum
from functools import lru_cache

import langcodes

from tts.frontend.characters import HAN, HIRAGANA, KATAKANA

#: The language that reads a script which the language of the text cannot.
READERS = {
    "Han": "zh",
    "Bopomofo": "zh",
    "Hiragana": "ja",
    "Katakana": "ja",
    "Hangul": "ko",
    "Latin": "en",
    "Cyrillic": "ru",
    "Greek": "el",
    "Arabic": "ar",
    "Hebrew": "he",
    "Thai": "th",
    "Devanagari": "hi",
    "Bengali": "bn",
    "Tamil": "ta",
    "Telugu": "te",
    "Kannada": "kn",
    "Malayalam": "ml",
    "Gujarati": "gu",
    "Gurmukhi": "pa",
    "Oriya": "or",
    "Sinhala": "si",
    "Myanmar": "my",
    "Georgian": "ka",
    "Armenian": "hy",
    "Ethiopic": "am",
    "Cherokee": "chr",
}

#: Scripts of a language by the ISO 15924 code that CLDR gives it; one name here is the name in READERS.
_SCRIPTS_OF_CODE = {
    "Hans": ("Han", "Bopomofo"),
    "Hant": ("Han", "Bopomofo"),
    "Jpan": ("Han", "Hiragana", "Katakana"),
    "Kore": ("Hangul",),
    "Latn": ("Latin",),
    "Cyrl": ("Cyrillic",),
    "Grek": ("Greek",),
    "Arab": ("Arabic",),
    "Hebr": ("Hebrew",),
    "Deva": ("Devanagari",),
    "Beng": ("Bengali",),
    "Taml": ("Tamil",),
    "Telu": ("Telugu",),
    "Knda": ("Kannada",),
    "Mlym": ("Malayalam",),
    "Gujr": ("Gujarati",),
    "Guru": ("Gurmukhi",),
    "Orya": ("Oriya",),
    "Sinh": ("Sinhala",),
    "Mymr": ("Myanmar",),
    "Geor": ("Georgian",),
    "Armn": ("Armenian",),
    "Ethi": ("Ethiopic",),
    "Cher": ("Cherokee",),
}

#: Languages written in two scripts.
_ALSO = {"sr": ("Latin", "Cyrillic"), "bs": ("Cyrillic",), "hr": ("Cyrillic",), "uz": ("Cyrillic",)}

#: Languages whose readers spell foreign Latin words letter by letter; the others read them, mostly as English.
_SPELLS_LATIN = frozenset({"ja", "ba", "cv", "hyw", "kok", "ky", "my", "nog", "shn", "ti"})

#: Languages of Han countries whose readers know only the Latin way of writing them.
_LATIN_ONLY = frozenset({"hak"})

#: Symbols that every reader says.
_SAID = frozenset("%+=&@#±≈²³½¼")

#: Symbols that the readers of a language say besides.
_ALSO_SAID = {
    "zh": frozenset("$€£¥₽₩°×÷≥≤≠≧≦√∞‰‱℃℉№→∶−⁄"),
    "yue": frozenset("$€£¥₽₩°×÷"),
    "en": frozenset("$€£¥₹°©®™×÷∞√→←∑§¶"),
    "de": frozenset("$€£¥₹°™×÷∞√→←∑§¶"),
    "fr": frozenset("$€£¥°©®™×÷"),
    "es": frozenset("$€£°©®™§"),
    "it": frozenset("$€£₹°©®™∞√→←∑§‰"),
    "pt": frozenset("$€£¥°©®™×÷∞→←§"),
    "nl": frozenset("$€£¥₹°©®™×÷∞√→←∑§"),
    "pl": frozenset("$£¥°©®™×÷§"),
    "ru": frozenset("$©®™"),
    "tr": frozenset("$€°©®™§"),
    "ar": frozenset("$€£¥©®™"),
}

#: Marks of layout rather than of meaning: nobody misses them.
_SILENT = frozenset("*_^`|\\<>~～〜￣¦¨¯´¸")

#: Characters are named after their scripts, `CYRILLIC SMALL LETTER A`, with these exceptions.
_SCRIPT_OF_NAME = {"CJK": "Han", "IDEOGRAPHIC": "Han", "KANGXI": "Han", "HANGZHOU": "Han"} | {
    name.upper(): name for name in READERS
}

_CJK = re.compile(f"[{HAN}{HIRAGANA}{KATAKANA}ーｰ]")
_KANA = re.compile(f"(?!の)[{HIRAGANA}{KATAKANA}々〆]")


class Kind(Enum):
    """How a character takes part in speech."""

    LETTER = "letter"
    SAID = "said"
    SILENT = "silent"
    UNREADABLE = "unreadable"


@lru_cache(maxsize=4096)
def primary(language: str) -> str:
    """Return the bare language of a tag, e.g. `zh` of `cmn-Hant-TW`."""
    return langcodes.Language.get(language).language or language


@lru_cache(maxsize=4096)
def scripts(language: str) -> frozenset[str]:
    """Return the scripts that readers of a language read as words."""
    tag = langcodes.Language.get(language)
    name = tag.language or language
    own = _SCRIPTS_OF_CODE.get(tag.maximize().script or "", (_script_of(name),))
    if name in _LATIN_ONLY:
        own = ("Latin",)
    latin = () if name in _SPELLS_LATIN else ("Latin",)
    return frozenset((*own, *_ALSO.get(name, ()), *latin))


def _script_of(language: str) -> str:
    return next((script for script, reader in READERS.items() if reader == language), "Latin")


@lru_cache(maxsize=4096)
def script(character: str) -> str:
    """Return the script that reads a character, or nothing for digits, symbols and scripts without a reader.

    Compatibility characters count as what they stand for, e.g. `㎏` as Latin.
    """
    if character in "ーｰ":
        return "Katakana"
    if unicodedata.category(character) == "Nd":
        return ""
    found = map(_named, unicodedata.normalize("NFKC", character))
    return next(filter(None, found), "")


def _named(character: str) -> str:
    name = unicodedata.name(character, "") if unicodedata.category(character)[0] in "LMNS" else ""
    return _SCRIPT_OF_NAME.get(re.split("[ -]", name)[0], "")


@lru_cache(maxsize=4096)
def kind(character: str, language: str) -> Kind:
    """Return how a character takes part in speech in a language."""
    category = unicodedata.category(character)
    if category[0] == "L" or category in ("Nl", "No", "So"):
        return _letter_kind(character, language)
    if category == "Nd":
        return Kind.LETTER
    if character in _SILENT or character.isspace() or category[0] in "PZM" or category in ("Cf", "Sk"):
        return Kind.SAID if says(character, language) else Kind.SILENT
    return Kind.SAID if says(character, language) else Kind.UNREADABLE


def _letter_kind(character: str, language: str) -> Kind:
    if says(character, language):
        return Kind.SAID
    plain = unicodedata.normalize("NFKC", character)
    name = script(character)
    if name == "Han":
        return Kind.LETTER if _is_common_han(plain[0]) else Kind.UNREADABLE
    sayable = name and unicodedata.category(plain[0]) != "No"
    return Kind.LETTER if sayable or plain[0].isdecimal() else Kind.UNREADABLE


def _is_common_han(character: str) -> bool:
    """Tell whether readers know it: they know neither radicals nor the rare characters beyond extension A."""
    return "\u3400" <= character <= "\u9fff" or character == "〇"


def says(character: str, language: str) -> bool:
    """Tell whether readers of a language say the name of a symbol."""
    plain = unicodedata.normalize("NFKC", character)
    known = _SAID | _ALSO_SAID.get(primary(language), frozenset())
    return character in known or (len(plain) == 1 and plain in known)


@lru_cache(maxsize=4096)
def is_cjk(character: str) -> bool:
    """Tell whether a character is written without spaces between words and may be cut from its neighbour."""
    return bool(_CJK.match(character))


def kana_count(text: str) -> int:
    """Return how many characters can only be Japanese; a lone の is at home in Chinese names and shop signs."""
    return len(_KANA.findall(text))


def cjk_count(text: str) -> int:
    """Return how many characters are Han or kana."""
    return len(_CJK.findall(text))
