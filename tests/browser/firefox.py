"""Drives Firefox through WebDriver BiDi, the protocol it speaks itself: no driver has to be installed."""

import itertools
import json
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

#: A new profile would ask, update and report; and the page's language must not depend on the machine.
_PREFERENCES = {
    "intl.accept_languages": "zh-CN, zh",
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "toolkit.telemetry.enabled": False,
}


class Firefox:
    """A running Firefox with one tab."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._numbers = itertools.count(1)
        self.problems: list[str] = []
        self.command("session.new", capabilities={})
        self.command("session.subscribe", events=["log.entryAdded"])
        self._tab = self.command("browsingContext.getTree")["contexts"][0]["context"]

    def command(self, method: str, **params: Any) -> Any:
        """Send a command and return its result; events that come in between are noted."""
        number = next(self._numbers)
        self._connection.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            answer = json.loads(self._connection.recv(timeout=60))
            if answer.get("type") == "event":
                self._note(answer["params"])
            elif answer.get("id") == number:
                if answer["type"] == "error":
                    raise RuntimeError(f"{method}: {answer['error']}: {answer['message']}")
                return answer["result"]

    def _note(self, entry: Any) -> None:
        if entry.get("level") in ("error", "warn"):
            self.problems.append(f"{entry['level']}: {entry['text']}")

    def go(self, url: str) -> None:
        """Open a page and wait until it is loaded."""
        self.problems.clear()
        self.command("browsingContext.navigate", context=self._tab, url=url, wait="complete")

    @contextmanager
    def before_pages(self, script: str) -> Iterator[None]:
        """Run a script at the start of every page until the block ends."""
        added = self.command("script.addPreloadScript", functionDeclaration=f"() => {{ {script} }}")
        yield
        self.command("script.removePreloadScript", script=added["script"])

    def run(self, expression: str) -> Any:
        """Return the value of an expression in the page."""
        result = self.command(
            "script.evaluate",
            expression=f"Promise.resolve({expression}).then((value) => JSON.stringify(value) ?? 'null')",
            target={"context": self._tab},
            awaitPromise=True,
        )
        if result["type"] == "exception":
            raise RuntimeError(result["exceptionDetails"]["text"])
        return json.loads(result["result"]["value"])

    def click(self, selector: str) -> None:
        """Press the mouse button on an element, as a person would."""
        box = self.run(
            f"(document.querySelector({json.dumps(selector)}).scrollIntoView({{block: 'center'}}),"
            f" document.querySelector({json.dumps(selector)}).getBoundingClientRect())"
        )
        x, y = round(box["x"] + box["width"] / 2), round(box["y"] + box["height"] / 2)
        pointer = [
            {"type": "pointerMove", "x": x, "y": y},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        actions = [{"type": "pointer", "id": "mouse", "actions": pointer}]
        self.command("input.performActions", context=self._tab, actions=actions)

    def write(self, selector: str, text: str) -> None:
        """Click on a field and type, character by character."""
        self.click(selector)
        keys = [{"type": kind, "value": character} for character in text for kind in ("keyDown", "keyUp")]
        actions = [{"type": "key", "id": "keys", "actions": keys}]
        self.command("input.performActions", context=self._tab, actions=actions)

    def becomes(self, expression: str, seconds: float = 15) -> Any:
        """Wait until an expression in the page is true, and return it."""
        end_s = time.monotonic() + seconds
        while not (value := self.run(expression)):
            assert time.monotonic() < end_s, f"not within {seconds} s: {expression}; complaints: {self.problems}"
            time.sleep(0.05)
        return value


@contextmanager
def open_firefox(program: str) -> Iterator[Firefox]:
    """Run Firefox with a new profile until the block ends."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in _PREFERENCES.items()]
        Path(folder, "user.js").write_text("".join(lines), encoding="utf-8")
        log = Path(folder, "log")
        command = [program, "--headless", "--no-remote", "--remote-debugging-port=0", "--profile", folder]
        with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:
            try:
                with connect(f"{_address(process, log)}/session", max_size=None) as connection:
                    yield Firefox(connection)
            finally:
                process.terminate()
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()


def _address(process: subprocess.Popen[bytes], log: Path, seconds: float = 60) -> str:
    """Return where Firefox says that it listens."""
    end_s = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < end_s:
        found = re.search(r"WebDriver BiDi listening on (ws://\S+)", log.read_text(errors="replace"))
        if found:
            return found[1]
        time.sleep(0.1)
    raise RuntimeError("Firefox did not start:\n" + log.read_text(errors="replace"))
