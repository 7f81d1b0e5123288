"""Downloads a model from ModelScope: the files that an import needs, and no others."""

import logging
import os
import re
import ssl
import threading
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.error import HTTPError, URLError

from training.checkpoints import custom_paths

#: What an import reads. `resource.zip`, the largest file, is the data of a closed front end that we do not use.
NEEDED = ("configuration.json", "README.md", "LICENSE*", "voices.zip", "voices/*")
NEVER = ("resource.zip", "resource/*")
REACH_S = 15.0

_ID = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*")
_SITE = "https://modelscope.cn"


class DownloadFailed(ValueError):
    """A model cannot be had from ModelScope; the message says why."""


def is_id(source: str) -> bool:
    """Return whether a text has the form of a ModelScope id, `owner/name`."""
    return _ID.fullmatch(source) is not None


def download(model_id: str, cache: Path | None = None) -> Path:
    """Return the folder with a model's files, downloading those that are not there yet.

    A download that was interrupted goes on where it stopped. The files stay in `cache`, or where ModelScope's own
    programs keep theirs. Raises `DownloadFailed`.
    """
    snapshot = _quiet_snapshot()
    site = os.environ.get("MODELSCOPE_ENDPOINT") or _SITE
    if not reachable(site):
        raise DownloadFailed(f"{site} cannot be reached; if you have the model's folder, import that")
    try:
        folder = Path(snapshot(model_id, cache_dir=cache, allow_patterns=[*NEEDED], ignore_patterns=[*NEVER]))
        if elsewhere := custom_paths(folder):
            snapshot(
                model_id,
                cache_dir=cache,
                allow_patterns=[p for path in elsewhere for p in (path, f"{path}/*")],
                ignore_patterns=[*NEVER],
            )
    except Exception as error:  # its errors have no common kind that is documented
        raise DownloadFailed(_why(model_id, site, error)) from None
    return folder


def _quiet_snapshot() -> Callable[..., str]:
    """Return the package's function, whose log is silent: what goes wrong is said once, by us."""
    os.environ["MODELSCOPE_LOG_LEVEL"] = str(logging.CRITICAL)  # read when the package is imported
    from modelscope import snapshot_download  # type: ignore[import-untyped]  # it comes without type hints

    for name in ("modelscope", "modelscope_hub"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    function: Callable[..., str] = snapshot_download
    return function


def reachable(site: str) -> bool:
    """Return whether a site answers at all, through a proxy where one is set, within `REACH_S`.

    The package itself tries for minutes. Finding an address has no time limit of its own, hence the thread.
    """
    answered = threading.Event()

    def ask() -> None:
        try:
            with urllib.request.urlopen(site, timeout=REACH_S):  # noqa: S310  # the operator's own setting
                answered.set()
        except URLError as error:
            # A site that refuses does answer; and the package that downloads brings certificates of its own.
            if isinstance(error, HTTPError) or isinstance(error.reason, ssl.SSLError):
                answered.set()
        except (OSError, ValueError):
            pass

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(REACH_S)
    return answered.is_set()


def _why(model_id: str, site: str, error: Exception) -> str:
    if "HTTP 404" in str(error) and "/repo/files" in str(error):  # it cannot even be listed
        return f"{site} has no model {model_id}"
    reason = str(error).strip().partition("\n")[0] or type(error).__name__
    return f"{model_id} cannot be downloaded: {reason}; what is there already is kept, so try again"
