"""The vocoder that training left: its size and its weights."""

from math import prod
from pathlib import Path
from typing import Any

import torch

from training.config import BadConfig, Vocoder
from training.features import HOP, MELS, SAMPLE_RATE_HZ
from training.networks.hifigan import Generator, Sizes


def sizes_of(options: Vocoder) -> Sizes:
    """Return what the generator of an experiment is built from; raise `BadConfig` for what cannot be built."""
    if prod(options.scales) != HOP:
        raise BadConfig(f"vocoder: scales: {options.scales} make {prod(options.scales)} samples of a frame, not {HOP}")
    if len(options.up_kernels) != len(options.scales):
        raise BadConfig("vocoder: up_kernels: there must be as many as scales")
    if any(kernel < scale for kernel, scale in zip(options.up_kernels, options.scales, strict=True)):
        raise BadConfig("vocoder: up_kernels: none may be smaller than its scale")
    if options.channels % (1 << len(options.scales)):
        raise BadConfig(f"vocoder: channels: {options.channels} cannot be halved {len(options.scales)} times")
    return Sizes(
        mels=MELS,
        channels=options.channels,
        scales=options.scales,
        up_kernels=options.up_kernels,
        block_kernels=options.block_kernels,
        dilations=(options.dilations,) * len(options.block_kernels),
        causal=options.causal,
        nsf=(options.harmonics, SAMPLE_RATE_HZ),
    )


def load_generator(checkpoint: Path) -> Generator:
    """Return the generator of a checkpoint with the mean of its weights; raise OSError where there is none."""
    stored: dict[str, Any] = torch.load(checkpoint, weights_only=True)
    generator = Generator(Sizes(**stored["sizes"]))
    generator.load_state_dict(stored["average"])
    return generator.eval()
