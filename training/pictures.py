"""Pictures of what is learned from and of how learning goes: spectrograms with boundaries, and curves, as PNG."""

import struct
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]

#: Rows of three dots for each letter, as octal digits from top to bottom.
_GLYPHS = {
    "a": "25755", "b": "65656", "c": "34443", "d": "65556", "e": "74647", "f": "74644", "g": "34553", "h": "55755",
    "i": "72227", "j": "11152", "k": "55655", "l": "44447", "m": "57755", "n": "65555", "o": "25552", "p": "65644",
    "q": "25563", "r": "65655", "s": "34216", "t": "72222", "u": "55557", "v": "55552", "w": "55775", "x": "55255",
    "y": "55222", "z": "71247", "0": "75557", "1": "26227", "2": "61247", "3": "61216", "4": "55711", "5": "74616",
    "6": "34757", "7": "71222", "8": "75757", "9": "75716", ".": "00002", "-": "00700", "#": "57575", "_": "00007",
}  # fmt: skip
_WHITE, _CYAN, _PINK = (255, 255, 255), (90, 230, 255), (255, 150, 170)
_SCALE = 2


def write_png(path: Path, image: Image) -> None:
    """Write an image (height, width, 3) as PNG."""
    height, width, _ = image.shape
    rows = np.concatenate([np.zeros((height, 1), np.uint8), image.reshape(height, -1)], axis=1)
    header = struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), 6)), (b"IEND", b"")]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, chunks)))


def _chunk(chunk: tuple[bytes, bytes]) -> bytes:
    name, content = chunk
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def write_text(image: Image, text: str, left: int, top: int, colour: Sequence[int] = _WHITE) -> None:
    """Write letters, 8 wide and 10 high, into an image; those that are unknown or outside of it are left out."""
    for place, letter in enumerate(text.lower()):
        for row, dots in enumerate(_GLYPHS.get(letter, "00000")):
            for column in range(3):
                if int(dots, 8) >> (2 - column) & 1:
                    y, x = top + row * _SCALE, left + (place * 4 + column) * _SCALE
                    image[max(y, 0) : y + _SCALE, max(x, 0) : x + _SCALE] = colour


def spectrogram(
    mel: NDArray[np.floating],
    f0_hz: NDArray[np.floating] | None = None,
    boundaries: Sequence[tuple[int, str]] = (),
    wide: int = 8,
) -> Image:
    """Return a picture of a mel spectrogram (n, mels) in 0..1, low at the bottom, `wide` dots for each frame.

    F0 is drawn over it on a scale of 50 to 550 Hz, and lines at the frames of `boundaries` with what begins there.
    """
    low, high = float(mel.min()), float(mel.max())
    shade = ((mel.T[::-1] - low) / max(high - low, 1e-6)).repeat(4, axis=0).repeat(wide, axis=1)
    image = np.stack([255 * shade**power for power in (0.8, 1.6, 0.9)], axis=2)
    image[..., 2] = 255 * np.clip(1.2 * shade * (1.3 - shade), 0, 1)
    image = image.astype(np.uint8)
    for frame, hz in enumerate(() if f0_hz is None else f0_hz):
        if hz > 0:
            y = int((1 - (float(hz) - 50) / 500) * len(image))
            image[max(y - 2, 0) : y + 2, frame * wide : (frame + 1) * wide] = _CYAN
    for place, (frame, label) in enumerate(boundaries):
        image[::2, frame * wide : frame * wide + 1] = _WHITE
        write_text(image, label, frame * wide + 3, 4 + 14 * (place % 2))
    return image


def stacked(images: Sequence[Image]) -> Image:
    """Return images one under the other on black."""
    width = max(image.shape[1] for image in images)
    padded = [np.pad(image, ((0, 8), (0, width - image.shape[1]), (0, 0))) for image in images]
    return np.concatenate(padded)


def curves(lines: Mapping[str, Sequence[float]], size: tuple[int, int] = (720, 360)) -> Image:
    """Return a picture of curves on one scale, each with its name and last value."""
    width, height = size
    image = np.zeros((height, width, 3), np.uint8)
    values = [value for line in lines.values() for value in line if np.isfinite(value)]
    low, high = min(values, default=0.0), max(values, default=1.0)
    for row, (name, line) in enumerate(lines.items()):
        colour = (_CYAN, _PINK, _WHITE)[row % 3]
        xs = np.arange(width)
        ys = np.interp(xs, np.linspace(0, width - 1, max(len(line), 1)), list(line) or [low])
        known = np.isfinite(ys)
        tops = ((1 - (ys[known] - low) / max(high - low, 1e-9)) * (height - 4)).astype(int)
        for x, top in zip(xs[known], tops, strict=True):
            image[top : top + 3, x] = colour
        write_text(image, f"{name} {line[-1] if line else 0:.3f}", width // 2, 6 + 16 * row, colour)
    write_text(image, f"{high:.2f}", 2, 4)
    write_text(image, f"{low:.2f}", 2, height - 14)
    return image
