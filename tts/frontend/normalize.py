"""Chinese text as it is spoken: numbers, units, codes and symbols written out, each with the place it comes from."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from tts.frontend import codes, dates, marks, quantities
from tts.frontend.characters import HAN, of
from tts.frontend.hints import SayAs
from tts.frontend.say_as import claim
from tts.frontend.spoken import Spoken, fold, write
from tts.frontend.written import Claims, Part

__all__ = ["Normalizer", "Spoken"]

#: Text of which nothing needs to be written out.
_PLAIN = re.compile(rf"[{HAN}\s，。！？；：、…“”‘’（）《》〈〉【】「」『』—·]*+")
_RULES = (*codes.RULES, *dates.RULES, *marks.RULES, *quantities.RULES, *marks.EMPHASIS, *codes.MODELS)
_WORDS = re.compile(r"[\u4e00-\u9fffA-Za-z ]+")
#: What the library is shown of the text, as its cost grows with what it reads; it cannot count control characters.
_FRAGMENT = re.compile(r"[^\s\x00-\x1f\x7f-\x9f\u4e00-\u9fff，。！？；：、“”]{1,16}[\u4e00-\u9fff]{0,2}")
_ODD = re.compile(r"[A-Z].*\d|\d.*[A-Z]".replace("A-Z", f"A-Za-z{of('Sc')}#@'\""))
#: How many fragments of a clause it is shown; what is left over beyond them is read as numbers and letters.
_MOST_FRAGMENTS = 2


class Normalizer:
    """Writes clauses out: by rules of our own, then by wetext's for what those leave. Threads may share it."""

    def __init__(self) -> None:
        self._asked = lru_cache(maxsize=1024)(self._ask)
        self._opened: Any = None

    def normalize(self, text: str, sayings: Sequence[SayAs] = ()) -> Spoken:
        """Return a clause of Chinese text, in which there may be Latin words, as it is spoken.

        `sayings` win over what the text looks like.
        """
        if not sayings and _PLAIN.fullmatch(text):
            return Spoken(text, tuple((i, i + 1) for i in range(len(text))))
        folded = fold(text)
        claims = Claims(folded)
        unreadable, unfit = claim(claims, text, folded, sayings)
        for rule in _RULES:
            claims.apply(rule)
        for start, fragment in _odd(claims)[:_MOST_FRAGMENTS]:
            for part in self._asked(fragment):
                claims.take([Part(part.text, start + part.start, start + part.end)])
        for rule in quantities.NUMBERS:
            claims.apply(rule)
        spoken = write(text, folded, claims.sorted())
        return replace(spoken, unreadable=(*unreadable, *spoken.unreadable), unfit=unfit)

    def _ask(self, fragment: str) -> tuple[Part, ...]:
        """Return the library's reading of a fragment, as far as it is words."""
        mappings = self._library().normalize_with_mapping(fragment).mappings
        return tuple(
            Part(m.output_text, m.input_start, m.input_end) for m in mappings if _WORDS.fullmatch(m.output_text)
        )

    def _library(self) -> Any:
        # Opened when it is needed: its graphs take a quarter of a second and 50 MB, and hardly any text needs them.
        if self._opened is None:
            from wetext import Normalizer as Library  # type: ignore[import-untyped]  # ships no types

            self._opened = Library(lang="zh", operator="tn", remove_erhua=False)
        return self._opened


def _odd(claims: Claims) -> list[tuple[int, str]]:
    """Return where digits stand that no rule has claimed and that are no number like others."""
    return [
        (start + found.start(), found.group())
        for start, free in claims.free()
        for found in _FRAGMENT.finditer(free)
        if _ODD.search(found.group())
    ]
