"""How far the acoustic network is from the recordings: spectrum, F0, voicing, durations, pitch and energy."""

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812, the name all of torch's users know

from training.config import Acoustic
from training.forced import Forced
from training.lessons import F0, VOICED, Batch

PARTS = ("decoded", "mel", "f0", "voicing", "durations", "pitch", "energy")


def losses(said: Forced, batch: Batch) -> Tensor:
    """Return the mean absolute errors of `PARTS`, (7,); durations are logarithms, pitch and energy squared errors."""
    there = batch.frames[..., None]
    weight = batch.weights[..., :F0] * there
    bands = weight.sum()
    wide, final = ((x[..., :F0] - batch.features[..., :F0]).abs().mul(weight).sum() / bands for x in (said.decoded, said.mel))
    voiced = batch.features[..., VOICED] * batch.frames
    pairs = [(x[..., F0] - batch.features[..., F0]).abs().mul(voiced).sum() / voiced.sum() for x in (said.decoded, said.mel)]
    flags = [
        (x[..., VOICED] - batch.features[..., VOICED]).square().mul(batch.frames).sum() / batch.frames.sum()
        for x in (said.decoded, said.mel)
    ]
    return torch.stack([wide, final, sum(pairs) / 2, sum(flags) / 2, *_of_symbols(said, batch)])


def _of_symbols(said: Forced, batch: Batch) -> list[Tensor]:
    count = batch.symbols.sum()
    wanted = torch.log1p(batch.durations.float())
    # Below 0 is as good as 0, but only where 0 is wanted: elsewhere a rectifier would learn nothing more.
    logs = torch.where(wanted > 0, said.log_durations, F.relu(said.log_durations))
    durations = (logs - wanted).abs().mul(batch.symbols).sum() / count
    pairs = ((said.pitch, batch.pitch), (said.energy, batch.energy))
    return [durations, *((x - y).square().mul(batch.symbols).sum() / count for x, y in pairs)]


def weighed(parts: Tensor, options: Acoustic) -> Tensor:
    """Return the loss that is minimised."""
    weights = [1.0, 1.0, options.f0_weight, options.voicing_weight, options.duration_weight]
    return (parts * torch.tensor([*weights, options.prosody_weight, options.prosody_weight])).sum()
