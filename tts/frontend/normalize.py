"""Chinese text as it is spoken: numbers, units, codes and symbols written out, each with the place it comes from."""

import regex  # type: ignore[import-untyped]  # ships no types

from tts.frontend import codes, dates, quantities
from tts.frontend.spoken import Spoken, fold, write
from tts.frontend.written import Claims

__all__ = ["Normalizer", "Spoken"]

#: Text of which nothing needs to be written out.
_PLAIN = regex.compile(r"[\p{Han}\s，。！？；：、…“”‘’（）《》〈〉【】「」『』—·]*+")
_RULES = (*codes.RULES, *dates.RULES, *quantities.RULES, *codes.MODELS, *quantities.NUMBERS)


class Normalizer:
    """Writes clauses out; threads may share it."""

    def normalize(self, text: str) -> Spoken:
        """Return a clause of Chinese text, in which there may be Latin words, as it is spoken."""
        if _PLAIN.fullmatch(text):
            return Spoken(text, tuple((i, i + 1) for i in range(len(text))))
        folded = fold(text)
        claims = Claims(folded)
        for rule in _RULES:
            claims.apply(rule)
        return write(text, folded, claims.sorted())
