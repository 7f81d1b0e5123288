"""Tells the SAMBERT voices of Mandarin, which we can export, from their relatives, which we cannot."""

from collections.abc import Mapping
from itertools import product
from math import prod
from typing import Any, Final

from torch import Tensor

from tts.engines.sambert.voice import inventory

_FIELDS: Final = "sy,tone,syllable_flag,word_segment,emo_category,speaker_category"
#: A table of embeddings -> the inventory that its rows stand for.
_TABLES: Final = {
    "text_encoder.sy_emb.weight": "phone",
    "text_encoder.tone_emb.weight": "tone",
    "text_encoder.syllable_flag_emb.weight": "syllable",
    "text_encoder.ws_emb.weight": "word",
    "emo_tokenizer.weight": "emotion",
}
_SPEAKERS: Final = "spk_tokenizer.weight"
#: What no shape of a tensor tells.
_ACOUSTIC_KEYS: Final = {
    "encoder_num_heads": int,
    "decoder_num_heads": int,
    "outputs_per_step": int,
    "predictor_shift": int,
    "postnet_shift": int,
}
#: What a number of heads must divide: the width of a normalisation.
_HEADS: Final = {
    "encoder_num_heads": "text_encoder.ling_enc.ln.weight",
    "decoder_num_heads": "mel_decoder.mel_dec.ln.weight",
}
_VOCODER_KEYS: Final = {
    "upsample_scales": list,
    "upsample_kernal_sizes": list,
    "resblock_kernel_sizes": list,
    "resblock_dilations": list,
    "causal": bool,
}
_AUDIO_KEYS: Final = {"sampling_rate": int, "hop_length": int}


class NotOurs(ValueError):
    """A checkpoint is of another family; the message says what tells."""


def check_family(
    params: Mapping[str, Any], linguistic: Mapping[str, Any], state: Mapping[str, Tensor], has_mask: bool
) -> None:
    """Raise `NotOurs` unless an acoustic model reads the symbols of our inventory."""
    if params.get("using_byte") or "text_encoder.byte_index_emb.weight" in state:
        raise NotOurs("it reads bytes; only voices that read pinyin can be imported")
    language = linguistic.get("language", "PinYin")
    if language != "PinYin":
        raise NotOurs(f"it speaks {language}; only Mandarin voices (PinYin) can be imported")
    fields = linguistic.get("lfeat_type_list", _FIELDS)
    if fields != _FIELDS:
        raise NotOurs(f"its symbols have the fields {fields}; only {_FIELDS} can be imported")
    _require(params, _ACOUSTIC_KEYS, "am/config.yaml")
    for key, name in _HEADS.items():
        units = state[name].shape[0] if name in state else 0  # a tensor that is missing is named elsewhere
        if params[key] < 1 or units % params[key]:
            raise NotOurs(f"am/config.yaml: {key} is {params[key]}, which does not divide {units} units")
    for table, field in _TABLES.items():
        _check_rows(state, table, len(inventory()[field]), f"the Mandarin inventory of {field}s", has_mask)
    if not params.get("SE"):
        _check_rows(state, _SPEAKERS, len(_speakers(linguistic)) + 3, "its speaker_list with its marks", has_mask)


def check_vocoder(
    params: Mapping[str, Any],
    generator: Mapping[str, Any],
    audio: Mapping[str, Any],
    am_state: Mapping[str, Tensor],
    voc_state: Mapping[str, Tensor],
) -> int:
    """Return the samples of a mel frame; raise `NotOurs` unless the vocoder fits the acoustic model and the audio."""
    _require(generator, _VOCODER_KEYS, "voc/config.yaml")
    _require(audio, _AUDIO_KEYS, "audio_config.yaml")
    if generator.get("out_channels", 1) != 1:
        raise NotOurs("its vocoder makes several bands; only those that make one wave can be imported")
    activation = generator.get("nonlinear_activation", "LeakyReLU"), generator.get("nonlinear_activation_params") or {}
    if activation[0] != "LeakyReLU" or activation[1].get("negative_slope", 0.1) != 0.1:
        raise NotOurs("its vocoder has another activation than LeakyReLU with a negative_slope of 0.1")
    for state, name in ((am_state, "mel_postnet.fc.weight"), (voc_state, "conv_pre.conv1d.bias")):
        if name not in state:
            raise NotOurs(f"the tensor {name} is missing")
    made = am_state["mel_postnet.fc.weight"].shape[0]
    nsf = bool(generator.get("nsf_params"))
    if bool(params.get("NSF")) is not nsf:
        raise NotOurs("acoustic model and vocoder disagree about NSF: one has a harmonic source, the other has none")
    read = _width(voc_state) + 2 * nsf
    if made != read:
        raise NotOurs(f"the acoustic model makes {made} values a frame, the vocoder reads {read}")
    hop: int = prod(generator["upsample_scales"])
    told = {"audio_config.yaml": audio, "voc/config.yaml": generator}
    for file, key in product(told, ("hop_length", "hop_size")):
        if told[file].get(key, hop) != hop:
            raise NotOurs(f"the vocoder makes {hop} samples a frame, {file} says {key} {told[file][key]}")
    _check_kernels(generator)
    return hop


def _check_kernels(generator: Mapping[str, Any]) -> None:
    """Raise `NotOurs` where the flag `causal` contradicts the kernels, as it would be heard in every sample.

    Causal vocoders have kernels of twice their scales; of the others, each can be centred on what it makes.
    """
    scales, kernels = generator["upsample_scales"], generator["upsample_kernal_sizes"]
    stages = list(zip(scales, kernels, strict=False))
    if len(scales) != len(kernels):
        raise NotOurs(f"voc/config.yaml: {len(scales)} upsample_scales and {len(kernels)} upsample_kernal_sizes")
    twice, centred = all(k == 2 * u for u, k in stages), all((k - u) % 2 == 0 for u, k in stages)
    if not (twice if generator["causal"] else centred):
        flag = str(generator["causal"]).lower()
        raise NotOurs(f"voc/config.yaml: causal is {flag}, but kernels {kernels} for scales {scales} say otherwise")


def speaker_of(linguistic: Mapping[str, Any]) -> str:
    """Return the speaker to write symbols with: F7, as the original front end does, or else the first one.

    Raises `NotOurs` when that speaker's id is another one in our inventory.
    """
    speakers = _speakers(linguistic)
    speaker = "F7" if "F7" in speakers else speakers[0]
    known = inventory()["speaker"]
    if speaker not in known or known.index(speaker) != speakers.index(speaker):
        raise NotOurs(f"its speaker_list is {','.join(speakers)}, of which none stands where our inventory has it")
    return speaker


def _speakers(linguistic: Mapping[str, Any]) -> list[str]:
    listed = str(linguistic.get("speaker_list", ",".join(inventory()["speaker"][:-3])))
    return [name.strip() for name in listed.split(",")]


def _width(state: Mapping[str, Tensor]) -> int:
    """Return the mel values a vocoder reads, whether or not its weight norm is folded."""
    weight = state.get("conv_pre.conv1d.weight_v", state.get("conv_pre.conv1d.weight"))
    if weight is None:
        raise NotOurs("the tensor conv_pre.conv1d.weight_v is missing")
    return int(weight.shape[1])


def _check_rows(state: Mapping[str, Tensor], table: str, whole: int, what: str, has_mask: bool) -> None:
    if table not in state:
        raise NotOurs(f"the tensor {table} is missing, so this is no SAMBERT voice of 2023")
    rows, expected = state[table].shape[0], whole - (not has_mask)
    if rows != expected:
        raise NotOurs(f"{table} has {rows} rows where {what} needs {expected}")


def _require(section: Mapping[str, Any], keys: Mapping[str, type], file: str) -> None:
    for key, kind in keys.items():
        if key not in section:
            raise NotOurs(f"{file} lacks the key {key}")
        if not isinstance(section[key], kind):
            raise NotOurs(f"{file}: {key} must be {kind.__name__}, not {section[key]!r}")
