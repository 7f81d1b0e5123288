"""What the listener is told about characters that nothing can speak."""

from collections.abc import Iterable

import regex  # type: ignore[import-untyped]  # ships no types

from tts.types import Warned


def unreadable(texts: Iterable[str]) -> tuple[Warned, ...]:
    """Return the warning that names what is left out, each thing once; none when nothing is."""
    left_out = dict.fromkeys(grapheme for text in texts for grapheme in regex.findall(r"\X", text))
    if not left_out:
        return ()
    warned = Warned("unreadable", "not spoken: " + " ".join(_shown(grapheme) for grapheme in left_out))
    return (warned,)


def _shown(grapheme: str) -> str:
    """Return a character as itself, or its code where it would not be seen or could not be sent."""
    if regex.fullmatch(r"[^\p{C}\p{Z}]\X*", grapheme):
        return grapheme
    return "".join(f"U+{ord(character):04X}" for character in grapheme)
