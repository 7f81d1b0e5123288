"""Writes ONNX graphs node by node, for networks whose streaming form no exporter knows."""

from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
IR_VERSION = 8
KINDS = {
    np.dtype(np.float32): TensorProto.FLOAT,
    np.dtype(np.int64): TensorProto.INT64,
    np.dtype(np.uint8): TensorProto.UINT8,
}
#: The operators of onnxruntime's own that `Graph.op` takes with `domain=CONTRIB`.
CONTRIB = "com.microsoft"
Shape = Sequence[int | str | None]


class Graph:
    """A graph that grows by a node at a time; values are known by their names."""

    def __init__(self) -> None:
        self.count = count()
        self.nodes: list[onnx.NodeProto] = []
        self.inputs: list[onnx.ValueInfoProto] = []
        self.outputs: list[onnx.ValueInfoProto] = []
        self.constants: dict[tuple[str, tuple[int, ...], bytes], onnx.TensorProto] = {}

    def input(self, name: str, shape: Shape, dtype: type[np.generic] = np.float32) -> str:
        """Declare an input; None in the shape is a length that varies."""
        self.inputs.append(helper.make_tensor_value_info(name, KINDS[np.dtype(dtype)], shape))
        return name

    def output(self, value: str, name: str, shape: Shape, dtype: type[np.generic] = np.float32) -> None:
        """Declare that a value is an output of the graph."""
        self.nodes.append(helper.make_node("Identity", [value], [name]))
        self.outputs.append(helper.make_tensor_value_info(name, KINDS[np.dtype(dtype)], shape))

    def constant(self, array: NDArray[Any]) -> str:
        """Return the name of a constant; equal ones are one."""
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self.constants:
            self.constants[key] = numpy_helper.from_array(np.ascontiguousarray(array), f"c{len(self.constants)}")
        return self.constants[key].name

    def op(self, kind: str, *values: str, **attributes: Any) -> str:
        """Add a node with one output and return the output's name."""
        return self.ops(kind, 1, *values, **attributes)[0]

    def ops(self, kind: str, outputs: int, *values: str, **attributes: Any) -> list[str]:
        """Add a node with several outputs and return their names."""
        number = next(self.count)
        names = [f"{kind}_{number}_{index}" for index in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(values), names, name=names[0], **attributes))
        return names

    def save(self, path: Path, metadata: Mapping[str, str]) -> None:
        """Check the graph and write it.

        Raises `onnx.checker.ValidationError` where a node is not what its operator allows.
        """
        graph = helper.make_graph(self.nodes, path.stem, self.inputs, self.outputs, list(self.constants.values()))
        used = {node.domain for node in self.nodes} | {""}
        opsets = [helper.make_opsetid(domain, 1 if domain else OPSET) for domain in sorted(used)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
        helper.set_model_props(model, dict(metadata))
        onnx.checker.check_model(model, full_check=True)
        onnx.save(model, path)
