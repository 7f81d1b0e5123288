"""A connection that comes late, breaks or is out of reach, and a browser that refuses to play."""

import time

from playwright.sync_api import Browser, Route, expect

from tests.browser.visit import SEND_BY_ITSELF, visiting
from tests.server import Server

#: As behind a proxy that knows only plain HTTP.
NO_WEBSOCKET = """
window.WebSocket = class extends EventTarget {
  constructor() { super(); setTimeout(() => this.onerror?.(new Event('error'))); }
  close() {}
};
"""


def test_a_request_waits_for_the_connection(chromium: Browser, tone_server: Server) -> None:
    """The connection is held back; without WebSocket it comes by polling, which is tested on the way."""
    with visiting(chromium) as visit:
        held: list[Route] = []
        holding = True
        visit.page.add_init_script(NO_WEBSOCKET)
        visit.page.route("**/socket.io/**", lambda route: held.append(route) if holding else route.continue_())
        visit.go(tone_server.url)
        visit.speak()
        visit.reaches("connecting")
        expect(visit.page.locator("#state")).to_have_text("正在连接")
        holding = False
        for route in held:
            route.continue_()
        visit.reaches("playing")
        visit.reaches("done")
        assert len(visit.buffered()) == 1


#: Cuts the connection, once, when the first sound arrives.
CUT = """
const Real = WebSocket;
window.WebSocket = class extends Real {
  constructor(...args) {
    super(...args);
    this.addEventListener('message', ({data}) => {
      if (typeof data === 'string' || window.cut) return;
      window.cut = true;
      this.close();
    });
  }
};
"""


def test_a_lost_connection_is_told_and_the_next_press_works(chromium: Browser, tone_server: Server) -> None:
    with visiting(chromium) as visit:
        visit.page.add_init_script(CUT)
        visit.go(tone_server.url)
        visit.speak()
        visit.reaches("error")
        expect(visit.page.get_by_role("alert")).to_contain_text("连接断了")
        visit.page.click("#speak")
        visit.reaches("playing")
        expect(visit.page.get_by_role("alert")).to_be_empty()


def test_a_server_out_of_reach_is_told_and_the_next_press_works(chromium: Browser, tone_server: Server) -> None:
    with visiting(chromium) as visit:
        visit.page.add_init_script(CUT)
        visit.go(tone_server.url)
        visit.speak()
        visit.reaches("error")
        visit.page.context.set_offline(True)
        time.sleep(1)
        visit.page.click("#speak")
        visit.reaches("connecting")
        visit.reaches("error", seconds=20)
        expect(visit.page.get_by_role("alert")).to_contain_text("连不上服务器")
        visit.page.context.set_offline(False)
        visit.page.click("#speak")
        visit.reaches("playing")


def test_refused_autoplay_asks_for_a_tap(chromium: Browser, tone_server: Server) -> None:
    """The form is sent by a timer of the page itself: no hand has touched it."""
    with visiting(chromium) as visit:
        visit.page.add_init_script(SEND_BY_ITSELF)
        visit.page.goto(tone_server.url)
        # Looking at the page through the debugger counts as a gesture, so it must be left alone at first.
        time.sleep(2)
        visit.reaches("blocked")
        expect(visit.page.get_by_role("status")).to_have_text("轻点播放")
        visit.page.get_by_role("button", name="轻点播放").click()
        visit.reaches("playing")
        visit.reaches("done")
