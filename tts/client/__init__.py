"""An asyncio client for programs: speech over HTTP or WebSocket, chunk by chunk, as the server makes it."""

from tts.client.client import AsyncClient
from tts.client.door import Told
from tts.client.failures import BrokeOff, ServerRefused, TimedOut, Unreachable
from tts.client.files import Saved

__all__ = ["AsyncClient", "BrokeOff", "Saved", "ServerRefused", "TimedOut", "Told", "Unreachable"]
