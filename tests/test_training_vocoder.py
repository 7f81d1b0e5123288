"""A small vocoder learns the sound of buzzes, goes on where it was interrupted, and streams once it is exported."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import repeat
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.vocoders import chunked, session
from training.config import BadConfig, Config, Pitch, Vocoder
from training.copy_synthesis import CopySynthesis, cepstra, scores, source_of
from training.corpus import SPOKEN, Corpus, Item, Sound, Speaker, Statistics, load_statistics, write_corpus
from training.discriminators import Discriminators, feature_loss, fooling_loss, telling_loss
from training.export_vocoder import export
from training.features import HOP, SAMPLE_RATE_HZ, energy_db, mel
from training.networks.lookahead import lookahead_frames
from training.segments import Segments
from training.spectral_losses import MelLoss, StftLoss, energy_distance
from training.train_vocoder import Training, main
from training.trained_vocoder import load_generator, sizes_of
from training.wave import wave_of
from tts.engines.sambert.vocoder import Geometry
from tts.engines.sambert.vocoder import Vocoder as Streaming
from tts.types import Samples

FRAMES = 48
SMALL = Vocoder(
    channels=16, harmonics=7, block_kernels=(3,), dilations=(1,), batch=2, segment_frames=24, average=0.9,
    plain_steps=60, steps=80, report_steps=10, evaluate_steps=20,
    periods=(3,), period_channels=2, windows=(400,), window_channels=2,
)  # fmt: skip


def buzz(hz: np.ndarray) -> Samples:
    """Return a sound with an F0 for each frame, and a little noise."""
    phase = 2 * np.pi * np.cumsum(np.repeat(hz, HOP)) / SAMPLE_RATE_HZ
    noise = np.random.default_rng(0).normal(0, 0.003, len(phase))
    return np.asarray(0.1 * np.sum([np.sin(k * phase) / k for k in range(1, 13)], axis=0) + noise, np.float32)


def glide(low: float, high: float) -> np.ndarray:
    """Return F0 for each frame of an item."""
    return np.linspace(low, high, FRAMES, dtype=np.float32)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Return an experiment with six buzzes, one of them too short for a segment and one held out."""
    folder, sounds = tmp_path / "tiny" / "recordings", list[Sound]()
    items: list[Item] = []
    for number, ends in enumerate([(180, 240), (240, 180), (200, 200), (160, 260), (250, 170), (220, 190)]):
        frames = 20 if number == 4 else FRAMES
        f0 = glide(*ends)[:frames]
        audio = buzz(f0)
        items.append(Item(str(number), "me", "word", "held" if number == 5 else "train",
                          sum(it.frames for it in items), frames, 8000.0, "", "", ""))  # fmt: skip
        sounds.append(Sound(audio, mel(audio), f0, energy_db(audio)))
    write_corpus(folder, items, sounds)
    bands = np.concatenate([sound.mel for sound in sounds])
    scale = Speaker(0.0, 205.0, 205.0, 25.0, float(np.log(205)), 0.1, -20.0, 3.0)
    Statistics("me", bands.mean(axis=0).tolist(), (bands.std(axis=0) + 0.01).tolist(), {"me": scale}).save(folder)
    return Config(name="tiny", voice="me", recordings=(), work=tmp_path, vocoder=SMALL)


def test_it_learns_goes_on_and_streams(config: Config, capsys: pytest.CaptureFixture[str]) -> None:
    checkpoint = main(config)
    told = capsys.readouterr().out
    assert "4 recordings, 1 too short" in told
    assert "step 20, 1 held-out recordings: MCD " in told
    training = Training(config)
    assert "goes on after step 80" in capsys.readouterr().out
    assert training.history["mel"][5] < 0.7 * training.history["mel"][0]
    assert len(training.history["telling"]) == 2, "the discriminators begin after 60 steps"
    assert {path.name for path in (config.folder / "pictures").iterdir()} == {"vocoder.png", "vocoder_losses.png"}

    generator = load_generator(checkpoint)
    assert lookahead_frames(generator.sizes) == 0, "it is causal"
    trial = training.trial
    source = source_of(generator, trial.statistics)
    export(generator, config.folder)
    streaming = Streaming(config.folder, session, Geometry(HOP, 80, 0, source))
    for chunks in ([FRAMES], repeat(1), [5, 1, 17, 2]):
        streamed = chunked(streaming, trial.features[0], chunks)
        np.testing.assert_allclose(streamed, wave_of(generator, trial.features[0], source), atol=1e-5)


def test_it_may_be_tried_out_before_anything_was_told(config: Config) -> None:
    Training(replace(config, vocoder=replace(SMALL, steps=1, evaluate_steps=1))).run()
    assert [path.name for path in (config.folder / "pictures").iterdir()] == ["vocoder.png"]


def test_an_interruption_changes_nothing(config: Config) -> None:
    """In step 3 discriminators join in, so both kinds of steps lie on both sides of an interruption."""
    options = replace(SMALL, plain_steps=3)
    straight = Training(replace(config, vocoder=replace(options, steps=6)))
    straight.run()
    straight.path.unlink()
    for until in (2, 5, 6):
        interrupted = Training(replace(config, vocoder=replace(options, steps=until)))
        interrupted.run()
    assert interrupted.step == 6
    for one, other in ((straight.average, interrupted.average), (straight.critics, interrupted.critics)):
        pairs = zip(one.state_dict().values(), other.state_dict().values(), strict=True)
        assert all(torch.equal(*pair) for pair in pairs)


def test_it_is_taught_by_what_the_acoustic_model_says_too(config: Config) -> None:
    folder = config.folder / "recordings"
    np.save(folder / SPOKEN, np.load(folder / "mel.npy") + np.float16(0.1))
    batches = []
    for share in (0.0, 1.0, 0.5):
        segments = Segments(replace(config, vocoder=replace(SMALL, spoken=share)))
        batches.append([segments.batch(np.random.default_rng(seed)) for seed in range(8)])
    louder = 0.1 / torch.tensor(segments.statistics.mel_std)[:, None]
    for recorded, spoken in zip(*batches[:2], strict=True):
        torch.testing.assert_close(spoken.mel - recorded.mel, louder.expand_as(recorded.mel).float(), atol=0.02, rtol=0)
        assert torch.equal(spoken.wave, recorded.wave)
    shares = [
        torch.isclose(one.mel, two.mel).flatten(1).all(1) for one, two in zip(batches[0], batches[2], strict=True)
    ]
    assert 0.1 < torch.cat(shares).float().mean() < 0.9


def test_whoever_ends_it_loses_nothing(config: Config) -> None:
    training = Training(config)
    training.learn()
    training.stop()
    training.run()
    assert Training(config).step == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"scales": (10, 5, 2)}, "scales: .* make 100 samples of a frame, not 200"),
        ({"up_kernels": (20, 10)}, "up_kernels: there must be as many"),
        ({"up_kernels": (20, 10, 3)}, "up_kernels: none may be smaller"),
        ({"channels": 20}, "channels: 20 cannot be halved 3 times"),
    ],
)
def test_a_generator_that_cannot_be_built_is_refused(change: dict[str, Sequence[int]], message: str) -> None:
    with pytest.raises(BadConfig, match=message):
        sizes_of(replace(SMALL, **change))  # type: ignore[arg-type]  # each key with its own type


def test_what_does_not_fit_the_experiment_ends_with_a_message(config: Config) -> None:
    with pytest.raises(SystemExit, match="no recording of me lasts a segment"):
        Training(replace(config, vocoder=replace(SMALL, segment_frames=60)))
    Training(config).save()
    for change in ({"dilations": (3,)}, {"channels": 32}, {"window_channels": 3}):
        with pytest.raises(SystemExit, match="another size than the experiment"):
            Training(replace(config, vocoder=replace(SMALL, **change)))


def test_the_mel_loss_sees_the_spectrogram_of_the_features() -> None:
    one, other = (torch.from_numpy(buzz(glide(*ends))[None]) for ends in ((200, 240), (180, 180)))
    nepers = MelLoss().mel(one)[0, :, :FRAMES].numpy().T
    np.testing.assert_allclose(nepers / np.log(10) / 5 + 0.8, mel(one[0].numpy()), atol=1e-4)
    for loss in (MelLoss(), StftLoss()):
        assert float(loss(one, one)) == 0
        assert float(loss(one, other)) > 0.1


def test_hiss_that_varies_is_nearer_to_hiss_than_any_pattern() -> None:
    torch.manual_seed(0)
    hiss, one, other = 0.1 * torch.randn(3, 1, FRAMES * HOP)
    pattern = 0.1 * torch.randn(1, HOP).repeat(1, FRAMES)
    for distance in (MelLoss(), StftLoss()):
        varying = energy_distance(distance, one, other, hiss)
        steady = energy_distance(distance, pattern, pattern, hiss)
        assert 0 < float(varying) < 0.8 * float(steady)


def test_discriminators_learn_to_tell_two_sounds_apart() -> None:
    torch.manual_seed(0)
    recorded = torch.from_numpy(buzz(glide(200, 240))[None])
    made = 0.1 * torch.randn_like(recorded)
    critics = Discriminators((2, 3), 4, (400,), 4)
    optimiser = torch.optim.AdamW(critics.parameters(), 1e-2)
    for _ in range(50):
        loss = telling_loss(critics(recorded), critics(made))
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
    assert float(loss.detach()) < 0.3, "where neither side is told apart it is at least 0.5"
    with torch.no_grad():
        real, false = critics(recorded), critics(made)
    assert float(fooling_loss(real)) < 0.3 < float(fooling_loss(false))
    assert float(feature_loss(real, real)) == 0 < float(feature_loss(real, false))


def test_scores_tell_what_is_wrong() -> None:
    sound, pitch = buzz(glide(200, 240)), Pitch()
    same = scores(sound, sound, pitch, 220.0)
    assert (same.mcd_db, same.f0_rmse_hz, same.voicing_error, same.lsd_db) == (0, 0, 0, 0)
    softer = scores(sound, np.asarray(sound / 2, np.float32), pitch, 220.0)
    assert softer.lsd_db == pytest.approx(6.02, abs=0.01)
    assert softer.mcd_db < 0.1, "loudness alone is no distortion"
    higher = scores(sound, buzz(glide(210, 250)), pitch, 220.0)
    assert higher.f0_rmse_hz == pytest.approx(10, abs=1)
    half = np.repeat(np.array([1, 0], np.float32), len(sound) // 2)
    hushed = scores(sound, sound * half, pitch, 220.0)
    assert hushed.voicing_error == pytest.approx(0.5, abs=0.1)


def test_a_ripple_over_the_bands_is_one_cepstral_coefficient() -> None:
    ripple_db = np.cos(3 * np.pi / 80 * (np.arange(80) + 0.5))
    expected = np.eye(24)[2] * np.log(10) / 20
    np.testing.assert_allclose(cepstra(0.5 + ripple_db[None] / 100)[0], expected, atol=1e-6)


def test_copies_are_made_of_recordings_that_are_held_out(config: Config) -> None:
    corpus = Corpus(config.folder / "recordings")
    trial = CopySynthesis(config, corpus, load_statistics(corpus.folder), 3)
    assert [item.id for item in trial.items] == ["5"]
    torch.manual_seed(0)
    copies = trial.copies(Training(config).average)
    assert [len(it) for it in copies] == [FRAMES * HOP]
    assert trial.scores(copies)[0].mcd_db > 0
