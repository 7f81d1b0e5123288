"""Plays sound through a program of the machine while the sound is being made."""

import shutil
import subprocess
import tempfile
import wave
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from tts.types import Pcm16

#: Programs that play 16-bit mono from standard input, as they come; `{rate}` is the sample rate.
_STREAMING: Final = (
    "aplay -q -t raw -f S16_LE -c 1 -r {rate}",
    "pacat --playback --format=s16le --channels=1 --rate={rate}",
    "play -q -t raw -e signed -b 16 -L -c 1 -r {rate} -",
    "ffplay -nodisp -autoexit -v error -f s16le -ar {rate} -i -",
)
#: What plays only files.
_FILES: Final = ("afplay",)


def play(pieces: Iterable[Pcm16], rate_hz: int) -> None:
    """Play pieces of sound, shape (n,) each, as they come; raise `ValueError` when nothing here plays them."""
    for line in _STREAMING:
        program, *options = line.format(rate=rate_hz).split()
        if found := shutil.which(program):
            return _stream([found, *options], pieces)
    for program in _FILES:
        if found := shutil.which(program):
            return _play_file(found, pieces, rate_hz)
    known = ", ".join(line.split()[0] for line in (*_STREAMING, *_FILES))
    raise ValueError(f"this machine has no player ({known}); write a file with -o")


def _stream(command: list[str], pieces: Iterable[Pcm16]) -> None:
    player = subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603  # a list of our own
    assert player.stdin
    try:
        with player.stdin:
            for piece in pieces:
                player.stdin.write(piece.tobytes())
                player.stdin.flush()
    except BrokenPipeError:
        pass  # its exit status says more
    except BaseException:
        player.kill()
        raise
    finally:
        status = player.wait()
    _check(command[0], status)


def _play_file(program: str, pieces: Iterable[Pcm16], rate_hz: int) -> None:
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        write_wav(Path(file.name), pieces, rate_hz)
        _check(program, subprocess.run([program, file.name], check=False).returncode)  # noqa: S603  # our own file


def _check(program: str, status: int) -> None:
    if status:
        raise ValueError(f"{program} failed with status {status}; write a file with -o")


def write_wav(path: Path, pieces: Iterable[Pcm16], rate_hz: int) -> float:
    """Write pieces of sound, shape (n,) each, into a WAV file, and return its seconds."""
    with path.open("wb") as opened, wave.open(opened, "wb") as file:
        file.setparams((1, 2, rate_hz, 0, "NONE", ""))
        for piece in pieces:
            file.writeframesraw(piece.tobytes())
        seconds: float = file.tell() / rate_hz
    return seconds
