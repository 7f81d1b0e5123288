"""Rules for signs that shape a text rather than stand for words: arrows, comparisons, emphasis, `~` for about."""

import re

from tts.frontend.characters import HAN
from tts.frontend.written import Part, Rule, pattern, said

#: Where a text, a clause or a word begins.
_OPEN = r"(?:^|(?<=[\s，。；：、！？（(“‘]))"
_OPENED = re.compile(rf"{_OPEN}\*[^\s*][^*]*$")


def _stated(found: re.Match[str]) -> list[Part] | None:
    """Return == between Chinese words; where there are two of them, they are around what is marked: ==重点==."""
    return [said("等于", found)] if found.string.count("==") % 2 else None


def _silent(found: re.Match[str]) -> list[Part]:
    """Return nothing, but a space between Latin words, which the sign has held apart."""
    around = found.string[: found.start()][-1:] + found.string[found.end() :][:1]
    return [said(" " if re.fullmatch("[A-Za-z0-9]{2}", around) else "", found)]


def _emphasis(found: re.Match[str]) -> list[Part] | None:
    """Return an asterisk as silent where it is one of two around something: *重点*."""
    before, after = found.string[: found.start()], found.string[found.start() :]
    opens = re.search(rf"{_OPEN}$", before) and re.match(r"\*[^\s*][^*]*\*", after)
    return _silent(found) if opens or _OPENED.search(before) else None


#: These come before sums, in which the same signs are.
RULES: tuple[Rule, ...] = (
    (pattern(r"\s?(?<![-=<])(?:-+|=+)>\s?"), lambda found: [said("到", found)]),
    (pattern(rf"(?<=[{HAN}\dA-Za-z)）])\s?===?\s?(?=[{HAN}\dA-Za-z(（])"), _stated),
)

#: These come after sums.
EMPHASIS: tuple[Rule, ...] = (
    (pattern(r"^\s*(?:\*|#{1,6})\s+(?=\S)"), _silent),
    # More asterisks, or those between digits, stand for what is hidden: 138****5678.
    (pattern(r"^\s*\*+\s*$|(?<![\d*])\*{2,3}(?!\*)|(?<=\d)\*{2,3}(?![\d*])"), _silent),
    (pattern(r"_{2,}|={2,}"), _silent),
    (pattern(r"(?<!\*)\*(?!\*)"), _emphasis),
    (pattern(r"(?:(?<=约)|(?<=大概)|(?<=将近))~(?=\d)"), _silent),
    (pattern(rf"(?:{_OPEN}|(?<=需要)|(?<=[需为共达仅]))~(?=[\d¥￥$€£])"), lambda found: [said("约", found)]),
)
