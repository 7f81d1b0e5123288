"""The engine for voices of the SAMBERT family: neural, emotional, streaming from the first frames."""

from tts.engines.sambert.engine import open

__all__ = ["open"]
