"""Makes small voices of random weights, with the real graphs, for tests of whatever speaks with them.

What they say is noise, but it has the times of speech: about 160 ms a syllable, and pauses only where a text has them.
"""

import json
from dataclasses import asdict
from pathlib import Path

import torch

from tests.sambert import silent_pauses
from training.export_acoustic import export_acoustic
from training.export_vocoder import export as export_vocoder
from training.networks.hifigan import Generator
from training.networks.hifigan import Sizes as VocoderSizes
from training.networks.lookahead import lookahead_frames
from training.networks.sambert import Sambert
from training.networks.sizes import FsmnSizes, Sizes
from tts.engines.sambert.voice import (
    MANIFEST,
    SYMBOLS,
    AcousticFacts,
    F0Scale,
    Manifest,
    NsfFacts,
    VocoderFacts,
    sha256,
)

#: The voices of a folder that `make_voices` makes; the second has a source, so that its pitch is known in Hz.
PLAIN, SUNG = "mini", "mini_sung"
EMOTIONS = {"neutral": "中性", "happy": "高兴", "sad": "悲伤", "angry": "生气"}
RATE_HZ, HOP = 16_000, 200


def sizes(mels: int) -> Sizes:
    """Return the sizes of an acoustic model with the tables of the published voices and little else."""
    return Sizes(
        symbols=(147, 10, 8, 8),
        embedding=16,
        encoder_layers=2,
        encoder_units=16,
        encoder_heads=2,
        encoder_inner=16,
        encoder_kernel=3,
        text=8,
        speakers=9,
        speaker=8,
        emotions=36,
        emotion=8,
        predictor=FsmnSizes(inputs=24, inner=16, units=8, layers=2, taps=11, shift=0),
        predictor_lstm=8,
        variance_kernel=9,
        duration_prenet=(8, 8),
        duration_lstm=8,
        prenet=(16, 16, 16),
        decoder_layers=2,
        decoder_units=16,
        decoder_heads=2,
        decoder_inner=16,
        outputs_per_step=3,
        mels=mels,
        postnet=FsmnSizes(inputs=mels, inner=16, units=16, layers=4, taps=41, shift=17),
        postnet_lstm=16,
    )


def make_voices(folder: Path) -> Path:
    """Make both voices in a folder, and return it."""
    make_voice(folder / PLAIN)
    make_voice(folder / SUNG, f0=F0Scale(210.0, 40.0))
    return folder


def make_voice(folder: Path, f0: F0Scale | None = None, seed: int = 0) -> Path:
    """Make a voice in its folder, with a harmonic source where its pitch is known, and return the folder."""
    folder.mkdir(parents=True)
    torch.manual_seed(seed)
    mels, nsf = 80, (7, RATE_HZ) if f0 else None
    network = Sambert(sizes(mels + 2 * bool(f0))).eval()
    network.load_state_dict({**network.state_dict(), **silent_pauses(network.state_dict())})
    durations = network.variance_adaptor.duration_predictor
    # All units but the switch of pauses have more to say, so that phones and emotions differ.
    durations.fc.weight.data[:, 1:] *= 3
    durations.fc.bias.data += 1
    for name, weight in durations.lstm.named_parameters():
        if name.startswith("weight_ih"):
            weight.data.mul_(6)
    generator = Generator(VocoderSizes(mels=mels, channels=16, nsf=nsf)).eval()
    acoustic = AcousticFacts(**export_acoustic(network, folder), f0=f0)
    export_vocoder(generator, folder)
    manifest = Manifest(
        format=1,
        id=folder.name,
        name=folder.name,
        language="zh",
        sex="female",
        sample_rate_hz=RATE_HZ,
        hop=HOP,
        mels=network.sizes.mels,
        emotions=EMOTIONS,
        speaker="F7",
        symbols=SYMBOLS,
        acoustic=acoustic,
        vocoder=VocoderFacts(False, lookahead_frames(generator.sizes), NsfFacts(nsf[0]) if nsf else None),
        licence="Apache-2.0",
        attribution="",
        source="random numbers",
        files={path.name: sha256(path) for path in sorted(folder.iterdir())},
    )
    (folder / MANIFEST).write_text(json.dumps(asdict(manifest), ensure_ascii=False), encoding="utf-8")
    return folder
