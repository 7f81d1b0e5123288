"""Writes `vocode.int8.onnx`: a HiFi-GAN generator whose residual blocks convolve bytes, which is twice as fast.

What flows between the pairs of convolutions stays in floats, and so do the layers before and after the residual blocks:
they are a tenth of the work. A convolution reads bytes of one scale; what it gives is stored in bytes again, or, in
the first so many stages, given in floats, which costs time and spares half of the error. Each channel is made as wide
as its bytes by dividing the weights that give it and multiplying those that read it, which the activations between
them allow. Scales never change, so chunks give what the whole utterance gives.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.byte_scale import Scale, fewer, widths
from training.export_vocoder import Export, Layer, pairs_of
from training.flow import Flow, flows
from training.networks.hifigan import SLOPE, Generator
from training.onnx_graph import CONTRIB
from training.rounding import rounded
from training.stream_graph import ALL, Lane
from tts.engines.sambert.source import Source

Values = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Bytes:
    """A convolution of bytes: weights (outputs, taps * inputs), steps and bias (outputs,), and how its ends are stored.

    What it gives is in floats where `made` is None.
    """

    weight: NDArray[np.int8]
    steps: Values
    bias: Values
    read: Scale
    made: Scale | None

    @classmethod
    def of(cls, conv: Layer, flow: Flow, wide: tuple[Values, Values], read: Scale, made: Scale | None) -> "Bytes":
        """Return a convolution in bytes whose inputs and outputs are divided by those widths (channels,)."""
        before, after = wide
        weight = (conv.weight * before[:, None] / after[:, None, None]).transpose(0, 2, 1).reshape(len(after), -1)
        narrow: Values = np.reciprocal(np.tile(before, conv.weight.shape[2]))
        return cls(*rounded(weight, flow.products * narrow[:, None] * narrow), conv.bias / after, read, made)


class Plan:
    """How the residual blocks of a generator become bytes: `bytes` by the name of a convolution, `widths` by stage."""

    def __init__(self, generator: Generator, seen: Mapping[str, Flow], float_stages: int) -> None:
        self.seen = seen
        self.bytes: dict[str, Bytes] = {}
        self.widths: list[Values] = []
        count = len(generator.sizes.block_kernels)
        for stage in range(len(generator.sizes.scales)):
            self.stage([pairs_of(generator, stage * count + block) for block in range(count)], stage < float_stages)

    def stage(self, blocks: Sequence[Sequence[tuple[Layer, Layer]]], floats: bool) -> None:
        """Plan the blocks of a stage; the first convolutions of all of them read the same bytes."""
        read = [self.seen[first.name] for pairs in blocks for first, _ in pairs]
        wide = widths(np.min([flow.low for flow in read], 0), np.max([flow.high for flow in read], 0))
        # Bytes of what second convolutions give fit widths of their own, or else none.
        wide = wide if floats else np.ones_like(wide)
        self.widths.append(wide)
        for pairs in blocks:
            for index, (first, second) in enumerate(pairs):
                flow = self.seen[first.name if index else blocks[0][0][0].name]
                self.pair(first, second, wide, Scale.fitting(fewer(flow.read), widths=wide), floats)

    def pair(self, first: Layer, second: Layer, wide: Values, read: Scale, floats: bool) -> None:
        """Plan a pair of convolutions that reads and gives channels of such widths."""
        inner, outer = self.seen[first.name], self.seen[second.name]
        between = widths(outer.low, outer.high)
        # The activation bends what the first one gives, so errors below 0 count less.
        made = None if floats else Scale.fitting(fewer(inner.made), SLOPE, between)
        given = None if floats else Scale.fitting(fewer(outer.made), widths=wide)
        again = Scale.fitting(fewer(outer.read), widths=between)
        self.bytes[first.name] = Bytes.of(first, inner, (wide, between), read, made)
        self.bytes[second.name] = Bytes.of(second, outer, (between, wide), again, given)


class QuantizedExport(Export):
    """Writes a generator with the convolutions of its residual blocks in bytes."""

    def __init__(self, generator: Generator, plan: Plan) -> None:
        super().__init__(generator)
        self.plan = plan

    def numbers(self, scale: Scale) -> tuple[str, str]:
        """Return a scale as constants."""
        zero = self.graph.constant(np.array(scale.zero, np.uint8))
        return self.graph.constant(np.array(scale.step, np.float32)), zero

    def upsampled(self, value: str, conv: Layer, scale: int) -> str:
        """Return a stage's input, its channels divided by their widths."""
        wide = self.plan.widths[int(conv.name.removeprefix("upsamples."))]
        return super().upsampled(value, narrowed(conv, np.tile(wide, scale)), scale)

    def down(self, stage: int) -> tuple[Layer, int, int]:
        """Return what brings the excitation to a stage's rate, its channels divided by their widths."""
        conv, stride, lag = super().down(stage)
        return narrowed(conv, self.plan.widths[stage]), stride, lag

    def mean(self, made: Sequence[str], stage: int) -> str:
        """Return the mean of what a stage's residual blocks give, its channels as they were."""
        wide = self.graph.constant(self.plan.widths[stage] / np.float32(len(made)))
        return self.graph.op("Mul", self.graph.op("Sum", *made), wide)

    def lane(self, conv: Layer) -> Lane:
        """Return what kind of values a block's convolution reads."""
        return Lane(conv.inputs, np.uint8, self.plan.bytes[conv.name].read.zero)

    def bent(self, value: str, conv: Layer) -> str:
        """Return what a convolution reads of floats, bent by the activation."""
        return self.graph.op(
            "QuantizeLinear", super().bent(value, conv), *self.numbers(self.plan.bytes[conv.name].read)
        )

    def conv(self, value: str, conv: Layer) -> str:
        """Return what a block's convolution gives, in bytes or in floats as planned."""
        planned, constant = self.plan.bytes[conv.name], self.graph.constant
        if planned.made is None:
            return self.product(value, conv, planned)
        outputs, inputs, taps = conv.weight.shape
        weight = planned.weight.reshape(outputs, 1, taps, inputs).transpose(0, 3, 1, 2)
        return self.graph.op(
            "QLinearConv",
            value,
            *self.numbers(planned.read),
            constant(np.ascontiguousarray(weight)),
            constant(planned.steps),
            constant(np.zeros(outputs, np.int8)),
            *self.numbers(planned.made),
            constant(np.rint(planned.bias / (planned.steps * planned.read.step)).astype(np.int32)),
            domain=CONTRIB,
            channels_last=1,
            kernel_shape=[1, taps],
            dilations=[1, conv.dilation],
        )

    def product(self, value: str, conv: Layer, planned: Bytes) -> str:
        """Return a convolution in floats: no operator does that to bytes, but one multiplies matrices so."""
        constant, reach = self.graph.constant, conv.reach
        starts = range(0, reach + 1, conv.dilation)
        taps = [
            self.graph.cut(value, constant(np.array([start])), constant(np.array([start - reach or ALL])))
            for start in starts
        ]
        step, zero = self.numbers(planned.read)
        return self.graph.op(
            "MatMulIntegerToFloat",
            self.graph.op("Concat", *taps, axis=3),
            constant(np.ascontiguousarray(planned.weight.T)),
            step,
            constant(planned.steps),
            zero,
            constant(np.zeros(len(planned.steps), np.int8)),
            constant(planned.bias),
            domain=CONTRIB,
        )

    def rebent(self, value: str, first: Layer, second: Layer) -> str:
        """Return what the second convolution of a pair reads of what the first gives."""
        made = self.plan.bytes[first.name].made
        if made is None:
            return self.bent(value, second)
        read = self.numbers(self.plan.bytes[second.name].read)
        return self.graph.op("QLinearLeakyRelu", value, *self.numbers(made), *read, domain=CONTRIB, alpha=SLOPE)

    def straightened(self, value: str, conv: Layer) -> str:
        """Return as floats what the second convolution of a pair gives."""
        made = self.plan.bytes[conv.name].made
        return value if made is None else self.graph.op("DequantizeLinear", value, *self.numbers(made))


def narrowed(conv: Layer, wide: Values) -> Layer:
    """Return a convolution whose outputs are divided by widths (outputs,)."""
    return replace(conv, weight=conv.weight / wide[:, None, None], bias=conv.bias / wide)


def write_int8(generator: Generator, seen: Mapping[str, Flow], folder: Path, float_stages: int = 0) -> Path:
    """Write a generator as `vocode.int8.onnx` into a folder, for what flows through it, and return the file.

    In so many of the first stages convolutions give floats: slower, and nearer to the exact sound.
    """
    path = folder / "vocode.int8.onnx"
    QuantizedExport(generator, Plan(generator, seen, float_stages)).write(path)
    return path


def export_int8(generator: Generator, mels: Iterable[Values], folder: Path, source: Source | None = None) -> Path:
    """Write a generator as `vocode.int8.onnx`, the fastest, scaled for mels (frames, mels) of real speech."""
    return write_int8(generator, flows(generator, mels, source), folder)


def signal_to_noise_db(exact: Values, inexact: Values) -> float:
    """Return how far the error lies below the signal, in dB."""
    error = np.square(exact - inexact, dtype=np.float64).sum()
    return float(10 * np.log10(np.square(exact, dtype=np.float64).sum() / error))
