"""Writes rare kana as the everyday ones that espeak-ng knows; it would call the others "Japanese letter"."""

import unicodedata

#: Small kana, and the sounds they can stand after to make one with them.
_SMALL = "ぁぃぅぇぉゃゅょゎァィゥェォャュョヮ"
_LARGE = "あいうえおやゆよわアイウエオヤユヨワ"
_LARGER = str.maketrans(_SMALL, _LARGE)
_SMALL_TSU = "っッ"
_LONG = "ーｰ"
_REPEAT, _REPEAT_VOICED = "ゝヽ", "ゞヾ"
#: Small katakana of Ainu, by their place in Unicode, and what they are small forms of.
_AINU = dict(zip((chr(code) for code in range(0x31F0, 0x3200)), "クシストヌハヒフヘホムラリルレロ", strict=True))
_RARE = str.maketrans(_AINU | {"ヵ": "カ", "ヶ": "ケ", "ゕ": "か", "ゖ": "け", "ゟ": "より", "ヿ": "コト"})


def everyday(kana: str, before: str) -> str:
    """Return kana that espeak-ng reads, when `before` has just been said."""
    said = ""
    for character in kana.translate(_RARE):
        said += _everyday(character, (before + said)[-1:])
    return said


def _everyday(character: str, last: str) -> str:
    if character in _REPEAT + _REPEAT_VOICED:
        return _repeated(last, voiced=character in _REPEAT_VOICED)
    if character in _SMALL and not _is_kana(last):
        return character.translate(_LARGER)
    if character in _LONG and (not _is_kana(last) or last in "んンっッ"):
        return ""
    if character in _SMALL_TSU and last in _SMALL_TSU and last:
        return ""
    return character


def _repeated(last: str, voiced: bool) -> str:
    """Return the sound that an iteration mark repeats, with the voice that the mark gives it."""
    if not _is_kana(last):
        return ""
    plain = unicodedata.normalize("NFD", last)[0]
    return unicodedata.normalize("NFC", plain + "\u3099") if voiced else plain


def _is_kana(character: str) -> bool:
    return bool(character) and "\u3041" <= character <= "\u30fa"
