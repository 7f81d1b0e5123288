"""Browsers for the tests: the machine's own Chromium and Firefox."""

import os
import shutil
import socket
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.firefox import Firefox, open_firefox
from tests.browser.visit import Visit, visiting
from tests.server import Server

#: No sandbox, because tests run as root in containers; the rest keeps the browser from calling home.
_CHROMIUM_ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=document-user-activation-required",
)


def _program(variable: str, *names: str) -> str:
    found = os.environ.get(variable) or next((path for name in names if (path := shutil.which(name))), None)
    if not found:
        pytest.fail(f"the browser tests need {names[0]}; install it or name it with {variable}")
    return found


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Yield the machine's Chromium."""
    path = _program("CHROMIUM", "chromium", "chromium-browser", "google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_CHROMIUM_ARGS))
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser, tone_server: Server) -> Iterator[Visit]:
    """Yield the page of the tone server, in Chinese, on a wide screen; complaints of the browser fail the test."""
    with visiting(chromium) as opened:
        opened.go(tone_server.url)
        yield opened
        opened.assert_clean()


@pytest.fixture(scope="session")
def running_firefox() -> Iterator[Firefox]:
    """Yield the machine's Firefox."""
    with open_firefox(_program("FIREFOX", "firefox-esr", "firefox")) as browser:
        yield browser


@pytest.fixture
def firefox(running_firefox: Firefox) -> Iterator[Firefox]:
    """Yield the machine's Firefox, and leave its page afterwards, so that no connection keeps a server from ending."""
    yield running_firefox
    running_firefox.go("about:blank")


@pytest.fixture(scope="session")
def lan_url(tone_server: Server) -> str:
    """Return the server's address as another machine sees it: plain http there is no secure context."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Connecting a datagram socket sends nothing; it only chooses the interface.
            probe.connect(("192.0.2.1", 9))
            address = probe.getsockname()[0]
        except OSError:
            address = "127.0.0.1"
    if address.startswith("127."):
        pytest.skip("this machine has no address but loopback")
    return f"http://{address}:{tone_server.port}"
