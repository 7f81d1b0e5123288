"""Pitch, energy and durations of symbols."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import relu

from training.networks.fsmn import Fsmn
from training.networks.sizes import Sizes


class VariancePredictor(nn.Module):
    """One number for each symbol, from the whole sentence."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.fsmn = Fsmn(sizes.predictor)
        self.blstm = nn.LSTM(sizes.predictor.units, sizes.predictor_lstm, bidirectional=True)
        self.fc = nn.Linear(2 * sizes.predictor_lstm, 1)

    def forward(self, rows: Tensor) -> Tensor:
        """Return (n,) for (n, row)."""
        y: Tensor = self.fc(self.blstm(self.fsmn(rows))[0])
        return y[:, 0]


class Prenet(nn.Module):
    """Layers with a rectifier after each but, where asked, the last; the numbers between are dropouts."""

    def __init__(self, widths: list[int], last_is_linear: bool) -> None:
        super().__init__()
        self.fcs = nn.Sequential()
        for layer, (inputs, outputs) in enumerate(pairwise(widths)):
            self.fcs.add_module(str(3 * layer), nn.Linear(inputs, outputs))
        self.rectified = len(widths) - 1 - last_is_linear

    def forward(self, x: Tensor) -> Tensor:
        """Return (..., last width) for (..., first width)."""
        for layer, linear in enumerate(self.fcs):
            x = relu(linear(x)) if layer < self.rectified else linear(x)
        return x


class DurationPredictor(nn.Module):
    """Durations one after another: each symbol's hears the one before."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.prenet = Prenet([1, *sizes.duration_prenet], last_is_linear=False)
        self.lstm = nn.LSTM(sizes.duration_prenet[1] + sizes.row, sizes.duration_lstm, num_layers=2)
        self.fc = nn.Linear(sizes.duration_lstm, 1)

    def forward(self, rows: Tensor) -> Tensor:
        """Return log(frames + 1), (n,), for (n, row)."""
        x, state, logs = torch.zeros(1), None, []
        for row in rows:
            y, state = self.lstm(torch.cat([self.prenet(x), row])[None], state)
            x = relu(self.fc(y[0]))
            logs.append(x)
        return torch.cat(logs)


class VarianceAdaptor(nn.Module):
    """All that is predicted of a symbol before there are frames."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.pitch_predictor = VariancePredictor(sizes)
        self.energy_predictor = VariancePredictor(sizes)
        self.duration_predictor = DurationPredictor(sizes)
        pad = (sizes.variance_kernel - 1) // 2
        self.pitch_emb = nn.Conv1d(1, sizes.text, sizes.variance_kernel, padding=pad)
        self.energy_emb = nn.Conv1d(1, sizes.text, sizes.variance_kernel, padding=pad)

    def condition(self, text: Tensor, pitch: Tensor, energy: Tensor) -> Tensor:
        """Return the text, (n, text), that also says how it is to sound; pitch and energy (n,)."""
        y: Tensor = text + self.pitch_emb(pitch[None]).T + self.energy_emb(energy[None]).T
        return y
