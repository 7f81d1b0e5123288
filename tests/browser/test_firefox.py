"""The page in Firefox, driven as a person would: with mouse and keys."""

import time

import pytest

from tests.browser.firefox import Firefox
from tests.browser.visit import POEM, STALL
from tests.server import Server


@pytest.fixture
def page(firefox: Firefox, tone_server: Server) -> Firefox:
    firefox.go(tone_server.url)
    firefox.becomes("document.body.dataset.ready === 'yes'")
    return firefox


def test_sound_plays_through_media_source(page: Firefox) -> None:
    assert page.run("document.body.dataset.player") == "mse"
    assert page.run("document.getElementById('speak').textContent") == "合成并播放"
    page.write("#text", POEM)
    assert page.run("document.getElementById('counter').textContent") == f"{len(POEM)}/500"
    page.click("#speak")
    # Without a sound device Firefox plays for a moment, and the page begins again, muted.
    page.becomes("document.body.dataset.state === 'playing' && document.getElementById('audio').currentTime > 0.3")
    times, lit = [], set()
    while page.run("document.body.dataset.state") == "playing":
        now, ranges, letter = page.run(
            "[document.getElementById('audio').currentTime, document.getElementById('audio').buffered.length,"
            " document.querySelector('.now')?.textContent]"
        )
        assert ranges == 1
        times.append(now)
        lit.add(letter)
        time.sleep(0.05)
    page.becomes("document.body.dataset.state === 'done'")
    assert times == sorted(times)
    assert times[-1] > times[0] + 1
    assert len(lit) > 8
    assert int(page.run("document.body.dataset.firstAudioMs")) < 5000
    assert page.problems == []


def test_stop_and_the_next_press(page: Firefox) -> None:
    page.write("#text", POEM)
    page.click("#speak")
    page.becomes("document.body.dataset.state === 'playing'")
    page.click("#stop")
    page.becomes("document.body.dataset.state === 'stopped'")
    assert page.run("document.getElementById('audio').paused")
    page.click("#speak")
    page.becomes("document.body.dataset.state === 'playing'")
    page.becomes("document.body.dataset.state === 'done'")


def test_listening_again_and_the_download(page: Firefox) -> None:
    page.write("#text", "你好。")
    page.click("#speak")
    page.becomes("document.body.dataset.state === 'done'")
    page.click("#replay")
    page.becomes("document.body.dataset.state === 'playing'")
    page.becomes("document.body.dataset.state === 'done'")
    head = page.run(
        "fetch(document.getElementById('wav').href).then((answer) => answer.arrayBuffer())"
        ".then((bytes) => String.fromCharCode(...new Uint8Array(bytes, 0, 4)))"
    )
    assert head == "RIFF"


def test_an_underrun_passes_by_itself(firefox: Firefox, tone_server: Server) -> None:
    with firefox.before_pages(STALL):
        firefox.go(tone_server.url)
        firefox.becomes("document.body.dataset.ready === 'yes'")
    firefox.write("#text", POEM)
    firefox.click("#speak")
    firefox.becomes("document.body.dataset.state === 'done'")
    assert " ".join(firefox.run("states")).endswith("playing buffering playing done")


def test_a_plain_http_address(firefox: Firefox, lan_url: str) -> None:
    firefox.go(lan_url)
    firefox.becomes("document.body.dataset.ready === 'yes'")
    assert firefox.run("[isSecureContext, typeof crypto.randomUUID]") == [False, "undefined"]
    firefox.write("#text", "你好，世界。")
    firefox.click("#speak")
    firefox.becomes("document.body.dataset.state === 'playing'")
    firefox.becomes("document.body.dataset.state === 'done'")
    assert firefox.problems == []
