"""What the listener is told about characters that nothing can speak, and wishes that nothing can meet."""

import re
from collections.abc import Collection, Iterable, Iterator

from tts.frontend.characters import GRAPHEME, of
from tts.frontend.hints import Hints, SayAs
from tts.types import Sentence, Warned

_GRAPHEME = re.compile(GRAPHEME)
_SEEN = re.compile(f"[^{of('C', 'Z')}]")


def unreadable(texts: Iterable[str]) -> tuple[Warned, ...]:
    """Return the warning that names what is left out, each thing once; none when nothing is."""
    left_out = dict.fromkeys(grapheme for text in texts for grapheme in _GRAPHEME.findall(text))
    if not left_out:
        return ()
    warned = Warned("unreadable", "not spoken: " + " ".join(_shown(grapheme) for grapheme in left_out))
    return (warned,)


def not_honoured(text: str, hints: Hints, honoured: Collection[int], unfit: Iterable[SayAs]) -> Iterator[Warned]:
    """Yield a warning for each chosen reading that is none, and for each text that is not what it was said to be."""
    for at, reading in hints.readings.items():
        if at not in honoured and reading:
            yield Warned("not_honoured", f"{text[at]!r} cannot be read as {reading}")
    for say in unfit:
        stretch = text[say.start : say.end]
        yield Warned(
            "not_honoured", f"{stretch[:40]!r} is no {say.kind}{f' in the order {say.form}' if say.form else ''}"
        )


def foreign(sentence: Sentence, hints: Hints) -> Iterator[Warned]:
    """Yield the warning that some hints mean nothing outside Chinese text."""
    if hints.kinds:
        kinds, text = " and ".join(hints.kinds), sentence.text[:40]
        yield Warned("not_honoured", f"{kinds}: only for Chinese; {text!r} ({sentence.language}) is read as usual")


def _shown(grapheme: str) -> str:
    """Return a character as itself, or its code where it would not be seen or could not be sent."""
    if _SEEN.match(grapheme):
        return grapheme
    return "".join(f"U+{ord(character):04X}" for character in grapheme)
