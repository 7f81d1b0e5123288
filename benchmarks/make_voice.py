"""Makes a full-size voice of random weights, laid out as ModelScope's checkpoints are, to measure with.

Run it from the checkout: `.venv/bin/python -m benchmarks.make_voice FOLDER`. Symbols last about ten frames,
and every number stays finite; the sound is noise.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
import yaml
from torch import Tensor

from training.networks.sambert import Sambert
from training.networks.sizes import FsmnSizes, Sizes

SIZES = Sizes(
    symbols=(147, 10, 8, 8),
    embedding=512,
    encoder_layers=8,
    encoder_units=128,
    encoder_heads=8,
    encoder_inner=1024,
    encoder_kernel=3,
    text=32,
    speakers=9,
    speaker=32,
    emotions=36,
    emotion=32,
    predictor=FsmnSizes(inputs=96, inner=256, units=128, layers=3, taps=41, shift=0),
    predictor_lstm=128,
    variance_kernel=9,
    duration_prenet=(128, 128),
    duration_lstm=128,
    prenet=(256, 256, 128),
    decoder_layers=12,
    decoder_units=128,
    decoder_heads=8,
    decoder_inner=1024,
    outputs_per_step=3,
    mels=80,
    postnet=FsmnSizes(inputs=80, inner=512, units=256, layers=4, taps=41, shift=17),
    postnet_lstm=128,
)

SCALES, KERNELS, DILATIONS = (10, 5, 2, 2), (3, 7, 11), (1, 3, 5, 7)

#: Frames that a phone would last if nothing were known of it; with these weights it lasts about ten.
FRAMES = 26.0


def acoustic_state() -> dict[str, Tensor]:
    """Return the acoustic model's tensors, with durations that differ as they do in speech."""
    state = Sambert(SIZES).state_dict()
    duration = "variance_adaptor.duration_predictor."
    for name, factor in (("lstm.weight_ih_l0", 4), ("lstm.weight_ih_l1", 4), ("fc.weight", 8)):
        state[duration + name] *= factor
    state[duration + "fc.bias"] = torch.tensor([math.log(FRAMES + 1)])
    return state


def weight_normed(name: str, *shape: int) -> dict[str, Tensor]:
    """Return a convolution's direction and length, as the old weight normalisation keeps them."""
    direction = torch.randn(shape) / math.sqrt(math.prod(shape[1:]))
    length = direction.flatten(1).norm(dim=1).view(-1, 1, 1)
    return {f"{name}.weight_g": length, f"{name}.weight_v": direction}


def vocoder_state(causal: bool, channels: int = 256, mels: int = 80) -> dict[str, Tensor]:
    """Return the generator's tensors."""
    state: dict[str, Tensor] = {}

    def convolution(name: str, outputs: int, inputs: int, taps: int) -> None:
        state.update({**weight_normed(name, outputs, inputs, taps), f"{name}.bias": torch.zeros(outputs)})

    convolution("conv_pre.conv1d", channels, mels, 7)
    for stage, taps in enumerate(kernels(causal)):
        narrow = channels // 2
        up = f"transpose_upsamples.{stage}.1.deconv"
        state.update({**weight_normed(up, channels, narrow, taps), f"{up}.bias": torch.zeros(narrow)})
        convolution(f"repeat_upsamples.{stage}.2.conv1d", narrow, channels, 7)
        for block, width in enumerate(KERNELS, start=len(KERNELS) * stage):
            for kind in ("convs1", "convs2"):
                for layer in range(len(DILATIONS)):
                    convolution(f"conv_blocks.{block}.{kind}.{layer}.conv1d", narrow, narrow, width)
        channels = narrow
    convolution("conv_post.conv1d", 1, channels, 7)
    return state


def kernels(causal: bool) -> tuple[int, ...]:
    """Return the widths of the upsampling convolutions."""
    return (20, 10, 4, 4) if causal else (20, 11, 4, 4)


def acoustic_config() -> dict[str, Any]:
    """Return what `am/config.yaml` says."""
    params = {"encoder_num_heads": 8, "decoder_num_heads": 8, "predictor_shift": 0, "postnet_shift": 17}
    features = "sy,tone,syllable_flag,word_segment,emo_category,speaker_category"
    return {
        "model_type": "sambert",
        "Model": {"KanTtsSAMBERT": {"params": {**params, "outputs_per_step": 3, "num_mels": 80, "MAS": False}}},
        "linguistic_unit": {
            "cleaners": "english_cleaners",
            "lfeat_type_list": features,
            "speaker_list": "F7,F74,FBYN,FRXL,M7,xiaoyu",
        },
    }


def vocoder_config(causal: bool) -> dict[str, Any]:
    """Return what `voc/config.yaml` says."""
    params = {
        "in_channels": 80,
        "out_channels": 1,
        "channels": 256,
        "kernel_size": 7,
        "upsample_scales": list(SCALES),
        "upsample_kernal_sizes": list(kernels(causal)),
        "resblock_kernel_sizes": list(KERNELS),
        "resblock_dilations": [list(DILATIONS) for _ in KERNELS],
        "bias": True,
        "causal": causal,
        "nonlinear_activation": "LeakyReLU",
        "nonlinear_activation_params": {"negative_slope": 0.1},
        "use_weight_norm": True,
    }
    return {"model_type": "hifigan", "Model": {"Generator": {"params": params}}}


AUDIO = {
    "audio_config": {
        "sampling_rate": 16000,
        "hop_length": 200,
        "win_length": 1000,
        "n_fft": 2048,
        "n_mels": 80,
        "fmin": 0.0,
        "fmax": 8000.0,
        "norm_type": "mean_std",
    }
}


def files(causal: bool) -> Iterator[tuple[str, Any]]:
    """Yield what a voice's folder holds: its name and either tensors or what a YAML file says."""
    yield "audio_config.yaml", AUDIO
    yield "am/config.yaml", acoustic_config()
    yield "am/ckpt/checkpoint_0.pth", {"model": acoustic_state(), "steps": 0}
    yield "voc/config.yaml", vocoder_config(causal)
    yield "voc/ckpt/checkpoint_0.pth", {"model": {"generator": vocoder_state(causal)}, "steps": 0}


def make(folder: Path) -> None:
    """Write a model of two voices, `full_emo` and, with a causal vocoder, `full_causal`; they are always the same."""
    voices = {"full_emo": False, "full_causal": True}
    for voice, causal in voices.items():
        torch.manual_seed(0)
        for name, content in files(causal):
            path = folder / "voices" / voice / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.suffix == ".pth":
                torch.save(content, path)
            else:
                path.write_text(yaml.safe_dump(content), encoding="utf-8")
    model = {"type": "sambert-hifigan", "sample_rate": 16000}
    configuration = {"framework": "pytorch", "task": "text-to-speech", "model": model}
    (folder / "configuration.json").write_text(json.dumps(configuration), encoding="utf-8")
    (folder / "voices" / "voices.json").write_text(json.dumps({"voices": list(voices)}), encoding="utf-8")


def main() -> None:
    """Make the model in the folder that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    make(parser.parse_args().folder)


if __name__ == "__main__":
    main()
