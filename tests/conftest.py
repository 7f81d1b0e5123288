"""What the tests share."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from tests.server import NO_VOICES, Server, start, start_odd
from tests.talker import Talker
from tests.test_socketio import EventTalker
from tests.test_ws import FrameTalker
from tests.voices import make_voices
from tts.frontend import Reader

os.environ.update(NO_VOICES)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Yield the real server, under gunicorn, on a free port."""
    with start() as running:
        yield running


@pytest.fixture(scope="session")
def tone_server() -> Iterator[Server]:
    """Yield a real server whose default voice is the reproducible tone."""
    with start(TTS_ENGINES="tone", TTS_DEFAULT_VOICE="tone-zh") as running:
        yield running


@pytest.fixture(scope="session")
def odd_server() -> Iterator[Server]:
    """Yield a server with one place, whose engines misbehave."""
    with start_odd(max_streams=2, stall_s=2.0) as running:
        yield running


@pytest.fixture(scope="session")
def reader() -> Reader:
    """Return a reader for whatever languages; opening one takes a second, and reading changes nothing in it."""
    return Reader()


@pytest.fixture(scope="session")
def voices_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the small voices of `tests.voices`."""
    return make_voices(tmp_path_factory.mktemp("voices"))


@pytest.fixture(scope="session")
def sambert_server(voices_dir: Path) -> Iterator[Server]:
    """Yield a real server whose default voice is a small neural one."""
    with start(TTS_VOICES_DIR=str(voices_dir)) as running:
        yield running


@pytest.fixture(params=[EventTalker, FrameTalker], ids=["socketio", "websocket"])
def connect(request: pytest.FixtureRequest) -> Iterator[Callable[[Server], Talker]]:
    """Yield a function that connects to a server; the connections close with the test."""
    talkers: list[Talker] = []

    def open_(server: Server) -> Talker:
        talkers.append(request.param(server))
        return talkers[-1]

    yield open_
    for talker in talkers:
        talker.close()


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Run torch in one thread: on networks this small, several only wait for each other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(autouse=True)
def nothing_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves an utterance running on a server it used."""
    yield
    for name in ("server", "tone_server", "sambert_server", "odd_server"):
        if name in request.fixturenames:
            assert request.getfixturevalue(name).becomes_idle(), f"{name} still makes an utterance"
