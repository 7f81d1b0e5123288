"""Tests of vocoders that convolve bytes: near the exact wave, and the same in chunks as in one go."""

from itertools import accumulate, repeat
from pathlib import Path

import numpy as np
import pytest

from tests.vocoders import Mel, Wave, chunked, geometry_of, random_generator, session, whole
from training.byte_scale import Scale, widths
from training.flow import flows
from training.networks.hifigan import Generator
from training.quantize_vocoder import signal_to_noise_db, write_int8
from training.rounding import rounded
from tts.engines.sambert.vocoder import Vocoder

KERNELS = {False: (20, 11, 4, 4), True: (20, 10, 4, 4)}
CHUNK = 16


def mel_of(seed: int, frames: int = 120) -> Mel:
    """Return frames that change slowly, as those of speech do."""
    steps = np.random.default_rng(seed).standard_normal((frames + 8, 80)).astype(np.float32)
    return np.stack([steps[start : start + 8].mean(0) * 8**0.5 for start in range(frames)])


@pytest.fixture(scope="module", params=[(False, 0), (True, 0), (False, 2)], ids=["looks-ahead", "causal", "in floats"])
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Generator, Vocoder]:
    causal, float_stages = request.param
    generator, folder = random_generator(causal=causal, up_kernels=KERNELS[causal]), tmp_path_factory.mktemp("int8")
    seen = flows(generator, [mel_of(seed) for seed in range(4)])
    path = write_int8(generator, seen, folder, float_stages)
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


def test_more_stages_in_floats_are_nearer(tmp_path: Path) -> None:
    generator, mel = random_generator(causal=True, up_kernels=KERNELS[True]), mel_of(9)
    seen = flows(generator, [mel_of(seed) for seed in range(4)])
    snrs_db = []
    for float_stages in (0, 2, 4):
        write_int8(generator, seen, tmp_path, float_stages)
        vocoder = Vocoder(tmp_path, session, geometry_of(generator.sizes), int8=True)
        snrs_db.append(signal_to_noise_db(whole(generator, mel), chunked(vocoder, mel, repeat(CHUNK))))
    assert snrs_db == sorted(snrs_db)
    assert snrs_db[-1] > snrs_db[0] + 1


def test_zero_is_exact_and_rare_peaks_do_not_coarsen_the_rest() -> None:
    values = np.append(np.random.default_rng(0).uniform(-1, 1, 10_000), 50.0).astype(np.float32)[:, None]
    scale = Scale.fitting(values)
    assert scale.error(np.zeros((1, 1), np.float32)) == 0.0
    assert scale.step < Scale.of(-1.0, 50.0).step


def test_values_that_count_less_get_less_of_the_range() -> None:
    values = np.random.default_rng(0).standard_normal((10_000, 1)).astype(np.float32)
    assert Scale.fitting(values, below=0.1).zero < Scale.fitting(values).zero


def test_channels_of_their_own_widths_are_stored_finer() -> None:
    loudness = np.array([0.1, 1.0, 10.0], np.float32)
    values = np.random.default_rng(0).uniform(-0.1, 1, (5_000, 3)).astype(np.float32) * loudness
    wide = widths(values.min(0), values.max(0))
    np.testing.assert_allclose(wide / wide[1], loudness, rtol=0.05)
    fitted, plain = Scale.fitting(values, widths=wide), Scale.fitting(values)
    quiet = values[:, :1]
    assert fitted.error(quiet, 1.0, wide[:1]) < plain.error(quiet) / 100


def test_weights_are_rounded_so_that_errors_make_up_for_each_other() -> None:
    generate = np.random.default_rng(0)
    inputs = (1 + generate.standard_normal((2_000, 150)) @ generate.standard_normal((150, 150)) / 10).astype(np.float32)
    weight = generate.standard_normal((20, 150)).astype(np.float32)
    made, steps = rounded(weight, inputs.T @ inputs)
    nearest = np.rint(weight / steps[:, None])
    assert made.dtype == np.int8
    assert np.abs(made - weight / steps[:, None]).max() < 4
    exact = inputs @ weight.T
    gain_db = signal_to_noise_db(exact, inputs @ (made * steps[:, None]).T) - signal_to_noise_db(
        exact, inputs @ (nearest * steps[:, None]).T
    )
    assert gain_db > 3
