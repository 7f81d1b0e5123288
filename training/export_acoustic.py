"""Exports an acoustic model as the three graphs that serving runs."""

from __future__ import annotations

from pathlib import Path

from training.export_encode import encode_graph
from training.export_refine import refine_graph
from training.export_step import step_graph
from training.networks.sambert import Sambert


def export_acoustic(network: Sambert, folder: Path) -> dict[str, int]:
    """Write `encode.onnx`, `step.onnx` and `refine.onnx`; return the sizes that `voice.json` keeps of them."""
    for name, graph in (("encode", encode_graph), ("step", step_graph), ("refine", refine_graph)):
        graph(network).save(folder / f"{name}.onnx")
    sizes = network.sizes
    return {
        "outputs_per_step": sizes.outputs_per_step,
        "refine_lookahead_frames": sizes.postnet.layers * sizes.postnet.ahead,
        "d_mem": sizes.memory,
    }
