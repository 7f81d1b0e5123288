"""An engine whose voices are spoken by another server, sentence by sentence."""

from collections.abc import Callable, Generator, Iterator, Sequence

import langcodes
import numpy as np
import structlog

from tts.errors import EngineFailed
from tts.types import NEUTRAL, Controls, Mark, PcmChunk, Samples, Sentence, Sex, Voice
from tts.workers import Feed

log = structlog.get_logger()

#: Pieces of sound that wait for whoever listens; then the other server is not read from.
_AHEAD = 16
_NOTHING_YET = np.zeros(0, np.float32)

#: Asks the other server for a text in a voice, and yields samples as they come, shape (n,) each.
Speak = Callable[[str, Voice, Controls], Generator[Samples]]


class ElsewhereEngine:
    """Asks for each sentence in a thread of its own: whoever pulls it waits for sound, and may go away at any time."""

    def __init__(self, voices: Sequence[Voice], speak: Speak) -> None:
        self._voices, self._speak = list(voices), speak

    @property
    def voices(self) -> Sequence[Voice]:
        """Return the voices that the other server had when this one started."""
        return self._voices

    def speak(self, sentence: Sentence, voice: Voice, controls: Controls) -> Iterator[PcmChunk]:
        """Yield the sound as it comes, empty while none comes, and at its end one mark for the whole sentence."""
        feed = Feed(self._speak(sentence.text, voice, controls), _AHEAD)
        count = 0
        try:
            for samples in feed:
                made = _NOTHING_YET if samples is None else samples
                count += len(made)
                yield PcmChunk(made)
        finally:
            feed.close()
        if count:
            mark = Mark(sentence.text, sentence.start, 0.0, count * 1000 / voice.sample_rate_hz)
            yield PcmChunk(_NOTHING_YET, (mark,))

    def close(self) -> None:
        """Hold nothing, free nothing."""


def voice_of(
    engine: str,
    name: str,
    language: str,
    sex: Sex,
    rate_hz: int,
    ignores: tuple[str, ...],
    emotions: tuple[str, ...] = (NEUTRAL,),
) -> Voice:
    """Return a voice of another server, whose name there is part of its id here."""
    return Voice(
        id=f"{engine}-{name}",
        name=name,
        language=language,
        sex=sex,
        engine=engine,
        sample_rate_hz=rate_hz,
        emotions=emotions,
        licence="see its server",
        reproducible=False,
        elsewhere=True,
        ignores=ignores,
    )


def listed(name: str, voices: Callable[[], Sequence[Voice]]) -> Sequence[Voice]:
    """Return the voices of another server; none, with a line in the log, while it cannot be asked."""
    try:
        return voices()
    except EngineFailed as error:
        log.warning("engine", engine=name, voices=0, reason=error.message)
        return []


def language_of(told: str, otherwise: str) -> str:
    """Return what another server tells as a language if it is a BCP-47 tag, else the one that is likely."""
    return told if langcodes.tag_is_valid(told) else otherwise
