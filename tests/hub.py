"""A model hub on this machine, which answers as ModelScope does, for the download of models."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

MODEL_ID = "somebody/tiny"


class Hub:
    """The files of one model, and which of them were asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.fetched: list[str] = []
        self.answers = 99
        """How many files it gives before it gives no more."""
        self.port = 0

    @property
    def site(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self.port}"

    def listing(self) -> dict[str, object]:
        """Return what the hub says about the files."""
        paths = [path for path in sorted(self.folder.rglob("*")) if path.is_file()]
        files = [
            {
                "Path": path.relative_to(self.folder).as_posix(),
                "Name": path.name,
                "Type": "blob",
                "Size": path.stat().st_size,
                "Sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            }
            for path in paths
        ]
        return {"Code": 200, "Success": True, "Data": {"Files": files}}

    def answer(self, url: str) -> tuple[int, bytes]:
        """Return status and body for a path with its query."""
        parts = urlsplit(url)
        if parts.path == f"/api/v1/models/{MODEL_ID}/repo/files":
            return 200, json.dumps(self.listing()).encode()
        if parts.path == f"/api/v1/models/{MODEL_ID}/repo" and len(self.fetched) < self.answers:
            name = parse_qs(parts.query)["FilePath"][0]
            self.fetched.append(name)
            return 200, (self.folder / name).read_bytes()
        return 404, b"{}"


@contextmanager
def hub(folder: Path) -> Iterator[Hub]:
    """Serve a model's folder on a free port."""
    serving = Hub(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = serving.answer(self.path)
            start, end = 0, len(body) - 1
            if asked := self.headers.get("Range"):
                first, _, last = asked.removeprefix("bytes=").partition("-")
                start, end = int(first), int(last or end)
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {start}-{end}/{len(body)}")
            else:
                self.send_response(status)
            self.send_header("Content-Length", str(end - start + 1))
            self.end_headers()
            self.wfile.write(body[start : end + 1])

        def log_message(self, *_arguments: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    serving.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield serving
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
