"""Logs of the server: whole lines, from greenlets and native threads at once."""

import json
import subprocess
import sys

from tests.server import ROOT

#: A thread that hung would never end; these are done in a fraction of a second.
_LONGEST_S = 20

_PROGRAM = """
from tts.workers import Workers, patch
patch()
import gevent, structlog
from tts.config import load
from tts.logs import configure

configure(load({}, log_format="json"))
log = structlog.get_logger()

def tell(who):
    for number in range(300):
        log.warning("told\\nin two lines", who=who, number=number, text="长" * 100)

def tell_in_turns(who):
    for number in range(300):
        log.error("told\\nin two lines", who=who, number=number, text="长" * 100)
        gevent.sleep(0)

workers = Workers(4)
telling = [gevent.spawn(workers.run, tell, who) for who in range(4)]
telling += [gevent.spawn(tell_in_turns, who) for who in range(4, 8)]
gevent.joinall(telling, raise_error=True)
"""


def test_native_threads_and_greenlets_log_at_once() -> None:
    """The lock of structlog's loggers, made cooperative by gevent, hung two native threads on each other for ever."""
    ran = subprocess.run(
        [sys.executable, "-c", _PROGRAM], cwd=ROOT, capture_output=True, text=True, timeout=_LONGEST_S, check=True
    )
    told = [json.loads(line) for line in ran.stderr.splitlines()]
    assert sorted((line["who"], line["number"]) for line in told) == [(who, n) for who in range(8) for n in range(300)]
    assert {(line["event"], line["text"]) for line in told} == {("told\nin two lines", "长" * 100)}
