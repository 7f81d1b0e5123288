"""How far waves' spectra are apart, and how far they should be: what a vocoder learns from first, and never forgets.

Two recordings of a hiss have different spectra too. A vocoder that is only told how far its spectra are from those of
the recording therefore does best with spectra that never change, and makes its hiss of one pattern in each frame: a
buzz. So each stretch is spoken twice, with other noise, and how far these two are apart counts against the distance:
the energy distance (Gritsenko et al., 2020), least where what is made varies as recordings do.
"""

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812, the name all of torch's users know

from training.features import FFT, HOP, filterbank, window

#: Points, window and hop of the spectra that are compared, in samples: those of Parallel WaveGAN (2020), and one that
#: is short enough to see a click in each frame.
RESOLUTIONS: Final = ((128, 80, 20), (512, 240, 50), (1024, 600, 120), (2048, 1200, 240))
_QUIET: Final = 1e-3  # as a magnitude; what is below sounds alike


def magnitudes(wave: Tensor, points: int, hop: int, shape: Tensor) -> Tensor:
    """Return the magnitude spectra (batch, points / 2 + 1, frames) of waves (batch, samples), windowed by `shape`."""
    spectrum = torch.stft(wave, points, hop, len(shape), shape, center=True, return_complex=True)
    # The root has no slope at 0.
    return torch.sqrt(spectrum.real.square() + spectrum.imag.square() + 1e-10)


class MelLoss(nn.Module):
    """Mean distance of mel spectra in nepers, with the bands of the spectrogram that the vocoder is given."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("bands", torch.from_numpy(filterbank().T.copy()), persistent=False)
        self.register_buffer("shape", torch.from_numpy(window()), persistent=False)

    def mel(self, wave: Tensor) -> Tensor:
        """Return logarithms of mel spectra (batch, mels, frames) of waves (batch, samples)."""
        bands, shape = self.get_buffer("bands"), self.get_buffer("shape")
        return torch.log(torch.clamp(bands @ magnitudes(wave, FFT, HOP, shape), min=1e-5))

    def forward(self, made: Tensor, recorded: Tensor) -> Tensor:
        """Return how far waves (batch, samples) are from recorded ones."""
        return F.l1_loss(self.mel(made), self.mel(recorded))


class StftLoss(nn.Module):
    """Mean distance of magnitude spectra in nepers, at several resolutions."""

    def __init__(self) -> None:
        super().__init__()
        for length in (wide for _, wide, _ in RESOLUTIONS):
            self.register_buffer(f"shape{length}", torch.hann_window(length), persistent=False)

    def forward(self, made: Tensor, recorded: Tensor) -> Tensor:
        """Return how far waves (batch, samples) are from recorded ones."""
        losses = []
        for points, length, hop in RESOLUTIONS:
            shape = self.get_buffer(f"shape{length}")
            a, b = (magnitudes(wave, points, hop, shape) for wave in (made, recorded))
            losses.append(F.l1_loss(a.clamp(min=_QUIET).log(), b.clamp(min=_QUIET).log()))
        return torch.stack(losses).mean()


def energy_distance(distance: nn.Module, made: Tensor, again: Tensor, recorded: Tensor, variety: float = 1.0) -> Tensor:
    """Return how differently waves (batch, samples), made twice of the same with other noise, and recordings vary.

    With a `variety` below 1 it counts less that the two differ, and more that both are near the recording.
    """
    apart: Tensor = distance(made, recorded) + distance(again, recorded) - variety * distance(made, again)
    return apart
