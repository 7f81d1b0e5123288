"""Every size of an acoustic model, read from the shapes of its tensors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

State = Mapping[str, torch.Tensor]

#: In the order of the columns of a sentence's symbol ids.
TABLES = ("sy_emb", "tone_emb", "syllable_flag_emb", "ws_emb")


class Unsupported(ValueError):
    """A checkpoint is of a kind that cannot be spoken with."""


@dataclass(frozen=True, slots=True)
class FsmnSizes:
    """A feed-forward sequential memory network; `ahead` of its `taps` look into the future."""

    inputs: int
    inner: int
    units: int
    layers: int
    taps: int
    shift: int

    @property
    def behind(self) -> int:
        """Return how many frames a layer looks back."""
        return round((self.taps - 1) / 2) + self.shift

    @property
    def ahead(self) -> int:
        """Return how many frames a layer looks ahead."""
        return self.taps - 1 - self.behind


@dataclass(frozen=True, slots=True)
class Sizes:
    """The sizes of `formats`' acoustic model; heads and shifts are the only ones that shapes do not tell."""

    symbols: tuple[int, ...]
    embedding: int
    encoder_layers: int
    encoder_units: int
    encoder_heads: int
    encoder_inner: int
    encoder_kernel: int
    text: int
    speakers: int
    """Rows of the table of speakers; 0 where a vector of its own describes the speaker."""
    speaker: int
    emotions: int
    emotion: int
    predictor: FsmnSizes
    predictor_lstm: int
    variance_kernel: int
    duration_prenet: tuple[int, int]
    duration_lstm: int
    prenet: tuple[int, int, int]
    decoder_layers: int
    decoder_units: int
    decoder_heads: int
    decoder_inner: int
    outputs_per_step: int
    mels: int
    postnet: FsmnSizes
    postnet_lstm: int

    @property
    def row(self) -> int:
        """Return the width of a symbol's row: text, speaker, emotion."""
        return self.text + self.speaker + self.emotion

    @property
    def memory(self) -> int:
        """Return the width of a row of the decoder's memory."""
        return self.outputs_per_step * self.text + self.speaker + self.emotion


def sizes_of(state: State, params: Mapping[str, Any] | None = None) -> Sizes:
    """Return the sizes of a checkpoint's tensors; `params` is its config's section, for heads and shifts.

    Raises `Unsupported` for checkpoints of other kinds (bytes instead of symbols, filled pauses, broken files).
    """
    params = params or {}
    refuse_other_kinds(state, params)
    try:
        return _read(state, params)
    except (KeyError, ValueError, IndexError) as error:
        raise Unsupported(f"not the tensors of a SAMBERT acoustic model: {error}") from error


def refuse_other_kinds(state: State, params: Mapping[str, Any]) -> None:
    """Raise `Unsupported` where a checkpoint has parts that the networks here lack."""
    if params.get("using_byte") or any(name.startswith("text_encoder.byte_index_emb") for name in state):
        raise Unsupported("this voice reads bytes instead of phones; only voices that read phones are supported")
    if params.get("FP") or any(name.startswith("FP_predictor") for name in state):
        raise Unsupported("this voice inserts filled pauses (FP), which are not supported")


def _layers(state: State, prefix: str) -> int:
    """Return how many numbered blocks there are under a prefix."""
    return len({name[len(prefix) :].split(".")[0] for name in state if name.startswith(prefix)})


def _fsmn(state: State, prefix: str, shift: int) -> FsmnSizes:
    inner, inputs, _ = state[prefix + "ffn_lst.0.w_1.weight"].shape
    units, _, taps = state[prefix + "memory_block_lst.0.conv_dw.weight"].shape
    return FsmnSizes(inputs, inner, units, _layers(state, prefix + "ffn_lst."), taps, shift)


def _read(state: State, params: Mapping[str, Any]) -> Sizes:
    encoder, decoder, variance = "text_encoder.ling_enc.", "mel_decoder.mel_dec.", "variance_adaptor."
    duration = variance + "duration_predictor."
    predictor = _fsmn(state, variance + "pitch_predictor.fsmn.", int(params.get("predictor_shift", 0)))
    text, encoder_units = state["text_encoder.ling_proj.weight"].shape
    emotions, emotion = state["emo_tokenizer.weight"].shape
    speakers = state["spk_tokenizer.weight"].shape[0] if "spk_tokenizer.weight" in state else 0
    inner, _, kernel = state[encoder + "fft.0.pos_ffn.w_1.weight"].shape
    mels, decoder_units = state["mel_postnet.fc.weight"].shape[0], state[decoder + "ln.weight"].shape[0]
    prenet = tuple(state[f"{decoder}prenet.fcs.{n}.weight"].shape[0] for n in (0, 3, 6))
    return Sizes(
        symbols=tuple(state[f"text_encoder.{table}.weight"].shape[0] for table in TABLES),
        embedding=state["text_encoder.sy_emb.weight"].shape[1],
        encoder_layers=_layers(state, encoder + "fft."),
        encoder_units=encoder_units,
        encoder_heads=int(params.get("encoder_num_heads", encoder_units // 16)),
        encoder_inner=inner,
        encoder_kernel=kernel,
        text=text,
        speakers=speakers,
        speaker=predictor.inputs - text - emotion,
        emotions=emotions,
        emotion=emotion,
        predictor=predictor,
        predictor_lstm=state[variance + "pitch_predictor.blstm.weight_hh_l0"].shape[1],
        variance_kernel=state[variance + "pitch_emb.weight"].shape[2],
        duration_prenet=(
            state[duration + "prenet.fcs.0.weight"].shape[0],
            state[duration + "prenet.fcs.3.weight"].shape[0],
        ),
        duration_lstm=state[duration + "lstm.weight_hh_l0"].shape[1],
        prenet=(prenet[0], prenet[1], prenet[2]),
        decoder_layers=_layers(state, decoder + "pnca."),
        decoder_units=decoder_units,
        decoder_heads=int(params.get("decoder_num_heads", decoder_units // 16)),
        decoder_inner=state[decoder + "pnca.0.pos_ffn.w_1.weight"].shape[0],
        outputs_per_step=state[decoder + "dec_out_proj.weight"].shape[0] // mels,
        mels=mels,
        postnet=_fsmn(state, "mel_postnet.fsmn.", int(params.get("postnet_shift", 17))),
        postnet_lstm=state["mel_postnet.lstm.weight_hh_l0"].shape[1],
    )
