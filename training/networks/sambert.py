"""The acoustic model as a whole: symbols in, mel spectrogram out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from training.networks.decoder import Decoder
from training.networks.encoder import TextEncoder
from training.networks.postnet import Postnet
from training.networks.predictors import VarianceAdaptor
from training.networks.sizes import Sizes, State, Unsupported, sizes_of

#: Tensors that checkpoints hold and inference does without: tables, and the aligner of training.
NEEDLESS = ("position_enc", "inv_timescales", "align_attention")


@dataclass(frozen=True, slots=True)
class Spoken:
    """All that the model says about one sentence of n symbols and N frames."""

    pitch: Tensor
    energy: Tensor
    durations: Tensor
    band: int
    memory: Tensor
    decoder_mel: Tensor
    mel: Tensor


class Sambert(nn.Module):
    """The acoustic model; `speaker`, (1, width), describes the speaker where the model has no table of speakers."""

    def __init__(self, sizes: Sizes, speaker: Tensor | None = None) -> None:
        super().__init__()
        self.sizes = sizes
        self.text_encoder = TextEncoder(sizes)
        if sizes.speakers:
            self.spk_tokenizer = nn.Embedding(sizes.speakers, sizes.speaker)
        elif speaker is None or speaker.shape != (1, sizes.speaker):
            raise Unsupported(f"this voice needs a speaker vector (se.npy) of shape (1, {sizes.speaker})")
        self.speaker = speaker
        self.emo_tokenizer = nn.Embedding(sizes.emotions, sizes.emotion)
        self.variance_adaptor = VarianceAdaptor(sizes)
        self.mel_decoder = Decoder(sizes)
        self.mel_postnet = Postnet(sizes)

    def speakers(self, ids: Tensor) -> Tensor:
        """Return (n, speaker) for (n,) ids."""
        rows: Tensor = self.spk_tokenizer(ids) if self.speaker is None else self.speaker.expand(len(ids), -1)
        return rows

    @torch.no_grad()
    def forward(self, ids: Tensor, emotion_ids: Tensor, speaker_ids: Tensor) -> Spoken:
        """Return what is said for ids (n, 4), (n,) and (n,) at the speed of the voice.

        Raises `ValueError` where no symbol lasts a frame.
        """
        text = self.text_encoder(ids)
        voice = torch.cat([self.speakers(speaker_ids), self.emo_tokenizer(emotion_ids)], dim=1)
        rows, adaptor = torch.cat([text, voice], dim=1), self.variance_adaptor
        pitch, energy = adaptor.pitch_predictor(rows), adaptor.energy_predictor(rows)
        text = adaptor.condition(text, pitch, energy)
        lengths = adaptor.duration_predictor(torch.cat([text, voice], dim=1)).exp() - 1
        durations = (lengths + 0.5).long()
        memory = regulate(text, voice, durations, self.sizes.outputs_per_step)
        band = int(lengths.max() / self.sizes.outputs_per_step + 0.5)
        decoded = self.mel_decoder(memory, band)[: int(durations.sum())]
        return Spoken(pitch, energy, durations, band, memory, decoded, self.mel_postnet(decoded))


def regulate(text: Tensor, voice: Tensor, durations: Tensor, group: int) -> Tensor:
    """Return the decoder's memory, (steps, memory): symbols repeated, with their positions, in groups.

    Raises `ValueError` where no symbol lasts a frame.
    """
    frames = int(durations.sum())
    if not frames:
        raise ValueError("nothing to say: every symbol has a duration of 0")
    padded = -frames % group
    text, voice = (
        torch.cat([x.repeat_interleave(durations, 0), x.new_zeros(padded, x.shape[1])]) for x in (text, voice)
    )
    counts = [torch.arange(1, int(duration) + 1) for duration in durations] + [torch.zeros(padded)]
    text = text + interleaved_positions(torch.cat(counts), text.shape[1])
    return torch.cat([text.reshape(len(text) // group, -1), voice[::group]], dim=1)


def interleaved_positions(places: Tensor, width: int) -> Tensor:
    """Return (n, width): sines at even and cosines at odd columns of places (n,)."""
    columns = torch.arange(width)
    angles = places[:, None] / 10000 ** (2 * (columns // 2) / width)
    return torch.where(columns % 2 == 0, angles.sin(), angles.cos())


def load_sambert(state: State, params: Mapping[str, Any] | None = None, speaker: Tensor | None = None) -> Sambert:
    """Return the network with a checkpoint's weights, ready to speak; `params` is its config's section.

    Raises `Unsupported` for checkpoints of other kinds and those with tensors missing, left over or misshapen.
    """
    network = Sambert(sizes_of(state, params), speaker)
    wanted = {name: value for name, value in state.items() if not any(part in name for part in NEEDLESS)}
    try:
        network.load_state_dict(wanted)
    except RuntimeError as error:
        raise Unsupported(str(error)) from error
    return network.eval()
