"""Tests of the Socket.IO door on the real server, with python-socketio's client."""

import json
import queue
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import engineio
import httpx
import pytest
import socketio

from tests.server import Server, start_odd
from tests.talker import ENDS, Event, Talker


class _Ordered(engineio.Client):  # type: ignore[misc]  # the package has no types
    """Handles messages in the order they come; its parent hands each to a thread of its own, and they can overtake."""

    def _trigger_event(self, event: str, *args: Any, **options: Any) -> Any:
        return super()._trigger_event(event, *args, **{**options, "run_async": False})


class Client(socketio.Client):  # type: ignore[misc]  # the package has no types
    """The threaded client of python-socketio, in order."""

    def _engineio_client_class(self) -> type[engineio.Client]:
        return _Ordered


class EventTalker(Talker):
    """Talks over Socket.IO."""

    def __init__(self, server: Server, **options: Any) -> None:
        super().__init__()
        self.client = Client(reconnection=False, **options)
        self.client.on("*", lambda kind, data=None: self.events.put(Event(kind, data or {})))
        self.client.connect(server.url, transports=["websocket"])
        self._socket = self.client.eio.ws.sock

    def send(self, kind: str, body: Any) -> None:
        """Send a message and wait for its acknowledgement."""
        self.ack = self.client.call(kind, body, timeout=20)

    def close(self) -> None:
        """Leave; the client forgets its socket when the server was the one to end the connection."""
        self.client.disconnect()
        self._socket.close()


@pytest.fixture
def connect() -> Iterator[Callable[..., EventTalker]]:
    """Yield a function that connects to a server; the connections close with the test."""
    talkers: list[EventTalker] = []

    def open_(server: Server, **options: Any) -> EventTalker:
        talkers.append(EventTalker(server, **options))
        return talkers[-1]

    yield open_
    for talker in talkers:
        talker.close()


Connect = Callable[..., EventTalker]


def test_the_published_smallest_client(server: Server) -> None:
    """`emit('synthesize', {text})` and four handlers are all that a page of the published service has."""
    client = Client()
    chunks: list[bytes] = []
    ended: queue.Queue[Any] = queue.Queue(4)
    client.on("audio_chunk", lambda data: chunks.append(data["chunk"]))
    client.on("done", lambda data: ended.put(data))
    client.on("error", lambda data: ended.put(data))
    client.connect(server.url)
    client.emit("synthesize", {"text": "你好，世界"})
    done = ended.get(timeout=20)
    client.disconnect()
    assert done["status"] == "completed"
    assert all(type(chunk) is bytes for chunk in chunks)
    assert all(len(chunk) % 2 == 0 for chunk in chunks)
    assert sum(map(len, chunks)) / 2 / 22.05 == pytest.approx(done["audio_ms"], abs=0.06)


def test_the_smallest_client_hears_of_its_mistakes(server: Server) -> None:
    client = Client()
    errors: queue.Queue[Any] = queue.Queue(4)
    client.on("error", lambda data: errors.put(data))
    client.connect(server.url)
    client.emit("synthesize", {"text": ""})
    assert errors.get(timeout=20) == {"id": None, "code": "bad_request", "message": "text: is blank"}
    client.disconnect()


def test_polling_works_too(tone_server: Server, connect: Connect) -> None:
    client = Client()
    done: queue.Queue[Any] = queue.Queue(4)
    client.on("done", lambda data: done.put(data))
    client.connect(tone_server.url, transports=["polling"])
    client.emit("synthesize", {"text": "你好"})
    assert done.get(timeout=20)["status"] == "completed"
    client.disconnect()


def test_ssml_is_spoken_with_its_marks(tone_server: Server, connect: Connect) -> None:
    talker = connect(tone_server)
    ssml = '<speak>你<mark name="m"/>好<break time="500ms"/>吧</speak>'
    talker.send("synthesize", {"ssml": ssml})
    events = talker.until_end(talker.ack["id"])
    assert sum(len(event.data["chunk"]) for event in events if event.kind == "audio_chunk") == 2 * 16 * 800
    items = [item for event in events if event.kind == "marks" for item in event.data["items"]]
    assert [(item["text"], ssml[item["start"] : item["end"]], item["start_ms"]) for item in items] == [
        ("你", "你", 0.0),
        ("", "", 100.0),
        ("好", "好", 100.0),
        ("吧", "吧", 700.0),
    ]
    assert [item.get("name") for item in items] == [None, "m", None, None]


def test_bad_ssml_is_refused_before_anything_is_accepted(tone_server: Server, connect: Connect) -> None:
    talker = connect(tone_server)
    talker.send("synthesize", {"ssml": "<speak>好<b/></speak>", "id": "x"})
    assert (talker.ack["ok"], talker.ack["code"]) == (False, "bad_ssml")
    assert talker.ack["message"].startswith("ssml: line 1, column 9: <b> is not known; in <speak> there may be <p>,")
    (event,) = talker.quiet(0.3)
    assert (event.kind, event.data) == ("error", {"id": "x", **{k: talker.ack[k] for k in ("code", "message")}})


def test_marks_and_peaks_lie_on_the_timeline(server: Server, connect: Connect) -> None:
    talker = connect(server)
    text = "今天天气很好，我们去公园。"
    talker.send("synthesize", {"text": text, "id": "a"})
    events = talker.until_end("a")
    done = events[-1].data
    items = [item for event in events if event.kind == "marks" for item in event.data["items"]]
    assert "".join(item["text"] for item in items) == "今天天气很好我们去公园"
    assert [text[item["start"]] for item in items] == [item["text"] for item in items]
    times = [item["start_ms"] for item in items]
    assert times == sorted(times)
    assert all(0 <= item["start_ms"] < item["end_ms"] <= done["audio_ms"] for item in items)
    peaks = [peak for event in events if event.kind == "audio_chunk" for peak in event.data["peaks"]]
    assert abs(len(peaks) * 20 - done["audio_ms"]) < 20 * len(events)
    assert 0.05 < max(peaks) <= 1


def test_two_streams_do_not_mix(tone_server: Server, connect: Connect) -> None:
    low, high = connect(tone_server), connect(tone_server)
    alone = {}
    for pitch in (-12, 12):
        low.send("synthesize", {"text": "你好世界" * 20, "id": f"alone{pitch}", "pitch": pitch})
        alone[pitch] = low.sound(f"alone{pitch}")
    low.send("synthesize", {"text": "你好世界" * 20, "id": "a", "pitch": -12})
    high.send("synthesize", {"text": "你好世界" * 20, "id": "a", "pitch": 12})
    assert low.sound("a") == alone[-12]
    assert high.sound("a") == alone[12]


def test_a_compressed_stream_decodes(server: Server, connect: Connect) -> None:
    from tests.test_codec import decode

    talker = connect(server)
    talker.send("synthesize", {"text": "你好，世界", "id": "a", "format": "webm"})
    events = talker.until_end("a")
    started = next(event.data for event in events if event.kind == "started")
    assert started["mime"] == "audio/webm;codecs=opus"
    assert started["voice"] == "espeak-cmn"
    sound, rate_hz = decode(b"".join(event.data["chunk"] for event in events if event.kind == "audio_chunk"))
    assert abs(len(sound) / rate_hz * 1000 - events[-1].data["audio_ms"]) < 30
    assert sum(len(event.data["peaks"]) for event in events if event.kind == "audio_chunk") > 20


def test_a_dropped_connection_stops_the_work(odd_server: Server, connect: Connect) -> None:
    talker = connect(odd_server)
    talker.send("synthesize", {"text": "好", "voice": "endless", "id": "a"})
    talker.wait_for("audio_chunk")
    talker.send("synthesize", {"text": "好", "voice": "endless", "id": "b"})
    talker.close()
    assert odd_server.becomes_idle(1)


def test_a_client_that_stops_reading_costs_little_and_is_dropped() -> None:
    """Socket.IO's own queue has no end: the server must stop feeding it. A second request must not help."""
    with start_odd(max_streams=2, stall_s=2.0) as server:
        talker = EventTalker(server)
        reading = threading.Event()
        talker.client.eio.ws.recv = lambda: reading.wait(60) and None
        before_kb = memory_kb(server)
        for index in range(8):
            talker.client.emit("synthesize", {"text": "好", "voice": "flood", "id": str(index)})
        time.sleep(1)
        assert server.streams() == 1
        assert server.becomes_idle(20)
        # Eight floods are 256 MB.
        assert memory_kb(server) - before_kb < 40_000
        reading.set()
        talker.close()


def memory_kb(server: Server) -> int:
    """Return the memory that the server's process holds."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])


def test_several_arguments_and_none_are_refused(tone_server: Server, connect: Connect) -> None:
    talker = connect(tone_server)
    talker.send("synthesize", None)
    assert talker.ack["code"] == "bad_request"
    talker.ack = talker.client.call("synthesize", ("a", "b"), timeout=20)
    assert talker.ack["code"] == "bad_request"
    talker.ack = talker.client.call("synthesize", b"\x00\xff" * 50, timeout=20)
    assert talker.ack == {"ok": False, "code": "bad_request", "message": "a request must be an object, not binary data"}
    talker.ack = talker.client.call("sing", {"text": "la"}, timeout=20)
    assert "choices: synthesize" in talker.ack["message"]
    talker.send("synthesize", {"text": "好", "id": "a"})
    assert talker.until_end("a")[-1].data["status"] == "completed"


def test_a_message_over_the_limit_ends_the_connection_and_a_new_one_works(
    tone_server: Server, connect: Connect
) -> None:
    talker = connect(tone_server)
    talker.client.emit("synthesize", {"text": "好" * 400_000})
    for _ in range(100):
        if not talker.client.connected:
            break
        time.sleep(0.05)
    assert not talker.client.connected
    again = connect(tone_server)
    again.send("synthesize", {"text": "好", "id": "a"})
    assert again.until_end("a")[-1].kind in ENDS


@pytest.mark.parametrize("packet", ["42[", '42{"a":1}', "42", "4zzz", "45", '459-["x"]', "49"])
def test_a_broken_packet_is_answered_and_the_connection_lives(
    tone_server: Server, connect: Connect, packet: str
) -> None:
    """The library only logs them, and waits for attachments that were announced and never come."""
    talker = connect(tone_server)
    talker.client.eio.ws.send(packet)
    talker.client.eio.ws.send("42[")
    assert talker.wait_for("error").data["code"] == "bad_request"
    talker.send("synthesize", {"text": "好", "id": "a"})
    assert talker.until_end("a")[-1].data["status"] == "completed"


def test_a_polled_message_over_the_limit_is_answered(tone_server: Server) -> None:
    """It waited for the client to read what nobody was reading."""
    query = tone_server.url + "/socket.io/?EIO=4&transport=polling"
    sid = json.loads(httpx.get(query).text[1:])["sid"]
    assert httpx.post(f"{query}&sid={sid}", content=b"40", timeout=10).status_code == 200
    assert httpx.post(f"{query}&sid={sid}", content=b"4" * 1_100_000, timeout=10).status_code == 400


def test_other_origins_are_refused(tone_server: Server) -> None:
    query = "/socket.io/?EIO=4&transport=polling"
    own = httpx.get(tone_server.url + query, headers={"Origin": tone_server.url})
    other = httpx.get(tone_server.url + query, headers={"Origin": "https://elsewhere.example"})
    assert own.status_code == 200
    assert other.status_code == 400
