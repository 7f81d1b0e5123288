"""Writes the streaming form of a HiFi-GAN generator as `vocode.onnx`: some more frames in, some more samples out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from training.networks.hifigan import POST_SLOPE, SLOPE, Conv, Deconv, Generator, ResBlock
from training.networks.lookahead import stage_delays
from training.networks.polyphase import polyphase
from training.stream_graph import Joined, Lane, StreamGraph


@dataclass(frozen=True, slots=True)
class Layer:
    """A convolution as arrays, and how far it reads before and after a moment."""

    name: str
    weight: NDArray[np.float32]
    bias: NDArray[np.float32]
    dilation: int
    before: int
    after: int

    @property
    def inputs(self) -> int:
        """Return the channels it reads."""
        return int(self.weight.shape[1])

    @property
    def reach(self) -> int:
        """Return how many samples it reads besides the moment itself."""
        return self.before + self.after


def array(tensor: Tensor | None) -> NDArray[np.float32]:
    """Return a parameter as an array."""
    assert tensor is not None
    return np.asarray(tensor.detach().cpu().numpy(), np.float32)


def layer(name: str, conv: nn.Module) -> Layer:
    """Return a module's arrays and reach."""
    conv = cast("Conv", conv)
    inner = conv.conv1d
    return Layer(name, array(inner.weight), array(inner.bias), inner.dilation[0], *conv.padding)


def upsampler(generator: Generator, stage: int) -> Layer:
    """Return the one convolution that does both upsamplings of a stage."""
    repeated = cast("Conv", cast("nn.Sequential", generator.repeat_upsamples[stage])[2])
    transposed = cast("Deconv", cast("nn.Sequential", generator.transpose_upsamples[stage])[1]).deconv
    scale = generator.sizes.scales[stage]
    weight, after = polyphase(array(repeated.conv1d.weight), array(transposed.weight), scale, generator.sizes.causal)
    bias = np.tile(np.add(array(repeated.conv1d.bias), array(transposed.bias)), scale)
    return Layer(f"upsamples.{stage}", weight, bias, 1, weight.shape[2] - 1 - after, after)


def pairs_of(generator: Generator, index: int) -> list[tuple[Layer, Layer]]:
    """Return the pairs of convolutions of a residual block."""
    block, name = cast("ResBlock", generator.conv_blocks[index]), f"conv_blocks.{index}"
    pairs = enumerate(zip(block.convs1, block.convs2, strict=True))
    return [(layer(f"{name}.convs1.{i}", a), layer(f"{name}.convs2.{i}", b)) for i, (a, b) in pairs]


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
        value = self.float_layer(graph.input("mel", [1, 1, None, sizes.mels]), layer("conv_pre", generator.conv_pre))
        excitation = self.excitation() if sizes.nsf else None
        for stage, scale in enumerate(sizes.scales):
            value = self.upsampled(value, upsampler(generator, stage), scale)
            if excitation:
                value = graph.op("Add", value, self.excited(excitation, stage))
            value = self.blocks(value, stage)
        value = graph.op("LeakyRelu", value, alpha=POST_SLOPE)
        wave = graph.op("Tanh", self.float_layer(value, layer("conv_post", generator.conv_post)))
        graph.output(wave, "wave", [1, 1, None, 1])
        graph.finish(path)

    def float_layer(self, value: str, conv: Layer) -> str:
        """Return what a convolution gives that is never quantised."""
        joined = self.graph.joined(value, Lane(conv.inputs), conv.reach, conv.before, conv.after)
        return self.graph.conv(joined.value, conv.weight, conv.bias)

    def upsampled(self, value: str, conv: Layer, scale: int) -> str:
        """Return a stage's input `scale` times as dense; the phases are the convolution's channels."""
        graph = self.graph
        value = graph.op("Add", value, graph.op("Sin", value))
        value = self.float_layer(graph.op("LeakyRelu", value, alpha=SLOPE), conv)
        return graph.op("Reshape", value, graph.constant(np.array([1, 1, -1, len(conv.weight) // scale])))

    def blocks(self, value: str, stage: int) -> str:
        """Return the mean of a stage's residual blocks.

        They look ahead by different lengths. All read the same input, those that look ahead less so much later.
        """
        count = len(self.generator.sizes.block_kernels)
        blocks = [pairs_of(self.generator, stage * count + index) for index in range(count)]
        delay = max(map(delay_of, blocks))
        lags = [delay - delay_of(pairs) for pairs in blocks]
        firsts = [pairs[0][0] for pairs in blocks]
        keep = max(lag + first.reach for lag, first in zip(lags, firsts, strict=True))
        before, after = max(first.before for first in firsts), max(first.after for first in firsts)
        wait = max(lag + sum(conv.after for conv in pairs[0]) for lag, pairs in zip(lags, blocks, strict=True))
        straight, bent = self.forked(value, firsts[0], Joined("", keep, before, after), wait)
        made = [self.block(straight, bent, lag, pairs) for lag, pairs in zip(lags, blocks, strict=True)]
        return self.mean(made, stage)

    def mean(self, made: Sequence[str], stage: int) -> str:
        """Return the mean of what a stage's residual blocks give."""
        return self.graph.op("Mean", *made)

    def block(self, straight: Joined, bent: Joined, lag: int, pairs: Sequence[tuple[Layer, Layer]]) -> str:
        """Return a residual block, `lag` samples late, of an input as it is and bent by the activation."""
        graph, value = self.graph, ""
        for index, (first, second) in enumerate(pairs):
            if index:
                lag, ends = 0, Joined("", first.reach, first.before, first.after)
                straight, bent = self.forked(value, first, ends, first.after + second.after)
            inner = self.conv(graph.window(bent, lag, first.before, first.after), first)
            inner = self.rebent(inner, first, second)
            inner = graph.joined(inner, self.lane(second), second.reach, second.before, second.after).value
            rest = graph.window(straight, lag + first.after + second.after)
            value = graph.op("Add", self.straightened(self.conv(inner, second), second), rest)
        return value

    def forked(self, value: str, conv: Layer, ends: Joined, wait: int) -> tuple[Joined, Joined]:
        """Return a pair's input as it is, for `wait` samples later, and bent by the activation, with those ends."""
        graph, lane = self.graph, self.lane(conv)
        if wait and lane.dtype is np.float32:
            # Bending the kept end again costs less than another copy.
            whole = graph.joined(value, lane, ends.keep, ends.before, ends.after)
            return whole, replace(whole, value=self.bent(whole.value, conv))
        bent = graph.joined(self.bent(value, conv), lane, ends.keep, ends.before, ends.after)
        return graph.joined(value, Lane(conv.inputs), wait, 0, 0), bent

    def lane(self, conv: Layer) -> Lane:
        """Return what kind of values a block's convolution reads."""
        return Lane(conv.inputs)

    def bent(self, value: str, conv: Layer) -> str:
        """Return what the first convolution of a pair reads of the floats between the pairs."""
        return self.graph.op("LeakyRelu", value, alpha=SLOPE)

    def conv(self, value: str, conv: Layer) -> str:
        """Return what a block's convolution gives."""
        return self.graph.conv(value, conv.weight, conv.bias, conv.dilation)

    def rebent(self, value: str, first: Layer, second: Layer) -> str:
        """Return what the second convolution of a pair reads of what the first gives."""
        return self.graph.op("LeakyRelu", value, alpha=SLOPE)

    def straightened(self, value: str, conv: Layer) -> str:
        """Return as floats what the second convolution of a pair gives."""
        return value

    def excitation(self) -> Joined:
        """Return the excitation, mixed from sines and noise (1, 1, time, harmonics).

        It waits for what the layers before a stage look ahead.
        """
        source = self.generator.source_module.mix
        waves = self.graph.input("waves", [1, 1, None, source.in_channels])
        value = self.graph.op("Tanh", self.graph.conv(waves, array(source.weight), array(source.bias)))
        downs = [self.down(stage) for stage in range(len(self.generator.sizes.scales))]
        keep = max(lag + conv.reach for conv, _, lag in downs)
        before, after = max(conv.before for conv, _, _ in downs), max(conv.after for conv, _, _ in downs)
        return self.graph.joined(value, Lane(1), keep, before, max(after, 0))

    def excited(self, excitation: Joined, stage: int) -> str:
        """Return what the excitation adds to a stage."""
        conv, stride, lag = self.down(stage)
        stretch = self.graph.window(excitation, lag, conv.before, conv.after)
        return self.graph.conv(stretch, conv.weight, conv.bias, stride=stride)

    def down(self, stage: int) -> tuple[Layer, int, int]:
        """Return the convolution that brings the excitation to a stage's rate, its stride, and how late it reads."""
        module = cast("Conv", self.generator.source_downs[stage])
        stride = module.conv1d.stride[0]
        conv = layer(f"source_downs.{stage}", module)
        # Seen from the end of the stride that an output stands for, not from its start.
        conv = replace(conv, after=conv.weight.shape[2] - stride - conv.before)
        return conv, stride, self.delays[stage] * stride - conv.after


def export(generator: Generator, folder: Path) -> Path:
    """Write a generator as `vocode.onnx` into a folder, and return the file."""
    path = folder / "vocode.onnx"
    Export(generator).write(path)
    return path
