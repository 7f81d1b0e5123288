"""Kinds of characters, written for `re`, which knows no Unicode properties by name.

What is in capitals is the inside of a set, such as `A-Za-z`. The general categories are those of `unicodedata`; scripts
and other properties are those of Unicode 17 (Scripts.txt, PropList.txt, GraphemeBreakProperty.txt), as far as some
reader reads them.
"""

import unicodedata
from functools import cache
from itertools import groupby

#: The planes that have more than Han characters.
_PLANES = (range(0x20000), range(0xE0000, 0xE0200))


def of(*categories: str) -> str:
    """Return the characters of general categories, `L` for all of `Lu`, `Ll` and so on, as the inside of a set."""
    return "".join(
        f"\\U{start:08x}-\\U{end:08x}"
        for category, stretches in _by_category().items()
        if category.startswith(categories)
        for start, end in stretches
    )


@cache
def _by_category() -> dict[str, list[tuple[int, int]]]:
    found = {"Lo": [(0x20000, 0x33479)]}
    for plane in _PLANES:
        at = plane.start
        for category, same in groupby(map(unicodedata.category, map(chr, plane))):
            end = at + sum(1 for _ in same)
            found.setdefault(category, []).append((at, end - 1))
            at = end
    return found


HAN = (
    "\u2e80-\u2e99\u2e9b-\u2ef3\u2f00-\u2fd5々〇\u3021-\u3029\u3038-\u303b\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufa6d\ufa70-\ufad9\U00016fe2\U00016fe3\U00016ff0-\U00016ff6\U00020000-\U000323af\U000323b0-\U00033479"
)
HIRAGANA = "\u3041-\u3096\u309d-\u309f\U0001b001-\U0001b11f\U0001b132\U0001b150-\U0001b152\U0001f200"
KATAKANA = (
    "\u30a1-\u30fa\u30fd-\u30ff\u31f0-\u31ff\u32d0-\u32fe\u3300-\u3357\uff66-\uff6f\uff71-\uff9d"
    "\U0001aff0-\U0001affe\U0001b000\U0001b120-\U0001b122\U0001b155\U0001b164-\U0001b168"
)
HANGUL = (
    "\u1100-\u11ff\u302e\u302f\u3131-\u318e\u3200-\u321e\u3260-\u327e\ua960-\ua97c\uac00-\ud7a3\ud7b0-\ud7fb"
    "\uffa0-\uffdc"
)
THAI = "\u0e01-\u0e3a\u0e40-\u0e5b"
#: What is written without spaces between words.
UNSPACED = HAN + HIRAGANA + KATAKANA + THAI
LATIN = (
    "A-Za-zªº\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02b8\u02e0-\u02e4\u1d00-\u1d25\u1d2c-\u1d5c\u1d62-\u1d65\u1d6b-\u1d77"
    "\u1d79-\u1dbe\u1e00-\u1eff\u2071\u207f\u2090-\u209c\u212a\u212b\u2132\u214e\u2160-\u2188\u2c60-\u2c7f\ua722-\ua787"
    "\ua78b-\ua7ff\uab30-\uab5a\uab5c-\uab64\uab66-\uab69\ufb00-\ufb06Ａ-Ｚａ-ｚ"
)
#: Ends a sentence (Sentence_Terminal), and ends a clause (Terminal_Punctuation).
STOPS = (
    r"!.?\u0589\u061d-\u061f\u06d4\u0964\u0965\u104a\u104b\u1362\u1367\u1368\u2024\u203c\u203d\u2047-\u2049"
    r"\u2e2e\u2e3c\u2e53\u2e54。\ufe12\ufe15\ufe16\ufe52\ufe56\ufe57！．？｡"
)
TERMINALS = (
    STOPS + r",:;\u037e\u0387\u05c3\u060c\u061b\u0e5a\u0e5b\u1361-\u1368\u2e41\u2e4c\u2e4e\u2e4f、"
    r"\ufe50\ufe51\ufe54\ufe55，：；､"
)

_JAMO_FIRST, _JAMO_LATER, _BLOCKS = r"\u1100-\u115f\ua960-\ua97c", r"\u1160-\u11ff\ud7b0-\ud7fb", r"\uac00-\ud7a3"
_FLAG = r"\U0001f1e6-\U0001f1ff"
_PICTURED = rf"(?![{_FLAG}])[{of('So')}\u203c\u2049\u2194\u25fd\u25fe]"
#: Belongs to the character before it: marks, joiners, shades of skin, tags, half-width voice marks, Thai am.
_CLINGING = of("M") + r"\u200c\u200d\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f\uff9e\uff9f\u0e33"
_VIRAMAS = r"\u094d\u09cd\u0acd\u0b4d\u0c4d\u0d4d"
#: One character as a reader sees it, as Unicode's annex 29 cuts (an extended grapheme cluster).
GRAPHEME = (
    rf"(?:(?![{_FLAG}{_JAMO_FIRST}{_BLOCKS}])[^{of('So', 'Cc', 'Cf', 'Zl', 'Zp')}]"
    rf"(?:[{_CLINGING}]*[{_VIRAMAS}]\u200d?[\u0915-\u0d3a])*[{_CLINGING}]*"
    rf"|{_PICTURED}(?:[{_CLINGING}]*\u200d{_PICTURED})*[{_CLINGING}]*"
    rf"|(?:[{_JAMO_FIRST}]+[{_BLOCKS}]?|[{_BLOCKS}])[{_JAMO_LATER}]*[{_CLINGING}]*"
    rf"|[{_FLAG}]{{1,2}}[{_CLINGING}]*|[\u200c\u200d]+[{_CLINGING}]*|\r\n|[\s\S])"
)
#: The end of a line, as Unicode's technical standard 18 has it.
LINE_END = r"(?:\r\n|[\n-\r\x85\u2028\u2029])"
