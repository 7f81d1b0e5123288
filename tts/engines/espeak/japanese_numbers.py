"""Numbers in Japanese, as kana, with the counters whose sound depends on them."""

import re

_DIGITS = ("レイ", "イチ", "ニ", "サン", "ヨン", "ゴ", "ロク", "ナナ", "ハチ", "キュウ")
_GROUPS = ("", "マン", "オク", "チョウ", "ケイ")
_PLACES = ("", "ジュウ", "ヒャク", "セン")
_EUPHONY = {
    "サンヒャク": "サンビャク",
    "ロクヒャク": "ロッピャク",
    "ハチヒャク": "ハッピャク",
    "サンセン": "サンゼン",
    "ハチセン": "ハッセン",
    "イチチョウ": "イッチョウ",
}
_DAYS = {
    1: "ツイタチ", 2: "フツカ", 3: "ミッカ", 4: "ヨッカ", 5: "イツカ", 6: "ムイカ", 7: "ナノカ", 8: "ヨウカ",
    9: "ココノカ", 10: "トオカ", 14: "ジュウヨッカ", 20: "ハツカ", 24: "ニジュウヨッカ",
}  # fmt: skip
#: How the last digit of a number sounds before a counter, where that differs.
_BEFORE = {
    "月": {4: "シ", 7: "シチ", 9: "ク"},
    "時": {4: "ヨ", 7: "シチ", 9: "ク"},
    "年": {4: "ヨ"},
    "円": {4: "ヨ"},
    "分": {1: "イッ", 6: "ロッ", 8: "ハッ", 0: "ジュッ"},
    "回": {1: "イッ", 6: "ロッ", 8: "ハッ", 0: "ジュッ"},
}
_COUNTERS = {"月": "ガツ", "時": "ジ", "年": "ネン", "円": "エン", "日": "ニチ", "回": "カイ", "人": "ニン"}
_KANJI = {ord(kanji): str(digit) for digit, kanji in enumerate("〇一二三四五六七八九")}
_LONGEST_DIGITS = 20


def is_number(text: str) -> bool:
    """Tell whether a word is a number in digits, or in a row of kanji digits such as 二〇二六."""
    return bool(re.fullmatch(r"[0-9][0-9,]*(\.[0-9]+)?", text) or re.fullmatch(r"[〇一二三四五六七八九]{2,}", text))


def counted(number: str, counter: str) -> tuple[str, str]:
    """Return how a number sounds before a counter, and the counter after it; the latter empty if nothing special."""
    plain = number.translate(_KANJI).replace(",", "")
    whole = int(plain) if plain.isdecimal() and len(plain) <= _LONGEST_DIGITS else -1
    if counter == "日" and whole in _DAYS:
        # The day has one sound for both words: the last two kana go to 日.
        return _DAYS[whole][:-1], _DAYS[whole][-1]
    if counter == "人" and whole in (1, 2):
        return ("ヒト", "フタ")[whole - 1], "リ"
    kana = read(plain)
    if whole < 0:
        return kana, _COUNTERS.get(counter, "フン" if counter == "分" else "")
    return _bent(kana, whole, counter), _counter(whole, counter)


def _bent(kana: str, whole: int, counter: str) -> str:
    last = whole % 10
    sound = _BEFORE.get(counter, {}).get(last)
    if sound is None or (last == 0 and not kana.endswith("ジュウ")):
        return kana
    plain = "ジュウ" if last == 0 else _DIGITS[last]
    return kana.removesuffix(plain) + sound


def _counter(whole: int, counter: str) -> str:
    if counter == "分":
        return "プン" if whole % 10 in (0, 1, 3, 4, 6, 8) and whole else "フン"
    return _COUNTERS.get(counter, "")


def read(digits: str) -> str:
    """Return a number, written with ASCII digits and perhaps a point, as kana."""
    whole, _, decimals = digits.partition(".")
    spelled = "".join(_DIGITS[int(digit)] for digit in decimals)
    return (_whole(whole) + "テン" + spelled) if decimals else _whole(whole)


def _whole(digits: str) -> str:
    if len(digits) > _LONGEST_DIGITS or (len(digits) > 1 and digits.startswith("0")):
        return "".join(_DIGITS[int(digit)] for digit in digits)
    number = int(digits)
    if number == 0:
        return _DIGITS[0]
    parts = []
    for group in reversed(_GROUPS):
        power = 10000 ** _GROUPS.index(group)
        if value := number // power % 10000:
            sound = _below_10000(value) + group
            parts.append(_EUPHONY.get(sound, sound))
    return "".join(parts)


def _below_10000(value: int) -> str:
    sound = ""
    for place in (3, 2, 1, 0):
        digit = value // 10**place % 10
        if digit:
            name = _PLACES[place]
            part = name if digit == 1 and name else _DIGITS[digit] + name
            sound += _EUPHONY.get(part, part)
    return sound
