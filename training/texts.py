"""How recordings may be read: the program's own front end first, then what else the characters could be."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from training.corpus import Item
from tts.engines.sambert.symbols import Symbol, Symbols, Unspeakable
from tts.frontend.hints import Hints
from tts.frontend.mandarin import open_mandarin
from tts.types import Sentence, Syllable

_SANDHI = {"一": "yi", "不": "bu"}


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a recording."""

    pinyin: tuple[str, ...]
    """As spoken."""
    symbols: tuple[Symbol, ...]

    @property
    def sounds(self) -> tuple[tuple[str, str], ...]:
        """Return what of it can be heard: phones with their tones, without where words end."""
        return tuple((it.phone, it.tone) for it in self.symbols if not it.is_pause)


class Texts:
    """Reads the texts of recordings; the dictionaries are loaded once."""

    def __init__(self) -> None:
        self._mandarin = open_mandarin()
        self._symbols = Symbols()

    def readings(self, item: Item, counts: Counter[str]) -> list[Reading]:
        """Return the readings of an item that differ in sound, the likeliest first; none where it cannot be read.

        A character alone has all the readings that the dictionary knows. A word has the front end's, the one that came
        with the recording where that is another, and the one with its full tones where the front end has light ones.
        A sentence has the front end's alone: there, context decides better than sound.
        """
        found: dict[tuple[tuple[str, str], ...], Reading] = {}
        for chosen in self._choices(item, counts):
            if reading := self._read(item.text, chosen):
                found.setdefault(reading.sounds, reading)
        counts["unreadable" if not found else "one reading" if len(found) == 1 else "several readings"] += 1
        return list(found.values())

    def _choices(self, item: Item, counts: Counter[str]) -> Iterator[Mapping[int, str]]:
        """Yield readings by character for `Mandarin.read`, first none: as the front end thinks."""
        yield {}
        guess = item.guess.split()
        if item.kind == "word" and len(item.text) == 1:
            for reading in dict.fromkeys([*guess, *self._mandarin.readings(item.text)]):
                yield {0: reading}
            return
        syllables = self._syllables(item.text, {})
        other = dict(differences(item.text, syllables, guess)) if len(guess) == len(item.text) else {}
        if guess:
            counts[f"{item.kind}s read otherwise than the guess" if other else f"{item.kind}s read as the guess"] += 1
        if item.kind == "word":
            if other:
                yield other
            full = {it.start: it.citation for it in syllables if it.pinyin[-1] == "5" and it.citation[-1] != "5"}
            if full:
                yield full

    def _syllables(self, text: str, chosen: Mapping[int, str]) -> list[Syllable]:
        read = self._mandarin.read(Sentence(text, 0, "zh"), Hints(chosen))
        return [syllable for word in read.words for syllable in word.syllables]

    def _read(self, text: str, chosen: Mapping[int, str]) -> Reading | None:
        sentence = self._mandarin.read(Sentence(text, 0, "zh"), Hints(chosen))
        try:
            symbols = tuple(self._symbols.write(sentence))
        except Unspeakable:
            return None
        return Reading(tuple(it.pinyin for word in sentence.words for it in word.syllables), symbols)


def differences(text: str, syllables: list[Syllable], guess: list[str]) -> Iterator[tuple[int, str]]:
    """Yield where a guess of one syllable for each character is another reading, not the same one before sandhi."""
    for it in syllables:
        told = guess[it.start]
        if it.end - it.start == 2 and text[it.end - 1] == "儿":
            yield it.end - 1, guess[it.end - 1]
        elif told not in (it.citation, it.pinyin) and _SANDHI.get(text[it.start]) != told[:-1]:
            yield it.start, told
