"""The espeak-ng engine: small, instant, in more than a hundred languages."""

from tts.engines.espeak.engine import open

__all__ = ["open"]
