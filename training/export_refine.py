"""Exports the postnet so that it takes frames as they come and carries what it needs of those before."""

from __future__ import annotations

from training.export_encode import array, channels, linear, lstm, rows
from training.graphs import INT, Graph
from training.networks.fsmn import Fsmn
from training.networks.sambert import Sambert

END = [2**62]


class Delay:
    """Values of past frames that come in and go out beside each layer, named `<name>` and `next_<name>`."""

    def __init__(self, g: Graph) -> None:
        self.g = g

    def before(self, name: str, x: str, frames: int, width: int) -> str:
        """Return the last `frames` rows of the chunks before, then x, (frames + n, width)."""
        g = self.g
        joined = g("Concat", g.input(name, [frames, width]), x, axis=0)
        g.output(f"next_{name}", g.slice(joined, [-frames], END, 0), [frames, width])
        return joined


def valid(g: Graph, start: str, x: str, length: str) -> str:
    """Return (n, 1): 1 where a frame is within the sentence, `start` being the first one's number, else 0."""
    count = g("Squeeze", g("Shape", x, end=1), [0])
    places = g("Range", start, g("Add", start, count), 1)
    inside = g("And", g("GreaterOrEqual", places, 0), g("Less", places, length))
    return g("Unsqueeze", g("Cast", inside, to=1), [1])


def fsmn(g: Graph, x: str, start: str, length: str, network: Fsmn) -> tuple[str, str]:
    """Return (n, units) rows and the number of their first frame, which each layer's look-ahead moves back."""
    for number, (narrow, memory) in enumerate(zip(network.ffn_lst, network.memory_block_lst, strict=True)):
        behind, ahead = memory.reach
        weight = array(memory.conv_dw.weight)
        units = len(weight)
        y = linear(g, g("Relu", linear(g, x, narrow.w_1)), narrow.w_2)
        y = g("Mul", y, valid(g, start, x, length))  # beyond both ends of the sentence lies nothing
        y = Delay(g).before(f"inner{number}", y, behind + ahead, units)
        kept = rows(g, g("Conv", channels(g, y), weight, group=units))
        y = g("Add", kept, g.slice(y, [behind], [-ahead], 0))
        if narrow.w_1.in_channels == units:
            y = g("Add", y, g.slice(Delay(g).before(f"outer{number}", x, ahead, units), [0], [-ahead], 0))
        x, start = y, g("Sub", start, ahead)
    return x, start


def refine_graph(network: Sambert) -> Graph:
    """Return the graph of the postnet for some frames of one sentence.

    `start` is the number of the first frame, `length` the sentence's frames. Frames come out as many behind as the
    layers look ahead; the first run must bring more than that, and the sentence ends with as many that do not count.
    """
    g, sizes, postnet = Graph("refine"), network.sizes, network.mel_postnet
    frames = g.input("frames", ["n", sizes.mels])
    start, length = g.input("start", [], INT), g.input("length", [], INT)
    x, first = fsmn(g, frames, start, length, postnet.fsmn)
    skipped = g("Unsqueeze", g("Max", g("Neg", first), 0), [0])
    state = tuple(g.input(name, [1, 1, sizes.postnet_lstm]) for name in ("hidden", "cell"))
    y, *left = lstm(g, g.slice(x, skipped, END, 0), postnet.lstm, (state[0], state[1]))
    for name, value in zip(("hidden", "cell"), left, strict=True):
        g.output(f"next_{name}", value, [1, 1, sizes.postnet_lstm])
    late = sizes.postnet.layers * sizes.postnet.ahead
    decoded = g.slice(Delay(g).before("frame", frames, late, sizes.mels), [0], [-late], 0)
    g.output("mel", g("Add", g.slice(decoded, skipped, END, 0), linear(g, y, postnet.fc)), ["k", sizes.mels])
    return g
