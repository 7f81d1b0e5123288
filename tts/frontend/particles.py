"""Tells by the words around them how 地, 得 and 都 are read: as particles, as what must be done, as all."""

from collections.abc import Sequence

from tts.frontend.words import Token

#: Parts of speech by their first letter: what tells how something is done, what is done, and how it is done in the end.
_MANNERS, _DEEDS, _RESULTS = frozenset("adzilo"), frozenset("vdpa"), frozenset("adzil")


def with_particles(tokens: Sequence[Token], readings: Sequence[str]) -> list[str]:
    """Return the readings, with those of particles where they were taken for something else."""
    found = list(readings)
    for before, token, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
        found[token.start] = _reading(before, token, after, readings[token.start]) or readings[token.start]
    for token in tokens:
        # 难过地, as the dictionary has it.
        if token.tag == "d" and len(token.text) > 2 and token.text[-1] == "地":
            found[token.end - 1] = "de5"
    return found


def _reading(before: Token, token: Token, after: Token, known: str) -> str:
    """Return how a word of one character is read between two others, empty where that tells nothing."""
    if token.text == "地" and _is_manner(before) and after.tag[0] in _DEEDS:
        return "de5"
    if token.text == "得" and known == "de2":
        if before.tag[0] in "vab" and before.text != "是" and after.tag[0] in _RESULTS:
            return "de5"
        # 高兴得跳起来: what a feeling makes one do.
        if before.tag[0] in "ab" and len(before.text) > 1 and after.tag[0] == "v":
            return "de5"
        return "dei3" if before.tag[0] in "nrd" and after.tag == "p" else ""
    return "dou1" if token.text == "都" and after.tag[0] in _DEEDS else ""


def _is_manner(token: Token) -> bool:
    """Tell whether a word says how something is done: 慢慢, 一五一十, which counts as a number."""
    return len(token.text) > 1 and (token.tag[0] in _MANNERS or (token.tag == "m" and len(token.text) == 4))
