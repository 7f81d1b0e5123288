"""Layers of the acoustic model as nodes of a graph, from the tensors of a checkpoint."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from torch import nn

from training.graphs import Graph
from training.networks.encoder import EPSILON

Array = NDArray[np.float32]


class Weights:
    """A network's tensors by name; `weights / part` are those of a part."""

    def __init__(self, tensors: Mapping[str, Array], prefix: str = "") -> None:
        self._tensors, self._prefix = tensors, prefix

    def __getitem__(self, name: str) -> Array:
        return self._tensors[self._prefix + name]

    def get(self, name: str) -> Array | None:
        """Return a tensor, or None where the network has none of that name."""
        return self._tensors.get(self._prefix + name)

    def __truediv__(self, part: str | int) -> Weights:
        return Weights(self._tensors, f"{self._prefix}{part}.")


def weights_of(network: nn.Module) -> Weights:
    """Return a network's tensors."""
    return Weights({name: tensor.numpy() for name, tensor in network.state_dict().items()})


def linear(g: Graph, x: str, w: Weights) -> str:
    """Return (n, outputs) for (n, inputs); convolutions of one tap are linear too."""
    weight = w["weight"]
    return g("Gemm", x, weight.reshape(len(weight), -1).T, w.get("bias"))


def layer_norm(g: Graph, x: str, w: Weights) -> str:
    """Return rows with mean 0 and variance 1, scaled and shifted."""
    return g("LayerNormalization", x, w["weight"], w["bias"], epsilon=EPSILON)


def channels(g: Graph, x: str) -> str:
    """Return (1, channels, n) for (n, channels)."""
    return g("Unsqueeze", g("Transpose", x, perm=[1, 0]), [0])


def rows(g: Graph, x: str) -> str:
    """Return (n, channels) for (1, channels, n)."""
    return g("Transpose", g("Squeeze", x, [0]), perm=[1, 0])


def depthwise(g: Graph, x: str, weight: Array, behind: int = 0, ahead: int = 0) -> str:
    """Return (n + behind + ahead - taps + 1, channels) for (n, channels): each channel's own convolution over time.

    It is written as an image of one line: onnxruntime has a kernel for those that is several times faster.
    """
    image = g("Unsqueeze", g("Transpose", x, perm=[1, 0]), [0, 2])
    kept = g("Conv", image, weight[:, :, None], pads=[0, behind, 0, ahead], group=len(weight))
    return g("Transpose", g("Squeeze", kept, [0, 2]), perm=[1, 0])


def gates(weight: Array) -> Array:
    """Return an LSTM's weights, or biases, in ONNX's order of gates: input, output, forget, cell."""
    i, f, c, o = np.split(weight, 4)
    return np.concatenate([i, o, f, c])


def lstm(g: Graph, x: str, w: Weights, state: tuple[str, str] | None = None) -> list[str]:
    """Return outputs (n, directions * units), last hidden and last cell state for (n, inputs)."""
    ways = [way for way in ("", "_reverse") if w.get(f"weight_hh_l0{way}") is not None]
    units = w["weight_hh_l0"].shape[1]
    kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    into, back, *biases = (np.stack([gates(w[f"{kind}_l0{way}"]) for way in ways]) for kind in kinds)
    direction = "bidirectional" if len(ways) == 2 else "forward"
    given = (g("Unsqueeze", x, [1]), into, back, np.concatenate(biases, axis=1), None, *(state or (None, None)))
    y, hidden, cell = g.many("LSTM", 3, *given, hidden_size=units, direction=direction)
    return [g("Reshape", y, [-1, len(ways) * units]), hidden, cell]
