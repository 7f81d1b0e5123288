"""Writes a Chinese sentence in the six-field symbols of the SAMBERT voices, and their ids."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tts.frontend.syllables import split_rhotic
from tts.types import NEUTRAL, Sentence, Syllable, Word

#: The fields of a symbol, in order, by the name of their inventory.
FIELDS: Final = ("phone", "tone", "syllable", "word", "emotion", "speaker")
SPEAKER: Final = "F7"

_DATA: Final = Path(__file__).parent / "data"
_ENGLISH_TONES: Final = {True: "tone1", False: "tone0"}
#: What the Chinese-English voices call two of the phones.
_ENGLISH_PHONES: Final = {"wu": "w", "yi": "y"}


_SYMBOL: Final = re.compile(r"\{" + r"\$".join([r"([^${}\s]+)"] * len(FIELDS)) + r"\}")
_LINE: Final = re.compile(rf"\s*(?:[^{{}}\t]*\t)?\s*(?P<symbols>{_SYMBOL.pattern}(?:\s+{_SYMBOL.pattern})*)\s*")


class Unspeakable(ValueError):
    """A sentence cannot be written in the symbols of these voices."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """One phone, or one pause."""

    phone: str
    tone: str
    syllable: str
    word: str
    emotion: str
    speaker: str

    def __str__(self) -> str:
        return "{" + "$".join(self.fields) + "}"

    @property
    def fields(self) -> tuple[str, ...]:
        """The six fields, in the order of `FIELDS`."""
        return (self.phone, self.tone, self.syllable, self.word, self.emotion, self.speaker)

    @property
    def is_pause(self) -> bool:
        """Whether it is a break rather than a phone."""
        return self.phone.startswith("#")


class Symbols:
    """The inventories and the map from syllables to phones; they are read once, when it is made."""

    def __init__(self) -> None:
        inventory = json.loads((_DATA / "inventory.json").read_text(encoding="utf-8"))
        self._ids = {field: {name: at for at, name in enumerate(inventory[field])} for field in FIELDS}
        rows = (_DATA / "phones.tsv").read_text(encoding="utf-8").splitlines()
        cells = [row.split("\t") for row in rows if not row.startswith("#")]
        self._phones = {syllable: (initial, final) for syllable, initial, final in cells}

    def write(self, sentence: Sentence, emotion: str = NEUTRAL, speaker: str = SPEAKER) -> list[Symbol]:
        """Return the symbols of a sentence that has been read; raise `Unspeakable` where there are none for it."""
        found: list[Symbol] = []
        for at, word in enumerate(sentence.words, 1):
            found += self._word(word, f"emotion_{emotion}", speaker)
            # A line of symbols is a sentence to these voices, wherever the text was cut.
            pause = 4 if at == len(sentence.words) else word.break_after
            found.append(Symbol(f"#{pause}", "tone_none", "s_none", "word_none", "emotion_none", speaker))
        self.check(found)
        return found

    def id(self, field: str, name: str) -> int:
        """Return the id of a name in the inventory of a field."""
        return self._ids[field][name]

    def ids(self, symbols: Sequence[Symbol]) -> NDArray[np.int64]:
        """Return the ids of checked symbols, shape (n, 6), in the order of `FIELDS`."""
        rows = [
            [self._ids[field][name] for field, name in zip(FIELDS, symbol.fields, strict=True)] for symbol in symbols
        ]
        return np.array(rows, dtype=np.int64).reshape(-1, len(FIELDS))

    def check_names(self, symbols: Sequence[Symbol]) -> None:
        """Raise `Unspeakable` unless every field of the symbols has an id."""
        for symbol in symbols:
            for field, name in zip(FIELDS, symbol.fields, strict=True):
                if name not in self._ids[field]:
                    raise Unspeakable(f"{name} is no {field} of these voices")

    def check(self, symbols: Sequence[Symbol]) -> None:
        """Raise `Unspeakable` unless the symbols are what the voices were trained on."""
        self.check_names(symbols)
        pauses = [symbol.is_pause for symbol in symbols]
        if all(pauses):
            raise Unspeakable("there is no syllable")
        if pauses[0] or any(here and following for here, following in pairwise(pauses)):
            raise Unspeakable("a pause stands where no word ends")
        if symbols[-1].phone != "#4":
            raise Unspeakable("the sentence does not end with #4")
        _check_tags(symbols)

    def phones(self, syllable: Syllable) -> tuple[str, ...]:
        """Return the phones of a syllable: two for a Chinese one."""
        if not syllable.pinyin:
            return tuple(_ENGLISH_PHONES.get(phone, phone) for phone in syllable.phones)
        base, rhotic = split_rhotic(syllable.pinyin[:-1])
        initial, final = self._plain(base)
        if rhotic:
            final = "er_c" if final == "e_c" else final.replace("_c", "r_c")
        return initial, final

    def _plain(self, base: str) -> tuple[str, str]:
        spelled = base.replace("u", "v", 1) if base[:1] in "jqxy" and base[1:2] == "u" else base
        if spelled not in self._phones:
            raise Unspeakable(f"{base} is no syllable of these voices")
        return self._phones[spelled]

    def _word(self, word: Word, emotion: str, speaker: str) -> Iterator[Symbol]:
        phones = [(syllable, self.phones(syllable)) for syllable in word.syllables]
        last = sum(len(own) for _, own in phones) - 1
        at = 0
        for syllable, own in phones:
            for place, phone in enumerate(own):
                tags = _place(place, len(own) - 1), _place(at, last)
                yield Symbol(phone, _tone(syllable), f"s_{tags[0]}", f"word_{tags[1]}", emotion, speaker)
                at += 1


def line(symbols: Sequence[Symbol]) -> str:
    """Return symbols as the voices' own tools write them."""
    return " ".join(map(str, symbols))


def parse(text: str) -> list[Symbol]:
    """Return the symbols of a line as `line` writes it, also one that begins with its number and a tab."""
    found = _LINE.fullmatch(text)
    if not found:
        raise Unspeakable(
            "a line is symbols such as {b_c$tone3$s_begin$word_begin$emotion_neutral$F7}, with spaces between"
        )
    return [Symbol(*fields) for fields in _SYMBOL.findall(found["symbols"])]


def _place(at: int, last: int) -> str:
    if last == 0:
        return "both"
    return "begin" if at == 0 else "end" if at == last else "middle"


def _tone(syllable: Syllable) -> str:
    return f"tone{syllable.pinyin[-1]}" if syllable.pinyin else _ENGLISH_TONES[syllable.stressed]


def _check_tags(symbols: Sequence[Symbol]) -> None:
    """Raise unless each word and syllable begins and ends once, and each Chinese syllable has two phones."""
    word: list[Symbol] = []
    for symbol in symbols:
        if not symbol.is_pause:
            word.append(symbol)
            continue
        tags = [part.word.removeprefix("word_") for part in word]
        if tags != [_place(at, len(word) - 1) for at in range(len(word))]:
            raise Unspeakable("the tags of a word are out of order")
        _check_syllables(word)
        word = []


def _check_syllables(word: Sequence[Symbol]) -> None:
    size = 0
    for symbol in word:
        starts = symbol.syllable in ("s_begin", "s_both")
        if starts != (size == 0):
            raise Unspeakable("the tags of a syllable are out of order")
        size += 1
        if symbol.syllable in ("s_end", "s_both"):
            if symbol.phone.endswith("_c") and size != 2:
                raise Unspeakable("a Chinese syllable has two phones")
            size = 0
    if size:
        raise Unspeakable("the tags of a syllable are out of order")
