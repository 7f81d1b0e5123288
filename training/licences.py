"""Finds the licence that a published model names."""

from pathlib import Path
from typing import Final

import yaml

NOT_STATED: Final = "not stated"


def licence_of(model: Path) -> str:
    """Return the licence in the head of a model's `README.md`, where ModelScope keeps it, or that none is stated."""
    try:
        opening, head, _ = (model / "README.md").read_text(encoding="utf-8").split("---", 2)
        found = yaml.safe_load(head)
    except (OSError, ValueError, yaml.YAMLError):
        return NOT_STATED
    if opening.strip() or not isinstance(found, dict) or not found.get("license"):
        return NOT_STATED
    return str(found["license"])
