"""An engine whose voices are spoken by another server, sentence by sentence."""

import time
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

#: Seconds until another server that was away is asked for its voices again: each time twice as long, up to a limit.
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 30.0
#: Bounds the asking, to about a day.
_MOST_TRIES = 3000

#: Asks the other server for a text in a voice, and yields samples as they come, shape (n,) each.
Speak = Callable[[str, Voice, Controls], Generator[Samples]]


class ElsewhereEngine:
    """Asks for each sentence in a thread of its own: whoever pulls it waits for sound, and may go away at any time.

    `ask` returns the voices of the other server; while it fails or finds none, it is called again and again in a
    thread of its own.
    """

    def __init__(self, name: str, ask: Callable[[], Sequence[Voice]], speak: Speak) -> None:
        self._name, self._ask, self._speak = name, ask, speak
        self._voices: Sequence[Voice] = ()
        self._tell: Callable[[], None] = lambda: None
        self._told = ""
        self._search: Feed[None] | None = None
        if not self._find():
            self._search = Feed(self._seek(), _MOST_TRIES)

    @property
    def voices(self) -> Sequence[Voice]:
        """Return the voices of the other server, none while it has not been reached."""
        return self._voices

    def on_change(self, tell: Callable[[], None]) -> None:
        """Have a function called, perhaps in a native thread, when the other server is reached at last."""
        self._tell = tell
        if self._voices and self._search:
            # It was reached in the meantime.
            tell()

    def _find(self) -> bool:
        """Ask for the voices and return whether there are any; what is wrong stands once in the log."""
        try:
            self._voices = list(self._ask())
            reason = "" if self._voices else "it has none"
        except EngineFailed as error:
            reason = error.message
        if reason != self._told:
            log.warning("engine", engine=self._name, voices=len(self._voices), reason=reason or "it is back")
        self._told = reason
        return bool(self._voices)

    def _seek(self) -> Generator[None]:
        """Ask until there are voices; yields after each time, so that closing the feed ends it."""
        for number in range(_MOST_TRIES):
            time.sleep(min(_FIRST_PAUSE_S * 2 ** min(number, 10), _LONGEST_PAUSE_S))
            if self._find():
                self._tell()
                return
            yield

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
        """Look for the other server no longer."""
        if self._search:
            self._search.close()


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


def language_of(told: str, otherwise: str) -> str:
    """Return what another server tells as a language if it is a BCP-47 tag, else the one that is likely."""
    return told if langcodes.tag_is_valid(told) else otherwise
