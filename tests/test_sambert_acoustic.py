"""The acoustic model of Sambert voices: torch networks and exported graphs against reference tensors."""

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks.make_voice import SIZES
from tests.sambert import CASES, VOICES, cases, checkpoint, exported, in_emotion, line, network, said, silent_pauses
from training.networks.sambert import Sambert, load_sambert
from training.networks.sizes import Unsupported, sizes_of
from tts.engines.sambert.acoustic import Acoustic, Line
from tts.engines.sambert.regulator import NothingToSay

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


def test_pauses_without_duration(tmp_path: Path) -> None:
    """In real voices `#1` and the last `#4` always last 0 frames; here too, by a checkpoint changed for it."""
    model = network(changes=silent_pauses())
    acoustic = exported(model, tmp_path)
    for case in (0, 1, 2):
        sentence = line(cases()["tiny_emo", case])
        spoken, score = said(model, sentence), acoustic.score(sentence)
        pauses = sentence.emotion_ids == 0
        assert pauses[-1]
        assert not score.durations[pauses].any()
        assert score.durations[~pauses].all()
        assert score.durations.tolist() == spoken.durations.tolist()
        np.testing.assert_allclose(score.memory, spoken.memory, atol=TOLERANCE, rtol=0)
        np.testing.assert_allclose(acoustic.mel(score), spoken.mel, atol=TOLERANCE, rtol=0)


def test_nothing_to_say_is_said(tmp_path: Path) -> None:
    """A sentence of pauses alone would have no frame; the reference fails there in its own way."""
    model = network(changes=silent_pauses())
    acoustic, sentence = exported(model, tmp_path), line(cases()["tiny_emo", 0])
    pause = sentence.emotion_ids == 0
    alone = Line(*(getattr(sentence, field.name)[pause] for field in fields(Line)))
    with pytest.raises(NothingToSay, match="duration of 0"):
        acoustic.score(alone)
    with pytest.raises(ValueError, match="nothing to say"):
        said(model, alone)


def test_intensity_is_the_way_from_the_base_to_the_emotion(voices: dict[str, Acoustic]) -> None:
    """Weight 0 says the base, 1 the emotion, and what lies between is what a table with that row would say."""
    acoustic, neutral = voices["tiny_emo"], line(cases()["tiny_emo", 0])
    happy = in_emotion(neutral, 5)
    between = replace(happy, base_ids=neutral.emotion_ids)
    for weight, same in ((0.0, neutral), (1.0, happy)):
        weighted = replace(between, emotion_weights=np.full(len(neutral.ids), weight, np.float32))
        np.testing.assert_allclose(acoustic.score(weighted).memory, acoustic.score(same).memory, atol=1e-5, rtol=0)
    table = checkpoint("tiny_emo")[0]["emo_tokenizer.weight"].clone()
    table[30] = table[1] + 0.6 * (table[5] - table[1])
    spoken = said(network(changes={"emo_tokenizer.weight": table}), in_emotion(neutral, 30))
    score = acoustic.score(replace(between, emotion_weights=np.full(len(neutral.ids), 0.6, np.float32)))
    np.testing.assert_allclose(score.memory, spoken.memory, atol=TOLERANCE, rtol=0)


def test_pitch_and_energy_move(voices: dict[str, Acoustic]) -> None:
    acoustic, sentence = voices["tiny_emo"], line(cases()["tiny_emo", 0])
    plain = acoustic.score(sentence)
    one = sentence.emotion_weights
    moved = acoustic.score(
        replace(sentence, pitch_scale=2 * one, pitch_shift=0.5 * one, energy_shift=np.float32(-0.25) * one)
    )
    mean = plain.pitch.mean()
    np.testing.assert_allclose(moved.pitch, mean + 2 * (plain.pitch - mean) + 0.5, atol=1e-5, rtol=0)
    np.testing.assert_allclose(moved.energy, plain.energy - 0.25, atol=1e-5, rtol=0)
    assert np.abs(moved.memory[0] - plain.memory[0]).max() > 0.01


def test_a_speaker_may_be_a_vector(tmp_path: Path) -> None:
    """SE voices bring `se.npy` instead of a table; every symbol then has that speaker, whatever its id."""
    state, params = checkpoint("tiny_emo")
    vector = state["spk_tokenizer.weight"][:1]
    model = load_sambert({k: v for k, v in state.items() if k != "spk_tokenizer.weight"}, params, vector)
    wanted = cases()["tiny_emo", 0]
    acoustic = exported(model, tmp_path)
    score = acoustic.score(replace(line(wanted), speaker_ids=np.full(len(wanted["ids"]), 7)))
    np.testing.assert_allclose(acoustic.mel(score), wanted["mel"], atol=TOLERANCE, rtol=0)
    with pytest.raises(Unsupported, match=r"se\.npy"):
        load_sambert({k: v for k, v in state.items() if k != "spk_tokenizer.weight"}, params)


def test_frames_may_carry_pitch_and_voicing(tmp_path: Path) -> None:
    """NSF voices have 82 numbers in a frame: the last two are F0 and U/V."""
    torch.manual_seed(0)
    sizes = network().sizes
    model = Sambert(replace(sizes, mels=82, postnet=replace(sizes.postnet, inputs=82))).eval()
    model.variance_adaptor.duration_predictor.fc.bias.data += 1
    sentence = line(cases()["tiny_emo", 0])
    spoken, acoustic = said(model, sentence), exported(model, tmp_path)
    assert acoustic.mels == 82
    np.testing.assert_allclose(acoustic.mel(acoustic.score(sentence)), spoken.mel, atol=TOLERANCE, rtol=0)


def test_checkpoints_of_other_kinds_are_refused() -> None:
    state, params = checkpoint("tiny_emo")
    some = torch.zeros(1)
    load_sambert({**state, "align_attention.key.weight": some}, params)  # an aligner is for training only
    with pytest.raises(Unsupported, match="filled pauses"):
        load_sambert({**state, "FP_predictor.fc.weight": some}, params)
    with pytest.raises(Unsupported, match="bytes"):
        load_sambert(state, {**params, "using_byte": True})
    with pytest.raises(Unsupported, match=r"text_encoder\.sy_emb\.weight"):
        load_sambert({k: v for k, v in state.items() if "sy_emb" not in k}, params)
    with pytest.raises(Unsupported, match=r"mel_postnet\.fc\.bias"):
        load_sambert({k: v for k, v in state.items() if k != "mel_postnet.fc.bias"}, params)
    with pytest.raises(Unsupported, match="unheard_of"):
        load_sambert({**state, "unheard_of.weight": some}, params)


def test_sizes_of_a_full_model_are_read_back() -> None:
    assert sizes_of(Sambert(SIZES).state_dict()) == SIZES
