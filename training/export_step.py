"""Exports the decoder as a loop over a few steps, for many sentences at once, with what each remembers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from training.graphs import BOOL, INT, MICROSOFT, Graph
from training.layers import Array, Weights, layer_norm, linear, weights_of
from training.networks.sambert import Sambert
from training.networks.sizes import Sizes

END = [2**62]


def folded(w: Weights, sizes: Sizes) -> tuple[Array, Array, Array]:
    """Return what acts on memory, what acts on the prenet's second layer, and the bias, before the first layer.

    The prenet's last layer has no rectifier, so it and the projection after it are one matrix.
    """
    scale = np.array(sizes.decoder_units**0.5, np.float32)
    weight: Array = w["dec_in_proj.weight"] * scale
    last = w / "prenet.fcs.6"
    heard = weight[:, sizes.memory :]
    bias: Array = w["dec_in_proj.bias"] * scale + heard @ last["bias"]
    return weight[:, : sizes.memory].T, (heard @ last["weight"]).T, bias


def looped(w: Weights, mels: int) -> tuple[Array, Array]:
    """Return weight and bias from the last layer's rows to the prenet's first, by way of the last frame."""
    out, back = w / "dec_out_proj", w["prenet.fcs.0.weight"]
    bias = back @ out["bias"][-mels:] + w["prenet.fcs.0.bias"]
    return (back @ out["weight"][-mels:]).T, bias


def linear_over(g: Graph, x: str, weight: Array, bias: Array) -> str:
    """Return (..., outputs) for (..., inputs); `weight` is (outputs, inputs)."""
    return g("Add", g("MatMul", x, weight.T), bias)


def queries(w: Weights, heads: int) -> tuple[Array, Array]:
    """Return weight, (units, 3 * units), and bias of query, key and value, the query scaled as attention wants it."""
    units = w["weight"].shape[1]
    scale = np.ones(3 * units, np.float32)
    scale[:units] = (units // heads) ** -0.5
    return w["weight"].T * scale, w["bias"] * scale


class Step:
    """One step of the decoder as the body of a loop, which carries the prenet's first sums and the windows."""

    def __init__(self, outer: Graph, w: Weights, sizes: Sizes) -> None:
        self.g, self.w, self.sizes = Graph("step", parent=outer), w, sizes
        self.number, goes_on = self.g.input("number", [], INT), self.g.input("goes_on", [], BOOL)
        self.sums = self.g.input("sums", None)
        self.windows = [self.g.input(f"window{n}", None) for n in range(2 * sizes.decoder_layers)]
        self.grown: list[str] = []
        self.g.output("still", goes_on, None, BOOL)

    def now(self, values: str) -> str:
        """Return what this step has of something that every step has."""
        return self.g("Gather", values, self.number)

    def entered(self, memory: str, weight: Array) -> str:
        """Return the first layer's rows, (batch, units), given the memory's part in them for every step."""
        g, prenet = self.g, self.w / "prenet.fcs"
        second = g("Relu", linear(g, g("Relu", self.sums), prenet / 3))
        return g("Gemm", second, weight, self.now(memory))

    def attend(self, number: int, normed: str, ahead: Sequence[str], mask: str, w: Weights) -> str:
        """Return (batch, 2 * units): what a layer hears in the past, then in the memory; its windows grow.

        Both have the same query and are one attention of twice the heads; `ahead` is the memory's newest key and value.
        """
        g, heads = self.g, self.sizes.decoder_heads
        qkv = g("Gemm", normed, *queries(w / "w_x_qkv", heads))
        query, key, value = g.many("Split", 3, qkv, axis=1, num_outputs=3)
        newest = g("Concat", query, query, key, ahead[0], value, ahead[1], axis=1)
        given = g.many("Split", 3, g("Unsqueeze", newest, [1]), axis=2, num_outputs=3)
        given += ["", "", mask, *self.windows[2 * number : 2 * number + 2]]
        heard, *grown = g.many("MultiHeadAttention", 3, *given, domain=MICROSOFT, num_heads=2 * heads, scale=1.0)
        self.grown += grown
        return g("Squeeze", heard, [1])

    def layer(self, number: int, x: str, ahead: Sequence[str], mask: str) -> str:
        """Return the rows after a layer, (batch, units)."""
        g = self.g
        attn, ffn = self.w / "pnca" / number / "pnca_attn", self.w / "pnca" / number / "pos_ffn"
        heard = self.attend(number, layer_norm(g, x, attn / "layer_norm"), ahead, mask, attn)
        both = np.concatenate([attn["fc_x.weight"], attn["fc_h.weight"]], axis=1).T
        x = g("Add", x, g("Gemm", heard, both, attn["fc_x.bias"] + attn["fc_h.bias"]))
        wide = g("Relu", linear(g, layer_norm(g, x, ffn / "layer_norm"), ffn / "w_1"))
        return g("Add", x, linear(g, wide, ffn / "w_2"))

    def through(self, x: str, aheads: str, masks: str, last: str) -> Graph:
        """Finish the body, which starts from the first layer's rows, and return it; `last` is the last step's number.

        The windows are one row longer with each step, so the masks are as wide as the last step's, newest last.
        """
        g, count = self.g, len(self.windows)
        ahead = g.many("Split", count, self.now(aheads), axis=1, num_outputs=count)
        mask = g.slice(self.now(masks), g("Sub", last, self.number), END, 3)
        for number in range(self.sizes.decoder_layers):
            x = self.layer(number, x, ahead[2 * number : 2 * number + 2], mask)
        normed = layer_norm(g, x, self.w / "ln")
        g.output("next_sums", g("Gemm", normed, *looped(self.w, self.sizes.mels)), None)
        for number, window in enumerate(self.grown):
            g.output(f"grown{number}", window, None)
        g.output("normed", normed, None)
        return g


def step_graph(network: Sambert) -> Graph:
    """Return the graph of some steps of the decoder for a batch of sentences.

    `windows` holds keys and values of each layer in turn: of the `band` steps before (heads of the past) and of the
    band's memory but its last row (heads of the memory), newest last. Sentences of narrower bands have room at the
    front that `mask`, added to the scores of past and memory, makes silent. `ahead` brings each step the memory row
    that its band ends with. A run of no steps gives only `projected`, the memory's keys and values, of which first
    windows are made.
    """
    g, sizes, w = Graph("steps"), network.sizes, weights_of(network) / "mel_decoder.mel_dec"
    units, heads, count = sizes.decoder_units, sizes.decoder_heads, 2 * sizes.decoder_layers
    frame = g.input("frame", ["batch", sizes.mels])
    memory, ahead = (
        g.input(name, [steps, "batch", sizes.memory]) for name, steps in (("memory", "steps"), ("ahead", "rows"))
    )
    mask = g.input("mask", ["steps", "batch", 2, "band+steps"])
    shape: list[int | str] = [count, "batch", 2 * heads, "band", units // heads]
    windows = g.many("Split", count, g.input("windows", shape), axis=0, num_outputs=count)
    maps = [w / "pnca" / layer / "pnca_attn.w_h_kv" for layer in range(sizes.decoder_layers)]
    projected = linear_over(g, ahead, *(np.concatenate([part[kind] for part in maps]) for kind in ("weight", "bias")))
    g.output("projected", projected, ["rows", "batch", count * units])
    masks = g("Unsqueeze", g("Gather", mask, np.arange(2).repeat(heads), axis=2), [3])
    weight, inner, bias = folded(w, sizes)
    step, steps = Step(g, w, sizes), g("Shape", memory, end=1)
    first = step.entered(linear_over(g, memory, weight.T, bias), inner)
    body = step.through(first, projected, masks, g("Sub", steps, 1))
    carried = [linear(g, frame, w / "prenet.fcs.0"), *(g("Squeeze", window, [0]) for window in windows)]
    _, *grown, normed = g.many("Loop", count + 2, g("Squeeze", steps, [0]), None, *carried, body=body.proto())
    out = w / "dec_out_proj"
    g.output("frames", linear_over(g, normed, out["weight"], out["bias"]), ["steps", "batch", len(out["bias"])])
    kept = g.slice(g("Concat", *(g("Unsqueeze", window, [0]) for window in grown), axis=0), steps, END, 3)
    g.output("next_windows", kept, shape)
    return g
