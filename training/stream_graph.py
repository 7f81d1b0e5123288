"""Writes graphs whose layers keep the ends of their inputs from call to call.

Values lie as (1, 1, time, channels): the end of one call and the next call's input join by copying, the phases of an
upsampling interleave by reshaping, and onnxruntime turns transpose, convolve, transpose back into its blocked
convolutions, which are the fastest it has.
"""

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from onnx import helper

from training.onnx_graph import Graph

#: As the end of a slice: everything.
ALL = 1 << 40


class StreamGraph(Graph):
    """A graph with the inputs `first` and `last`, 1 in the first and the last call, and a state for each width.

    A layer that reads r samples ahead gives r samples less in the first call and r more in the last one, where zeros
    follow. Those are the true ends of the sound, where each layer's own input is zero; so lengths differ, and no
    value is computed twice or masked.
    """

    def __init__(self) -> None:
        super().__init__()
        self.edges = [self.input(name, [1], np.int64) for name in ("first", "last")]
        self.numbers: dict[tuple[int, int, int], str] = {}
        self.zeros: dict[tuple[int, int], str] = {}
        self.tails: dict[int, list[tuple[int, int, str, str]]] = {}  # by channels: usual length, first, before, after

    def number(self, usual: int, first: int = 0, last: int = 0) -> str:
        """Return an integer (1,): `usual`, and so much more in the first call, and so much more in the last."""
        if not first and not last:
            return self.constant(np.array([usual]))
        return self.numbers.setdefault((usual, first, last), f"number_{len(self.numbers)}")

    def cut(self, value: str, start: str, end: str) -> str:
        """Return a stretch of time."""
        return self.op("Slice", value, start, end, self.constant(np.array([2])))

    def silence(self, channels: int, length: int) -> str:
        """Return that many zeros in the last call, none in others."""
        if (channels, length) not in self.zeros:
            zeros = self.constant(np.zeros((1, 1, length, channels), np.float32))
            self.zeros[channels, length] = self.cut(zeros, self.constant(np.array([0])), self.number(0, last=length))
        return self.zeros[channels, length]

    def joined(self, value: str, channels: int, keep: int, before: int, after: int) -> str:
        """Return `value` after the last `keep` samples of the calls so far.

        The first call has `before` zeros there; the last call has `after` zeros behind.
        """
        tails = self.tails.setdefault(channels, [])
        tail = f"tail_{channels}_{len(tails)}"
        behind = [self.silence(channels, after)] if after else []
        whole = self.op("Concat", tail, value, *behind, axis=2)
        kept = self.cut(whole, self.constant(np.array([-keep])), self.constant(np.array([ALL])))
        tails.append((keep, before, tail, kept))
        return whole

    def convolved(
        self, value: str, weight: NDArray[np.float32], bias: NDArray[np.float32], dilation: int = 1, stride: int = 1
    ) -> str:
        """Return the convolution with (outputs, inputs, kernel) without any padding."""
        turned = self.op("Transpose", value, perm=[0, 3, 1, 2])
        made = self.op(
            "Conv",
            turned,
            self.constant(weight[:, :, None]),
            self.constant(bias),
            kernel_shape=[1, weight.shape[2]],
            dilations=[1, dilation],
            strides=[1, stride],
        )
        return self.op("Transpose", made, perm=[0, 2, 3, 1])

    def finish(self, path: Path) -> None:
        """Write the graph; its metadata `state` is the length in time of each state before the first call."""
        body, self.nodes = self.nodes, []
        self.spread_numbers()
        begin = {f"state_{channels}": self.split_state(channels) for channels in self.tails}
        self.nodes += body
        for channels, tails in self.tails.items():
            after = self.op("Concat", *(kept for *_, kept in tails), axis=2)
            self.output(after, f"state_{channels}_after", [1, 1, None, channels])
        self.save(path, {"state": json.dumps(begin)})

    def spread_numbers(self) -> None:
        """Compute all the numbers that differ between calls, in three nodes."""
        if not self.numbers:
            return
        edges = self.op("Concat", self.constant(np.ones(1, np.int64)), *self.edges, axis=0)
        weighted = self.op("Mul", self.constant(np.array(list(self.numbers))), edges)
        summed = self.op("ReduceSum", weighted, self.constant(np.array([1])), keepdims=0)
        self.nodes.append(helper.make_node("Split", [summed], list(self.numbers.values()), axis=0))

    def split_state(self, channels: int) -> int:
        """Divide a state into the tails of its layers; return its length before the first call."""
        tails = self.tails[channels]
        state = self.input(f"state_{channels}", [1, 1, None, channels])
        usual, begin = np.array([[keep, before] for keep, before, _, _ in tails]).T
        sizes = self.constant(usual)
        if (usual != begin).any():
            sizes = self.op("Add", sizes, self.op("Mul", self.edges[0], self.constant(begin - usual)))
        self.nodes.append(helper.make_node("Split", [state, sizes], [tail for _, _, tail, _ in tails], axis=2))
        return int(begin.sum())
