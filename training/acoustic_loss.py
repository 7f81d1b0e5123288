"""How far the acoustic network is from the recordings: spectrum, F0, voicing, durations, pitch and energy."""

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812, the name all of torch's users know

from training.forced import Forced
from training.lessons import F0, VOICED, Batch
from training.voice_options import Acoustic

PARTS = ("decoded", "mel", "f0", "voicing", "kept", "durations", "pitch", "energy")


def losses(said: Forced, batch: Batch) -> Tensor:
    """Return the mean errors of `PARTS`, (8,): those of voicing, pitch and energy are squared, the others absolute.

    The first two are those of the mel bands before and after the postnet; `kept` tells how much the postnet changes of
    F0 and voicing, which is not its business.
    """
    there, wanted = batch.frames, batch.features[..., :F0]
    # Where the recording creaks there are no harmonics for the postnet to learn.
    sides = ((said.decoded, there), (said.mel, batch.clear))
    bands = [_mean((x[..., :F0] - wanted).abs(), batch.weights[..., :F0] * rows[..., None]) for x, rows in sides]
    voiced = batch.features[..., VOICED] * there
    f0 = _mean((said.decoded[..., F0] - batch.features[..., F0]).abs(), voiced)
    voicing = _mean((said.decoded[..., VOICED] - batch.features[..., VOICED]).square(), there)
    kept = _mean((said.mel[..., F0:] - batch.tune).abs().sum(2), there)
    return torch.stack([*bands, f0, voicing, kept, *_of_symbols(said, batch)])


def _mean(errors: Tensor, weight: Tensor) -> Tensor:
    return (errors * weight).sum() / weight.sum()


def _of_symbols(said: Forced, batch: Batch) -> list[Tensor]:
    wanted = torch.log1p(batch.lasts)
    # Below 0 is as good as 0, but only where 0 is wanted: elsewhere a rectifier would learn nothing more.
    logs = torch.where(wanted > 0, said.log_durations, F.relu(said.log_durations))
    pairs = ((said.pitch, batch.pitch), (said.energy, batch.energy))
    durations = _mean((logs - wanted).abs(), batch.symbols)
    return [durations, *(_mean((x - y).square(), batch.symbols) for x, y in pairs)]


def weighed(parts: Tensor, options: Acoustic) -> Tensor:
    """Return the loss that is minimised."""
    f0, prosody = options.f0_weight, options.prosody_weight
    weights = [1.0, 1.0, f0, options.voicing_weight, f0, options.duration_weight, prosody, prosody]
    return (parts * torch.tensor(weights)).sum()
