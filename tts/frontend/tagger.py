"""Guesses words and parts of speech in text that the dictionary does not know, by jieba's hidden Markov model."""

from collections.abc import Iterator
from functools import lru_cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

#: A place within a word (Begin, Middle, End, Single) and the part of speech of that word.
State: TypeAlias = tuple[str, str]
Rows: TypeAlias = NDArray[np.intp]
Logs: TypeAlias = NDArray[np.float64]

#: What jieba gives to a character that a state was never seen with.
_UNSEEN = -3.14e100


class Tagger:
    """The model as arrays: the answers of `jieba.posseg`, which takes ten times as long; threads may share it."""

    def __init__(self, folder: Path) -> None:
        starts, steps, emits = (_table(folder / f"prob_{name}.py") for name in ("start", "trans", "emit"))
        # Of equals the last one wins in jieba, the first one in numpy's argmax: so the states stand in falling order.
        self._states: list[State] = sorted(steps, reverse=True)
        index = {state: row for row, state in enumerate(self._states)}
        self._starts: Logs = np.array([starts[state] for state in self._states])  # (states,)
        self._steps: Logs = np.full((len(index), len(index)), -np.inf)  # (states before, states)
        for state, following in steps.items():
            for other, chance in following.items():
                self._steps[index[state], index[other]] = chance
        self._leads: NDArray[np.bool_] = np.isfinite(self._steps)
        self._shown = _shown(emits, index)
        self._all: Rows = np.arange(len(index))
        self._leap = lru_cache(maxsize=512)(self._leaps)
        self._known = {
            character: self._with_chances(character, np.array(sorted(index[state] for state in states)))
            for character, states in _table(folder / "char_state_tab.py").items()
        }

    def _row(self, character: str) -> tuple[Rows, Logs]:
        """Return the states that a character is known in, all where it is not, with how likely each shows it."""
        return self._known.get(character) or self._with_chances(character, self._all)

    def _with_chances(self, character: str, rows: Rows) -> tuple[Rows, Logs]:
        return rows, self._emitted(character, rows)

    def _emitted(self, character: str, rows: Rows) -> Logs:
        """Return how likely each of the states shows a character."""
        scores = np.full(len(self._states), _UNSEEN)
        seen = self._shown.get(character)
        if seen:
            scores[list(seen)] = list(seen.values())
        return scores[rows]

    def cut(self, text: str) -> Iterator[tuple[str, str]]:
        """Yield the words of a text of Han characters with their tags."""
        begin = 0
        path = self._path(text)
        for at, (place, tag) in enumerate(path):
            if place in "ES":
                yield text[begin : at + 1], tag
                begin = at + 1
        if begin < len(text):
            yield text[begin:], path[begin][1]

    def _path(self, text: str) -> list[State]:
        """Return the most likely state of each character (Viterbi's algorithm)."""
        rows, emitted = self._row(text[0])
        scores = self._starts[rows] + emitted
        steps: list[tuple[Rows, Rows]] = [(rows, rows)]
        for character in text[1:]:
            own, emitted = self._row(character)
            rows, chances = self._leap(rows.tobytes(), own.tobytes())
            if not np.array_equal(rows, own):
                emitted = self._emitted(character, rows)
            totals = scores + chances + emitted[:, None]  # (now, before)
            best = totals.argmax(1)
            scores = totals[np.arange(len(rows)), best]
            steps.append((rows, best))
        return self._walked_back(steps, int(scores.argmax()))

    def _leaps(self, before: bytes, own: bytes) -> tuple[Rows, Logs]:
        """Return which of a character's own states can follow, all that can where none of those does, and the steps."""
        leading, rows = np.frombuffer(before, np.intp), np.frombuffer(own, np.intp)
        reached: NDArray[np.bool_] = np.any(self._leads[leading], axis=0)
        rows = rows[reached[rows]] if reached[rows].any() else np.flatnonzero(reached)
        return rows, self._steps[leading, rows[:, None]]  # (now,), (now, before)

    def _walked_back(self, steps: list[tuple[Rows, Rows]], last: int) -> list[State]:
        path: list[State] = []
        for rows, best in reversed(steps):
            path.append(self._states[rows[last]])
            last = int(best[last])
        return path[::-1]


def _shown(emits: dict[State, dict[str, float]], index: dict[State, int]) -> dict[str, dict[int, float]]:
    """Return for each character the states that show it."""
    shown: dict[str, dict[int, float]] = {}
    for state, characters in emits.items():
        for character, chance in characters.items():
            shown.setdefault(character, {})[index[state]] = chance
    return shown


def _table(path: Path) -> dict[Any, Any]:
    """Return what a file of jieba's model holds, without importing its package, which would load everything twice."""
    spec = spec_from_file_location(path.stem, path)
    if not spec or not spec.loader:
        raise ImportError(f"{path} is no module")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    held: dict[Any, Any] = module.P
    return held
