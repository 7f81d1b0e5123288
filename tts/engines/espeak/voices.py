"""The voices of espeak-ng: each of its languages, read by a man and by a woman."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tts.engines.espeak import names
from tts.engines.espeak.emotions import EMOTIONS
from tts.engines.espeak.library import SAMPLE_RATE_HZ, Library, Listed
from tts.types import Voice

#: Of espeak-ng's women the one whose tones are widest at a natural pitch (184 Hz in Mandarin, 210 Hz in English)
#: and who leaves no echo behind.
_FEMALE = "f3"

#: Voices without a dictionary in the package: they make no sound.
_MUTE = frozenset({"fo", "kaa", "xex"})

#: Codes of espeak-ng that are not the BCP-47 tag of what the voice reads.
_TAGS = {
    "cmn": "zh",
    "cmn-latn-pinyin": "zh-Latn-pinyin",
    "yue-latn-jyutping": "yue-Latn-jyutping",
    "ca-ba": "ca-x-balear",
    "ca-nw": "ca-x-nordocc",
    "ca-va": "ca-valencia",
    "en-029": "en-029",
    "en-gb": "en-GB",
    "en-gb-scotland": "en-scotland",
    "en-gb-x-gbclan": "en-GB-x-gbclan",
    "en-gb-x-gbcwmd": "en-GB-x-gbcwmd",
    "en-gb-x-rp": "en-GB-x-rp",
    "en-shaw": "en-Shaw",
    "en-us": "en-US",
    "en-us-nyc": "en-US-x-nyc",
    "fa-latn": "fa-Latn",
    "fr-be": "fr-BE",
    "fr-ch": "fr-CH",
    "fr-fr": "fr-FR",
    "piqd": "tlh",
    "pt": "pt-PT",
    "pt-br": "pt-BR",
    "py": "art-x-pyash",
    "qdb": "art-x-belter",
    "ru-cl": "ru-x-classic",
    "ru-lv": "ru-LV",
    "vi-vn-x-central": "vi-VN-x-central",
    "vi-vn-x-south": "vi-VN-x-south",
}

_PITCH = re.compile(r"^pitch\s+(\d+)\s+(\d+)", re.MULTILINE)
_DEFAULT_PITCH = (82, 118)


@dataclass(frozen=True, slots=True)
class Timbre:
    """How espeak-ng is asked for a voice."""

    name: str
    """Identifier of the voice, with its variant."""
    lowest: int
    highest: int
    """The two numbers of the voice file's `pitch` line, roughly Hz."""


def open_voices(library: Library) -> list[tuple[Voice, Timbre]]:
    """Return the voices in the order of the menu."""
    listed = [(_code(voice), voice) for voice in library.voices()]
    order = {code: place for place, code in enumerate(names.FIRST)}
    listed.sort(key=lambda pair: (order.get(pair[0], len(order)), pair[0]))
    return [made for code, voice in listed if code not in _MUTE for made in _both(library.data, code, voice)]


def _code(voice: Listed) -> str:
    """Return espeak-ng's code, made unique: two voices of Cantonese share one, and Cherokee's is an oddity."""
    file_name = voice.identifier.rpartition("/")[2].lower()
    return file_name if file_name in ("yue-latn-jyutping", "chr") else voice.language.lower()


def _both(data: Path, code: str, listed: Listed) -> Iterator[tuple[Voice, Timbre]]:
    own = _pitch(data / "lang" / listed.identifier, _DEFAULT_PITCH)
    female = _pitch(data / "voices" / "!v" / _FEMALE, own)
    yield _voice(code, listed, female=False), Timbre(listed.identifier, *own)
    yield _voice(code, listed, female=True), Timbre(f"{listed.identifier}+{_FEMALE}", *female)


def _voice(code: str, listed: Listed, female: bool) -> Voice:
    return Voice(
        id=f"espeak-{code}-female" if female else f"espeak-{code}",
        name=names.name(code, listed.name, female),
        language=_TAGS.get(code, code),
        sex="female" if female else "male",
        engine="espeak",
        sample_rate_hz=SAMPLE_RATE_HZ,
        emotions=tuple(EMOTIONS),
        licence="GPL-3.0-or-later",
        # Its noise and pitch jitter are not seeded: two takes differ by a few samples.
        reproducible=False,
    )


def _pitch(path: Path, otherwise: tuple[int, int]) -> tuple[int, int]:
    found = _PITCH.search(path.read_text("utf-8", "replace"))
    return (int(found[1]), int(found[2])) if found else otherwise
