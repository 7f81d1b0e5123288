"""The front end: from the text of a request to sentences in their languages."""

from tts.frontend.reader import Reader

__all__ = ["Reader"]
