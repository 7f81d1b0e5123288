"""Pinyin as `<phoneme>` writes it: which syllable belongs to which character."""

import re

from tts.frontend.characters import HAN

_HAN = re.compile(f"[{HAN}]")
_SYLLABLE = re.compile(
    r"(?P<sound>(?:[bpmfdtnlgkhjqxrzcsyw]|zh|ch|sh)?[aeiouvê]{1,3}(?:ng|n)?r?|er|hm|hng|m|n|ng)(?P<tone>[1-5])"
)


def readings(text: str, offset: int, ph: str, alphabet: str = "py") -> dict[int, str]:
    """Return the pinyin of each Chinese character of a text that begins at an offset.

    A syllable like `huar1` may stand for two characters, 花儿; the second one's reading is then empty.
    """
    if alphabet != "py":
        raise ValueError(f"<phoneme> alphabet must be py, which is pinyin, not {alphabet[:20]!r}")
    places = [offset + at for at, character in enumerate(text) if _HAN.match(character)]
    foreign = next((character for character in text if character.isalnum() and not _HAN.match(character)), "")
    if foreign or not places:
        raise ValueError(
            f"<phoneme> holds {foreign!r}, but pinyin is for Chinese characters"
            if foreign
            else "<phoneme> holds no Chinese characters"
        )
    syllables = [_syllable(written) for written in ph.split()]
    merged = _merged(text, offset, places, syllables)
    spoken = [place for place in places if place not in merged]
    if len(spoken) != len(syllables):
        raise ValueError(f"<phoneme> ph has {len(syllables)} syllables for {len(places)} characters")
    return dict(sorted([*zip(spoken, syllables, strict=True), *((place, "") for place in merged)]))


def _syllable(written: str) -> str:
    plain = written.lower().replace("u:", "v").replace("ü", "v")
    if not _SYLLABLE.fullmatch(plain):
        raise ValueError(
            f"<phoneme> ph must be syllables with tones 1 to 5, such as 'dian3 dang4 hang2', not {written[:20]!r}"
        )
    return plain


def _merged(text: str, offset: int, places: list[int], syllables: list[str]) -> set[int]:
    """Return the places of the 儿 that are no syllable of their own."""
    merged: set[int] = set()
    if len(places) == len(syllables):
        return merged
    following = iter(syllables)
    previous = ""
    for place in places:
        if text[place - offset] in "儿兒" and previous[:-1].endswith("r") and previous[:-1] != "er":
            merged.add(place)
            previous = ""
        else:
            previous = next(following, "")
    return merged
