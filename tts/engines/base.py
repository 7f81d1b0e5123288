"""The shape every engine has, so that the rest of the program knows none of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol, runtime_checkable

from tts.types import Controls, PcmChunk, Sentence, Voice


class Engine(Protocol):
    """Speaks sentences with the voices it offers.

    A module `tts.engines.<name>` makes one with `open(settings) -> Engine`. Its methods may block: the
    program calls them, and pulls every chunk, from native threads, several at a time.
    """

    @property
    def voices(self) -> Sequence[Voice]:
        """Return the voices it offers, the best of each language first."""
        ...

    def speak(self, sentence: Sentence, voice: Voice, controls: Controls) -> Iterator[PcmChunk]:
        """Yield the sound of a sentence as it is made, without the pause that follows it.

        Closing the iterator stops the work. Raises `EngineFailed` when the engine breaks.
        """
        ...

    def close(self) -> None:
        """Free what the engine holds; no call may follow."""
        ...


@runtime_checkable
class HasImports(Protocol):
    """An engine whose voices are imported: some may be damaged, and each is slow when it speaks for the first time."""

    @property
    def damaged(self) -> Mapping[str, str]:
        """Return what is wrong with each voice that cannot be opened, by id; it is not among the others."""
        ...

    def warm(self, besides: Voice) -> None:
        """Have every voice but one speak once; the program has that one speak itself."""
        ...


@runtime_checkable
class ReadsJapanese(Protocol):
    """An engine that knows Japanese words, as their readings are no matter of the front end."""

    def unread_japanese(self, text: str) -> Sequence[tuple[int, int]]:
        """Return where the words of a text stand that it has no reading for, as (start, end)."""
        ...


@runtime_checkable
class Grows(Protocol):
    """An engine whose voices may come while the program runs."""

    def on_change(self, tell: Callable[[], None]) -> None:
        """Have a function called, in a native thread, whenever there are other voices."""
        ...
