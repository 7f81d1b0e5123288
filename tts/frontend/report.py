"""Tells how a text is read: for people, for programs and for the page."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from tts.frontend.syllables import split_rhotic
from tts.types import Sentence, Syllable, Warned, Word

#: How a break shows in a line for people.
_BREAKS = {1: " ", 2: " ‖ ", 3: " ， ", 4: " 。 "}


def report(text: str, sentences: Iterable[Sentence], plain: bool = False) -> dict[str, Any]:
    """Return what is spoken for a text, as JSON has it.

    `characters` has one entry for each code point of the text; its pinyin is empty where nothing is spoken, and
    holds several syllables where one character stands for them. With `plain`, readings are those before sandhi,
    and 儿 is a syllable of its own.
    """
    read = list(sentences)
    return {
        "spoken": "".join(sentence.spoken or sentence.text for sentence in read),
        "characters": list(_characters(text, read, plain)),
        "sentences": [_sentence(sentence, plain) for sentence in read if sentence.text],
        "warnings": [_warning(warned) for sentence in read for warned in sentence.warnings],
    }


def _characters(text: str, sentences: list[Sentence], plain: bool) -> Iterator[dict[str, Any]]:
    readings: dict[int, list[str]] = {}
    for syllable in _syllables(sentences):
        for index, pinyin in _placed(syllable, plain):
            readings.setdefault(index, []).append(pinyin)
    for index, character in enumerate(text):
        yield {"index": index, "char": character, "pinyin": " ".join(readings.get(index, []))}


def _placed(syllable: Syllable, plain: bool) -> Iterator[tuple[int, str]]:
    """Yield the readings of a syllable, each at its character; a merged 儿 has one of its own only when plain."""
    if not syllable.pinyin:
        return
    first, _, er = _reading(syllable, plain).partition(" ")
    yield syllable.start, first
    if er:
        yield syllable.end - 1, er


def _reading(syllable: Syllable, plain: bool) -> str:
    """Return how a syllable is read; when plain, a merged 儿 follows as a syllable of its own."""
    if not (plain and syllable.citation):
        return syllable.pinyin
    merged = syllable.end - syllable.start == 2 and split_rhotic(syllable.pinyin)[1]
    return syllable.citation + " er2" * merged


def _syllables(sentences: Iterable[Sentence]) -> Iterator[Syllable]:
    return (syllable for sentence in sentences for word in sentence.words for syllable in word.syllables)


def _sentence(sentence: Sentence, plain: bool) -> dict[str, Any]:
    return {
        "text": sentence.text,
        "start": sentence.start,
        "language": sentence.language,
        "spoken": sentence.spoken or sentence.text,
        "mood": sentence.mood,
        "pause_ms": sentence.pause_ms,
        "words": [_word(word, plain) for word in sentence.words],
    }


def _word(word: Word, plain: bool) -> dict[str, Any]:
    syllables = [
        {
            "start": syllable.start,
            "end": syllable.end,
            "pinyin": _reading(syllable, plain),
            "phones": list(syllable.phones),
        }
        for syllable in word.syllables
    ]
    return {"syllables": syllables, "break": word.break_after}


def _warning(warned: Warned) -> dict[str, str]:
    return {"code": warned.code, "message": warned.message}


def add_others(told: dict[str, Any], sentences: Iterable[Sentence], readings: Callable[[str], Iterable[str]]) -> None:
    """Add to each character of a report the `others` among its `readings`: what sandhi makes of one is none."""
    own = {
        syllable.start: (syllable.pinyin, syllable.citation) for syllable in _syllables(sentences) if syllable.pinyin
    }
    for character in told["characters"]:
        said = own.get(character["index"], ())
        known = readings(character["char"]) if said else ()
        character["others"] = [reading for reading in known if reading not in said]


def for_people(sentences: Iterable[Sentence], plain: bool = False) -> Iterator[str]:
    """Yield lines to print: each sentence's text, its readings with the breaks between them, and the warnings."""
    for sentence in sentences:
        if sentence.text:
            yield sentence.spoken or sentence.text
        if sentence.words:
            yield "  " + "".join(_shown(word, plain) + _BREAKS[word.break_after] for word in sentence.words).rstrip()
        elif sentence.text:
            yield f"  ({sentence.language})"
        for warned in sentence.warnings:
            yield f"  ! {warned.message}"


def _shown(word: Word, plain: bool) -> str:
    said = (_reading(syllable, plain) or ".".join(syllable.phones) for syllable in word.syllables)
    return "-".join(said).replace(" ", "-")
