"""Keeps finished utterances on disk for a while, so that they can be downloaded as WAV files."""

import os
import secrets
import shutil
import tempfile
import threading
import time
import wave
from pathlib import Path

from tts.errors import Cancelled, NotFound
from tts.types import Pcm16, Warned

_PREFIX = "shengliu-"

#: Text in pieces may go on for ever; its recording may not. This is most of an hour at 16 kHz.
_MOST_BYTES = 100_000_000


def _sweep() -> None:
    """Delete the folders of servers that were killed before they could do it."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        owner = folder.name.removeprefix(_PREFIX).split("-")[0]
        if owner.isdecimal() and not _lives(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass  # It is another user's.
    return True


class Recording:
    """The WAV file of one utterance, written while it is made."""

    def __init__(self, folder: Path, sample_rate_hz: int) -> None:
        self.token = secrets.token_urlsafe(18)
        self.path = folder / f"{self.token}.wav"
        self.finished_s: float | None = None
        """When it was finished, by the monotonic clock."""
        self.ended = threading.Event()
        self.warnings: list[Warned] = []
        """What the listener was to be told."""
        self.failure: str | None = None
        """Why the disk did not take it."""
        self._file = self.path.open("wb")
        # The module writes the true sizes into the header when the file is closed.
        self._wave = wave.open(self._file, "wb")  # noqa: SIM115
        self._wave.setparams((1, 2, sample_rate_hz, 0, "NONE", ""))

    def write(self, pcm: Pcm16) -> None:
        """Append samples, shape (n,); a full disk or too many of them end the recording, not the speech."""
        if self.failure is None and self._wave.tell() * pcm.itemsize > _MOST_BYTES:
            self.failure = f"it is longer than {_MOST_BYTES // 1_000_000} MB"
        if self.failure is None:
            try:
                self._wave.writeframesraw(pcm.astype("<i2", copy=False).tobytes())
            except OSError as error:
                self.failure = str(error)

    def close(self) -> None:
        """Close the file, with true sizes in its header."""
        try:
            self._wave.close()
            self._file.close()
        except OSError as error:
            self.failure = self.failure or str(error)


class Recordings:
    """All recordings that can still be had, the oldest first; all its methods run in one thread."""

    def __init__(self, keep_s: float, keep_mb: float) -> None:
        _sweep()
        self._folder = tempfile.TemporaryDirectory(prefix=f"{_PREFIX}{os.getpid()}-")
        self._keep_s = keep_s
        self._keep_bytes = keep_mb * 1e6
        self._all: dict[str, Recording] = {}

    def open(self, sample_rate_hz: int) -> Recording:
        """Return a new recording, waiting for sound."""
        self.evict()
        recording = Recording(Path(self._folder.name), sample_rate_hz)
        self._all[recording.token] = recording
        return recording

    def finish(self, recording: Recording) -> bool:
        """Make the recording available and return whether it is: the disk may have been full."""
        recording.close()
        if recording.failure is not None:
            self._forget(recording)
        recording.finished_s = time.monotonic()
        recording.ended.set()
        self.evict()
        return recording.token in self._all

    def discard(self, recording: Recording) -> None:
        """Delete the recording of an utterance that did not end well."""
        recording.close()
        recording.failure = recording.failure or "cancelled"
        recording.ended.set()
        self._forget(recording)

    def find(self, token: str, wait_s: float) -> Recording:
        """Return a recording, waiting for its end.

        Raises `NotFound` when there is none, `Cancelled` when it ended without one.
        """
        self.evict()
        recording = self._all.get(token)
        if recording is None:
            raise NotFound("no such recording, or no longer")
        if not recording.ended.wait(wait_s):
            raise NotFound("the recording is not finished yet")
        if recording.failure is not None:
            raise Cancelled(f"there is no recording: {recording.failure}")
        return recording

    def evict(self) -> None:
        """Delete what is too old, and the oldest while there is too much."""
        finished = [r for r in self._all.values() if r.finished_s is not None]
        too_old_s = time.monotonic() - self._keep_s
        sizes = {r.token: r.path.stat().st_size for r in finished}
        total_bytes = sum(sizes.values())
        for recording in finished:
            if (recording.finished_s or 0) > too_old_s and total_bytes <= self._keep_bytes:
                break
            total_bytes -= sizes[recording.token]
            self._forget(recording)

    def close(self) -> None:
        """Delete everything."""
        for recording in list(self._all.values()):
            recording.close()
            self._forget(recording)
        self._folder.cleanup()

    def _forget(self, recording: Recording) -> None:
        self._all.pop(recording.token, None)
        recording.path.unlink(missing_ok=True)
