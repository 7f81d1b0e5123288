"""Writes `vocode.int8.onnx`: a HiFi-GAN generator whose residual blocks convolve bytes, which is twice as fast.

What flows between the pairs of convolutions stays in floats, and so do the layers before and after the residual blocks:
they are a tenth of the work. Each convolution's input and output has a scale found on real mels, each of its output
channels a scale of its own for the weights. Scales never change, so chunks give what the whole utterance gives.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from training.export_vocoder import Export, Layer
from training.networks.hifigan import SLOPE, Generator
from training.onnx_graph import CONTRIB
from training.stream_graph import Lane
from training.wave import wave_of
from tts.engines.sambert.source import Source

#: How many values of each tensor of each utterance are looked at.
SAMPLES = 3_000
#: What of the widest range is tried, above 0 and below: cutting off rare peaks makes the steps finer.
ABOVE = np.linspace(1.0, 0.4, 13)
BELOW = (1.0, 0.7, 0.5, 0.35, 0.25, 0.15)

Values = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Scale:
    """How bytes stand for values: `step` * (byte - `zero`)."""

    step: float
    zero: int

    @classmethod
    def fitting(cls, values: Values, below: float = 1.0) -> "Scale":
        """Return the scale with the least squared error; 0 is exact, and errors below 0 count `below` times."""
        low, high = min(0.0, float(values.min())), max(1e-6, float(values.max()))
        scales = [cls.of(low * least, high * most) for least, most in product(BELOW, ABOVE)]
        return min(scales, key=lambda scale: scale.error(values, below))

    @classmethod
    def of(cls, low: float, high: float) -> "Scale":
        """Return the scale that spans a range."""
        step = (high - low) / 255
        return cls(step, round(-low / step))

    def error(self, values: Values, below: float = 1.0) -> float:
        """Return the mean squared error of values stored as bytes, where errors below 0 count `below` times."""
        stored = np.clip(np.rint(values / self.step) + self.zero, 0, 255)
        errors = (stored - self.zero) * self.step - values
        return float(np.square(np.where(values < 0, below * errors, errors)).mean())


#: By the name of a convolution in a residual block: the scales of what it reads and of what it gives.
Scales = dict[str, tuple[Scale, Scale]]


def calibrate(generator: Generator, mels: Iterable[Values], source: Source | None = None) -> Scales:
    """Return the scales for what flows when the generator speaks mels (frames, mels) of real speech.

    Where it has a source, F0 and voicing follow the mel, as the runtime takes them.
    """
    seen: dict[str, list[Values]] = {}
    generate = np.random.default_rng(0)

    def look(name: str, module: nn.Module, args: tuple[Tensor], made: Tensor) -> None:
        for end, tensor in (("in", args[0]), ("out", made)):
            values = tensor.detach().numpy().ravel()
            chosen = generate.integers(0, values.size, min(SAMPLES, values.size))
            seen.setdefault(f"{name}.{end}", []).append(values[chosen])

    named = {f"conv_blocks.{name}": module for name, module in generator.conv_blocks.named_modules() if is_conv(name)}
    hooks = [module.register_forward_hook(partial(look, name)) for name, module in named.items()]
    for mel in mels:
        wave_of(generator, mel, source)
    for hook in hooks:
        hook.remove()
    return {name: (fitted(f"{name}.in", seen), fitted(f"{name}.out", seen)) for name in named}


def fitted(name: str, seen: Mapping[str, list[Values]]) -> Scale:
    """Return the scale of what a convolution reads or gives; the activation behind a pair's first one bends that."""
    first = ".convs1." in name and name.endswith(".out")
    return Scale.fitting(np.concatenate(seen[name]), SLOPE if first else 1.0)


def is_conv(name: str) -> bool:
    """Return whether a module of a residual block is one of its convolutions, as 3.convs1.0."""
    return name.count(".") == 2


class QuantizedExport(Export):
    """Writes a generator with the convolutions of its residual blocks in bytes."""

    def __init__(self, generator: Generator, scales: Scales) -> None:
        super().__init__(generator)
        self.scales = scales

    def reads(self, conv: Layer) -> Scale:
        """Return the scale of what a convolution reads; the first ones of a stage's blocks read the same."""
        block, convs, index = conv.name.removeprefix("conv_blocks.").split(".")
        count = len(self.generator.sizes.block_kernels)
        if (convs, index) == ("convs1", "0"):
            block = str(int(block) // count * count)
        return self.scales[f"conv_blocks.{block}.{convs}.{index}"][0]

    def numbers(self, scale: Scale) -> tuple[str, str]:
        """Return a scale as constants."""
        zero = self.graph.constant(np.array(scale.zero, np.uint8))
        return self.graph.constant(np.array(scale.step, np.float32)), zero

    def lane(self, conv: Layer) -> Lane:
        """Return what kind of values a block's convolution reads."""
        return Lane(conv.inputs, np.uint8, self.reads(conv).zero)

    def bent(self, value: str, conv: Layer) -> str:
        """Return what the first convolution of a pair reads of the floats between the pairs."""
        return self.graph.op("QuantizeLinear", super().bent(value, conv), *self.numbers(self.reads(conv)))

    def conv(self, value: str, conv: Layer) -> str:
        """Return what a block's convolution gives."""
        read, made = self.reads(conv), self.scales[conv.name][1]
        steps = np.abs(conv.weight).max(axis=(1, 2)) / 127
        weight = np.rint(conv.weight / steps[:, None, None]).astype(np.int8)
        bias = np.rint(conv.bias / (steps * read.step)).astype(np.int32)
        constant = self.graph.constant
        return self.graph.op(
            "QLinearConv",
            value,
            *self.numbers(read),
            constant(weight[:, :, None]),
            constant(steps.astype(np.float32)),
            constant(np.zeros(len(steps), np.int8)),
            *self.numbers(made),
            constant(bias),
            domain=CONTRIB,
            channels_last=1,
            kernel_shape=[1, weight.shape[2]],
            dilations=[1, conv.dilation],
        )

    def rebent(self, value: str, first: Layer, second: Layer) -> str:
        """Return what the second convolution of a pair reads of what the first gives."""
        made = self.numbers(self.scales[first.name][1])
        read = self.numbers(self.reads(second))
        return self.graph.op("QLinearLeakyRelu", value, *made, *read, domain=CONTRIB, alpha=SLOPE)

    def straightened(self, value: str, conv: Layer) -> str:
        """Return as floats what the second convolution of a pair gives."""
        return self.graph.op("DequantizeLinear", value, *self.numbers(self.scales[conv.name][1]))


def export_int8(generator: Generator, mels: Iterable[Values], folder: Path, source: Source | None = None) -> Path:
    """Write a generator as `vocode.int8.onnx` into a folder, scaled for mels as `calibrate` has them; return it."""
    path = folder / "vocode.int8.onnx"
    QuantizedExport(generator, calibrate(generator, mels, source)).write(path)
    return path


def signal_to_noise_db(exact: Values, inexact: Values) -> float:
    """Return how far the error lies below the signal, in dB."""
    error = np.square(exact - inexact, dtype=np.float64).sum()
    return float(10 * np.log10(np.square(exact, dtype=np.float64).sum() / error))
