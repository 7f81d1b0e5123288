"""What the tests share."""

from collections.abc import Iterator

import pytest

from tests.server import Server, start, start_odd


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


@pytest.fixture(autouse=True)
def nothing_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves an utterance running on a server it used."""
    yield
    for name in ("server", "tone_server", "odd_server"):
        if name in request.fixturenames:
            assert request.getfixturevalue(name).becomes_idle(), f"{name} still makes an utterance"
