"""The page of a server that asks for a key: the browser's own dialogue takes it."""

from playwright.sync_api import Browser

from tests.browser.visit import visiting
from tests.server import start


def test_the_page_speaks_after_the_key_was_given(chromium: Browser) -> None:
    with start(TTS_ENGINES="tone", TTS_API_KEYS="open sesame") as server:
        credentials = {"username": "anyone", "password": "open sesame"}
        with visiting(chromium, http_credentials=credentials) as visit:
            visit.go(server.url)
            # From here on the cookie must do: the connection, the readings and the download are no pages.
            visit.speak("你好")
            visit.reaches("done")
            visit.assert_clean()
