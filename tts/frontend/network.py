"""A small recurrent network that reads a sentence both ways and says how likely each reading of a character is."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float32]

#: What stands before and after every sentence, and for characters that the network never saw.
START, STOP, UNKNOWN = "\ue000", "\ue001", "\ue002"

_HALF = np.float32(0.5)


class Network:
    """One layer of long short-term memory per direction, then two dense layers; the weights are only read.

    Products are kept small, or made once: larger ones are spread over threads, which wait long on a busy machine.
    """

    def __init__(self, weights: Mapping[str, NDArray[Any]]) -> None:
        self._index = {character: row for row, character in enumerate(str(weights["alphabet"]))}
        self._gates, self._onward = _gates(weights)
        self._hidden = (_floats(weights["hidden"]), _floats(weights["hidden_bias"]))  # (64, 32), (32,)
        self._out = (_floats(weights["out"]).T.copy(), _floats(weights["out_bias"]))  # (classes, 32), (classes,)

    def scores(self, sentence: str, positions: Sequence[int], classes: Iterable[ArrayLike]) -> list[Floats]:
        """Return for each position the scores of its classes."""
        states = self._states(sentence)[np.asarray(positions) + 1]  # (positions, 64)
        weights, bias = self._hidden
        hidden = np.maximum(states @ weights + bias, 0)
        weights, bias = self._out
        return [weights[own] @ row + bias[own] for row, own in zip(hidden, map(np.asarray, classes), strict=True)]

    def _states(self, sentence: str) -> Floats:
        unknown = self._index[UNKNOWN]
        rows = [self._index.get(character, unknown) for character in (START, *sentence, STOP)]
        gates = np.stack([self._gates[rows, 0], self._gates[rows[::-1], 1]], axis=1)[:, :, None]  # (n, 2, 1, 128)
        size = self._onward.shape[1]
        states = np.empty((len(rows), 2, size), np.float32)
        state: Floats = np.zeros((2, 1, size), np.float32)
        cell: Floats = np.zeros((2, 1, size), np.float32)
        for step, parts in enumerate(gates):
            parts += state @ self._onward
            np.tanh(parts, out=parts)
            opened = parts * _HALF + _HALF
            cell = opened[..., size : 2 * size] * cell + opened[..., :size] * parts[..., 2 * size : 3 * size]
            state = opened[..., 3 * size :] * np.tanh(cell)
            states[step] = state[:, 0]
        return np.concatenate([states[:, 0], states[::-1, 1]], axis=1)  # (n, 64)


def _gates(weights: Mapping[str, NDArray[Any]]) -> tuple[Floats, Floats]:
    """Return what each character brings to the gates, shape (alphabet, 2, 128), and the weights of the state before.

    The directions are forward and backward, the gates input, forget, cell and output. All but the cell are halved:
    sigmoid(x) = tanh(x / 2) / 2 + 1 / 2, so that one call of tanh does for all four.
    """
    inward, onward, bias = (_floats(weights[name]) for name in ("inward", "onward", "bias"))
    size = onward.shape[1]
    scale = np.full(4 * size, 0.5, np.float32)
    scale[2 * size : 3 * size] = 1
    gates: Floats = (_floats(weights["embedding"]) @ (inward * scale) + bias * scale).transpose(1, 0, 2).copy()
    return gates, onward * scale  # (2, 32, 128)


def _floats(weights: NDArray[Any]) -> Floats:
    return weights.astype(np.float32)
