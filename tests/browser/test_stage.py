"""What is seen while it plays and what can be kept: the highlight, the waveform, the WAV and the captions."""

import re
import time
import wave
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.visit import POEM, Visit


def test_time_to_first_audio_is_shown(visit: Visit) -> None:
    visit.speak()
    visit.reaches("playing")
    first, audible = int(visit.data("first-audio-ms") or -1), int(visit.data("audible-ms") or -1)
    assert 0 < first <= audible < 5000
    expect(visit.page.locator("#timing")).to_have_text(f"首包 {first} 毫秒 · {audible} 毫秒听到声音")


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
