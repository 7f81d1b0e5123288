"""Joins words to pseudo-sentences with the tempo, pitch and pauses of running speech, for voices that read only words.

    python -m training.splicing training/experiments/yue.toml [--work FOLDER]

Reads `<work>/<experiment>/recordings/` and writes `<work>/<experiment>/splices/` in the same format. Waves are changed,
not spectrograms: so harmonics, F0 and duration agree in what is learned.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.aligned import Line, continuous, is_own_word, phone_names, read_alignment, write_alignment
from training.commands import experiment
from training.config import Config, Splices
from training.corpus import Corpus, Item, Sound, Speaker, load_statistics, write_corpus
from training.durations import LEAD, TAIL
from training.features import HOP, SAMPLE_RATE_HZ, energy_db, mel
from training.pictures import spectrogram, stacked, write_png
from training.prepare import tell
from training.psola import changed
from training.states import Ints, is_final
from tts.types import Samples

Floats = NDArray[np.float64]
_FADE = 100  # samples that neighbours share
_PAUSE_FRAMES = (10, 28)
_VAIN_TRIES = 20  # to find a word that may follow without a pause
#: A word alone ends as a phrase does; inside a phrase its last syllable is this much shorter beside the tempo: measured
#: 21.4 frames of 31.6, where syllables inside words are 20.7 of 29.1.
_INNER_END = 0.95
_TONE_3 = 4  # its id
_WORD_BREAK, _CLAUSE_BREAK = (phone_names().index(name) for name in ("#1", "#3"))
_HELD_SHARE = 0.02


@dataclass(frozen=True, slots=True)
class Word:
    """A word in its place: how long its symbols are to last and how long the pause after it."""

    line: Line
    sound: Sound
    lasts: Ints  # (n,), the last is the break's
    seconds: float
    """Where it begins, from the middle of its phrase."""
    begins: bool
    """Whether it is the first of its phrase."""
    ends: bool
    """Whether it is the last."""


def chosen(lines: Sequence[Line], options: Splices, order: np.random.Generator) -> list[tuple[Line, int]]:
    """Return words for one pseudo-sentence, each with the frames of silence after it; no third tone meets another.

    Where only such are at hand, a pause comes between them.
    """
    words: list[tuple[Line, int]] = []
    wanted, vain = int(order.integers(options.fewest, options.most + 1)), 0
    while len(words) < wanted:
        line = lines[int(order.integers(len(lines)))]
        if words and not words[-1][1] and _tones(words[-1][0])[-1] == _tones(line)[0] == _TONE_3:
            vain += 1
            if vain < _VAIN_TRIES:
                continue
            words[-1] = (words[-1][0], int(order.integers(*_PAUSE_FRAMES)))
        vain = 0
        pause = int(order.integers(*_PAUSE_FRAMES)) if order.random() < options.pause_share else 0
        words.append((line, pause if len(words) + 1 < wanted else 0))
    return words


def _tones(line: Line) -> Ints:
    """Return the ids of the tones of a line's finals."""
    return line.ids[[is_final(phone_names()[row[0]]) for row in line.ids], 1]


def lengths(line: Line, options: Splices, begins: bool, ends: bool) -> Ints:
    """Return how long the symbols of a word last in a sentence, (n,), in frames; none that lasts loses all.

    Edges are rounded, not lengths, so that a word as a whole keeps the tempo.
    """
    lasts, factors = line.durations.astype(float), np.full(len(line.durations), options.tempo)
    heard = np.flatnonzero(line.durations)
    if not begins:
        lasts[heard[0]] = max(lasts[heard[0]] - LEAD, 1)
    if not ends:
        lasts[heard[-1]] = max(lasts[heard[-1]] - TAIL, 1)
    factors[heard[-2:]] *= options.final_lengthening if ends else _INNER_END
    edges = np.round(np.cumsum(lasts * factors)).astype(np.int64)
    return np.maximum(np.diff(edges, prepend=0), line.durations > 0)


def words_of(picked: Sequence[tuple[Line, int]], corpus: Corpus, options: Splices) -> list[Word]:
    """Return words in their places."""
    words: list[Word] = []
    phrase: list[Word] = []
    seconds = 0.0
    for at, (line, pause) in enumerate(picked):
        begins, ends = not phrase, pause > 0 or at + 1 == len(picked)
        lasts = lengths(line, options, begins, ends)
        phrase.append(Word(line, line.sound(corpus), np.append(lasts[:-1], pause), seconds, begins, ends))
        seconds += float(lasts.sum()) * HOP / SAMPLE_RATE_HZ
        if ends:
            words += [replace(word, seconds=word.seconds - seconds / 2) for word in phrase]
            phrase, seconds = [], 0.0
    return words


def melody(word: Word, scale: Speaker, options: Splices) -> Floats:
    """Return the F0 of each frame of a word as it is to be in a sentence, (frames of the recording,), in Hz.

    The range is narrowed about the speaker's mean, and third tones that something follows do not rise again.
    """
    semitones = 12 * (np.log2(np.maximum(continuous(word.sound.f0_hz), 1.0)) - scale.log_f0_mean / np.log(2))
    semitones = semitones.astype(np.float64)
    edges = np.concatenate([[0], np.cumsum(word.line.durations)])
    heard = [at for at in range(len(word.line.ids)) if is_final(phone_names()[word.line.ids[at, 0]])]
    for at in heard[:-1] if word.ends else heard:
        span = semitones[edges[at] : edges[at + 1]]
        if word.line.ids[at, 1] == _TONE_3 and len(span):
            span[int(span.argmin()) :] = span.min()
    return np.asarray(np.exp(scale.log_f0_mean) * 2 ** (options.pitch_range * semitones / 12), np.float64)


def rendered(word: Word, scale: Speaker, options: Splices) -> tuple[Samples, NDArray[np.float32]]:
    """Return a word as it is said in a sentence: samples, `_FADE` more than its frames have, and F0 of its frames."""
    target = melody(word, scale, options)
    old = np.concatenate([[0], np.cumsum(word.line.durations)]).astype(float) * HOP
    # The silence that alignment left at both ends is not said inside a phrase.
    old = np.clip(old, 0 if word.begins else LEAD * HOP, old[-1] - (0 if word.ends else TAIL * HOP))
    new = np.concatenate([[0], np.cumsum(word.lasts[:-1]), [0]]).astype(float) * HOP
    new[-1] = new[-2]
    frames = int(word.lasts[:-1].sum())
    fall = options.declination_st_per_s / SAMPLE_RATE_HZ

    def source_of(at: float) -> float:
        inside = float(np.interp(at, new, old))
        return inside + max(0.0, at - float(new[-1]))

    def wanted_hz(at: float) -> float:
        hz = float(target[min(int(source_of(at)) // HOP, len(target) - 1)])
        return hz * math.exp2(fall * (at + word.seconds * SAMPLE_RATE_HZ) / 12)

    samples = changed(word.sound.audio, word.sound.f0_hz, frames * HOP + _FADE, source_of, wanted_hz)
    centres = np.arange(frames) * float(HOP)
    voiced = [word.sound.f0_hz[min(int(source_of(at)) // HOP, len(target) - 1)] > 0 for at in centres]
    f0 = np.where(voiced, [wanted_hz(at) for at in centres], 0.0).astype(np.float32)
    fade = np.linspace(0, 1, _FADE, endpoint=False, dtype=np.float32)
    samples[:_FADE] *= fade
    samples[-_FADE:] *= 1 - fade
    return samples, f0


def joined(words: Sequence[Word], scale: Speaker, options: Splices, order: np.random.Generator) -> Sound:
    """Return a pseudo-sentence; in its pauses there is the faint noise of a silent room."""
    frames = sum(int(word.lasts.sum()) for word in words)
    quiet = min(float(np.quantile(word.sound.energy_db, 0.02)) for word in words)
    audio = order.normal(0, 10 ** (min(quiet, -60.0) / 20), frames * HOP + _FADE).astype(np.float32)
    f0, at = np.zeros(frames, np.float32), 0
    for word in words:
        samples, own = rendered(word, scale, options)
        audio[at * HOP : at * HOP + len(samples)] += samples
        f0[at : at + len(own)] = own
        at += int(word.lasts.sum())
    audio = audio[: frames * HOP]
    return Sound(audio, mel(audio), f0, energy_db(audio))


def symbols_of(words: Sequence[Word]) -> Ints:
    """Return the symbols of a pseudo-sentence: breaks of words, of clauses where there is a pause, and its end."""
    rows = [word.line.ids.copy() for word in words]
    for word, own in zip(words[:-1], rows[:-1], strict=True):
        own[-1, 0] = _CLAUSE_BREAK if word.lasts[-1] else _WORD_BREAK
    return np.concatenate(rows)


def splice(config: Config) -> None:
    """Write the pseudo-sentences of an experiment, of held-out words apart, and tell of them."""
    corpus, options = Corpus(config.folder / "recordings"), config.splices
    statistics, order = load_statistics(corpus.folder), np.random.default_rng(config.seed)
    own = [line for line in read_alignment(corpus) if is_own_word(line, config.voice)]
    sides = {side: [line for line in own if line.item.split == side] for side in ("train", "held")}
    scale, first, seen = statistics.speakers[config.voice], 0, Counter[str]()
    items: list[Item] = []
    lines: list[Line | None] = []
    sounds: list[Sound] = []
    for number in range(options.count):
        side = "held" if number < _HELD_SHARE * options.count else "train"
        if not sides[side]:
            continue
        words = words_of(chosen(sides[side], options, order), corpus, options)
        sound = joined(words, scale, options, order)
        text = "".join(word.line.item.text + ("，" if word.lasts[-1] else "") for word in words)
        item = Item(
            f"splice{number:05}", config.voice, "splice", "held" if side == "held" else "train", first,
            len(sound.f0_hz), words[0].line.item.highest_hz, text, "", "",
        )  # fmt: skip
        first += item.frames
        lines.append(Line(item, symbols_of(words), np.concatenate([word.lasts for word in words]), 0))
        items.append(item)
        sounds.append(sound)
        seen[f"{side} items"] += 1
        seen[f"{side} words"] += len(words)
    if not items:
        print(f"splices: none, since there are no words of {config.voice} to join")
        return
    folder = config.folder / "splices"
    write_corpus(folder, items, sounds)
    write_alignment(folder, lines)
    statistics.save(folder)
    draw(config.folder / "pictures" / "splices.png", sounds[:: max(1, len(sounds) // 5)][:5])
    logs = np.concatenate([np.log2(it.f0_hz[it.f0_hz > 0]) for it in sounds])
    low, high = np.quantile(logs, (0.05, 0.95))
    syllables = sum(len(_tones(line)) for line in lines if line)
    print(
        f"splices: {tell(seen)}; {first * HOP / SAMPLE_RATE_HZ / 60:.1f} min, "
        f"{first * HOP / SAMPLE_RATE_HZ / syllables:.3f} s per syllable, F0 range {12 * (high - low):.1f} st (5-95 %)"
    )


def draw(path: Path, sounds: Sequence[Sound]) -> None:
    """Draw some of them."""
    write_png(path, stacked([spectrogram(it.mel, it.f0_hz, wide=6) for it in sounds]))


if __name__ == "__main__":
    splice(experiment("Joins words to pseudo-sentences."))
