"""Makes features of recordings: decoded, cut, resampled, levelled; mel, energy, F0; speakers' scales; held-out items.

    python -m training.prepare training/experiments/yue.toml [--work FOLDER]

Writes `<work>/<experiment>/recordings/` (see `training.corpus`).
"""

import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

import av
import numpy as np

from training import audio
from training.commands import experiment
from training.config import Config, Recordings
from training.corpus import Item, Sound, Speaker, Statistics, read_table, split_of, write_corpus
from training.features import HOP, SAMPLE_RATE_HZ, WINDOW, energy_db, mel
from training.pictures import spectrogram, stacked, write_png
from training.pitch import track
from tts.types import Samples

#: What does not get louder than this is cut off at no sample.
_PEAK = 0.98


@dataclass(frozen=True, slots=True)
class Recording:
    """What is spoken, by whom, and the sound, cut."""

    item: Item
    samples: Samples


def recordings(source: Recordings, config: Config, counts: Counter[str]) -> Iterator[Recording]:
    """Yield what can be used of a folder or tar, in the order of its files; count the rest by what is wrong with it."""
    rows = rows_of(source)
    for name, content in audio.sounds(source.audio):
        counts["files"] += 1
        row = rows.pop(name, None)
        if not row:
            counts["not in the table"] += 1
            continue
        if unwanted := set(row.get("flags", "").split(",")) & set(source.leave_out):
            counts[f"left out: {min(unwanted)}"] += 1
            continue
        try:
            samples = audio.trimmed(audio.decode(content), config.sound, HOP)
        except av.FFmpegError:
            counts["broken files"] += 1
            continue
        if len(samples) < 2 * WINDOW:
            counts["without speech"] += 1
            continue
        split = split_of(name, source.kind, config.held_out)
        speaker = row.get("spk", "") or source.speaker
        item = Item(
            name, speaker, source.kind, split, 0, len(samples) // HOP, source.highest_hz, row["text"].strip("\ufeff "),
            row.get("pinyin_guess", row.get("pinyin", "")), row.get("flags", ""),
        )  # fmt: skip
        yield Recording(item, samples)
    counts["rows without a file"] += len(rows)


def rows_of(source: Recordings) -> dict[str, dict[str, str]]:
    """Return the rows of a table by the names of the files; leave with a message where it tells too little."""
    rows = read_table(source.table)
    missing = {"id", "text", *([] if source.speaker else ["spk"])} - set(rows[0] if rows else ())
    if missing:
        raise SystemExit(f"{source.table} has no column {', '.join(sorted(missing))}, or no rows")
    return {row["id"]: row for row in rows}


def gains(found: list[Recording], level_db: float) -> dict[str, float]:
    """Return one factor for each speaker that brings the mean level of the speech to `level_db`."""
    power: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for it in found:
        power[it.item.speaker].append(audio.active_power(it.samples))
    wanted = 10 ** (level_db / 10)
    return {who: float(np.sqrt(wanted * sum(n for _, n in own) / sum(p for p, _ in own))) for who, own in power.items()}


def levelled(it: Recording, gain: float) -> Recording:
    """Return a recording at its speaker's level, or a little below where it would be cut off."""
    peak = float(np.abs(it.samples).max())
    return replace(it, samples=it.samples * min(gain, _PEAK / peak))


def usual_pitch(found: list[Recording], config: Config, sample: int = 200) -> dict[str, float]:
    """Return each speaker's median F0 in Hz, over some of the recordings, in the range that people have."""
    voices: dict[str, list[Samples]] = defaultdict(list)
    for it in found:
        voices[it.item.speaker].append(it.samples)
    medians = {}
    for who, own in voices.items():
        f0 = np.concatenate([track(samples, config.pitch) for samples in own[:: max(1, len(own) // sample)]])
        medians[who] = float(np.median(f0[f0 > 0]))
    return medians


def sound(samples: Samples, config: Config, usual_hz: float) -> Sound:
    """Return all features of a recording."""
    return Sound(samples, mel(samples), track(samples, config.pitch, usual_hz), energy_db(samples))


def speaker(sounds: list[Sound], gain: float) -> Speaker:
    """Return the scales of one speaker's recordings."""
    f0 = np.concatenate([it.f0_hz for it in sounds])
    voiced, energy = f0[f0 > 0], np.concatenate([it.energy_db for it in sounds])[f0 > 0]
    logs = np.log(voiced)
    values = (np.median(voiced), voiced.mean(), voiced.std(), logs.mean(), logs.std(), energy.mean(), energy.std())
    return Speaker(20 * float(np.log10(gain)), *(round(float(value), 4) for value in values))


def statistics(items: list[Item], sounds: list[Sound], config: Config, gain: dict[str, float]) -> Statistics:
    """Return what features are normalised by, from the items that are not held out."""
    own: dict[str, list[Sound]] = defaultdict(list)
    for item, it in zip(items, sounds, strict=True):
        if item.split == "train":
            own[item.speaker].append(it)
    if config.voice not in own:
        raise SystemExit(f"voice = {config.voice!r}, but the recordings are by {', '.join(sorted(own))}")
    bands = np.concatenate([it.mel for it in own[config.voice]])
    mean, std = bands.mean(axis=0).round(6).tolist(), bands.std(axis=0).round(6).tolist()
    return Statistics(config.voice, mean, std, {who: speaker(its, gain[who]) for who, its in sorted(own.items())})


def prepare(config: Config) -> None:
    """Write the features of all recordings of an experiment, and print what there is."""
    found: list[Recording] = []
    for source in config.recordings:
        counts: Counter[str] = Counter()
        before, began = len(found), time.monotonic()
        found += recordings(source, config, counts)
        taken, seconds = len(found) - before, time.monotonic() - began
        print(f"{source.audio.name}: {taken} of {counts.pop('files')} files in {seconds:.0f} s; {tell(counts)}")
    gain = gains(found, config.sound.level_db)
    found = [levelled(it, gain[it.item.speaker]) for it in found]
    usual = usual_pitch(found, config)
    began = time.monotonic()
    sounds = [sound(it.samples, config, usual[it.item.speaker]) for it in found]
    print(f"features of {len(sounds)} recordings in {time.monotonic() - began:.0f} s")
    firsts = np.cumsum([0, *(it.item.frames for it in found)])
    items = [replace(it.item, first=int(first)) for it, first in zip(found, firsts, strict=False)]
    folder = config.folder / "recordings"
    scales = statistics(items, sounds, config, gain)
    write_corpus(folder, items, sounds)
    scales.save(folder)
    write_png(
        config.folder / "pictures" / "features.png",
        stacked(
            [
                spectrogram(it.mel, it.f0_hz, [(0, item.guess.replace(" ", "_"))])
                for item, it in list(zip(items, sounds, strict=True))[:: len(items) // 8 + 1]
            ]
        ),
    )
    report(items, scales)


def report(items: list[Item], scales: Statistics) -> None:
    """Print how much there is of each speaker."""
    for who, scale in scales.speakers.items():
        own = [item for item in items if item.speaker == who]
        minutes = sum(item.frames for item in own) * HOP / SAMPLE_RATE_HZ / 60
        kinds = Counter(f"{item.kind} {item.split}" for item in own)
        print(
            f"{who}: {minutes:.1f} min, gain {scale.gain_db:+.1f} dB, "
            f"F0 median {scale.f0_median_hz:.0f} Hz; {tell(kinds)}"
        )


def tell(counts: Counter[str]) -> str:
    """Return counts as one line."""
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()) if count) or "nothing left out"


if __name__ == "__main__":
    prepare(experiment("Makes features of recordings."))
