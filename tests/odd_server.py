"""Serves engines that no one should ship: one that is slow, one that breaks, one that never ends."""

import sys
import time
from collections.abc import Iterator, Sequence

from tts.workers import patch, serve

patch()

import numpy as np  # noqa: E402

from tts.catalogue import Catalogue  # noqa: E402
from tts.errors import EngineFailed  # noqa: E402
from tts.types import Controls, PcmChunk, Sentence, Voice  # noqa: E402
from tts.web import create_app  # noqa: E402
from tts.web.connections import Handler  # noqa: E402

RATE_HZ = 16_000
NAMES = ("slow", "steady", "endless", "flood", "broken", "late", "mute", "waiting")


class OddEngine:
    """Each voice misbehaves in the way it is named after."""

    @property
    def voices(self) -> Sequence[Voice]:
        """Return one voice for each way."""
        return [Voice(name, name, "zh", "male", "odd", RATE_HZ, ("neutral",), "Apache-2.0", True) for name in NAMES]

    def speak(self, sentence: Sentence, voice: Voice, controls: Controls) -> Iterator[PcmChunk]:
        """Yield 100 ms of a ramp at a time."""
        chunk = PcmChunk(np.linspace(-0.5, 0.5, RATE_HZ // 10, dtype=np.float32))
        if voice.id == "mute":
            return
        if voice.id == "broken":
            raise EngineFailed("it is broken")
        if voice.id == "waiting":
            yield PcmChunk(np.zeros(0, np.float32))
        yield chunk
        if voice.id == "late":
            raise RuntimeError("a secret of the inside")
        for _ in range(10_000 if voice.id in ("endless", "flood") else 3):
            time.sleep({"slow": 2.0, "endless": 0.05}.get(voice.id, 0.0))
            yield chunk

    def close(self) -> None:
        """Hold nothing, free nothing."""


if __name__ == "__main__":
    overrides = dict(pair.split("=", 1) for pair in sys.argv[2:])
    settings = {name: type_(value) for name, value in overrides.items() for type_ in [float if "." in value else int]}
    app = create_app(settings, Catalogue({"odd": OddEngine()}, "steady"))
    print("ready", flush=True)
    serve(app, "127.0.0.1", int(sys.argv[1]), Handler)
