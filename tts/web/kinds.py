"""The kinds of fields that doors of other services have, from which requests are read and described."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from tts.web.protocol import Message

#: Characters of what names something.
LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Text:
    """A field that is text: the name of something, unless it may have more characters."""

    most: int = LONGEST_NAME

    @property
    def schema(self) -> Message:
        """Return what it takes, as JSON Schema."""
        return {"type": "string", "maxLength": self.most}


@dataclass(frozen=True, slots=True)
class Spoken:
    """A field with the text that is to be spoken, of as many characters as the settings say."""

    required: bool = True

    @property
    def schema(self) -> Message:
        """Return what it takes, as JSON Schema."""
        return {"type": "string", "minLength": int(self.required)}


@dataclass(frozen=True, slots=True)
class Choice:
    """A field that is one of the known names."""

    default: str
    known: tuple[str, ...]

    @property
    def schema(self) -> Message:
        """Return what it takes, as JSON Schema."""
        return {"type": "string", "enum": list(self.known), "default": self.default}


@dataclass(frozen=True, slots=True)
class Number:
    """A field that is a number, held within the limits with a warning; a form says it as text."""

    default: float
    least: float
    most: float

    @property
    def schema(self) -> Message:
        """Return what it takes, as JSON Schema."""
        return {"type": "number", "minimum": self.least, "maximum": self.most, "default": self.default}


@dataclass(frozen=True, slots=True)
class Flag:
    """A field that is true or false; a form says it as text."""

    default: bool = False

    @property
    def schema(self) -> Message:
        """Return what it takes, as JSON Schema."""
        return {"type": "boolean", "default": self.default}


@dataclass(frozen=True, slots=True)
class Other:
    """A field that its door reads by itself, or only knows."""

    schema: Message = field(default_factory=dict)


Kind: TypeAlias = Text | Spoken | Choice | Number | Flag | Other
#: What every door takes beside its own fields.
MANNER: Mapping[str, Kind] = {"emotion": Text(), "intensity": Number(100.0, 0, 125)}


def object_schema(table: Mapping[str, Kind], max_chars: int, required: Collection[str] = ()) -> Message:
    """Return what a request with these fields is, as JSON Schema; `max_chars` may be spoken at once."""
    properties = {
        name: {**kind.schema, "maxLength": max_chars} if isinstance(kind, Spoken) else kind.schema
        for name, kind in table.items()
    }
    return {"type": "object", "properties": properties, "required": list(required)}
