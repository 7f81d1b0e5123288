"""Tests of the HiFi-GAN network: what it reads from checkpoints, and how far it looks ahead."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from tests.vocoders import params_of, random_generator, state_of
from training.networks.hifigan import Sizes, fold, load
from training.networks.lookahead import lookahead_frames, stage_delays
from training.networks.polyphase import polyphase
from training.networks.source import SourceModule

#: The published configurations, as far as they differ from the one that looks ahead at 16 kHz, and their reach.
CONFIGURATIONS = {
    "noncausal_v1_16k": ({}, 18, 18),
    "v1_16k": ({"causal": True, "up_kernels": (20, 10, 4, 4)}, 35, 0),
    "v1_24k": (
        {"causal": True, "scales": (8, 5, 3, 2), "up_kernels": (16, 10, 6, 4), "dilations": ((1, 3, 5),) * 3},
        27,
        0,
    ),
    "v1_8k": ({"causal": True, "scales": (5, 5, 2, 2), "up_kernels": (10, 10, 4, 4)}, 62, 0),
}

configurations = pytest.mark.parametrize(("sizes", "before", "after"), CONFIGURATIONS.values(), ids=CONFIGURATIONS)


@configurations
def test_a_frame_depends_on_as_many_frames_as_computed(sizes: dict[str, Any], before: int, after: int) -> None:
    """The gradient says which frames count: other values than 0 reach exactly from t - before to t + after."""
    generator = random_generator(channels=16, **sizes).double()
    mel = torch.randn(1, 80, before + after + 9, dtype=torch.float64, requires_grad=True)
    middle, hop = before + 4, generator.sizes.hop
    generator(mel)[..., middle * hop : (middle + 1) * hop].sum().backward()
    assert mel.grad is not None
    counting = np.flatnonzero(mel.grad[0].abs().sum(0).numpy())
    assert (counting[0], counting[-1]) == (middle - before, middle + after)
    assert lookahead_frames(generator.sizes) == after


def test_causal_networks_are_never_behind() -> None:
    assert stage_delays(replace(Sizes(), causal=True)) == [0, 0, 0, 0, 0]


@configurations
def test_names_and_sizes_are_those_of_the_configuration(sizes: dict[str, Any], before: int, after: int) -> None:
    generator = random_generator(**sizes)
    own = generator.sizes
    params = {
        "upsample_scales": list(own.scales),
        "upsample_kernal_sizes": list(own.up_kernels),
        "resblock_kernel_sizes": list(own.block_kernels),
        "resblock_dilations": [list(dilations) for dilations in own.dilations],
        "causal": own.causal,
    }
    assert Sizes.read(params, generator.state_dict()) == own


def test_the_full_size_has_the_published_count_of_values() -> None:
    assert sum(tensor.numel() for tensor in random_generator(channels=256).parameters()) == 4_866_001


def test_folding_gives_each_first_index_the_length_that_g_says() -> None:
    folded = fold(state_of("tiny_emo"))
    weight = folded["transpose_upsamples.0.1.deconv.weight"]
    g = state_of("tiny_emo")["transpose_upsamples.0.1.deconv.weight_g"]
    torch.testing.assert_close(weight.flatten(1).norm(dim=1), g.flatten())
    assert not [name for name in folded if name.endswith(("_g", "_v"))]


def test_kernels_that_contradict_the_configuration_are_refused() -> None:
    with pytest.raises(ValueError, match="configuration"):
        load({**params_of("tiny_emo"), "upsample_kernal_sizes": [20, 10, 4, 4]}, state_of("tiny_emo"))


def test_a_missing_tensor_is_refused() -> None:
    state = state_of("tiny_emo")
    del state["conv_post.conv1d.bias"]
    with pytest.raises(RuntimeError, match=r"conv_post\.conv1d\.bias"):
        load(params_of("tiny_emo"), state)


def test_one_convolution_does_both_upsamplings_with_fewer_multiplications() -> None:
    """Of 7 + 20 / 10 products per output and input channel, 3 are left."""
    random = np.random.default_rng(0)
    repeated = random.standard_normal((4, 8, 7)).astype(np.float32)
    transposed = random.standard_normal((8, 4, 20)).astype(np.float32)
    weight, ahead = polyphase(repeated, transposed, 10, causal=False)
    assert (weight.shape, ahead) == ((40, 8, 3), 1)
    x = torch.randn(1, 8, 30)
    slow = torch.nn.functional.conv1d(x.repeat_interleave(10, 2), torch.from_numpy(repeated), padding=3)
    slow = slow + torch.nn.functional.conv_transpose1d(x, torch.from_numpy(transposed), stride=10, padding=5)
    fast = torch.nn.functional.conv1d(x, torch.from_numpy(weight), padding=1)
    fast = fast.reshape(10, 4, 30).permute(1, 2, 0).reshape(1, 4, 300)
    torch.testing.assert_close(fast, slow, rtol=0, atol=1e-4)


def test_training_reaches_every_weight() -> None:
    generator = random_generator(channels=16, nsf=(7, 16000)).train()
    f0_hz, noise = torch.full((1, 12), 200.0), torch.randn(1, 8, 2400)
    assert isinstance(generator.source_module, SourceModule)
    excitation = generator.source_module(f0_hz, torch.ones(1, 12), torch.zeros(1, 8), noise)
    generator(torch.randn(1, 80, 12), excitation).square().sum().backward()
    assert all(parameter.grad is not None and parameter.grad.any() for parameter in generator.parameters())
