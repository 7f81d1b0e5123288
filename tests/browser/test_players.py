"""The players of PCM, for browsers without MediaSource, and the page at a plain http address."""

import struct
import time
import wave
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.visit import POEM, SEND_BY_ITSELF, WITHOUT_MEDIA_SOURCE, Visit, visiting
from tests.server import Server

#: Notes every stretch of sound that Web Audio is told to play, and when.
WATCH_BUFFERS = """
window.played = [];
const copy = AudioBuffer.prototype.copyToChannel;
AudioBuffer.prototype.copyToChannel = function (samples, ...rest) {
  this.samples = Array.from(samples, (sample) => sample * 32768);
  return copy.call(this, samples, ...rest);
};
const start = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function (when) {
  played.push({when, samples: this.buffer.samples, rate: this.buffer.sampleRate});
  return start.call(this, when);
};
"""

#: Notes every stretch of sound that is handed to the audio thread.
WATCH_WORKLET = """
window.played = [];
const post = MessagePort.prototype.postMessage;
MessagePort.prototype.postMessage = function (message, ...rest) {
  if (message?.samples) played.push({samples: Array.from(message.samples, (sample) => sample * 32768)});
  return post.call(this, message, ...rest);
};
"""


def wav_samples(visit: Visit, folder: Path) -> list[int]:
    """Return the samples of the WAV that the page offers."""
    with visit.page.expect_download() as download:
        visit.page.click("#wav")
    path = folder / "sound.wav"
    download.value.save_as(path)
    with wave.open(str(path)) as sound:
        return list(struct.unpack(f"<{sound.getnframes()}h", sound.readframes(sound.getnframes())))


def joined(played: list[dict[str, Any]]) -> list[int]:
    return [int(sample) for piece in played for sample in piece["samples"]]


def follow(visit: Visit) -> None:
    """Wait for the end and check on the way that the highlight moves."""
    visit.reaches("playing")
    lit = set()
    while visit.data("state") == "playing":
        lit.add(visit.run("() => document.querySelector('#reading .now')?.textContent"))
        time.sleep(0.03)
    visit.reaches("done")
    assert len(lit) > 8


def test_the_worklet_plays_every_sample(chromium: Browser, tone_server: Server, tmp_path: Path) -> None:
    with visiting(chromium) as visit:
        visit.page.add_init_script(WITHOUT_MEDIA_SOURCE + WATCH_WORKLET)
        visit.go(tone_server.url)
        assert visit.data("player") == "worklet"
        visit.speak()
        follow(visit)
        assert joined(visit.run("() => played")) == wav_samples(visit, tmp_path)
        visit.assert_clean()


@pytest.mark.parametrize("address", ["loopback", "lan"])
def test_scheduled_buffers_play_every_sample_without_a_gap(
    chromium: Browser, tone_server: Server, lan_url: str, tmp_path: Path, address: str
) -> None:
    with visiting(chromium) as visit:
        visit.page.add_init_script(WITHOUT_MEDIA_SOURCE + WATCH_BUFFERS)
        if address == "loopback":
            visit.page.add_init_script("delete window.AudioWorkletNode;")
        visit.go(tone_server.url if address == "loopback" else lan_url)
        assert visit.data("player") == "buffer"
        visit.speak()
        follow(visit)
        played = visit.run("() => played")
        assert joined(played) == wav_samples(visit, tmp_path)
        for before, after in pairwise(played):
            gap_s = after["when"] - before["when"] - len(before["samples"]) / before["rate"]
            assert abs(gap_s) < 1e-6
        visit.assert_clean()


def test_a_plain_http_address_is_no_secure_context_and_plays(chromium: Browser, lan_url: str) -> None:
    with visiting(chromium) as visit:
        visit.go(lan_url)
        assert visit.run("() => [isSecureContext, typeof crypto.randomUUID]") == [False, "undefined"]
        assert visit.data("player") == "mse"
        visit.speak()
        visit.reaches("playing")
        visit.reaches("done")
        assert len(visit.buffered()) == 1
        visit.assert_clean()


@pytest.mark.parametrize("keep", ["audio/mp4;codecs=flac", "audio/mp4;codecs=mp4a.40.2"])
def test_mp4_plays_where_webm_is_not_taken(chromium: Browser, tone_server: Server, keep: str) -> None:
    """As in Safari; a Chromium without AAC cannot show the second."""
    with visiting(chromium) as visit:
        visit.page.add_init_script(
            f"const real = MediaSource.isTypeSupported; window.real = real('{keep}');"
            f"MediaSource.isTypeSupported = (mime) => mime === '{keep}';"
        )
        visit.go(tone_server.url)
        if not visit.run("() => real"):
            pytest.skip(f"this Chromium does not take {keep}")
        assert visit.data("player") == "mse"
        visit.speak()
        visit.reaches("playing")
        visit.reaches("done")
        assert len(visit.buffered()) == 1


def test_a_managed_source_is_used_where_it_is_the_only_one(chromium: Browser, tone_server: Server) -> None:
    """As on iPhones: the source opens only on an element that cannot send its sound away."""
    with visiting(chromium) as visit:
        visit.page.add_init_script("window.ManagedMediaSource = window.MediaSource; delete window.MediaSource;")
        visit.go(tone_server.url)
        assert visit.data("player") == "mms"
        visit.speak()
        visit.reaches("playing")
        assert visit.run("() => audio.disableRemotePlayback")
        visit.reaches("done")


@pytest.mark.parametrize("player", ["worklet", "buffer"])
def test_stop_pause_and_listening_again(chromium: Browser, tone_server: Server, player: str) -> None:
    with visiting(chromium) as visit:
        visit.page.add_init_script(WITHOUT_MEDIA_SOURCE)
        if player == "buffer":
            visit.page.add_init_script("delete window.AudioWorkletNode;")
        visit.go(tone_server.url)
        visit.speak(POEM)
        visit.reaches("playing")
        visit.page.locator("#river").press("Space")
        visit.reaches("paused")
        visit.page.locator("#river").press("Space")
        visit.reaches("playing")
        visit.page.click("#stop")
        visit.reaches("stopped")
        visit.page.click("#replay")
        visit.reaches("playing")
        assert visit.run("() => audio.src").endswith(".wav")
        visit.page.click("#speak")
        visit.reaches("playing")
        visit.reaches("done")
        visit.assert_clean()


@pytest.mark.parametrize("player", ["worklet", "buffer"])
def test_refused_autoplay_asks_for_a_tap(chromium: Browser, tone_server: Server, player: str) -> None:
    with visiting(chromium) as visit:
        visit.page.add_init_script(WITHOUT_MEDIA_SOURCE)
        if player == "buffer":
            visit.page.add_init_script("delete window.AudioWorkletNode;")
        visit.page.add_init_script(SEND_BY_ITSELF)
        visit.page.goto(tone_server.url)
        # Looking at the page through the debugger counts as a gesture, so it must be left alone at first.
        time.sleep(2)
        visit.reaches("blocked")
        visit.page.click("#tap")
        visit.reaches("playing")
        visit.reaches("done")
