"""Makes the files of a batch without a server, in a few threads of this program."""

import asyncio
import os
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from tts.catalogue import open_catalogue
from tts.client import Saved
from tts.client.files import finish_wav, whole_file
from tts.codec import open_encoder
from tts.config import load
from tts.errors import Cancelled, EngineFailed, TtsError
from tts.frontend import Reader
from tts.frontend.report import warnings_told
from tts.stream import Plan, plan, speak
from tts.types import Warned
from tts.web.protocol import parse_request

T = TypeVar("T")

#: A setting of clients, which the table of the server's settings does not know.
_KEY = "TTS_API_KEY"


class LocalMaker:
    """Speaks with the voices of this machine."""

    def __init__(self, threads: int) -> None:
        self._catalogue = open_catalogue(load({name: value for name, value in os.environ.items() if name != _KEY}))
        self._reader = Reader({voice.language for voice in self._catalogue.voices})
        self._pool = ThreadPoolExecutor(threads)
        self._stopped = threading.Event()

    async def check(self, fields: Mapping[str, Any]) -> None:
        """Raise the error that the request would be refused with."""
        await self._run(lambda: self._plan(fields))

    async def save(self, fields: Mapping[str, Any], path: Path) -> Saved:
        """Make a file of a request."""
        return await self._run(lambda: self._save(self._plan(fields), path))

    async def close(self) -> None:
        """Stop what is being made, and free everything."""
        self._stopped.set()
        self._pool.shutdown(cancel_futures=True)
        self._catalogue.close()

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def _plan(self, fields: Mapping[str, Any]) -> Plan:
        return plan(parse_request(dict(fields), "http", max_chars=1_000_000), self._catalogue, self._reader)

    def _save(self, planned: Plan, path: Path) -> Saved:
        encoder = open_encoder(planned.request.format, planned.sample_rate_hz)
        samples = 0
        warnings: list[Warned] = []
        with whole_file(path) as file:
            try:
                for piece in speak(planned, self._catalogue, self._reader):
                    if self._stopped.is_set():
                        raise Cancelled("the batch was stopped")
                    file.write(encoder.encode(piece.pcm) if piece.pcm.size else b"")
                    samples += len(piece.pcm)
                    warnings += piece.warnings
            except (TtsError, OSError):
                raise
            except Exception as error:
                # One text that an engine breaks on must not cost the others.
                raise EngineFailed(f"the engine broke: {error!r}") from error
            file.write(encoder.finish())
            if planned.request.format == "wav":
                finish_wav(file)
            size = file.tell()
        return Saved(path, size, samples / planned.sample_rate_hz, tuple(warnings_told(warnings)))
