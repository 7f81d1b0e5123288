"""What a vocoder in torch says of frames, with the excitation that the service makes of them."""

import numpy as np
import torch
from numpy.typing import NDArray

from training.networks.hifigan import Generator
from tts.engines.sambert.source import Excitation, Source

Floats = NDArray[np.float32]


@torch.inference_mode()
def wave_of(generator: Generator, frames: Floats, source: Source | None = None, seed: int = 0) -> Floats:
    """Return the samples (k * hop,) of frames (k, mels), or (k, mels + 2) where the voice has a source."""
    mels, excitation = generator.sizes.mels, None
    if source:
        waves = Excitation.begin(source, seed).waves(source, frames[:, mels:], generator.sizes.hop)
        excitation = generator.source_module.ffn(torch.from_numpy(waves.T[None]))
    samples: Floats = generator(torch.from_numpy(frames[:, :mels].T[None].copy()), excitation).reshape(-1).numpy()
    return samples
