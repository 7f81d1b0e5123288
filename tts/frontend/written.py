"""What rules of the normaliser share: stretches of the text that are claimed, and how they are said."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from tts.frontend.chinese_numbers import number, spelled


@dataclass(frozen=True, slots=True)
class Part:
    """Spoken text, and the stretch of the written text it stands for."""

    text: str
    start: int
    end: int


#: A pattern and how what it finds is said; None where, looked at closely, it is something else.
Reading: TypeAlias = Callable[[re.Match[str]], Iterable[Part] | None]
Rule: TypeAlias = tuple[re.Pattern[str], Reading]

#: A number with a sign, thousands separators and decimals.
NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
SIGNED = rf"(?:(?<![\w.)）])[-+±])?(?:{NUMBER})"

#: Before these a lone 2 is 两; before all else it is 二.
COUNTED = frozenset(
    "个只条位人天年周米克元块角毛分秒点本次件张份名岁倍种家台辆把支枝头套间层部届场座所颗粒片杯瓶碗盘箱袋包双对"
    "副匹群批组队轮届遍趟顿口句段篇首幅封栋幢公千万亿小斤吨升里英平立度码篮桶盒罐架艘枚棵朵根块项门节课股笔类样"
    "步圈排行列串束堆滴代成半晚刻毫厘海摄华千瓦伏安帕焦吉兆太微纳"
)


def said(text: str, found: re.Match[str], group: int | str = 0) -> Part:
    """Return a part that stands for a group of what was found."""
    return Part(text, *found.span(group))


def digit_by_digit(found: re.Match[str], group: int | str = 0, one: str = "一") -> list[Part]:
    """Return one part for each digit of a group; what is no digit in it is not said."""
    start = found.start(group)
    return [
        Part(spelled(character, one), start + offset, start + offset + 1)
        for offset, character in enumerate(found.group(group))
        if character.isdecimal()
    ]


def counted(written: str, following: str) -> str:
    """Return a number as it is said before `following`."""
    return number(written, two="两" if following[:1] in COUNTED and following[:2] not in ("分之", "年级") else "二")


def pattern(source: str, flags: int = 0) -> re.Pattern[str]:
    """Return a compiled rule, in which digits and letters are those of ASCII."""
    return re.compile(source, flags | re.ASCII)


class Claims:
    """The stretches of a text that rules have claimed; whoever comes first has it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._taken = bytearray(len(text))
        self._claims: list[list[Part]] = []

    def apply(self, rule: Rule) -> None:
        """Let a rule claim whatever it finds in what is still free."""
        sought, reading = rule
        position = 0
        while found := sought.search(self._text, position):
            claimed = self._taken.find(1, found.start(), found.end())
            parts = None if claimed == found.start() else reading(found)
            if parts is not None and self.take(list(parts)):
                position = max(found.end(), found.start() + 1)
            else:
                position = found.start() + 1

    def take(self, parts: list[Part]) -> bool:
        """Claim all from the first part's start to the last one's end; say whether it was free."""
        start, end = parts[0].start, max(part.end for part in parts)
        if self._taken.find(1, start, end) >= 0:
            return False
        self._taken[start:end] = b"\1" * (end - start)
        self._claims.append(parts)
        return True

    def sorted(self) -> list[list[Part]]:
        """Return the claims in the order of the text."""
        return sorted(self._claims, key=lambda parts: parts[0].start)

    def free(self) -> Iterator[tuple[int, str]]:
        """Yield the stretches that nobody has claimed, with where they begin."""
        position = 0
        for parts in [*self.sorted(), [Part("", len(self._text), len(self._text))]]:
            if parts[0].start > position:
                yield position, self._text[position : parts[0].start]
            position = max(part.end for part in parts)
