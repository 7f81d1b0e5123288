"""Holds what a `voice.json` says of the voice's graphs against the graphs themselves."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any, Final

import numpy as np
from onnxruntime import InferenceSession

from tts.engines.sambert.vocoder import Vocoder
from tts.engines.sambert.voice import BrokenVoice, Manifest

Shapes = Mapping[str, Sequence[int]]
#: Fields of `voice.json`, and what a graph says in their place.
Told = Iterator[tuple[str, Any]]


def agreeing(manifest: Manifest, session: Callable[[Path], InferenceSession]) -> Callable[[Path], InferenceSession]:
    """Return what opens a graph of the voice; it raises `BrokenVoice` where its shapes contradict the manifest."""

    def open_session(path: Path) -> InferenceSession:
        opened, graph = session(path), path.name.partition(".")[0]
        if graph in _TOLD:
            for field, told in _TOLD[graph](_shapes(opened)):
                _agree(manifest, field, told, graph)
        return opened

    return open_session


def try_vocoder(manifest: Manifest, vocoder: Vocoder) -> None:
    """Raise `BrokenVoice` where sound comes in other lengths, or later, than the manifest says."""
    _agree(manifest, "hop", _samples(manifest, "hop", vocoder, 1, last=True), "vocode")
    ahead, enough = "vocoder.lookahead_frames", manifest.vocoder.lookahead_frames + 1
    made = _samples(manifest, ahead, vocoder, enough, last=False) // manifest.hop
    _agree(manifest, ahead, enough - made, "vocode")


def _samples(manifest: Manifest, field: str, vocoder: Vocoder, frames: int, last: bool) -> int:
    try:
        return len(vocoder.feed(vocoder.begin(), np.zeros((frames, manifest.mels), np.float32), last))
    except Exception as error:  # each kind that onnxruntime raises is a class of its own
        reason = str(error).partition("\n")[0]
        raise _broken(manifest, field, f"with which the graph vocode does not run: {reason}") from error


def _agree(manifest: Manifest, field: str, told: Any, graph: str) -> None:
    if _said(manifest, field) != told:
        raise _broken(manifest, field, f"but {json.dumps(told)} in the graph {graph}")


def _broken(manifest: Manifest, field: str, why: str) -> BrokenVoice:
    return BrokenVoice(f"{manifest.id}: {field} is {json.dumps(_said(manifest, field))} in voice.json, {why}")


def _said(manifest: Manifest, field: str) -> Any:
    return reduce(getitem, field.split("."), asdict(manifest))


def _shapes(session: InferenceSession) -> Shapes:
    """Return the shapes of what goes in and out, with 0 for what is not fixed."""
    puts = (*session.get_inputs(), *session.get_outputs())
    return {put.name: [size if isinstance(size, int) else 0 for size in put.shape] for put in puts}


def _step(shapes: Shapes) -> Told:
    yield "acoustic.d_mem", shapes["memory"][-1]
    yield "mels", shapes["frame"][-1]
    yield "acoustic.outputs_per_step", shapes["frames"][-1] // shapes["frame"][-1]


def _refine(shapes: Shapes) -> Told:
    yield "mels", shapes["frames"][-1]
    yield "acoustic.refine_lookahead_frames", shapes["frame"][0]


def _vocode(shapes: Shapes) -> Told:
    waves = shapes.get("waves")
    yield "vocoder.nsf", {"harmonics": waves[-1] - 1} if waves else None
    yield "mels", shapes["mel"][-1] + (2 if waves else 0)


_TOLD: Final[Mapping[str, Callable[[Shapes], Told]]] = {"step": _step, "refine": _refine, "vocode": _vocode}
