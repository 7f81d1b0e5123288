"""Spells a pinyin syllable in espeak-ng's phonemes, so that Mandarin is read as the front end says."""

import re

_INITIALS = {
    "b": "p", "p": "ph", "m": "m", "f": "f", "d": "t", "t": "th", "n": "n", "l": "l", "g": "k", "k": "kh", "h": "X",
    "j": "tS;", "q": "tS;h", "x": "S;", "zh": "ts.", "ch": "ts.h", "sh": "s.", "r": "z.", "z": "ts", "c": "tsh",
    "s": "s", "": "",
}  # fmt: skip
#: Final -> (glide before the stress, vowel, coda after the tone).
_FINALS = {
    "a": ("", "A", ""), "o": ("", "o", ""), "e": ("", "o-", ""), "ai": ("", "ai", ""), "ei": ("", "ei", ""),
    "ao": ("", "Au", ""), "ou": ("", "ou", ""), "an": ("", "a", "n"), "en": ("", "@", "n"), "ang": ("", "A", "N"),
    "eng": ("", "@", "N"), "ong": ("", "ong", ""), "er": ("", "@r", ""), "i": ("", "i", ""), "ia": ("", "iA", ""),
    "ie": ("", "iE", ""), "io": ("", "io", ""), "iao": ("j", "Au", ""), "iu": ("", "iou", ""), "ian": ("", "iE", "n"),
    "in": ("", "i", "n"), "iang": ("", "iA", "N"), "ing": ("", "i", "N"), "iong": ("j", "ong", ""), "u": ("", "u", ""),
    "ua": ("w", "A", ""), "uo": ("", "uo", ""), "uai": ("", "uai", ""), "ui": ("", "uei", ""), "uan": ("", "ua", "n"),
    "un": ("", "u@", "n"), "uang": ("w", "A", "N"), "ueng": ("", "u@", "N"), "v": ("", "y", ""), "ve": ("", "yE", ""),
    "van": ("", "y&", "n"), "vn": ("", "y@", "n"),
}  # fmt: skip
_TONES = {"1": "55", "2": "35", "3": "214", "4": "51", "5": "11"}
#: The vowel of zi, ci, si and of zhi, chi, shi, ri.
_APICAL = {"ts": "i[", "tsh": "i[", "s": "i[", "ts.": "i.", "ts.h": "i.", "s.": "i.", "z.": "i."}
_HALF_THIRD = "21"
#: What y and w stand for: the final itself begins with the sound.
_Y = {"yi": "i", "ya": "ia", "ye": "ie", "yo": "io", "yao": "iao", "you": "iu", "yan": "ian", "yin": "in"} | {
    "yang": "iang", "ying": "ing", "yong": "iong", "yu": "v", "yue": "ve", "yuan": "van", "yun": "vn"
}  # fmt: skip
_W = {
    "wu": "u", "wa": "A", "wo": "o", "wai": "ai", "wei": "ei", "wan": "An", "wen": "u@n", "wang": "AN", "weng": "u@N",
}  # fmt: skip
#: Interjections without a vowel, and ê, are read as the nearest syllable that has one (see the front end's fallbacks).
_NEAREST = {"hng": "heng", "ng": "en", "n": "en", "m": "mu", "hm": "hen", "ê": "ei"}
_SYLLABLE = re.compile(r"(zh|ch|sh|[bpmfdtnlgkhjqxrzcs]?)([a-zê]+)$")


def phonemes(pinyin: str, last: bool = True) -> str:
    """Return the phonemes of a syllable such as `hang2`, `lv4`, `de5` or `huar1`, for use inside `[[` and `]]`.

    A third tone rises again only in the `last` syllable before a pause; elsewhere it stays low. Erhua becomes a
    second, unstressed syllable. Raises `ValueError` for what is no syllable.
    """
    syllable, tone = pinyin[:-1].replace("ü", "v"), _TONES.get(pinyin[-1:])
    if tone is None:
        raise ValueError(f"{pinyin!r} has no tone from 1 to 5")
    if tone == _TONES["3"] and not last:
        tone = _HALF_THIRD
    syllable = _NEAREST.get(syllable, syllable)
    if syllable.endswith("r") and syllable != "er":
        return f"{_plain(syllable[:-1], tone, coda=False)} @r11"
    return _plain(syllable, tone)


def _plain(syllable: str, tone: str, coda: bool = True) -> str:
    if syllable in _W:
        vowel, tail = re.fullmatch(r"(.+?)([nN]?)", _W[syllable]).groups()  # type: ignore[union-attr]  # it matches
        return f"w'{vowel}{tone}{tail if coda else ''}"
    initial, final = _parts(syllable)
    glide, vowel, tail = _FINALS[final]
    if final == "i":
        vowel = _APICAL.get(initial, "i")
    if final == "e" and tone == _TONES["5"]:
        vowel = "@"
    glide = glide or ("j" if syllable[0] == "y" else "")
    return f"{initial}{glide}'{vowel}{tone}{tail if coda else ''}"


def _parts(syllable: str) -> tuple[str, str]:
    """Return espeak-ng's initial and the final with ü written v."""
    whole = re.sub(r"^yv", "yu", syllable)
    if whole in _Y:
        return "", _Y[whole]
    found = _SYLLABLE.match(syllable)
    if found is None:
        raise ValueError(f"{syllable!r} is no syllable of Mandarin")
    initial, final = found.groups()
    if initial in ("j", "q", "x") and final[0] == "u":
        final = "v" + final[1:]
    if initial in ("n", "l") and final == "ue":
        final = "ve"
    final = {"uei": "ui", "uen": "un", "iou": "iu"}.get(final, final)
    if final not in _FINALS:
        raise ValueError(f"{syllable!r} is no syllable of Mandarin")
    return _INITIALS[initial], final
