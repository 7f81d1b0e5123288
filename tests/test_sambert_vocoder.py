"""Tests of the streaming vocoder: however the frames are divided, the wave is what torch makes of all at once."""

from itertools import repeat
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vocoders import GOLDEN, VOICES, chunked, geometry_of, golden_generator, session, whole
from training.export_vocoder import export
from tts.engines.sambert.vocoder import Vocoder

CASES = np.load(GOLDEN / "cases.npz")
NUMBERS = range(5)


@pytest.fixture(scope="module")
def vocoders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Vocoder]:
    return {voice: exported(voice, tmp_path_factory.mktemp(voice)) for voice in VOICES}


def exported(voice: str, folder: Path) -> Vocoder:
    generator = golden_generator(voice)
    export(generator, folder)
    return Vocoder(folder, session, geometry_of(generator.sizes))


@pytest.mark.parametrize("case", NUMBERS)
@pytest.mark.parametrize("voice", VOICES)
def test_torch_makes_the_reference_waves(voice: str, case: int) -> None:
    wave = whole(golden_generator(voice), CASES[f"{voice}/{case}/mel"])
    np.testing.assert_allclose(wave, CASES[f"{voice}/{case}/wav"], rtol=0, atol=1e-5)


@pytest.mark.parametrize("frames", [1, 2, 3, 7, 16, 64, 1000])
@pytest.mark.parametrize("voice", VOICES)
def test_chunks_make_the_reference_waves(voice: str, frames: int, vocoders: dict[str, Vocoder]) -> None:
    for case in NUMBERS:
        wave = chunked(vocoders[voice], CASES[f"{voice}/{case}/mel"], repeat(frames))
        np.testing.assert_allclose(wave, CASES[f"{voice}/{case}/wav"], rtol=0, atol=1e-5)


@settings(max_examples=30, deadline=None)
@given(
    voice=st.sampled_from(VOICES),
    case=st.sampled_from(NUMBERS),
    chunks=st.lists(st.integers(0, 40), max_size=60),
)
def test_any_chunks_make_the_reference_waves(
    voice: str, case: int, chunks: list[int], vocoders: dict[str, Vocoder]
) -> None:
    wave = chunked(vocoders[voice], CASES[f"{voice}/{case}/mel"], chunks)
    np.testing.assert_allclose(wave, CASES[f"{voice}/{case}/wav"], rtol=0, atol=1e-5)
