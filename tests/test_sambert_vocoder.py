"""Tests of the streaming vocoder: however the frames are divided, the wave is what torch makes of all at once."""

from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vocoders import GOLDEN, VOICES, Mel, Wave, chunked, geometry_of, golden_generator, session, whole
from training.export_vocoder import export
from tts.engines.sambert.vocoder import Vocoder

CASES = np.load(GOLDEN / "cases.npz")
NUMBERS = range(5)

voices = pytest.mark.parametrize("voice", VOICES)


@pytest.fixture(scope="module")
def vocoders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Vocoder]:
    return {voice: exported(voice, tmp_path_factory.mktemp(voice)) for voice in VOICES}


def exported(voice: str, folder: Path) -> Vocoder:
    generator = golden_generator(voice)
    export(generator, folder)
    return Vocoder(folder, session, geometry_of(generator.sizes))


def case_of(voice: str, case: int) -> tuple[Mel, Wave]:
    return CASES[f"{voice}/{case}/mel"], CASES[f"{voice}/{case}/wav"]


def assert_same(wave: Wave, expected: Wave) -> None:
    np.testing.assert_allclose(wave, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("case", NUMBERS)
@voices
def test_the_wave_in_one_call_is_the_reference(voice: str, case: int, vocoders: dict[str, Vocoder]) -> None:
    mel, expected = case_of(voice, case)
    assert_same(whole(golden_generator(voice), mel), expected)
    assert_same(chunked(vocoders[voice], mel, ()), expected)


@pytest.mark.parametrize("frames", [1, 2, 3, 7, 16, 64])
@voices
def test_the_wave_in_chunks_is_the_reference(voice: str, frames: int, vocoders: dict[str, Vocoder]) -> None:
    mel, expected = case_of(voice, 4)
    assert_same(chunked(vocoders[voice], mel, repeat(frames)), expected)


@settings(max_examples=25, deadline=None)
@given(voice=st.sampled_from(VOICES), case=st.sampled_from(NUMBERS), chunks=st.lists(st.integers(0, 60), max_size=30))
def test_the_wave_in_any_chunks_is_the_reference(
    voice: str, case: int, chunks: list[int], vocoders: dict[str, Vocoder]
) -> None:
    mel, expected = case_of(voice, case)
    assert_same(chunked(vocoders[voice], mel, chunks), expected)


@pytest.mark.parametrize("frames", range(1, 41))
@voices
def test_short_utterances(voice: str, frames: int, vocoders: dict[str, Vocoder]) -> None:
    """Shorter than what the vocoder looks ahead (18 frames), about that, and twice that."""
    mel = case_of(voice, 1)[0][:frames]
    expected = whole(golden_generator(voice), mel)
    assert len(expected) == 200 * frames
    assert_same(chunked(vocoders[voice], mel, ()), expected)
    assert_same(chunked(vocoders[voice], mel, repeat(5)), expected)


@voices
def test_samples_come_as_soon_as_they_are_exact(voice: str, vocoders: dict[str, Vocoder]) -> None:
    mel, expected = case_of(voice, 0)
    ahead = vocoders[voice].geometry.lookahead_frames
    vocoding = vocoders[voice].begin()
    so_far = 0
    for frame in range(40):
        so_far += len(vocoders[voice].feed(vocoding, mel[frame : frame + 1]))
        assert so_far >= 200 * (frame + 1 - ahead)
    rest = vocoders[voice].feed(vocoding, mel[40:], last=True)
    assert_same(rest, expected[so_far:])


@voices
def test_the_last_call_may_bring_no_frames(voice: str, vocoders: dict[str, Vocoder]) -> None:
    mel, expected = case_of(voice, 0)
    vocoding = vocoders[voice].begin()
    waves = [vocoders[voice].feed(vocoding, part) for part in (mel[:0], mel, mel[:0])]
    waves.append(vocoders[voice].feed(vocoding, mel[:0], last=True))
    assert_same(np.concatenate(waves), expected)


@voices
def test_an_utterance_without_frames_is_silent(voice: str, vocoders: dict[str, Vocoder]) -> None:
    assert chunked(vocoders[voice], np.zeros((0, 80), np.float32), ()).shape == (0,)


@voices
def test_utterances_at_the_same_time_do_not_disturb_each_other(voice: str, vocoders: dict[str, Vocoder]) -> None:
    vocoder, cases = vocoders[voice], [case_of(voice, case) for case in NUMBERS]
    streams = [(vocoder.begin(), list[Wave](), mel) for mel, _ in cases]
    for start in range(0, max(len(mel) for mel, _ in cases), 30):
        for vocoding, waves, mel in streams:
            if start < len(mel):
                waves.append(vocoder.feed(vocoding, mel[start : start + 30], last=start + 30 >= len(mel)))
    for (_, waves, _), (_, expected) in zip(streams, cases, strict=True):
        assert_same(np.concatenate(waves), expected)


@voices
def test_threads_share_a_vocoder(voice: str, vocoders: dict[str, Vocoder]) -> None:
    cases = [case_of(voice, case) for case in NUMBERS]
    with ThreadPoolExecutor(5) as threads:
        waves = threads.map(lambda case: chunked(vocoders[voice], case[0], repeat(9)), cases)
    for wave, (_, expected) in zip(waves, cases, strict=True):
        assert_same(wave, expected)


@voices
def test_frames_of_another_voice_are_refused(voice: str, vocoders: dict[str, Vocoder]) -> None:
    vocoding = vocoders[voice].begin()
    with pytest.raises(ValueError, match="another voice"):
        vocoders[voice].feed(vocoding, np.zeros((3, 82), np.float32))


@voices
def test_nothing_follows_the_end(voice: str, vocoders: dict[str, Vocoder]) -> None:
    vocoding = vocoders[voice].begin()
    vocoders[voice].feed(vocoding, np.zeros((3, 80), np.float32), last=True)
    with pytest.raises(ValueError, match="ended"):
        vocoders[voice].feed(vocoding, np.zeros((3, 80), np.float32))
