"""Exports what happens once in a sentence: encoder, pitch, energy and the loop over durations."""

from __future__ import annotations

import numpy as np

from training.graphs import INT, MICROSOFT, Graph
from training.layers import Array, Weights, channels, depthwise, gates, layer_norm, linear, lstm, rows, weights_of
from training.networks.sambert import Sambert
from training.networks.sizes import TABLES, FsmnSizes, Sizes


def attention(g: Graph, x: str, w: Weights, heads: int) -> str:
    """Return (n, units) for (n, inputs)."""
    units = w["fc.weight"].shape[0]
    width = units // heads
    qkv = g("Reshape", linear(g, layer_norm(g, x, w / "layer_norm"), w / "w_qkv"), [-1, 3 * heads, width])
    q, k, v = g.many("Split", 3, g("Transpose", qkv, perm=[1, 0, 2]), axis=0, num_outputs=3)  # (heads, n, width)
    scores = g("FusedMatMul", q, k, domain=MICROSOFT, transB=1, alpha=width**-0.5)
    found = g("Transpose", g("MatMul", g("Softmax", scores, axis=-1), v), perm=[1, 0, 2])
    y = linear(g, g("Reshape", found, [-1, units]), w / "fc")
    return g("Add", x, y) if w["w_qkv.weight"].shape[1] == units else y


def feed_forward(g: Graph, x: str, w: Weights) -> str:
    """Return (n, units) for (n, units)."""
    normed = channels(g, layer_norm(g, x, w / "layer_norm"))
    pad = (w["w_1.weight"].shape[2] - 1) // 2
    wide = g("Relu", g("Conv", normed, w["w_1.weight"], w["w_1.bias"], pads=[pad, pad]))
    return g("Add", x, linear(g, rows(g, wide), w / "w_2"))


def text_encoder(g: Graph, ids: str, w: Weights, sizes: Sizes) -> str:
    """Return (n, text) for ids (n, 4)."""
    starts = np.cumsum([0, *sizes.symbols[:-1]])
    table = np.concatenate([w[f"{table}.weight"] for table in TABLES]) * np.float32(sizes.encoder_units**0.5)
    x = g("ReduceSum", g("Gather", table, g("Add", ids, starts)), [1], keepdims=0)
    x = g("Add", x, positions(g, g("Squeeze", g("Shape", ids, end=1), [0]), sizes.embedding // 2))
    for layer in range(sizes.encoder_layers):
        block = w / "ling_enc.fft" / layer
        x = feed_forward(g, attention(g, x, block / "slf_attn", sizes.encoder_heads), block / "pos_ffn")
    return linear(g, layer_norm(g, x, w / "ling_enc.ln"), w / "ling_proj")


def positions(g: Graph, count: str, half: int) -> str:
    """Return (count, 2 * half): sines, then cosines, of positions 1, 2, ..."""
    waves = np.float32(10000) ** (np.arange(half, dtype=np.float32) / np.float32(half - 1))
    places = g("Cast", g("Range", 1, g("Add", count, 1), 1), to=1)
    angles = g("Div", g("Unsqueeze", places, [1]), waves)
    return g("Concat", g("Sin", angles), g("Cos", angles), axis=1)


def fsmn(g: Graph, x: str, w: Weights, sizes: FsmnSizes) -> str:
    """Return (n, units) for (n, inputs)."""
    for layer in range(sizes.layers):
        narrow, memory = w / "ffn_lst" / layer, w[f"memory_block_lst.{layer}.conv_dw.weight"]
        y = linear(g, g("Relu", linear(g, x, narrow / "w_1")), narrow / "w_2")
        y = g("Add", depthwise(g, y, memory, sizes.behind, sizes.ahead), y)
        x = g("Add", x, y) if layer or sizes.inputs == sizes.units else y
    return x


def predictor(g: Graph, x: str, w: Weights, sizes: Sizes) -> str:
    """Return (n,) for (n, row)."""
    heard = lstm(g, fsmn(g, x, w / "fsmn", sizes.predictor), w / "blstm")[0]
    return g("Squeeze", linear(g, heard, w / "fc"), [1])


def cell(g: Graph, sums: str, state: str, units: int) -> tuple[str, str]:
    """Return an LSTM's hidden and cell state, (1, units) each; `sums` (1, 4 * units) in ONNX's order of gates."""
    opened, fresh = g.many("Split", 2, sums, [3 * units, units], axis=1)
    i, o, f = g.many("Split", 3, g("Sigmoid", opened), axis=1, num_outputs=3)
    state = g("Add", g("Mul", f, state), g("Mul", i, g("Tanh", fresh)))
    return g("Mul", o, g("Tanh", state)), state


def durations(g: Graph, x: str, w: Weights, sizes: Sizes) -> str:
    """Return log(frames + 1), (n,), for (n, row): a loop, since each duration hears the one before."""
    units, heard = sizes.duration_lstm, sizes.duration_prenet[1]
    outer, first, second = gates(w["lstm.weight_ih_l0"]), w / "prenet.fcs.0", w / "prenet.fcs.3"
    biases = [gates(w[f"lstm.bias_ih_l{n}"]) + gates(w[f"lstm.bias_hh_l{n}"]) for n in (0, 1)]
    sums = g("Gemm", x, outer[:, heard:].T, biases[0])
    body = Graph("duration", parent=g)
    last = body.input("last", [1, 1])
    states = [body.input(f"state{n}", [1, units]) for n in range(4)]
    row = body("Unsqueeze", body.input("row", [4 * units]), [0])
    p = body("Relu", linear(body, body("Relu", linear(body, last, first)), second))
    both = stacked(outer[:, :heard], gates(w["lstm.weight_hh_l0"]))
    h0, c0 = cell(body, body("Gemm", body("Concat", p, states[0], axis=1), both, row), states[1], units)
    both = stacked(gates(w["lstm.weight_ih_l1"]), gates(w["lstm.weight_hh_l1"]))
    h1, c1 = cell(body, body("Gemm", body("Concat", h0, states[2], axis=1), both, biases[1]), states[3], units)
    said = body("Relu", linear(body, h1, w / "fc"))
    for number, value in enumerate((said, h0, c0, h1, c1, said)):
        body.output(f"next{number}", value, [1, 1 if value == said else units])
    zero, zeros = np.zeros((1, 1), np.float32), np.zeros((1, units), np.float32)
    logs = g.many("Scan", 6, zero, *[zeros] * 4, sums, body=body.proto(), num_scan_inputs=1)[-1]
    return g("Reshape", logs, [-1])


def stacked(*weights: Array) -> Array:
    """Return weights that act on inputs laid side by side, (inputs, outputs)."""
    return np.concatenate(weights, axis=1).T


def shaped(g: Graph, predicted: str, scale: str, shift: str) -> str:
    """Return (n,) predictions, stretched about their mean and shifted."""
    mean = g("ReduceMean", predicted, keepdims=1)
    return g("Add", g("Add", mean, g("Mul", scale, g("Sub", predicted, mean))), shift)


def condition(g: Graph, text: str, pitch: str, energy: str, w: Weights) -> str:
    """Return the text, (n, text), that also says how it is to sound."""
    both = g("Unsqueeze", g("Concat", *(g("Unsqueeze", x, [0]) for x in (pitch, energy)), axis=0), [0])
    weight = np.concatenate([w["pitch_emb.weight"], w["energy_emb.weight"]], axis=1)
    pad = (weight.shape[2] - 1) // 2
    bias = w["pitch_emb.bias"] + w["energy_emb.bias"]
    return g("Add", text, rows(g, g("Conv", both, weight, bias, pads=[pad, pad])))


def speaker_rows(g: Graph, network: Sambert, w: Weights, ids: str) -> str:
    """Return (n, speaker); where a vector describes the speaker, that one whatever the ids say."""
    if network.speaker is None:
        return g("Gather", w["spk_tokenizer.weight"], ids)
    return g("Gather", network.speaker.numpy(), g("Mul", ids, 0))


def emotion_rows(g: Graph, table: Array, wanted: str, base: str, weights: str) -> str:
    """Return (n, emotion): embeddings on the way from the base to the one wanted, by weight."""
    start = g("Gather", table, base)
    way = g("Mul", g("Unsqueeze", weights, [1]), g("Sub", g("Gather", table, wanted), start))
    return g("Add", start, way)


def encode_graph(network: Sambert) -> Graph:
    """Return the graph of everything before the regulator."""
    g, sizes, w = Graph("encode"), network.sizes, weights_of(network)
    ids = g.input("ids", ["n", 4], INT)
    speaker, wanted, base = (g.input(name, ["n"], INT) for name in ("speaker_ids", "emotion_ids", "base_ids"))
    weights, scale, pitch_shift, energy_shift = (
        g.input(name, ["n"]) for name in ("emotion_weights", "pitch_scale", "pitch_shift", "energy_shift")
    )
    text = text_encoder(g, ids, w / "text_encoder", sizes)
    emotion = emotion_rows(g, w["emo_tokenizer.weight"], wanted, base, weights)
    voice = g("Concat", speaker_rows(g, network, w, speaker), emotion, axis=1)
    heard, w = g("Concat", text, voice, axis=1), w / "variance_adaptor"
    pitch = shaped(g, predictor(g, heard, w / "pitch_predictor", sizes), scale, pitch_shift)
    energy = g("Add", predictor(g, heard, w / "energy_predictor", sizes), energy_shift)
    text = condition(g, text, pitch, energy, w)
    logs = durations(g, g("Concat", text, voice, axis=1), w / "duration_predictor", sizes)
    g.output("text", text, ["n", sizes.text])
    g.output("voice", voice, ["n", sizes.speaker + sizes.emotion])
    for name, value in (("log_durations", logs), ("pitch", pitch), ("energy", energy)):
        g.output(name, value, ["n"])
    return g
