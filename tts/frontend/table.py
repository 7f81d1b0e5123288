"""A sorted table of text lines in a compressed file, searched where it lies: loading costs only the unpacking."""

import gzip
from pathlib import Path


class Table:
    """Lines `key<TAB>value` in the order of their bytes."""

    def __init__(self, path: Path) -> None:
        self._lines = gzip.decompress(path.read_bytes())

    def __contains__(self, key: str) -> bool:
        return self.get(key) is not None

    def get(self, key: str) -> str | None:
        """Return the value of a key, or None."""
        wanted = key.encode() + b"\t"
        low, high = 0, len(self._lines)
        while low < high:
            start = self._lines.rfind(b"\n", 0, (low + high) // 2) + 1
            end = self._lines.find(b"\n", start)
            line = self._lines[start:end]
            if line.startswith(wanted):
                return line[len(wanted) :].decode()
            low, high = (end + 1, high) if line < wanted else (low, start)
        return None
