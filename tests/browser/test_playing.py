"""Playing in Chromium through MediaSource: sound, state, highlight, what can be kept, and a connection that fails."""

import re
import time
import wave
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.browser.visit import POEM, Visit, visiting
from tests.server import Server


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


def test_time_to_first_audio_is_shown(visit: Visit) -> None:
    visit.speak()
    visit.reaches("playing")
    first, audible = int(visit.data("first-audio-ms") or -1), int(visit.data("audible-ms") or -1)
    assert 0 < first <= audible < 5000
    expect(visit.page.locator("#timing")).to_have_text(f"首包 {first} 毫秒 · {audible} 毫秒听到声音")


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


def test_the_character_heard_is_lit(visit: Visit) -> None:
    visit.speak()
    visit.reaches("playing")
    lit: list[str] = []
    while visit.data("state") == "playing":
        now = visit.run("() => document.querySelector('#reading .now')?.textContent")
        if now and (not lit or lit[-1] != now):
            lit.append(now)
        time.sleep(0.02)
    spoken = [character for character in POEM if character not in "，。"]
    heard = [character for character in lit if character not in "，。"]
    assert len(heard) > 10
    assert [character for character in spoken if character in heard] == heard or set(heard) <= set(spoken)
    assert POEM.index(heard[-1]) > POEM.index(heard[0])
    assert visit.run("() => document.querySelectorAll('#reading .said').length") == len(POEM)


def test_a_click_on_a_character_goes_there(visit: Visit) -> None:
    visit.speak()
    visit.reaches("done")
    visit.page.locator("#reading span", has_text="举").click()
    visit.reaches("playing")
    assert visit.run("() => audio.currentTime") > 1
    visit.page.get_by_role("button", name="停止").click()
    visit.page.get_by_role("button", name="再听一遍").click()
    visit.reaches("playing")
    assert visit.run("() => audio.currentTime") < 1


def test_the_river_is_a_slider(visit: Visit) -> None:
    visit.speak()
    visit.reaches("done")
    river = visit.page.get_by_role("slider", name="声音的进度")
    river.focus()
    visit.page.keyboard.press("Home")
    visit.reaches("playing")
    visit.page.keyboard.press("Space")
    visit.reaches("paused")
    assert visit.run("() => audio.paused")
    at = visit.run("() => audio.currentTime")
    visit.page.keyboard.press("ArrowRight")
    visit.reaches("playing")
    assert visit.run("() => audio.currentTime") >= at + 0.9
    assert re.fullmatch(r"第 [\d.]+ 秒，共 [\d.]+ 秒", river.get_attribute("aria-valuetext") or "")


def test_the_waveform_fills(visit: Visit) -> None:
    """The drawing is looked at: bars in the colour of heard sound, on the left first."""
    visit.speak()
    visit.reaches("playing")
    visit.page.wait_for_function("() => audio.currentTime > 1.2")
    left, right = visit.run(
        """() => {
          const {width, height} = waveform;
          const paint = Object.assign(document.createElement('canvas'), {width, height})
            .getContext('2d', {willReadFrequently: true});
          paint.drawImage(waveform, 0, 0);
          const color = getComputedStyle(waveform).getPropertyValue('--heard').trim();
          const rgb = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
          const count = (x) => {
            const {data} = paint.getImageData(x, 0, width / 4, height);
            let found = 0;
            const heard = (i) => rgb.every((value, at) => data[i + at] === value) && data[i + 3] === 255;
            for (let i = 0; i < data.length; i += 4) found += heard(i);
            return found;
          };
          return [count(0), count(width * 3 / 4)];
        }"""
    )
    assert left > 500
    assert right == 0


def test_the_download_is_the_sound(visit: Visit, tmp_path: Path) -> None:
    visit.speak("你好，世界。")
    visit.reaches("done")
    with visit.page.expect_download() as download:
        visit.page.get_by_role("link", name="下载 .wav").click()
    path = tmp_path / "sound.wav"
    download.value.save_as(path)
    with wave.open(str(path)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 16_000)
        seconds = sound.getnframes() / sound.getframerate()
    assert seconds == pytest.approx(visit.run("() => audio.duration"), abs=0.03)
    assert path.stat().st_size == 44 + 2 * round(seconds * 16_000)


def test_captions_are_offered(visit: Visit) -> None:
    visit.speak("你好，世界。今天天气真好！")
    visit.reaches("done")
    texts = {}
    for kind in ("srt", "lrc"):
        with visit.page.expect_download() as download:
            visit.page.click(f"#{kind}")
        assert download.value.suggested_filename == f"声流-你好，世界。今天天气真好！.{kind}"
        texts[kind] = Path(download.value.path()).read_text(encoding="utf-8")
    blocks = texts["srt"].strip().split("\n\n")
    assert [block.split("\n")[2] for block in blocks] == ["你好，", "世界。", "今天天气真好！"]
    assert re.fullmatch(r"1\n00:00:00,000 --> 00:00:00,\d{3}\n你好，", blocks[0])
    assert [line[10:] for line in texts["lrc"].strip().split("\n")] == ["你好，", "世界。", "今天天气真好！", ""]


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
        visit.page.add_init_script(
            """addEventListener('load', () => {
              document.getElementById('text').value = '床前明月光，疑是地上霜。';
              document.getElementById('form').requestSubmit();
            });"""
        )
        visit.page.goto(tone_server.url)
        visit.reaches("blocked")
        expect(visit.page.get_by_role("status")).to_have_text("轻点播放")
        visit.page.get_by_role("button", name="轻点播放").click()
        visit.reaches("playing")
        visit.reaches("done")


def test_a_long_text_at_the_lowest_speed_plays_to_its_end(visit: Visit) -> None:
    """500 characters at half speed are 100 s of tones: more than a page buffers by itself."""
    visit.page.locator("#speed").fill("0.5")
    visit.speak("字" * 500)
    visit.page.locator("#result").wait_for()
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
