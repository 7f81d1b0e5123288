"""Cuts a number that is written out into pieces that are spoken without a break."""

import re

_VALUED = re.compile(r"[十百千万亿]")
_PIECE = re.compile(r"(?:[^十百千万亿点]?[十百千万亿]+|点?[^十百千万亿点]|.)")
_MOST = 4
#: How a mobile phone's eleven digits are grouped.
_PHONE = (3, 4, 4)


def feet_of_number(number: str) -> tuple[str, ...]:
    """Return the pieces of a number in Chinese numerals, or of two with 比, each of at most four or five syllables."""
    if "比" in number[1:]:
        before, after = number.split("比", 1)
        return (*feet_of_number(before), "比", *feet_of_number(after))
    return _by_value(number) if _VALUED.search(number) else _by_digits(number)


def _by_digits(number: str) -> tuple[str, ...]:
    lengths = _PHONE if len(number) == sum(_PHONE) else _even(len(number))
    ends = [sum(lengths[: at + 1]) for at in range(len(lengths))]
    return tuple(number[end - length : end] for end, length in zip(ends, lengths, strict=True))


def _even(length: int) -> tuple[int, ...]:
    """Return groups of four and three, the longer ones first: 7 is 4 and 3, 6 is 3 and 3."""
    count = -(-length // _MOST)
    return tuple(length // count + (at < length % count) for at in range(count))


def _by_value(number: str) -> tuple[str, ...]:
    feet: list[list[str]] = []
    for piece in _PIECE.findall(number):
        # 万 and 亿 end a piece: 三千五百万 | 六百.
        if feet and sum(map(len, feet[-1])) + len(piece) <= _MOST and feet[-1][-1][-1] not in "万亿":
            feet[-1].append(piece)
        else:
            feet.append([piece])
    if len(feet) > 1 and len("".join(feet[-1])) == 1 and len(feet[-2]) > 1 and feet[-2][-1][-1] not in "万亿":
        # No digit stands alone: 一百 | 一十二.
        feet[-1].insert(0, feet[-2].pop())
    return tuple(map("".join, feet))
