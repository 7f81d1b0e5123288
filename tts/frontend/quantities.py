"""Rules for money, percentages, measures, ranges, fractions, sums, ordinals and plain numbers."""

import re
from collections.abc import Iterable, Iterator

from tts.frontend.chinese_numbers import number, quantity, roman, spelled
from tts.frontend.units import table, unit_pattern
from tts.frontend.written import COUNTED, NUMBER, SIGNED, Part, Rule, counted, digit_by_digit, pattern, said

_SPAN = r"\s?(?:[-~—–～]+|至|到)\s?"
_SCALE = r"(?P<scale>[百千]?[万亿]亿?|千|百)?"
_CURRENCIES = {
    "¥": "元", "￥": "元", "RMB": "元", "CNY": "人民币", "$": "美元", "US$": "美元", "USD": "美元", "HK$": "港元",
    "HKD": "港元", "NT$": "新台币", "A$": "澳元", "AUD": "澳元", "C$": "加元", "CAD": "加元", "S$": "新加坡元",
    "SGD": "新加坡元", "€": "欧元", "EUR": "欧元", "£": "英镑", "GBP": "英镑", "JPY": "日元", "₩": "韩元",
    "KRW": "韩元", "₹": "卢比", "฿": "泰铢", "₽": "卢布", "CHF": "瑞士法郎",
    "R$": "巴西雷亚尔", "CA$": "加元", "AU$": "澳元", "NZ$": "新西兰元", "RUB": "卢布", "INR": "印度卢比",
    "THB": "泰铢", "TRY": "土耳其里拉", "SEK": "瑞典克朗", "SAR": "沙特里亚尔", "AED": "阿联酋迪拉姆",
    "ARS": "阿根廷比索",
}  # fmt: skip
_MONEY = "|".join(re.escape(sign) for sign in sorted(_CURRENCIES, key=len, reverse=True))
_ROMANS = str.maketrans({chr(0x2160 + n): str(n + 1) for n in range(12)})
#: Names of European rulers, whose Roman numbers count them.
_RULERS = (
    "亨利|路易|查理|查尔斯|爱德华|乔治|威廉|威廉姆|腓力|菲利普|弗朗索瓦|弗朗茨|彼得|亚历山大|尼古拉|伊丽莎白|凯瑟琳|叶卡捷琳娜|拿破仑"
    "|理查|理查德|詹姆斯|约翰|保罗|本笃|庇护|腓特烈|弗里德里希|卡洛斯|古斯塔夫|玛丽|利奥|克莱门特|格里高利"
)
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_PER_CENT = {"%": "百分之", "‰": "千分之"}
_OPERATORS = {
    "+": "加", "-": "减", "×": "乘", "*": "乘", "x": "乘", "X": "乘", "÷": "除以", "≈": "约等于",
    "=": "等于", "==": "等于", "===": "等于", "≠": "不等于", "!=": "不等于", "!==": "不等于",
    ">": "大于", "<": "小于", "≥": "大于等于", ">=": "大于等于", "≤": "小于等于", "<=": "小于等于",
}  # fmt: skip


def _money(found: re.Match[str]) -> list[Part]:
    scale = found.group("scale") or ""
    name = _CURRENCIES[found.group("sign")]
    parts = [said(counted(found.group("n"), scale or name), found, "n")]
    if scale:
        parts.append(said(scale, found, "scale"))
    tail = found.span("yuan") if found.group("yuan") else found.span("sign")
    # The sign stands first and is said last: it is heard with the whole, as spans may not run backwards.
    return [
        *[Part(p.text, found.start(), p.end) for p in parts],
        Part(name, found.start(), max(tail[1], parts[-1].end)),
    ]


def _percent(found: re.Match[str]) -> list[Part]:
    """Return a share, or two with 到 between them; the sign is said once where it is written once."""
    first, span, second = found.group("a"), found.group("s"), found.group("b")
    sign = _PER_CENT[found.group("p")]
    parts = _share(first, sign, found.start("a"), found.end("pa") if span and found.group("pa") else found.end("a"))
    if span:
        parts.append(said("到", found, "s"))
        if found.group("pa"):
            parts += _share(second, sign, found.start("b"), found.end())
        else:
            parts.append(said(number(second), found, "b"))
    parts[-1] = Part(parts[-1].text, parts[-1].start, found.end())
    return parts


def _share(written: str, sign: str, start: int, end: int) -> list[Part]:
    prefix = {"-": "负", "+": "正", "±": "正负"}.get(written[0], "")
    plain = written[len(prefix[:1]) :]
    read = "百" if plain == "100" and sign == "百分之" else number(plain)
    return [Part(prefix + sign, start, end), Part(read, start, end)]


#: Below zero they are 零下, not 负.
_TEMPERATURES = ("摄氏度", "华氏度")


def _measure(found: re.Match[str]) -> list[Part]:
    """Return a number, or two with 到 between them, with its unit; what is per something else begins with 每."""
    unit, per = table("units")[found.group("unit")], found.group("per")
    scale = found.group("scale") or ""
    parts: list[Part] = []
    if found.group("a"):
        parts += [said(counted(found.group("a"), scale or unit), found, "a"), said("到", found, "s")]
    parts.append(said(counted(found.group("n"), scale or unit), found, "n"))
    if scale:
        parts.append(said(scale, found, "scale"))
    parts.append(said(unit, found, "unit"))
    if unit in _TEMPERATURES:
        parts = [Part(part.text.replace("负", "零下"), part.start, part.end) for part in parts]
    if not per:
        return parts
    first = Part("每" + table("units")[per], *found.span())
    return [first, *[Part(part.text, *found.span()) for part in parts]]


def _range(found: re.Match[str]) -> list[Part] | None:
    first, second = found.group("a"), found.group("b")
    after = found.group("after")
    rising = float(first.replace(",", "")) < float(second.replace(",", ""))
    if found.group("s").strip() in "-–" and (re.search("[=＝]", found.string) or not (rising or after in COUNTED)):
        return None
    return [said(counted(first, after), found, "a"), said("到", found, "s"), said(counted(second, after), found, "b")]


def _fraction(found: re.Match[str]) -> list[Part] | None:
    top, bottom = found.group("a"), found.group("b")
    if not int(bottom):
        return None
    whole = [said(quantity(found.group("w")), found, "w"), said("又", found, "w")] if found.group("w") else []
    start, end = found.start("a"), found.end()
    return [*whole, *[Part(text, start, end) for text in (quantity(bottom), "分之", quantity(top))]]


def _operator(found: re.Match[str]) -> list[Part]:
    return [said(_OPERATORS[found.group("o")], found)]


def _signed(found: re.Match[str]) -> list[Part]:
    return [said(counted(found.group(), found.string[found.end() : found.end() + 3].lstrip()), found)]


def _ordinal(found: re.Match[str]) -> list[Part]:
    read = quantity(found.group("n"), hundred="二") if found.group("n")[0] != "0" else spelled(found.group("n"))
    return [said(read, found, "n")]


def _roman(found: re.Match[str]) -> list[Part] | None:
    value = roman(found.group("n"))
    return [said(quantity(str(value)), found, "n")] if value else None


def _monarch(found: re.Match[str]) -> list[Part] | None:
    """Return the number of a ruler of that name: 亨利VIII is 亨利八世, but 路易XIV is 路易十四."""
    value = roman(found.group("n"))
    bare = found.group().startswith("路易") and value > 10
    return [said(quantity(str(value)) + "世" * (not bare), found, "n")] if value else None


def _scientific(found: re.Match[str]) -> list[Part]:
    """Return 1e5 as a number times a power of ten."""
    exponent = found.group("n")
    negative = "负" if exponent[0] == "-" else ""
    power = Part("乘以十的" + negative + quantity(exponent.lstrip("+-0") or "0") + "次方", found.end("a"), found.end())
    return [said(number(found.group("a")), found, "a"), power]


def _roman_sign(found: re.Match[str]) -> list[Part]:
    return [said(quantity(found.group().translate(_ROMANS)), found)]


def _circled(found: re.Match[str]) -> list[Part]:
    return [said(quantity(str(ord(found.group()) - 0x2460 + 1)), found)]


def _subscript(found: re.Match[str]) -> list[Part]:
    return [said(number(found.group().translate(_SUBSCRIPTS)), found)]


def _generation(found: re.Match[str]) -> Iterable[Part]:
    return digit_by_digit(found, "n")


def _hyphened(found: re.Match[str]) -> Iterator[Part]:
    """Yield a number of several parts, such as one of a house or a file."""
    for piece in re.finditer(r"\d+|-", found.group()):
        text = piece.group()
        at = found.start() + piece.start()
        yield Part("杠" if text == "-" else quantity(text), at, at + len(text))


def _power(found: re.Match[str]) -> list[Part]:
    return [Part("的", found.start(), found.start() + 1), said(quantity(found.group("n")) + "次方", found, "n")]


def _grouped(found: re.Match[str]) -> list[Part]:
    """Return a number in groups of three with spaces between them."""
    return [said(quantity(found.group().replace(" ", "")), found)]


def _per(found: re.Match[str]) -> list[Part]:
    return [Part("每", found.start(), found.start("unit")), said(table("units")[found.group("unit")], found, "unit")]


def _each(found: re.Match[str]) -> list[Part]:
    return [said("每", found)]


def _pointed(found: re.Match[str]) -> list[Part]:
    return [Part("零点", found.start(), found.start() + 1), *digit_by_digit(found, "n")]


_UNIT = unit_pattern()
_GAP = r"(?<=[\d)）%A-Za-z²³])\s?(?P<o>{})\s?(?=[-+(（√]?[\dA-Za-z(（√])"

RULES: tuple[Rule, ...] = (
    (pattern(r"[Ⅰ-Ⅻ]"), _roman_sign),
    (pattern(r"[①-⑳]"), _circled),
    (pattern(r"[₀-₉]+(?:\.[₀-₉]+)?"), _subscript),
    (pattern(r"(?<=第)(?P<n>[IVXLC]+)(?![A-Za-z])"), _roman),
    (pattern(r"(?<![A-Za-z0-9])(?P<n>[IVX]+)(?=[型类期级世度])"), _roman),
    (pattern(rf"(?:{_RULERS})\s?(?P<n>[IVX]+)(?![A-Za-z0-9世])"), _monarch),
    (pattern(r"(?<![A-Za-z0-9])(?P<n>I{2,3}|I[VX]|VI{1,3}|XI{1,3}|XI?V|XVI{1,3}|XI?X)(?![A-Za-z0-9])"), _roman),
    (pattern(r"(?<=第)\d+、(?P<n>\d+)(?![\d.])"), _ordinal),
    (pattern(r"(?<=第)(?P<n>\d+)(?!\d|[./:]\d)"), _ordinal),
    (pattern(r"(?<![\d.])\d{1,3}(?: \d{3}){2,}(?![\d.]| \d)"), _grouped),
    (pattern(r"(?<![\w.])(?P<a>\d+(?:\.\d+)?)(?:e|E(?=[-+]))(?P<n>[-+]?\d{1,3})(?![\w.])"), _scientific),
    (pattern(rf"(?<=[元块角分])\s?/\s?{_UNIT}"), _per),
    (pattern(r"(?<![\d.])(?P<n>[5-9][05]|0[05]|10)(?=后(?![天年个来]))"), _generation),
    (pattern(rf"(?<![A-Za-z])(?P<sign>{_MONEY})\s?(?P<n>{NUMBER}){_SCALE}(?P<yuan>元|美元|欧元|港元|英镑)?"), _money),
    (pattern(rf"(?<!\d)(?P<a>{SIGNED})(?:(?P<pa>\s?[%‰])?(?P<s>{_SPAN})(?P<b>{SIGNED}))?\s?(?P<p>[%‰])"), _percent),
    (pattern(rf"(?<!\d)(?:(?P<a>{SIGNED})(?P<s>{_SPAN}))?(?P<n>{SIGNED}){_SCALE}\s?{_UNIT}"), _measure),
    (pattern(r"(?<![\d./])(?:(?P<w>\d+)(?:又|\s))?(?P<a>\d{1,4})\s?/\s?(?P<b>\d{1,4})(?![\d/]|\.\d)"), _fraction),
    (
        pattern(
            rf"(?<![\d.A-Za-z])(?<!\d-)(?P<a>{SIGNED})(?P<s>{_SPAN})(?P<b>{NUMBER})(?![\d\-]|\.\d)(?=\s?(?P<after>.?))"
        ),
        _range,
    ),
    (pattern(_GAP.format(r">=|<=|[=!]?==|!=|[+×*÷=≈≠><≥≤]")), _operator),
    (pattern(r"(?<=[\d)）²³])\s?(?P<o>-)\s?(?=[\d(（√])"), _operator),
    (pattern(r"(?<=[\dA-Za-z)）])(?:\^|\*\*(?=\d+(?![\d*])))(?P<n>\d+)"), _power),
    (pattern(r"(?<=[\d元克升米时吨瓦度])\s?(?P<s>/)\s?(?=[年月日天周时小分秒人次个斤公千平立升吨米克件台])"), _each),
    (pattern(r"(?<![\dA-Za-z.])\.(?P<n>\d+)"), _pointed),
    (pattern(r"(?<=\d)\s?(?P<o>[xX])\s?(?=\d)"), _operator),
    (pattern(r"(?<=\d)(?P<o>[wW])(?=[张人个元块粉多左以播次，。+]|$)"), lambda found: [said("万", found)]),
    (pattern(r"(?<![A-Za-z\d])(?P<o>>=|<=)"), _operator),
)

#: The last of all: numbers that nothing else has claimed.
NUMBERS: tuple[Rule, ...] = ((pattern(SIGNED), _signed),)
