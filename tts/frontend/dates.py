"""Rules for dates, years, times of day, scores and ratios."""

import re
from collections.abc import Iterable

from tts.frontend.chinese_numbers import number, quantity
from tts.frontend.units import unit_pattern
from tts.frontend.written import Part, Rule, digit_by_digit, pattern, said

_SPORT = re.compile(
    r"比分|[战击大完惜险不][平败胜敌]|获胜|取胜|领先|落后|逆转|爆冷|主场|客场|[NC]BA|英超|西甲|中超|半场|终场|点球|首局|次局|决胜局|赛点|抢七|加时"
)
_TEAMS = (
    "中国|日本|韩国|朝鲜|伊朗|泰国|越南|沙特|卡塔尔|澳大利亚|德国|法国|英格兰|西班牙|意大利|葡萄牙|荷兰|比利时|克罗地亚|瑞士|丹麦|波兰"
    "|俄罗斯|巴西|阿根廷|乌拉圭|墨西哥|美国|加拿大|皇马|巴萨|曼联|曼城|利物浦|阿森纳|切尔西|拜仁|多特蒙德|尤文|国米|AC米兰|拉齐奥|罗马"
    "|巴黎|国安|申花|恒大|鲁能|湖人|勇士|火箭|国足|女足|男足|[男女]排|[男女]篮"
)
_SPAN = r"\s?[-~—–～至到]+\s?"
_ROUND = re.compile(r"[前来多余]|的?历史|的?文明|的?时间|的?岁月|之久")
_ABOUT = re.compile(r"(?:[上下约近超过共多达长历时了每]|将近|大约|未来|过去|距今)$")
_MONTH = r"(?:0?[1-9]|1[0-2])"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_CLOCK = r"(?:[01]?\d|2[0-4])[:：][0-5]\d(?:[:：][0-5]\d)?"
#: Which half of the day has been named already where pm follows: 下午2:30pm.
_HALF = re.compile(r"(?:上午|下午|中午|早上|早晨|清晨|凌晨|傍晚|晚上|夜里|夜间|今晚|明晚)\s?$")
#: What is on a day that is written like a fraction: 11/11大促.
_OCCASIONS = "大促|促销|购物节|狂欢|活动|特卖|晚会|上线|开售"
_BOUNDS = r"(?<![\d.:：/\-])", r"(?![\d:：/\-]|\.\d)"


def _amount(found: re.Match[str], group: int | str, two: str = "二") -> Part:
    """Return a part for a number of a date or a time, without its leading zero."""
    return said(quantity(found.group(group).lstrip("0") or "0", two=two), found, group)


def _date(found: re.Match[str]) -> list[Part]:
    """Return year, month and day, as many of them as there are; their names stand for the signs between them."""
    groups = found.groupdict()
    parts: list[Part] = []
    if groups.get("y"):
        parts += [*digit_by_digit(found, "y"), Part("年", found.end("y"), found.end("y") + 1)]
    parts.append(_amount(found, "m"))
    if groups.get("d"):
        parts += [
            Part("月", found.end("m"), found.end("m") + 1),
            _amount(found, "d"),
            Part("日", found.start("d"), found.end()),
        ]
    else:
        parts.append(said("月", found, "m"))
    return parts if not groups.get("y") or found.start() == found.start("y") else _whole(parts, found)


def _whole(parts: Iterable[Part], found: re.Match[str]) -> list[Part]:
    """Return the parts as standing for all that was found, where they are said in another order."""
    return [Part(part.text, *found.span()) for part in parts]


def _year(found: re.Match[str]) -> list[Part] | None:
    """Return a year digit by digit, unless it is a number of years."""
    digits, text = found.group("y"), found.string
    before, after = text[max(0, found.start() - 4) : found.start()], text[found.end() :].removeprefix("年")
    era = before.endswith(("公元前", "公元"))
    if not era and len(digits) == 4:
        span = digits[-2:] == "00" and (_ROUND.match(after) or _ABOUT.search(before))
        if span or digits >= "3000" or (digits[-1] == "0" and re.match(r"的?历史|的?文明|之久", after)):
            return None
    if not era and len(digits) == 3:
        return None
    if not era and len(digits) == 2 and not _is_short_year(digits, before, after):
        return None
    return digit_by_digit(found, "y")


def _is_short_year(digits: str, before: str, after: str) -> bool:
    if re.match(rf"{_MONTH}月", after) or digits[0] == "0":
        return True
    return bool(
        re.match(r"(?:出生|生人|毕业|入学|入伍|高考|奥运|世界杯|款|版|春节|[春夏秋冬]天)", after)
    ) and not before.endswith("了")


def _years(found: re.Match[str]) -> list[Part]:
    return [*digit_by_digit(found, "a"), said("到", found, "s"), *digit_by_digit(found, "b")]


def _clock(found: re.Match[str]) -> list[Part] | None:
    if _SPORT.search(found.string) and not found.group("s") and not found.group("half"):
        return None
    parts = [_amount(found, "h", "两"), Part("点", found.end("h"), found.end("h") + 1)]
    minutes = found.group("m")
    if minutes == "00" and not found.group("s"):
        parts[-1] = Part("点", found.end("h"), found.end("m"))
    else:
        parts += [said(_sixty(minutes), found, "m"), said("分", found, "m")]
    if found.group("s"):
        parts += [said(_sixty(found.group("s")), found, "s"), said("秒", found, "s")]
    if not found.group("half"):
        return parts
    if _HALF.search(found.string[: found.start()]):
        return [*parts[:-1], Part(parts[-1].text, parts[-1].start, found.end())]
    return _whole([said("上午" if found.group("half") in "aA" else "下午", found), *parts], found)


def _sixty(digits: str) -> str:
    """Return minutes or seconds: 05 is 零五, 00 is 零."""
    return ("零" if digits[0] == "0" and digits != "00" else "") + quantity(digits.lstrip("0") or "0")


def _score(found: re.Match[str]) -> list[Part] | None:
    return _match(found) if _SPORT.search(found.string) else None


def _match(found: re.Match[str]) -> list[Part]:
    return [_amount(found, "a"), said("比", found, "s"), _amount(found, "b")]


def _ratio(found: re.Match[str]) -> list[Part]:
    return [
        said(number(found.group("a")), found, "a"),
        said("比", found, "s"),
        said(number(found.group("b")), found, "b"),
    ]


def _to(found: re.Match[str]) -> list[Part]:
    return [said("到", found, "s")]


_UNIT = unit_pattern().replace("(?P<unit>", "(?:").replace("(?P<per>", "(?:")
_WEEKDAY = "(?:周|星期|礼拜)?[一二三四五六日天]"

RULES: tuple[Rule, ...] = (
    (pattern(rf"(?<=第)\d+(?P<s>{_SPAN})(?=\d)"), _to),
    (pattern(rf"\d[年月日号时点分秒元块万亿千百米个岁级层楼页章度课](?P<s>{_SPAN})(?=-?\d)"), _to),
    (pattern(rf"\d\s?{_UNIT}(?P<s>{_SPAN})(?=-?\d)"), _to),
    (pattern(rf"(?:周|星期|礼拜)[一二三四五六日天](?P<s>\s?[-~—–]+\s?)(?={_WEEKDAY})"), _to),
    (pattern(rf"{_BOUNDS[0]}(?P<y>[12]\d{{3}})([-/.])(?P<m>{_MONTH})\2(?P<d>{_DAY}){_BOUNDS[1]}(?:日|号)?"), _date),
    (pattern(rf"{_BOUNDS[0]}(?P<d>{_DAY})([-/.])(?P<m>{_MONTH})\2(?P<y>(?:19|20)\d\d){_BOUNDS[1]}"), _date),
    (pattern(rf"{_BOUNDS[0]}(?P<y>(?:19|20)\d\d)[-/](?P<m>0[1-9]|1[0-2]){_BOUNDS[1]}(?!年)"), _date),
    (pattern(rf"{_BOUNDS[0]}(?P<y>(?:19|20)\d\d)\.(?P<m>0[1-9]|1[0-2]){_BOUNDS[1]}(?!\s?[元万亿%千A-Za-z])"), _date),
    (pattern(rf"{_BOUNDS[0]}(?P<m>0[1-9]|1[0-2])[-/.](?P<y>(?:19|20)\d\d){_BOUNDS[1]}"), _date),
    (pattern(rf"{_BOUNDS[0]}(?P<m>0[1-9])[-/.](?P<d>0[1-9]|[12]\d|3[01]){_BOUNDS[1]}(?!\s?[元万亿%级])"), _date),
    (pattern(rf"{_BOUNDS[0]}(?P<m>1[0-2])[-/](?P<d>0[1-9]){_BOUNDS[1]}"), _date),
    (pattern(rf"{_BOUNDS[0]}(?P<m>{_MONTH})/(?P<d>{_DAY})(?=\s?(?:{_OCCASIONS}))"), _date),
    (pattern(rf"(?<!\d)(?P<a>\d{{4}})年?(?P<s>{_SPAN})(?P<b>\d{{4}})(?=[年学财赛])"), _years),
    (
        pattern(
            rf"(?<![\d.])(?P<a>(?:1[89]|20)\d\d)(?P<s>{_SPAN})(?P<b>(?:1[89]|20)\d\d)(?![\d.%]|\s?[A-Za-z元个人米])"
        ),
        _years,
    ),
    (
        pattern(r"(?<![\d.,])(?P<y>(?:1[89]|20)\d\d)(?=[、和与](?:1[89]|20)?\d\d年)"),
        lambda found: digit_by_digit(found, "y"),
    ),
    (pattern(r"(?<![\d.,])(?P<y>\d{2,4})(?=年)"), _year),
    (
        pattern(
            r"(?<![\d.,])(?P<y>(?:19|20)\d\d)(?=(?:学年|财年|赛季|款|届|版|财报|奥运|世界杯|亚运|新年|春[季节晚运]|秋季|夏季|冬季|全年|国庆))"
        ),
        _year,
    ),
    (
        pattern(
            r"(?<![\d:：.])(?P<h>[01]?\d|2[0-4])[:：](?P<m>[0-5]\d)(?:[:：](?P<s>[0-5]\d))?(?![\d:：])"
            r"(?:\s?(?P<half>[apAP])\.?[mM](?:\.(?!$))?(?![A-Za-z]))?"
        ),
        _clock,
    ),
    (pattern(rf"(?<=[:：][0-5]\d)(?P<s>{_SPAN})(?={_CLOCK})"), _to),
    (
        pattern(
            r"(?<![\d.:：\-])(?P<a>\d{1,3})(?P<s>\s?[-–/]\s?)(?P<b>\d{1,3})(?![\d.%\-]|[岁名天年月日分个位人万元米件局场轮])"
        ),
        _score,
    ),
    (
        pattern(
            rf"(?:{_TEAMS})队?\s?(?P<a>\d{{1,3}})(?P<s>[-–/])(?P<b>\d{{1,3}})(?![\d.%\-/]|[岁名天年月日分个位人万元米件局场轮])"
        ),
        _match,
    ),
    (pattern(r"(?<![\d.])(?P<a>\d+(?:\.\d+)?)(?P<s>\s?[:：∶]\s?)(?P<b>\d+(?:\.\d+)?)(?!\d|\.\d)"), _ratio),
)
