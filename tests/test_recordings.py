"""Tests of `tts.recordings`."""

import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tts.errors import Cancelled, NotFound
from tts.recordings import Recording, Recordings

SECOND = np.arange(16_000, dtype=np.int16)


@pytest.fixture
def recordings() -> Iterator[Recordings]:
    """Yield an empty store that keeps 100 kB."""
    store = Recordings(keep_s=60, keep_mb=0.1)
    yield store
    store.close()


def record(store: Recordings, seconds: int = 1) -> Recording:
    """Return a finished recording."""
    recording = store.open(16_000)
    for _ in range(seconds):
        recording.write(SECOND)
    store.finish(recording)
    return recording


def test_a_finished_recording_is_a_wav_with_true_sizes(recordings: Recordings) -> None:
    path = recordings.find(record(recordings, 2).token, wait_s=0).path
    with wave.open(str(path)) as file:
        assert file.getnframes() == 32_000
        assert file.readframes(16_000) == SECOND.tobytes()


def test_one_that_goes_on_is_waited_for(recordings: Recordings) -> None:
    recording = recordings.open(16_000)
    with pytest.raises(NotFound, match="not finished"):
        recordings.find(recording.token, wait_s=0.01)
    recordings.discard(recording)


def test_a_cancelled_one_keeps_nothing(recordings: Recordings) -> None:
    recording = recordings.open(16_000)
    recording.write(SECOND)
    folder = recording.path.parent
    recordings.discard(recording)
    with pytest.raises(NotFound):
        recordings.find(recording.token, wait_s=0)
    assert list(folder.iterdir()) == []


def test_the_oldest_go_when_there_is_too_much(recordings: Recordings) -> None:
    # 32,044 bytes each: the fourth is over 100 kB.
    all_four = [record(recordings) for _ in range(4)]
    assert not all_four[0].path.exists()
    assert all(recording.path.exists() for recording in all_four[1:])


def test_the_old_go_when_their_time_is_over() -> None:
    store = Recordings(keep_s=0, keep_mb=1)
    recording = record(store)
    store.evict()
    assert not recording.path.exists()
    store.close()


def test_a_full_disk_ends_the_recording_and_not_the_speech(
    recordings: Recordings, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = recordings.open(16_000)

    def full(_data: bytes) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(recording._wave, "writeframesraw", full)
    recording.write(SECOND)
    recording.write(SECOND)
    assert not recordings.finish(recording)
    assert recording.failure == "No space left on device"
    with pytest.raises(NotFound):
        recordings.find(recording.token, wait_s=0)


def test_whoever_waited_for_a_cancelled_one_is_told(recordings: Recordings) -> None:
    recording = recordings.open(16_000)
    found = recordings._all[recording.token]
    recordings.discard(recording)
    recordings._all[recording.token] = found
    with pytest.raises(Cancelled):
        recordings.find(recording.token, wait_s=1)
    recordings._all.clear()


def test_closing_deletes_the_folder() -> None:
    store = Recordings(keep_s=60, keep_mb=1)
    folder: Path = record(store).path.parent
    store.close()
    assert not folder.exists()


def test_a_recording_that_never_ends_does_not_fill_the_disk(
    recordings: Recordings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tts.recordings._MOST_BYTES", 100_000)
    recording = recordings.open(16_000)
    for _ in range(1000):
        recording.write(SECOND)
    assert recording.path.stat().st_size < 200_000
    assert not recordings.finish(recording)
    assert not recording.path.exists()
