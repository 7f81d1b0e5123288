"""The text encoder: symbols to rows, by attention over the whole sentence."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import relu, scaled_dot_product_attention

from training.networks.sizes import TABLES, Sizes

EPSILON = 1e-6


def positions(rows: int, width: int) -> Tensor:
    """Return (rows, width) sines, then cosines, of positions 1, 2, ...; the last wavelength is 10000 · 2π."""
    half = width // 2
    angles = torch.arange(1, rows + 1)[:, None] / 10000 ** (torch.arange(half) / (half - 1))
    return torch.cat([angles.sin(), angles.cos()], dim=1)


class SelfAttention(nn.Module):
    """Attention of symbols to each other, with a residual where the widths allow it."""

    def __init__(self, inputs: int, units: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.layer_norm = nn.LayerNorm(inputs, eps=EPSILON)
        self.w_qkv = nn.Linear(inputs, 3 * units)
        self.fc = nn.Linear(units, units)

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, units) for (n, inputs)."""
        n = len(x)
        q, k, v = self.w_qkv(self.layer_norm(x)).view(n, 3, self.heads, -1).permute(1, 2, 0, 3)  # (heads, n, width)
        y: Tensor = self.fc(scaled_dot_product_attention(q, k, v).transpose(0, 1).reshape(n, -1))
        return y + x if x.shape == y.shape else y


class FeedForward(nn.Module):
    """Two convolutions over time, the second of one tap, with a residual."""

    def __init__(self, units: int, inner: int, kernel: int) -> None:
        super().__init__()
        self.layer_norm = nn.LayerNorm(units, eps=EPSILON)
        self.w_1 = nn.Conv1d(units, inner, kernel, padding=(kernel - 1) // 2)
        self.w_2 = nn.Conv1d(inner, units, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, units) for (n, units)."""
        y: Tensor = self.w_2(relu(self.w_1(self.layer_norm(x).T[None])))
        return x + y[0].T


class Block(nn.Module):
    """Attention, then feed-forward."""

    def __init__(self, inputs: int, sizes: Sizes) -> None:
        super().__init__()
        self.slf_attn = SelfAttention(inputs, sizes.encoder_units, sizes.encoder_heads)
        self.pos_ffn = FeedForward(sizes.encoder_units, sizes.encoder_inner, sizes.encoder_kernel)

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, units) for (n, inputs)."""
        y: Tensor = self.pos_ffn(self.slf_attn(x))
        return y


class Blocks(nn.Module):
    """The stack of blocks; the first one narrows embeddings to the encoder's width."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        widths = [sizes.embedding] + [sizes.encoder_units] * (sizes.encoder_layers - 1)
        self.fft = nn.ModuleList(Block(width, sizes) for width in widths)
        self.ln = nn.LayerNorm(sizes.encoder_units, eps=EPSILON)

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, units) for (n, embedding)."""
        for block in self.fft:
            x = block(x)
        y: Tensor = self.ln(x)
        return y


class TextEncoder(nn.Module):
    """Embeds the four ids of each symbol and lets the symbols see each other."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        for table, rows in zip(TABLES, sizes.symbols, strict=True):
            self.add_module(table, nn.Embedding(rows, sizes.embedding))
        self.scale = sizes.encoder_units**0.5
        self.ling_enc = Blocks(sizes)
        self.ling_proj = nn.Linear(sizes.encoder_units, sizes.text, bias=False)

    def forward(self, ids: Tensor) -> Tensor:
        """Return (n, text) for (n, 4) ids."""
        x = sum((self.get_submodule(table)(ids[:, column]) for column, table in enumerate(TABLES)), torch.zeros(()))
        y: Tensor = self.ling_proj(self.ling_enc(x * self.scale + positions(*x.shape)))
        return y
