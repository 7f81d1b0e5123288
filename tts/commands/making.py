"""A batch being made: its texts are checked, spoken a few at a time, and counted."""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from tqdm import tqdm

from tts.client import AsyncClient, Saved, Unreachable
from tts.client.files import whole_file
from tts.commands.jobs import Job, Mistakes
from tts.commands.ledger import Ledger
from tts.errors import TtsError

#: The status of errors that are the request's own fault.
_BAD_REQUEST = 400


class Maker(Protocol):
    """What makes files of requests."""

    async def check(self, fields: Mapping[str, Any]) -> None:
        """Raise the error that the request would be refused with."""
        ...

    async def save(self, fields: Mapping[str, Any], path: Path) -> Saved:
        """Make a file of a request; it gets its name when it is whole."""
        ...

    async def close(self) -> None:
        """Free everything, once nothing more is being made."""
        ...


class RemoteMaker:
    """Has a server make the files."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def check(self, fields: Mapping[str, Any]) -> None:
        """Raise the error that the server would refuse the request with."""
        await self._client.read(**{"text": None, **fields})

    async def save(self, fields: Mapping[str, Any], path: Path) -> Saved:
        """Make a file of a request."""
        return await self._client.save(path=path, **{"text": None, **fields})

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


@dataclass
class Tally:
    """What has become of the jobs so far."""

    made: int = 0
    kept: int = 0
    """Files that were finished before."""
    failures: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[dict[str, Any]] = field(default_factory=list)
    audio_s: float = 0.0
    """Sound made now, as far as the server told how long it is."""
    stopped: str = ""
    """Why not everything was tried."""


class Batch:
    """Jobs whose files are to be in a folder, and what has become of them."""

    def __init__(self, jobs: Sequence[Job], ledger: Ledger) -> None:
        self.tally = Tally()
        self._jobs = jobs
        self._ledger = ledger
        self._begun_s = time.monotonic()

    @property
    def whole(self) -> bool:
        """Return whether every job has its file."""
        return self.tally.made + self.tally.kept == len(self._jobs)

    async def run(self, maker: Maker, concurrency: int, path: Path) -> None:
        """Check what is to be made, and make it.

        Raises `Mistakes` before anything is made, and what keeps a server from being asked at all.
        """
        try:
            missing = [job for job in self._jobs if not self._ledger.holds(job)]
            self.tally.kept = len(self._jobs) - len(missing)
            mistakes: dict[int, str] = {}
            await _each(missing, concurrency, lambda job: _check(job, maker, mistakes))
            if mistakes:
                raise Mistakes(path, mistakes)
            # The bar shows nothing where nobody sees it move.
            with (
                tqdm(total=len(self._jobs), initial=self.tally.kept, unit=" texts", disable=None) as bar,
                suppress(Unreachable),
            ):
                await _each(missing, concurrency, lambda job: self._make(job, maker, bar))
        finally:
            await maker.close()

    async def _make(self, job: Job, maker: Maker, bar: "tqdm[Any]") -> None:
        tally = self.tally
        try:
            saved = await maker.save(job.fields, self._ledger.folder / job.file)
            self._ledger.add(job, saved)
        except Unreachable as error:
            # It was waited for already; the others would wait as long, each in turn.
            tally.stopped = error.message
            raise
        except (TtsError, OSError) as error:
            code = error.code if isinstance(error, TtsError) else "disk"
            tally.failures.append({"id": job.id, "line": job.line, "reason": code, "message": str(error)})
            bar.write(f"{job.id} (line {job.line}): {code}: {error}", file=sys.stderr)
        else:
            tally.made += 1
            tally.audio_s += saved.audio_s or 0.0
            tally.warnings += [{"id": job.id, "line": job.line, **warned} for warned in saved.warnings]
        bar.set_postfix(failed=len(tally.failures), refresh=False)
        bar.update()

    def report(self, jobs: Path) -> str:
        """Write `report.json` into the folder, and return the summary of it."""
        tally, wall_s = self.tally, time.monotonic() - self._begun_s
        reasons = Counter(failure["reason"] for failure in tally.failures)
        done = tally.made + tally.kept
        left = len(self._jobs) - done - len(tally.failures)
        speed = tally.audio_s / wall_s
        told = {
            "jobs": str(jobs),
            "items": len(self._jobs),
            "ok": done,
            "kept": tally.kept,
            "failed": dict(reasons),
            "left": left,
            "stopped": tally.stopped,
            "audio_s": round(tally.audio_s, 3),
            "wall_s": round(wall_s, 3),
            "speed": round(speed, 3),
            "failures": tally.failures,
            "warnings": tally.warnings,
        }
        path = self._ledger.folder / "report.json"
        with whole_file(path) as file:
            file.write(json.dumps(told, ensure_ascii=False, indent=1).encode(errors="replace") + b"\n")
        why = ", ".join(f"{number} {reason}" for reason, number in reasons.most_common())
        lines = [f"{len(self._jobs)} texts: {done} ok ({tally.kept} of them from before), {len(tally.failures)} failed"]
        lines[0] += (f" ({why})" if why else "") + (f", {left} left" if left else "")
        if tally.made:
            lines.append(f"{tally.audio_s:.1f} s of sound in {wall_s:.1f} s, {speed:.1f} times as fast as it is heard")
        if tally.warnings:
            lines.append(f"{len(tally.warnings)} warnings")
        if left:
            lines.append(f"stopped: {tally.stopped}; the same command goes on from here")
        lines.append(f"{path} has the rest")
        return "\n".join(lines)


async def _check(job: Job, maker: Maker, mistakes: dict[int, str]) -> None:
    try:
        await maker.check(job.fields)
    except TtsError as error:
        if error.status != _BAD_REQUEST:
            raise
        mistakes[job.line] = error.message
    except ValueError as error:
        # JSON can be written that cannot be sent: not a number, half a character.
        mistakes[job.line] = f"cannot be sent: {error}"


async def _each(jobs: Iterable[Job], concurrency: int, do: Callable[[Job], Awaitable[None]]) -> None:
    """Do something with each job, a few at a time; the first that raises stops all."""
    waiting = iter(jobs)

    async def work() -> None:
        for job in waiting:
            await do(job)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(concurrency):
                group.create_task(work())
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
