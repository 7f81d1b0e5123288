"""Exports the decoder as a loop over a few steps, for many sentences at once, with what each remembers."""

from __future__ import annotations

import numpy as np
from torch import nn

from training.export_encode import Array, array, linear
from training.graphs import BOOL, FLOAT, INT, MICROSOFT, Graph
from training.networks.decoder import Layer, Steps
from training.networks.encoder import EPSILON
from training.networks.sambert import Sambert


def folded(decoder: Steps, memory: int) -> tuple[Array, Array, Array]:
    """Return what acts on memory, what acts on the prenet's second layer, and the bias, before the first layer.

    The prenet's last layer has no rectifier, so it and the projection after it are one matrix.
    """
    into, last, scale = decoder.dec_in_proj, decoder.prenet.fcs[-1], np.float32(decoder.scale)
    weight = array(into.weight) * scale
    heard = weight[:, memory:] @ array(last.weight)
    bias = array(into.bias) * scale + weight[:, memory:] @ array(last.bias)
    return weight[:, :memory].T, heard.T, bias


def looped(decoder: Steps) -> tuple[Array, Array]:
    """Return weight and bias from the last layer's rows to the prenet's first, by way of the last frame."""
    out, first = decoder.dec_out_proj, decoder.prenet.fcs[0]
    weight, bias = array(out.weight)[-decoder.mels :], array(out.bias)[-decoder.mels :]
    back = array(first.weight)
    return (back @ weight).T, back @ bias + array(first.bias)


def added_norm(g: Graph, x: str, y: str, bias: Array, norm: tuple[Array, Array]) -> tuple[str, str]:
    """Return the sum of both and the bias, and that sum normalised."""
    normed, _, _, summed = g.many("SkipLayerNormalization", 4, x, y, *norm, bias, domain=MICROSOFT, epsilon=EPSILON)
    return summed, normed


def attend(g: Graph, query: str, keys: str, values: str, mask: str, heads: int) -> str:
    """Return (batch, 2 * units): what the query (batch, units) hears in the past, then in the memory."""
    units_twice = g("Concat", query, query, axis=1)
    query = g("Reshape", units_twice, [0, 2 * heads, 1, -1])
    scores = g("Add", g("FusedMatMul", query, keys, domain=MICROSOFT, transB=1), mask)
    return g("Reshape", g("MatMul", g("Softmax", scores, axis=-1), values), [0, -1])


def slid(g: Graph, window: str, own: str, ahead: str, heads: int) -> tuple[str, str]:
    """Return a window with its newest rows, and what the next step needs of it.

    `window` is (batch, 2 * heads, band, width): the past, then the memory; `own` and `ahead` are (batch, units).
    """
    newest = g("Reshape", g("Concat", own, ahead, axis=1), [0, 2 * heads, 1, -1])
    window = g("Concat", window, newest, axis=2)
    return window, g.slice(window, [1], [2**62], 2)


def queries(layer: Layer) -> tuple[Array, Array]:
    """Return weight and bias of query, key and value, the query scaled as attention wants it."""
    linear = layer.pnca_attn.w_x_qkv
    units = linear.in_features
    scale = np.ones(3 * units, np.float32)
    scale[:units] = (units // layer.pnca_attn.heads) ** -0.5
    return array(linear.weight).T * scale, array(linear.bias) * scale


def norm(layer: nn.LayerNorm) -> tuple[Array, Array]:
    """Return scale and shift of a normalisation."""
    return array(layer.weight), array(layer.bias)


def layers(g: Graph, x: str, aheads: list[str], windows: list[str], mask: str, decoder: Steps) -> tuple[str, list[str]]:
    """Return the last layer's rows, normalised, (batch, units), and the windows of the next step.

    `aheads` and `windows` are keys and values of each layer in turn.
    """
    kept: list[str] = []
    following = [norm(layer.pnca_attn.layer_norm) for layer in decoder.pnca[1:]] + [norm(decoder.ln)]
    normed = g("LayerNormalization", x, *norm(decoder.pnca[0].pnca_attn.layer_norm), epsilon=EPSILON)
    for number, (layer, after) in enumerate(zip(decoder.pnca, following, strict=True)):
        attn, ffn = layer.pnca_attn, layer.pos_ffn
        query, *own = g.many("Split", 3, g("Gemm", normed, *queries(layer)), axis=1, num_outputs=3)
        pairs = [slid(g, windows[2 * number + n], own[n], aheads[2 * number + n], attn.heads) for n in (0, 1)]
        kept += [rest for _, rest in pairs]
        heard = attend(g, query, pairs[0][0], pairs[1][0], mask, attn.heads)
        both = np.concatenate([array(attn.fc_x.weight), array(attn.fc_h.weight)], axis=1).T
        bias = array(attn.fc_x.bias) + array(attn.fc_h.bias)
        x, normed = added_norm(g, x, g("MatMul", heard, both), bias, norm(ffn.layer_norm))
        wide = g("Relu", linear(g, normed, ffn.w_1))
        narrow = g("MatMul", wide, array(ffn.w_2.weight)[:, :, 0].T)
        x, normed = added_norm(g, x, narrow, array(ffn.w_2.bias), after)
    return normed, kept


def body(g: Graph, entering: str, aheads: str, masks: str, decoder: Steps, into: tuple[Array, Array, Array]) -> Graph:
    """Return one step as the body of a loop; it carries the prenet's first sums and the windows."""
    step = Graph("step", parent=g)
    number = step.input("number", [], INT)
    goes_on = step.input("goes_on", [], BOOL)
    sums = step.input("sums", None)
    count = 2 * len(decoder.pnca)
    windows = [step.input(f"window{n}", None) for n in range(count)]
    second = linear(step, step("Relu", sums), decoder.prenet.fcs[1])
    x = step("Gemm", step("Relu", second), into[1], step("Gather", entering, number))
    ahead = step.many("Split", count, step("Gather", aheads, number), axis=1, num_outputs=count)
    normed, kept = layers(step, x, ahead, windows, step("Gather", masks, number), decoder)
    sums = step("Gemm", normed, *looped(decoder))
    for name, value in (("still", goes_on), ("sums_next", sums)):
        step.output(name, value, None, BOOL if name == "still" else FLOAT)
    for n, value in enumerate(kept):
        step.output(f"kept{n}", value, None)
    step.output("normed", normed, None)
    return step


def step_graph(network: Sambert) -> Graph:
    """Return the graph of some steps of the decoder for a batch of sentences.

    `windows` holds, for each layer, keys then values of the `band` steps before (heads of the past) and of the band's
    memory but its last row (heads of the memory), newest last; sentences of narrower bands have room at the front
    that `mask`, added to the scores, makes silent. `ahead` brings each step the memory row that its band ends with.
    """
    g, sizes, decoder = Graph("steps"), network.sizes, network.mel_decoder.mel_dec
    units, heads = sizes.decoder_units, sizes.decoder_heads
    frame = g.input("frame", ["batch", sizes.mels])
    memory, ahead = (
        g.input(name, [count, "batch", sizes.memory]) for name, count in (("memory", "steps"), ("ahead", "rows"))
    )
    mask = g.input("mask", ["steps", "batch", 2, "band+1"])
    shape: list[int | str] = [2 * sizes.decoder_layers, "batch", 2 * heads, "band", units // heads]
    windows = g.input("windows", shape)
    into = folded(decoder, sizes.memory)
    entering = g("Add", g("MatMul", memory, into[0]), into[2])
    maps = [layer.pnca_attn.w_h_kv for layer in decoder.pnca]
    weight, bias = (
        np.concatenate([array(part) for part in parts])
        for parts in zip(*((m.weight, m.bias) for m in maps), strict=True)
    )
    aheads = g("Add", g("MatMul", ahead, weight.T), bias)
    g.output("projected", aheads, ["rows", "batch", 2 * sizes.decoder_layers * units])
    each_head = g("Unsqueeze", g("Gather", mask, np.arange(2).repeat(heads), axis=2), [3])
    apart = g.many("Split", shape[0], windows, axis=0, num_outputs=shape[0])
    apart = [g("Squeeze", part, [0]) for part in apart]
    loop = body(g, entering, aheads, each_head, decoder, into)
    steps = g("Squeeze", g("Shape", memory, end=1), [0])
    first = linear(g, frame, decoder.prenet.fcs[0])
    results = g.many("Loop", len(apart) + 2, steps, None, first, *apart, body=loop.proto())
    frames = linear_over(g, results[-1], decoder.dec_out_proj)
    g.output("frames", frames, ["steps", "batch", sizes.outputs_per_step * sizes.mels])
    g.output("next_windows", g("Concat", *(g("Unsqueeze", part, [0]) for part in results[1:-1]), axis=0), shape)
    return g


def linear_over(g: Graph, x: str, layer: nn.Linear) -> str:
    """Return (..., outputs) for (..., inputs)."""
    return g("Add", g("MatMul", x, array(layer.weight).T), array(layer.bias))
