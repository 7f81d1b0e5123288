"""The tags of SSML that are understood: their attributes, and what may stand in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_STYLES = ("prosody", "voice", "emotion", "mstts:express-as")
_INLINE = ("break", "emphasis", "mark", "phoneme", "say-as", "sub", "w", *_STYLES)
_ALL = ("p", "s", *_INLINE)


@dataclass(frozen=True, slots=True)
class Tag:
    """What a tag takes."""

    attributes: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    text: bool = True
    """Whether anything may be written between its ends."""


TAGS: Mapping[str, Tag] = {
    "speak": Tag(("version", "xml:lang", "xsi:schemaLocation"), children=_ALL),
    "p": Tag(children=("s", *_INLINE)),
    "s": Tag(children=_INLINE),
    "break": Tag(("time", "strength"), text=False),
    "prosody": Tag(("rate", "pitch", "volume"), children=_ALL),
    "emphasis": Tag(("level",), children=_INLINE),
    "say-as": Tag(("interpret-as", "format"), required=("interpret-as",)),
    "sub": Tag(("alias",), required=("alias",)),
    "phoneme": Tag(("alphabet", "ph"), required=("ph",)),
    "w": Tag(children=("mark", "phoneme", "sub")),
    "mark": Tag(("name",), required=("name",), text=False),
    "voice": Tag(("name",), required=("name",), children=_ALL),
    "emotion": Tag(("category", "intensity"), required=("category",), children=_ALL),
    "mstts:express-as": Tag(("style", "styledegree"), required=("style",), children=_ALL),
}


def check(name: str, attributes: Mapping[str, str], ancestors: Sequence[str]) -> None:
    """Raise ValueError when a tag is unknown, misplaced, or has the wrong attributes."""
    allowed = _allowed_in(ancestors)
    if name not in allowed:
        wrong = "is not allowed here" if name in TAGS else "is not known"
        where = f"in <{ancestors[-1]}>" if ancestors else "around everything"
        raise ValueError(f"<{name[:40]}> {wrong}; {where} there may be {_listed(allowed) or 'only text'}")
    tag = TAGS[name]
    for attribute in attributes:
        if attribute not in tag.attributes and attribute.partition(":")[0] != "xmlns":
            raise ValueError(
                f"<{name}> has no attribute {attribute[:40]!r}, only {', '.join(tag.attributes) or 'none'}"
            )
    for attribute in tag.required:
        if attribute not in attributes:
            raise ValueError(f"<{name}> needs {attribute}; its attributes are {', '.join(tag.attributes)}")


def _allowed_in(ancestors: Sequence[str]) -> tuple[str, ...]:
    if not ancestors:
        return ("speak",)
    if not TAGS[ancestors[-1]].text:
        return ()
    barred = {"p", "s"} if {"s", "emphasis"} & set(ancestors) else {"p"} if "p" in ancestors else set()
    return tuple(name for name in TAGS[ancestors[-1]].children if name not in barred)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"<{name}>" for name in names)
