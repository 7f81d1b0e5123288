"""espeak-ng in this process, through ctypes: text in, samples and word times out.

The library is GPL-3.0 and optional; nothing else in the program touches it.
"""

import ctypes
import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tts.errors import EngineFailed
from tts.types import Pcm16
from tts.workers import native_lock

SAMPLE_RATE_HZ = 22_050

_INSTALL = "the espeak engine needs espeak-ng 1.52: pip install espeakng-loader"

# Constants of espeak-ng/speak_lib.h.
_SYNCHRONOUS = 2
_DONT_EXIT = 0x8000
_UTF8_WITH_PHONEMES = 0x1 | 0x100
_RATE, _VOLUME, _PITCH, _RANGE = 1, 2, 3, 4
_EVENT_END, _EVENT_WORD = 0, 1

#: espeak-ng has one voice, one set of parameters and one callback per process, whoever uses it, so the lock is
#: the process's too. It is held for one clause only (espeak takes about 1 ms for a second of sound): streams
#: take turns clause by clause, and set everything anew each time, so that none hears another's voice.
_LOCK = native_lock()


class _EventId(ctypes.Union):
    _fields_ = [("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8)]


class _Event(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),  # in characters, from 1
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    ]


class _VoiceRecord(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_void_p),  # priority byte, name, zero; then the next; a zero byte ends it
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("xx1", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    ]


_SynthCallback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))
_PhonemeCallback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_char_p)


@dataclass(frozen=True, slots=True)
class Parameters:
    """espeak-ng's own dials."""

    rate_wpm: int
    volume: int
    pitch: int
    range: int


@dataclass(frozen=True, slots=True)
class Word:
    """Where and when a word begins."""

    position: int
    """Character of the text given to the library, from 0."""
    sample: int


@dataclass(frozen=True, slots=True)
class Take:
    """What the library made of a text."""

    pcm: Pcm16
    words: tuple[Word, ...]
    phonemes: str
    """In espeak-ng's own alphabet; `(xx)` marks a passage read in another language."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A voice file of espeak-ng."""

    identifier: str
    """Path below its folder of languages; it also chooses the voice."""
    name: str
    language: str
    """As espeak-ng writes it, e.g. `cmn`, `en-us`."""


class Library:
    """The library with its data, ready to speak. Safe to use from several threads, and to open several times."""

    def __init__(self) -> None:
        try:
            loader = importlib.import_module("espeakng_loader")
            self._library = ctypes.CDLL(loader.get_library_path())
            self.data = Path(loader.get_data_path())
        except (ImportError, OSError, RuntimeError) as error:
            raise EngineFailed(f"{_INSTALL} ({error})") from error
        self._chunks: list[bytes] = []
        self._words: list[Word] = []
        self._phonemes: list[str] = []
        # ctypes keeps no reference to callbacks: these two must live as long as the library may call them.
        self._on_sound = _SynthCallback(self._keep_sound)
        self._on_phonemes = _PhonemeCallback(self._keep_phonemes)
        with _LOCK:
            self._initialize()

    def _initialize(self) -> None:
        """Ready the library, once per process: a second time it would go on using memory it has freed, and crash."""
        if self._library.espeak_ng_GetSampleRate() == SAMPLE_RATE_HZ:
            return
        rate_hz = self._library.espeak_Initialize(_SYNCHRONOUS, 0, str(self.data).encode(), _DONT_EXIT)
        if rate_hz != SAMPLE_RATE_HZ:
            raise EngineFailed(f"espeak-ng cannot read {self.data}; its path must be shorter than 156 characters")

    def voices(self) -> list[Listed]:
        """Return the voices the library lists."""
        with _LOCK:
            return list(self._listed())

    def take(self, text: str, voice: str, parameters: Parameters) -> Take:
        """Return the sound of a text; `voice` is an identifier, perhaps with `+` and a variant."""
        encoded = text.encode() + b"\0"
        with self._held():
            self._check(self._library.espeak_SetVoiceByName(voice.encode()), f"voice {voice}")
            self._set(parameters)
            self._check(
                self._library.espeak_Synth(encoded, len(encoded), 0, 0, 0, _UTF8_WITH_PHONEMES, None, None), "speaking"
            )
            pcm = np.frombuffer(b"".join(self._chunks), dtype=np.int16)
            return Take(pcm, tuple(self._words), " ".join(self._phonemes))

    @contextmanager
    def _held(self) -> Iterator[None]:
        """Hold the library for one clause, with this object's ears on it."""
        with _LOCK:
            for kept in (self._chunks, self._words, self._phonemes):
                kept.clear()
            self._library.espeak_SetSynthCallback(self._on_sound)
            self._library.espeak_SetPhonemeCallback(self._on_phonemes)
            yield

    def _set(self, parameters: Parameters) -> None:
        for number, value in (
            (_RATE, parameters.rate_wpm),
            (_VOLUME, parameters.volume),
            (_PITCH, parameters.pitch),
            (_RANGE, parameters.range),
        ):
            self._check(self._library.espeak_SetParameter(number, value, 0), f"parameter {number} = {value}")

    def _check(self, status: int, what: str) -> None:
        if status != 0:
            raise EngineFailed(f"espeak-ng: {what} failed with status {status}")

    def _keep_sound(self, samples: Any, count: int, events: Any) -> int:
        if samples and count > 0:
            self._chunks.append(ctypes.string_at(samples, 2 * count))
        index = 0
        while events[index].type != _EVENT_END:
            if events[index].type == _EVENT_WORD:
                self._words.append(Word(events[index].text_position - 1, events[index].sample))
            index += 1
        return 0

    def _keep_phonemes(self, phonemes: bytes | None) -> int:
        self._phonemes.append((phonemes or b"").decode("utf-8", "replace").strip())
        return 0

    def _listed(self) -> Iterator[Listed]:
        list_voices: Callable[[None], Any] = self._library.espeak_ListVoices
        self._library.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_VoiceRecord))
        records = list_voices(None)
        index = 0
        while records[index]:
            record = records[index].contents
            language = ctypes.string_at(record.languages + 1).decode()
            yield Listed(record.identifier.decode().replace("\\", "/"), record.name.decode().strip(), language)
            index += 1
