"""Traditional Chinese characters as their simplified forms, one for one, so that positions stay what they are."""

import re
from functools import cache
from importlib.resources import files

#: Words in which 著 is itself; everywhere else traditional text means the particle or the verb 着.
_ZHU = re.compile(
    r"著[名作述者稱称錄录書书有論论]|(?<=[名顯显編编原土巨論论專专卓昭拙遺遗合譯译所新舊旧較较])著|著(?=$|[》」』，。、：:\s)）])"
)
#: After these a 著 is 着 even where nothing else in the text is traditional.
_VERBS = "看想走說说聽听笑哭拿站坐帶带跟隨随朝向對对沿為为憑凭活等忙抱牽牵穿唱吃喝讀读寫写做住開开藏"
#: Characters that simplified text has too, in other senses: phrases with them count in traditional text only.
_IN_BOTH = frozenset("沈坏")
#: Context that OpenCC's tables do not know: both are spoken otherwise than their parts would be.
_OURS = {"甚麼": "什么", "什麼": "什么"}


def simplified(text: str) -> str:
    """Return the text with traditional characters simplified; it is as long as before, position by position."""
    characters, phrases, first = _tables()
    traditional = not characters.keys().isdisjoint(text)
    if not traditional and first.keys().isdisjoint(text):
        return text
    said = [characters.get(character, character) for character in text]
    position = 0
    while position < len(text):
        found = _phrase(text, position, phrases, first, traditional) if text[position] in first else ""
        if found:
            said[position : position + len(found)] = phrases[found]
        position += max(1, len(found))
    return "".join(_zhe(text, said, traditional) if "著" in text else said)


def _phrase(text: str, position: int, phrases: dict[str, str], first: dict[str, int], traditional: bool) -> str:
    """Return the longest phrase that begins here, empty for none."""
    for length in range(first[text[position]], 1, -1):
        phrase = text[position : position + length]
        if phrase in phrases and (traditional or not _IN_BOTH.intersection(phrase)):
            return phrase
    return ""


def _zhe(text: str, said: list[str], traditional: bool) -> list[str]:
    kept = {found.start() + found.group().index("著") for found in _ZHU.finditer(text)}
    for position, character in enumerate(text):
        sure = traditional or (position and text[position - 1] in _VERBS)
        if character == "著" and position and ((sure and position not in kept) or text[position - 1] in _VERBS):
            said[position] = "着"
    return said


@cache
def _tables() -> tuple[dict[str, str], dict[str, str], dict[str, int]]:
    """Return the characters, the phrases, and for each character the length of the longest phrase it begins."""
    lines = files("tts").joinpath("frontend", "data", "traditional.tsv").read_text(encoding="utf-8").splitlines()
    rows = dict(line.split("\t") for line in lines if not line.startswith("#"))
    characters = {key: value for key, value in rows.items() if len(key) == 1}
    phrases = {key: value for key, value in rows.items() if len(key) > 1} | _OURS
    first = {"著": 1}
    for phrase in phrases:
        first[phrase[0]] = max(first.get(phrase[0], 0), len(phrase))
    return characters, phrases, first
