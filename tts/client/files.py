"""Sound on disk: files that are there only when they are whole, and WAVs with true sizes."""

import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

#: Where a WAV of the server's says how long it is: in 32 bits each, how many bytes of the file are not counted.
_WAV_SIZES: Final = ((4, 8), (40, 44))


@dataclass(frozen=True, slots=True)
class Saved:
    """A file of sound."""

    path: Path
    size: int
    """Bytes."""
    audio_s: float | None
    """How long the sound is; None where the server did not tell."""
    warnings: tuple[Mapping[str, str], ...] = ()
    """What the listener should know, objects of `code` and `message`."""


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Give a file to write that gets its name when the block ends well, and is removed when it raises."""
    part = part_of(path)
    try:
        with part.open("w+b") as file:
            yield file
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def part_of(path: Path) -> Path:
    """Return the name that a file has while it is being written."""
    return path.with_name(f".{path.name}.part")


def finish_wav(file: BinaryIO) -> None:
    """Put the true sizes into a WAV that was written while nobody knew them."""
    total = file.seek(0, 2)
    for place, uncounted in _WAV_SIZES:
        file.seek(place)
        file.write(struct.pack("<I", total - uncounted))
    file.seek(0, 2)
