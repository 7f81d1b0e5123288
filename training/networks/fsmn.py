"""The feed-forward sequential memory network of predictors and postnet."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.functional import pad, relu

from training.networks.sizes import FsmnSizes


class Narrow(nn.Module):
    """A wide hidden layer and a narrow one, frame by frame."""

    def __init__(self, inputs: int, inner: int, units: int) -> None:
        super().__init__()
        self.w_1 = nn.Conv1d(inputs, inner, 1)
        self.w_2 = nn.Conv1d(inner, units, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return (units, n) for (inputs, n)."""
        y: Tensor = self.w_2(relu(self.w_1(x)))
        return y


class Memory(nn.Module):
    """Each channel's weighted past and future, plus itself; zeros lie beyond both ends."""

    def __init__(self, sizes: FsmnSizes) -> None:
        super().__init__()
        self.reach = (sizes.behind, sizes.ahead)
        self.conv_dw = nn.Conv1d(sizes.units, sizes.units, sizes.taps, groups=sizes.units, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return (units, n) for (units, n)."""
        y: Tensor = self.conv_dw(pad(x, self.reach))
        return y + x


class Fsmn(nn.Module):
    """Layers of narrow networks with memories, and residuals where the widths allow it."""

    def __init__(self, sizes: FsmnSizes) -> None:
        super().__init__()
        widths = [sizes.inputs] + [sizes.units] * (sizes.layers - 1)
        self.ffn_lst = nn.ModuleList(Narrow(width, sizes.inner, sizes.units) for width in widths)
        self.memory_block_lst = nn.ModuleList(Memory(sizes) for _ in widths)

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, units) for (n, inputs)."""
        x = x.T
        for narrow, memory in zip(self.ffn_lst, self.memory_block_lst, strict=True):
            y = memory(narrow(x))
            x = y + x if x.shape == y.shape else y
        return x.T
