"""Says how much of a sentence is made at a time: little at first, so that sound leaves soon, then more."""

from collections.abc import Iterator
from itertools import chain, repeat
from math import ceil

from tts.engines.sambert.voice import AcousticFacts, VocoderFacts

#: Sound in the first piece; what the networks look ahead is made besides.
_FIRST_MS = 60
#: Decoder steps of the pieces after it; the last number holds for all the rest.
_LATER_STEPS = (4, 8, 16)


def schedule(acoustic: AcousticFacts, vocoder: VocoderFacts, frame_ms: float) -> Iterator[int]:
    """Yield for ever how many decoder steps the next piece takes."""
    ahead_frames = acoustic.refine_lookahead_frames + vocoder.lookahead_frames
    first = ceil((ahead_frames + _FIRST_MS / frame_ms) / acoustic.outputs_per_step)
    return chain([first], _LATER_STEPS, repeat(_LATER_STEPS[-1]))
