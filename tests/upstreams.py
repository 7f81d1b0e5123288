"""Other services' servers for tests: they speak their protocols, and misbehave when a text asks for it."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response


def ramp(count: int) -> bytes:
    """Return samples that are easy to tell: they climb, wrapping around."""
    return (np.arange(count) * 7 % 20_000).astype("<i2").tobytes()


class Upstream:
    """A running server, and what it was asked for."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.hung_up = threading.Event()
        self.go_on = threading.Event()
        """Speech whose text holds 'wait' stops in the middle until this is set."""


@contextmanager
def http_server(routes: "type[BaseHTTPRequestHandler]", port: int = 0) -> Iterator[Upstream]:
    server = ThreadingHTTPServer(("127.0.0.1", port), routes)
    server.daemon_threads = True
    upstream = Upstream(f"http://127.0.0.1:{server.server_port}")
    server.upstream = upstream  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield upstream
    finally:
        upstream.go_on.set()
        server.shutdown()
        server.server_close()


class _Routes(BaseHTTPRequestHandler):
    """What both HTTP servers share: JSON answers, errors by words in the text, and sound in odd pieces."""

    protocol_version = "HTTP/1.1"
    text_field = "text"

    @property
    def upstream(self) -> Upstream:
        found: Upstream = self.server.upstream  # type: ignore[attr-defined]
        return found

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet."""

    def answer(self, status: int, body: Any) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.upstream.asked.append(body)
        self.upstream.headers.append(dict(self.headers))
        return body

    def sound(self, head: bytes, text: str) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        data = head + ramp(24_000)
        try:
            for number, size in enumerate([7, 1, 4000, 12_001, len(data)]):
                self.chunk(data[:size])
                data = data[size:]
                if number == 2 and "wait" in text:
                    self.upstream.go_on.wait(10)
                if number == 2 and "break" in text:
                    self.wfile.write(b"10\r\nshort")
                    self.close_connection = True
                    return
                while number == 2 and "endless" in text:
                    self.chunk(ramp(2400))
            self.wfile.write(b"0\r\n\r\n")
        except OSError:
            self.upstream.hung_up.set()

    def chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()


class OpenAi(_Routes):
    """`/v1/audio/speech` and Kokoro's list of voices."""

    def do_GET(self) -> None:
        if self.path == "/v1/audio/voices":
            self.answer(200, {"voices": ["zf_xiaoxiao", "bm_george", "alloy"]})
        else:
            self.answer(404, {"error": {"message": "no such path"}})

    def do_POST(self) -> None:
        body = self.body()
        if "busy" in body["input"]:
            self.answer(429, {"error": {"message": "Rate limit reached", "type": "requests", "code": None}})
        elif "refuse" in body["input"]:
            self.answer(400, {"error": {"message": "Invalid voice", "type": "invalid_request_error", "code": None}})
        else:
            self.sound(b"", body["input"])


class Fish(_Routes):
    """`/v1/tts` and the list of references."""

    def do_GET(self) -> None:
        assert self.headers["Accept"] == "application/json"
        self.answer(200, {"success": True, "reference_ids": ["my voice"], "message": "ok"})

    def do_POST(self) -> None:
        body = self.body()
        if self.headers.get("Authorization") != "Bearer secret":
            self.answer(401, {"statusCode": 401, "message": "Invalid token", "error": "Unauthorized"})
            return
        if "busy" in body["text"]:
            self.answer(503, {"statusCode": 503, "message": "no worker is free", "error": "Service Unavailable"})
            return
        rate = 48_000 if "other rate" in body["text"] else 44_100
        fmt = b"fmt \x10\x00\x00\x00\x01\x00\x01\x00" + rate.to_bytes(4, "little") + (2 * rate).to_bytes(4, "little")
        head = b"RIFF\x00\x00\x00\x00WAVE" + fmt + b"\x02\x00\x10\x00data\x00\x00\x00\x00"
        self.sound(b"ID3 this is no wav" if "mp3" in body["text"] else head, body["text"])


@contextmanager
def vibevoice() -> Iterator[Upstream]:
    """Run a server with `GET /config` and `/stream`, which speaks to one at a time."""
    upstream = Upstream("")
    lock = asyncio.Lock()

    async def stream(ws: ServerConnection) -> None:
        assert ws.request is not None
        query = {name: value[0] for name, value in parse_qs(urlsplit(ws.request.path).query).items()}
        upstream.asked.append(query)
        text = query["text"]

        async def log(event: str, **data: Any) -> None:
            await ws.send(json.dumps({"type": "log", "event": event, "data": data, "timestamp": "2026-01-01 00:00:00"}))

        if lock.locked() or "busy" in text:
            await log("backend_busy", message="Please wait for the other requests to complete.")
            await ws.close(1013, "Service busy")
            return
        async with lock:
            await log("backend_request_received", text_length=len(text), cfg_scale=1.5, inference_steps=5, voice="x")
            if "refuse" in text:
                await log("generation_error", message="CUDA out of memory")
                return
            data = ramp(24_000)
            for start in range(0, len(data), 9001):
                await ws.send(data[start : start + 9001])
                await log("model_progress", generated_sec=0.1, chunk_sec=0.1)
                if "wait" in text:
                    await asyncio.to_thread(upstream.go_on.wait, 10)
                if "break" in text:
                    ws.transport.abort()
                    return
            while "endless" in text:
                await ws.send(ramp(2400))
            await log("backend_stream_complete")

    def config(connection: ServerConnection, request: Request) -> Response | None:
        if not request.path.startswith("/config"):
            return None
        body = {"voices": ["de-Spk0_man", "en-Carter_man", "jp-Spk1_woman"], "default_voice": "en-Carter_man"}
        content = json.dumps(body).encode()
        headers = Headers([("Content-Type", "application/json"), ("Content-Length", str(len(content)))])
        return Response(200, "OK", headers, content)

    async def stream_told(ws: ServerConnection) -> None:
        try:
            await stream(ws)
        finally:
            await ws.wait_closed() if ws.state.name != "OPEN" else await ws.close()
            if "endless" in upstream.asked[-1]["text"]:
                upstream.hung_up.set()

    started, ended = threading.Event(), threading.Event()

    async def main() -> None:
        async with serve(stream_told, "127.0.0.1", 0, process_request=config) as server:
            upstream.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            started.set()
            await asyncio.to_thread(ended.wait)

    thread = threading.Thread(target=lambda: asyncio.run(main()), daemon=True)
    thread.start()
    started.wait(5)
    try:
        yield upstream
    finally:
        upstream.go_on.set()
        ended.set()
        thread.join(5)
