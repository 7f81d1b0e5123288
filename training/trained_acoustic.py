"""The acoustic network of an experiment: its sizes, and the one that training left."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from training.networks.sambert import Sambert
from training.networks.sizes import FsmnSizes, Sizes
from training.untaught import fill
from training.voice_options import Acoustic

#: Rows of the tables of phones, tones, places in the syllable and in the word; of speakers and emotions.
SYMBOLS, SPEAKERS, EMOTIONS = (147, 10, 8, 8), 9, 36


def sizes_of(options: Acoustic, mels: int = 82) -> Sizes:
    """Return the sizes of the network that an experiment asks for."""
    row = options.text + options.speaker + options.emotion
    predictor, postnet = options.predictor_units, options.postnet_units
    shift = (options.postnet_taps - 1) // 2 - options.postnet_ahead
    return Sizes(
        symbols=SYMBOLS,
        embedding=options.embedding,
        encoder_layers=options.encoder_layers,
        encoder_units=options.encoder_units,
        encoder_heads=options.encoder_heads,
        encoder_inner=options.encoder_inner,
        encoder_kernel=3,
        text=options.text,
        speakers=SPEAKERS,
        speaker=options.speaker,
        emotions=EMOTIONS,
        emotion=options.emotion,
        predictor=FsmnSizes(row, 2 * predictor, predictor, options.predictor_layers, options.predictor_taps, 0),
        predictor_lstm=predictor,
        variance_kernel=9,
        duration_prenet=(options.duration_units, options.duration_units),
        duration_lstm=options.duration_units,
        prenet=(options.prenet, options.prenet, options.prenet),
        decoder_layers=options.decoder_layers,
        decoder_units=options.decoder_units,
        decoder_heads=options.decoder_heads,
        decoder_inner=options.decoder_inner,
        outputs_per_step=options.frames_per_step,
        mels=mels,
        postnet=FsmnSizes(mels, 2 * postnet, postnet, options.postnet_layers, options.postnet_taps, shift),
        postnet_lstm=postnet,
    )


def network_of(sizes: Sizes, state: dict[str, Tensor]) -> Sambert:
    """Return a network that speaks with trained weights."""
    network = Sambert(sizes)
    network.load_state_dict(state)
    return network.eval()


def load_acoustic(path: Path) -> Sambert:
    """Return the averaged network of a checkpoint, ready to speak all phones with the voice alone.

    Whoever else taught it is no voice of the service.
    """
    stored = torch.load(path, map_location="cpu", weights_only=True)
    table: dict[str, Any] = stored["sizes"]
    for name in ("predictor", "postnet"):
        table[name] = FsmnSizes(**table[name])
    network = network_of(Sizes(**table), stored["average"])
    fill(network, stored["taught"])
    network.spk_tokenizer.weight.data[1:] = network.spk_tokenizer.weight.data[0]
    return network
