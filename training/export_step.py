"""Exports the decoder as a loop over a few steps, for many sentences at once, with what each remembers."""

from __future__ import annotations

import numpy as np

from training.graphs import BOOL, INT, MICROSOFT, Graph
from training.layers import Array, Weights, layer_norm, linear, weights_of
from training.networks.encoder import EPSILON
from training.networks.sambert import Sambert
from training.networks.sizes import Sizes


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


def added_norm(g: Graph, x: str, y: str, bias: Array, norm: Weights) -> tuple[str, str]:
    """Return the sum of both and the bias, and that sum normalised."""
    given = (x, y, norm["weight"], norm["bias"], bias)
    normed, _, _, summed = g.many("SkipLayerNormalization", 4, *given, domain=MICROSOFT, epsilon=EPSILON)
    return summed, normed


def queries(w: Weights, heads: int) -> tuple[Array, Array]:
    """Return weight and bias of query, key and value, the query scaled as attention wants it."""
    units = w["weight"].shape[1]
    scale = np.ones(3 * units, np.float32)
    scale[:units] = (units // heads) ** -0.5
    return w["weight"].T * scale, w["bias"] * scale


def attend(g: Graph, query: str, keys: str, values: str, mask: str, heads: int) -> str:
    """Return (batch, 2 * units): what the query (batch, units) hears in the past, then in the memory."""
    query = g("Reshape", g("Concat", query, query, axis=1), [0, 2 * heads, 1, -1])
    scores = g("Add", g("FusedMatMul", query, keys, domain=MICROSOFT, transB=1), mask)
    return g("Reshape", g("MatMul", g("Softmax", scores, axis=-1), values), [0, -1])


class Step:
    """One step of the decoder as the body of a loop, which carries the prenet's first sums and the windows."""

    def __init__(self, outer: Graph, w: Weights, sizes: Sizes) -> None:
        self.g, self.w, self.sizes = Graph("step", parent=outer), w, sizes
        self.number, goes_on = self.g.input("number", [], INT), self.g.input("goes_on", [], BOOL)
        self.sums = self.g.input("sums", None)
        self.g.output("still", goes_on, None, BOOL)
        self.windows = [self.g.input(f"window{n}", None) for n in range(2 * sizes.decoder_layers)]

    def now(self, values: str) -> str:
        """Return what this step has of something that every step has."""
        return self.g("Gather", values, self.number)

    def entered(self, memory: str, weight: Array) -> str:
        """Return the first layer's rows, (batch, units), given the memory's part in them for every step."""
        g, prenet = self.g, self.w / "prenet.fcs"
        second = g("Relu", linear(g, g("Relu", self.sums), prenet / 3))
        return g("Gemm", second, weight, self.now(memory))

    def slid(self, number: int, own: str, ahead: str) -> str:
        """Return a window, (batch, 2 * heads, band + 1, width), with its newest rows, (batch, units) each.

        Without the oldest, it is what the next step needs.
        """
        g = self.g
        newest = g("Reshape", g("Concat", own, ahead, axis=1), [0, 2 * self.sizes.decoder_heads, 1, -1])
        window = g("Concat", self.windows[number], newest, axis=2)
        g.output(f"kept{number}", g.slice(window, [1], [2**62], 2), None)
        return window

    def layer(self, number: int, x: str, normed: str, aheads: list[str], mask: str) -> tuple[str, str]:
        """Return rows after a layer, (batch, units), and normalised as the next layer wants them."""
        g, last, heads = self.g, number + 1 == self.sizes.decoder_layers, self.sizes.decoder_heads
        attn, ffn = self.w / "pnca" / number / "pnca_attn", self.w / "pnca" / number / "pos_ffn"
        qkv = g("Gemm", normed, *queries(attn / "w_x_qkv", heads))
        query, *own = g.many("Split", 3, qkv, axis=1, num_outputs=3)
        keys, values = (self.slid(2 * number + n, own[n], aheads[2 * number + n]) for n in (0, 1))
        both = np.concatenate([attn["fc_x.weight"], attn["fc_h.weight"]], axis=1).T
        heard = g("MatMul", attend(g, query, keys, values, mask, heads), both)
        x, normed = added_norm(g, x, heard, attn["fc_x.bias"] + attn["fc_h.bias"], ffn / "layer_norm")
        narrow = g("MatMul", g("Relu", linear(g, normed, ffn / "w_1")), ffn["w_2.weight"][:, :, 0].T)
        following = self.w / "ln" if last else self.w / "pnca" / (number + 1) / "pnca_attn.layer_norm"
        return added_norm(g, x, narrow, ffn["w_2.bias"], following)

    def through(self, x: str, aheads: str, masks: str) -> Graph:
        """Finish the body, which starts from the first layer's rows, and return it."""
        g = self.g
        count = len(self.windows)
        ahead = g.many("Split", count, self.now(aheads), axis=1, num_outputs=count)
        mask, normed = self.now(masks), layer_norm(g, x, self.w / "pnca.0.pnca_attn.layer_norm")
        for number in range(self.sizes.decoder_layers):
            x, normed = self.layer(number, x, normed, ahead, mask)
        g.output("normed", normed, None)
        g.output("next_sums", g("Gemm", normed, *looped(self.w, self.sizes.mels)), None)
        g.outputs.insert(1, g.outputs.pop())  # in the order of what the loop carries
        return g


def step_graph(network: Sambert) -> Graph:
    """Return the graph of some steps of the decoder for a batch of sentences.

    `windows` holds, for each layer, keys then values of the `band` steps before (heads of the past) and of the band's
    memory but its last row (heads of the memory), newest last; sentences of narrower bands have room at the front
    that `mask`, added to the scores, makes silent. `ahead` brings each step the memory row that its band ends with. A
    run of no steps gives only `projected`, keys and values of each layer, of which first windows are made.
    """
    g, sizes, w = Graph("steps"), network.sizes, weights_of(network) / "mel_decoder.mel_dec"
    units, heads, count = sizes.decoder_units, sizes.decoder_heads, 2 * sizes.decoder_layers
    frame = g.input("frame", ["batch", sizes.mels])
    memory, ahead = (
        g.input(name, [steps, "batch", sizes.memory]) for name, steps in (("memory", "steps"), ("ahead", "rows"))
    )
    mask = g.input("mask", ["steps", "batch", 2, "band+1"])
    shape: list[int | str] = [count, "batch", 2 * heads, "band", units // heads]
    windows = g.many("Split", count, g.input("windows", shape), axis=0, num_outputs=count)
    weight, inner, bias = folded(w, sizes)
    maps = [w / "pnca" / layer / "pnca_attn.w_h_kv" for layer in range(sizes.decoder_layers)]
    aheads = linear_over(g, ahead, *(np.concatenate([part[kind] for part in maps]) for kind in ("weight", "bias")))
    g.output("projected", aheads, ["rows", "batch", count * units])
    masks = g("Unsqueeze", g("Gather", mask, np.arange(2).repeat(heads), axis=2), [3])
    step = Step(g, w, sizes)
    body = step.through(step.entered(linear_over(g, memory, weight.T, bias), inner), aheads, masks)
    carried = [linear(g, frame, w / "prenet.fcs.0"), *(g("Squeeze", window, [0]) for window in windows)]
    steps = g("Squeeze", g("Shape", memory, end=1), [0])
    _, *kept, normed = g.many("Loop", count + 2, steps, None, *carried, body=body.proto())
    out = w / "dec_out_proj"
    g.output("frames", linear_over(g, normed, out["weight"], out["bias"]), ["steps", "batch", len(out["bias"])])
    g.output("next_windows", g("Concat", *(g("Unsqueeze", part, [0]) for part in kept), axis=0), shape)
    return g
