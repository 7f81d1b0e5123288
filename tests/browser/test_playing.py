"""Playing in Chromium through MediaSource: sound, stopping, the shortcut, long texts."""

import time

import pytest
from playwright.sync_api import expect

from tests.browser.visit import Visit


def test_sound_plays_while_it_arrives(visit: Visit) -> None:
    assert visit.data("player") == "mse"
    visit.speak()
    visit.reaches("playing")
    expect(visit.page.locator("#state")).to_have_text("播放中")
    times, ranges = [], set()
    while visit.data("state") == "playing":
        times.append(visit.run("() => audio.currentTime"))
        ranges.add(len(visit.buffered()))
        time.sleep(0.05)
    expect(visit.page.locator("#state")).to_have_text("完成")
    assert times == sorted(times)
    assert times[-1] > times[0] + 1
    assert ranges == {1}
    ((start, end),) = visit.buffered()
    assert start == 0
    assert end == pytest.approx(visit.run("() => audio.duration"), abs=0.001)
    assert end == pytest.approx(float(visit.run("() => river.getAttribute('aria-valuemax')")), abs=0.1)


def test_sound_is_heard(visit: Visit) -> None:
    """That `currentTime` moves shows a clock; this listens to what comes out."""
    visit.speak()
    visit.reaches("playing")
    loudest = visit.run(
        """async () => {
          const context = new AudioContext();
          const ear = new AnalyserNode(context);
          new MediaStreamAudioSourceNode(context, {mediaStream: audio.captureStream()}).connect(ear);
          const samples = new Float32Array(ear.fftSize);
          let loudest = 0;
          for (let i = 0; i < 40; i += 1) {
            await new Promise((done) => setTimeout(done, 25));
            ear.getFloatTimeDomainData(samples);
            for (const sample of samples) loudest = Math.max(loudest, Math.abs(sample));
          }
          return loudest;
        }"""
    )
    assert 0.1 < loudest <= 1


def test_stop_is_silence_and_the_next_press_works(visit: Visit) -> None:
    visit.speak()
    visit.reaches("playing")
    visit.page.get_by_role("button", name="停止").click()
    visit.reaches("stopped")
    assert visit.run("() => audio.paused")
    expect(visit.page.locator("#stop")).to_be_disabled()
    assert visit.run("() => document.activeElement.id") == "speak"
    visit.page.keyboard.press("Enter")
    visit.reaches("playing")


def test_speaking_again_replaces_what_plays(visit: Visit) -> None:
    visit.speak()
    visit.reaches("playing")
    visit.speak("好。")
    expect(visit.page.locator("#reading")).to_have_text("好。")
    visit.reaches("done")
    assert visit.run("() => audio.duration") < 2


@pytest.mark.parametrize("modifier", ["Control", "Meta"])
def test_the_shortcut_speaks(visit: Visit, modifier: str) -> None:
    visit.page.fill("#text", "你好。")
    visit.page.press("#text", f"{modifier}+Enter")
    visit.reaches("playing", "done")


def test_enter_that_chooses_a_word_of_an_input_method_does_not_speak(visit: Visit) -> None:
    visit.page.fill("#text", "你好。")
    visit.run(
        """() => text.dispatchEvent(
          new KeyboardEvent('keydown', {key: 'Enter', ctrlKey: true, isComposing: true, bubbles: true}))"""
    )
    time.sleep(0.2)
    assert visit.data("state") == "idle"


def test_a_long_text_at_the_lowest_speed_plays_to_its_end(visit: Visit) -> None:
    """500 characters at half speed are 100 s of tones: more than a page buffers by itself."""
    visit.page.locator("#speed").fill("0.5")
    visit.speak("字" * 500)
    visit.page.wait_for_function("() => Number.isFinite(audio.duration)")
    assert len(visit.buffered()) == 1
    visit.run("() => { audio.currentTime = audio.duration - 0.5; }")
    visit.reaches("done")


def test_the_controls_reach_the_sound(visit: Visit) -> None:
    lengths = []
    for speed in ("1", "2"):
        visit.page.locator("#speed").fill(speed)
        visit.speak("床前明月光")
        visit.reaches("playing")
        visit.reaches("done")
        lengths.append(visit.run("() => audio.duration"))
    assert lengths[1] == pytest.approx(lengths[0] / 2, abs=0.1)
