"""The page before anything is played: it loads clean, in two languages, for keyboards, readers and small screens."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.visit import POEM, Visit, visiting
from tests.server import Server


def test_the_page_loads_without_a_complaint(visit: Visit) -> None:
    expect(visit.page).to_have_title(re.compile("声流"))
    assert visit.run("() => document.documentElement.lang") == "zh-CN"
    expect(visit.page.get_by_role("button", name="合成并播放", exact=True)).to_be_enabled()
    expect(visit.page.get_by_role("button", name="停止", exact=True)).to_be_disabled()
    expect(visit.page.get_by_role("textbox", name="文字")).to_be_visible()
    expect(visit.page.locator("#counter")).to_have_text("0/500")


def test_nothing_is_loaded_from_elsewhere(chromium: Browser, tone_server: Server) -> None:
    with visiting(chromium) as visit:
        asked: list[str] = []
        visit.page.on("request", lambda request: asked.append(request.url))
        visit.go(tone_server.url)
        assert [url for url in asked if not url.startswith(tone_server.url)] == []
        assert any(url.endswith("/static/vendor/socket.io.esm.min.js") for url in asked)


def test_the_policy_is_strict(chromium: Browser, tone_server: Server) -> None:
    with visiting(chromium) as visit:
        answer = visit.page.goto(tone_server.url)
        assert answer is not None
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=", answer.text())


@pytest.mark.parametrize(
    ("locale", "lang", "speak", "stop", "wav"),
    [
        ("zh-CN", "zh-CN", "合成并播放", "停止", "下载 .wav"),
        ("en-GB", "en", "Speak and play", "Stop", "Download .wav"),
        ("fr-FR", "zh-CN", "合成并播放", "停止", "下载 .wav"),
    ],
)
def test_the_browser_chooses_the_language(
    chromium: Browser, tone_server: Server, locale: str, lang: str, speak: str, stop: str, wav: str
) -> None:
    with visiting(chromium, locale=locale) as visit:
        visit.go(tone_server.url)
        assert visit.run("() => document.documentElement.lang") == lang
        expect(visit.page.get_by_role("button", name=stop, exact=True)).to_be_visible()
        visit.page.fill("#text", "你好。")
        visit.page.get_by_role("button", name=speak, exact=True).click()
        expect(visit.page.get_by_role("link", name=wav, exact=True)).to_be_visible()
        visit.assert_clean()


def test_the_reader_can_change_the_language_and_it_stays(visit: Visit) -> None:
    visit.page.click("#language")
    expect(visit.page.locator("#speak")).to_have_text("Speak and play")
    expect(visit.page.locator("#voice option:checked")).to_have_text(re.compile("Chinese"))
    expect(visit.page.locator("#emotion option:checked")).to_have_text("Neutral")
    visit.page.reload()
    expect(visit.page.locator("#speak")).to_have_text("Speak and play")


def test_the_counter_counts_code_points(visit: Visit) -> None:
    visit.page.fill("#text", "你好😀")
    expect(visit.page.locator("#counter")).to_have_text("3/500")
    visit.page.fill("#text", "字" * 501)
    expect(visit.page.locator("#counter")).to_have_class(re.compile("over"))
    expect(visit.page.locator("#text")).to_have_attribute("aria-invalid", "true")


@pytest.mark.parametrize(("text", "words"), [("   ", "还没有文字"), ("字" * 501, "最多 500 个字，现在 501 个")])
def test_what_cannot_be_spoken_is_said_in_words(visit: Visit, text: str, words: str) -> None:
    visit.speak(text)
    expect(visit.page.get_by_role("alert")).to_contain_text(words)
    visit.speak("好")
    expect(visit.page.get_by_role("alert")).to_be_empty()
    visit.reaches("playing", "done")


def test_choices_are_remembered_but_the_text_is_not(visit: Visit) -> None:
    visit.page.select_option("#voice", "tone-en")
    visit.page.select_option("#emotion", "sad")
    visit.page.locator("#speed").fill("1.5")
    visit.page.fill("#text", "秘密")
    visit.page.locator("#text").blur()
    visit.page.reload()
    assert [visit.page.input_value(name) for name in ("#voice", "#emotion", "#speed")] == ["tone-en", "sad", "1.5"]
    assert visit.page.input_value("#text") == ""
    assert "秘密" not in visit.run("() => JSON.stringify(localStorage)")


def test_the_page_works_where_nothing_may_be_stored(chromium: Browser, tone_server: Server) -> None:
    with visiting(chromium) as visit:
        visit.page.add_init_script(
            "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError'); }});"
        )
        visit.go(tone_server.url)
        visit.page.select_option("#emotion", "happy")
        visit.speak("你好。")
        visit.reaches("done")
        visit.assert_clean()


def test_everything_is_reached_by_keyboard_and_seen(visit: Visit) -> None:
    """The walk ends with speaking: no mouse is needed."""
    reached = []
    for _ in range(11):
        visit.page.keyboard.press("Tab")
        focus: dict[str, Any] = visit.run(
            """() => {
              const {activeElement} = document;
              const shown = activeElement.id === 'text' ? activeElement.parentElement : activeElement;
              const {outlineStyle, outlineWidth} = getComputedStyle(shown);
              return {name: activeElement.id || activeElement.localName, outlineStyle, outlineWidth};
            }"""
        )
        reached.append(focus["name"])
        assert focus["outlineStyle"] == "solid", focus
        assert focus["outlineWidth"] in ("2px", "3px"), focus
    stops = "language example text readings-toggle voice emotion intensity speed summary speak river"
    assert " ".join(reached) == stops
    visit.page.locator("#text").focus()
    visit.page.keyboard.type("你好。")
    for _ in range(3):
        visit.page.keyboard.press("Tab")
    visit.page.keyboard.press("ArrowDown")
    assert visit.page.input_value("#emotion") == "happy"
    for _ in range(4):
        visit.page.keyboard.press("Tab")
    visit.page.keyboard.press("Space")
    visit.reaches("playing")
    visit.reaches("done")


def test_every_control_has_a_name(visit: Visit) -> None:
    visit.page.click("summary")
    visit.speak("你好。")
    visit.reaches("done")
    tree = visit.page.context.new_cdp_session(visit.page).send("Accessibility.getFullAXTree")
    named: dict[str, list[str]] = {}
    for node in tree["nodes"]:
        role = node.get("role", {}).get("value", "")
        if role in ("button", "link", "textbox", "combobox", "slider", "DisclosureTriangle", "status", "alert", "main"):
            named.setdefault(role, []).append(node.get("name", {}).get("value", ""))
    assert len(named["slider"]) == 5
    assert len(named["combobox"]) == 2
    assert "再听一遍" in named["button"]
    assert named["status"] != [] != named["alert"]
    nameless = {role for role, names in named.items() if "" in names} - {"status", "alert", "main"}
    assert nameless == set()


CONTRAST = """() => {
  const paint = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgb = (color) => {
    paint.clearRect(0, 0, 1, 1); paint.fillStyle = color; paint.fillRect(0, 0, 1, 1);
    return paint.getImageData(0, 0, 1, 1).data;
  };
  const light = (color) => {
    const linear = (v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = Array.from(rgb(color), (v) => linear(v / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const color = getComputedStyle(e).backgroundColor;
      if (rgb(color)[3] === 255) return color;
    }
  };
  const texts = ['h1 .name', '.latin', '.tagline', '#language', 'label', '#text', '#counter', '#voice', '.value',
    '#readings-toggle', 'summary', '#speak', '#shortcut', '#state', '#timing', '#error', '#reading', '#reading .said',
    '#replay', '#wav', '#srt'];
  return Object.fromEntries(texts.map((selector) => {
    const element = document.querySelector(selector);
    const [a, b] = [light(getComputedStyle(element).color), light(behind(element))].sort((x, y) => y - x);
    return [selector, (a + 0.05) / (b + 0.05)];
  }));
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read(chromium: Browser, tone_server: Server, scheme: str) -> None:
    """WCAG's AA: a contrast of 4.5 for text."""
    with visiting(chromium, color_scheme=scheme) as visit:
        visit.go(tone_server.url)
        visit.speak("你好。")
        visit.reaches("done")
        assert {name: ratio for name, ratio in visit.run(CONTRAST).items() if ratio < 4.5} == {}


@pytest.mark.parametrize("width", [320, 360, 768, 1440])
def test_nothing_scrolls_sideways_and_targets_are_large(chromium: Browser, tone_server: Server, width: int) -> None:
    with visiting(chromium, viewport={"width": width, "height": 780}, has_touch=width < 768) as visit:
        visit.go(tone_server.url)
        visit.page.click("summary")
        visit.speak(POEM + " https://example.org/" + "long" * 60)
        visit.reaches("playing")
        visit.page.locator("#result").wait_for()
        assert visit.run("() => document.documentElement.scrollWidth") <= width
        small = visit.run(
            """() => Array.from(document.querySelectorAll('button, select, a, summary, input'))
              .filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 36)
              .map((e) => e.id || e.localName)"""
        )
        assert small == []


def test_the_page_moves_little_for_those_who_want_that(chromium: Browser, tone_server: Server) -> None:
    with visiting(chromium, reduced_motion="reduce") as visit:
        visit.go(tone_server.url)
        visit.speak()
        visit.reaches("playing")
        assert visit.run("() => getComputedStyle(document.querySelector('.dot')).animationName") == "none"


def test_hundreds_of_voices_can_be_searched(chromium: Browser, server: Server) -> None:
    """The default voice's language comes first, then common ones, then all others in the reader's alphabet."""
    with visiting(chromium) as visit:
        visit.go(server.url)
        groups = visit.run(
            """() => Array.from(voice.querySelectorAll('optgroup'),
              (group) => [group.label, Array.from(group.children, (option) => option.textContent)])"""
        )
        assert [label for label, _ in groups] == ["中文", "常用语言", "其他语言"]
        names = [name for _, group in groups for name in group]
        assert len(names) > 200
        assert len(set(names)) == len(names)
        assert names[0].startswith("普通话")
        assert any(name.startswith("法语") and "女声" in name for name in names)
        assert visit.run("() => voice.selectedOptions[0].parentElement.label") == "中文"
        visit.assert_clean()


def test_emotions_follow_the_voice(visit: Visit) -> None:
    labels = visit.run("() => Array.from(emotion.options, (option) => option.textContent)")
    assert labels[0] == "平静"
    visit.page.select_option("#emotion", "happy")
    visit.page.select_option("#voice", "tone-en")
    assert visit.page.input_value("#emotion") == "happy"
