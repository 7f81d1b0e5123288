"""Tells when each character of a text is heard, chunk by chunk of its sound, as ElevenLabs does."""

from collections.abc import Iterable, Iterator
from itertools import takewhile
from typing import TypeAlias

from tts.web.protocol import Message

#: A character, when it begins and how long it lasts, in ms of the utterance.
_Timed: TypeAlias = tuple[str, float, float]


class Alignment:
    """The times of a text's characters; punctuation, which no mark tells, lasts no time after what it follows."""

    def __init__(self, text: str) -> None:
        self.text = text
        """May become longer at its end."""
        self._told = 0
        self._at_ms = 0.0
        self._base_ms = 0.0
        # Bounded by the text: each of its characters comes once.
        self._waiting: list[_Timed] = []

    def add(self, marks: Iterable[Message]) -> None:
        """Take note of marks, in order, as `tts.web.answers` words them."""
        for mark in marks:
            if mark["text"] and mark["end"] > self._told:
                self._waiting.extend(self._timed(mark["start"], mark["end"], mark["start_ms"], mark["end_ms"]))

    def _timed(self, start: int, end: int, start_ms: float, end_ms: float) -> Iterator[_Timed]:
        start = max(start, self._told)
        yield from ((character, start_ms, 0.0) for character in self.text[self._told : start])
        each_ms = (end_ms - start_ms) / (end - start)
        for index, character in enumerate(self.text[start:end]):
            yield character, start_ms + index * each_ms, each_ms
        while end < len(self.text) and not self.text[end].isalnum():
            yield self.text[end], end_ms, 0.0
            end += 1
        self._told, self._at_ms = end, end_ms

    def until(self, begin_ms: float, end_ms: float) -> Message | None:
        """Return the characters that begin before the end of a chunk, counted from its beginning, None without any."""
        self._base_ms = begin_ms
        heard = list(takewhile(lambda timed: timed[1] < end_ms, self._waiting))
        del self._waiting[: len(heard)]
        return self._shown(heard)

    def rest(self) -> Message | None:
        """Return what is left, counted from the beginning of the last chunk."""
        left = [*self._waiting, *((character, self._at_ms, 0.0) for character in self.text[self._told :])]
        self._waiting.clear()
        self._told = len(self.text)
        return self._shown(left)

    def _shown(self, timed: list[_Timed]) -> Message | None:
        if not timed:
            return None
        return {
            "chars": [character for character, _, _ in timed],
            "charStartTimesMs": [max(0, round(start_ms - self._base_ms)) for _, start_ms, _ in timed],
            "charDurationsMs": [round(ms) for _, _, ms in timed],
        }
