"""How `<say-as>` is said: digits, dates, telephone numbers and the like, as the writer says and not as they look."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from tts.frontend.chinese_numbers import number, quantity, spelled
from tts.frontend.hints import SayAs
from tts.frontend.quantities import NUMBERS
from tts.frontend.quantities import RULES as QUANTITIES
from tts.frontend.spoken import Spoken, write
from tts.frontend.written import NUMBER, Claims, Part, Rule, digit_by_digit, pattern, said

_PUNCTUATION = {
    "，": "逗号", ",": "逗号", "。": "句号", ".": "点", "、": "顿号", "；": "分号", ";": "分号", "：": "冒号",
    ":": "冒号", "？": "问号", "?": "问号", "！": "感叹号", "!": "感叹号", "…": "省略号", "—": "破折号", "-": "杠",
    "_": "下划线", "/": "斜杠", "\\": "反斜杠", "|": "竖线", "“": "左双引号", "”": "右双引号", '"': "双引号",
    "‘": "左单引号", "’": "右单引号", "'": "单引号", "（": "左括号", "(": "左括号", "）": "右括号", ")": "右括号",
    "【": "左方括号", "[": "左方括号", "】": "右方括号", "]": "右方括号", "{": "左花括号", "}": "右花括号",
    "《": "左书名号", "》": "右书名号", "@": "艾特", "#": "井号", "&": "和", "*": "星号", "~": "波浪号",
    "^": "脱字符", "`": "反引号", "·": "间隔号", "$": "美元符",
}  # fmt: skip
_SIGN = pattern("…+|—+|" + "|".join(re.escape(sign) for sign in _PUNCTUATION))
#: The order of a date's parts where only the text can tell, the first that fits.
_DATE_ORDERS = ("ymd", "mdy", "ym", "md", "y")
_DATE_PARTS = {"y": r"(?P<y>\d{4}|\d{2})", "m": r"(?P<m>1[0-2]|0?[1-9])", "d": r"(?P<d>3[01]|[12]\d|0?[1-9])"}
_DATE_DIGITS = {"y": r"(?P<y>\d{4})", "m": r"(?P<m>1[0-2]|0[1-9])", "d": r"(?P<d>3[01]|[12]\d|0[1-9])"}
_DATE_SIGN = r"\s?[-/.,年月日号\s]\s?"
_CLOCK = pattern(
    r"(?P<h>2[0-4]|[01]?\d)(?:[:：时点](?P<m>[0-5]?\d)(?:[:：分](?P<s>[0-5]?\d))?秒?分?|[时点])"
    r"(?:\s?(?P<half>[apAP])\.?[mM]\.?)?|(?P<hour>1[0-2]|0?\d)\s?(?P<part>[apAP])\.?[mM]\.?"
)


def claim(
    claims: Claims, text: str, folded: str, sayings: Iterable[SayAs]
) -> tuple[tuple[str, ...], tuple[SayAs, ...]]:
    """Claim what is said to be of some kind; return what of it cannot be spoken, and what is not of its kind."""
    unreadable: dict[str, None] = {}
    unfit: list[SayAs] = []
    for say in sayings:
        spoken = _spoken(text[say.start : say.end], folded[say.start : say.end], _rules(say), say.kind in _STRICT)
        if spoken is None:
            unfit.append(say)
        elif spoken.text:
            pairs = [*zip(spoken.text, spoken.origins, strict=True)]
            pairs = [pair for before, pair in pairwise([("", (0, 0)), *pairs]) if (before[0], pair[0]) != (" ", " ")]
            claims.take([Part(said, say.start + start, say.start + end) for said, (start, end) in pairs])
            unreadable |= dict.fromkeys(spoken.unreadable)
    return tuple(unreadable), tuple(unfit)


def _spoken(text: str, folded: str, rules: Iterable[Rule], strict: bool) -> Spoken | None:
    claims = Claims(folded)
    for rule in rules:
        claims.apply(rule)
    return None if strict and not claims.sorted() else write(text, folded, claims.sorted())


def _rules(say: SayAs) -> Sequence[Rule]:
    if say.kind == "date":
        return [rule for order in ([say.form] if say.form in _ORDERS else _DATE_ORDERS) for rule in _date_rules(order)]
    return _RULES.get(say.kind, ())


def _digits(found: re.Match[str]) -> list[Part]:
    return digit_by_digit(found)


def _code(found: re.Match[str]) -> list[Part]:
    return digit_by_digit(found, one="幺")


def _cardinal(found: re.Match[str]) -> list[Part]:
    return [said(number(found.group()), found)]


def _address(found: re.Match[str]) -> list[Part]:
    """Return a small number as one, a longer one digit by digit: 1号楼, 304 is 三零四."""
    return _code(found) if len(found.group()) > 2 else [said(quantity(found.group()), found)]


def _letter(found: re.Match[str]) -> list[Part]:
    """Return a letter by itself, so that no word is seen in several."""
    return [Part(f" {found.group().upper()} ", *found.span())]


def _named(found: re.Match[str]) -> list[Part]:
    """Return a sign by its name; dots or dashes in a row are one."""
    return [said(_PUNCTUATION[found.group()[0]], found)]


def _plus(found: re.Match[str]) -> list[Part]:
    return [said("加", found)]


def _date_rules(order: str) -> Iterator[Rule]:
    """Yield the rules for a date in an order: with signs between its parts, and without."""
    for parts, sign in ((_DATE_PARTS, _DATE_SIGN), (_DATE_DIGITS, "")):
        yield pattern(rf"^{sign.join(parts[part] for part in order)}[年月日号]?$"), _date


def _date(found: re.Match[str]) -> list[Part]:
    """Return year, month and day, in this order whatever the order they are written in."""
    groups = found.groupdict()
    read: Mapping[str, Callable[[str], str]] = {
        "y": lambda digits: spelled(digits) + "年",
        "m": lambda digits: _small(digits) + "月",
        "d": lambda digits: _small(digits) + "日",
    }
    return [Part(say(groups[name]), *found.span()) for name, say in read.items() if groups.get(name)]


def _small(digits: str) -> str:
    return quantity(digits.lstrip("0") or "0")


def _time(found: re.Match[str]) -> list[Part]:
    half = (found["half"] or found["part"] or "").lower()
    return [Part(text, *found.span()) for text in _clock(found, half)]


def _clock(found: re.Match[str], half: str) -> Iterator[str]:
    if half:
        yield "上午" if half == "a" else "下午"
    yield quantity((found["h"] or found["hour"]).lstrip("0") or "0", two="两") + "点"
    if found["m"] and (found["m"] != "00" or found["s"]):
        yield _sixty(found["m"]) + "分"
    if found["s"]:
        yield _sixty(found["s"]) + "秒"


def _sixty(digits: str) -> str:
    """Return minutes or seconds: 05 is 零五, 00 is 零."""
    return ("零" if digits[0] == "0" and digits != "00" else "") + _small(digits)


_NUMERAL = pattern(rf"[-+]?(?:{NUMBER})")
_DIGIT_RULE: Rule = (pattern(r"\d+"), _digits)
_CODE_RULE: Rule = (pattern(r"\d+"), _code)
_NAMED_RULE: Rule = (_SIGN, _named)
_LETTER_RULE: Rule = (pattern("[A-Za-z]"), _letter)
_RULES: Mapping[str, Sequence[Rule]] = {
    "cardinal": ((_NUMERAL, _cardinal),),
    "digits": (_DIGIT_RULE,),
    "telephone": (_CODE_RULE, (pattern(r"\+"), _plus)),
    "address": ((pattern(r"\d+"), _address), (pattern("[-#]"), _named)),
    "id": (_CODE_RULE, _LETTER_RULE, _NAMED_RULE),
    "characters": (_DIGIT_RULE, _LETTER_RULE, _NAMED_RULE),
    "punctuation": (_NAMED_RULE,),
    "time": ((_CLOCK, _time),),
    "currency": (*QUANTITIES, *NUMBERS),
    "measure": (*QUANTITIES, *NUMBERS),
}
#: Kinds that say nothing about a text in which nothing of that kind is found.
_STRICT = frozenset(("cardinal", "digits", "telephone", "date", "time", "currency", "measure", "punctuation"))
_ORDERS = frozenset(("mdy", "dmy", "ymd", "md", "dm", "ym", "my", "d", "m", "y"))
