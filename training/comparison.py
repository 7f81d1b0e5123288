"""Numbers of sets of utterances: beside what was recorded, as the judges hear them, and of running speech as such."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from training.aligned import phone_names
from training.corpus import Speaker
from training.features import HOP
from training.judges import Judges
from training.measures import (
    correlation,
    distortion_db,
    of_syllables,
    paired,
    range_semitones,
    rms,
    roughness,
    seconds,
    semitones,
    stretches,
)
from training.spoken import Spoken
from training.states import GLOTTAL, is_final
from training.tones import TONES
from training.utterances import Utterance
from tts.engines.sambert.voice import inventory

_SPEECH_DB = 40.0  # frames further below the loudest are silence and count for nothing
_FULL_TONES = 4

Numbers = dict[str, float]


def phones(it: Utterance) -> list[int]:
    """Return which symbols of an utterance are phones that can be heard."""
    names = [phone_names()[int(row[0])] for row in it.ids]
    return [at for at, name in enumerate(names) if not name.startswith("#") and name not in GLOTTAL]


def alike(first: Utterance, second: Utterance) -> bool:
    """Tell whether two utterances have the same phones with the same tones."""
    return np.array_equal(first.ids[phones(first), :2], second.ids[phones(second), :2])


@dataclass(frozen=True, slots=True)
class Frames:
    """Pairs of frames in which somebody speaks, (n,) each."""

    distortion_db: NDArray[np.floating]
    f0_hz: NDArray[np.floating]
    made_hz: NDArray[np.floating]
    tone: NDArray[np.str_]
    """Of the final that the frame is in, or empty."""


def frames(real: Utterance, made: Utterance) -> Frames:
    """Return the frames of an utterance that is spoken like another, symbol by symbol."""
    own, other = phones(real), phones(made)
    edges, others = stretches(real.durations), stretches(made.durations)
    pairs = paired([edges[at] for at in own], [others[at] for at in other])
    loud = real.sound.energy_db[pairs.first] > real.sound.energy_db.max() - _SPEECH_DB
    first, second = pairs.first[loud], pairs.second[loud]
    tones = np.array([_tone(real, at) for at in own])[pairs.symbol[loud]]
    mels = real.sound.mel[first], made.sound.mel[second]
    return Frames(distortion_db(*mels), real.sound.f0_hz[first], made.sound.f0_hz[second], tones)


def _tone(it: Utterance, at: int) -> str:
    phone, tone = (int(value) for value in it.ids[at, :2])
    return inventory()["tone"][tone] if is_final(phone_names()[phone]) else ""


def compared(pairs: Sequence[tuple[Utterance, Utterance]]) -> Numbers:
    """Return how far made utterances are from recorded ones that are alike."""
    every = [frames(real, made) for real, made in pairs]
    told, said, tones = (np.concatenate([getattr(it, name) for it in every]) for name in ("f0_hz", "made_hz", "tone"))
    both = (told > 0) & (said > 0)
    steps = [np.where(hz > 0, semitones(np.maximum(hz, 1.0)), 0.0) for hz in (told, said)]
    numbers = {
        "mel-cepstral distortion, dB": float(np.concatenate([it.distortion_db for it in every]).mean()),
        "voiced/unvoiced error, %": 100 * float(((told > 0) != (said > 0)).mean()),
        "F0 RMSE, Hz": rms((told - said)[both]),
        "F0 RMSE, semitones": rms((steps[0] - steps[1])[both]),
        "F0 correlation": correlation(told[both], said[both]),
    }
    for number, name in enumerate(TONES[:_FULL_TONES], 1):
        own = both & (tones == name)
        numbers[f"F0 RMSE of tone {number}, semitones"] = rms((steps[0] - steps[1])[own])
        numbers[f"F0 correlation of tone {number}"] = correlation(steps[0][own], steps[1][own])
    return numbers | _lasting(pairs)


def _lasting(pairs: Sequence[tuple[Utterance, Utterance]]) -> Numbers:
    real, made = (
        np.concatenate([pair[side].durations[phones(pair[side])] for pair in pairs]).astype(float) for side in (0, 1)
    )
    return {
        "duration RMSE of phones, ms": 1000 * seconds(rms(real - made)),
        "duration correlation of phones": correlation(real, made),
        "duration of all, % of the recordings'": 100 * float(made.sum() / real.sum()),
    }


def misheard(utterances: Sequence[Utterance], judges: Judges, speaker: str = "") -> Numbers:
    """Return how many syllables are misheard; `speaker` makes the utterances, where it is not who recorded them."""
    wrong, count = 0, 0
    for it in utterances:
        errors = judges.syllable_errors(it, speaker or it.item.speaker)
        wrong, count = wrong + errors[0], count + errors[1]
    return {"syllable error, %": 100 * wrong / max(count, 1)}


def confusion(
    utterances: Sequence[Utterance], judges: Judges, scales: Mapping[str, Speaker], speaker: str
) -> list[list[int]]:
    """Return how often each tone, by row, is heard as each, by column, (5, 5); `speaker` is as for `misheard`."""
    table = np.zeros((len(TONES), len(TONES)), np.int64)
    np.add.at(table, judges.tones.hear(utterances, scales, speaker), 1)
    rows: list[list[int]] = table.tolist()
    return rows


def told_tones(table: Sequence[Sequence[int]]) -> Numbers:
    """Return how many of each full tone are heard as such, of a table of confusions (5, 5)."""
    return {
        f"tone {number + 1} heard as such, %": 100 * row[number] / sum(row) if any(row) else np.nan
        for number, row in enumerate(table[:_FULL_TONES])
    }


def running(utterances: Sequence[Utterance]) -> Numbers:
    """Return pace and range of running speech, and how far syllables are set apart."""
    syllables = sum(len(it.spans) for it in utterances)
    spoken = sum(int(it.durations[phones(it)].sum()) for it in utterances)
    whole = sum(int(it.durations.sum()) for it in utterances)
    falls = np.concatenate([_falls_db(it) for it in utterances])
    return {
        "seconds per syllable": seconds(spoken) / syllables,
        "seconds per syllable, with pauses": seconds(whole) / syllables,
        "F0 range in a sentence, semitones": float(np.median([range_semitones(it.tonal_hz) for it in utterances])),
        "fall of level in finals inside a phrase, dB": float(np.median(falls)) if len(falls) else np.nan,
    }


def _falls_db(it: Utterance) -> NDArray[np.floating]:
    """Return how far the last frame is below the loudest one in each final that a phone follows without a pause."""
    names, heard = [phone_names()[int(row[0])] for row in it.ids], np.flatnonzero(it.durations)
    edges, levels = stretches(it.durations), it.sound.energy_db
    inner = [at for at, after in pairwise(heard) if is_final(names[at]) and not names[after].startswith("#")]
    return np.array([levels[slice(*edges[at])].max() - levels[edges[at][1] - 1] for at in inner])


def clicks(spoken: Sequence[Spoken]) -> Numbers:
    """Return how rough sound is where stretches of it were joined, beside the sound around, and where none were."""
    numbers = {}
    for name, later in (("at joints", 0), ("three frames later", 3 * HOP)):
        pairs = [roughness(it.raw, [border + later for border in it.borders]) for it in spoken]
        place, nearby = (np.concatenate([pair[side] for pair in pairs]) for side in (0, 1))
        numbers[f"roughness {name}, of that around"] = float(place.mean() / nearby.mean()) if len(place) else np.nan
        ratio = place / np.maximum(nearby, 1e-7)
        numbers[f"largest roughness {name}, of that around"] = float(ratio.max(initial=0.0))
    return numbers | {"joints": float(sum(len(it.borders) for it in spoken))}


@dataclass(frozen=True, slots=True)
class Melody:
    """How long the n syllables of a sentence last, in frames, and how high they are, in semitones; nan for unknown."""

    lasts: NDArray[np.floating]
    pitch: NDArray[np.floating]


def melody(it: Utterance) -> Melody:
    """Return the melody of what is spoken."""
    edges = stretches(it.durations)
    finals = [at for at in range(len(it.ids)) if is_final(phone_names()[int(it.ids[at, 0])])]
    f0 = it.sound.f0_hz
    pitch = of_syllables(semitones(np.maximum(f0, 1.0)), f0 > 0, [edges[at] for at in finals])
    return Melody(np.array([it.durations[at - 1 : at + 1].sum() for at in finals], float), pitch)


def prosody(pairs: Sequence[tuple[Melody, Melody]]) -> Numbers:
    """Return how melodies of sentences agree with those of others, whatever their mean pitch and pace."""
    columns: list[list[NDArray[np.floating]]] = [[], [], [], []]
    for real, made in pairs:
        usable = (real.lasts > 0) & (made.lasts > 0)
        for column, lasts in zip(columns[:2], (real.lasts, made.lasts), strict=True):
            logs = np.log(lasts[usable])
            column.append(logs - logs.mean())
        known = ~np.isnan(real.pitch) & ~np.isnan(made.pitch)
        for column, pitch in zip(columns[2:], (real.pitch, made.pitch), strict=True):
            column.append(pitch[known] - pitch[known].mean())
    lasts, others, pitch, another = (np.concatenate(column) for column in columns)
    return {
        "syllable durations, correlation": correlation(lasts, others),
        "syllable durations, RMSE, %": 100 * float(np.expm1(rms(lasts - others))),
        "syllable pitch, correlation": correlation(pitch, another),
        "syllable pitch, RMSE, semitones": rms(pitch - another),
    }
