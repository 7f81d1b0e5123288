"""What the tests share."""

from collections.abc import Iterator

import pytest

from tests.server import Server, start


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Yield the real server, under gunicorn, on a free port."""
    with start() as running:
        yield running


@pytest.fixture(scope="session")
def tone_server() -> Iterator[Server]:
    """Yield a real server whose default voice is the reproducible tone."""
    with start(TTS_ENGINES="tone,espeak", TTS_DEFAULT_VOICE="tone-zh") as running:
        yield running
