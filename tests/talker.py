"""One shape for clients of the socket doors, so that both are held to the same tests."""

import queue
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

ENDS = ("done", "error")


@dataclass(frozen=True)
class Event:
    """A message from the server."""

    kind: str
    data: dict[str, Any]


class Talker(ABC):
    """Collects what the server says."""

    def __init__(self) -> None:
        self.events: queue.Queue[Event] = queue.Queue(100_000)
        self.ack: Any = None

    @abstractmethod
    def send(self, kind: str, body: Any) -> None:
        """Send a message and keep its acknowledgement in `ack`."""

    @abstractmethod
    def close(self) -> None:
        """Leave."""

    def next(self, seconds: float = 20) -> Event:
        """Return the next message."""
        return self.events.get(timeout=seconds)

    def wait_for(self, kind: str) -> Event:
        """Return the next message of a kind, passing over others."""
        while True:
            event = self.next()
            if event.kind == kind:
                return event

    def until_end(self, utterance_id: str) -> list[Event]:
        """Return the messages up to the end of an utterance."""
        seen = []
        while True:
            seen.append(self.next())
            if seen[-1].kind in ENDS and seen[-1].data.get("id") == utterance_id:
                return seen

    def sound(self, utterance_id: str) -> bytes:
        """Return all the sound up to the end of an utterance."""
        return b"".join(event.data["chunk"] for event in self.until_end(utterance_id) if event.kind == "audio_chunk")

    def quiet(self, seconds: float) -> list[Event]:
        """Return what comes within the time."""
        seen = []
        try:
            while True:
                seen.append(self.next(seconds))
        except queue.Empty:
            return seen
