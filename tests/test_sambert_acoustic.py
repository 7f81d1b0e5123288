"""The acoustic model of Sambert voices: torch networks and exported graphs against reference tensors."""

from pathlib import Path

import numpy as np
import pytest

from tests.sambert import CASES, VOICES, cases, exported, line, network, said
from tts.engines.sambert.acoustic import Acoustic

TOLERANCE = 1e-4

golden = pytest.mark.parametrize(("voice", "case"), CASES)


@pytest.fixture(scope="module")
def voices(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Acoustic]:
    folder: Path = tmp_path_factory.mktemp("voices")
    return {voice: exported(network(voice), folder / voice) for voice in VOICES}


@golden
def test_the_torch_networks_reproduce_the_reference(voice: str, case: int) -> None:
    wanted = cases()[voice, case]
    spoken = said(network(voice), line(wanted))
    assert spoken.durations.tolist() == wanted["durations"].tolist()
    assert spoken.band == wanted["band"]
    for key in ("pitch", "energy", "decoder_mel", "mel"):
        np.testing.assert_allclose(getattr(spoken, key), wanted[key], atol=TOLERANCE, rtol=0)


@golden
def test_the_graphs_reproduce_the_reference(voices: dict[str, Acoustic], voice: str, case: int) -> None:
    wanted, acoustic = cases()[voice, case], voices[voice]
    score = acoustic.score(line(wanted))
    assert score.durations.tolist() == wanted["durations"].tolist()
    assert (score.band, score.frames) == (int(wanted["band"]), len(wanted["mel"]))
    np.testing.assert_allclose(score.pitch, wanted["pitch"], atol=TOLERANCE, rtol=0)
    np.testing.assert_allclose(score.energy, wanted["energy"], atol=TOLERANCE, rtol=0)
    decoded = acoustic.step([acoustic.begin(score)], len(score.memory))[0]
    np.testing.assert_allclose(decoded[: score.frames], wanted["decoder_mel"], atol=TOLERANCE, rtol=0)
    np.testing.assert_allclose(acoustic.mel(score), wanted["mel"], atol=TOLERANCE, rtol=0)
