"""Takes creak for voice: low vowels whose pulses are too irregular for F0 are to be said low, with a clear voice."""

import json
from functools import cache
from importlib.resources import files
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from training.aligned import phone_names
from training.corpus import Floats
from training.states import Ints, is_final

#: Of a band up to 2 kHz in 0..1. Voice stands above it in 97 % of its frames, creak in 85 %, breath after it seldom.
_SOUNDS = 0.62
_LOW_BANDS = 40
#: In deviations of log F0: where third tones are lowest before they creak.
_FLOOR = -1.8


@cache
def _falling() -> frozenset[int]:
    """Return the ids of the tones that creak because they are low; the others are unvoiced at their edges."""
    inventory = files("tts.engines.sambert") / "data" / "inventory.json"
    tones = json.loads(inventory.read_text(encoding="utf-8"))["tone"]
    return frozenset(tones.index(name) for name in ("tone3", "tone4", "tone5"))


def clear_voice(
    pitch: Floats, voiced: NDArray[np.bool_], mel: Floats, ids: Ints, durations: Ints
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return pitch and voicing (N,) as a clear voice has them: finals that sound are voiced.

    Their pitch there is that around them, or low where a low tone has begun. `pitch` (N,) is in deviations of log F0,
    `mel` (N, 80) in 0..1; ids (n, 2 or more) begin with phone and tone, durations are (n,).
    """
    names, pitch, voiced = phone_names(), pitch.copy(), voiced.copy()
    sounds = mel[:, :_LOW_BANDS].max(axis=1) >= _SOUNDS
    edges = np.concatenate([[0], np.cumsum(durations)])
    for (phone, tone), (start, end) in zip(ids[:, :2], pairwise(edges), strict=True):
        if start == end or not is_final(names[phone]):
            continue
        own, rows = np.flatnonzero(voiced[start:end]), np.arange(end - start)
        if len(own):
            pitch[start:end] = np.interp(rows, own, pitch[start:end][own])
        if tone in _falling():
            low = (rows > (own[0] if len(own) else -1)) & ~voiced[start:end]
            pitch[start:end] = np.where(low, np.minimum(pitch[start:end], _FLOOR), pitch[start:end])
        if len(own) or tone in _falling():
            voiced[start:end] |= sounds[start:end]
    return pitch, voiced


def symbol_pitch(pitch: Floats, voiced: NDArray[np.bool_], before: Floats, ids: Ints, durations: Ints) -> Floats:
    """Return the pitch of symbols (n,): finals have the mean of their voiced frames, others what they had `before`."""
    names, edges, after = phone_names(), np.concatenate([[0], np.cumsum(durations)]), before.copy()
    for at, (start, end) in enumerate(pairwise(edges)):
        if is_final(names[ids[at, 0]]) and voiced[start:end].any():
            after[at] = pitch[start:end][voiced[start:end]].mean()
    return after
