"""Tells how a text is read, for programs and for the page."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from typing import Any

from tts.frontend.ssml_pieces import Spans
from tts.frontend.syllables import split_rhotic
from tts.types import Sentence, Style, Syllable, Warned, Word


def report(source: str, sentences: Iterable[Sentence], spans: Spans, plain: bool = False) -> dict[str, Any]:
    """Return what is spoken for a text or markup, as JSON has it; `spans` say where in it what is spoken stands.

    `characters` has one entry for each code point of the source; its pinyin is empty where nothing is spoken, and
    holds several syllables where one character stands for them. With `plain`, readings are those before sandhi,
    and 儿 is a syllable of its own.
    """
    read = list(sentences)
    return {
        "spoken": "".join(sentence.spoken or sentence.text for sentence in read),
        "characters": list(_characters(source, read, spans, plain)),
        "sentences": [_sentence(sentence, spans, plain) for sentence in read if _is_heard(sentence)],
        "warnings": warnings_told(warned for sentence in read for warned in sentence.warnings),
    }


def _is_heard(sentence: Sentence) -> bool:
    return bool(sentence.text or sentence.rest_ms or sentence.names)


def _characters(source: str, sentences: list[Sentence], spans: Spans, plain: bool) -> Iterator[dict[str, Any]]:
    readings: dict[int, list[str]] = {}
    for syllable in _syllables(sentences):
        for index, pinyin in _placed(syllable, plain):
            readings.setdefault(spans.start(index), []).append(pinyin)
    for index, character in enumerate(source):
        yield {"index": index, "char": character, "pinyin": " ".join(readings.get(index, []))}


def _placed(syllable: Syllable, plain: bool) -> Iterator[tuple[int, str]]:
    """Yield the readings of a syllable, each at its character; a merged 儿 has one of its own only when plain."""
    if not syllable.pinyin:
        return
    first, _, er = reading_of(syllable, plain).partition(" ")
    yield syllable.start, first
    if er:
        yield syllable.end - 1, er


def reading_of(syllable: Syllable, plain: bool) -> str:
    """Return how a syllable is read; when plain, a merged 儿 follows as a syllable of its own."""
    if not (plain and syllable.citation):
        return syllable.pinyin
    merged = syllable.end - syllable.start == 2 and split_rhotic(syllable.pinyin)[1]
    return syllable.citation + " er2" * merged


def _syllables(sentences: Iterable[Sentence]) -> Iterator[Syllable]:
    return (syllable for sentence in sentences for word in sentence.words for syllable in word.syllables)


def _sentence(sentence: Sentence, spans: Spans, plain: bool) -> dict[str, Any]:
    return {
        "text": sentence.text,
        "start": spans.start(sentence.start),
        "language": sentence.language,
        "spoken": sentence.spoken or sentence.text,
        "mood": sentence.mood,
        "rest_ms": sentence.rest_ms,
        "pause_ms": sentence.pause_ms,
        "style": style_told(sentence.style),
        "marks": [{"name": name, "start": spans.start(place)} for place, name in sentence.names],
        "words": [_word(word, spans, plain) for word in sentence.words],
    }


def style_told(style: Style) -> dict[str, Any]:
    """Return what a style says beyond the request's controls."""
    usual = asdict(Style())
    return {name: value for name, value in asdict(style).items() if value != usual[name]}


def _word(word: Word, spans: Spans, plain: bool) -> dict[str, Any]:
    syllables = [
        {
            "start": spans.start(syllable.start),
            "end": spans.end(syllable.end),
            "pinyin": reading_of(syllable, plain),
            "phones": list(syllable.phones),
        }
        for syllable in word.syllables
    ]
    return {"syllables": syllables, "break": word.break_after}


def warnings_told(warnings: Iterable[Warned]) -> list[dict[str, str]]:
    """Return warnings as JSON has them."""
    return [{"code": warned.code, "message": warned.message} for warned in warnings]


def add_others(
    told: dict[str, Any], sentences: Iterable[Sentence], spans: Spans, readings: Callable[[str], Iterable[str]]
) -> None:
    """Add to each character of a report the `others` among its `readings`: what sandhi makes of one is none."""
    read = [syllable for syllable in _syllables(sentences) if syllable.pinyin]
    own = {spans.start(syllable.start): (syllable.pinyin, syllable.citation) for syllable in read}
    for character in told["characters"]:
        said = own.get(character["index"], ())
        known = readings(character["char"]) if said else ()
        character["others"] = [reading for reading in known if reading not in said]
