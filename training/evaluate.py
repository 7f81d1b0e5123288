"""Measures a voice on what was kept out of its training, with the recordings themselves beside it.

    python -m training.evaluate training/experiments/yue.toml --voice FOLDER [--work FOLDER]

Texts are read by the front end and spoken by the service's own runtime. Writes `evaluation.md`, `evaluation.json` and
pictures into the voice's folder; what judges the voice is taught at the first call and kept beside the recordings.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import isnan
from pathlib import Path

import torch

from training.aligned import Line, is_own_word, network_features
from training.commands import named, parser_of, report
from training.comparison import (
    Melody,
    Numbers,
    alike,
    clicks,
    compared,
    confusion,
    melody,
    misheard,
    prosody,
    running,
    told_tones,
)
from training.config import BadConfig, Config
from training.corpus import Speaker, load_statistics
from training.dataset import learned_from
from training.judges import Judges, judges
from training.pictures import spectrogram, stacked, write_png
from training.prepare import sound, speaker
from training.rule_baseline import RuleBaseline
from training.spoken import Spoken, Voice
from training.utterances import Utterance, recorded
from tts.engines.sambert.voice import BrokenVoice
from tts.errors import EngineFailed
from tts.frontend.mandarin import open_mandarin

#: Sets of items that are kept out of training: words alone, words joined by rules, and sentences, whoever read them.
WORDS, JOINED, SENTENCES = "words", "pseudo-sentences", "sentences"
RECORDED, VOCODER, RULES, VOICE = "recordings", "vocoder alone", "rules", "voice"
_PICTURES = 20


@dataclass(frozen=True, slots=True)
class Row:
    """One measure: what it is of, and its values by who spoke."""

    of: str
    name: str
    values: dict[str, float]
    wanted: str = ""
    met: bool | None = None


@dataclass(slots=True)
class Evaluation:
    """The rows of a voice, what they are counted over, and which tones are heard as which."""

    voice: str
    rows: list[Row] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    confusions: dict[str, list[list[int]]] = field(default_factory=dict)


class Bench:
    """All that an evaluation needs of an experiment; `taught` are the words of the voice that it learned from."""

    def __init__(self, config: Config, voice: Voice) -> None:
        self.config, self.voice = config, voice
        every = [recorded(line, corpus) for corpus, line in learned_from(config) if self._wanted(line)]
        self.statistics = load_statistics(config.folder / "recordings")
        self.own = self.statistics.speakers[config.voice]
        held = [it for it in every if it.item.split == "held"]
        self.taught = [it for it in every if it.item.split == "train"]
        kinds = {WORDS: "word", JOINED: "splice", SENTENCES: "sentence"}
        self.sets = {name: [it for it in held if it.item.kind == kind] for name, kind in kinds.items()}

    def _wanted(self, line: Line) -> bool:
        """Tell whether a recording is held out, or a word of the voice's that the baseline is made of."""
        return line.item.split == "held" or is_own_word(line, self.config.voice)

    def say(self, it: Utterance) -> tuple[Spoken, Utterance]:
        """Return the text of an utterance as the voice speaks it: words as words alone, others as sentences."""
        spoken = self.voice.say(it.item.text, alone=not it.running)
        heard = sound(spoken.raw, self.config, self.own.f0_median_hz)
        return spoken, Utterance(it.item, it.running, spoken.ids, spoken.durations, heard)

    def copy(self, it: Utterance) -> Utterance:
        """Return a recording as the vocoder makes it of its own features."""
        features = network_features(it.sound, it.item, self.statistics)
        return replace(it, sound=sound(self.voice.copied(features), self.config, self.own.f0_median_hz))

    def scales(self, utterances: Sequence[Utterance], running: bool, made: bool) -> dict[str, Speaker]:
        """Return the scales of who spoke some utterances; those of the voice's running speech are its own."""
        scales = dict(self.statistics.speakers)
        said = [it for it in utterances if made or it.item.speaker == self.config.voice]
        if running and said:
            scales[self.config.voice] = speaker([replace(it.sound, f0_hz=it.tonal_hz) for it in said], 1.0)
        return scales


def evaluate(bench: Bench, judge: Judges) -> Evaluation:
    """Return all rows of a voice."""
    found = Evaluation(bench.voice.manifest.id)
    streamed: list[Spoken] = []
    made: dict[str, list[Utterance]] = {}
    for name, real in bench.sets.items():
        pairs = [bench.say(it) for it in real]
        made[name] = [utterance for _, utterance in pairs]
        if name != WORDS:
            streamed += [spoken for spoken, _ in pairs]
        if real:
            _set(found, bench, judge, name, real, made[name])
    same = [(real, own) for real, own in zip(bench.sets[SENTENCES], made[SENTENCES], strict=True) if alike(real, own)]
    columns = {VOICE: _agreement([(melody(real), melody(own)) for real, own in same])}
    if bench.taught:
        baseline = RuleBaseline(bench.taught, bench.config.splices)
        columns[RULES] = _agreement([(melody(real), baseline.melody(own.ids)) for real, own in same])
    found.rows += rows(f"prosody of {SENTENCES}", columns)
    if streamed:
        found.rows += rows(f"{JOINED} and {SENTENCES}", {VOICE: clicks(streamed)})
    draw(bench.config.folder / "pictures", bench, made)
    return found


def _agreement(pairs: Sequence[tuple[Melody, Melody]]) -> Numbers:
    return prosody(pairs) if pairs else {}


def _set(
    found: Evaluation, bench: Bench, judge: Judges, name: str, real: Sequence[Utterance], made: Sequence[Utterance]
) -> None:
    """Add the rows of one set."""
    own = bench.config.voice
    columns: dict[str, Numbers] = {}
    recordings = RULES if name == JOINED else RECORDED
    said = {recordings: list(real), VOICE: list(made)}
    if pairs := [pair for pair in zip(real, made, strict=True) if pair[0].item.speaker == own]:
        said[VOCODER] = [bench.copy(it) for it, _ in pairs]
        columns[VOCODER] = compared([(it, copy) for (it, _), copy in zip(pairs, said[VOCODER], strict=True)])
        same = [pair for pair in pairs if alike(*pair)]
        columns[VOICE] = compared(same) if same else {}
        found.counts[f"{name} read as recorded"] = len(same)
    found.counts[name] = len(real)
    for who, utterances in said.items():
        running_speech = name != WORDS
        scales = bench.scales(utterances, running_speech, who == VOICE)
        maker = own if who == VOICE else ""
        table = found.confusions[f"{name}, {who}"] = confusion(utterances, judge, scales, maker)
        heard = misheard(utterances, judge, maker) | told_tones(table)
        columns[who] = columns.get(who, {}) | heard | (running(utterances) if running_speech else {})
    found.rows += rows(name, columns)


def rows(of: str, columns: dict[str, Numbers]) -> Iterator[Row]:
    """Yield the rows of some columns, each with what is wanted of it."""
    names = dict.fromkeys(name for column in columns.values() for name in column)
    for name in names:
        values = {who: column[name] for who, column in columns.items() if name in column}
        yield Row(of, name, values, *wanted(name, values))


def wanted(name: str, values: dict[str, float]) -> tuple[str, bool | None]:
    """Return what is wanted of a measure, in words, and whether the voice has it, None where nothing tells."""
    ours, real = values.get(VOICE, float("nan")), values.get(RECORDED, values.get(RULES, float("nan")))
    words, met = _wanted(name, RECORDED if RECORDED in values else RULES, ours, real)
    beside = name.startswith(("syllable error", "tone "))
    return words, None if isnan(ours) or (beside and isnan(real)) else met


def _wanted(name: str, whose: str, ours: float, real: float) -> tuple[str, bool | None]:
    if name == "syllable error, %":
        return f"at most 1.5 times that of {whose}", ours <= 1.5 * real
    if name.startswith("tone "):
        share = 0.85 if "3" in name else 0.95
        return f"{share:.0%} of {whose}", ours >= share * real
    if name == "seconds per syllable, with pauses":
        return "0.26 to 0.32", 0.26 <= ours <= 0.32
    if name == "F0 range in a sentence, semitones":
        return "5 to 8", 5 <= ours <= 8
    if name == "roughness at joints, of that around":
        return "about 1", ours < 1.2
    return "", None


def markdown(found: Evaluation) -> str:
    """Return an evaluation as a page."""
    who = (RECORDED, RULES, VOCODER, VOICE)
    lines = [f"| {found.voice} | | {' | '.join(who)} | wanted | |", "|---|---|" + "---:|" * len(who) + "---|---|"]
    before = ""
    for row in found.rows:
        cells = ["" if isnan(row.values.get(it, float("nan"))) else f"{row.values[it]:.3g}" for it in who]
        mark = "" if row.met is None else "yes" if row.met else "**no**"
        begin = (row.of if row.of != before else "", row.name)
        lines.append(f"| {' | '.join([*begin, *cells, row.wanted, mark])} |")
        before = row.of
    counted = ", ".join(f"{count} {name}" for name, count in found.counts.items()) or "nothing"
    return "\n".join([*lines, "", f"Kept out of training: {counted}.", ""])


def draw(path: Path, bench: Bench, made: dict[str, list[Utterance]]) -> None:
    """Draw sentences of the voice, each under what was recorded."""
    for name in (JOINED, SENTENCES):
        pairs = list(zip(bench.sets[name], made[name], strict=True))[:_PICTURES]
        for page in range(0, len(pairs), 5):
            both = [spectrogram(it.sound.mel, it.sound.f0_hz, wide=4) for pair in pairs[page : page + 5] for it in pair]
            write_png(path / f"evaluation-{name}{page // 5}.png", stacked(both))


def main(arguments: Sequence[str] | None = None) -> None:
    """Evaluate the voice that the command line names."""
    parser = parser_of("Measures a voice on what was kept out of its training.")
    parser.add_argument("--voice", type=Path, required=True, help="the voice's folder, as it was exported")
    given = parser.parse_args(arguments)
    torch.set_num_threads(1)
    began = time.monotonic()
    try:
        config = named(given)
        bench = Bench(config, Voice(given.voice, open_mandarin()))
        found = evaluate(bench, judges(config))
    except (BadConfig, BrokenVoice, EngineFailed, OSError) as error:
        raise SystemExit(str(error)) from None
    told = {"counts": found.counts, "rows": [_told(row) for row in found.rows], "confusions": found.confusions}
    report(given.voice, "evaluation", markdown(found), told)
    print(f"{time.monotonic() - began:.0f} s")


def _told(row: Row) -> dict[str, object]:
    values = {who: None if isnan(value) else round(value, 4) for who, value in row.values.items()}
    return {"of": row.of, "name": row.name, "values": values, "wanted": row.wanted, "met": row.met}


if __name__ == "__main__":
    main()
