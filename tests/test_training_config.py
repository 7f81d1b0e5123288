"""The file of an experiment is strict: what it does not understand it names."""

from pathlib import Path

import pytest

from training.config import BadConfig, Config, build, load

EXPERIMENTS = Path(__file__).resolve().parents[1] / "training" / "experiments"
RECORDINGS = {"audio": "a.tar", "table": "a.tsv", "kind": "word", "speaker": "yue"}
LEAST = {"name": "tiny", "voice": "yue", "recordings": [RECORDINGS]}


@pytest.mark.parametrize("path", sorted(EXPERIMENTS.glob("*.toml")), ids=lambda path: path.stem)
def test_the_experiments_here_can_be_read(path: Path) -> None:
    assert load(path).name == path.stem


def test_what_is_left_out_has_its_default() -> None:
    config = build(Config, LEAST, "here")
    assert config.recordings[0].audio == Path("a.tar")
    assert config.folder == Path("training/work/tiny")
    assert config.splices.tempo == 0.70


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"nmae": "x"}, "here: unknown nmae; the keys are name, voice"),
        ({"sound": {"margin": 3}}, "here: sound: unknown margin; the keys are margin_ms"),
        (
            {"recordings": [RECORDINGS, RECORDINGS | {"kind": "song"}]},
            "here: recordings[1]: kind: 'song' is no word or",
        ),
        ({"recordings": [{"audio": "a.tar"}]}, "here: recordings[0]: table is missing"),
        ({"seed": "one"}, "here: seed: 'one' is no int"),
        ({"seed": True}, "here: seed: True is no int"),
        ({"splices": {"tempo": "fast"}}, "here: splices: tempo: 'fast' is no float"),
        ({"recordings": "a.tar"}, "here: recordings: 'a.tar' is no"),
    ],
)
def test_a_mistake_is_named(change: dict[str, object], message: str) -> None:
    with pytest.raises(BadConfig) as raised:
        build(Config, LEAST | change, "here")
    assert str(raised.value).startswith(message)


def test_a_file_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("name = ", encoding="utf-8")
    with pytest.raises(BadConfig, match=r"there are: mine\.toml"):
        load(tmp_path / "yours.toml")
    with pytest.raises(BadConfig, match=r"mine\.toml"):
        load(tmp_path / "mine.toml")
