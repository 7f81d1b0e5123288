"""Checks the folder of an exported voice against what training left: hashes, graphs whole and in chunks, sizes.

python -m training.check_export training/experiments/yue.toml voices/yue [--work FOLDER]
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from training.commands import named, parser_of
from training.config import BadConfig, Config
from training.export import about, networks
from training.verify import Differs, verify
from tts.engines.sambert.voice import BrokenVoice, Manifest, faults, read

#: What all the graphs of a voice that is shipped may weigh together.
MOST_BYTES = 25_000_000


def problems(config: Config, folder: Path) -> Iterator[str]:
    """Yield a sentence for each thing that is wrong with an exported voice; raise `BrokenVoice` where it is none."""
    manifest = read(folder)
    yield from faults(folder, manifest)
    yield from _said(config, manifest)
    if (total := weight(folder, manifest)) > MOST_BYTES:
        yield f"the graphs are {total / 1e6:.1f} MB, and may be {MOST_BYTES / 1e6:.0f}"
    try:
        verify(*networks(config), folder, manifest)
    except Differs as error:
        yield str(error)


def _said(config: Config, manifest: Manifest) -> Iterator[str]:
    wanted = about(config)
    for name in ("name", "sex", "f0", "licence", "attribution"):
        said = manifest.acoustic.f0 if name == "f0" else getattr(manifest, name)
        if said != getattr(wanted, name):
            yield f"voice.json: {name} is {said!r}, and the experiment says {getattr(wanted, name)!r}"


def weight(folder: Path, manifest: Manifest) -> int:
    """Return how many bytes the files of a voice have."""
    return sum((folder / name).stat().st_size for name in manifest.files if (folder / name).exists())


def main(arguments: Sequence[str] | None = None) -> None:
    """Check the folder that the command line names; leave with the problems there are."""
    parser = parser_of("Checks the folder of an exported voice.")
    parser.add_argument("folder", type=Path, help="the voice's folder")
    given = parser.parse_args(arguments)
    try:
        config = named(given)
        found = list(problems(config, given.folder))
        manifest = read(given.folder)
    except (BadConfig, BrokenVoice, OSError) as error:
        raise SystemExit(str(error)) from None
    for name in manifest.files:
        print(f"{(given.folder / name).stat().st_size / 1e6:6.2f} MB  {name}")
    print(f"{weight(given.folder, manifest) / 1e6:6.2f} MB  together")
    if found:
        raise SystemExit("\n".join(found))
    print("the graphs say what the networks say, whole and in chunks")


if __name__ == "__main__":
    main()
