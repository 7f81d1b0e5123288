"""From bytes as they come to samples: 16-bit PCM, with or without the header of a WAV file."""

from collections.abc import Iterable, Iterator

import numpy as np

from tts.engines.elsewhere.errors import Refused
from tts.types import Samples


def samples_of(pieces: Iterable[bytes]) -> Iterator[Samples]:
    """Yield the samples, shape (n,) with n > 0, of little-endian 16-bit PCM that comes in pieces of any size."""
    left = b""
    for piece in pieces:
        left += piece
        whole = len(left) // 2 * 2
        if whole:
            yield np.frombuffer(left[:whole], "<i2").astype(np.float32) / np.float32(32768)
        left = left[whole:]


def without_header(pieces: Iterable[bytes], rate_hz: int, name: str) -> Iterator[bytes]:
    """Yield the PCM of a WAV stream; raise `Refused` when it is none, or not of 16 bits, one channel and that rate."""
    head, begun = b"", False
    for piece in pieces:
        if begun:
            yield piece
            continue
        head += piece
        start = _data_start(head, rate_hz, name)
        if start is not None:
            begun = True
            yield head[start:]
    if not begun and head:
        raise Refused(f"{name} sends no WAV: {head[:16]!r}")


def _data_start(head: bytes, rate_hz: int, name: str) -> int | None:
    """Return where the samples begin, or None while the header is not whole."""
    if len(head) < 12:
        return None
    if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        raise Refused(f"{name} sends no WAV: {head[:16]!r}")
    at = 12
    while at + 8 <= len(head):
        kind, size = head[at : at + 4], int.from_bytes(head[at + 4 : at + 8], "little")
        if kind == b"data":
            return at + 8
        if kind == b"fmt ":
            if at + 24 > len(head):
                return None
            _check_format(head[at + 8 : at + 24], rate_hz, name)
        at += 8 + size + size % 2
    return None


def _check_format(content: bytes, rate_hz: int, name: str) -> None:
    values = [int.from_bytes(content[start:end], "little") for start, end in ((2, 4), (4, 8), (14, 16))]
    if values != [1, rate_hz, 16]:
        channels, rate, bits = values
        raise Refused(f"{name} sends {channels} channels of {bits} bits at {rate} Hz, not one of 16 at {rate_hz}")
