"""Writes the streaming form of a HiFi-GAN generator as `vocode.onnx`: some more frames in, some more samples out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from training.networks.hifigan import POST_SLOPE, SLOPE, Conv, Generator, ResBlock
from training.networks.lookahead import stage_delays
from training.networks.polyphase import polyphase
from training.stream_graph import ALL, StreamGraph


@dataclass(frozen=True, slots=True)
class Layer:
    """A convolution that keeps the length, as arrays, and how far it reads before and after a moment."""

    weight: NDArray[np.float32]
    bias: NDArray[np.float32]
    dilation: int
    before: int
    after: int

    @property
    def reach(self) -> int:
        """Return how many samples it reads besides the moment itself."""
        return self.before + self.after


def array(tensor: Tensor | None) -> NDArray[np.float32]:
    """Return a parameter as an array."""
    assert tensor is not None
    return np.asarray(tensor.detach().cpu().numpy(), np.float32)


def layer(conv: Conv) -> Layer:
    """Return a module's arrays and reach."""
    inner = conv.conv1d
    return Layer(array(inner.weight), array(inner.bias), inner.dilation[0], *conv.padding)


def upsampler(generator: Generator, stage: int) -> Layer:
    """Return the one convolution that does both upsamplings of a stage."""
    repeated = cast("Conv", cast("nn.Sequential", generator.repeat_upsamples[stage])[2])
    transposed = cast("nn.Sequential", generator.transpose_upsamples[stage])[1].deconv
    scale = generator.sizes.scales[stage]
    weight, after = polyphase(array(repeated.conv1d.weight), array(transposed.weight), scale, generator.sizes.causal)
    bias = np.tile(array(repeated.conv1d.bias) + array(transposed.bias), scale)
    return Layer(weight, bias, 1, weight.shape[2] - 1 - after, after)


def pairs_of(block: ResBlock) -> list[tuple[Layer, Layer]]:
    """Return the pairs of convolutions of a residual block."""
    return [(layer(cast("Conv", a)), layer(cast("Conv", b))) for a, b in zip(block.convs1, block.convs2, strict=True)]


def delay_of(pairs: Sequence[tuple[Layer, Layer]]) -> int:
    """Return how many samples a residual block looks ahead."""
    return sum(first.after + second.after for first, second in pairs)


class Export:
    """Writes one generator, layer by layer."""

    def __init__(self, generator: Generator) -> None:
        self.generator = generator
        self.graph = StreamGraph()
        self.delays = stage_delays(generator.sizes)

    def write(self, path: Path) -> None:
        """Write the file."""
        graph, generator = self.graph, self.generator
        sizes = generator.sizes
        value = self.layer(graph.input("mel", [1, 1, None, sizes.mels]), layer(generator.conv_pre))
        excitation = self.excitation() if sizes.nsf else ""
        for stage, scale in enumerate(sizes.scales):
            value = self.upsampled(value, upsampler(generator, stage), scale)
            if excitation:
                value = graph.op("Add", value, self.excited(excitation, stage))
            value = self.blocks(value, stage)
        value = graph.op("LeakyRelu", value, alpha=POST_SLOPE)
        wave = graph.op("Tanh", self.layer(value, layer(generator.conv_post)))
        graph.output(wave, "wave", [1, 1, None, 1])
        graph.finish(path)

    def layer(self, value: str, conv: Layer) -> str:
        """Return what a convolution gives."""
        whole = self.graph.joined(value, conv.weight.shape[1], conv.reach, conv.before, conv.after)
        return self.graph.convolved(whole, conv.weight, conv.bias, conv.dilation)

    def upsampled(self, value: str, conv: Layer, scale: int) -> str:
        """Return a stage's input `scale` times as dense; the phases are the convolution's channels."""
        graph = self.graph
        value = graph.op("Add", value, graph.op("Sin", value))
        value = self.layer(graph.op("LeakyRelu", value, alpha=SLOPE), conv)
        return graph.op("Reshape", value, graph.constant(np.array([1, 1, -1, conv.weight.shape[0] // scale])))

    def blocks(self, value: str, stage: int) -> str:
        """Return the mean of a stage's residual blocks.

        They look ahead by different lengths. All read the same input, those that look ahead less so much later.
        """
        graph, count = self.graph, len(self.generator.sizes.block_kernels)
        modules = list(self.generator.conv_blocks)[stage * count : (stage + 1) * count]
        blocks = [pairs_of(cast("ResBlock", module)) for module in modules]
        delay = max(map(delay_of, blocks))
        lags = [delay - delay_of(pairs) for pairs in blocks]
        firsts = [pairs[0][0] for pairs in blocks]
        keep = max(lag + first.reach for lag, first in zip(lags, firsts, strict=True))
        before, after = max(first.before for first in firsts), max(first.after for first in firsts)
        whole = graph.joined(value, firsts[0].weight.shape[1], keep, before, after)
        bent = graph.op("LeakyRelu", whole, alpha=SLOPE)
        ends = Ends(graph, keep, before, after)
        made = [self.block(whole, bent, ends, lag, pairs) for lag, pairs in zip(lags, blocks, strict=True)]
        return graph.op("Mean", *made)

    def block(self, whole: str, bent: str, ends: "Ends", lag: int, pairs: Sequence[tuple[Layer, Layer]]) -> str:
        """Return a residual block of an input whose end has been joined already, `lag` samples late."""
        graph, value = self.graph, ""
        for index, (first, second) in enumerate(pairs):
            channels = first.weight.shape[1]
            if index:
                whole = graph.joined(value, channels, first.reach, first.before, first.after)
                bent = graph.op("LeakyRelu", whole, alpha=SLOPE)
                ends, lag = Ends(graph, first.reach, first.before, first.after), 0
            inner = graph.convolved(ends.window(bent, lag, first.before, first.after), *weights(first))
            inner = graph.op("LeakyRelu", inner, alpha=SLOPE)
            inner = graph.joined(inner, channels, second.reach, second.before, second.after)
            inner = graph.convolved(inner, *weights(second))
            rest = ends.window(whole, lag + first.after + second.after, 0, 0)
            value = graph.op("Add", inner, rest)
        return value

    def excitation(self) -> str:
        """Return the excitation, joined, mixed from sines and noise (1, 1, time, harmonics)."""
        source = self.generator.source_module.ffn[0]
        waves = self.graph.input("waves", [1, 1, None, source.in_channels])
        value = self.graph.op("Tanh", self.graph.convolved(waves, array(source.weight), array(source.bias)))
        return self.graph.joined(value, 1, self.source_ends().keep, self.source_ends().before, self.source_ends().after)

    def source_ends(self) -> "Ends":
        """Return what the excitation is joined with: it waits for what the layers before a stage look ahead."""
        downs = [self.down(stage) for stage in range(len(self.generator.sizes.scales))]
        keep = max(lag + conv.reach for conv, _, lag in downs)
        return Ends(
            self.graph, keep, max(conv.before for conv, _, _ in downs), max(0, *(conv.after for conv, _, _ in downs))
        )

    def excited(self, excitation: str, stage: int) -> str:
        """Return what the excitation adds to a stage."""
        conv, stride, lag = self.down(stage)
        stretch = self.source_ends().window(excitation, lag, conv.before, conv.after)
        return self.graph.convolved(stretch, conv.weight, conv.bias, stride=stride)

    def down(self, stage: int) -> tuple[Layer, int, int]:
        """Return the convolution that brings the excitation to a stage's rate, its stride, and how late it reads."""
        module = cast("Conv", self.generator.source_downs[stage])
        stride = module.conv1d.stride[0]
        conv = layer(module)
        # The last of its outputs ends before the stride does.
        conv = replace(conv, after=conv.weight.shape[2] - stride - conv.before)
        return conv, stride, self.delays[stage] * stride - conv.after


@dataclass(frozen=True, slots=True)
class Ends:
    """What an input was joined with: `keep` samples usually, `before` zeros at first, `after` zeros at last."""

    graph: StreamGraph
    keep: int
    before: int
    after: int

    def window(self, value: str, lag: int, before: int, after: int) -> str:
        """Return what a layer reads that gives its outputs `lag` samples late, besides what it looks ahead."""
        if (self.keep, self.before, self.after, lag) == (before + after, before, after, 0):
            return value
        start = self.keep - lag - before - after
        end = -lag or ALL
        number = self.graph.number
        return self.graph.cut(
            value,
            number(start, first=self.before - before - start),
            number(end, last=(after - self.after or ALL) - end),
        )


def weights(conv: Layer) -> tuple[NDArray[np.float32], NDArray[np.float32], int]:
    """Return what `StreamGraph.convolved` takes."""
    return conv.weight, conv.bias, conv.dilation


def export(generator: Generator, folder: Path) -> Path:
    """Write a generator as `vocode.onnx` into a folder, and return the file."""
    path = folder / "vocode.onnx"
    Export(generator).write(path)
    return path
