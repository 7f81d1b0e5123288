"""Everything a running server holds: voices, threads, limits and recordings."""

import secrets
from functools import cached_property
from typing import Any

import structlog

from tts.catalogue import Catalogue, open_catalogue
from tts.config import Settings
from tts.frontend import Reader
from tts.frontend.report import add_others, report, warnings_told
from tts.limits import Slot, Slots
from tts.production import Production
from tts.recordings import Recordings
from tts.stream import Plan, decide, plan, speak
from tts.types import Request
from tts.workers import Workers

log = structlog.get_logger()

#: Short, and in the default voice's usual language.
_WARM_UP_TEXT = "你好。"


class Service:
    """Makes utterances for every door."""

    def __init__(self, settings: Settings, catalogue: Catalogue | None = None) -> None:
        self.settings = settings
        self.workers = Workers(settings.threads)
        self.slots = Slots(settings.max_streams)
        self.recordings = Recordings(settings.keep_s, settings.keep_mb)
        self.catalogue = catalogue or self.workers.run(open_catalogue, settings)
        for voice_id, reason in self.catalogue.damaged.items():
            log.warning("damaged voice left out", voice=voice_id, reason=reason)
        self.reader = self.workers.run(
            Reader, self.catalogue.languages, settings.lexicon, _lexicon_is_wrong, self.catalogue.unread_japanese
        )
        self.catalogue.on_change(lambda: self.reader.know(self.catalogue.languages))

    @cached_property
    def waiters(self) -> Workers:
        """Return the threads for what waits for another server: it must not keep those from who synthesise."""
        return Workers(self.settings.max_streams)

    def warm(self) -> None:
        """Speak once with every voice that loads late and the default one, so that no listener waits for that."""
        self.workers.run(self.catalogue.warm)
        voice = self.catalogue.default
        production = self.produce(self.plan(Request(_WARM_UP_TEXT, "webm", voice.id)), self.slots.take())
        try:
            for _ in production:
                pass
        finally:
            summary = production.close()
            self.recordings.discard(production.recording)
        if not summary.audio_ms:
            raise RuntimeError(f"the default voice {voice.id} makes no sound")

    def plan(self, request: Request) -> Plan:
        """Return what will be done for a request, or raise the error that the client sees."""
        return plan(request, self.catalogue, self.reader, self.settings.max_chars)

    def decide(self, plan: Plan) -> Plan | None:
        """Return the plan when its voice is decided, None while that needs more text."""
        return self.workers.run(decide, plan, self.catalogue, self.reader)

    def produce(self, plan: Plan, slot: Slot) -> Production:
        """Begin to make an utterance in a place taken for it."""
        utterance_id = plan.request.id or secrets.token_hex(6)
        try:
            pieces = speak(plan, self.catalogue, self.reader)
            waits = any(voice.elsewhere for voice in (plan.voice, *plan.voices.values()))
            return Production(
                plan, pieces, self.waiters if waits else self.workers, self.recordings, slot, utterance_id
            )
        except BaseException:
            slot.release()
            raise

    def read(self, plan: Plan, plain: bool) -> dict[str, Any]:
        """Return how a request's text is read, see `tts.frontend.report`."""
        return self.workers.run(_report, self.reader, plan, plain)

    def close(self) -> None:
        """Free everything."""
        self.workers.run(self.catalogue.close)
        self.workers.close()
        if "waiters" in vars(self):
            self.waiters.close()
        self.recordings.close()


def _lexicon_is_wrong(reason: str) -> None:
    log.warning("lexicon", reason=reason)


def _report(reader: Reader, plan: Plan, plain: bool) -> dict[str, Any]:
    sentences = list(plan.sentences(reader))
    told = report(plan.request.text, sentences, plan.document.spans(), plain)
    told["warnings"] = warnings_told(plan.warnings) + told["warnings"]
    add_others(told, sentences, plan.document.spans(), reader.others)
    return told
