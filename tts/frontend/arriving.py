"""Text that keeps arriving, and its clauses, each as soon as it is certain where it ends."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tts.errors import Busy, TextTooLong
from tts.frontend.segment import (
    FIRST_MOST_CHARACTERS,
    MOST_CHARACTERS,
    Clause,
    clauses,
    is_certain,
    is_closed,
    silent_end,
)

#: Tells where the words of a stretch end.
Words = Callable[[str], Sequence[int]]


@dataclass(frozen=True, slots=True)
class Taken:
    """A clause that has been taken to be spoken."""

    text: str
    """The text up to where it was looked at; offsets count from the beginning of all that arrived."""
    clause: Clause
    last: bool
    """Whether it is the end of the text."""
    silent: bool = False
    """Whether it is only what belonged to the clause before, of which the pause may have become longer."""


class Arriving:
    """A text that one thread adds to while another takes clauses from it; at most `most` characters wait.

    There is no lock: each attribute is set by one of the two alone, and whoever adds sets `text` before what is said
    about it, which whoever takes reads before `text`.
    """

    def __init__(self, text: str, most: int) -> None:
        self.text = text
        self.most = most
        self.final = 0
        """Before this nothing is waited for."""
        self.finished = False
        self.changes = 0
        self.fed_s = time.monotonic()
        """When something was added, by the monotonic clock."""
        self.taken = 0
        """Where what has not been taken begins."""
        self.seen = -1
        """Which of the changes the taker knows, -1 while it is busy with what it took and does not wait for any."""
        self.closed = False
        """Whether all that waits ends as a clause does, as far as the taker knows."""
        self._longest = FIRST_MOST_CHARACTERS
        """How many characters the next clause may have."""

    @property
    def waiting(self) -> int:
        """Return how many characters have not been taken."""
        return len(self.text) - self.taken

    @property
    def unsettled(self) -> bool:
        """Whether anything waits for what may follow it."""
        return len(self.text) > max(self.taken, self.final)

    def append(self, text: str) -> None:
        """Add to the end, or raise `TextTooLong` or `Busy` and take nothing of it."""
        if len(text) > self.most:
            raise TextTooLong(f"text: has {len(text)} characters; at most {self.most} are taken at once")
        if self.waiting + len(text) > self.most:
            raise Busy(
                f"text: {self.waiting} characters wait to be spoken, and {len(text)} more are over {self.most}; "
                "none of them was taken: append them again when fewer wait"
            )
        if text:
            self.fed_s = time.monotonic()
        self.text += text
        self.changes += 1

    def flush(self) -> None:
        """Have everything that is here spoken as it stands."""
        self.final = len(self.text)
        self.changes += 1

    def finish(self) -> None:
        """Say that this is the whole text."""
        self.finished = True
        self.changes += 1

    def opening(self, words: Words) -> str | None:
        """Return the first clause with a character in it, None while it is not certain; it is not taken."""
        self.seen = self.changes
        finished, start = self.finished, len(self.text) - len(self.text.lstrip())
        found, _, text = self._look(words, start)
        self.closed = is_closed(text, start)
        return text[: found.end] if found else "" if finished else None

    def clauses(self, words: Words) -> Iterator[Taken | None]:
        """Yield the clauses to the end of the text, None whenever more of it must be waited for."""
        open_: Clause | None = None
        while True:
            self.seen = self.changes
            if open_ and (silent := silent_end(self.text, open_)).end > self.taken:
                self.seen, self.taken = -1, silent.end
                open_ = Clause(open_.start, silent.end, silent.pause_ms)
                yield Taken(self.text, silent, last=False, silent=True)
            clause, finished, text = self._look(words, self.taken)
            if clause:
                self.seen, self.taken, self._longest = -1, clause.end, MOST_CHARACTERS
                open_ = clause if clause.end == len(text) else None
                yield Taken(text, clause, last=finished and clause.end == len(text))
            elif finished:
                return
            else:
                self.closed = is_closed(text, self.taken)
                yield None

    def _look(self, words: Words, start: int) -> tuple[Clause | None, bool, str]:
        """Return the clause from `start` on if it is certain, whether the text is finished, and what was looked at."""
        final, finished, text = self.final, self.finished, self.text
        sure = finished or final > start
        if not finished and final > start:
            text = text[:final]
        clause = next(clauses(text, words, start, self._longest), None)
        return (clause if clause and (sure or is_certain(text, clause, self._longest)) else None), finished, text
