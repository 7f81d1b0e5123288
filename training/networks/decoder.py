"""The decoder: frames of three, one step after another, by attention to the near past and the near future."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from training.networks.encoder import EPSILON, FeedForward
from training.networks.predictors import Prenet
from training.networks.sizes import Sizes


class BandAttention(nn.Module):
    """One query for two attentions: to what was said, and to the memory of what is to be said."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        units, self.heads = sizes.decoder_units, sizes.decoder_heads
        self.layer_norm = nn.LayerNorm(units, eps=EPSILON)
        self.w_x_qkv = nn.Linear(units, 3 * units)
        self.fc_x = nn.Linear(units, units)
        self.w_h_kv = nn.Linear(sizes.memory, 2 * units)
        self.fc_h = nn.Linear(units, units)

    def split(self, rows: Tensor) -> Tensor:
        """Return (heads, n, width) for (n, units)."""
        return rows.view(len(rows), self.heads, -1).transpose(0, 1)

    def attend(self, query: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        """Return (1, units) for a query (1, units) and rows (n, units)."""
        found = scaled_dot_product_attention(self.split(query), self.split(keys), self.split(values))
        return found.transpose(0, 1).reshape(1, -1)


class Layer(nn.Module):
    """Both attentions, then feed-forward."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.pnca_attn = BandAttention(sizes)
        self.pos_ffn = FeedForward(sizes.decoder_units, sizes.decoder_inner, 1)

    def forward(self, x: Tensor, past: list[Tensor], future: Tensor, band: int) -> Tensor:
        """Return (1, units) for (1, units); `past` holds keys and values so far and gets this step's.

        `future` are the memory's keys and values from this step to the end of the band, (rows, 2 * units).
        """
        attn = self.pnca_attn
        query, own = attn.w_x_qkv(attn.layer_norm(x)).split([x.shape[1], 2 * x.shape[1]], dim=1)
        past.append(own)
        heard = attn.attend(query, *torch.cat(past[-band - 1 :]).chunk(2, dim=1))
        ahead = attn.attend(query, *future.chunk(2, dim=1))
        y: Tensor = self.pos_ffn(attn.fc_x(heard) + attn.fc_h(ahead) + x)
        return y


class Steps(nn.Module):
    """The whole decoder; ModelScope calls it `mel_dec`."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.mels, self.scale = sizes.mels, sizes.decoder_units**0.5
        self.prenet = Prenet([sizes.mels, *sizes.prenet], last_is_linear=True)
        self.dec_in_proj = nn.Linear(sizes.memory + sizes.prenet[-1], sizes.decoder_units)
        self.layers = [Layer(sizes) for _ in range(sizes.decoder_layers)]
        self.pnca = nn.ModuleList(self.layers)
        self.ln = nn.LayerNorm(sizes.decoder_units, eps=EPSILON)
        self.dec_out_proj = nn.Linear(sizes.decoder_units, sizes.outputs_per_step * sizes.mels)

    def forward(self, memory: Tensor, band: int) -> Tensor:
        """Return (steps * frames per step, mels) for a memory of (steps, memory)."""
        futures = [layer.pnca_attn.w_h_kv(memory) for layer in self.layers]
        pasts: list[list[Tensor]] = [[] for _ in self.layers]
        frame, frames = memory.new_zeros(1, self.mels), []
        for step, row in enumerate(memory):
            x = self.dec_in_proj(torch.cat([row[None], self.prenet(frame)], dim=1)) * self.scale
            for layer, past, future in zip(self.layers, pasts, futures, strict=True):
                x = layer(x, past, future[step : step + band + 1], band)
            frames.append(self.dec_out_proj(self.ln(x)).view(-1, self.mels))
            frame = frames[-1][-1:]
        return torch.cat(frames)


class Decoder(nn.Module):
    """Holds the steps under the name that checkpoints give them."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.mel_dec = Steps(sizes)

    def forward(self, memory: Tensor, band: int) -> Tensor:
        """Return (steps * frames per step, mels) for a memory of (steps, memory)."""
        y: Tensor = self.mel_dec(memory, band)
        return y
