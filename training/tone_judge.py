"""Hears which tones were spoken: small networks, taught once by recordings alone and kept, to judge voices."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import nn

from training.corpus import Floats, Speaker
from training.states import Ints
from training.tones import TONES, describe, frequencies, fresh, taught
from training.utterances import Utterance

_EPOCHS = 40
#: The mean of several is heard: what one hears of seventy third tones differs by six of a hundred with its seed.
_NETWORKS = 4
#: How far rare tones are made as likely as frequent ones: what hears most tones of held-out recordings rightly.
_FAIRNESS = 0.3
#: Columns of `training.tones.describe`: energy at four places of a syllable. Where it falls, and how far, is a matter
#: of rooms, microphones and of how far a speaker sets syllables apart; so it counts beside the speaker's other
#: syllables, as F0 does. Of 23,535 syllables of recordings as many are heard rightly (in sentences 71.3 % instead of
#: 71.5, in words 96.9), by networks that were not taught by them.
_ENERGIES = slice(8, 12)
#: And how much of a syllable is voiced. Creak gives third tones away, but a voice that creaks less still has their
#: melody; recordings are heard as well without.
_VOICING = slice(12, 15)


class ToneJudge:
    """Hears which tone each syllable has; `common` are the logarithms of how frequent tones are, (5,)."""

    def __init__(self, networks: Sequence[nn.Module], common: Floats) -> None:
        self.networks, self.common = [network.eval() for network in networks], common

    @torch.no_grad()
    def hear(
        self, utterances: Sequence[Utterance], scales: Mapping[str, Speaker], speaker: str = ""
    ) -> tuple[Ints, Ints]:
        """Return the tones that are written and those that are heard, (syllables,) both, as places in `TONES`.

        The utterances are what is known of how their speakers speak; `speaker` is who made all of them, where it is
        not who recorded them. `scales` has the scales of all who speak.
        """
        rows, told = tone_rows(utterances, scales, speaker)
        if not len(told):
            return told, told
        heard = torch.from_numpy(rows)
        logs = torch.stack([torch.log_softmax(network(heard), dim=1) for network in self.networks]).mean(0).numpy()
        return told, (logs - _FAIRNESS * self.common).argmax(axis=1)


def tone_rows(utterances: Iterable[Utterance], scales: Mapping[str, Speaker], speaker: str = "") -> tuple[Floats, Ints]:
    """Return what is heard of the tone of each syllable, (syllables, features), and the tones that are written."""
    parts, told, speakers = [], [], []
    for it in utterances:
        found, who = it.spans, speaker or it.item.speaker
        if not found:
            continue
        item = replace(it.item, kind="sentence" if it.running else "word")
        parts.append(describe(found, it.sound, item, scales[who]))
        told += [TONES.index(one.tone) for one in found]
        speakers += [who] * len(found)
    if not told:
        return np.zeros((0, 0), np.float32), np.zeros(0, np.int64)
    rows, owners = np.concatenate(parts), np.array(speakers)
    for who in sorted(set(speakers)):
        own = rows[owners == who, _ENERGIES]
        rows[owners == who, _ENERGIES] = (own - own.mean(axis=0)) / (own.std(axis=0) + 1e-6)
    rows[:, _VOICING] = 0
    return rows, np.array(told, np.int64)


def tone_judge(path: Path, utterances: Iterable[Utterance], scales: Mapping[str, Speaker], seed: int) -> ToneJudge:
    """Return the judge that a file keeps; it is taught first, by recordings, where there is no such file."""
    if path.exists():
        stored = torch.load(path, weights_only=True)
        networks = [fresh(int(stored["features"])) for _ in stored["networks"]]
        for network, weights in zip(networks, stored["networks"], strict=True):
            network.load_state_dict(weights)
        return ToneJudge(networks, stored["common"].numpy())
    began = time.monotonic()
    rows, told = tone_rows(utterances, scales)
    networks = [taught(rows, told, _EPOCHS, seed + number) for number in range(_NETWORKS)]
    common = frequencies(told)
    weights = [network.state_dict() for network in networks]
    new = path.with_suffix(".new")
    torch.save({"features": rows.shape[1], "networks": weights, "common": torch.from_numpy(common)}, new)
    new.rename(path)
    print(f"tones: {len(told)} syllables, {time.monotonic() - began:.0f} s")
    return ToneJudge(networks, common)
