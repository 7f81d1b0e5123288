"""How far two waves' spectra are apart, and how differently they repeat themselves: what a vocoder learns from."""

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812, the name all of torch's users know

from training.features import FFT, HOP, SAMPLE_RATE_HZ, filterbank, window

#: Points, window and hop of the spectra that are compared (Parallel WaveGAN, 2020, halved for 16 kHz), in samples.
RESOLUTIONS: Final = ((512, 240, 50), (1024, 600, 120), (2048, 1200, 240))
#: Where repetition is looked for: in 2 to 4, 4 to 6 and 6 to 8 kHz, at lags, in samples, of 500 Hz to over two frames.
BANDS: Final = 4
LAGS: Final = (SAMPLE_RATE_HZ // 500, 2 * HOP + 40)
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
    """Distance of spectra at several resolutions, in shape (spectral convergence) and in nepers."""

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
            convergence = torch.linalg.norm(a - b) / torch.linalg.norm(b)
            losses.append(convergence + F.l1_loss(a.clamp(min=_QUIET).log(), b.clamp(min=_QUIET).log()))
        return torch.stack(losses).mean()


class RepetitionLoss(nn.Module):
    """Squared distance of the waves' autocorrelation in each band but the lowest, over all lags.

    To spectra with short windows, noise and a pulse in each frame are nearly alike, and pulses are steadier, so that
    without this a vocoder makes its noise of them and buzzes.
    """

    def __init__(self) -> None:
        super().__init__()
        bins = torch.arange(FFT // 2 + 1) * BANDS // (FFT // 2 + 1)
        self.register_buffer("bands", (bins == torch.arange(1, BANDS)[:, None]).float(), persistent=False)
        self.register_buffer("shape", torch.hann_window(FFT // 2), persistent=False)

    def repetition(self, wave: Tensor) -> Tensor:
        """Return how alike waves (batch, samples) are to themselves a lag later, (batch, bands, lags, frames)."""
        power = magnitudes(wave, FFT, 2 * HOP, self.get_buffer("shape")).square()
        alike = torch.fft.irfft(power[:, None] * self.get_buffer("bands")[:, :, None], dim=2)
        found: Tensor = alike[:, :, LAGS[0] : LAGS[1]] / (alike[:, :, :1] + _QUIET**2)
        return found

    def forward(self, made: Tensor, recorded: Tensor) -> Tensor:
        """Return how far waves (batch, samples) are from recorded ones."""
        apart = self.repetition(made) - self.repetition(recorded)
        return apart.square().sum(dim=2).mean()
