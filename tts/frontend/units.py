"""Units of measure by their symbols, from the table of units, and how a composed unit is said."""

import re
from functools import cache
from importlib.resources import files


@cache
def table(name: str) -> dict[str, str]:
    """Return a table of signs and how they are said: `units` or `symbols`."""
    lines = files("tts").joinpath("frontend", "data", f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t") for line in lines if "\t" in line and not line.startswith("# "))


@cache
def unit_pattern() -> str:
    """Return a pattern for one unit, or one per another, that ends where the symbol ends."""
    one = "|".join(re.escape(symbol) for symbol in sorted(table("units"), key=len, reverse=True))
    return rf"(?P<unit>{one})(?:/(?P<per>{one}))?(?![A-Za-z²³])"
