"""What a generator makes of an utterance in one go, in torch, with the excitation that the service makes."""

import torch

from training.corpus import Floats
from training.networks.hifigan import Generator
from tts.engines.sambert.source import Excitation, Source
from tts.types import Samples


@torch.inference_mode()
def wave_of(generator: Generator, mel: Floats, source: Source | None = None, seed: int = 0) -> Samples:
    """Return the samples (n * hop,) of frames (n, mels); where there is a source, F0 and voicing follow the mel."""
    mels, excitation = generator.sizes.mels, None
    if source:
        waves = Excitation.begin(source, seed).waves(source, mel[:, mels:], generator.sizes.hop)
        excitation = generator.source_module.ffn(torch.from_numpy(waves.T[None]))
    made: Samples = generator(torch.from_numpy(mel[:, :mels].T[None].copy()), excitation).reshape(-1).numpy()
    return made
