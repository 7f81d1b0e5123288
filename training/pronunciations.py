"""Makes the dictionaries that Chinese characters are read with, from pypinyin: `characters.txt` and `phrases.txt`.

python -m training.pronunciations       # from the top of the checkout, see requirements-polyphones.txt
"""

import pickle
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pypinyin.contrib.tone_convert import to_tone3
from pypinyin.phrases_dict import phrases_dict
from pypinyin.pinyin_dict import pinyin_dict
from pypinyin_dict.pinyin_data.ktghz2013 import pinyin_dict as standard_dict

from tts.frontend.pinyin import DATA

LONGEST_WORD = 7
NAMES = {"r5": "er5"}  # g2pM and CPP write the suffix as CC-CEDICT does
#: Beyond stand characters too rare to be read aloud.
LAST_CHARACTER = 0x30000


def shipped(name: str) -> Any:
    """Return what g2pM ships in a pickle; only its own wheel is read."""
    spec = find_spec("g2pM")
    if not spec or not spec.submodule_search_locations:
        raise SystemExit("pip install g2pM")
    return pickle.loads(Path(spec.submodule_search_locations[0], name).read_bytes())  # noqa: S301


def candidates() -> dict[str, list[str]]:
    """Return the characters that g2pM decides, with the readings it chooses from."""
    listed = {
        character: [it.replace("u:", "v") for it in known] for character, known in shipped("digest_cedict.pkl").items()
    }
    return {character: [NAMES.get(it, it) for it in known] for character, known in listed.items() if len(known) > 1}


def syllable(accented: str) -> str:
    """Return pypinyin's `lǜ` as `lv4`."""
    return str(to_tone3(accented, neutral_tone_with_five=True, v_to_u=False)).replace("ü", "v")


def make_words() -> None:
    """Write `characters.txt` and `phrases.txt`."""
    standard = {chr(code): [syllable(it) for it in readings.split(",")] for code, readings in standard_dict.items()}
    polyphones = candidates()
    readings: dict[str, list[str]] = {}
    for code, listed in sorted(pinyin_dict.items()):
        usual = [syllable(it) for it in listed.split(",")]
        known = standard.get(chr(code), usual[:3])
        first = usual[0] if usual[0] in known else known[0]
        readings[chr(code)] = list(dict.fromkeys([first, *known, *polyphones.get(chr(code), ())]))
    lines = [
        f"{character} {' '.join(listed)}" for character, listed in readings.items() if ord(character) < LAST_CHARACTER
    ]
    write("characters.txt", lines)

    lines = []
    for word, syllables in sorted(phrases_dict.items()):
        told = [
            told_reading(character, syllable(it[0]), readings) for character, it in zip(word, syllables, strict=False)
        ]
        if 2 <= len(word) == len(syllables) <= LONGEST_WORD and any(it != "-" for it in told):
            lines.append(f"{word} {' '.join(told)}")
    write("phrases.txt", lines)


def told_reading(character: str, reading: str, readings: dict[str, list[str]]) -> str:
    """Return the reading where there is a choice, else `-`; 一 and 不 are read as they stand alone."""
    known = readings.get(character, [])
    return reading if len(known) > 1 and reading in known and character not in "一不" else "-"


def write(name: str, lines: list[str]) -> None:
    """Write a data file and say how large it became."""
    (DATA / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{name}: {len(lines)} lines, {(DATA / name).stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    make_words()
