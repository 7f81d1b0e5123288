"""Rules for what is read sign by sign: addresses, telephone numbers, identity numbers, versions and models."""

import re
from collections.abc import Iterator

from tts.frontend.chinese_numbers import quantity, spelled
from tts.frontend.written import Part, Rule, digit_by_digit, pattern, said

_SIGNS = {".": "点", "/": "斜杠", ":": "冒号", "@": "艾特", "-": "杠", "_": "下划线", "?": "问号", "=": "等于",
          "&": "和",          "#": "井号", "%": "百分号", "+": "加", "~": "波浪号"}  # fmt: skip
_DOMAIN = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}))(?:\.[A-Za-z0-9-]{1,63})*"
_TOP = r"\.(?:com|cn|net|org|gov|edu|io|ai|co|cc|tv|me|info|top|xyz|hk|tw|jp|uk|us|eu|app|dev|vip)"
_PATH = r"(?:[/?#:][A-Za-z0-9\-._~:/?#@!$&*+,;=%]*[A-Za-z0-9/=_-])?"
_ASKED = (
    r"(?:电话|手机|热线|拨打|致电|拨|尾号|卡号|账号|帐号|单号|编号|证号|身份证|QQ|微信|验证码|密码|取件码|取货码|取餐码|提取码|邀请码|兑换码|激活码|优惠码|识别码|条码|邮编|邮政编码|房号|房间号|学号"
    r"|工号|车牌|号码|传真|短信|代码|订单号|口令|群号)(?:号码|号)?(?:是|为|[:：])?\s?"
)
_HOTLINES = r"100(?:86|10|50|99)|123(?!00)\d\d|1118[35]|95[1-9]\d\d(?<!00)"
#: Numbers to call in need, one or several, unless they count something: 110或119, but 打110分.
_EMERGENCY = r"1(?:10|19|20|22|14)"
_LISTED = (
    rf"{_EMERGENCY}(?:(?:\s?[、,，/和或与及]\s?|或者|以及|还是){_EMERGENCY})*+"
    r"(?!\d|[.,]\d|\s?[分元块米斤个人名位家路次天年岁厘公千万亿%‰A-Za-z]|号(?!码))"
)
_CALLED = "[打拨叫呼找报]|致电|呼叫|联系|报警|急救|火警|匪警|消防"
_MAKES = r"波音|空客|骁龙|麒麟|天玑|酷睿|锐龙|航班|宏观|房间"


def _address(found: re.Match[str]) -> Iterator[Part]:
    """Yield an address: signs by name, digits one by one, letters as they are; its end counts nothing after it."""
    at = found.start()
    counts = found.string[found.end() - 1].isdigit() and found.string[found.end() : found.end() + 1].isalpha()
    for piece in re.finditer(r"[A-Za-z]+|\d|.", found.group()):
        text = piece.group()
        spoken = spelled(text) if text.isdigit() else _SIGNS.get(text, text if text.isalpha() else " ")
        last = at + piece.end() == found.end()
        yield Part(spoken + " " * (counts and last), at + piece.start(), at + piece.end())


def _code(found: re.Match[str]) -> Iterator[Part]:
    """Yield the digits of a code with 幺 for 1; spaces, dashes and brackets between them make a short pause."""
    at = start = found.start("code")
    for offset, sign in enumerate(found.group("code")):
        if sign.isdigit():
            # A bracket ahead of the first digit belongs to it.
            yield Part(spelled(sign, "幺"), start, at + offset + 1)
            start = at + offset + 1
        elif sign.isalpha() or sign in "、，,/":
            yield Part(sign, at + offset, at + offset + 1)
            start = at + offset + 1
        elif sign == "+":
            yield Part("加", at + offset, at + offset + 1)


def _version(found: re.Match[str]) -> Iterator[Part]:
    if found.group("v"):
        yield said(found.group("v").rstrip(". "), found, "v")
    at = found.start("n")
    for piece in re.finditer(r"\d+|\.", found.group("n")):
        text = piece.group()
        number = quantity(text) if text.isdigit() and len(text) < 3 else spelled(text.replace(".", "")) or "点"
        yield Part(number, at + piece.start(), at + piece.end())


def _model(found: re.Match[str]) -> list[Part]:
    """Return letters and digits apart: up to two digits as a number, more one by one."""
    parts: list[Part] = []
    for piece in re.finditer(r"[A-Za-z]+|\d+\.\d+|\d+|.", found.group()):
        start, text = found.start() + piece.start(), piece.group()
        if text[0].isdigit():
            parts += _model_digits(text, start)
        else:
            parts.append(Part(text if text.isalpha() else " ", start, start + len(text)))
    return parts


def _model_digits(text: str, start: int) -> list[Part]:
    whole, point, rest = text.partition(".")
    if point:
        return [Part(quantity(whole) + "点" + spelled(rest), start, start + len(text))]
    if len(text) < 3:
        return [Part(quantity(text), start, start + len(text))]
    # A product of a year, such as Office 2019, is named for the year.
    one = "一" if len(text) == 4 and text[:2] in ("19", "20") else "幺"
    return [Part(spelled(digit, one), start + offset, start + offset + 1) for offset, digit in enumerate(text)]


def _recommendation(found: re.Match[str]) -> list[Part]:
    """Return H.264: the point is said, the digits are read one by one."""
    return [said("点", found, "p"), *digit_by_digit(found, "n", "幺")]


def _to(found: re.Match[str]) -> list[Part]:
    """Return B2B: the 2 is English."""
    return [said(found.group(1), found, 1), said(" to ", found, 2), said(found.group(3), found, 3)]


def _numbered(found: re.Match[str]) -> list[Part]:
    """Return No. 5: the abbreviation is English."""
    return [Part("number ", found.start(), found.start(1)), said(quantity(found.group(1)), found, 1)]


def _event(found: re.Match[str]) -> list[Part]:
    """Return the digits of a day that has become a name, such as 9·18."""
    return digit_by_digit(found, found.lastgroup or 0)


def _placed(found: re.Match[str]) -> list[Part]:
    """Return 1st, 2nd: as an ordinal."""
    return [Part("第", *found.span(1)), Part(quantity(found.group(1)), *found.span())]


RULES: tuple[Rule, ...] = (
    (pattern(rf"(?:https?|ftp)://{_DOMAIN}{_PATH}|www\.{_DOMAIN}{_PATH}", re.I), _address),
    (pattern(rf"[A-Za-z0-9][A-Za-z0-9._%+-]{{0,63}}@{_DOMAIN}\.[A-Za-z]{{2,10}}"), _address),
    (pattern(rf"(?<![A-Za-z0-9]){_DOMAIN}{_TOP}(?![A-Za-z0-9]){_PATH}"), _address),
    (pattern(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?(?![\d.]\d)"), _address),
    (pattern(r"(?<!\d)(?P<code>\d{17}[\dXx])(?![\dA-Za-z])"), _code),
    (pattern(r"(?<![\d.])(?P<code>(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2})(?![\d.]\d|\d)"), _code),
    (pattern(r"(?<![\d.])(?P<code>[48]00-?\d{3}-?\d{4}|[48]00-\d{4}-\d{3})(?!\d)"), _code),
    (pattern(r"(?<![\d.])(?P<code>(?:\+\d{1,3}[- ]?)?(?:\(0\d{2,3}\)|0\d{2,3}-?)\d{7,8}(?:-\d{1,5})?)(?!\d)"), _code),
    (pattern(r"(?<![\d.])(?P<code>\+\d{1,3}(?:[- ]\d{2,5}){2,4})(?!\d)"), _code),
    (pattern(r"(?<![\d.\-])(?P<code>0\d{2,3}-\d{3,8})(?![\d.\-])"), _code),
    (pattern(r"(?<![\d.\-])(?P<code>0\d{2,3}-\d{3,4}-\d{4})(?![\d.\-])"), _code),
    (pattern(r"(?<=\d[米秒])(?P<m>\d\d)(?![\d.]|[帧毫])"), _event),
    (pattern(r"(?<![A-Za-z])(?:iPhone|Galaxy|Pixel|Redmi|Mi) ?\d+[A-Za-z]*(?![A-Za-z0-9])"), _model),
    (pattern(r"(?<=\d转)(?P<code>\d{2,6})(?![\d.])"), _code),
    (pattern(r"(?<![\d.,\-])(?P<code>\d{3,4})(?=室|房间)"), _code),
    (pattern(r"(?<=[层座栋])(?P<code>\d{3,4})(?=$|[，。；、！？\s)）])"), _code),
    (pattern(rf"(?:{_CALLED})(?:了|过)?(?:个?电话)?给?[:：]?\s?(?P<code>{_LISTED})"), _code),
    (pattern(rf"(?<![\d.第])(?P<code>{_LISTED})(?=\s?都?是?(?:报警|急救|火警|电话|热线|平台|指挥))"), _code),
    (pattern(rf"^(?P<code>{_LISTED})$"), _code),
    (pattern(rf"(?:{_ASKED})(?P<code>\d[\d-]{{2,}})(?![\d.]\d|\d|[年月日万亿元块])"), _code),
    (
        pattern(
            rf"(?<![\d.,])(?P<code>{_HOTLINES})(?![\d.,%]|\s?[A-Za-z]|[个元人块米年万亿多余名件次天户家台套公千吨平])"
        ),
        _code,
    ),
    (pattern(r"(?<=\*{4})(?P<code>\d{2,})(?![\d.])"), _code),
    (pattern(r"(?:尾号|后四位|末四位)(?:是|为)?(?P<code>\d{3,})"), _code),
    (pattern(r"(?<![A-Za-z0-9])[xX](?P<code>86)(?![0-9])"), lambda found: digit_by_digit(found, "code")),
    (pattern(r"(?P<v>\b[vV](?:er(?:sion)?)?\.? ?)(?P<n>\d+(?:\.\d+)*)(?![\w.]\w|\w)"), _version),
    (pattern(r"(?<![\d.])(?P<v>)(?!(?:19|20)\d\d(?:\.\d\d?){2}(?![\d.]))(?P<n>\d+(?:\.\d+){2,})(?!\.?\d)"), _version),
    # What ITU-T recommends, by its series; other letters number choices: A.100.
    (pattern(r"(?<![A-Za-z0-9.])[GHJQTXY](?P<p>\.)(?P<n>\d{2,4})(?![\d]|\.\d)"), _recommendation),
    (pattern(r"(?<![A-Za-z0-9])[A-Za-z]+\d+-\d+[A-Za-z]*(?![\dA-Za-z]|[-.]\d)"), _model),
    (pattern(r"(?<![A-Za-z0-9])([A-GM-PSV])(2)([A-GM-PSV])(?![A-Za-z0-9])"), _to),
    (pattern(r"(?<![A-Za-z])[Nn]o\.\s?(\d+)(?![\d.])"), _numbered),
    (
        pattern(
            r"(?<!\d)(?P<n>\d{1,2}[·•・]\d{1,2})(?!\d)|(?<![\d.,])(?P<m>\d{3}|\d{1,2}\.\d{1,2})(?=事件|晚会|大促|购物节)"
            r"|(?<![\d.,])(?P<k>(?:985|211)(?=高校|大学|院校|工程|[、和/])|996(?=工作|制|福报)|360(?=软件|安全|浏览器|杀毒|公司))"
        ),
        _event,
    ),
    (pattern(r"(?<![A-Za-z0-9.])(\d+)(?:st|nd|rd|th)(?![A-Za-z0-9])"), _placed),
)

#: These come last, when units and all else have had their say.
MODELS: tuple[Rule, ...] = (
    (pattern(r"(?<![A-Za-z])[A-Za-z]+[ -]?(?:\d{3,}[A-Za-z]*)(?![\d.,]\d|\s?[-~]\s?\d)"), _model),
    (pattern(r"(?<![A-Za-z0-9])(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]+(?:\.\d+)?(?:[-.]?[A-Za-z0-9]+)*"), _model),
    (pattern(r"(?<![A-Za-z])[A-Za-z]+-\d+(?:\.\d+)?"), _model),
    (pattern(r"(?<![A-Za-z])[CF](?P<sharp>#)"), lambda found: [said(" sharp", found, "sharp")]),
    (pattern(rf"(?:{_MAKES})(?P<code>\d{{3,}})(?!\d)"), _code),
    (pattern(r"(?<![\d.,])(?P<code>\d{17,})(?![\d.])"), _code),
    (pattern(r"(?<![\d.,])(?P<code>0\d+)(?![\d.])"), lambda found: digit_by_digit(found, "code")),
)
