"""Measures how far the emotions of a voice are from its neutral speech, and whether they can still be understood.

    python -m training.evaluate_emotions training/experiments/yue.toml --voice FOLDER [--work FOLDER]

Speaks the sentences of `training/sentences.txt`, which are in no recording, and writes `emotions.md` and
`emotions.json` into the voice's folder.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from training.commands import named, parser_of, report
from training.config import BadConfig, Config
from training.corpus import Corpus, load_statistics
from training.emotion_rules import rules
from training.features import FFT, HOP, SAMPLE_RATE_HZ, frames, mel
from training.judges import Judges, judges
from training.measures import edits, effect_size, range_semitones, semitones, tilt_db_per_octave
from training.outside import f0_of
from training.recogniser import heard_phones, syllables
from training.spoken import Spoken, Voice
from training.utterances import tonal
from tts.engines.sambert.voice import BrokenVoice, Rule, read
from tts.errors import EngineFailed
from tts.frontend.mandarin import open_mandarin
from tts.types import NEUTRAL, Controls, Samples

SENTENCES: Final = Path(__file__).with_name("sentences.txt")
LEVEL, RANGE, RATE, TILT = "F0 level", "F0 range", "rate", "tilt"
UNITS: Final = {LEVEL: "semitones", RANGE: "semitones", RATE: "syllables per s", TILT: "dB per octave"}
_LEAST_EFFECT, _MOST_ERRORS = 1.0, 1.2

#: From samples to F0 in Hz for each frame.
Tracker = Callable[[Samples], NDArray[np.floating]]


@dataclass(frozen=True, slots=True)
class Heard:
    """An emotion as it was spoken in n sentences."""

    values: Mapping[str, NDArray[np.float64]]
    """By measure, (n,)."""
    wrong: int
    """Syllables that are heard wrongly."""
    syllables: int


@dataclass(frozen=True, slots=True)
class Effect:
    """How far a measure of an emotion lies from neutral."""

    change: float
    size: float
    """Cohen's d."""
    intended: int
    """1 for up, -1 for down, 0 where the rule leaves it."""

    @property
    def met(self) -> bool:
        """Return whether it is as strong as it must be, in the direction that is intended."""
        return self.size * self.intended >= _LEAST_EFFECT


def sentences() -> list[str]:
    """Return the texts that emotions are measured on."""
    lines = SENTENCES.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def directions(rule: Rule) -> dict[str, int]:
    """Return where a rule intends to move each measure: up, down, or not at all."""
    changes = {LEVEL: rule.semitones, RANGE: rule.range - 1, RATE: rule.tempo - 1, TILT: rule.tilt_db}
    return {name: int(np.sign(value)) for name, value in changes.items()}


def measured(spoken: Spoken, count: int, tracker: Tracker) -> dict[str, float]:
    """Return the measures of a sentence of `count` syllables; F0 and tilt where tones are carried."""
    samples = spoken.finished
    f0 = tracker(samples)
    there = tonal(spoken.ids, spoken.durations)[spoken.left_out // HOP :][: len(f0)]
    f0 = f0[: len(there)] * there
    spectra = np.square(np.abs(np.fft.rfft(frames(samples)[: len(there)][there], FFT)))
    return {
        LEVEL: float(np.median(semitones(f0[f0 > 0]))) if (f0 > 0).any() else float("nan"),
        RANGE: range_semitones(f0),
        RATE: count * SAMPLE_RATE_HZ / len(samples),
        TILT: tilt_db_per_octave(spectra),
    }


def heard(voice: Voice, texts: Sequence[str], emotion: str, judge: Judges, speaker: str, tracker: Tracker) -> Heard:
    """Return how an emotion sounds at 100 %; `speaker` is whose recordings the voice was taught by."""
    found: list[dict[str, float]] = []
    wrong = total = 0
    for text in texts:
        spoken = voice.say(text, Controls(emotion=emotion))
        wanted = syllables(heard_phones(spoken.ids))
        wrong += edits(syllables(judge.recogniser.hear(mel(spoken.finished), speaker)), wanted)
        total += len(wanted)
        found.append(measured(spoken, len(wanted), tracker))
    return Heard({name: np.array([it[name] for it in found]) for name in UNITS}, wrong, total)


def effects(emotion: Heard, neutral: Heard, rule: Rule) -> dict[str, Effect]:
    """Return how far each measure of an emotion lies from neutral."""
    found = {}
    for name, intended in directions(rule).items():
        some, others = emotion.values[name], neutral.values[name]
        known = ~np.isnan(some) & ~np.isnan(others)
        change = float(np.mean(some[known]) - np.mean(others[known]))
        found[name] = Effect(change, effect_size(some[known], others[known]), intended)
    return found


def errors(it: Heard) -> float:
    """Return the share of syllables that are heard wrongly."""
    return it.wrong / max(it.syllables, 1)


def fit(found: Iterable[Effect], ratio: float) -> bool:
    """Return whether an emotion is far enough from neutral as it is intended, nowhere against it, and understood.

    `ratio` is its syllable error as a multiple of neutral's.
    """
    intended = [it for it in found if it.intended]
    against = any(it.size * it.intended < 0 for it in intended)
    return any(it.met for it in intended) and not against and ratio <= _MOST_ERRORS


def markdown(every: Mapping[str, Heard], found: Mapping[str, Mapping[str, Effect]]) -> str:
    """Return the page of a voice's emotions; what a rule intends is bold where it is reached, in brackets where not."""
    neutral = every[NEUTRAL]
    heads = [f"{name}, {unit} (d)" for name, unit in UNITS.items()]
    lines = [
        f"| | {' | '.join(heads)} | syllable error | of neutral's | as wanted |",
        "|---|" + "---:|" * (len(UNITS) + 2) + "---|",
    ]
    means = [f"{np.nanmean(neutral.values[name]):.2f}" for name in UNITS]
    lines.append(f"| {NEUTRAL} | {' | '.join(means)} | {errors(neutral):.1%} | | |")
    for emotion, own in found.items():
        cells = [_cell(own[name]) for name in UNITS]
        ratio = errors(every[emotion]) / max(errors(neutral), 1e-9)
        verdict = "yes" if fit(own.values(), ratio) else "**no**"
        lines.append(f"| {emotion} | {' | '.join(cells)} | {errors(every[emotion]):.1%} | {ratio:.2f} | {verdict} |")
    return "\n".join([*lines, ""])


def _cell(it: Effect) -> str:
    text = f"{it.change:+.2f} ({it.size:+.1f})"
    return f"**{text}**" if it.met else f"[{text}]" if it.intended else text


def evaluate(voice: Voice, config: Config, judge: Judges, tracker: Tracker) -> tuple[str, dict[str, object]]:
    """Return the page and the numbers of a voice's emotions; raise `BrokenVoice` where it has none by rule."""
    given, texts = voice.manifest.rules, sentences()
    if not given:
        raise BrokenVoice(f"{voice.manifest.id} has no emotions by rule, and neither has its experiment")
    if known := {item.text for item in Corpus(config.folder / "recordings").items} & set(texts):
        raise BadConfig(f"{SENTENCES.name}: {', '.join(sorted(known))} is among the recordings")
    every = {name: heard(voice, texts, name, judge, config.voice, tracker) for name in dict.fromkeys((NEUTRAL, *given))}
    found = {name: effects(every[name], every[NEUTRAL], rule) for name, rule in given.items()}
    numbers = {
        name: {
            "syllable error": round(errors(every[name]), 4),
            "effects": {of: [round(it.change, 3), round(it.size, 3), it.intended] for of, it in own.items()},
        }
        for name, own in found.items()
    }
    return markdown(every, found), {NEUTRAL: round(errors(every[NEUTRAL]), 4), "emotions": numbers}


def open_voice(config: Config, folder: Path) -> Voice:
    """Return a voice with its own rules, or with those of the experiment where it was exported without."""
    return Voice(folder, open_mandarin(), None if read(folder).rules else rules(config))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the emotions of the voice that the command line names."""
    parser = parser_of("Measures the emotions of a voice.")
    parser.add_argument("--voice", type=Path, required=True, help="the voice's folder, as it was exported")
    given = parser.parse_args(arguments)
    torch.set_num_threads(1)
    try:
        config = named(given)
        usual_hz = load_statistics(config.folder / "recordings").speakers[config.voice].f0_median_hz
        tracker = partial(f0_of, usual_hz=usual_hz)
        page, numbers = evaluate(open_voice(config, given.voice), config, judges(config), tracker)
    except (BadConfig, BrokenVoice, EngineFailed, OSError) as error:
        raise SystemExit(str(error)) from None
    report(given.voice, "emotions", page, numbers)


if __name__ == "__main__":
    main()
