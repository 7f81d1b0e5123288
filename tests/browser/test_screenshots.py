"""Pictures of the page on small and large screens, in light and dark, for eyes to judge."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.visit import visiting
from tests.server import ROOT, Server

POEM = "春江潮水连海平，海上明月共潮生。滟滟随波千万里，何处春江无月明！江流宛转绕芳甸，月照花林皆似霰。"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(360, 780), (1440, 900)])
def test_the_page_while_it_plays(
    chromium: Browser, server: Server, tmp_path: Path, width: int, height: int, scheme: str
) -> None:
    """With `SAVE_SCREENSHOT=1` the picture of the README is made anew."""
    with visiting(chromium, viewport={"width": width, "height": height}, color_scheme=scheme) as visit:
        visit.go(server.url)
        visit.speak(POEM)
        visit.reaches("playing")
        visit.page.wait_for_function("() => audio.currentTime > 2.5")
        picture = tmp_path / f"{width}-{scheme}.png"
        visit.page.screenshot(path=picture, full_page=width < 1000)
        assert picture.stat().st_size > 20_000
        assert visit.run("() => document.documentElement.scrollWidth") == width
        if os.environ.get("SAVE_SCREENSHOT") == "1" and (width, scheme) == (1440, "light"):
            (ROOT / "docs" / "screenshot.png").write_bytes(picture.read_bytes())
        visit.page.click("#stop")
        visit.assert_clean()
