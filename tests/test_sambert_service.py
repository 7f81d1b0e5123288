"""The service with a small neural voice: ten streams share the decoder's runs, with two threads for all of them."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import gevent
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.voices import PLAIN
from tts.catalogue import Catalogue
from tts.config import Settings, load
from tts.engines.sambert import open as open_engine
from tts.engines.sambert.acoustic import Decoding
from tts.engines.sambert.batcher import Batcher
from tts.service import Service
from tts.types import Request

STREAMS = 10
TEXT = "床前明月光疑是地上霜举头望明月低头思故乡，白日依山尽黄河入海流。"

Pcm = NDArray[np.int16]


class Shared:
    """A service whose default voice notes how many sentences each of its decoder's runs had."""

    def __init__(self, settings: Settings) -> None:
        engine = open_engine(settings)
        self.speaker = engine.speaker(PLAIN)
        self.sizes: list[int] = []
        self.step = self.speaker.batcher.step
        self.speaker.batcher = Batcher(self.noted)
        self.service = Service(settings, Catalogue({"sambert": engine}, PLAIN))

    def noted(self, decodings: Sequence[Decoding], steps: int) -> list[NDArray[np.float32]]:
        """Decode, and note for how many."""
        self.sizes.append(len(decodings))
        return self.step(decodings, steps)

    def spoken(self, most_packets: int = 1000) -> Pcm:
        """Return the sound of one utterance, or its first packets."""
        service = self.service
        production = service.produce(service.plan(Request(TEXT, "pcm")), service.slots.take())
        try:
            return np.frombuffer(b"".join(packet.data for packet in islice(production, most_packets)), "<i2")
        finally:
            production.close()


@pytest.fixture
def shared(voices_dir: Path) -> Iterator[Shared]:
    made = Shared(load({}, voices_dir=str(voices_dir), threads=2))
    yield made
    assert made.speaker.batcher._due == []
    assert made.service.workers.jobs == 0
    made.service.close()


def test_ten_streams_share_runs_and_hear_what_one_hears(shared: Shared) -> None:
    alone = shared.spoken()
    runs_alone = len(shared.sizes)
    assert set(shared.sizes) == {1}
    shared.sizes.clear()
    listeners = [gevent.spawn(shared.spoken) for _ in range(STREAMS)]
    gevent.joinall(listeners, raise_error=True)
    for listener in listeners:
        assert listener.value.shape == alone.shape
        assert np.abs(listener.value.astype(np.int32) - alone).max() <= 4
    # More in a run than there are threads, and far fewer runs than ten times those of one stream.
    assert max(shared.sizes) > shared.service.settings.threads
    assert len(shared.sizes) < STREAMS * runs_alone / 2


def test_who_leaves_early_leaves_the_others_alone(shared: Shared) -> None:
    alone = shared.spoken()
    listeners = [gevent.spawn(shared.spoken, 3 if at % 2 else 1000) for at in range(STREAMS)]
    gevent.joinall(listeners, raise_error=True)
    for at, listener in enumerate(listeners):
        assert len(listener.value) < len(alone) if at % 2 else listener.value.shape == alone.shape
        assert np.abs(listener.value.astype(np.int32) - alone[: len(listener.value)]).max() <= 4
