"""Writes graphs whose layers keep the ends of their inputs from call to call.

Values lie as (1, 1, time, channels): the end of one call and the next call's input join by copying, the phases of an
upsampling interleave by reshaping, and onnxruntime turns transpose, convolve, transpose back into its blocked
convolutions, which are the fastest it has.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import helper

from training.onnx_graph import Graph

#: As the end of a slice: everything.
ALL = 1 << 40


@dataclass(frozen=True, slots=True)
class Lane:
    """What kind of values flow: so many channels, of a type in which `zero` stands for 0."""

    channels: int
    dtype: type[np.generic] = np.float32
    zero: int = 0

    @property
    def state(self) -> str:
        """Return the name of the state that holds the tails of such values."""
        return f"state_{self.channels}_{np.dtype(self.dtype).name}"


@dataclass(frozen=True, slots=True)
class Tail:
    """What a layer keeps: how much usually, how much of what before the first call, and the names before and after."""

    lane: Lane
    keep: int
    begin: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Joined:
    """A value after its tail: `keep` samples usually, `before` zeros at first, and `after` zeros behind at last."""

    value: str
    keep: int
    before: int
    after: int


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
        self.zeros: dict[tuple[Lane, int], str] = {}
        self.tails: dict[str, list[Tail]] = {}

    def number(self, usual: int, first: int = 0, last: int = 0) -> str:
        """Return an integer (1,): `usual`, and so much more in the first call, and so much more in the last."""
        if not first and not last:
            return self.constant(np.array([usual]))
        return self.numbers.setdefault((usual, first, last), f"number_{len(self.numbers)}")

    def cut(self, value: str, start: str, end: str) -> str:
        """Return a stretch of time."""
        return self.op("Slice", value, start, end, self.constant(np.array([2])))

    def silence(self, lane: Lane, length: int) -> str:
        """Return that many zeros in the last call, none in others."""
        if (lane, length) not in self.zeros:
            zeros = self.constant(np.full((1, 1, length, lane.channels), lane.zero, lane.dtype))
            self.zeros[lane, length] = self.cut(zeros, self.constant(np.array([0])), self.number(0, last=length))
        return self.zeros[lane, length]

    def joined(self, value: str, lane: Lane, keep: int, before: int, after: int) -> Joined:
        """Return `value` after the last `keep` samples of the calls so far."""
        if not keep:
            return Joined(value, 0, 0, 0)
        tails = self.tails.setdefault(lane.state, [])
        tail = f"{lane.state}_{len(tails)}"
        behind = [self.silence(lane, after)] if after else []
        whole = self.op("Concat", tail, value, *behind, axis=2)
        kept = self.cut(whole, self.constant(np.array([-keep])), self.constant(np.array([ALL])))
        tails.append(Tail(lane, keep, before, tail, kept))
        return Joined(whole, keep, before, after)

    def window(self, joined: Joined, lag: int = 0, before: int = 0, after: int = 0) -> str:
        """Return what a layer reads whose outputs come `lag` samples later than it could give them.

        It reads `before` samples before and `after` samples after each moment.
        """
        start, end = joined.keep - lag - before - after, -lag or ALL
        first, last = joined.before - before, after - joined.after or ALL
        if (start, end, first, last) == (0, ALL, 0, ALL):
            return joined.value
        return self.cut(joined.value, self.number(start, first=first - start), self.number(end, last=last - end))

    def conv(self, value: str, weight: NDArray[Any], bias: NDArray[Any], dilation: int = 1, stride: int = 1) -> str:
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
        """Write the graph; its metadata `state` holds of each state the lengths and the zeros before the first call."""
        body, self.nodes = self.nodes, []
        self.spread_numbers()
        begin = {name: self.split_state(name, tails) for name, tails in self.tails.items()}
        self.nodes += body
        for name, tails in self.tails.items():
            after = self.op("Concat", *(tail.after for tail in tails), axis=2)
            self.output(after, f"{name}_after", [1, 1, None, tails[0].lane.channels], tails[0].lane.dtype)
        self.save(path, {"state": json.dumps(begin)})

    def spread_numbers(self) -> None:
        """Compute all the numbers that differ between calls, in four nodes."""
        if not self.numbers:
            return
        edges = self.op("Concat", self.constant(np.ones(1, np.int64)), *self.edges, axis=0)
        weighted = self.op("Mul", self.constant(np.array(list(self.numbers))), edges)
        summed = self.op("ReduceSum", weighted, self.constant(np.array([1])), keepdims=0)
        self.nodes.append(helper.make_node("Split", [summed], list(self.numbers.values()), axis=0))

    def split_state(self, name: str, tails: list[Tail]) -> list[tuple[int, int]]:
        """Divide a state into the tails of its layers; return their lengths and zeros before the first call."""
        lane = tails[0].lane
        state = self.input(name, [1, 1, None, lane.channels], lane.dtype)
        usual, begin = np.array([tail.keep for tail in tails]), np.array([tail.begin for tail in tails])
        sizes = self.constant(usual)
        if (usual != begin).any():
            sizes = self.op("Add", sizes, self.op("Mul", self.edges[0], self.constant(begin - usual)))
        self.nodes.append(helper.make_node("Split", [state, sizes], [tail.before for tail in tails], axis=2))
        return [(tail.begin, tail.lane.zero) for tail in tails]
