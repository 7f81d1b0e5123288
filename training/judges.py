"""Two judges of voices, taught by recordings alone, once, and kept: one hears syllables, one hears tones."""

from collections.abc import Sequence
from dataclasses import dataclass

from training.aligned import Line, read_alignment
from training.config import Config
from training.corpus import Corpus, load_statistics
from training.measures import edits
from training.recogniser import Recogniser, Teaching, heard_phones, new_recogniser, syllables
from training.tone_judge import ToneJudge, tone_judge
from training.utterances import Utterance, recorded


@dataclass(frozen=True, slots=True)
class Judges:
    """Who judges an experiment."""

    recogniser: Recogniser
    tones: ToneJudge

    def syllable_errors(self, it: Utterance, speaker: str) -> tuple[int, int]:
        """Return how many syllables are heard wrongly, with those too many, and how many there are."""
        said, wanted = syllables(self.recogniser.hear(it.sound.mel, speaker)), syllables(heard_phones(it.ids))
        return edits(said, wanted), len(wanted)


def judges(config: Config) -> Judges:
    """Return the judges of an experiment; they are taught first where that has not been done, or not to the end."""
    corpus = Corpus(config.folder / "recordings")
    lines = [line for line in read_alignment(corpus) if line.item.split == "train"]
    told = (recorded(line, corpus) for line in _often(lines, config.listener.sentences))
    scales = load_statistics(corpus.folder).speakers
    tones = tone_judge(config.folder / "tone_judge.pt", told, scales, config.seed)
    return Judges(_recogniser(config, corpus, lines), tones)


def _often(lines: Sequence[Line], sentences: int) -> list[Line]:
    """Return lines with those of sentences as often as is asked for."""
    return [line for line in lines for _ in range(1 if line.item.kind == "word" else sentences)]


def _recogniser(config: Config, corpus: Corpus, lines: Sequence[Line]) -> Recogniser:
    path = config.folder / "recogniser.pt"
    heard = new_recogniser(lines, corpus, config.listener, config.seed)
    teaching = Teaching(heard, config.listener, config.seed)
    teaching.restore(path)
    if teaching.epoch < config.listener.epochs:
        examples = [heard.example(line, corpus) for line in _often(lines, config.listener.sentences)]
        weights = sum(it.numel() for it in heard.network.parameters())
        print(f"recogniser: {len(lines)} recordings, {len(heard.phones)} phones, {weights} weights")
        for loss, lasted in teaching.epochs(examples):
            teaching.save(path)
            print(f"recogniser: epoch {teaching.epoch}: loss {loss:.3f}, {lasted:.0f} s", flush=True)
    return heard
