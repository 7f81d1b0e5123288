"""Makes the sessions that run a voice's graphs, all in the same way."""

from collections.abc import Callable, Sequence
from pathlib import Path

import onnxruntime

from tts.errors import EngineFailed


def opener(providers: Sequence[str]) -> Callable[[Path], onnxruntime.InferenceSession]:
    """Return what makes a session of an `.onnx` file on the first of the providers that can run a node.

    Raises `ValueError` with a sentence for the operator when a provider is not there; so does the session when one
    cannot start, as CUDA's without its libraries. The session raises `EngineFailed` for a file that is no graph.
    """
    available = onnxruntime.get_available_providers()
    missing = [name for name in providers if name not in available]
    if missing or not providers:
        wanted = f"{', '.join(missing)} is not available here" if missing else "names no provider"
        raise ValueError(f"TTS_ORT_PROVIDERS: {wanted}; available: {', '.join(available)}")

    def open_session(path: Path) -> onnxruntime.InferenceSession:
        try:
            session = onnxruntime.InferenceSession(str(path), _options(), providers=list(providers))
        except Exception as error:  # each kind that it raises is a class of its own
            reason = str(error).splitlines()[0]
            raise EngineFailed(f"{path} cannot be loaded: {reason}; import the voice again") from error
        # One that is built in but cannot start is left out by onnxruntime, and the next one runs all of it.
        if idle := [name for name in providers if name not in session.get_providers()]:
            raise ValueError(f"TTS_ORT_PROVIDERS: {', '.join(idle)} cannot start here; its libraries may be missing")
        return session

    return open_session


def _options() -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    # Streams are what runs side by side here: threads inside a graph would only take the cores from each other.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return options
