"""Makes the folder of a voice of what training left: graphs, checked against the networks, and `voice.json`.

    python -m training.export training/experiments/yue.toml -o voices/yue [--work FOLDER] [--force]

Reads `acoustic.pt` and `vocoder.pt` of the experiment.
"""

from collections.abc import Sequence
from pathlib import Path

from training.commands import named, parser_of
from training.config import BadConfig, Config
from training.corpus import load_statistics
from training.emotion_rules import rules
from training.features import HOP, SAMPLE_RATE_HZ
from training.known import emotions_of
from training.networks.hifigan import Generator
from training.networks.sambert import Sambert
from training.trained_acoustic import load_acoustic
from training.trained_vocoder import load_generator
from training.verify import Differs
from training.voice_folder import About, AlreadyThere, write_voice
from tts.engines.sambert.regulator import NothingToSay, TooLong
from tts.engines.sambert.symbols import SPEAKER
from tts.engines.sambert.voice import F0Scale


def about(config: Config) -> About:
    """Return what `voice.json` says of the voice of an experiment, beside its networks."""
    made = rules(config)
    voice = load_statistics(config.folder / "recordings").speakers[config.voice]
    return About(
        name=config.card.name or config.name,
        sex=config.card.sex,
        sample_rate_hz=SAMPLE_RATE_HZ,
        hop=HOP,
        emotions=emotions_of("", list(made)),
        speaker=SPEAKER,
        f0=F0Scale(voice.f0_mean_hz, voice.f0_std_hz),
        licence=config.card.licence,
        attribution=config.card.attribution,
        source=config.card.source,
        rules=made,
    )


def networks(config: Config) -> tuple[Sambert, Generator]:
    """Return the acoustic model and the vocoder of an experiment; raise OSError where one is not there yet."""
    return load_acoustic(config.folder / "acoustic.pt"), load_generator(config.folder / "vocoder.pt")


def export(config: Config, target: Path, force: bool = False) -> str:
    """Write the voice of an experiment to its folder, and return a sentence about it; raise as `write_voice` does."""
    return write_voice(target, *networks(config), about(config), force)


def main(arguments: Sequence[str] | None = None) -> None:
    """Export the experiment that the command line names."""
    parser = parser_of("Makes the folder of a voice of what training left.")
    parser.add_argument(
        "-o", "--output", type=Path, required=True, help="the voice's folder; its name is the voice's id"
    )
    parser.add_argument("--force", action="store_true", help="replace another voice that is there")
    given = parser.parse_args(arguments)
    try:
        config = named(given)
        print(export(config, given.output, given.force))
    except (AlreadyThere, BadConfig, Differs, OSError) as error:
        raise SystemExit(str(error)) from None
    except (NothingToSay, TooLong) as error:
        raise SystemExit(f"the acoustic model cannot speak yet, and must be trained for longer: {error}") from None


if __name__ == "__main__":
    main()
