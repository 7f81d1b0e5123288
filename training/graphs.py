"""Builds ONNX graphs node by node: numpy arrays given as inputs become the graph's constants."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

FLOAT, INT, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL
#: The domain of operators that onnxruntime has beyond ONNX's.
MICROSOFT = "com.microsoft"
OPSET = [helper.make_opsetid("", 21), helper.make_opsetid(MICROSOFT, 1)]

#: A value of the graph by its name, or an array that becomes a constant.
Value = str | NDArray[Any] | np.generic | int | Sequence[int]


class Graph:
    """A graph that grows; the body of a loop is a graph that knows its `parent` and keeps its constants there."""

    def __init__(self, name: str, parent: Graph | None = None) -> None:
        self.name = name
        self.root: Graph = parent.root if parent else self
        self.nodes: list[onnx.NodeProto] = []
        self.inputs: list[onnx.ValueInfoProto] = []
        self.outputs: list[onnx.ValueInfoProto] = []
        self.constants: dict[tuple[bytes, tuple[int, ...], str], onnx.TensorProto] = {}
        self.values = 0

    def new(self) -> str:
        """Return a name that nothing has yet."""
        self.root.values += 1
        return f"v{self.root.values}"

    def input(self, name: str, shape: Sequence[int | str] | None, kind: int = FLOAT) -> str:
        """Add an input and return its name; sizes that vary are given as words."""
        self.inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def output(self, name: str, value: str, shape: Sequence[int | str] | None, kind: int = FLOAT) -> None:
        """Give a value out under a name."""
        self.nodes.append(helper.make_node("Identity", [value], [name]))
        self.outputs.append(helper.make_tensor_value_info(name, kind, shape))

    def constant(self, value: NDArray[Any] | np.generic | int | Sequence[int]) -> str:
        """Return the name of a constant; equal ones are kept once."""
        array = np.asarray(value, order="C")
        key = (array.tobytes(), array.shape, array.dtype.str)
        if key not in self.constants:
            self.constants[key] = numpy_helper.from_array(array, self.new())
        return self.constants[key].name

    def __call__(self, kind: str, *inputs: Value | None, domain: str = "", **attributes: Any) -> str:
        """Add a node and return its only output."""
        return self.many(kind, 1, *inputs, domain=domain, **attributes)[0]

    def many(self, kind: str, count: int, *inputs: Value | None, domain: str = "", **attributes: Any) -> list[str]:
        """Add a node and return its outputs; an input of None is one left out."""
        names = ["" if x is None else x if isinstance(x, str) else self.constant(x) for x in inputs]
        outputs = [self.new() for _ in range(count)]
        self.nodes.append(helper.make_node(kind, names, outputs, domain=domain, **attributes))
        return outputs

    def slice(self, value: str, start: Value, end: Value, axis: int) -> str:
        """Return part of a value along one axis; ends are given as one-element lists."""
        return self("Slice", value, start, end, [axis])

    def proto(self) -> onnx.GraphProto:
        """Return the graph as ONNX has it."""
        return helper.make_graph(
            self.nodes, self.name, self.inputs, self.outputs, initializer=list(self.constants.values())
        )

    def save(self, path: Path) -> None:
        """Check the graph and write it to a file."""
        model = helper.make_model(self.proto(), opset_imports=OPSET, ir_version=10)
        onnx.checker.check_model(model)
        onnx.save_model(model, str(path))
