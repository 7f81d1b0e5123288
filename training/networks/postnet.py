"""The postnet: what to add to decoded frames."""

from __future__ import annotations

from torch import Tensor, nn

from training.networks.fsmn import Fsmn
from training.networks.sizes import Sizes


class Postnet(nn.Module):
    """A memory network and a one-way recurrence; it looks ahead 3 frames in each layer."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.fsmn = Fsmn(sizes.postnet)
        self.lstm = nn.LSTM(sizes.postnet.units, sizes.postnet_lstm)
        self.fc = nn.Linear(sizes.postnet_lstm, sizes.mels)

    def forward(self, mel: Tensor) -> Tensor:
        """Return the final (n, mels) for decoded (n, mels)."""
        y: Tensor = self.fc(self.lstm(self.fsmn(mel))[0])
        return mel + y
