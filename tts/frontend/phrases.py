"""Finds where a long clause is cut into phrases: evenly, and at borders of the syntax."""

from typing import Final

from tts.frontend.feet import PHRASE, WORD, Foot

#: A clause longer than this is cut into phrases of about so many syllables.
_LONGEST_PHRASE: Final = 16
_PHRASE: Final = 8
_MOST_IN_PHRASE: Final = 12

_CONJUNCTIONS = frozenset((
    "和", "与", "及", "以及", "或", "或者", "而", "而且", "并", "并且", "但", "但是", "因为", "所以", "如果", "虽然",
    "不过", "然而", "因此", "于是",
))  # fmt: skip


def with_phrases(feet: list[Foot], end: int) -> list[Foot]:
    """Return the prosodic words with a break of a phrase where they are too many for one breath."""
    if not feet:
        return []
    breaks = _phrase_ends(feet) if sum(foot.size for foot in feet) > _LONGEST_PHRASE else frozenset()
    found = [Foot(foot.tokens, foot.tree, PHRASE if at in breaks else WORD) for at, foot in enumerate(feet)]
    found[-1] = Foot(found[-1].tokens, found[-1].tree, end)
    return found


def _phrase_ends(feet: list[Foot]) -> frozenset[int]:
    """Return after which prosodic words a phrase ends: evenly, and at borders of the syntax, at the least cost."""
    best: list[tuple[float, int]] = [(0.0, -1)]
    sizes = [foot.size for foot in feet]
    for end in range(1, len(feet) + 1):
        size = 0
        border = _border(feet, end)
        choices: list[tuple[float, int]] = []
        for start in range(end - 1, -1, -1):
            size += sizes[start]
            if size > _MOST_IN_PHRASE and choices:
                break
            choices.append((best[start][0] + (size - _PHRASE) ** 2 + border, start))
        best.append(min(choices))
    ends: set[int] = set()
    at = len(feet)
    while at > 0:
        ends.add(at - 1)
        at = best[at][1]
    return frozenset(ends)


def _border(feet: list[Foot], end: int) -> float:
    """Return what it costs to break before a prosodic word: little before conjunctions and prepositions."""
    if end == len(feet):
        return 0.0
    following, before = feet[end].tokens[0], feet[end - 1].tokens[-1]
    if following.text in _CONJUNCTIONS or following.tag == "c":
        return 0.0
    if before.text in _CONJUNCTIONS or before.tag in ("p", "c", "uj") or before.text == "的":
        return 40.0
    return 8.0 if following.tag in ("p", "d") else 12.0 if following.tag.startswith("v") else 20.0
