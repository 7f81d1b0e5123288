"""Which language a text is in, when nobody says: by its script, and for shared scripts by its letters."""

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence

from py3langid.langid import MODEL_FILE, LanguageIdentifier  # type: ignore[import-untyped]  # ships no types

from tts.frontend.characters import HAN, HANGUL, HIRAGANA, KATAKANA, of
from tts.frontend.script import READERS, cjk_count, kana_count, script

#: Tells where the words of a text stand that have no reading in a language, as (start, end).
Unread = Callable[[str], Sequence[tuple[int, int]]]

#: Languages worth telling apart within a script, and how sure one must be of another than the usual one.
_CANDIDATES = {
    "Latin": (("en", "fr", "de", "es", "it", "pt", "nl", "pl", "cs", "tr", "vi", "id", "sv", "da", "no", "fi", "hu",
               "ro", "ca"), 0.3),
    "Cyrillic": (("ru", "uk", "bg", "be", "sr", "mk", "kk", "ky", "tt"), 0.6),
    "Arabic": (("ar", "fa", "ur"), 0.6),
    "Devanagari": (("hi", "mr", "ne"), 0.6),
    "Bengali": (("bn", "as"), 0.6),
}  # fmt: skip
_RENAMED = {"no": "nb"}

#: Words that are a text of their own and too short for statistics.
_WORDS = {
    "hola": "es", "adiós": "es", "buenas": "es", "salut": "fr", "merci": "fr", "oui": "fr", "danke": "de",
    "hallo": "de", "tschüss": "de", "ja": "de", "nein": "de", "ciao": "it", "salve": "it", "olá": "pt",
    "obrigado": "pt", "obrigada": "pt", "tchau": "pt", "hej": "sv", "tack": "sv", "merhaba": "tr", "ahoj": "cs",
    "cześć": "pl", "привіт": "uk", "дякую": "uk",
}  # fmt: skip

#: A character that is a word of its own, or a word of an alphabet: 技 follows AI without being part of it.
_CHARACTER = f"[{HAN}{HIRAGANA}{KATAKANA}{HANGUL}]"
_LETTERS = f"(?:(?!{_CHARACTER})[{of('L', 'M')}])+"
_WORD = re.compile(f"{_CHARACTER}|{_LETTERS}(?:['’]{_LETTERS})*")
#: A text says what it is in soon enough.
_READ_CHARACTERS = 1000


class Detector:
    """Tells languages apart; its statistics are loaded once, when it is made."""

    def __init__(self, unread_japanese: Unread) -> None:
        self._unread = unread_japanese
        self._identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)

    def detect(self, text: str) -> str:
        """Return the BCP-47 tag of a text's language, empty when it has no word; unsure means English."""
        text = text[:_READ_CHARACTERS]
        words = _WORD.findall(text)
        counts: Counter[str] = Counter()
        for first, count in Counter(word[0] for word in words).items():
            counts[script(first)] += count
        del counts[""]
        if not counts:
            return ""
        if self._looks_japanese(text):
            return "ja"
        most = max(counts, key=lambda name: (counts[name], name != "Latin"))
        if most == "Latin" and all(word.isupper() for word in words if script(word[0]) == "Latin"):
            # Acronyms and the names of things say nothing about the language around them.
            return READERS["Han"] if counts["Han"] else READERS["Latin"]
        return self._within(most, " ".join(word for word in words if script(word[0]) == most))

    def _within(self, name: str, text: str) -> str:
        usual = READERS[name]
        if name not in _CANDIDATES:
            return usual
        if text.lower() in _WORDS:
            return _WORDS[text.lower()]
        languages, least = _CANDIDATES[name]
        scores = {language: score for language, score in self._identifier.rank(text) if language in languages}
        best = max(scores, key=lambda language: float(scores[language]))
        sure = math.fsum(scores.values()) > 0 and scores[best] / math.fsum(scores.values()) >= least
        return _RENAMED.get(best, best) if sure else usual

    def _looks_japanese(self, text: str) -> bool:
        """Tell whether a text is on the whole Japanese, be there words in it that nobody knows."""
        kana = kana_count(text)
        return kana >= 2 and (kana >= 0.5 * cjk_count(text) or self.is_japanese(text))

    def is_japanese(self, clause: str) -> bool:
        """Tell whether the Han characters of a clause are Japanese: there is much kana, and every word is known."""
        kana = kana_count(clause)
        return kana >= 2 and kana >= 0.3 * cjk_count(clause) and not self._unread(clause)
