"""Finds what flows through the convolutions of a generator's residual blocks when it speaks."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F  # noqa: N812, the name all of torch's users know

from training.networks.hifigan import Conv, Generator
from training.wave import wave_of
from tts.engines.sambert.source import Source

#: How many moments of each utterance are looked at.
MOMENTS = 200

Values = NDArray[np.float32]


@dataclass(slots=True)
class Flow:
    """What a convolution read and gave, (n, channels) each, and how all that an output is made of moves together."""

    read: list[Values] = field(default_factory=list)
    made: list[Values] = field(default_factory=list)
    low: Values = field(default_factory=lambda: np.zeros(0, np.float32))
    """The least of each channel it read, and the greatest, at all moments."""
    high: Values = field(default_factory=lambda: np.zeros(0, np.float32))
    products: Values = field(default_factory=lambda: np.zeros(0, np.float32))
    """Sums of products (taps * channels, taps * channels), a tap's channels side by side."""

    def look(self, conv: Conv, read: Tensor, made: Tensor, generate: torch.Generator) -> None:
        """Add what it read (1, channels, n) and made at some moments, chosen at random."""
        at = torch.randint(0, read.shape[2], (MOMENTS,), generator=generate)
        inner, padded = conv.conv1d, F.pad(read, conv.padding)[0]
        windows = torch.cat([padded[:, at + tap * inner.dilation[0]] for tap in range(inner.kernel_size[0])])
        products, low, high = (windows @ windows.T).numpy(), read[0].amin(1).numpy(), read[0].amax(1).numpy()
        self.products = self.products + products if self.read else products
        self.low = np.minimum(self.low, low) if self.read else low
        self.high = np.maximum(self.high, high) if self.read else high
        self.read.append(read[0, :, at].T.numpy())
        self.made.append(made[0, :, at].T.numpy())


def is_conv(name: str) -> bool:
    """Return whether a module of a residual block is one of its convolutions, as 3.convs1.0."""
    return name.count(".") == 2


def flows(generator: Generator, mels: Iterable[Values], source: Source | None = None) -> dict[str, Flow]:
    """Return by its name what flows through each convolution while mels (frames, mels) are spoken.

    Where the generator has a source, F0 and voicing follow the mel, as the runtime takes them.
    """
    seen: dict[str, Flow] = {}
    generate = torch.Generator().manual_seed(0)

    def look(flow: Flow, module: Conv, args: tuple[Tensor], made: Tensor) -> None:
        flow.look(module, args[0], made, generate)

    hooks = []
    for name, module in generator.conv_blocks.named_modules():
        if is_conv(name):
            flow = seen.setdefault(f"conv_blocks.{name}", Flow())
            hooks.append(module.register_forward_hook(partial(look, flow)))
    for mel in mels:
        wave_of(generator, mel, source)
    for hook in hooks:
        hook.remove()
    return seen
