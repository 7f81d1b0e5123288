"""Small vocoders for tests: those of the reference voices, and one with a harmonic source."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml
from numpy.typing import NDArray

from training.networks.hifigan import Generator, Sizes, load
from training.networks.lookahead import lookahead_frames
from tts.engines.sambert.sessions import opener
from tts.engines.sambert.source import Source
from tts.engines.sambert.vocoder import Geometry, Vocoder

#: As the reference waves were made; and on a busy machine several threads of torch wait for each other.
torch.set_num_threads(1)

GOLDEN = Path(__file__).parent / "vectors" / "golden"
VOICES = ("tiny_emo", "tiny_causal")
SOURCE = Source(harmonics=7, sample_rate_hz=16000, mean_hz=210.0, std_hz=60.0)

Mel = NDArray[np.float32]
Wave = NDArray[np.float32]


def params_of(voice: str) -> dict[str, Any]:
    """Return the generator's part of a reference voice's configuration."""
    config = yaml.safe_load((GOLDEN / "tiny-model" / "voices" / voice / "voc" / "config.yaml").read_text())
    params: dict[str, Any] = config["Model"]["Generator"]["params"]
    return params


def state_of(voice: str) -> dict[str, torch.Tensor]:
    """Return a reference voice's generator as it was saved."""
    path = GOLDEN / "tiny-model" / "voices" / voice / "voc" / "ckpt" / "checkpoint_0.pth"
    state: dict[str, torch.Tensor] = torch.load(path, weights_only=True)["model"]["generator"]
    return state


@cache
def golden_generator(voice: str) -> Generator:
    """Return the generator of a reference voice."""
    return load(params_of(voice), state_of(voice))


def random_generator(seed: int = 0, **sizes: Any) -> Generator:
    """Return a small generator with random weights; `sizes` as `Sizes` takes them."""
    torch.manual_seed(seed)
    return Generator(Sizes(**{"channels": 32, **sizes})).eval()


#: Opens a graph as serving does.
session = opener(["CPUExecutionProvider"])


def geometry_of(sizes: Sizes) -> Geometry:
    """Return what the runtime is told of a vocoder."""
    return Geometry(sizes.hop, sizes.mels, lookahead_frames(sizes), SOURCE if sizes.nsf else None)


def whole(generator: Generator, mel: Mel, excitation: torch.Tensor | None = None) -> Wave:
    """Return what torch makes of (frames, mels) in one go."""
    with torch.inference_mode():
        wave: Wave = generator(torch.from_numpy(mel.T[None].copy()), excitation)[0, 0].numpy()
    return wave


def chunked(vocoder: Vocoder, mel: Mel, chunks: Iterable[int], seed: int = 0) -> Wave:
    """Return what the runtime makes of the frames in chunks of those lengths; what is left comes last."""
    vocoding, start, out = vocoder.begin(seed), 0, []
    for frames in chunks:
        if start + frames >= len(mel):
            break
        out.append(vocoder.feed(vocoding, mel[start : start + frames]))
        start += frames
    return np.concatenate([*out, vocoder.feed(vocoding, mel[start:], last=True)])
