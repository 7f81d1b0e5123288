"""Written text and its spoken form, sign by sign: folds variants before the rules, joins everything up after them."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from tts.frontend.characters import GRAPHEME, HAN, of
from tts.frontend.chinese_numbers import spelled
from tts.frontend.hints import SayAs
from tts.frontend.units import table
from tts.frontend.written import Part

#: Variants that the rules need not know.
_FOLDED = {
    "µ": "μ",
    "−": "-",
    "–": "-",
    "﹣": "-",
    "～": "~",
    "〜": "~",
    "∼": "~",
    "∶": ":",
    "⁄": "/",
    "∕": "/",
    "·": "·",
}
#: Full-width marks that are ordinary punctuation in Chinese text.
_PUNCTUATION = frozenset("，！？；：（）")
#: Nobody expects to hear these: marks that only shape what stands before them, and invisible characters.
_INAUDIBLE = re.compile(f"[{of('Cf', 'Mn', 'Me')}]+")
_PICTURE = re.compile(r"[◽◾\U0001f3fb-\U0001f3ff]|[\s\S]\ufe0f(?!\u20e3)" + f"|[{of('So', 'Co', 'Cn', 'Cs')}]")
_SIGN = re.compile(rf"(?!\s)[{of('S', 'No', 'Co', 'Cn', 'Cs', 'Cc')}]")
_BETWEEN_LETTERS = {"/": " ", "&": " and "}
_AND = re.compile(r"[A-Za-z.] ?& ?[A-Za-z]")
#: Signs that are seen as punctuation; the tilde draws a syllable out.
_PAUSES = {"/": "，", "|": "，", "~": "…"}
_HAN = re.compile(f"[{HAN}]")
#: Where letters meet Han characters.
_OPERATORS = re.compile(f"[{of('Sm')}]")
_SEAM = re.compile(f"[A-Za-z][{HAN}]|[{HAN}][A-Za-z]")
_GRAPHEME = re.compile(GRAPHEME)
#: Characters that hold Han characters in a ring or in brackets.
_PACKED = frozenset(
    map(chr, [*range(0x3220, 0x3248), *range(0x3280, 0x32B1), *range(0x32C0, 0x32CC), *range(0x3358, 0x3371)])
)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A clause as it is spoken."""

    text: str
    """Han characters, Latin words and punctuation; no digits and no symbols."""
    origins: tuple[tuple[int, int], ...]
    """For each character of `text`, the stretch [start, end) of the input it stands for."""
    unreadable: tuple[str, ...] = ()
    """What was dropped because it cannot be spoken, such as emoji."""
    unfit: tuple[SayAs, ...] = ()
    """What was said to be of a kind that it is not."""


def fold(text: str) -> str:
    """Return the text with variants of letters, digits and signs as the usual ones, position by position."""
    return text if text.isascii() else "".join(map(_fold, text))


def _fold(character: str) -> str:
    if character.isascii() or character in _PUNCTUATION:
        return character
    if character in _FOLDED:
        return _FOLDED[character]
    if unicodedata.category(character) == "Nd":
        return str(unicodedata.decimal(character))
    plain = unicodedata.normalize("NFKC", character)
    usual = len(plain) == 1 and ((plain.isascii() and plain.isprintable()) or "\u4e00" <= plain <= "\u9fff")
    return plain if usual and unicodedata.category(character) not in ("No", "Zs") else character


def write(text: str, folded: str, claims: list[list[Part]]) -> Spoken:
    """Return the spoken text: what was claimed as its rule says, and what lies between sign by sign."""
    parts: list[Part] = []
    unreadable: dict[str, None] = {}
    position = 0
    for claim in [*claims, [Part("", len(text), len(text))]]:
        parts.extend(_between(text, folded, position, claim[0].start, unreadable))
        parts.extend(claim)
        position = max(part.end for part in claim)
        if not any(part.text for part in claim):
            # A rule has silenced them: an operator that is no word here is told as what nothing can read is.
            unreadable |= dict.fromkeys(_OPERATORS.findall(text, claim[0].start, position))
    parts = list(_apart(parts, text))
    said = "".join(part.text for part in parts)
    return Spoken(said, tuple(_origins(parts)), tuple(unreadable))


def _apart(parts: list[Part], text: str) -> Iterator[Part]:
    """Yield the parts, with a space where Latin letters meet what was written out, lest they look like one word."""
    before = Part("", 0, 0)
    for part in parts:
        last, first = before.text[-1:], part.text[:1]
        seam = last.isascii() != first.isascii() and _SEAM.fullmatch(last + first)
        if seam and (before.text, part.text) != (text[before.start : before.end], text[part.start : part.end]):
            yield Part(" ", part.start, part.start + 1)
        yield part
        before = part if part.text else before


def _origins(parts: list[Part]) -> Iterator[tuple[int, int]]:
    """Yield a stretch for each character; none begins before the one ahead of it does."""
    least = 0
    for part in parts:
        least = max(least, part.start)
        for _ in part.text:
            yield least, max(part.end, least + 1)


def _between(text: str, folded: str, start: int, end: int, unreadable: dict[str, None]) -> Iterator[Part]:
    signs = table("symbols")
    for found in _GRAPHEME.finditer(text[start:end]):
        grapheme, at = found.group(), start + found.start()
        if grapheme == folded[at] and _says_itself(grapheme):
            yield Part(grapheme, at, at + 1)
            continue
        if _PICTURE.search(grapheme) and not any(c in signs or c in _PACKED or c.isalnum() for c in grapheme):
            unreadable[grapheme] = None
            continue
        for offset, character in enumerate(folded[at : at + len(grapheme)]):
            spoken = _sign(folded, at + offset, signs)
            if spoken:
                yield Part(spoken, at + offset, at + offset + 1)
            elif not _INAUDIBLE.fullmatch(character):
                unreadable[text[at + offset]] = None


@lru_cache(maxsize=4096)
def _says_itself(character: str) -> bool:
    """Tell whether a sign that stands alone is the same in the spoken text, whatever is around it."""
    named = character.isdecimal() or any(character in it for it in (".", _BETWEEN_LETTERS, _PAUSES, _PACKED))
    silent = any(kind.search(character) for kind in (_PICTURE, _SIGN, _INAUDIBLE))
    return not (named or silent or character in table("symbols"))


def _sign(folded: str, position: int, signs: dict[str, str]) -> str:
    """Return how one sign is said: itself for letters and punctuation, empty where there is no saying it."""
    character = folded[position]
    before, after = folded[position - 1 : position], folded[position + 1 : position + 2]
    if character in "0123456789":
        return spelled(character)
    if character == "." and before.isascii() and before.isalnum() and after.isascii() and after.isalnum():
        return "点"
    latin = character in _BETWEEN_LETTERS and len(before + after) == 2 and (before + after).isascii()
    if latin and (character != "&" or _AND.search(folded, max(0, position - 2), position + 3)):
        return _BETWEEN_LETTERS[character]
    if character in _PAUSES:
        return _PAUSES[character]
    if character in signs:
        return signs[character]
    if character in _PACKED:
        return "".join(filter(_HAN.match, unicodedata.normalize("NFKC", character)))
    return "" if _SIGN.match(character) or _INAUDIBLE.match(character) else character
