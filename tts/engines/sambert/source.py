"""The sines and the noise from which an NSF vocoder makes its excitation, stretch by stretch."""

import math
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

SINE_AMPLITUDE = 0.1
NOISE_STD = 0.003
#: From here on a frame counts as voiced.
VOICED = 0.6
LOWEST_HZ = 30.0


@dataclass(frozen=True, slots=True)
class Source:
    """What turns the two last features of an NSF voice into F0, and how many harmonics it has above the first."""

    harmonics: int
    sample_rate_hz: int
    mean_hz: float
    std_hz: float


@dataclass(slots=True)
class Excitation:
    """Where the sines and the noise of one utterance have come to."""

    noise: np.random.Generator
    phases: NDArray[np.float64]  # (harmonics + 1,), radians at the start
    cycles: float = field(default=0.0)  # of the first harmonic so far, without the whole ones

    @classmethod
    def begin(cls, source: Source, seed: int) -> Self:
        """Return the start of an utterance; the same seed gives the same noise, however it is divided into calls."""
        noise = np.random.default_rng(seed)
        phases = noise.uniform(-math.pi, math.pi, source.harmonics + 1)
        phases[0] = 0.0
        return cls(noise, phases)

    def waves(self, source: Source, features: NDArray[np.float32], hop: int) -> NDArray[np.float32]:
        """Return the next (frames * hop, harmonics + 1) for normalised F0 and voicing, (frames, 2)."""
        f0_hz = np.maximum(features[:, 0].astype(np.float64) * source.std_hz + source.mean_hz, LOWEST_HZ)
        voiced = np.repeat(features[:, 1] >= VOICED, hop)[:, None]
        cycles = self.cycles + np.cumsum(np.repeat(f0_hz / source.sample_rate_hz, hop))
        self.cycles = float(cycles[-1] % 1.0) if cycles.size else self.cycles
        multiples = np.arange(1, source.harmonics + 2)
        turns = multiples * cycles[:, None]
        # Once whole turns are taken away, single precision is enough, and its sine takes a thirtieth of the time.
        angles = 2 * math.pi * (turns - np.floor(turns)) + self.phases
        sines = SINE_AMPLITUDE * np.sin(angles.astype(np.float32))
        noise = self.noise.standard_normal((cycles.size, source.harmonics + 1), np.float32)
        mixed = np.where(voiced, sines + NOISE_STD * noise, SINE_AMPLITUDE / 3 * noise)
        return mixed.astype(np.float32, copy=False)
