"""Remembers which files of a batch are finished, and what request each was made from."""

import fcntl
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Final

from tts.client import Saved
from tts.client.files import part_of
from tts.commands.jobs import Job

_NAME: Final = ".batch.jsonl"


class Ledger:
    """A line for every finished file, written after the file has its name: what has no line is made again."""

    def __init__(self, folder: Path, file: BinaryIO) -> None:
        self.folder = folder
        self._file = file
        self._entries: dict[str, Mapping[str, Any]] = {}
        for line in file:
            # A machine that lost its power may have left half a line.
            with suppress(ValueError, KeyError, TypeError):
                entry = json.loads(line)
                self._entries[entry["file"]] = entry

    def holds(self, job: Job) -> bool:
        """Return whether a job's file is there, as it was finished, from the same request."""
        entry = self._entries.get(job.file, {})
        path = self.folder / job.file
        return entry.get("request") == job.digest and path.is_file() and path.stat().st_size == entry.get("size")

    def add(self, job: Job, saved: Saved) -> None:
        """Write down that a job's file is finished."""
        entry = {"file": job.file, "request": job.digest, "size": saved.size}
        # It begins with a new line, in case the one before was never ended.
        self._file.write(b"\n" + json.dumps(entry, ensure_ascii=False).encode() + b"\n")
        self._file.flush()
        self._entries[job.file] = entry


@contextmanager
def open_ledger(folder: Path) -> Iterator[Ledger]:
    """Give the ledger of a folder, which is made if need be.

    Raises `ValueError` while another batch writes there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / _NAME).open("a+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ValueError(f"{folder}: another batch writes there; choose another folder with -o") from None
        # What a batch that was killed was writing.
        for part in folder.glob(part_of(Path("*")).name):
            part.unlink()
        file.seek(0)
        yield Ledger(folder, file)
