"""The HiFi-GAN generator as KAN-TTS defines it, which turns mel frames into a wave."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812, the name all of torch's users know

from training.networks.source import SourceModule

SLOPE = 0.1
#: The last activation has another slope, the default of torch.
POST_SLOPE = 0.01


@dataclass(frozen=True, slots=True)
class Sizes:
    """What a generator is built from; `nsf` is None or (harmonics above the first, sample rate in Hz)."""

    mels: int = 80
    channels: int = 256
    kernel: int = 7
    scales: tuple[int, ...] = (10, 5, 2, 2)
    up_kernels: tuple[int, ...] = (20, 11, 4, 4)
    block_kernels: tuple[int, ...] = (3, 7, 11)
    dilations: tuple[tuple[int, ...], ...] = ((1, 3, 5, 7),) * 3
    causal: bool = False
    nsf: tuple[int, int] | None = None

    @property
    def hop(self) -> int:
        """Return the samples of a frame."""
        return math.prod(self.scales)

    @classmethod
    def read(cls, params: Mapping[str, Any], state: Mapping[str, Tensor]) -> Self:
        """Return the sizes of a folded state dict; what shapes do not tell comes from `Model.Generator.params`.

        Raises ValueError where the shapes and the configuration contradict each other.
        """
        pre = state["conv_pre.conv1d.weight"]
        stages = len(params["upsample_scales"])
        blocks = len(params["resblock_kernel_sizes"])
        nsf = params.get("nsf_params") if "source_module.ffn.0.weight" in state else None
        sizes = cls(
            mels=pre.shape[1],
            channels=pre.shape[0],
            kernel=pre.shape[2],
            scales=tuple(params["upsample_scales"]),
            up_kernels=tuple(state[f"transpose_upsamples.{i}.1.deconv.weight"].shape[2] for i in range(stages)),
            block_kernels=tuple(state[f"conv_blocks.{j}.convs1.0.conv1d.weight"].shape[2] for j in range(blocks)),
            dilations=tuple(tuple(dilations) for dilations in params["resblock_dilations"]),
            causal=bool(params["causal"]),
            nsf=(int(nsf["nb_harmonics"]), int(nsf["sampling_rate"])) if nsf else None,
        )
        if sizes.up_kernels != tuple(params["upsample_kernal_sizes"]):
            raise ValueError(f"The vocoder's kernels are {sizes.up_kernels}, its configuration says otherwise.")
        return sizes


class Conv(nn.Module):
    """A convolution that keeps the length, and looks ahead unless it is causal."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int, dilation: int = 1, *, causal: bool, stride: int = 1
    ) -> None:
        super().__init__()
        self.conv1d = nn.Conv1d(inputs, outputs, kernel, stride, dilation=dilation)
        reach = (kernel - 1) * dilation
        # A convolution that strides over its input is centred on what one of its outputs stands for.
        self.padding = (reach, 0) if causal else ((reach + 1 - stride) // 2, (reach + 2 - stride) // 2)

    def forward(self, x: Tensor) -> Tensor:
        """Return (batch, outputs, length / stride) for (batch, inputs, length)."""
        y: Tensor = self.conv1d(F.pad(x, self.padding))
        return y


class Deconv(nn.Module):
    """A transposed convolution that makes the length `scale` times as long, or a little more."""

    def __init__(self, inputs: int, outputs: int, kernel: int, scale: int, *, causal: bool) -> None:
        super().__init__()
        self.surplus = kernel - scale if causal else 0
        self.deconv = nn.ConvTranspose1d(inputs, outputs, kernel, scale, padding=0 if causal else (kernel - scale) // 2)

    def forward(self, x: Tensor) -> Tensor:
        """Return (batch, outputs, about scale * length) for (batch, inputs, length)."""
        y: Tensor = self.deconv(x)
        return y[..., : y.shape[-1] - self.surplus]


class ResBlock(nn.Module):
    """Pairs of convolutions, the first of each dilated, each pair added to what it read."""

    def __init__(self, channels: int, kernel: int, dilations: Sequence[int], *, causal: bool) -> None:
        super().__init__()
        self.convs1 = nn.ModuleList(Conv(channels, channels, kernel, d, causal=causal) for d in dilations)
        self.convs2 = nn.ModuleList(Conv(channels, channels, kernel, causal=causal) for _ in dilations)

    def forward(self, x: Tensor) -> Tensor:
        """Return (batch, channels, length) for the same."""
        for first, second in zip(self.convs1, self.convs2, strict=True):
            x = x + second(F.leaky_relu(first(F.leaky_relu(x, SLOPE)), SLOPE))
        return x


class Generator(nn.Module):
    """Turns mel frames into samples, `hop` for each frame."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.sizes = sizes
        causal = sizes.causal
        widths = [sizes.channels >> stage for stage in range(len(sizes.scales) + 1)]
        ups = list(zip(widths, widths[1:], sizes.scales, sizes.up_kernels, strict=False))
        self.conv_pre = Conv(sizes.mels, widths[0], sizes.kernel, causal=causal)
        self.transpose_upsamples = nn.ModuleList(
            nn.Sequential(nn.LeakyReLU(SLOPE), Deconv(a, b, kernel, scale, causal=causal))
            for a, b, scale, kernel in ups
        )
        self.repeat_upsamples = nn.ModuleList(
            nn.Sequential(nn.Upsample(scale_factor=scale), nn.LeakyReLU(SLOPE), Conv(a, b, sizes.kernel, causal=causal))
            for a, b, scale, _ in ups
        )
        self.conv_blocks = nn.ModuleList(
            ResBlock(width, kernel, dilations, causal=causal)
            for width in widths[1:]
            for kernel, dilations in zip(sizes.block_kernels, sizes.dilations, strict=True)
        )
        self.conv_post = Conv(widths[-1], 1, sizes.kernel, causal=causal)
        if sizes.nsf is not None:
            harmonics, sample_rate_hz = sizes.nsf
            self.source_module = SourceModule(sizes.hop, sample_rate_hz, harmonics)
            self.source_downs = nn.ModuleList(
                source_down(width, math.prod(sizes.scales[stage + 1 :]), causal=causal)
                for stage, width in enumerate(widths[1:])
            )

    def forward(self, mel: Tensor, excitation: Tensor | None = None) -> Tensor:
        """Return (batch, 1, frames * hop) in -1..1 for mel (batch, mels, frames), excitation as `SourceModule` gives.

        In an NSF voice the two last rows of what the acoustic model gives, F0 and voicing, are no part of `mel`.
        """
        x = self.conv_pre(mel)
        for stage in range(len(self.sizes.scales)):
            x = x + torch.sin(x)
            repeated = self.repeat_upsamples[stage](x)
            x = repeated + self.transpose_upsamples[stage](x)[..., : repeated.shape[-1]]
            if excitation is not None:
                x = x + self.source_downs[stage](excitation)
            x = self.blocks(stage, x)
        return torch.tanh(self.conv_post(F.leaky_relu(x, POST_SLOPE)))

    def blocks(self, stage: int, x: Tensor) -> Tensor:
        """Return the mean of a stage's residual blocks."""
        count = len(self.sizes.block_kernels)
        blocks = list(self.conv_blocks)[stage * count : (stage + 1) * count]
        return torch.stack([block(x) for block in blocks]).sum(0) / count


def source_down(outputs: int, stride: int, *, causal: bool) -> Conv:
    """Return the convolution that brings the excitation to a stage's rate."""
    return Conv(1, outputs, 2 * stride if stride > 1 else 1, causal=causal, stride=stride)


def fold(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return a checkpoint's tensors with each `weight_g` and `weight_v` as one `weight`, v * g / |v|.

    The norm is taken over all axes but the first, in double precision: those of a deconvolution too.
    """
    folded = {name: tensor.float() for name, tensor in state.items() if not name.endswith(("_g", "_v"))}
    for name in [name for name in state if name.endswith(".weight_v")]:
        v, g = state[name].double(), state[name[:-1] + "g"].double()
        norm = v.pow(2).sum(dim=tuple(range(1, v.dim())), keepdim=True).sqrt()
        folded[name.removesuffix("_v")] = (v * (g / norm)).float()
    return folded


def load(params: Mapping[str, Any], state: Mapping[str, Tensor]) -> Generator:
    """Return the generator of a checkpoint, from `Model.Generator.params` and `ckpt["model"]["generator"]`.

    Raises ValueError where the two contradict each other, RuntimeError where a tensor is missing or too many.
    """
    folded = fold(state)
    generator = Generator(Sizes.read(params, folded))
    generator.load_state_dict(folded)
    return generator.eval()
