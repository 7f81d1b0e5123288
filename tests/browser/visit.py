"""A visit to the page in Chromium: what a person does there, and what can be seen of it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, expect

#: Long enough to look around while it plays: 4 s of tones and pauses.
POEM = "床前明月光，疑是地上霜。举头望明月，低头思故乡。"

WITHOUT_MEDIA_SOURCE = "delete window.MediaSource; delete window.ManagedMediaSource;"

#: Holds everything back for 2 s after the first second of tones, and notes the states the page goes through.
STALL = """
const Real = WebSocket;
window.WebSocket = class extends Real {
  set onmessage(handler) {
    let sounds = 0;
    super.onmessage = (event) => {
      if (typeof event.data !== 'string') sounds += 1;
      if (sounds < 12) handler(event);
      else setTimeout(() => handler(event), 2000);
    };
  }
};
window.states = [];
new MutationObserver(() => {
  const {state} = document.body?.dataset ?? {};
  if (state && states.at(-1) !== state) states.push(state);
}).observe(document, {subtree: true, attributeFilter: ['data-state']});
"""

#: The form is sent by the page itself: no hand has touched it.
SEND_BY_ITSELF = """
addEventListener('load', () => {
  document.getElementById('text').value = '床前明月光，疑是地上霜。';
  document.getElementById('form').requestSubmit();
});
"""

#: Remembers what a strict Content-Security-Policy stopped.
_WATCH = """
window.stopped = [];
addEventListener('securitypolicyviolation', (event) => stopped.push(`${event.violatedDirective} ${event.blockedURI}`));
"""


class Visit:
    """One page of one browser context."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.problems: list[str] = []
        page.on("console", lambda message: self._note(message.type, message.text))
        page.on("pageerror", lambda error: self._note("error", str(error)))
        page.add_init_script(_WATCH)

    def _note(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.problems.append(f"{kind}: {text}")

    def go(self, url: str) -> None:
        """Open the page and wait until its scripts have run."""
        self.page.goto(url)
        expect(self.page.locator("body")).to_have_attribute("data-ready", "yes")

    def speak(self, text: str = POEM) -> None:
        """Write a text and press the button."""
        self.page.fill("#text", text)
        self.page.click("#speak")

    def reaches(self, *states: str, seconds: float = 15) -> None:
        """Wait until the page is in one of these states."""
        expect(self.page.locator("body")).to_have_attribute(
            "data-state", re.compile("|".join(states)), timeout=seconds * 1000
        )

    def data(self, name: str) -> str | None:
        """Return a data attribute of the page's body."""
        return self.page.locator("body").get_attribute(f"data-{name}")

    def run(self, script: str, value: Any = None) -> Any:
        """Return what a script in the page gives."""
        return self.page.evaluate(script, value)

    def buffered(self) -> list[tuple[float, float]]:
        """Return the ranges of sound, in seconds, that the audio element holds."""
        ranges = self.run(
            """() => Array.from({length: audio.buffered.length},
              (_, i) => [audio.buffered.start(i), audio.buffered.end(i)])"""
        )
        return [(start, end) for start, end in ranges]

    def assert_clean(self) -> None:
        """Fail when the browser complained."""
        assert self.problems == []
        assert self.run("() => stopped") == []


@contextmanager
def visiting(browser: Browser, **options: Any) -> Iterator[Visit]:
    """Yield a visit that shares nothing with others; options are those of a browser context."""
    context = browser.new_context(**{"locale": "zh-CN", "viewport": {"width": 1280, "height": 900}, **options})
    context.set_default_timeout(15_000)
    try:
        yield Visit(context.new_page())
    finally:
        context.close()
