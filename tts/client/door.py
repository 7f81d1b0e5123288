"""The shape of a door to the server: something that takes a request and gives its sound."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(slots=True)
class Told:
    """What a server tells of an utterance beside its sound, as far as it is known."""

    sample_rate_hz: int | None = None
    audio_s: float | None = None
    warnings: tuple[Mapping[str, str], ...] = ()
    """Objects of `code` and `message`."""
    wav_url: str | None = None


class Door(Protocol):
    """One way to a server."""

    def utter(self, request: Mapping[str, Any], told: Told) -> AsyncGenerator[bytes, None]:
        """Yield the sound of a request, and fill in what is told; closing the generator stops the work."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...
