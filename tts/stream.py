"""Turns a request into one continuous stream of sound and marks, sentence after sentence."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from tts.catalogue import Catalogue, check_emotion
from tts.errors import BadRequest
from tts.frontend import Reader
from tts.frontend.arriving import Arriving
from tts.frontend.ssml import parse
from tts.frontend.ssml_pieces import Document, Spans, plain
from tts.manner import excesses, knows, manner, wanted
from tts.timeline import Piece, Timeline, named
from tts.types import PcmChunk, Request, Sentence, Voice, Warned


@dataclass(frozen=True, slots=True)
class Plan:
    """A request that is understood, whose voices are found and whose choices are checked."""

    request: Request
    document: Document
    """What is to be spoken."""
    voice: Voice
    sample_rate_hz: int
    voices: Mapping[str, Voice]
    """The voices that markup names, by their ids."""
    warnings: tuple[Warned, ...] = ()
    """What is known before anything is spoken."""
    arriving: Arriving | None = None
    """The text that keeps arriving, of which the document has only the beginning."""

    def spans(self) -> Spans:
        """Return where in the request's text each character stands."""
        if self.arriving:
            return Spans(range(sys.maxsize), range(1, sys.maxsize))
        return self.document.spans()

    def sentences(self, reader: Reader) -> Iterator[Sentence]:
        """Yield the sentences, the first before the rest is read."""
        languages = {name: voice.language for name, voice in self.voices.items()}
        return reader.read_document(self.document, self.voice.language, self.request.readings, languages)


def plan(request: Request, catalogue: Catalogue, reader: Reader, most_waiting: int = 500) -> Plan:
    """Return what will be done for a request, or raise the error that the client sees.

    At most `most_waiting` characters of a text that keeps arriving wait to be spoken.
    """
    document = parse(request.text) if request.ssml else plain(request.text)
    voice = _voice(request, document, catalogue, reader)
    check_emotion(voice, request.controls.emotion)
    names = dict.fromkeys(piece.style.voice for piece in document.pieces if piece.text)
    voices = {name: catalogue.voice(name) for name in names if name}
    warnings = tuple(dict.fromkeys(_beforehand(request, document, catalogue, voice, voices)))
    arriving = Arriving(request.text, most_waiting) if request.more else None
    return Plan(request, document, voice, request.sample_rate_hz or voice.sample_rate_hz, voices, warnings, arriving)


def decide(planned: Plan, catalogue: Catalogue, reader: Reader) -> Plan | None:
    """Return the plan with its voice decided, or None while the text that this depends on has not come.

    Where neither voice nor language is asked for, it depends on the language of the first clause.
    """
    request = planned.request
    if planned.arriving is None or request.voice or request.language:
        return planned
    language = reader.opening_language(planned.arriving)
    if language is None:
        return None
    decided = plan(replace(request, language=language or None), catalogue, reader)
    return replace(decided, arriving=planned.arriving)


def _beforehand(
    request: Request, document: Document, catalogue: Catalogue, voice: Voice, voices: Mapping[str, Voice]
) -> Iterator[Warned]:
    """Yield what is known not to be honoured before anything is spoken."""
    for style in dict.fromkeys(piece.style for piece in document.pieces if piece.text):
        yield from excesses(request, style, voices.get(style.voice or "", voice))
    if document.language and catalogue.match(document.language) != voice.language:
        yield Warned("not_honoured", f"xml:lang {document.language!r}: {voice.id} speaks {voice.language}")
    for index in sorted(set(request.readings) - set(document.spans().starts) if request.readings else ()):
        yield Warned("not_honoured", f"readings: at {index} there is no character that is spoken")


def _voice(request: Request, document: Document, catalogue: Catalogue, reader: Reader) -> Voice:
    if request.voice:
        voice = catalogue.voice(request.voice)
        if request.language and catalogue.match(request.language) != voice.language:
            raise BadRequest(f"language: {voice.id} speaks {voice.language}, not {request.language!r}; leave one out")
        return voice
    language = request.language or document.language or reader.detect(document.text)
    return catalogue.for_language(language or catalogue.default.language)


def speak(plan: Plan, catalogue: Catalogue, reader: Reader) -> Iterator[Piece]:
    """Yield the utterance while it is made, an empty piece whenever text that keeps arriving must be waited for.

    Raises `BadRequest` when nothing in the text can be spoken.
    """
    timeline = Timeline(plan.spans(), plan.sample_rate_hz, plan.request.window_ms)
    if plan.warnings:
        yield timeline.tell(plan.warnings)
    for sentence in _sentences(plan, reader):
        if sentence is None:
            yield timeline.tell(())
        else:
            yield from _sentence(sentence, plan, catalogue, timeline)
    silence = bool(timeline.rest_ms) and not plan.document.text.strip()
    if silence:  # markup that is nothing but breaks
        yield from timeline.begin(plan.voice)
    yield from timeline.finish()
    if not timeline.heard and not silence:
        raise BadRequest("text: nothing in it can be spoken")


def _sentences(plan: Plan, reader: Reader) -> Iterator[Sentence | None]:
    if plan.arriving:
        hints = plan.document.hints(plan.request.readings)
        return reader.read_arriving(plan.arriving, plan.voice.language, hints)
    return plan.sentences(reader)


def _sentence(sentence: Sentence, plan: Plan, catalogue: Catalogue, timeline: Timeline) -> Iterator[Piece]:
    voice, warnings = _speaker(sentence, plan, catalogue)
    if warnings:
        yield timeline.tell(warnings)
    timeline.rest_ms += sentence.rest_ms
    if not sentence.text or voice is None:
        if sentence.names:
            yield timeline.name(sentence.names)
        if not sentence.text and sentence.pause_ms:
            speed = manner(plan.request, sentence.style, plan.voice).controls.speed
            timeline.pause_ms = max(timeline.pause_ms, sentence.pause_ms / speed)
        return
    yield from timeline.begin(voice)
    how = manner(plan.request, sentence.style, voice)
    for chunk in _named(catalogue.speak(sentence, voice, how.controls), sentence, voice):
        yield from timeline.add(chunk, how.volume)
    timeline.pause_ms = sentence.pause_ms / how.controls.speed


def _named(chunks: Iterator[PcmChunk], sentence: Sentence, voice: Voice) -> Iterator[PcmChunk]:
    """Yield the chunks with marks for the places that markup names: where the next character is heard."""
    first = [named(place, name, 0.0) for place, name in sentence.names if place <= sentence.start]
    waiting = list(sentence.names[len(first) :])
    at_ms = 0.0
    for chunk in chunks:
        marks, first = first, []
        for mark in chunk.marks:
            while waiting and waiting[0][0] <= mark.start:
                marks.append(named(*waiting.pop(0), mark.start_ms))
            marks.append(mark)
        yield replace(chunk, marks=tuple(marks))
        at_ms += len(chunk.samples) * 1000 / voice.sample_rate_hz
    left = [*first, *(named(place, name, at_ms) for place, name in waiting)]
    if left:
        yield PcmChunk(np.zeros(0, np.float32), tuple(left))


def _speaker(sentence: Sentence, plan: Plan, catalogue: Catalogue) -> tuple[Voice | None, tuple[Warned, ...]]:
    """Return who speaks the sentence, and what the listener must be told."""
    main = plan.voices.get(sentence.style.voice or "", plan.voice)
    if not sentence.text or sentence.language == main.language:
        return main, sentence.warnings
    shown = sentence.text if len(sentence.text) <= 20 else sentence.text[:20] + "…"
    try:
        other = catalogue.for_language(sentence.language, main.sex)
    except BadRequest:
        lost = Warned("unreadable", f"{shown!r} ({sentence.language}) cannot be spoken by any voice")
        return None, (*sentence.warnings, lost)
    emotion = wanted(plan.request, sentence.style)
    without = "" if knows(other, emotion) else f", without {emotion!r}"
    message = f"{main.id} cannot read {shown!r} ({sentence.language}); {other.id} speaks it{without}"
    told = Warned("other_voice", message)
    return other, (*sentence.warnings, told)
