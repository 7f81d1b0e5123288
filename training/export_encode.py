"""Exports what happens once in a sentence: encoder, pitch, energy and the loop over durations."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from training.graphs import INT, MICROSOFT, Graph
from training.networks.encoder import EPSILON, Blocks, FeedForward, SelfAttention, TextEncoder
from training.networks.fsmn import Fsmn
from training.networks.predictors import DurationPredictor, VarianceAdaptor, VariancePredictor
from training.networks.sambert import Sambert
from training.networks.sizes import TABLES

Array = NDArray[np.float32]


def array(tensor: Tensor | None) -> Array:
    """Return a tensor's values."""
    assert tensor is not None
    values: Array = tensor.detach().numpy()
    return values


def linear(g: Graph, x: str, layer: nn.Linear | nn.Conv1d) -> str:
    """Return (n, outputs) for (n, inputs)."""
    weight = array(layer.weight).reshape(len(layer.weight), -1).T
    return g("Gemm", x, weight, None if layer.bias is None else array(layer.bias))


def layer_norm(g: Graph, x: str, norm: nn.LayerNorm) -> str:
    """Return rows with mean 0 and variance 1, scaled and shifted."""
    return g("LayerNormalization", x, array(norm.weight), array(norm.bias), epsilon=EPSILON)


def channels(g: Graph, x: str) -> str:
    """Return (1, channels, n) for (n, channels)."""
    return g("Unsqueeze", g("Transpose", x, perm=[1, 0]), [0])


def rows(g: Graph, x: str) -> str:
    """Return (n, channels) for (1, channels, n)."""
    return g("Transpose", g("Squeeze", x, [0]), perm=[1, 0])


def gates(weight: Tensor) -> Array:
    """Return an LSTM's weights in ONNX's order of gates: input, output, forget, cell."""
    i, f, c, o = np.split(array(weight), 4)
    return np.concatenate([i, o, f, c])


def lstm(g: Graph, x: str, layer: nn.LSTM, state: tuple[str, str] | None = None) -> list[str]:
    """Return the outputs (n, directions * units), the last hidden and the last cell state, for (n, inputs)."""
    ways = ("", "_reverse") if layer.bidirectional else ("",)
    stacked = {
        kind: np.stack([gates(getattr(layer, f"{kind}_l0{way}")) for way in ways])
        for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    }
    y, hidden, cell = g.many(
        "LSTM",
        3,
        g("Unsqueeze", x, [1]),
        stacked["weight_ih"],
        stacked["weight_hh"],
        np.concatenate([stacked["bias_ih"], stacked["bias_hh"]], axis=1),
        None,
        *(state or (None, None)),
        hidden_size=layer.hidden_size,
        direction="bidirectional" if layer.bidirectional else "forward",
    )
    return [g("Reshape", y, [-1, len(ways) * layer.hidden_size]), hidden, cell]


def attention(g: Graph, x: str, layer: SelfAttention) -> str:
    """Return (n, units) for (n, inputs)."""
    units = layer.fc.in_features
    width = units // layer.heads
    qkv = g("Reshape", linear(g, layer_norm(g, x, layer.layer_norm), layer.w_qkv), [-1, 3 * layer.heads, width])
    q, k, v = g.many("Split", 3, g("Transpose", qkv, perm=[1, 0, 2]), axis=0, num_outputs=3)  # (heads, n, width)
    scores = g("FusedMatMul", q, k, domain=MICROSOFT, transB=1, alpha=width**-0.5)
    found = g("Transpose", g("MatMul", g("Softmax", scores, axis=-1), v), perm=[1, 0, 2])
    y = linear(g, g("Reshape", found, [-1, units]), layer.fc)
    return g("Add", x, y) if layer.w_qkv.in_features == units else y


def feed_forward(g: Graph, x: str, layer: FeedForward) -> str:
    """Return (n, units) for (n, units)."""
    first = layer.w_1
    wide = g(
        "Conv",
        channels(g, layer_norm(g, x, layer.layer_norm)),
        array(first.weight),
        array(first.bias),
        pads=list(first.padding) * 2,
    )
    return g("Add", x, linear(g, rows(g, g("Relu", wide)), layer.w_2))


def blocks(g: Graph, x: str, stack: Blocks) -> str:
    """Return (n, units) for (n, embedding)."""
    for block in stack.fft:
        x = feed_forward(g, attention(g, x, block.slf_attn), block.pos_ffn)
    return layer_norm(g, x, stack.ln)


def text_encoder(g: Graph, ids: str, encoder: TextEncoder) -> str:
    """Return (n, text) for ids (n, 4)."""
    tables = [array(encoder.get_submodule(table).weight) for table in TABLES]
    starts = np.cumsum([0] + [len(table) for table in tables[:-1]])
    table = np.concatenate(tables) * np.float32(encoder.scale)
    x = g("ReduceSum", g("Gather", table, g("Add", ids, starts)), [1], keepdims=0)
    half = table.shape[1] // 2
    waves = (10000 ** (np.arange(half, dtype=np.float32) / np.float32(half - 1))).astype(np.float32)
    count = g("Squeeze", g("Shape", ids, end=1), [0])
    places = g("Cast", g("Range", np.int64(1), g("Add", count, np.int64(1)), np.int64(1)), to=1)
    angles = g("Div", g("Unsqueeze", places, [1]), waves)
    x = g("Add", x, g("Concat", g("Sin", angles), g("Cos", angles), axis=1))
    return linear(g, blocks(g, x, encoder.ling_enc), encoder.ling_proj)


def fsmn(g: Graph, x: str, network: Fsmn) -> str:
    """Return (n, units) for (n, inputs)."""
    for narrow, memory in zip(network.ffn_lst, network.memory_block_lst, strict=True):
        y = linear(g, g("Relu", linear(g, x, narrow.w_1)), narrow.w_2)
        weight = array(memory.conv_dw.weight)
        kept = g("Conv", channels(g, y), weight, pads=list(memory.reach), group=len(weight))
        y = g("Add", rows(g, kept), y)
        x = g("Add", x, y) if narrow.w_1.in_channels == len(weight) else y
    return x


def predictor(g: Graph, x: str, network: VariancePredictor) -> str:
    """Return (n,) for (n, row)."""
    return g("Squeeze", linear(g, lstm(g, fsmn(g, x, network.fsmn), network.blstm)[0], network.fc), [1])


def cell(g: Graph, sums: str, state: str, units: int) -> tuple[str, str]:
    """Return an LSTM's hidden and cell state, (1, units) each; `sums` (1, 4 * units) in ONNX's order of gates."""
    opened, fresh = g.many("Split", 2, sums, [3 * units, units], axis=1)
    i, o, f = g.many("Split", 3, g("Sigmoid", opened), axis=1, num_outputs=3)
    state = g("Add", g("Mul", f, state), g("Mul", i, g("Tanh", fresh)))
    return g("Mul", o, g("Tanh", state)), state


def durations(g: Graph, x: str, network: DurationPredictor) -> str:
    """Return log(frames + 1), (n,), for (n, row): a loop, since each duration hears the one before."""
    lstm, (first, second) = network.lstm, network.prenet.fcs
    units, heard = lstm.hidden_size, second.out_features
    outer = gates(lstm.weight_ih_l0)
    sums = g("Gemm", x, outer[:, heard:].T, gates(lstm.bias_ih_l0) + gates(lstm.bias_hh_l0))
    body = Graph("duration", parent=g)
    last = body.input("last", [1, 1])
    states = [body.input(f"state{n}", [1, units]) for n in range(4)]
    row = body("Unsqueeze", body.input("row", [4 * units]), [0])
    p = body("Relu", linear(body, body("Relu", linear(body, last, first)), second))
    row = body("Gemm", body("Concat", p, states[0], axis=1), _stack(outer[:, :heard], gates(lstm.weight_hh_l0)), row)
    h0, c0 = cell(body, row, states[1], units)
    bias = gates(lstm.bias_ih_l1) + gates(lstm.bias_hh_l1)
    both = _stack(gates(lstm.weight_ih_l1), gates(lstm.weight_hh_l1))
    h1, c1 = cell(body, body("Gemm", body("Concat", h0, states[2], axis=1), both, bias), states[3], units)
    said = body("Relu", linear(body, h1, network.fc))
    for number, value in enumerate((said, h0, c0, h1, c1, said)):
        body.output(f"next{number}", value, [1, 1 if value == said else units])
    zero, zeros = np.zeros((1, 1), np.float32), np.zeros((1, units), np.float32)
    logs = g.many("Scan", 6, zero, *[zeros] * 4, sums, body=body.proto(), num_scan_inputs=1)[-1]
    return g("Reshape", logs, [-1])


def _stack(*weights: Array) -> Array:
    """Return weights that act on inputs laid side by side, transposed for Gemm."""
    return np.ascontiguousarray(np.concatenate(weights, axis=1).T)


def shaped(g: Graph, predicted: str, scale: str | None, shift: str) -> str:
    """Return (n,) predictions, stretched about their mean and shifted."""
    if scale is not None:
        mean = g("ReduceMean", predicted, keepdims=1)
        predicted = g("Add", mean, g("Mul", scale, g("Sub", predicted, mean)))
    return g("Add", predicted, shift)


def condition(g: Graph, text: str, pitch: str, energy: str, adaptor: VarianceAdaptor) -> str:
    """Return the text, (n, text), that also says how it is to sound."""
    both = g("Unsqueeze", g("Concat", *(g("Unsqueeze", x, [0]) for x in (pitch, energy)), axis=0), [0])
    layers = (adaptor.pitch_emb, adaptor.energy_emb)
    weight = np.concatenate([array(layer.weight) for layer in layers], axis=1)
    bias = array(layers[0].bias) + array(layers[1].bias)
    return g("Add", text, rows(g, g("Conv", both, weight, bias, pads=list(layers[0].padding) * 2)))


def voice_rows(g: Graph, network: Sambert, speaker: str, wanted: str, base: str, weights: str) -> str:
    """Return (n, speaker + emotion): embeddings, the emotion's on the way from its base by its weight."""
    if network.speaker is None:
        spoken = g("Gather", array(network.spk_tokenizer.weight), speaker)
    else:  # one speaker, whatever the ids say
        spoken = g("Gather", array(network.speaker), g("Mul", speaker, np.int64(0)))
    table = array(network.emo_tokenizer.weight)
    start = g("Gather", table, base)
    way = g("Mul", g("Unsqueeze", weights, [1]), g("Sub", g("Gather", table, wanted), start))
    return g("Concat", spoken, g("Add", start, way), axis=1)


def encode_graph(network: Sambert) -> Graph:
    """Return the graph of everything before the regulator."""
    g, sizes = Graph("encode"), network.sizes
    ids = g.input("ids", ["n", 4], INT)
    speaker, wanted, base = (g.input(name, ["n"], INT) for name in ("speaker_ids", "emotion_ids", "base_ids"))
    weights, scale, pitch_shift, energy_shift = (
        g.input(name, ["n"]) for name in ("emotion_weights", "pitch_scale", "pitch_shift", "energy_shift")
    )
    text, voice = text_encoder(g, ids, network.text_encoder), voice_rows(g, network, speaker, wanted, base, weights)
    adaptor, heard = network.variance_adaptor, g("Concat", text, voice, axis=1)
    pitch = shaped(g, predictor(g, heard, adaptor.pitch_predictor), scale, pitch_shift)
    energy = shaped(g, predictor(g, heard, adaptor.energy_predictor), None, energy_shift)
    text = condition(g, text, pitch, energy, adaptor)
    logs = durations(g, g("Concat", text, voice, axis=1), adaptor.duration_predictor)
    g.output("text", text, ["n", sizes.text])
    g.output("voice", voice, ["n", sizes.speaker + sizes.emotion])
    for name, value in (("log_durations", logs), ("pitch", pitch), ("energy", energy)):
        g.output(name, value, ["n"])
    return g
