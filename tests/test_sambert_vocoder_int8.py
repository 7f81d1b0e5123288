"""Tests of vocoders that convolve bytes: near the exact wave, and the same in chunks as in one go."""

from itertools import accumulate, repeat

import numpy as np
import pytest

from tests.vocoders import Mel, Wave, chunked, geometry_of, random_generator, session, whole
from training.networks.hifigan import Generator
from training.quantize_vocoder import Scale, export_int8, signal_to_noise_db
from tts.engines.sambert.vocoder import Vocoder

KERNELS = {False: (20, 11, 4, 4), True: (20, 10, 4, 4)}
CHUNK = 16


def mel_of(seed: int, frames: int = 120) -> Mel:
    """Return frames that change slowly, as those of speech do."""
    steps = np.random.default_rng(seed).standard_normal((frames + 8, 80)).astype(np.float32)
    return np.stack([steps[start : start + 8].mean(0) * 8**0.5 for start in range(frames)])


@pytest.fixture(scope="module", params=[False, True], ids=["looks-ahead", "causal"])
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Generator, Vocoder]:
    causal = bool(request.param)
    generator, folder = random_generator(causal=causal, up_kernels=KERNELS[causal]), tmp_path_factory.mktemp("int8")
    path = export_int8(generator, [mel_of(seed) for seed in range(4)], folder)
    assert path.name == "vocode.int8.onnx"
    return generator, Vocoder(folder, session, geometry_of(generator.sizes), int8=True)


@pytest.fixture(scope="module")
def waves(case: tuple[Generator, Vocoder]) -> tuple[Wave, Wave, Wave]:
    """Return the exact wave of a mel, and what bytes make of it in one go and in chunks."""
    generator, vocoder = case
    mel = mel_of(9)
    return whole(generator, mel), chunked(vocoder, mel, ()), chunked(vocoder, mel, repeat(CHUNK))


def test_the_error_is_small(waves: tuple[Wave, Wave, Wave]) -> None:
    exact, at_once, _ = waves
    assert signal_to_noise_db(exact, at_once) > 28


def test_chunks_are_as_near_as_the_whole(waves: tuple[Wave, Wave, Wave]) -> None:
    exact, at_once, in_chunks = waves
    difference = signal_to_noise_db(exact, at_once) - signal_to_noise_db(exact, in_chunks)
    assert abs(difference) < 0.5


def test_borders_of_chunks_are_no_worse_than_the_rest(
    case: tuple[Generator, Vocoder], waves: tuple[Wave, Wave, Wave]
) -> None:
    exact, at_once, in_chunks = waves
    _, vocoder = case
    vocoding = vocoder.begin()
    lengths = [len(vocoder.feed(vocoding, part)) for part in np.split(mel_of(9), range(CHUNK, 120, CHUNK))]
    borders = np.zeros(len(exact), bool)
    for border in accumulate(lengths):
        borders[max(0, border - 100) : border + 100] = True
    power = [float(np.square(made - exact)[borders].mean()) for made in (at_once, in_chunks)]
    assert power[1] <= power[0] * 1.05


@pytest.mark.parametrize("frames", [1, 2, 18, 19, 40])
def test_short_utterances_have_their_length(frames: int, case: tuple[Generator, Vocoder]) -> None:
    generator, vocoder = case
    mel = mel_of(5)[:frames]
    wave = chunked(vocoder, mel, repeat(3))
    assert len(wave) == 200 * frames
    assert signal_to_noise_db(whole(generator, mel), wave) > 25


def test_zero_is_exact_and_rare_peaks_do_not_coarsen_the_rest() -> None:
    values = np.append(np.random.default_rng(0).uniform(-1, 1, 10_000), 50.0).astype(np.float32)
    scale = Scale.fitting(values)
    assert scale.error(np.zeros(1, np.float32)) == 0.0
    assert scale.step < Scale.of(-1.0, 50.0).step


def test_values_that_count_less_get_less_of_the_range() -> None:
    values = np.random.default_rng(0).standard_normal(10_000).astype(np.float32)
    assert Scale.fitting(values, below=0.1).zero < Scale.fitting(values).zero
