"""Tells by the words around them where 地 and 得 are particles: 高兴地走, 打扫得干净."""

from collections.abc import Collection, Sequence

from tts.frontend.words import Token

#: Parts of speech by their first letter: what tells how something is done, what is done, and how it is done in the end.
_MANNERS, _DEEDS, _RESULTS = frozenset("adzilo"), frozenset("vdpa"), frozenset("adzil")


def with_particles(tokens: Sequence[Token], readings: Sequence[str], fixed: Collection[int]) -> list[str]:
    """Return the readings, with `de5` where 地 or 得 was taken for a word of its own; those in `fixed` stay."""
    found = list(readings)
    for before, token, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
        adverb = token.text == "地" and _is_adverbial(before, after)
        complement = token.text == "得" and found[token.start] == "de2" and _is_result(before, after)
        if (adverb or complement) and token.start not in fixed:
            found[token.start] = "de5"
    for token in tokens:
        if token.tag == "d" and len(token.text) > 2 and token.text[-1] == "地" and token.end - 1 not in fixed:
            found[token.end - 1] = "de5"
    return found


def _is_adverbial(before: Token, after: Token) -> bool:
    return len(before.text) > 1 and before.tag[0] in _MANNERS and after.tag[0] in _DEEDS


def _is_result(before: Token, after: Token) -> bool:
    return before.tag[0] in "va" and before.text != "是" and after.tag[0] in _RESULTS
