"""A small recurrent network that reads a sentence both ways and says how likely each reading of a character is."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]

#: What stands before and after every sentence, and for characters that the network never saw.
START, STOP, UNKNOWN = "\ue000", "\ue001", "\ue002"


class Network:
    """One layer of long short-term memory per direction, then two dense layers; the weights are only read."""

    def __init__(self, weights: Mapping[str, NDArray[Any]]) -> None:
        self._index = {character: row for row, character in enumerate(str(weights["alphabet"]))}
        self._embedding = _floats(weights["embedding"])  # (alphabet, 64)
        self._inward = _floats(weights["inward"])  # (2, 64, 128): forward and backward; input, forget, cell, output
        self._onward = _floats(weights["onward"])  # (2, 32, 128)
        self._bias = _floats(weights["bias"])  # (2, 1, 128)
        self._hidden = (_floats(weights["hidden"]), _floats(weights["hidden_bias"]))  # (64, 32), (32,)
        self._out = (_floats(weights["out"]), _floats(weights["out_bias"]))  # (32, classes), (classes,)
        self._halve_gates()

    def _halve_gates(self) -> None:
        # sigmoid(x) = tanh(x / 2) / 2 + 1 / 2, so that one call of tanh does for all four parts.
        size = self._onward.shape[1]
        scale = np.full(4 * size, 0.5, np.float32)
        scale[2 * size : 3 * size] = 1
        self._inward, self._onward, self._bias = (part * scale for part in (self._inward, self._onward, self._bias))

    def scores(self, sentence: str, positions: Sequence[int]) -> Floats:
        """Return a score per class for each position, shape (positions, classes)."""
        states = self._states(sentence)[np.asarray(positions) + 1]  # (positions, 64)
        weights, bias = self._hidden
        hidden = np.maximum(states @ weights + bias, 0)
        weights, bias = self._out
        scores: Floats = hidden @ weights + bias
        return scores

    def _states(self, sentence: str) -> Floats:
        unknown = self._index[UNKNOWN]
        rows = [self._index.get(character, unknown) for character in (START, *sentence, STOP)]
        inputs = self._embedding[rows]  # (n, 64)
        both = np.stack([inputs, inputs[::-1]])  # (2, n, 64)
        gates = both @ self._inward + self._bias  # (2, n, 128)
        size = self._onward.shape[1]
        states = np.empty((len(rows), 2, size), np.float32)
        state: Floats = np.zeros((2, 1, size), np.float32)
        cell: Floats = np.zeros((2, 1, size), np.float32)
        for step in range(len(rows)):
            parts: Floats = np.tanh(gates[:, step : step + 1] + state @ self._onward)
            opened = parts * np.float32(0.5) + np.float32(0.5)
            cell = opened[..., size : 2 * size] * cell + opened[..., :size] * parts[..., 2 * size : 3 * size]
            state = opened[..., 3 * size :] * np.tanh(cell)
            states[step] = state[:, 0]
        return np.concatenate([states[:, 0], states[::-1, 1]], axis=1)  # (n, 64)


def _floats(weights: NDArray[Any]) -> Floats:
    return weights.astype(np.float32)
