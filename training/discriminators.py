"""Networks that tell recordings from what a vocoder makes, and the losses of both sides.

Those that see every p-th sample are HiFi-GAN's (Kong et al., 2020), those that see spectra UnivNet's (Jang et al.,
2021), both with few channels.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812, the name all of torch's users know
from torch.nn.utils.parametrizations import weight_norm

from training.spectral_losses import magnitudes

SLOPE = 0.1
#: What the layers give one after the other; the last is the verdict, 1 for a recording.
Seen = list[Tensor]


def conv(inputs: int, outputs: int, kernel: tuple[int, int], stride: tuple[int, int] = (1, 1)) -> nn.Module:
    """Return a convolution that keeps the length where it does not stride."""
    padding = (kernel[0] // 2, kernel[1] // 2)
    made: nn.Module = weight_norm(nn.Conv2d(inputs, outputs, kernel, stride, padding))
    return made


class Discriminator(nn.Module):
    """Convolutions over a picture of a wave."""

    def __init__(self, layers: Sequence[nn.Module]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)

    def picture(self, wave: Tensor) -> Tensor:
        """Return (batch, 1, height, width) for waves (batch, samples)."""
        raise NotImplementedError

    def forward(self, wave: Tensor) -> Seen:
        """Return what the layers see in waves (batch, samples)."""
        seen = [self.picture(wave)]
        for index, layer in enumerate(self.layers):
            seen.append(layer(F.leaky_relu(seen[-1], SLOPE) if index else seen[-1]))
        return seen[1:]


class PeriodDiscriminator(Discriminator):
    """Sees every `period`-th sample."""

    def __init__(self, period: int, channels: int) -> None:
        widths = (1, channels, 2 * channels, 4 * channels, 4 * channels)
        strided = [conv(a, b, (5, 1), (3, 1)) for a, b in pairwise(widths)]
        super().__init__([*strided, conv(widths[-1], 1, (3, 1))])
        self.period = period

    def picture(self, wave: Tensor) -> Tensor:
        """Return (batch, 1, samples / period, period)."""
        whole = F.pad(wave[:, None], (0, -wave.shape[1] % self.period), mode="reflect")
        return whole.view(len(wave), 1, -1, self.period)


class SpectrumDiscriminator(Discriminator):
    """Sees magnitudes, compressed so that soft sounds count, with windows of one length."""

    def __init__(self, length: int, channels: int) -> None:
        strided = [conv(channels, channels, (3, 9), (1, 2)) for _ in range(3)]
        super().__init__([conv(1, channels, (3, 9), (1, 2)), *strided, conv(channels, 1, (3, 3))])
        self.register_buffer("shape", torch.hann_window(length), persistent=False)

    def picture(self, wave: Tensor) -> Tensor:
        """Return (batch, 1, frames, bins)."""
        shape = self.get_buffer("shape")
        points = 1 << (len(shape) - 1).bit_length()
        return magnitudes(wave, points, len(shape) // 4, shape).transpose(1, 2)[:, None].pow(0.3)


class Discriminators(nn.Module):
    """All of them."""

    def __init__(
        self, periods: Sequence[int], period_channels: int, windows: Sequence[int], window_channels: int
    ) -> None:
        super().__init__()
        self.all = nn.ModuleList(
            [
                *(PeriodDiscriminator(period, period_channels) for period in periods),
                *(SpectrumDiscriminator(length, window_channels) for length in windows),
            ]
        )

    def forward(self, wave: Tensor) -> list[Seen]:
        """Return what each sees in waves (batch, samples)."""
        return [each(wave) for each in self.all]


def telling_loss(recorded: Sequence[Seen], made: Sequence[Seen]) -> Tensor:
    """Return the discriminators' loss: a recording is 1, the rest 0 (least squares, Mao et al., 2017)."""
    pairs = zip(recorded, made, strict=True)
    return torch.stack([(real[-1] - 1).square().mean() + false[-1].square().mean() for real, false in pairs]).mean()


def fooling_loss(made: Sequence[Seen]) -> Tensor:
    """Return how far what the vocoder makes is from being taken for a recording."""
    return torch.stack([(seen[-1] - 1).square().mean() for seen in made]).mean()


def feature_loss(recorded: Sequence[Seen], made: Sequence[Seen]) -> Tensor:
    """Return how different both look inside the discriminators; it teaches the vocoder, not them."""
    layers = [pair for both in zip(recorded, made, strict=True) for pair in list(zip(*both, strict=True))[:-1]]
    return torch.stack([F.l1_loss(false, real.detach()) for real, false in layers]).sum() / len(made)
