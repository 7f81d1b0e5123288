"""The syllables of standard Chinese: which there are, how they are spelled, and what stands in for the rest."""

import re
from pathlib import Path

_WRITTEN = re.compile(r"([a-zê]+)([0-5]?)")

#: Readings outside the inventory, and the nearest syllable in it.
_FALLBACKS = {
    "hng": "heng", "hm": "heng", "n": "en", "ng": "en", "m": "mu", "ê": "ei", "len": "lin", "biang": "bian",
    "bong": "beng", "cei": "cui", "din": "ding", "fiao": "fo", "nia": "niang", "rua": "ruo", "wong": "weng",
    "pia": "pi", "yai": "ya", "lvan": "luan", "lvn": "lun", "sei": "sai", "io": "yo",
}  # fmt: skip


class Syllables:
    """The inventory; it is read once, when it is made, and never changes."""

    def __init__(self) -> None:
        path = Path(__file__).parent / "data" / "syllables.txt"
        text = "\n".join(line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
        plain, rhotic = text.split("\n\n")
        self.plain = frozenset(plain.split())
        """Without tone, e.g. `lv`, `ju`."""
        self.rhotic = frozenset(rhotic.split())
        """Those that words with a merged 儿 have; others can be merged too, but rarely are."""

    def legal(self, pinyin: str) -> str:
        """Return a reading as a syllable of the inventory with its tone, 5 where it has none; empty if it is none.

        A merged 儿 is kept: `huar1`.
        """
        found = _WRITTEN.fullmatch(spelled(pinyin))
        if not found:
            return ""
        base, tone = found[1], found[2] or "5"
        for syllable in (base, _FALLBACKS.get(base, "")):
            if syllable in self.plain:
                return syllable + tone.replace("0", "5")
        whole, rhotic = split_rhotic(base)
        return whole + "r" + tone if rhotic and whole in self.plain else ""


def spelled(pinyin: str) -> str:
    """Return a syllable as the inventory spells it: v only after n and l, otherwise u."""
    plain = pinyin.lower().replace("ü", "v").replace("u:", "v")
    return re.sub(r"^([jqxy])v", r"\1u", plain)


def split_rhotic(syllable: str) -> tuple[str, bool]:
    """Return a syllable without its merged 儿, and whether it had one; 儿 itself has none."""
    base = syllable.rstrip("012345")
    if base.endswith("r") and base != "er":
        return base[:-1] + syllable[len(base) :], True
    return syllable, False
