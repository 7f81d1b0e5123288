"""The page with a neural voice: it plays, lights the characters, and offers the voice's emotions."""

import time

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.visit import POEM, visiting
from tests.server import Server
from tests.voices import EMOTIONS, PLAIN


def test_a_neural_voice_plays_and_lights_what_is_heard(chromium: Browser, sambert_server: Server) -> None:
    with visiting(chromium) as visit:
        visit.go(sambert_server.url)
        assert visit.run("() => voice.value") == PLAIN
        assert visit.run("() => [...emotion.options].map((option) => option.value)") == list(EMOTIONS)
        visit.page.select_option("#emotion", "happy")
        visit.speak()
        visit.reaches("playing")
        lit: list[str] = []
        while visit.data("state") == "playing":
            now = visit.run("() => document.querySelector('#reading .now')?.textContent")
            if now and lit[-1:] != [now]:
                lit.append(now)
            time.sleep(0.02)
        expect(visit.page.locator("#state")).to_have_text("完成")
        assert len(lit) > 10
        place = -1
        for character in lit:
            place = POEM.find(character, place + 1)
            assert place >= 0, f"{character} is out of order in {lit}"
        ((start, end),) = visit.buffered()
        assert start == 0
        assert end == pytest.approx(visit.run("() => audio.duration"), abs=0.001)
        visit.assert_clean()
