"""English words, names and acronyms inside Chinese: their syllables in ARPAbet, with stress."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from tts.frontend.arpabet import LETTERS, begins_a_word, decode, is_vowel, syllables
from tts.frontend.english_letters import LetterSounds, Phones, aligned, first_costs
from tts.frontend.english_spelling import Spelling, humps, spelling, words
from tts.frontend.table import Table

_DATA = Path(__file__).with_name("data")

#: Readings in the list of exceptions that stand for a rule instead of phones.
_SPELLED = "letters"
_AS_A_WORD = "word"
#: Capitals up to this length are letters unless the list says they are a word: the dictionary has surnames like Roi.
_ACRONYM_MOST_LETTERS = 3
#: Up to this length unknown capitals are read out, and so is what does not begin like an English word.
_SPELLED_MOST_LETTERS = 5
#: The shorter half of an unknown compound, and the longest word worth trying as one.
_HALF_LEAST_LETTERS = 4
_COMPOUND_MOST_LETTERS = 24

_HISSES = frozenset(("s", "z", "sh", "zh", "ch", "jh"))
_VOICELESS = frozenset(("p", "t", "k", "f", "th"))


@dataclass(frozen=True, slots=True)
class EnglishSyllable:
    """A spoken syllable and the stretch of the token it stands for."""

    start: int
    end: int
    phones: tuple[str, ...]
    """Lower case, without digits."""
    stressed: bool
    """Whether it carries a primary stress; every letter of an acronym does."""


class English:
    """Reads words by the CMU dictionary and a list of exceptions, others by rules; it may be used from any thread.

    In this order: exceptions; short capitals as letters (`CPU`); the dictionary (`NASA`); plural and possessive s;
    parts at hyphens and inner capitals (`JavaScript`); compounds of two known words; the sounds that letters have
    in such surroundings, or their names where that cannot be pronounced.
    """

    def __init__(self) -> None:
        self._dictionary = Table(_DATA / "english.txt.gz")
        self._exceptions = _exceptions(_DATA / "english_exceptions.tsv")
        self._sounds = LetterSounds()
        self._costs = first_costs()

    def read(self, token: str) -> list[EnglishSyllable]:
        """Return the syllables of a token of Latin letters with inner apostrophes and hyphens."""
        return [syllable for word in words(spelling(token)) for syllable in self._word(word)]

    def _word(self, word: Spelling) -> list[EnglishSyllable]:
        if self._is_spelled(word.text):
            return _spelled(word)
        phones = self._known(word.text)
        if phones:
            return self._placed(word, phones)
        return self._with_s(word) or self._in_parts(word) or self._compound(word) or self._guessed(word)

    def _exception(self, text: str) -> str | None:
        return self._exceptions.get(text) or self._exceptions.get(text.lower())

    def _is_spelled(self, text: str) -> bool:
        exception = self._exception(text)
        if len(text) == 1 or exception == _SPELLED:
            return True
        if exception or not (text.isupper() and text.isalpha()):
            return False
        return len(text) <= _ACRONYM_MOST_LETTERS or _bare(self._known(text) or ()) == _names(text)

    def _known(self, text: str) -> Phones | None:
        """Return the phones of a word that somebody wrote down."""
        exception = self._exception(text)
        if exception and exception not in (_SPELLED, _AS_A_WORD):
            return tuple(exception.split())
        code = self._dictionary.get(text.lower())
        return decode(code) if code else None

    def _with_s(self, word: Spelling) -> list[EnglishSyllable]:
        """Return a plural or possessive of what can be read without its s."""
        text = word.text
        stem = word.part(0, len(text) - (2 if text[-2:-1] == "'" else 1))
        possessive = text.endswith(("'s", "'S")) and not stem.text.endswith(("'s", "'S"))
        plural = text.endswith("s") and (self._is_spelled(stem.text) or stem.text.isupper() or self._known(stem.text))
        if not (possessive or plural) or not stem.text:
            return []
        return _followed_by_s(self._word(stem), word.starts[len(stem.text)], word.ends[-1])

    def _in_parts(self, word: Spelling) -> list[EnglishSyllable]:
        parts = humps(word)
        return [syllable for part in parts for syllable in self._word(part)] if len(parts) > 1 else []

    def _compound(self, word: Spelling) -> list[EnglishSyllable]:
        """Return two known words written as one, cut nearest to the middle."""
        length = len(word.text)
        if length > _COMPOUND_MOST_LETTERS:
            return []
        cuts = range(_HALF_LEAST_LETTERS, length - _HALF_LEAST_LETTERS + 1)
        for cut in sorted(cuts, key=lambda cut: abs(2 * cut - length)):
            first, second = word.part(0, cut), word.part(cut, length)
            known = self._known(first.text), self._known(second.text)
            if known[0] and known[1]:
                # As in English compounds, the first word keeps the stress.
                return [*self._placed(first, known[0]), *map(_unstressed, self._placed(second, known[1]))]
        return []

    def _guessed(self, word: Spelling) -> list[EnglishSyllable]:
        """Return how unknown letters sound, or their names where they do not look like a word."""
        pieces = self._sounds.read(word.text.lower())
        phones = [phone for piece in pieces for phone in piece]
        short = len(word.text) <= _SPELLED_MOST_LETTERS
        has_vowel = any(letter in "aeiouy" for letter in word.text.lower()) and any(map(is_vowel, phones))
        if not has_vowel or (short and (word.text.isupper() or not begins_a_word(phones))):
            return _spelled(word)
        return _cut(word, pieces)

    def _placed(self, word: Spelling, phones: Phones) -> list[EnglishSyllable]:
        """Return the syllables of known phones at the letters that make them."""
        pieces = aligned(word.text.lower(), phones, self._costs)
        if pieces is None:
            pieces = [phones, *((),) * (len(word.text) - 1)]
        return _cut(word, pieces)


def _cut(word: Spelling, pieces: Sequence[Phones]) -> list[EnglishSyllable]:
    """Return the syllables of a word whose letters make the phones in `pieces`."""
    owners = [letter for letter, piece in enumerate(pieces) for _ in piece]
    cut = syllables([phone for piece in pieces for phone in piece])
    firsts: list[int] = []
    used = 0
    for phones in cut:
        first = owners[used] if used else 0
        # A letter whose phones belong to two syllables stays with the first: ex-tra.
        split = used and owners[used - 1] == first and first + 1 < len(pieces) and first != firsts[-1]
        firsts.append(first + 1 if split else first)
        used += len(phones)
    # Syllables that begin at one letter share the letters up to the next one.
    following = dict(pairwise([*dict.fromkeys(firsts), len(pieces)]))
    lasts = [following[first] - 1 for first in firsts]
    return [_syllable(word, *place) for place in zip(firsts, lasts, cut, strict=True)]


def _syllable(word: Spelling, first: int, last: int, phones: Phones) -> EnglishSyllable:
    bare = tuple(phone.rstrip("012") for phone in phones)
    return EnglishSyllable(word.starts[first], word.ends[last], bare, any(phone.endswith("1") for phone in phones))


def _bare(phones: Sequence[str]) -> list[str]:
    return [phone.rstrip("012") for phone in phones]


def _names(text: str) -> list[str]:
    return [phone for letter in text.lower() for phone in _bare(LETTERS[letter])]


def _spelled(word: Spelling) -> list[EnglishSyllable]:
    """Return the names of the letters."""
    letters = [(at, LETTERS[letter.lower()]) for at, letter in enumerate(word.text) if letter.isalpha()]
    return [_syllable(word, at, at, phones) for at, name in letters for phones in syllables(name)]


def _followed_by_s(stem: list[EnglishSyllable], start: int, end: int) -> list[EnglishSyllable]:
    last = stem[-1]
    if last.phones[-1] in _HISSES:
        return [*stem, EnglishSyllable(start, end, ("ah", "z"), stressed=False)]
    sound = "s" if last.phones[-1] in _VOICELESS else "z"
    # Syllables that share letters with the last one share the s too.
    shared = [replace(one, end=end) if one.start == last.start else one for one in stem[:-1]]
    return [*shared, replace(last, end=end, phones=(*last.phones, sound))]


def _unstressed(syllable: EnglishSyllable) -> EnglishSyllable:
    return replace(syllable, stressed=False)


def _exceptions(path: Path) -> dict[str, str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t") for line in lines if line and not line.startswith("#"))
