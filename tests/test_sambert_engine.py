"""The engine for Sambert voices: what it streams equals the whole, on small voices with the real graphs."""

import json
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from structlog.testing import capture_logs

from tests.mandarin import read
from tests.sambert import session
from tests.server import ROOT
from tests.voices import EMOTIONS, PLAIN, SUNG
from tts.catalogue import Catalogue, open_catalogue
from tts.config import load
from tts.engines.sambert import open as open_engine
from tts.engines.sambert.engine import SambertEngine
from tts.engines.sambert.finish import Finish
from tts.engines.sambert.line import manner, tempo_for_pitch, write_line
from tts.engines.sambert.networks import open_acoustic, open_vocoder
from tts.engines.sambert.speaker import Speaker
from tts.engines.sambert.symbols import Symbols
from tts.engines.sambert.voice import read as read_manifest
from tts.engines.sambert.voice import sha256
from tts.errors import EngineFailed, UnknownVoice
from tts.service import Service
from tts.types import Controls, PcmChunk, Samples, Sentence, Syllable, Word

SHORT = read("你好。")
LONG = read("床前明月光疑是地上霜举头望明月低头思故乡白日依山尽黄河入海流")
TOLERANCE = 1e-4


@pytest.fixture(scope="module")
def engine(voices_dir: Path) -> Iterator[SambertEngine]:
    opened = open_engine(load({}, voices_dir=str(voices_dir)))
    yield opened
    opened.close()


def chunks(engine: SambertEngine, sentence: Sentence, controls: Controls, voice: str = PLAIN) -> Iterator[PcmChunk]:
    (speaker,) = [one for one in engine.voices if one.id == voice]
    return engine.speak(sentence, speaker, controls)


def sound(engine: SambertEngine, sentence: Sentence, controls: Controls, voice: str = PLAIN) -> Samples:
    return np.concatenate([chunk.samples for chunk in chunks(engine, sentence, controls, voice)])


def whole(voices_dir: Path, sentence: Sentence, controls: Controls, voice: str) -> Samples:
    """Return a sentence made by one call of each network."""
    folder = voices_dir / voice
    manifest, table = read_manifest(folder), Symbols()
    acoustic, vocoder = open_acoustic(folder, manifest, session), open_vocoder(folder, manifest, session)
    symbols = table.write(sentence, controls.emotion)
    spoken = manner(controls, manifest.rules)
    mel = acoustic.mel(acoustic.score(write_line(symbols, table, spoken, manifest.acoustic.f0)))
    faster = tempo_for_pitch(spoken, manifest.acoustic.f0)
    return Finish(manifest.sample_rate_hz, faster).feed(vocoder.feed(vocoder.begin(), mel, last=True), last=True)


@pytest.mark.parametrize("voice", [PLAIN, SUNG])
@pytest.mark.parametrize("sentence", [SHORT, LONG], ids=["short", "long"])
@pytest.mark.parametrize(
    "controls",
    [Controls(), Controls("happy", 60.0), Controls("sad", 125.0, 1.7, 2.0), Controls(speed=0.5, pitch_semitones=-5.0)],
    ids=["plain", "happy", "sad, fast and high", "slow and low"],
)
def test_streamed_is_whole(
    engine: SambertEngine, voices_dir: Path, voice: str, sentence: Sentence, controls: Controls
) -> None:
    made, wanted = sound(engine, sentence, controls, voice), whole(voices_dir, sentence, controls, voice)
    assert made.shape == wanted.shape
    assert np.abs(made - wanted).max() <= TOLERANCE
    assert np.abs(made).max() > 0.02


@dataclass
class Runs:
    """Makes sessions that note the names of the graphs that run."""

    names: list[str] = field(default_factory=list)

    def session(self, path: Path) -> Any:
        opened = session(path)
        run: Callable[..., Any] = opened.run

        def noted(*args: Any, **options: Any) -> Any:
            self.names.append(path.stem)
            return run(*args, **options)

        opened.run = noted
        return opened


@pytest.fixture
def runs() -> Runs:
    return Runs()


@pytest.fixture
def speaker(voices_dir: Path, runs: Runs) -> Speaker:
    folder = voices_dir / PLAIN
    opened = Speaker(folder, read_manifest(folder), Symbols(), runs.session)
    runs.names.clear()  # opening tries the vocoder
    return opened


def test_the_first_sound_leaves_before_the_last_decoder_step(speaker: Speaker, runs: Runs) -> None:
    stream = speaker.speak(LONG, Controls())
    first = next(stream)
    early = runs.names.copy()
    rest = list(stream)
    assert early.count("encode") == runs.names.count("encode") == 1
    assert early.count("vocode") == 1
    assert runs.names.count("step") > 5 * early.count("step")
    assert 50 <= len(first.samples) / 16 <= 100
    assert len(first.samples) < len(rest[0].samples) < len(rest[1].samples)


def test_the_first_sound_takes_no_more_steps_in_a_longer_sentence(speaker: Speaker, runs: Runs) -> None:
    counts = []
    for sentence in (read("床前明月光"), LONG):
        runs.names.clear()
        next(speaker.speak(sentence, Controls()))
        counts.append(runs.names.count("step"))
    assert counts[0] == counts[1]


def test_closing_stops_the_work_and_leaves_others_alone(speaker: Speaker, runs: Runs) -> None:
    given_up, other = speaker.speak(LONG, Controls("angry")), speaker.speak(LONG, Controls())
    assert isinstance(given_up, Generator)
    next(given_up)
    beginning = next(other)
    given_up.close()
    runs.names.clear()
    ending = [chunk.samples for chunk in other]
    assert runs.names.count("vocode") == len(ending)
    alone = np.concatenate([chunk.samples for chunk in speaker.speak(LONG, Controls())])
    assert np.abs(np.concatenate([beginning.samples, *ending]) - alone).max() <= TOLERANCE


def test_many_threads_interleave(engine: SambertEngine) -> None:
    asked = [(LONG, Controls(emotion, speed=speed)) for emotion in EMOTIONS for speed in (0.8, 1.5)]
    alone = [sound(engine, *one) for one in asked]
    together: list[Samples] = [np.zeros(0, np.float32)] * len(asked)
    start = threading.Barrier(len(asked))

    def speak(at: int) -> None:
        start.wait()
        together[at] = sound(engine, *asked[at])

    threads = [threading.Thread(target=speak, args=(at,)) for at in range(len(asked))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for made, wanted in zip(together, alone, strict=True):
        assert made.shape == wanted.shape
        assert np.abs(made - wanted).max() <= TOLERANCE


def test_a_sentence_without_words_has_no_sound(engine: SambertEngine) -> None:
    assert list(chunks(engine, Sentence("…", 0, "zh"), Controls())) == []


def test_what_has_no_symbols_is_named(engine: SambertEngine) -> None:
    sentence = Sentence("龘", 0, "zh", words=(Word((Syllable(0, 1, "hng1"),), 4),))
    with pytest.raises(EngineFailed, match="mini cannot speak '龘': hng is no syllable"):
        list(chunks(engine, sentence, Controls()))


def test_a_folder_without_voices_needs_no_onnxruntime(tmp_path: Path) -> None:
    program = (
        "import sys; from tts.config import load; from tts.engines.sambert import open\n"
        f"print(list(open(load({{}}, voices_dir={str(tmp_path)!r})).voices), 'onnxruntime' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout == "[] False\n"


def test_providers_that_are_not_there_are_named_with_those_that_are(voices_dir: Path) -> None:
    settings = load({"TTS_ORT_PROVIDERS": "CPUExecutionProvider,TensorrtExecutionProvider"}, voices_dir=str(voices_dir))
    available = ", ".join(onnxruntime.get_available_providers())
    wanted = f"TTS_ORT_PROVIDERS: TensorrtExecutionProvider is not available here; available: {available}"
    with pytest.raises(ValueError, match=wanted):
        open_engine(settings)
    with pytest.raises(ValueError, match="TTS_ORT_PROVIDERS: names no provider; available: "):
        open_engine(load({}, voices_dir=str(voices_dir), ort_providers=()))


@pytest.mark.filterwarnings("ignore:Specified provider")
def test_a_provider_that_cannot_start_is_named(voices_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Built in, but without its libraries: onnxruntime itself goes on without it and says nothing."""
    there = [*onnxruntime.get_available_providers(), "CUDAExecutionProvider"]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: there)
    providers = ("CUDAExecutionProvider", "CPUExecutionProvider")
    with pytest.raises(ValueError, match="TTS_ORT_PROVIDERS: CUDAExecutionProvider cannot start here"):
        open_engine(load({}, voices_dir=str(voices_dir), ort_providers=providers))


def damage(folder: Path, how: str) -> None:
    """Spoil a voice's folder."""
    manifest, step = folder / "voice.json", folder / "step.onnx"
    if how == "cut":
        step.write_bytes(b"cut short")
    elif how == "missing":
        step.unlink()
    elif how == "manifest":
        manifest.write_text("{")
    else:  # whole files of another kind: no graph at all, or another one
        step.write_bytes(b"no graph" if how == "no graph" else (folder / "refine.onnx").read_bytes())
        content = json.loads(manifest.read_text())
        content["files"]["step.onnx"] = sha256(step)
        manifest.write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("cut", r"spoilt/step\.onnx is not the file .*; import the voice again, or take"),
        ("missing", r"spoilt/step\.onnx is missing; import the voice again"),
        ("manifest", r"spoilt/voice\.json cannot be read"),
        ("no graph", r"spoilt/step\.onnx cannot be loaded: .*; import the voice again"),
        ("another graph", "the graphs in .*/spoilt are not those of a voice: 'memory' is missing"),
    ],
)
def test_a_damaged_voice_is_left_out_and_the_others_speak(
    how: str, reason: str, voices_dir: Path, tmp_path: Path
) -> None:
    shutil.copytree(voices_dir / PLAIN, tmp_path / "spoilt")
    manifest = tmp_path / "spoilt" / "voice.json"
    manifest.write_text(manifest.read_text().replace(f'"id": "{PLAIN}"', '"id": "spoilt"'))
    shutil.copytree(voices_dir / PLAIN, tmp_path / PLAIN)
    damage(tmp_path / "spoilt", how)
    settings = load({}, voices_dir=str(tmp_path), engines=("sambert",))
    with closing(open_engine(settings)) as opened:
        assert [voice.id for voice in opened.voices] == [PLAIN]
        assert list(opened.damaged) == ["spoilt"]
        assert re.search(reason, opened.damaged["spoilt"])
        assert sound(opened, SHORT, Controls()).size
    with capture_logs() as logged, closing(Service(settings)) as service:
        assert service.catalogue.default.id == PLAIN
        with pytest.raises(UnknownVoice, match=f"voice: spoilt is damaged; choices: {PLAIN}"):
            service.catalogue.voice("spoilt")
    told = [(event["event"], event["voice"]) for event in logged if event["log_level"] == "warning"]
    assert told == [("damaged voice left out", "spoilt")]
    with pytest.raises(ValueError, match=f"TTS_DEFAULT_VOICE: spoilt is damaged: .*{reason}"):
        open_catalogue(replace(settings, default_voice="spoilt"))
    shutil.rmtree(tmp_path / PLAIN)
    with pytest.raises(ValueError, match=f"TTS_ENGINES: no voice in sambert; .*{reason}"):
        open_catalogue(settings)


def test_a_warm_up_speaks_once_with_each_voice(voices_dir: Path, runs: Runs) -> None:
    folders = [voices_dir / name for name in (PLAIN, SUNG)]
    speakers = {folder.name: Speaker(folder, read_manifest(folder), Symbols(), runs.session) for folder in folders}
    catalogue = Catalogue({"sambert": SambertEngine(speakers, {})}, PLAIN)
    with closing(Service(load({}), catalogue)) as service:
        service.warm()
    assert runs.names.count("encode") == len(speakers)


def test_a_voice_that_cannot_speak_stops_no_server(voices_dir: Path) -> None:
    def broken(path: Path) -> Any:
        opened = session(path)
        if path.stem == "encode":
            opened.run = lambda names, given: [np.full(len(given["ids"]), np.nan, np.float32)] * len(names)
        return opened

    folders = [(voices_dir / PLAIN, session), (voices_dir / SUNG, broken)]
    speakers = {folder.name: Speaker(folder, read_manifest(folder), Symbols(), with_) for folder, with_ in folders}
    engine = SambertEngine(speakers, {})
    with capture_logs() as logged, closing(Service(load({}), Catalogue({"sambert": engine}, PLAIN))) as service:
        service.warm()
    reason = "mini_sung is damaged, or was trained badly: a symbol would last more than 400 frames"
    assert [(event["voice"], event["reason"]) for event in logged] == [(SUNG, reason)]
    with pytest.raises(EngineFailed, match=reason):
        next(speakers[SUNG].speak(SHORT, Controls()))


def test_a_file_that_is_no_graph_is_told_in_a_sentence(tmp_path: Path) -> None:
    from tts.engines.sambert.sessions import opener

    (tmp_path / "step.onnx").write_bytes(b"no graph")
    with pytest.raises(EngineFailed, match=r"step\.onnx cannot be loaded: .*; import the voice again"):
        opener(["CPUExecutionProvider"])(tmp_path / "step.onnx")
