"""Exports the postnet so that it takes frames as they come and carries what it needs of those before."""

from __future__ import annotations

from training.graphs import INT, Graph
from training.layers import Weights, depthwise, linear, lstm, weights_of
from training.networks.sambert import Sambert
from training.networks.sizes import FsmnSizes

END = [2**62]


def before(g: Graph, name: str, x: str, frames: int, width: int) -> str:
    """Return the last `frames` rows of the chunks before, then x: (frames + n, width).

    They come in as `<name>` and go out, for the next chunk, as `next_<name>`.
    """
    joined = g("Concat", g.input(name, [frames, width]), x, axis=0)
    g.output(f"next_{name}", g.slice(joined, [-frames], END, 0), [frames, width])
    return joined


def valid(g: Graph, start: str, x: str, length: str) -> str:
    """Return (n, 1): 1 where a frame is within the sentence, `start` being the first one's number, else 0."""
    count = g("Squeeze", g("Shape", x, end=1), [0])
    places = g("Range", start, g("Add", start, count), 1)
    inside = g("And", g("GreaterOrEqual", places, 0), g("Less", places, length))
    return g("Unsqueeze", g("Cast", inside, to=1), [1])


def fsmn(g: Graph, x: str, start: str, length: str, w: Weights, sizes: FsmnSizes) -> tuple[str, str]:
    """Return (n, units) rows and the number of their first frame, which each layer's look-ahead moves back."""
    behind, ahead, units = sizes.behind, sizes.ahead, sizes.units
    for layer in range(sizes.layers):
        narrow, memory = w / "ffn_lst" / layer, w[f"memory_block_lst.{layer}.conv_dw.weight"]
        y = linear(g, g("Relu", linear(g, x, narrow / "w_1")), narrow / "w_2")
        y = g("Mul", y, valid(g, start, x, length))  # beyond both ends of the sentence lies nothing
        y = before(g, f"inner{layer}", y, behind + ahead, units)
        y = g("Add", depthwise(g, y, memory), g.slice(y, [behind], [-ahead], 0))
        if layer or sizes.inputs == units:
            y = g("Add", y, g.slice(before(g, f"outer{layer}", x, ahead, units), [0], [-ahead], 0))
        x, start = y, g("Sub", start, ahead)
    return x, start


def refine_graph(network: Sambert) -> Graph:
    """Return the graph of the postnet for some frames of one sentence.

    `start` is the number of the first frame, `length` the sentence's frames. Frames come out as many behind as the
    layers look ahead; the first run must bring more than that, and the sentence ends with as many that do not count.
    """
    g, sizes, w = Graph("refine"), network.sizes, weights_of(network) / "mel_postnet"
    frames = g.input("frames", ["n", sizes.mels])
    start, length = g.input("start", [], INT), g.input("length", [], INT)
    x, first = fsmn(g, frames, start, length, w / "fsmn", sizes.postnet)
    skipped = g("Unsqueeze", g("Max", g("Neg", first), 0), [0])
    hidden, cell = (g.input(name, [1, 1, sizes.postnet_lstm]) for name in ("hidden", "cell"))
    y, *left = lstm(g, g.slice(x, skipped, END, 0), w / "lstm", (hidden, cell))
    for name, value in zip(("hidden", "cell"), left, strict=True):
        g.output(f"next_{name}", value, [1, 1, sizes.postnet_lstm])
    late = sizes.postnet.layers * sizes.postnet.ahead
    decoded = g.slice(before(g, "frame", frames, late, sizes.mels), [0], [-late], 0)
    g.output("mel", g("Add", g.slice(decoded, skipped, END, 0), linear(g, y, w / "fc")), ["k", sizes.mels])
    return g
