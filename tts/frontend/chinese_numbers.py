"""Numbers in Chinese: as quantities, digit by digit, and with a decimal point."""

_DIGITS = "零一二三四五六七八九"
_PLACES = ("", "十", "百", "千")
#: More digits than this are a code, which nobody can take in as a quantity.
LONGEST_QUANTITY = 16


def spelled(digits: str, one: str = "一") -> str:
    """Return digits one by one; `one` is 幺 in telephone numbers and other codes."""
    return "".join(one if digit == "1" else _DIGITS[int(digit)] for digit in digits)


def quantity(digits: str, *, two: str = "二", hundred: str = "两") -> str:
    """Return a whole number; `two` is how a lone 2 is said, `hundred` how the first digit of 200 or 20000 is."""
    if len(digits) > LONGEST_QUANTITY or (len(digits) > 1 and digits[0] == "0"):
        return spelled(digits)
    value = int(digits)
    if value < 10:
        return two if value == 2 else _DIGITS[value]
    read = _read(value)
    if read.startswith("一十"):
        return read[1:]
    return hundred + read[1:] if read[0] == "二" and read[1] in "百千万亿" else read


def _read(value: int) -> str:
    for step, name in ((10**8, "亿"), (10**4, "万")):
        if value >= step:
            rest = value % step
            zero = "零" if 0 < rest < step // 10 else ""
            return _read(value // step) + name + zero + (_read(rest) if rest else "")
    return _below_ten_thousand(value)


def _below_ten_thousand(value: int) -> str:
    said = ""
    gap = False
    for place in range(3, -1, -1):
        digit = value // 10**place % 10
        if not digit:
            gap = bool(said)
            continue
        said += ("零" if gap else "") + _DIGITS[digit] + _PLACES[place]
        gap = False
    return said


def number(written: str, *, two: str = "二", hundred: str = "两") -> str:
    """Return a number with its sign, thousands separators and decimals."""
    sign = {"-": "负", "+": "正", "±": "正负"}.get(written[:1], "")
    whole, point, decimals = written.removeprefix(written[:1] if sign else "").replace(",", "").partition(".")
    if not point:
        return sign + quantity(whole, two=two, hundred=hundred)
    return sign + quantity(whole or "0", hundred=hundred) + "点" + spelled(decimals)


_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}


def roman(numeral: str) -> int:
    """Return the value of a Roman numeral in canonical form, 0 for anything else."""
    values = [_ROMAN.get(letter, 0) for letter in numeral]
    total = sum(-v if v < max(values[i + 1 :], default=0) else v for i, v in enumerate(values))
    return total if all(values) and _as_roman(total) == numeral else 0


def _as_roman(value: int) -> str:
    written = ""
    for step, letters in ((100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV")):
        written += letters * (value // step)
        value %= step
    return written + "I" * value
