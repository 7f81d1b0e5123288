"""The acoustic network over a whole batch at once, as it is trained: it is told the prosody and hears real frames.

What one sentence is without batch and step by step in `training.networks` is the same here, with the same weights.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812, the name all of torch's users know

from training.lessons import F0, Batch
from training.networks.decoder import BandAttention, Layer
from training.networks.encoder import Block, FeedForward, positions
from training.networks.fsmn import Fsmn, Memory, Narrow
from training.networks.predictors import Prenet, VariancePredictor
from training.networks.sambert import Sambert, interleaved_positions
from training.networks.sizes import TABLES


@dataclass(frozen=True, slots=True)
class Habits:
    """What is hidden from the network while it learns; nothing by default."""

    dropout: float = 0.0
    prenet_dropout: float = 0.0
    frame_noise: float = 0.0
    frame_dropout: float = 0.0
    own_frames: float = 0.0
    pitch_shift: float = 0.0


PLAIN = Habits()


@dataclass(frozen=True, slots=True)
class Forced:
    """What the network says of a batch of B lessons."""

    pitch: Tensor  # (B, n)
    energy: Tensor  # (B, n)
    log_durations: Tensor  # (B, n), of frames + 1, not yet rectified
    decoded: Tensor  # (B, N, mels)
    mel: Tensor  # (B, N, mels)


def forced(network: Sambert, batch: Batch, habits: Habits = PLAIN, heard: Tensor | None = None) -> Forced:
    """Return what the network says when it is told the prosody; `heard` (B, N, mels) replaces the real frames."""
    adaptor, drop = network.variance_adaptor, habits.dropout
    text = encoded(network, batch, drop)
    prosody = voices(network, torch.zeros_like(batch.manners), batch.manners)
    rows = torch.cat([text, prosody], 2)
    pitch = varied(adaptor.pitch_predictor, rows, batch.symbols, drop)
    energy = varied(adaptor.energy_predictor, rows, batch.symbols, drop)
    text = text + _over_symbols(adaptor.energy_emb, batch.energy)
    # Whoever asks for a higher voice does not ask for a slower one: durations must not depend on how high all is.
    shifted = batch.pitch + habits.pitch_shift * torch.randn(len(batch.pitch), 1) * batch.symbols
    rows = torch.cat([text + _over_symbols(adaptor.pitch_emb, shifted), prosody], 2)
    logs = lasting(network, rows, batch.lasts, habits.prenet_dropout)
    text = text + _over_symbols(adaptor.pitch_emb, batch.pitch)
    speakers = batch.speakers[:, None].expand_as(batch.emotions)
    memory = remembered(network, text, voices(network, speakers, batch.emotions), batch)
    frames = batch.features if heard is None else heard
    if habits.own_frames:
        frames = mixed(frames, stepped_unseen(network, memory, frames, batch, habits), habits.own_frames)
    decoded = stepped(network, memory, frames, batch, habits) * batch.frames[..., None]
    # The postnet is told the F0 of the recording too. So it learns to put harmonics where F0 says; else it would smear
    # them, since the decoder cannot know where exactly they were.
    tuned = torch.cat([decoded[..., :F0], batch.tune], 2)
    return Forced(pitch, energy, logs, decoded, refined(network, tuned, batch.frames))


def voices(network: Sambert, speakers: Tensor, emotions: Tensor) -> Tensor:
    """Return (B, n, speaker + emotion) for ids (B, n)."""
    return torch.cat([network.spk_tokenizer(speakers), network.emo_tokenizer(emotions)], 2)


def encoded(network: Sambert, batch: Batch, drop: float) -> Tensor:
    """Return the text, (B, n, text)."""
    encoder = network.text_encoder
    tables = [encoder.get_submodule(table) for table in TABLES]
    x = sum((table(batch.ids[..., column]) for column, table in enumerate(tables)), torch.zeros(()))
    x = F.dropout(x * encoder.scale + positions(*x.shape[1:]), drop)
    for block in encoder.ling_enc.fft:
        assert isinstance(block, Block)
        x = _block(block, x, batch.symbols, drop)
    y: Tensor = encoder.ling_proj(encoder.ling_enc.ln(x))
    return y


def _block(block: Block, x: Tensor, there: Tensor, drop: float) -> Tensor:
    attn = block.slf_attn
    q, k, v = (_heads(y, attn.heads) for y in attn.w_qkv(attn.layer_norm(x)).chunk(3, 2))
    y = F.dropout(attn.fc(attended(q, k, v, _unseen(there[:, None, None]))), drop)
    return fed(block.pos_ffn, y + x if x.shape == y.shape else y, there, drop)


def fed(feed: FeedForward, x: Tensor, there: Tensor | None = None, drop: float = 0.0) -> Tensor:
    """Return (B, n, units) for (B, n, units); a convolution is a product with rows laid side by side.

    One of several taps needs to know which symbols are there, (B, n).
    """
    normed, weight = feed.layer_norm(x), feed.w_1.weight
    if there is not None:
        taps = weight.shape[2] // 2
        padded = F.pad(normed * there[..., None], (0, 0, taps, taps))
        normed = torch.cat([padded[:, at : at + x.shape[1]] for at in range(weight.shape[2])], 2)
    wide = F.relu(F.linear(normed, weight.transpose(1, 2).flatten(1), feed.w_1.bias))
    y = F.linear(wide, feed.w_2.weight[..., 0], feed.w_2.bias)
    return x + (F.dropout(y, drop) if drop else y)


def _heads(x: Tensor, heads: int) -> Tensor:
    return x.reshape(*x.shape[:2], heads, -1).transpose(1, 2)


def attended(q: Tensor, k: Tensor, v: Tensor, bias: Tensor) -> Tensor:
    """Return (B, n, units) for (B, heads, n, width) and what is added to the scores, (B, 1, n or 1, n).

    On one core the plain products are several times as fast as the fused kernel's gradient.
    """
    scores = torch.matmul(q * q.shape[3] ** -0.5, k.transpose(2, 3)) + bias
    return torch.matmul(scores.softmax(3), v).transpose(1, 2).flatten(2)


def _unseen(seen: Tensor) -> Tensor:
    return torch.zeros(seen.shape).masked_fill_(~seen, -1e4)


def memorised(fsmn: Fsmn, x: Tensor, there: Tensor) -> Tensor:
    """Return (B, n, units) for (B, n, inputs)."""
    mask = there[..., None]
    for narrow, memory in zip(fsmn.ffn_lst, fsmn.memory_block_lst, strict=True):
        assert isinstance(narrow, Narrow)
        assert isinstance(memory, Memory)
        y = F.relu(F.linear(x, narrow.w_1.weight[..., 0], narrow.w_1.bias))
        y = F.linear(y, narrow.w_2.weight[..., 0]) * mask
        wide = F.pad(y.transpose(1, 2), memory.reach)
        y = F.conv1d(wide.float(), memory.conv_dw.weight, groups=wide.shape[1]).transpose(1, 2) + y
        x = y + x if x.shape == y.shape else y
    return x


def varied(predictor: VariancePredictor, rows: Tensor, there: Tensor, drop: float) -> Tensor:
    """Return one number for each symbol, (B, n), for (B, n, row)."""
    x = F.dropout(memorised(predictor.fsmn, rows, there), drop)
    lengths = there.sum(1)
    packed = nn.utils.rnn.pack_padded_sequence(x.float(), lengths, batch_first=True, enforce_sorted=False)
    y, _ = nn.utils.rnn.pad_packed_sequence(predictor.blstm(packed)[0], batch_first=True)
    return predictor.fc(F.dropout(y, drop)).squeeze(2).float()  # type: ignore[no-any-return]


def _over_symbols(conv: nn.Conv1d, x: Tensor) -> Tensor:
    y: Tensor = conv(x[:, None]).transpose(1, 2)
    return y


def lasting(network: Sambert, rows: Tensor, lasts: Tensor, drop: float) -> Tensor:
    """Return log(frames + 1), (B, n), not yet rectified, where each symbol hears how long the one before lasts."""
    predictor = network.variance_adaptor.duration_predictor
    before = F.pad(torch.log1p(lasts), (1, 0))[:, :-1, None]
    x = torch.cat([through(predictor.prenet, before, drop), rows], 2)
    y, _ = predictor.lstm(x.transpose(0, 1).float())
    return predictor.fc(F.dropout(y.transpose(0, 1), drop / 2)).squeeze(2).float()  # type: ignore[no-any-return]


def through(prenet: Prenet, x: Tensor, drop: float) -> Tensor:
    """Return what a prenet makes of (..., first width), some of it dropped after each rectifier."""
    for layer, linear in enumerate(prenet.fcs):
        x = F.dropout(F.relu(linear(x)), drop) if layer < prenet.rectified else linear(x)
    return x


def remembered(network: Sambert, text: Tensor, voice: Tensor, batch: Batch) -> Tensor:
    """Return the decoder's memory, (B, M, memory): rows for each frame with their places, by steps."""
    group, there = network.sizes.outputs_per_step, batch.frames[..., None]
    rows = torch.cat([text, voice], 2)
    spread = torch.gather(rows, 1, batch.which[..., None].expand(-1, -1, rows.shape[2])) * there
    text, voice = torch.tensor_split(spread, [text.shape[2]], 2)
    text = text + interleaved_positions(batch.places.flatten(), text.shape[2]).view_as(text)
    return torch.cat([text.reshape(len(text), -1, group * text.shape[2]), voice[:, ::group]], 2)


def stepped(network: Sambert, memory: Tensor, frames: Tensor, batch: Batch, habits: Habits) -> Tensor:
    """Return decoded frames, (B, N, mels); each step hears the last of `frames` (B, N, mels) before it."""
    steps = network.mel_decoder.mel_dec
    group = network.sizes.outputs_per_step
    before = F.pad(frames[:, group - 1 :: group], (0, 0, 1, 0))[:, :-1]
    if habits.frame_noise:
        before = before + habits.frame_noise * torch.randn_like(before)
    if habits.frame_dropout:
        before = before * (torch.rand_like(before[..., :1]) >= habits.frame_dropout)
    x = torch.cat([memory, through(steps.prenet, before, habits.prenet_dropout)], 2)
    x = steps.dec_in_proj(x) * steps.scale
    past, future = _windows(batch)
    for layer in steps.layers:
        x = _layer(layer, x, memory, past, future)
    y: Tensor = steps.dec_out_proj(steps.ln(x)).float()
    return y.reshape(len(y), -1, steps.mels)


@torch.no_grad()
def stepped_unseen(network: Sambert, memory: Tensor, frames: Tensor, batch: Batch, habits: Habits) -> Tensor:
    """Return what `stepped` does, without a trace in the gradient."""
    return stepped(network, memory, frames, batch, habits)


def mixed(frames: Tensor, own: Tensor, share: float) -> Tensor:
    """Return frames (B, N, mels), a share of them replaced by the network's own.

    When it speaks it hears nothing else, and must not be led away by what is not quite right.
    """
    return torch.where(torch.rand(*frames.shape[:2], 1) < share, own, frames)


def _windows(batch: Batch) -> tuple[Tensor, Tensor]:
    """Return what hides from each step what it does not see of the past and of the memory, (B, 1, M, M) both."""
    count = torch.arange(batch.steps.shape[1])
    ahead = (count[None] - count[:, None])[None]
    band, there = batch.bands[:, None, None], batch.steps[:, None]
    past = (ahead <= 0) & (ahead >= -band)
    # What is no step sees itself, so that it has something to see.
    future = (ahead >= 0) & (ahead <= band) & there | (ahead == 0)
    return _unseen(past[:, None]), _unseen(future[:, None])


def _layer(layer: Layer, x: Tensor, memory: Tensor, past: Tensor, future: Tensor) -> Tensor:
    attn: BandAttention = layer.pnca_attn
    qkv = attn.w_x_qkv(attn.layer_norm(x)).chunk(3, 2)
    q, k, v, ahead_k, ahead_v = (_heads(y, attn.heads) for y in (*qkv, *attn.w_h_kv(memory).chunk(2, 2)))
    heard, ahead = attended(q, k, v, past), attended(q, ahead_k, ahead_v, future)
    return fed(layer.pos_ffn, attn.fc_x(heard) + attn.fc_h(ahead) + x)


def refined(network: Sambert, decoded: Tensor, there: Tensor) -> Tensor:
    """Return final frames, (B, N, mels), for decoded ones."""
    postnet = network.mel_postnet
    x = memorised(postnet.fsmn, decoded, there)
    y, _ = postnet.lstm(x.transpose(0, 1).float())
    mel: Tensor = decoded + postnet.fc(y).transpose(0, 1).float()
    return mel
