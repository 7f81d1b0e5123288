"""Tests of `tts.config`."""

import pytest

from tts.config import Settings, as_markdown, load


def test_an_empty_environment_gives_the_defaults() -> None:
    assert load({}) == Settings()
    assert Settings().port == 7860
    assert Settings().max_streams >= 16


def test_variables_are_read_by_type() -> None:
    settings = load({"TTS_PORT": "9000", "TTS_KEEP_S": "1.5", "TTS_ENGINES": "tone, espeak", "HOME": "/root"})
    assert (settings.port, settings.keep_s, settings.engines) == (9000, 1.5, ("tone", "espeak"))


def test_overrides_win() -> None:
    assert load({"TTS_PORT": "9000"}, port=9001).port == 9001


def test_an_unknown_name_fails_and_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"unknown setting TTS_PROT; known: TTS_PORT, .*TTS_HOST"):
        load({"TTS_PROT": "1"})


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("TTS_PORT", "http", "TTS_PORT must be a number, not 'http'"),
        ("TTS_PORT", "70000", "TTS_PORT must be from 1 to 65535, not 70000"),
        ("TTS_MAX_CHARS", "0", "TTS_MAX_CHARS must be from 1"),
        ("TTS_KEEP_S", "nan", "TTS_KEEP_S must be from 0"),
        ("TTS_LOG_LEVEL", "loud", "TTS_LOG_LEVEL must be one of debug, info, warning, error"),
    ],
)
def test_a_wrong_value_names_its_variable(name: str, value: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load({name: value})


def test_every_setting_is_in_the_page() -> None:
    page = as_markdown()
    for name in Settings.__dataclass_fields__:
        assert f"`TTS_{name.upper()}`" in page
