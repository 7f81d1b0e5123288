"""Tests of `tts.stream`: one timeline without gaps, whatever voices, rates and pieces."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from tts.catalogue import Catalogue
from tts.config import Settings
from tts.engines.tone import ToneEngine
from tts.errors import BadRequest, UnknownEmotion, UnknownVoice
from tts.frontend import Reader
from tts.stream import plan, speak
from tts.timeline import PIECES_MS, Piece
from tts.types import Controls, Pcm16, PcmChunk, Request, Sentence, Voice


class WideEngine(ToneEngine):
    """The tone at another rate, in Japanese, with one emotion."""

    @property
    def voices(self) -> Sequence[Voice]:
        voice = super().voices[0]
        return [
            replace(voice, id="wide-ja", language="ja", engine="wide", sample_rate_hz=22_050, emotions=("neutral",))
        ]

    def speak(self, sentence: Sentence, voice: Voice, controls: Controls) -> Iterator[PcmChunk]:
        assert controls.emotion == "neutral"
        samples = np.full(len(sentence.text) * 2205, 0.25, np.float32)
        yield PcmChunk(samples)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue({"tone": ToneEngine(), "wide": WideEngine()}, "tone-zh")


def pieces(request: Request, catalogue: Catalogue, reader: Reader) -> list[Piece]:
    """Return all pieces of a request, after checking that they lie end to end."""
    planned = plan(request, catalogue, reader)
    made = list(speak(planned, catalogue, reader))
    at_samples = 0
    for piece in made:
        assert piece.at_ms == pytest.approx(at_samples * 1000 / planned.sample_rate_hz)
        at_samples += len(piece.pcm)
    return made


def pcm(made: list[Piece]) -> Pcm16:
    return np.concatenate([piece.pcm for piece in made])


def test_sound_and_marks_share_a_timeline(catalogue: Catalogue, reader: Reader) -> None:
    text = "你好，世界。再见"
    made = pieces(Request(text, "pcm"), catalogue, reader)
    marks = [mark for piece in made for mark in piece.marks]
    assert [mark.text for mark in marks] == [text[mark.start] for mark in marks]
    sound = pcm(made)
    for mark in marks:
        first, last = (round(ms * 16) for ms in (mark.start_ms, mark.end_ms))
        assert np.abs(sound[first:last]).max() > 9000
    for before, after in pairwise(marks):
        silence = sound[round(before.end_ms * 16) : round(after.start_ms * 16)]
        assert not silence.any()
    assert len(sound) > len(marks) * 1600


def test_a_pause_follows_speed_and_none_follows_the_end(catalogue: Catalogue, reader: Reader) -> None:
    def pause_ms(speed: float) -> float:
        made = pieces(Request("你好。世界。", "pcm", controls=Controls(speed=speed)), catalogue, reader)
        spoken_ms = sum(mark.end_ms - mark.start_ms for piece in made for mark in piece.marks)
        assert pcm(made)[-50:].any()
        return len(pcm(made)) / 16 - spoken_ms

    assert pause_ms(1) > 200
    assert pause_ms(2) == pytest.approx(pause_ms(1) / 2, abs=1)


@pytest.mark.parametrize("rate_hz", [8000, 16_000, 24_000, 44_100, 48_000])
def test_another_rate_changes_neither_length_nor_pitch(catalogue: Catalogue, reader: Reader, rate_hz: int) -> None:
    sound = pcm(pieces(Request("你好世界" * 5, "pcm", sample_rate_hz=rate_hz), catalogue, reader))
    assert len(sound) / rate_hz == pytest.approx(2.0, abs=0.001)
    spectrum = np.abs(np.fft.rfft(sound[:rate_hz] * np.hanning(rate_hz)))
    assert abs(int(np.argmax(spectrum)) - 220) <= 1


def test_another_language_is_spoken_by_its_own_voice_and_told(catalogue: Catalogue, reader: Reader) -> None:
    request = Request("你好。こんにちは。再见", "pcm", voice="tone-zh", controls=Controls(emotion="happy"))
    made = pieces(request, catalogue, reader)
    (warned,) = [warned for piece in made for warned in piece.warnings]
    assert warned.code == "other_voice"
    assert warned.message == "tone-zh cannot read 'こんにちは。' (ja); wide-ja speaks it, without 'happy'"
    sound = pcm(made)
    assert np.count_nonzero(np.abs(sound - 8192) <= 3) > 16_000 * 0.4


def test_a_window_bounds_the_pieces(catalogue: Catalogue, reader: Reader) -> None:
    text = "こんにちは" * 4
    free = pieces(Request(text, "pcm", voice="wide-ja"), catalogue, reader)
    assert [round(len(piece.pcm) / 22.05) for piece in free[:4]] == [*PIECES_MS, PIECES_MS[-1]]
    bound = pieces(Request(text, "pcm", voice="wide-ja", window_ms=200), catalogue, reader)
    assert max(len(piece.pcm) for piece in bound) == 2205
    assert np.array_equal(pcm(free), pcm(bound))


@pytest.mark.parametrize("rate_hz", [None, 24_000])
def test_pieces_of_any_size_give_the_same_samples(catalogue: Catalogue, reader: Reader, rate_hz: int | None) -> None:
    def sound(window_ms: int | None, volume: float = 2.0) -> Pcm16:
        request = Request("你好，世界。", "pcm", sample_rate_hz=rate_hz, window_ms=window_ms, volume=volume)
        return pcm(pieces(request, catalogue, reader))

    whole = sound(None)
    for window_ms in (100, 130, 333, 60_000):
        assert np.array_equal(sound(window_ms), whole)


def test_volume_scales_and_bends_before_it_clips(catalogue: Catalogue, reader: Reader) -> None:
    def peak(volume: float) -> int:
        return int(np.abs(pcm(pieces(Request("你好", "pcm", volume=volume), catalogue, reader)).astype(int)).max())

    assert peak(0) == 0
    assert peak(0.5) == pytest.approx(peak(1) / 2, abs=1)
    assert peak(2) == pytest.approx(peak(1) * 2, abs=2)
    loud = Request("ああ", "pcm", voice="wide-ja", volume=2)
    assert peak(2) < 32767
    assert pcm(pieces(loud, catalogue, reader)).max() == 16_384


def test_a_raised_volume_never_wraps(catalogue: Catalogue, reader: Reader) -> None:
    class Loud(WideEngine):
        def speak(self, sentence: Sentence, voice: Voice, controls: Controls) -> Iterator[PcmChunk]:
            yield PcmChunk(np.linspace(-1, 1, 22_050, dtype=np.float32))

    loud = Catalogue({"wide": Loud()}, "wide-ja")
    sound = pcm(pieces(Request("ああ", "pcm", volume=2), loud, reader)).astype(int)
    assert (np.diff(sound) >= 0).all()
    assert sound[0] < -32_000 < 32_000 < sound[-1]


def test_choices_that_do_not_exist(catalogue: Catalogue, reader: Reader) -> None:
    for request, error, message in (
        (Request("好", "pcm", voice="tone-zz"), UnknownVoice, "choices: tone-zh"),
        (Request("好", "pcm", controls=Controls(emotion="hapy")), UnknownEmotion, "choices: happy"),
        (Request("好", "pcm", language="xx"), BadRequest, "no voice speaks 'xx'"),
        (Request("好", "pcm", language="?"), BadRequest, "is not a BCP-47 tag"),
        (Request("好", "pcm", voice="tone-zh", language="en"), BadRequest, "speaks zh, not 'en'"),
    ):
        with pytest.raises(error, match=message.replace("?", r"\?")):
            plan(request, catalogue, reader)


def test_the_voice_is_found_from_language_or_text(catalogue: Catalogue, reader: Reader) -> None:
    for request, voice in (
        (Request("好", "pcm"), "tone-zh"),
        (Request("hello there", "pcm"), "tone-en"),
        (Request("こんにちは", "pcm"), "wide-ja"),
        (Request("好", "pcm", language="zh-Hans-CN"), "tone-zh"),
        (Request("好", "pcm", language="zh-TW"), "tone-zh"),
        (Request("好", "pcm", language="zh-Hant"), "tone-zh"),
        (Request("AI技术正在改变世界", "pcm"), "tone-zh"),
        (Request("APP下载", "pcm"), "tone-zh"),
        (Request("GDP增长5%", "pcm"), "tone-zh"),
        (Request("C++ 和 C#", "pcm"), "tone-zh"),
        (Request("WTO", "pcm"), "tone-en"),
        (Request("好", "pcm", language="en-GB"), "tone-en"),
        (Request("123", "pcm"), "tone-zh"),
    ):
        assert plan(request, catalogue, reader).voice.id == voice


def test_nothing_to_say_is_an_error_after_its_warnings(catalogue: Catalogue, reader: Reader) -> None:
    made: list[Piece] = []
    with pytest.raises(BadRequest, match="nothing in it can be spoken"):
        made.extend(speak(plan(Request("😀", "pcm"), catalogue, reader), catalogue, reader))
    assert [warned.code for piece in made for warned in piece.warnings] == ["unreadable"]


def test_the_first_piece_is_made_before_the_rest_is_read(catalogue: Catalogue, reader: Reader) -> None:
    spoken: list[str] = []

    class Watched(ToneEngine):
        def speak(self, sentence: Sentence, voice: Voice, controls: Controls) -> Iterator[PcmChunk]:
            spoken.append(sentence.text)
            return super().speak(sentence, voice, controls)

    watched = Catalogue({"tone": Watched()}, "tone-zh")
    stream = speak(plan(Request("你好，" * 50, "pcm"), watched, reader), watched, reader)
    assert next(stream).pcm.size
    assert len(spoken) == 1


def test_an_engine_that_does_not_exist_is_named() -> None:
    from tts.catalogue import open_catalogue

    with pytest.raises(ValueError, match="TTS_ENGINES: there is no engine 'nonesuch'"):
        open_catalogue(Settings(engines=("nonesuch",)))
    with pytest.raises(ValueError, match="TTS_DEFAULT_VOICE: no voice 'tone-xx'; tone-zh"):
        open_catalogue(Settings(engines=("tone",), default_voice="tone-xx"))
