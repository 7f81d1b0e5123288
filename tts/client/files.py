"""Sound on disk: files that are there only when they are whole, and WAVs with true sizes."""

import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

#: Where a WAV of the server's says how long it is: in 32 bits each, how many bytes of the file are not counted.
_WAV_SIZES: Final = ((4, 8), (40, 44))


#: Bytes before the sound in the formats whose sound is 16-bit mono PCM.
_HEADERS: Final = {"wav": 44, "pcm": 0}


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


def plain_seconds(size: int, kind: str, rate_hz: int | None) -> float | None:
    """Return how long the sound in a file of `size` bytes is, or None where its bytes do not tell."""
    return (size - _HEADERS[kind]) / 2 / rate_hz if kind in _HEADERS and rate_hz else None
