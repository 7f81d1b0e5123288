"""The letters of a Latin token as plain a-z, each with its place in the token, and the words they form."""

import re
import unicodedata
from dataclasses import dataclass

_APOSTROPHES = "'’‘ʼ＇"
_HYPHENS = "-‐‑－"
#: Letters that no decomposition leads back to a-z.
_OTHERS = {
    "æ": "ae",
    "œ": "oe",
    "ß": "ss",
    "ø": "o",
    "đ": "d",
    "ð": "th",
    "þ": "th",
    "ł": "l",
    "ı": "i",
    "ħ": "h",
    "ə": "e",
    "ŋ": "ng",
    "ʃ": "sh",
}

#: Words of a camelCase name: capitals before a capitalised word, a plural of capitals, a word, letters.
_HUMPS = re.compile(r"[A-Z]{2,}s(?![a-z])|[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


@dataclass(frozen=True, slots=True)
class Spelling:
    """Plain letters with their apostrophes and hyphens."""

    text: str
    starts: tuple[int, ...]
    """For each letter where the character it comes from begins in the token."""
    ends: tuple[int, ...]
    """Where that character, with its accents, ends."""

    def part(self, start: int, end: int) -> "Spelling":
        """Return a stretch of it."""
        return Spelling(self.text[start:end], self.starts[start:end], self.ends[start:end])


def spelling(token: str) -> Spelling:
    """Return a token without its accents; what is no letter becomes a space."""
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for at, character in enumerate(token):
        if unicodedata.category(character) == "Mn" and ends:
            ends[-1] = at + 1
            continue
        plain = _plain(character)
        letters.append(plain)
        starts.extend([at] * len(plain))
        ends.extend([at + 1] * len(plain))
    return Spelling("".join(letters), tuple(starts), tuple(ends))


def _plain(character: str) -> str:
    if character in _APOSTROPHES:
        return "'"
    if character in _HYPHENS:
        return "-"
    other = _OTHERS.get(character.lower())
    if other:
        return other if character.islower() else other.upper()
    base = "".join(part for part in unicodedata.normalize("NFKD", character) if part.isascii() and part.isalpha())
    return base or _by_name(character)


def _by_name(character: str) -> str:
    """Return the letter that an unusual one is named after, e.g. e for ə, "Latin small letter schwa" or turned e."""
    name = unicodedata.name(character, "")
    if not name.startswith("LATIN ") or not character.isalpha():
        return " "
    words = name.partition("LETTER ")[2].partition(" WITH ")[0].split() or name.split()[-1:]
    letter = next((word for word in words if len(word) == 1), words[-1][0])
    return letter.upper() if "CAPITAL" in name else letter.lower()


def words(letters: Spelling) -> list[Spelling]:
    """Return the parts between whatever is neither letter nor apostrophe nor hyphen, without those at the ends."""
    found = re.finditer(r"[A-Za-z](?:[A-Za-z'-]*[A-Za-z])?", letters.text)
    return [letters.part(*match.span()) for match in found]


def humps(word: Spelling) -> list[Spelling]:
    """Cut a word at its apostrophes, hyphens and inner capitals: `OpenAI` is Open and AI."""
    return [word.part(*match.span()) for match in _HUMPS.finditer(word.text)]
