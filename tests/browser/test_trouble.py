"""The page when synthesis is slow, breaks, never ends or makes no sound, with each player."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.visit import STALL, WITHOUT_MEDIA_SOURCE, Visit, visiting
from tests.server import Server

PLAYERS = {
    "mse": "",
    "worklet": WITHOUT_MEDIA_SOURCE,
    "buffer": WITHOUT_MEDIA_SOURCE + "delete window.AudioWorkletNode;",
}


@pytest.fixture(params=PLAYERS)
def odd_visit(request: pytest.FixtureRequest, chromium: Browser, odd_server: Server) -> Iterator[Visit]:
    with visiting(chromium) as visit:
        visit.page.add_init_script(PLAYERS[request.param])
        visit.go(odd_server.url)
        assert visit.data("player") == request.param
        yield visit


@pytest.mark.parametrize("player", PLAYERS)
def test_an_underrun_passes_by_itself(chromium: Browser, tone_server: Server, player: str) -> None:
    with visiting(chromium) as visit:
        visit.page.add_init_script(STALL + PLAYERS[player])
        visit.go(tone_server.url)
        visit.speak()
        visit.reaches("done")
        states = " ".join(visit.run("() => states"))
        assert states.endswith("synthesizing playing buffering playing done")
        visit.assert_clean()


def test_a_broken_engine_is_told_and_the_next_press_works(odd_visit: Visit) -> None:
    odd_visit.page.select_option("#voice", "broken")
    odd_visit.speak("好")
    odd_visit.reaches("error")
    expect(odd_visit.page.get_by_role("alert")).to_have_text("合成时出了错，请再试一次。")
    odd_visit.page.select_option("#voice", "steady")
    odd_visit.page.click("#speak")
    odd_visit.reaches("done")


def test_an_engine_that_breaks_in_the_middle_is_told(odd_visit: Visit) -> None:
    odd_visit.page.select_option("#voice", "late")
    odd_visit.speak("好")
    odd_visit.reaches("error")
    expect(odd_visit.page.get_by_role("alert")).to_have_text("合成时出了错，请再试一次。")
    expect(odd_visit.page.locator("#result")).to_be_hidden()


def test_no_sound_at_all_comes_to_an_end(odd_visit: Visit) -> None:
    odd_visit.page.select_option("#voice", "mute")
    odd_visit.speak("好")
    odd_visit.reaches("done", "error")


def test_stop_ends_the_work_on_the_server(odd_visit: Visit, odd_server: Server) -> None:
    odd_visit.page.select_option("#voice", "endless")
    odd_visit.speak("好")
    odd_visit.reaches("playing")
    time.sleep(0.5)
    assert odd_server.streams() == 1
    odd_visit.page.click("#stop")
    odd_visit.reaches("stopped")
    assert odd_server.becomes_idle(5)


def test_leaving_the_page_ends_the_work_on_the_server(odd_visit: Visit, odd_server: Server) -> None:
    odd_visit.page.select_option("#voice", "endless")
    odd_visit.speak("好")
    odd_visit.reaches("playing")
    odd_visit.page.goto("about:blank")
    assert odd_server.becomes_idle(5)
