"""Which letters of an English word make which phones, and how a word that no dictionary knows is likely to sound."""

import gzip
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from tts.frontend.arpabet import LETTERS, decode, is_vowel

Phones: TypeAlias = tuple[str, ...]
#: What it costs that a letter makes certain phones, without stress.
Costs: TypeAlias = Mapping[tuple[str, Phones], float]

#: How far a letter's sound may depend on its neighbours, nearest first.
_NEIGHBOURS = (1, -1, 2, -2, 3, -3, 4, -4)
_EDGE = "_"
_RULES = Path(__file__).with_name("data") / "english_letters.txt.gz"

#: A letter makes at most so many phones: x is k s, u is y uw.
_MOST_PHONES = 2
_UNLIKELY = 12.0
_LIKELY = {
    "a": "ae ah ey aa ao eh", "b": "b", "c": "k s ch sh", "d": "d t jh", "e": "eh iy ah ih er ey", "f": "f v",
    "g": "g jh zh", "h": "hh", "i": "ih ay iy ah er", "j": "jh y hh zh", "k": "k", "l": "l", "m": "m", "n": "n ng",
    "o": "aa ow ah ao uw uh aw", "p": "p f", "q": "k", "r": "r er", "s": "s z sh zh", "t": "t sh ch th dh",
    "u": "ah uw uh y er", "v": "v f", "w": "w v", "x": "z", "y": "iy y ay ih", "z": "z s t",
}  # fmt: skip

#: Vowel letters that are never silent, and what they sound like where the rules contradict each other.
_VOWELS = re.compile(r"(?<![gqaeiou])[aiou]+(?![aeiou])|(?<=[^aeiou])y(?=[^aeiou])")
_SHORT = {"a": "ae0", "i": "ih0", "o": "aa0", "u": "ah0", "y": "ih0"}


def first_costs() -> Costs:
    """Return costs good enough to tell which letter a phone belongs to."""
    cost: dict[tuple[str, Phones], float] = {
        (letter, (phone,)): 1.0 for letter, phones in _LIKELY.items() for phone in phones.split()
    }
    cost |= {("x", ("k", "s")): 1.0, ("x", ("g", "z")): 1.5, ("u", ("y", "uw")): 1.5, ("u", ("y", "uh")): 2.0}
    cost |= {(letter, ()): 3.0 for letter in _LIKELY}
    for letter, name in LETTERS.items():
        cost.setdefault((letter, tuple(phone.rstrip("012") for phone in name)), 4.0)
    return cost | {("h", ()): 1.0, ("'", ()): 0.0, ("-", ()): 0.0}


def aligned(word: str, phones: Sequence[str], costs: Costs) -> list[Phones] | None:
    """Return the phones of every letter by the cheapest alignment, or None when there are too many phones."""
    bare = [phone.rstrip("012") for phone in phones]
    rows: list[dict[int, tuple[float, int]]] = [{0: (0.0, 0)}]  # after each letter: phones used -> cost, used before
    for letter in word:
        row: dict[int, tuple[float, int]] = {}
        for used, (so_far, _) in rows[-1].items():
            for end in range(used, min(used + _MOST_PHONES, len(phones)) + 1):
                total = so_far + costs.get((letter, tuple(bare[used:end])), _UNLIKELY)
                if end not in row or total < row[end][0]:
                    row[end] = (total, used)
        rows.append(row)
    return _walked_back(rows, phones) if len(phones) in rows[-1] else None


def _walked_back(rows: Sequence[Mapping[int, tuple[float, int]]], phones: Sequence[str]) -> list[Phones]:
    end = len(phones)
    pieces: list[Phones] = []
    for row in reversed(rows[1:]):
        start = row[end][1]
        pieces.append(tuple(phones[start:end]))
        end = start
    return pieces[::-1]


def context(word: str, at: int) -> str:
    """Return a letter and its neighbours, what matters most first."""
    around = (at, *(at + step for step in _NEIGHBOURS))
    return "".join(word[place] if 0 <= place < len(word) else _EDGE for place in around)


class LetterSounds:
    """What letters sound like in their surroundings, learnt from the dictionary."""

    def __init__(self, path: Path = _RULES) -> None:
        lines = gzip.decompress(path.read_bytes()).decode().splitlines()
        self._rules = dict(line.split("\t") for line in lines)

    def read(self, word: str) -> list[Phones]:
        """Return the phones of every letter of a word of a-z; one vowel has primary stress."""
        pieces = [self._letter(context(word, at)) for at in range(len(word))]
        for found in _VOWELS.finditer(word):
            at = found.end() - 1
            heard = [phone for piece in pieces[found.start() : found.end() + 1] for phone in piece]
            if not any(map(is_vowel, heard)):
                pieces[at] = (_SHORT[word[at]],)
        return _stressed_once(pieces)

    def _letter(self, whole: str) -> Phones:
        stretches = (whole[:length] for length in range(len(whole), 0, -1))
        return decode(next((self._rules[stretch] for stretch in stretches if stretch in self._rules), ""))


def _stressed_once(pieces: list[Phones]) -> list[Phones]:
    """Keep the first primary stress; where there is none, give it to the first vowel."""
    vowels = [phone for piece in pieces for phone in piece if is_vowel(phone)]
    chosen = next((at for at, vowel in enumerate(vowels) if vowel.endswith("1")), 0)
    digits = iter("1" if at == chosen else "0" for at in range(len(vowels)))
    return [tuple(phone[:-1] + next(digits) if is_vowel(phone) else phone for phone in piece) for piece in pieces]
