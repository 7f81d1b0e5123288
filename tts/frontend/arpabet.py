"""ARPAbet: its phones, the codes they are stored as, the names of the letters, and syllables by maximal onset."""

from collections.abc import Sequence
from itertools import pairwise

#: The vowels; in a dictionary each carries its stress as a digit: 0 none, 1 primary, 2 secondary.
VOWELS = ("aa", "ae", "ah", "ao", "aw", "ay", "eh", "er", "ey", "ih", "iy", "ow", "oy", "uh", "uw")
CONSONANTS = (
    "b", "ch", "d", "dh", "f", "g", "hh", "jh", "k", "l", "m", "n", "ng", "p", "r", "s", "sh", "t", "th", "v", "w",
    "y", "z", "zh",
)  # fmt: skip
PHONES = frozenset((*VOWELS, *CONSONANTS))

#: Every phone as dictionaries write it, in the order of its code: one printable character from `0` on.
_WRITTEN = (*CONSONANTS, *(vowel + stress for vowel in VOWELS for stress in "012"))
_CODES = {phone: chr(ord("0") + code) for code, phone in enumerate(_WRITTEN)}
_PHONES = {code: phone for phone, code in _CODES.items()}

#: How the letters of the alphabet are called.
LETTERS = {
    letter: tuple(name.split())
    for letter, name in {
        "a": "ey1", "b": "b iy1", "c": "s iy1", "d": "d iy1", "e": "iy1", "f": "eh1 f", "g": "jh iy1",
        "h": "ey1 ch", "i": "ay1", "j": "jh ey1", "k": "k ey1", "l": "eh1 l", "m": "eh1 m", "n": "eh1 n",
        "o": "ow1", "p": "p iy1", "q": "k y uw1", "r": "aa1 r", "s": "eh1 s", "t": "t iy1", "u": "y uw1",
        "v": "v iy1", "w": "d ah1 b ah0 l y uw0", "x": "eh1 k s", "y": "w ay1", "z": "z iy1",
    }.items()
}  # fmt: skip

#: What an English syllable may begin with, beside any one consonant but ng.
_ONSETS = frozenset(
    tuple(onset.split())
    for onset in (
        "p r", "p l", "b r", "b l", "t r", "t w", "d r", "d w", "k r", "k l", "k w", "g r", "g l", "g w", "f r",
        "f l", "th r", "th w", "sh r", "hh w", "s p", "s t", "s k", "s m", "s n", "s f", "s l", "s w", "s p r",
        "s p l", "s t r", "s k r", "s k l", "s k w",
    )
)  # fmt: skip
#: Before u, y may follow these: few, cube, music; elsewhere it begins the syllable itself: can-yon, mil-lion.
_BEFORE_YU = frozenset(("p", "b", "t", "d", "k", "g", "m", "n", "f", "v", "th", "s", "l", "hh"))


def encode(phones: Sequence[str]) -> str:
    """Return phones as one character each."""
    return "".join(_CODES[phone] for phone in phones)


def decode(code: str) -> tuple[str, ...]:
    """Return the phones that `encode` was given."""
    return tuple(_PHONES[character] for character in code)


def is_vowel(phone: str) -> bool:
    """Tell whether a phone, with its digit or without, makes a syllable."""
    return phone.rstrip("012") in VOWELS


def syllables(phones: Sequence[str]) -> list[tuple[str, ...]]:
    """Cut phones into syllables, each beginning with as many consonants as English allows."""
    nuclei = [at for at, phone in enumerate(phones) if is_vowel(phone)]
    cuts = [0, *(_onset(phones, left, right) for left, right in pairwise(nuclei)), len(phones)]
    return [tuple(phones[start:end]) for start, end in pairwise(cuts)]


def begins_a_word(phones: Sequence[str]) -> bool:
    """Tell whether English words may begin with the consonants before the first vowel."""
    nucleus = next((at for at, phone in enumerate(phones) if is_vowel(phone)), len(phones))
    return nucleus == 0 or (nucleus < len(phones) and _may_begin(phones[:nucleus], phones[nucleus]))


def _onset(phones: Sequence[str], left: int, right: int) -> int:
    """Return where the syllable of the vowel at `right` begins, after the one at `left`."""
    starts = range(left + 1, right)
    return next((start for start in starts if _may_begin(phones[start:right], phones[right])), right)


def _may_begin(cluster: Sequence[str], vowel: str) -> bool:
    if len(cluster) == 1:
        return cluster[0] != "ng"
    if cluster[-1] == "y":
        rest = tuple(cluster[:-1])
        fits = rest[0] in _BEFORE_YU if len(rest) == 1 else rest in {("s", "p"), ("s", "t"), ("s", "k")}
        return vowel[:2] in ("uw", "uh") and fits
    return tuple(cluster) in _ONSETS
