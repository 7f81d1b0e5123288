"""What an experiment says of its acoustic network, and of the voice that is made."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Acoustic:
    """The sizes of the acoustic network, and how it is trained."""

    embedding: int = 256
    encoder_layers: int = 4
    encoder_units: int = 128
    encoder_heads: int = 4
    encoder_inner: int = 512
    text: int = 64
    speaker: int = 16
    emotion: int = 16
    predictor_layers: int = 2
    predictor_units: int = 96
    predictor_taps: int = 21
    duration_units: int = 96
    prenet: int = 128
    decoder_layers: int = 6
    decoder_units: int = 128
    decoder_heads: int = 4
    decoder_inner: int = 512
    frames_per_step: int = 3
    postnet_layers: int = 2
    postnet_units: int = 192
    postnet_taps: int = 21
    postnet_ahead: int = 3
    """Frames that each layer of the postnet looks ahead; what is heard first waits for them."""
    syllable_s: float = 0.285
    """How long a syllable is to last in sentences, pauses aside; readers of sentences are brought to this tempo."""
    batch_frames: int = 2000
    learning_rate: float = 1.5e-3
    warm_up_steps: int = 400
    steady_steps: int = 6000
    """From here on the learning rate falls with the square root of the steps."""
    average: float = 0.999
    """How much of the averaged weights, which speak, a step keeps."""
    dropout: float = 0.1
    prenet_dropout: float = 0.5
    frame_noise: float = 0.1
    """Deviation of the noise on the frames that the decoder hears, in those of the features."""
    frame_dropout: float = 0.1
    """How many of these frames it does not hear at all."""
    own_frames: float = 0.5
    """How many of them are the network's own instead of the recording's."""
    pitch_shift: float = 1.5
    """Deviation of how much higher or lower a whole example is said to be where durations are predicted."""
    f0_weight: float = 0.3
    """Weights in the loss, beside 1 for the mean over the mel bands: F0, voicing, log-durations, pitch and energy."""
    voicing_weight: float = 0.3
    duration_weight: float = 0.5
    prosody_weight: float = 0.2
    checkpoint_s: float = 180.0
    report_s: float = 120.0
    pictures_s: float = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a voice says about itself when it is exported."""

    name: str = ""
    """What the menu shows; none for the name of the experiment."""
    sex: Literal["female", "male"] = "female"
    licence: str = "not stated"
    attribution: str = ""
    source: str = ""
