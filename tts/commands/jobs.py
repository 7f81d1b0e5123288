"""Reads what a batch is to speak: a file of CSV, JSON lines or plain text, every line checked before any is spoken."""

import csv
import hashlib
import io
import json
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from tts.errors import choices

#: A row of a file: its line, and its fields as the file has them.
Row: TypeAlias = tuple[int, Mapping[str, Any]]

#: What the cells of a table become; lines of JSON have their types themselves.
COLUMNS: Final[Mapping[str, Callable[[str], Any]]] = {
    "id": str,
    "text": str,
    "ssml": str,
    "voice": str,
    "language": str,
    "emotion": str,
    "intensity": float,
    "speed": float,
    "pitch": float,
    "volume": float,
    "format": str,
    "sample_rate": int,
    "readings": json.loads,
}

_KINDS: Final = {float: "a number", int: "a whole number", json.loads: "an object of index: pinyin as JSON"}

_MOST_TOLD: Final = 20

#: Longest id in bytes; file systems take 255 for a name, and a partial file's is longer than the finished one's.
_LONGEST_ID: Final = 200


class Mistakes(ValueError):
    """Lines that cannot be spoken, a sentence for each."""

    def __init__(self, path: Path, told: Mapping[int, str]) -> None:
        shown = [f"  line {line}: {told[line]}" for line in sorted(told)[:_MOST_TOLD]]
        more = [f"  … and {len(told) - _MOST_TOLD} more"] if len(told) > _MOST_TOLD else []
        head = f"{path}: {len(told)} bad line{'s' if len(told) > 1 else ''}, nothing was spoken"
        super().__init__("\n".join([head, *shown, *more]))


@dataclass(frozen=True, slots=True)
class Job:
    """One file to make."""

    line: int
    id: str
    fields: Mapping[str, Any]
    """The request, as it is sent."""

    @property
    def file(self) -> str:
        """Return the name of its file."""
        kind = str(self.fields.get("format") or "wav")
        return f"{self.id}.{kind.partition('-')[0]}"

    @property
    def digest(self) -> str:
        """Return what tells its request from others."""
        return hashlib.sha256(json.dumps(self.fields, sort_keys=True).encode()).hexdigest()


def read_jobs(path: Path, defaults: Mapping[str, Any]) -> list[Job]:
    """Return the jobs of a file, in its order; `defaults` are fields for the lines that do not say their own.

    Raises `Mistakes`, or `ValueError` for a file that cannot be read at all.
    """
    readers = {".csv": _csv, ".jsonl": _jsonl, ".txt": _txt}
    if path.suffix.lower() not in readers:
        raise ValueError(f"{path}: must end with one of {choices(readers)}")
    mistakes: dict[int, str] = {}
    jobs: list[Job] = []
    seen: dict[str, int] = {}
    for line, row in readers[path.suffix.lower()](path, mistakes):
        try:
            job = _job(line, len(jobs) + len(mistakes) + 1, row, defaults)
        except ValueError as error:
            mistakes[line] = str(error)
            continue
        # Some file systems know no capitals, and some write é in two characters.
        if (same := seen.setdefault(unicodedata.normalize("NFC", job.id).casefold(), line)) != line:
            mistakes[line] = f"id: {job.id!r} is already that of line {same}"
        jobs.append(job)
    if mistakes:
        raise Mistakes(path, mistakes)
    if not jobs:
        raise ValueError(f"{path}: holds nothing to speak")
    return jobs


def _job(line: int, number: int, row: Mapping[str, Any], defaults: Mapping[str, Any]) -> Job:
    for name in row:
        if name not in COLUMNS:
            raise ValueError(f"{name}: no such field; choices: {choices(COLUMNS, str(name), most=20)}")
    fields = {**defaults, **{name: value for name, value in row.items() if value is not None}}
    if "text" not in fields and "ssml" not in fields:
        raise ValueError("text: is required, or ssml")
    return Job(line, _check_id(fields.pop("id", f"{number:05}")), fields)


def _check_id(value: Any) -> str:
    """Return an id that is safe as the name of a file in the output folder."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(f"id: must be text or a whole number, not {value!r}")  # noqa: TRY004  # it is what a file says
    name = str(value)
    if not name.isprintable() or set(name) & set('/\\:*?"<>|'):
        raise ValueError(f"id: {name!r} is no name of a file in the output folder")
    if not name or name.startswith(".") or len(name.encode()) > _LONGEST_ID:
        raise ValueError(f"id: must have 1 to {_LONGEST_ID} bytes and not begin with a dot, not {name[:60]!r}")
    return name


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: is not UTF-8 (byte {error.start}); spreadsheets save it as 'CSV UTF-8'") from None


def _txt(path: Path, mistakes: dict[int, str]) -> Iterator[Row]:
    for line, text in enumerate(_text_of(path).split("\n"), 1):
        if text.strip():
            yield line, {"text": text.strip()}


def _jsonl(path: Path, mistakes: dict[int, str]) -> Iterator[Row]:
    for line, text in enumerate(_text_of(path).split("\n"), 1):
        if not text.strip():
            continue
        try:
            row = json.loads(text)
        except (ValueError, RecursionError) as error:
            mistakes[line] = f"is not JSON: {error}"
            continue
        if isinstance(row, dict):
            yield line, row
        else:
            mistakes[line] = f"must be an object with a text, not {text.strip()[:60]}"


def _csv(path: Path, mistakes: dict[int, str]) -> Iterator[Row]:
    rows = csv.reader(io.StringIO(_text_of(path), newline=""), strict=True)
    names: list[str] = []
    while True:
        begins = rows.line_num + 1
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            mistakes[begins] = f"is not CSV: {error}"
            return
        if not any(cell.strip() for cell in cells):
            continue
        if not names:
            names = _header(path, begins, cells)
        elif len(cells) > len(names):
            mistakes[begins] = f"has {len(cells)} cells under {len(names)} columns; a text with a comma needs quotes"
        else:
            try:
                yield begins, _cells(dict(zip(names, cells, strict=False)))
            except ValueError as error:
                mistakes[begins] = str(error)


def _header(path: Path, line: int, cells: list[str]) -> list[str]:
    names = [cell.strip() for cell in cells]
    for name in names:
        if name not in COLUMNS:
            raise Mistakes(path, {line: f"{name!r}: no such column; choices: {choices(COLUMNS, name, most=20)}"})
        if names.count(name) > 1:
            raise Mistakes(path, {line: f"{name!r}: stands twice in the header"})
    if "text" not in names and "ssml" not in names:
        raise Mistakes(path, {line: "text: there must be such a column, or ssml"})
    return names


def _cells(row: Mapping[str, str]) -> dict[str, Any]:
    """Return a row's values; an empty cell is the same as left out."""
    return {name: convert(name, cell.strip()) for name, cell in row.items() if cell.strip()}


def convert(name: str, text: str) -> Any:
    """Return a field's value from its text, or raise `ValueError` that names the field."""
    kind = COLUMNS[name]
    try:
        return kind(text)
    except ValueError:
        raise ValueError(f"{name}: must be {_KINDS[kind]}, not {text!r}") from None
