"""Tests of the command `import`, on copies of the tiny published model."""

import os
import socket
import ssl
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import URLError
from zipfile import ZipFile, ZipInfo

import numpy as np
import pytest
import torch

from tests.hub import MODEL_ID, hub
from tests.models import MODEL, VOICE, Model, acoustic, generator
from tests.server import ROOT
from training import download, export_acoustic, export_vocoder, voice_folder
from training.checkpoints import custom_paths
from training.networks.hifigan import Generator
from training.networks.sambert import Sambert
from tts.__main__ import main
from tts.engines.sambert import voice

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def model(tmp_path: Path) -> Model:
    """Return a copy of the tiny model with one voice."""
    return Model(tmp_path / "model", VOICE)


@pytest.fixture
def voices(tmp_path: Path) -> Path:
    """Return a place for imported voices, which does not exist yet."""
    return tmp_path / "voices"


def run(source: Path | str, voices: Path, *more: str) -> int:
    return main(["import", str(source), "--voices-dir", str(voices), *more])


def content(voices: Path) -> dict[str, bytes]:
    return {path.relative_to(voices).as_posix(): path.read_bytes() for path in voices.rglob("*") if path.is_file()}


def test_every_voice_of_a_model_is_imported(voices: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(MODEL, voices, "--emotions", "happy,sad") == 0
    told = capsys.readouterr().out.splitlines()
    assert [line.partition(";")[0] for line in told[1::2]] == [
        f"{voices / 'tiny_emo'}: neutral, happy, sad",
        f"{voices / 'tiny_causal'}: neutral, happy, sad",
    ]
    assert [folder.name for folder in sorted(voices.iterdir())] == ["tiny_causal", "tiny_emo"]
    imported = voice.read(voices / "tiny_emo")
    assert voice.faults(voices / "tiny_emo", imported) == []
    assert (imported.sample_rate_hz, imported.hop, imported.mels, imported.speaker) == (16000, 200, 80, "F7")
    assert imported.emotions == {"neutral": "中性", "happy": "高兴", "sad": "悲伤"}
    assert imported.vocoder == voice.VocoderFacts(causal=False, lookahead_frames=18, nsf=None)
    assert voice.read(voices / "tiny_causal").vocoder == voice.VocoderFacts(True, 0, None)
    assert set(imported.files) == set(voice.GRAPHS)


def test_importing_again_needs_force(model: Model, voices: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(model.folder, voices) == 0
    first = content(voices)
    assert f"\n{voices / VOICE}: neutral; " in capsys.readouterr().out

    assert run(model.home, voices) == 0  # the same, though it was found in another place
    assert capsys.readouterr().out.endswith(f"\n{voices / VOICE} is there already, and the same\n")
    assert content(voices) == first

    assert run(model.folder, voices, "--emotions", "sad") == 1
    assert capsys.readouterr().err == (
        f"shengliu: {voices / VOICE} is there already, and another one; --force replaces it\n"
    )
    assert content(voices) == first

    assert run(model.folder, voices, "--emotions", "sad", "--force") == 0
    assert list(voice.read(voices / VOICE).emotions) == ["neutral", "sad"]
    assert [path.name for path in voices.iterdir()] == [VOICE]


def test_a_damaged_voice_is_imported_anew(model: Model, voices: Path) -> None:
    assert run(model.folder, voices) == 0
    first = content(voices)
    (voices / VOICE / "step.onnx").unlink()
    assert run(model.folder, voices) == 0
    assert content(voices) == first


def test_only_the_voice_asked_for_is_imported(voices: Path) -> None:
    assert run(MODEL, voices, "--voice", "tiny_causal") == 0
    assert [path.name for path in voices.iterdir()] == ["tiny_causal"]


def test_a_published_voice_brings_what_is_known_of_it(model: Model, voices: Path) -> None:
    """Its emotions are those it was trained with, its licence the one in the head of its page."""
    model.home.rename(model.home.with_name("zhizhe_emo"))
    model.list("zhizhe_emo")
    (model.folder / "README.md").write_text("---\ntasks: [tts]\nlicense: Apache License 2.0\n---\n# Voice\n", "utf-8")
    assert run(model.folder, voices) == 0
    imported = voice.read(voices / "zhizhe_emo")
    assert list(imported.emotions) == ["neutral", "happy", "angry", "sad", "fear", "calm", "serious"]
    assert (imported.sex, imported.licence) == ("male", "Apache License 2.0")
    assert "DAMO" in imported.attribution


@pytest.mark.parametrize("page", [None, "# Voice", "---\nlicense:\n---\n", "---\n[\n---\n", "a --- b: 1 --- c"])
def test_a_licence_that_is_not_stated_is_not_made_up(page: str | None, tmp_path: Path) -> None:
    from training.licences import NOT_STATED, licence_of

    if page is not None:
        (tmp_path / "README.md").write_text(page, encoding="utf-8")
    assert licence_of(tmp_path) == NOT_STATED


def test_a_voice_with_a_harmonic_source_and_a_speaker_vector(model: Model, voices: Path) -> None:
    model.add_source()
    model.edit("am/config.yaml", lambda document: acoustic(document).update(SE=True))
    model.retrain("am", lambda state: state.pop("spk_tokenizer.weight"))
    np.save(model.home / "am" / "se.npy", np.linspace(-1, 1, 8))
    assert run(model.folder, voices, "--emotions", "happy", "--sex", "male") == 0
    imported = voice.read(voices / VOICE)
    assert (imported.mels, imported.sex) == (82, "male")
    assert imported.acoustic.f0 == voice.F0Scale(210, 40)
    assert imported.vocoder.nsf == voice.NsfFacts(7)


def test_the_range_of_f0_may_be_that_of_all_voices(model: Model, voices: Path) -> None:
    model.add_source()
    model.edit("am/config.yaml", lambda document: acoustic(document).update(nsf_norm_type="global"))
    assert run(model.folder, voices) == 0
    assert voice.read(voices / VOICE).acoustic.f0 == voice.F0Scale(30, 700)


def louder(network: Sambert) -> None:
    network.mel_postnet.fc.bias.add_(0.01)


def slower(network: Sambert) -> None:
    network.variance_adaptor.duration_predictor.fc.bias.add_(0.5)


@pytest.mark.parametrize(
    ("change", "message"), [(louder, "the mel frames differ"), (slower, "the durations of encode")]
)
def test_acoustic_graphs_that_differ_are_refused(
    change: Callable[[Sambert], None],
    message: str,
    model: Model,
    voices: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    honest = export_acoustic.export_acoustic

    @torch.no_grad()
    def export(network: Sambert, folder: Path) -> dict[str, int]:
        sizes = honest(network, folder)
        change(network)
        return sizes

    monkeypatch.setattr(voice_folder, "export_acoustic", export)
    assert run(model.folder, voices) == 1
    assert message in capsys.readouterr().err
    assert list(voices.iterdir()) == []


def test_a_vocoder_that_differs_is_refused(
    model: Model, voices: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    honest = export_vocoder.export

    @torch.no_grad()
    def export(network: Generator, folder: Path) -> Path:
        path = honest(network, folder)
        network.get_parameter("conv_post.conv1d.bias").add_(0.01)
        return path

    monkeypatch.setattr(voice_folder, "export_vocoder", export)
    assert run(model.folder, voices) == 1
    assert "neutral: the samples differ from those of the network by 0.01" in capsys.readouterr().err
    assert list(voices.iterdir()) == []


@pytest.mark.parametrize("step", ["export_acoustic", "export_vocoder", "verify"])
def test_an_interrupted_import_leaves_the_voice_that_was_there(
    step: str, model: Model, voices: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (voices / VOICE).mkdir(parents=True)
    (voices / VOICE / "old").touch()

    def interrupt(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(voice_folder, step, interrupt)
    assert run(model.folder, voices, "--force") == 1
    assert "interrupted" in capsys.readouterr().err
    assert list(content(voices)) == [f"{VOICE}/old"]
    assert [path.name for path in voices.iterdir()] == [VOICE]


def test_what_a_killed_import_left_is_cleared(model: Model, voices: Path) -> None:
    left = voices / f".{VOICE}.half-made"
    left.mkdir(parents=True)
    (left / "vocode.int8.onnx").touch()
    assert voice.find(voices) == []
    assert run(model.folder, voices) == 0
    assert [path.name for path in voices.iterdir()] == [VOICE]
    assert set(voice.read(voices / VOICE).files) == set(voice.GRAPHS)


@pytest.mark.parametrize(
    ("source", "more", "message"),
    [
        ("./no/where", (), "'./no/where' is neither a folder nor"),
        ("nowhere", (), "'nowhere' is neither a folder nor a ModelScope id such as owner/name"),
        (MODEL, ("--voice", "nobody"), "has no voice 'nobody'; it has tiny_emo, tiny_causal"),
        (MODEL, ("--emotions", "happy,hungry"), "no emotion is called 'hungry'; there are angry, "),
        (MODEL, ("--emotions", "none"), "no emotion is called 'none'"),
        (ROOT / "docs", (), "voices.json is missing"),
    ],
)
def test_mistakes_are_one_sentence(
    source: Path | str, more: tuple[str, ...], message: str, voices: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(source, voices, *more) == 1
    told = capsys.readouterr().err
    assert message in told
    assert told.count("\n") == 1
    assert not voices.exists()


@pytest.mark.parametrize(
    ("part", "change", "message"),
    [
        ("am", lambda state: state.pop("mel_decoder.mel_dec.ln.bias"), "mel_decoder.mel_dec.ln.bias"),
        ("voc", lambda state: state.pop("conv_post.conv1d.bias"), "conv_post.conv1d.bias"),
        ("voc", lambda state: state.update(extra=torch.ones(1)), "extra"),
    ],
)
def test_tensors_that_are_missing_or_too_many(
    part: str,
    change: Callable[[dict[str, Any]], object],
    message: str,
    model: Model,
    voices: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    model.retrain(part, change)
    assert run(model.folder, voices) == 1
    told = capsys.readouterr().err
    assert message in told
    assert told.count("\n") == 1
    assert not voices.exists()


@pytest.mark.parametrize("bias", [7.0, 40.0, float("nan")])
def test_a_model_whose_durations_never_end_is_refused(
    bias: float, model: Model, voices: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bias of 7 makes every symbol 1100 times as long; e to the 40th frames do not fit into a whole number."""
    name = "variance_adaptor.duration_predictor.fc.bias"
    model.retrain("am", lambda state: state.update({name: state[name] + bias}))
    assert run(model.folder, voices) == 1
    reason = "tiny_emo is damaged, or was trained badly: a symbol would last more than 400 frames"
    assert capsys.readouterr().err == f"shengliu: {reason}\n"
    assert list(voices.iterdir()) == []


def test_a_configuration_that_contradicts_its_tensors(
    model: Model, voices: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model.edit("voc/config.yaml", lambda document: generator(document).update(upsample_kernal_sizes=[20, 13, 4, 4]))
    assert run(model.folder, voices) == 1
    assert "(20, 11, 4, 4)" in capsys.readouterr().err


def test_a_configuration_whose_lists_hold_something_else(
    model: Model, voices: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model.edit("voc/config.yaml", lambda document: generator(document).update(resblock_dilations=["a", "b", "c"]))
    assert run(model.folder, voices) == 1
    told = capsys.readouterr().err
    assert f"shengliu: {VOICE} does not fit the networks: " in told
    assert told.count("\n") == 1


# voices.zip


@pytest.mark.parametrize("top", ["voices/", ""])
def test_voices_that_come_packed_are_unpacked(top: str, model: Model, voices: Path) -> None:
    """With or without the folder `voices` in the archive; the model's own folder stays as it is."""
    pack(model, top)
    before = content(model.folder)
    assert run(model.folder, voices) == 0
    assert [path.name for path in voices.iterdir()] == [VOICE]
    assert content(model.folder) == before


def pack(model: Model, top: str = "voices/") -> None:
    folder = model.folder / "voices"
    with ZipFile(model.folder / "voices.zip", "w") as packed:
        for path in sorted(folder.rglob("*")):
            packed.write(path, top + path.relative_to(folder).as_posix())
    folder.rename(model.folder.parent / "unpacked")


def link(name: str) -> ZipInfo:
    info = ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


@pytest.mark.parametrize(
    "member",
    ["../out", "/out", "voices/../../out", "..\\out", "C:/out", link("voices/out")],
    ids=["up", "root", "through", "backslash", "drive", "link"],
)
def test_an_archive_that_leads_out_of_its_folder_is_refused(
    member: str | ZipInfo, model: Model, voices: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pack(model)
    with ZipFile(model.folder / "voices.zip", "a") as packed:
        packed.writestr(member, "/etc/passwd")
    assert run(model.folder, voices) == 1
    assert "in it leads out of the folder" in capsys.readouterr().err
    assert not voices.exists()


def test_a_broken_archive_is_named(model: Model, voices: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pack(model)
    (model.folder / "voices.zip").write_bytes(b"PK cut off")
    assert run(model.folder, voices) == 1
    assert "voices.zip is broken" in capsys.readouterr().err


def test_an_archive_that_would_fill_the_disk_is_refused(
    model: Model, voices: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pack(model)
    monkeypatch.setattr("training.unpack.MOST_BYTES", 1 << 20)
    assert run(model.folder, voices) == 1
    assert "would be larger than" in capsys.readouterr().err


# ModelScope


def command(tmp_path: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the command as people do; nothing of ModelScope's own on this machine is read or written."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("TTS_", "MODELSCOPE_"))}
    env |= {"MODELSCOPE_HOME": str(tmp_path / "home"), "MODELSCOPE_CACHE": str(tmp_path / "cache"), **environ}
    line = [sys.executable, "-m", "tts", "import", *arguments]
    return subprocess.run(line, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)


def test_only_what_is_needed_is_downloaded_and_once(model: Model, voices: Path, tmp_path: Path) -> None:
    (model.folder / "resource.zip").write_bytes(b"the data of another front end")
    (model.folder / "sample.wav").write_bytes(b"RIFF")
    (model.folder / "README.md").write_text("---\nlicense: MIT\n---\n", encoding="utf-8")
    cache = str(tmp_path / "kept")
    with hub(model.folder) as serving:
        arguments = (MODEL_ID, "--voices-dir", str(voices), "--cache", cache)
        serving.answers = 3
        failed = command(tmp_path, *arguments, MODELSCOPE_ENDPOINT=serving.site)
        assert len(serving.fetched) == 3
        serving.answers = 99
        first = command(tmp_path, *arguments, MODELSCOPE_ENDPOINT=serving.site)
        unknown = command(tmp_path, "no/body", MODELSCOPE_ENDPOINT=serving.site)
    assert failed.returncode == 1
    assert f"shengliu: {MODEL_ID} cannot be downloaded" in failed.stderr
    assert first.returncode == 0, first.stderr
    needed = {name for name in content(model.folder) if name not in {"resource.zip", "sample.wav"}}
    assert sorted(serving.fetched) == sorted(needed)
    assert voice.read(voices / VOICE).source == MODEL_ID
    assert voice.read(voices / VOICE).licence == "MIT"
    assert unknown.stderr == f"shengliu: {serving.site} has no model no/body\n"


def test_the_files_of_a_fine_tuned_voice_are_downloaded(model: Model, voices: Path, tmp_path: Path) -> None:
    """They lie where its configuration says."""
    model.home.rename(model.folder / "mine")
    files = {"am_config": "am/config.yaml", "am_ckpt": "am/ckpt", "voc_config": "voc/config.yaml"}
    files |= {"voc_ckpt": "voc/ckpt/checkpoint_0.pth", "audio_config": "audio_config.yaml"}
    model.configure(custom_ckpt={"voice_name": "me", **{key: f"mine/{path}" for key, path in files.items()}})
    with hub(model.folder) as serving:
        done = command(tmp_path, MODEL_ID, "--voices-dir", str(voices), MODELSCOPE_ENDPOINT=serving.site)
    assert done.returncode == 0, done.stderr
    assert voice.read(voices / "me").source == MODEL_ID


def test_paths_of_a_fine_tuned_voice_that_lie_elsewhere_are_not_downloaded(model: Model) -> None:
    model.configure(custom_ckpt={"voice_name": "me", "am_config": "mine/config.yaml", "voc_ckpt": "/elsewhere"})
    assert custom_paths(model.folder) == ["mine/config.yaml"]


def test_without_a_network_one_sentence_is_said(voices: Path, tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        site = f"http://127.0.0.1:{closed.getsockname()[1]}"
        failed = command(tmp_path, "iic/some", "--voices-dir", str(voices), MODELSCOPE_ENDPOINT=site)
    assert failed.returncode == 1
    assert failed.stderr == f"shengliu: {site} cannot be reached; if you have the model's folder, import that\n"
    assert failed.stdout == ""


def test_a_network_that_swallows_everything_is_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "REACH_S", 0.2)
    monkeypatch.setenv("MODELSCOPE_LOG_LEVEL", "50")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("MODELSCOPE_ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(download.DownloadFailed, match="cannot be reached"):
            download.download("iic/some")


def test_a_site_with_a_certificate_of_its_own_is_reachable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Python without the system's certificates trusts nobody, but the package that downloads brings its own."""

    def refuse(*_arguments: object, **_named: object) -> None:
        raise URLError(ssl.SSLCertVerificationError("unable to get local issuer certificate"))

    monkeypatch.setattr("urllib.request.urlopen", refuse)
    assert download.reachable("https://example.org")


def test_a_place_that_cannot_be_written_is_named(
    model: Model, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert run(model.folder, tmp_path / "file" / "voices") == 1
    assert "shengliu: the voice cannot be written: " in capsys.readouterr().err


@pytest.mark.parametrize("package", ["torch", "onnx", "yaml"])
def test_what_to_install_is_said(package: str, tmp_path: Path) -> None:
    code = f"import sys; sys.modules['{package}'] = None; from tts.__main__ import main; sys.exit(main(sys.argv[1:]))"
    line = [sys.executable, "-c", code, "import", str(MODEL), "--voices-dir", str(tmp_path)]
    failed = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert failed.returncode == 1
    assert failed.stderr == (
        f"shengliu: importing voices needs {package}; pip install -r requirements.txt, or 'shengliu[train]'\n"
    )


def test_the_installed_package_says_where_importing_is(tmp_path: Path) -> None:
    (tmp_path / "tts").symlink_to(ROOT / "tts")
    line = [sys.executable, "-m", "tts", "import", str(MODEL)]
    failed = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert failed.returncode == 1
    assert failed.stderr.startswith("shengliu: voices are imported from a checkout of Shengliu")
