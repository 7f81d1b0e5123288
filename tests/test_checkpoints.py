"""Tests of reading published models: what they hold, and what is said when they do not."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.models import MODEL, VOICE, Model, acoustic, generator
from training.checkpoints import BadCheckpoint, read_voice, read_voices

BIAS = "conv_pre.conv1d.bias"


@pytest.fixture
def model(tmp_path: Path) -> Model:
    """Return a copy of the tiny model."""
    return Model(tmp_path / "model")


def test_the_tiny_model_is_read() -> None:
    assert read_voices(MODEL) == ["tiny_emo", "tiny_causal"]
    voice = read_voice(MODEL, "tiny_emo")
    assert (voice.name, voice.speaker, voice.sample_rate_hz, voice.hop) == ("tiny_emo", "F7", 16000, 200)
    assert (len(voice.am_state), len(voice.voc_state)) == (163, 318)
    assert (voice.am_config["num_mels"], voice.voc_config["causal"]) == (80, False)
    assert (voice.mvn, voice.se) == (None, None)


def test_voices_without_a_folder_are_passed_over(model: Model) -> None:
    model.list("gone", "tiny_causal", "tiny_emo")
    assert read_voices(model.folder) == ["tiny_causal", "tiny_emo"]


def test_one_voice_taken_out_of_its_model_is_read(model: Model) -> None:
    assert read_voices(model.home) == [VOICE]
    assert read_voice(model.home, VOICE).hop == 200


def test_the_highest_number_wins(model: Model) -> None:
    """Numbers, not names: 10 comes after 9."""
    model.retrain("voc", lambda state: state[BIAS].fill_(9), 9)
    model.retrain("voc", lambda state: state[BIAS].fill_(10), 10)
    (model.home / "voc" / "ckpt" / "checkpoint_best.pth").write_bytes(b"not read")
    assert read_voice(model.folder, VOICE).voc_state[BIAS][0] == 10


def test_a_fine_tuned_voice_is_read(model: Model) -> None:
    """Its paths stand in the configuration, absolute or not, to files or to folders of checkpoints."""
    model.configure(
        custom_ckpt={
            "voice_name": "mine",
            "am_config": f"voices/{VOICE}/am/config.yaml",
            "am_ckpt": f"voices/{VOICE}/am/ckpt/checkpoint_0.pth",
            "voc_config": str(model.home / "voc" / "config.yaml"),
            "voc_ckpt": str(model.home / "voc" / "ckpt"),
            "audio_config": f"voices/{VOICE}/audio_config.yaml",
        }
    )
    assert read_voices(model.folder) == ["mine"]
    assert read_voice(model.folder, "mine").name == "mine"


def test_a_fine_tuned_voice_lacks_a_path(model: Model) -> None:
    model.configure(custom_ckpt={"voice_name": "mine", "am_ckpt": "am"})
    with pytest.raises(BadCheckpoint, match="lacks am_config, voc_config, voc_ckpt, audio_config"):
        read_voice(model.folder, "mine")


def test_vocabularies_without_a_mask_are_read(model: Model) -> None:
    tables = ("sy_emb", "tone_emb", "syllable_flag_emb", "ws_emb")
    names = [f"text_encoder.{table}.weight" for table in tables] + ["emo_tokenizer.weight", "spk_tokenizer.weight"]
    model.retrain("am", lambda state: state.update({name: state[name][:-1].clone() for name in names}))
    with pytest.raises(BadCheckpoint, match=r"sy_emb\.weight has 146 rows where the Mandarin inventory of phones"):
        read_voice(model.folder, VOICE)
    model.configure(am={"linguistic_unit": {"has_mask": False}})
    assert len(read_voice(model.folder, VOICE).am_state["emo_tokenizer.weight"]) == 35


def test_a_voice_with_a_speaker_vector_is_read(model: Model) -> None:
    model.edit("am/config.yaml", lambda document: acoustic(document).update(SE=True))
    model.retrain("am", lambda state: state.pop("spk_tokenizer.weight"))
    with pytest.raises(BadCheckpoint, match=r"se\.npy is missing"):
        read_voice(model.folder, VOICE)
    np.save(model.home / "am" / "se.npy", np.ones(8))
    voice = read_voice(model.folder, VOICE)
    assert voice.se is not None
    assert voice.se.shape == (1, 8)
    assert voice.se.dtype == np.float32


def test_a_voice_with_a_harmonic_source_is_read(model: Model) -> None:
    model.edit("am/config.yaml", lambda document: acoustic(document).update(NSF=True))
    with pytest.raises(BadCheckpoint, match="disagree about NSF"):
        read_voice(model.folder, VOICE)
    nsf = {"nb_harmonics": 7, "sampling_rate": 16000}
    model.edit("voc/config.yaml", lambda document: generator(document).update(nsf_params=nsf))
    with pytest.raises(BadCheckpoint, match="makes 80 values a frame, the vocoder reads 82"):
        read_voice(model.folder, VOICE)
    name = "conv_pre.conv1d.weight_v"
    model.retrain("voc", lambda state: state.update({name: state[name][:, :78].clone()}))
    with pytest.raises(BadCheckpoint, match=r"mvn\.npy is missing"):
        read_voice(model.folder, VOICE)
    np.save(model.home / "am" / "mvn.npy", np.array([[210.0], [40.0]]))
    mvn = read_voice(model.folder, VOICE).mvn
    assert mvn is not None
    assert mvn.tolist() == [210, 40]
    np.save(model.home / "am" / "mvn.npy", np.ones(3))
    with pytest.raises(BadCheckpoint, match="a mean and a standard deviation, not 3 numbers"):
        read_voice(model.folder, VOICE)


@pytest.mark.parametrize(
    ("file", "change", "message"),
    [
        ("am/config.yaml", lambda d: acoustic(d).update(using_byte=True), "it reads bytes"),
        ("am/config.yaml", lambda d: d["linguistic_unit"].update(language="Sichuan"), "it speaks Sichuan"),
        ("am/config.yaml", lambda d: d["linguistic_unit"].update(lfeat_type_list="sy,tone"), "have the fields sy,tone"),
        (
            "am/config.yaml",
            lambda d: d["linguistic_unit"].update(speaker_list="M7,F7"),
            "spk_tokenizer.weight has 9 rows",
        ),
        ("am/config.yaml", lambda d: acoustic(d).pop("decoder_num_heads"), "lacks the key decoder_num_heads"),
        ("am/config.yaml", lambda d: acoustic(d).update(encoder_num_heads=3), "encoder_num_heads is 3, which does not"),
        ("am/config.yaml", lambda d: acoustic(d).update(decoder_num_heads=0), "decoder_num_heads is 0, which does not"),
        ("am/config.yaml", lambda d: acoustic(d).update(postnet_shift="x"), "postnet_shift must be int, not 'x'"),
        ("am/config.yaml", lambda d: d.pop("linguistic_unit"), "has no section linguistic_unit"),
        ("am/config.yaml", lambda d: d["Model"].pop("KanTtsSAMBERT"), "has no section Model.KanTtsSAMBERT"),
        ("voc/config.yaml", lambda d: generator(d).update(out_channels=4), "makes several bands"),
        ("voc/config.yaml", lambda d: generator(d).pop("causal"), "lacks the key causal"),
        ("voc/config.yaml", lambda d: generator(d).update(nonlinear_activation="Snake"), "has another activation than"),
        (
            "voc/config.yaml",
            lambda d: generator(d)["nonlinear_activation_params"].update(negative_slope=0.2),
            "negative_slope of 0.1",
        ),
        ("voc/config.yaml", lambda d: generator(d).update(upsample_scales=[8, 5, 3, 2]), "makes 240 samples a frame"),
        ("voc/config.yaml", lambda d: generator(d).update(hop_size=240), "voc/config.yaml says hop_size 240"),
        ("voc/config.yaml", lambda d: generator(d).update(causal=True), "causal is true, but kernels [20, 11, 4, 4]"),
        ("voc/config.yaml", lambda d: generator(d).update(upsample_kernal_sizes=[20]), "4 upsample_scales and 1"),
        (
            "voc/config.yaml",
            lambda d: generator(d).update(upsample_kernal_sizes=[20, 10, 4, 4]),
            "causal is false, but kernels [20, 10, 4, 4] for scales [10, 5, 2, 2] say otherwise",
        ),
        ("audio_config.yaml", lambda d: d["audio_config"].pop("sampling_rate"), "lacks the key sampling_rate"),
        ("audio_config.yaml", lambda d: d["audio_config"].update(hop_size=256), "audio_config.yaml says hop_size 256"),
    ],
)
def test_configurations_of_other_families(
    file: str, change: Callable[[dict[str, Any]], object], message: str, model: Model
) -> None:
    model.edit(file, change)
    with pytest.raises(BadCheckpoint) as caught:
        read_voice(model.folder, VOICE)
    assert message in str(caught.value)


def test_a_speaker_with_another_id(model: Model) -> None:
    six = "F74,F7,FBYN,FRXL,M7,xiaoyu"
    model.edit("am/config.yaml", lambda document: document["linguistic_unit"].update(speaker_list=six))
    with pytest.raises(BadCheckpoint, match=f"its speaker_list is {six}, of which none stands"):
        read_voice(model.folder, VOICE)


@pytest.mark.parametrize(
    ("part", "change", "message"),
    [
        ("am", lambda state: state.pop("emo_tokenizer.weight"), "the tensor emo_tokenizer.weight is missing"),
        ("am", lambda state: state.pop("mel_postnet.fc.weight"), "the tensor mel_postnet.fc.weight is missing"),
        ("am", lambda state: state.update({"text_encoder.sy_emb.weight": torch.ones(180, 64)}), "has 180 rows"),
        ("am", lambda state: state.update({"text_encoder.byte_index_emb.weight": torch.ones(259, 64)}), "reads bytes"),
        ("voc", lambda state: state.pop("conv_pre.conv1d.bias"), "the tensor conv_pre.conv1d.bias is missing"),
        ("voc", lambda state: state.pop("conv_pre.conv1d.weight_v"), "the tensor conv_pre.conv1d.weight_v is missing"),
        ("voc", lambda state: state.update(step=3), "has no tensors under model.generator"),
    ],
)
def test_tensors_of_other_families(
    part: str, change: Callable[[dict[str, Any]], object], message: str, model: Model
) -> None:
    model.retrain(part, change)
    with pytest.raises(BadCheckpoint) as caught:
        read_voice(model.folder, VOICE)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("audio_config.yaml", "audio_config.yaml is missing"),
        ("am/config.yaml", "config.yaml is missing"),
        ("am/ckpt/checkpoint_0.pth", "ckpt has no checkpoint_<number>.pth"),
        ("voc/ckpt/checkpoint_0.pth", "ckpt has no checkpoint_<number>.pth"),
    ],
)
def test_what_is_missing_is_named(file: str, message: str, model: Model) -> None:
    (model.home / file).unlink()
    with pytest.raises(BadCheckpoint) as caught:
        read_voice(model.folder, VOICE)
    assert message in str(caught.value)


@pytest.mark.parametrize("text", [b"a: [1", b"a: !!python/object/apply:os.getcwd []", b"\xff\xfe", b"", b"- 1"])
def test_broken_yaml_is_named(text: bytes, model: Model) -> None:
    (model.home / "am" / "config.yaml").write_bytes(text)
    with pytest.raises(BadCheckpoint, match=r"am/config\.yaml") as caught:
        read_voice(model.folder, VOICE)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "run `git lfs pull`"),
        (b"", "is broken"),
        (b"PK\x03\x04 cut off", "is broken"),
        (b"something else", "is broken"),
    ],
)
def test_a_broken_checkpoint_is_named(content: bytes, message: str, model: Model) -> None:
    (model.home / "am" / "ckpt" / "checkpoint_0.pth").write_bytes(content)
    with pytest.raises(BadCheckpoint, match=r"checkpoint_0\.pth") as caught:
        read_voice(model.folder, VOICE)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


class Opener:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.path,))


def test_code_in_a_checkpoint_runs_only_when_it_is_trusted(model: Model, tmp_path: Path) -> None:
    path = model.home / "am" / "ckpt" / "checkpoint_0.pth"
    saved = torch.load(path, weights_only=True)
    torch.save(saved | {"optimizer": Opener(tmp_path / "ran")}, path)
    with pytest.raises(BadCheckpoint, match="--trust-pickle"):
        read_voice(model.folder, VOICE)
    assert not (tmp_path / "ran").exists()
    assert len(read_voice(model.folder, VOICE, trust_pickle=True).am_state) == 163
    assert (tmp_path / "ran").exists()


@pytest.mark.parametrize("name", ["am", "vocoder"])
def test_the_layout_of_2022_is_told(name: str, model: Model) -> None:
    (model.home / name).mkdir(exist_ok=True)
    (model.home / name / "pytorch_model.bin").touch()
    with pytest.raises(BadCheckpoint, match="has the layout of 2022; only models published since 2023"):
        read_voice(model.folder, VOICE)


@pytest.mark.parametrize(
    ("listed", "message"),
    [
        ({"voices": []}, "none of the voices in"),
        ({"voices": ["gone"]}, "none of the voices in"),
        ({"voices": "tiny_emo"}, "lists no voices"),
        ({"voices": ["../voices/tiny_emo"]}, "is no name for a voice"),
    ],
)
def test_wrong_lists_of_voices(listed: object, message: str, model: Model) -> None:
    (model.folder / "voices" / "voices.json").write_text(json.dumps(listed), encoding="utf-8")
    with pytest.raises(BadCheckpoint) as caught:
        read_voices(model.folder)
    assert message in str(caught.value)


def test_a_folder_without_a_model(tmp_path: Path) -> None:
    with pytest.raises(BadCheckpoint, match=r"voices\.json is missing"):
        read_voices(tmp_path)


def test_a_voice_that_is_not_there() -> None:
    with pytest.raises(BadCheckpoint, match="has no voice 'nobody'; it has tiny_emo, tiny_causal"):
        read_voice(MODEL, "nobody")
