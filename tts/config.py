"""The one table of settings, read from `TTS_*` environment variables."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from tts.errors import choices

PREFIX = "TTS_"


def _setting(default: Any, help_text: str, least: float | None = None, most: float | None = None) -> Any:
    return field(default=default, metadata={"help": help_text, "least": least, "most": most})


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an operator can choose; each field is the variable `TTS_` plus its name in capitals."""

    host: str = _setting("0.0.0.0", "Address the server listens on.")
    port: int = _setting(7860, "Port the server listens on.", 1, 65535)
    engines: tuple[str, ...] = _setting(
        ("sambert", "espeak"), "Engines to open, comma-separated, the preferred one first."
    )
    default_voice: str = _setting(
        "", "Voice of requests that name neither a voice nor a language; empty for the preferred engine's first."
    )
    voices_dir: str = _setting("voices", "Folder of the imported voices, see docs/voices.md.")
    max_chars: int = _setting(500, "Spoken characters one request may hold.", 1, 100_000)
    max_chars_compat: int = _setting(
        4096, "Characters one request may hold on the doors of other services, see docs/doors.md.", 1, 100_000
    )
    max_streams: int = _setting(
        max(16, 8 * (os.cpu_count() or 1)), "Utterances made at once, over all doors; then `busy`.", 1, 10_000
    )
    max_waiting: int = _setting(8, "Utterances that may wait on one connection; then `busy`.", 0, 1000)
    threads: int = _setting(max(2, os.cpu_count() or 1), "Native threads that synthesise.", 1, 256)
    ort_providers: tuple[str, ...] = _setting(
        ("CPUExecutionProvider",), "What ONNX Runtime runs neural voices on, comma-separated, the preferred one first."
    )
    vibevoice_url: str = _setting(
        "", "VibeVoice server that the engine `vibevoice` speaks through, see docs/voices.md."
    )
    fish_url: str = _setting("", "fish-speech server that the engine `fish` speaks through.")
    fish_key: str = _setting("", "Key that the fish-speech server asks for.")
    remote_url: str = _setting("", "OpenAI-compatible server that the engine `remote` speaks through.")
    remote_key: str = _setting("", "Key that the OpenAI-compatible server asks for.")
    remote_model: str = _setting("gpt-4o-mini-tts", "Model that the OpenAI-compatible server is asked for.")
    remote_timeout_s: float = _setting(30.0, "Seconds that those three servers may say nothing.", 0.1, 3600)
    keep_s: float = _setting(600.0, "Seconds a finished utterance can be downloaded.", 0, 86_400 * 7)
    keep_mb: float = _setting(256.0, "Megabytes of finished utterances kept on disk.", 0, 1_000_000)
    stall_s: float = _setting(30.0, "Seconds a client may stop reading before it is dropped.", 0.1, 3600)
    idle_flush_s: float = _setting(
        0.5, "Seconds without more text after which an utterance in pieces is spoken as far as it goes.", 0.05, 60
    )
    text_wait_s: float = _setting(
        30.0, "Seconds an utterance in pieces waits for more text; then it ends with `timed_out`.", 0.1, 3600
    )
    lexicon: str = _setting(
        "", "File of words and their pinyin, `词<TAB>pinyin` on each line; read again when it changes."
    )
    voice_names: tuple[str, ...] = _setting(
        (),
        "Names of voices on those doors beside the usual ones: `name=voice` or `name=language:sex`, comma-separated.",
    )
    api_keys: tuple[str, ...] = _setting(
        (), "Keys that clients must give, any of them, comma-separated; empty to ask for none."
    )
    cors_origins: tuple[str, ...] = _setting(
        (), "Origins of other sites that may call, comma-separated; empty for none."
    )
    log_level: str = _setting("info", "Least severe log level written: debug, info, warning or error.")
    log_format: str = _setting("text", "How log lines are written: text or json.")


def load(environ: Mapping[str, str] = os.environ, **overrides: Any) -> Settings:
    """Return the settings of an environment, `overrides` (by field name) on top.

    Raises `ValueError` with a sentence for the operator when a name or value is wrong.
    """
    known = {f.name: f for f in fields(Settings)}
    values: dict[str, Any] = {}
    for variable, text in environ.items():
        if not variable.startswith(PREFIX):
            continue
        name = variable.removeprefix(PREFIX).lower()
        if name not in known:
            listed = choices((PREFIX + key.upper() for key in known), variable, most=99)
            raise ValueError(f"unknown setting {variable}; known: {listed}")
        values[name] = _parse(variable, text, known[name].default, known[name].metadata)
    return check(replace(Settings(), **{**values, **overrides}))


def _parse(variable: str, text: str, default: Any, bounds: Mapping[str, Any]) -> Any:
    if isinstance(default, str):
        return text
    if isinstance(default, tuple):
        return tuple(part.strip() for part in text.split(",") if part.strip())
    try:
        number = type(default)(text)
    except ValueError:
        raise ValueError(f"{variable} must be a number, not {text!r}") from None
    if not bounds["least"] <= number <= bounds["most"]:
        raise ValueError(f"{variable} must be from {bounds['least']} to {bounds['most']}, not {text}")
    return number


def check(settings: Settings) -> Settings:
    """Return the settings, or raise `ValueError` for a choice that does not exist."""
    for name, allowed in (("log_level", ("debug", "info", "warning", "error")), ("log_format", ("text", "json"))):
        if getattr(settings, name) not in allowed:
            raise ValueError(f"{PREFIX}{name.upper()} must be one of {', '.join(allowed)}")
    return settings


def as_markdown() -> str:
    """Return the table of settings as the page `docs/settings.md`."""
    rows = [
        f"| `{PREFIX}{f.name.upper()}` | {_shown(f.name, f.default)} | {f.metadata['help']} |" for f in fields(Settings)
    ]
    head = "# Settings\n\nEnvironment variables, read when the server starts. An unknown `TTS_` name stops it.\n\n"
    return head + "| variable | default | meaning |\n|---|---|---|\n" + "\n".join(rows) + "\n"


def _shown(name: str, default: Any) -> str:
    if name == "max_streams":
        return "8 per core, at least 16"
    if name == "threads":
        return "one per core, at least 2"
    text = ",".join(default) if isinstance(default, tuple) else str(default)
    return f"`{text}`" if text else "empty"
