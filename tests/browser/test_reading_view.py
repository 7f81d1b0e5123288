"""The reading before it is spoken: pinyin over the characters, other readings to choose, and words for trouble."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Request, Route, expect

from tests.browser.visit import Visit, visiting
from tests.server import Server

BANK = "银行行长"


def show(visit: Visit, text: str = BANK) -> Page:
    """Write a text and open the panel."""
    visit.page.fill("#text", text)
    visit.page.get_by_role("button", name="读音", exact=True).click()
    return visit.page


def changeable(page: Page, label: str) -> Locator:
    """Return the first character whose button has this label."""
    return page.get_by_role("button", name=label, exact=True).first


def asks(readings: dict[str, str] | None) -> Callable[[Request], bool]:
    """Return a test for a question that carries these readings."""

    def carries(request: Request) -> bool:
        body = json.loads(request.post_data or "{}") if request.url.endswith("/api/read") else None
        return body is not None and body.get("readings") == readings

    return carries


def pinyin(page: Page) -> list[str]:
    """Return what stands over the characters."""
    expect(page.locator("#readings rt").first).to_be_visible()
    return page.locator("#readings rt").all_inner_texts()


def test_pinyin_stands_over_each_character(visit: Visit) -> None:
    page = show(visit)
    assert pinyin(page) == ["yín", "háng", "háng", "zhǎng"]
    page.fill("#text", "绿花儿")
    expect(page.locator("#readings .base")).to_have_text(["绿", "花儿"])
    assert pinyin(page) == ["lǜ", "huār"]
    expect(page.locator("#readings-toggle")).to_have_attribute("aria-expanded", "true")
    page.click("#readings-toggle")
    expect(page.locator("#readings")).to_be_hidden()


def test_another_reading_is_chosen_and_spoken(visit: Visit) -> None:
    sent: list[dict[str, Any]] = []

    def note(payload: str | bytes) -> None:
        if isinstance(payload, str) and (found := re.search(r'\["synthesize",(\{.*\})\]$', payload)):
            sent.append(json.loads(found.group(1)))

    visit.page.on("websocket", lambda socket: socket.on("framesent", note))
    visit.page.reload()
    page = show(visit)
    changeable(page, "行，读作 háng，可改").click()
    expect(page.get_by_role("menu", name="行 的读音")).to_be_visible()
    with page.expect_request(asks({"1": "xing2"})):
        page.get_by_role("menuitemradio", name="xíng", exact=True).click()
    expect(changeable(page, "行，改读 xíng，可再改")).to_have_class("char chosen")
    expect(page.get_by_role("menu")).to_be_hidden()
    page.click("#speak")
    visit.reaches("playing", "done")
    visit.reaches("done")
    assert [request.get("readings") for request in sent] == [{"1": "xing2"}]


def test_a_choice_is_taken_back(visit: Visit) -> None:
    page = show(visit)
    for back in (page.get_by_role("menuitem", name="恢复"), page.get_by_role("menuitemradio", name="háng", exact=True)):
        changeable(page, "行，读作 háng，可改").click()
        page.get_by_role("menuitemradio", name="xíng", exact=True).click()
        changeable(page, "行，改读 xíng，可再改").click()
        with page.expect_request(asks(None)):
            back.click()
        expect(page.locator("#readings .chosen")).to_have_count(0)


def test_a_choice_follows_its_character(visit: Visit) -> None:
    page = show(visit)
    changeable(page, "行，读作 háng，可改").click()
    page.get_by_role("menuitemradio", name="xíng", exact=True).click()
    expect(page.locator("#readings .chosen")).to_have_count(1)
    page.locator("#text").press("Home")
    with page.expect_request(asks({"3": "xing2"})):
        page.keyboard.insert_text("中国")
    page.locator("#text").press("End")
    for _ in range(2):
        page.keyboard.press("Backspace")
    expect(page.locator("#readings .chosen")).to_have_count(1)
    with page.expect_request(asks(None)):
        page.keyboard.press("Backspace")
    expect(page.locator("#readings .chosen")).to_have_count(0)


def test_no_mouse_is_needed(visit: Visit) -> None:
    page = show(visit)
    expect(changeable(page, "行，读作 háng，可改")).to_be_visible()
    label = "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent"
    page.keyboard.press("Tab")
    while "行" not in visit.run(label):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert visit.run(label) == "háng"
    page.keyboard.press("Escape")
    assert visit.run(label) == "行，读作 háng，可改"
    expect(page.get_by_role("menu")).to_be_hidden()
    page.keyboard.press("Space")
    while visit.run(label) != "xíng":
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(changeable(page, "行，改读 xíng，可再改")).to_be_focused()
    page.keyboard.press("Tab")
    assert visit.run("document.activeElement.id") == "voice"


def test_what_is_not_spoken_as_written_is_said(visit: Visit) -> None:
    page = show(visit, "今年是2024年，\U00010980。")
    notes = page.locator("#readings-notes")
    expect(notes).to_contain_text("读成：今年是二零二四年")
    expect(notes).to_contain_text("有的内容没有读出来")
    page.fill("#text", "你好。")
    expect(notes).to_be_empty()


def test_trouble_is_said_in_words(chromium: Browser, tone_server: Server) -> None:
    with visiting(chromium) as visit:
        visit.go(tone_server.url)
        page = show(visit, "")
        status = page.locator("#readings-status")
        expect(status).to_have_text("先写点什么，这里会显示读音。")
        page.fill("#text", "行" * 501)
        expect(status).to_have_text("文字太长：最多 500 个字，现在 501 个。")
        page.route("**/api/read", lambda route: route.abort())
        page.fill("#text", "行")
        expect(status).to_have_text("连不上服务器，请检查网络后再试。")


def test_the_latest_answer_wins(visit: Visit) -> None:
    """The first question is answered last: its answer must not be shown over the later one."""
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    visit.page.route("**/api/read", hold_the_first)
    with visit.page.expect_request("**/api/read"):
        page = show(visit)
    page.fill("#text", "你好")
    expect(page.locator("#readings .base")).to_have_text(["你", "好"])
    held[0].continue_()
    page.wait_for_timeout(500)
    assert page.locator("#readings .base").all_inner_texts() == ["你", "好"]


def test_the_view_speaks_english(visit: Visit) -> None:
    page = show(visit)
    expect(changeable(page, "行，读作 háng，可改")).to_be_visible()
    page.click("#language")
    expect(page.locator("#readings-toggle")).to_have_text("Reading")
    expect(changeable(page, "行, read háng, can be changed")).to_be_visible()


CONTRAST = """() => {
  const light = (color) => {
    const linear = (v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = color.match(/[\\d.]+/g).map((v) => linear(v / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (e) => {
    const color = getComputedStyle(e).backgroundColor;
    return /, 0\\)$/.test(color) ? behind(e.parentElement) : color;
  };
  const texts = ['#readings-status', '#readings-notes', '#readings-text .base', '#readings-text rt',
    'button.char:not(.chosen) rt', '.chosen .base', '.chosen rt', '.menu button', '.menu [role="menuitem"]'];
  return Object.fromEntries(texts.map((selector) => {
    const element = document.querySelector(selector);
    const [a, b] = [light(getComputedStyle(element).color), light(behind(element))].sort((x, y) => y - x);
    return [selector, (a + 0.05) / (b + 0.05)];
  }));
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_it_fits_and_can_be_read(chromium: Browser, tone_server: Server, width: int, scheme: str) -> None:
    with visiting(chromium, viewport={"width": width, "height": 800}, color_scheme=scheme) as visit:
        visit.go(tone_server.url)
        page = show(visit, "银行行长重新走过长长的街道，电话是13800138000。 https://example.org/" + "long" * 40)
        changeable(page, "行，读作 háng，可改").click()
        page.get_by_role("menuitemradio", name="xíng", exact=True).click()
        changeable(page, "行，改读 xíng，可再改").click()
        assert visit.run("() => document.documentElement.scrollWidth") <= width
        assert visit.run("() => document.querySelector('#readings-text').scrollWidth <= document.body.clientWidth")
        small = visit.run(
            """() => Array.from(document.querySelectorAll('#readings button'))
              .map((e) => e.getBoundingClientRect()).filter(({width, height}) => width < 36 || height < 36).length"""
        )
        assert small == 0
        page.mouse.move(0, 0)
        assert {name: ratio for name, ratio in visit.run(CONTRAST).items() if ratio < 4.5} == {}
        visit.assert_clean()
