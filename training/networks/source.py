"""The harmonic source that gives an NSF vocoder its pitch."""

import math

import torch
from torch import Tensor, nn

SINE_AMPLITUDE = 0.1
NOISE_STD = 0.003
VOICED = 0.6


class SourceModule(nn.Module):
    """Makes the excitation of a vocoder from F0: harmonics of it where the voice sounds, noise elsewhere."""

    def __init__(self, hop: int, sample_rate_hz: int, harmonics: int) -> None:
        super().__init__()
        self.hop = hop
        self.sample_rate_hz = sample_rate_hz
        self.harmonics = harmonics
        self.ffn = nn.Sequential(nn.Conv1d(harmonics + 1, 1, 1), nn.Tanh())

    @property
    def mix(self) -> nn.Conv1d:
        """Return the convolution that makes one wave of the harmonics."""
        mix = self.ffn[0]
        assert isinstance(mix, nn.Conv1d)
        return mix

    def forward(self, f0_hz: Tensor, voiced: Tensor, phases: Tensor, noise: Tensor) -> Tensor:
        """Return the excitation (batch, 1, frames * hop).

        `f0_hz` and `voiced` are (batch, frames); `phases` (batch, harmonics + 1) are where the sines begin, in
        radians, 0 for the first; `noise` (batch, harmonics + 1, frames * hop) is standard normal.
        """
        excitation: Tensor = self.ffn(self.waves(f0_hz, voiced, phases, noise))
        return excitation

    def waves(self, f0_hz: Tensor, voiced: Tensor, phases: Tensor, noise: Tensor) -> Tensor:
        """Return the sines and the noise they are mixed from, (batch, harmonics + 1, frames * hop)."""
        f0 = f0_hz.double().repeat_interleave(self.hop, -1)
        # Single precision would lose the phase within a minute.
        cycles = torch.cumsum(f0 / self.sample_rate_hz, -1)
        multiples = torch.arange(1, self.harmonics + 2, dtype=torch.float64, device=f0.device)[:, None]
        angles = 2 * math.pi * (multiples * cycles[:, None] % 1.0)
        sines = SINE_AMPLITUDE * torch.sin(angles + phases.double()[..., None])
        sounding = (voiced >= VOICED).repeat_interleave(self.hop, -1)[:, None]
        mixed = torch.where(sounding, sines + NOISE_STD * noise, SINE_AMPLITUDE / 3 * noise)
        return mixed.to(noise.dtype)
