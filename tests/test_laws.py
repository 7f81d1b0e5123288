"""The laws of the house, checked on the source: who may import what, how big things get, what a file says first."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tts.config import as_markdown

ROOT = Path(__file__).resolve().parents[1]

#: Text flows down this list, so each line imports only from itself and from the lines above it.
STAGES = (
    ("errors", "types", "config", "workers", "logs"),
    ("frontend",),
    ("engines",),
    ("catalogue",),
    ("codec", "limits", "manner", "recordings"),
    ("timeline",),
    ("stream",),
    ("production",),
    ("service",),
    ("web",),
    ("client",),
    ("commands",),
    ("__main__",),
)
RANK = {name: rank for rank, names in enumerate(STAGES) for name in names}

#: Who may import these; nobody else does.
RESERVED = {
    "flask": ("tts/web/",),
    "flask_socketio": ("tts/web/",),
    "socketio": ("tts/web/",),
    "engineio": ("tts/web/",),
    "werkzeug": ("tts/web/",),
    "gevent": ("tts/workers.py",),
    "geventwebsocket": ("tts/web/sockets.py", "tts/web/connections.py"),
    "torch": (),
    "modelscope": (),
}

PROGRAM = sorted((ROOT / "tts").rglob("*.py"))
FOLDERS = ("tts", "tests", "benchmarks", "script", "training")
PYTHON = [
    *(path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py")) if path.read_bytes().strip()),
    ROOT / "app.py",
    ROOT / "gunicorn.conf.py",
]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports_of(path: Path) -> Iterator[str]:
    """Yield the dotted names a module imports anywhere in it, `from x import y` as `x.y`, also those by name."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)}:{node.lineno}: imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            named = [name.value for name in node.args if isinstance(name, ast.Constant)]
            yield from (name for name in named if isinstance(name, str))


def stage_of(path: Path) -> str:
    return path.relative_to(ROOT / "tts").with_suffix("").parts[0]


program = pytest.mark.parametrize("path", PROGRAM, ids=name_of)


@program
def test_imports_point_one_way(path: Path) -> None:
    stage = stage_of(path)
    if stage == "__init__":
        return
    assert stage in RANK, f"give {stage} its place in STAGES"
    ours = [name.split(".")[1] for name in imports_of(path) if name.startswith("tts.")]
    assert [name for name in ours if name in RANK and RANK[name] > RANK[stage]] == []


@program
def test_reserved_packages_stay_where_they_belong(path: Path) -> None:
    name = name_of(path)
    for package in {imported.split(".")[0] for imported in imports_of(path)}:
        allowed = RESERVED.get(package, (name,))
        assert name.startswith(allowed), f"{name} imports {package}, which is for {allowed or 'nobody'}"


def test_the_client_needs_none_of_the_server() -> None:
    """A program that installs `shengliu[client]` has no numpy, no Flask and no engines."""
    for path in (ROOT / "tts" / "client").glob("*.py"):
        assert {name.split(".")[1] for name in imports_of(path) if name.startswith("tts.")} <= {"client", "errors"}


@pytest.mark.parametrize("path", PYTHON, ids=name_of)
def test_a_module_opens_with_one_sentence(path: Path) -> None:
    first = (ast.get_docstring(tree_of(path)) or "").split("\n\n")[0]
    assert first, "no docstring"
    assert first.endswith((".", "。")), first
    assert path.stem not in {"utils", "util", "helpers", "misc", "common"}


@pytest.mark.parametrize("name", ["server", "setup", "test", "check", "format"])
def test_a_script_opens_with_one_sentence(name: str) -> None:
    first, second = (ROOT / "script" / name).read_text(encoding="utf-8").split("\n")[:2]
    assert first == "#!/usr/bin/env bash"
    assert second.startswith("# ")


@program
def test_sizes(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= 250
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 60, node.name


@program
def test_every_queue_has_a_bound(path: Path) -> None:
    """A queue that grows without limit is a leak that waits for a slow reader.

    Where something else bounds it, the line, or the comment above it, says so with the word `bounded`.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call) and is_unbounded(node):
            near = lines[max(0, node.lineno - 2) : node.end_lineno]
            assert any("bounded" in line.partition("#")[2] for line in near), f"{name_of(path)}:{node.lineno}"


def is_unbounded(call: ast.Call) -> bool:
    """Return whether a call makes a queue without a size."""
    kind = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    if kind == "SimpleQueue":
        return True
    if kind == "deque":
        bound = named.get("maxlen", call.args[1] if len(call.args) > 1 else None)
    elif kind in {"Queue", "LifoQueue", "PriorityQueue", "JoinableQueue"}:
        bound = named.get("maxsize", call.args[0] if call.args else None)
    else:
        return False
    return bound is None or (isinstance(bound, ast.Constant) and not bound.value)


@pytest.mark.parametrize(
    ("source", "unbounded"),
    [
        ("Queue()", True),
        ("queue.Queue(0)", True),
        ("Queue(maxsize=None)", True),
        ("SimpleQueue()", True),
        ("deque([1])", True),
        ("deque((), 8)", False),
        ("deque(maxlen=n)", False),
        ("queue.Queue(maxsize=n)", False),
        ("print()", False),
    ],
)
def test_unbounded_queues_are_recognised(source: str, unbounded: bool) -> None:
    call = ast.parse(source, mode="eval").body
    assert isinstance(call, ast.Call)
    assert is_unbounded(call) is unbounded


#: Told by an interpreter of its own: the compiled modules that the front end loads, first to import and then to read.
#: The normaliser's library may bring its own.
COMPILED = """
import importlib, pkgutil, sys
from importlib.machinery import ExtensionFileLoader

def compiled():
    found = (name.split(".")[0] for name, module in sys.modules.items()
             if isinstance(getattr(getattr(module, "__spec__", None), "loader", None), ExtensionFileLoader))
    return {name for name in found if name not in sys.stdlib_module_names}

import wetext
allowed = compiled() | {"numpy"}
import tts.frontend
for module in pkgutil.walk_packages(tts.frontend.__path__, "tts.frontend."):
    importlib.import_module(module.name)
from tts.frontend.ssml import parse
list(tts.frontend.Reader().read_document(parse("<speak>行长用iPhone看3^2倍的日本のドラマ。</speak>"), "zh"))
print(*(compiled() - allowed))
"""


def test_the_front_end_is_pure_python() -> None:
    """It is to run in browsers as well; what it has beside numpy and the normaliser's library is plain data."""
    told = subprocess.run([sys.executable, "-c", COMPILED], cwd=ROOT, check=True, capture_output=True, text=True)
    assert told.stdout.split() == []


def tracked() -> list[Path]:
    """Return the files of the repository; in a copy without git, those that are not made by tools."""
    if (ROOT / ".git").exists():
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        )
        paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        made = {".venv", "__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", "dist"}
        paths = [path for path in ROOT.rglob("*") if not made & set(path.relative_to(ROOT).parts)]
    return [path for path in paths if path.is_file()]


def test_no_place_of_one_machine_is_named() -> None:
    """Files hold no folder of somebody's machine and no package registry: users have their own.

    The patterns are spelled so that they do not find themselves.
    """
    wrong = re.compile(
        rb"(?<![\w.])/(?:ro[o]t|wor[k]|op[t]|Use[r]s|home/(?!me\b|\$)\w+)/"
        rb"|py[p]i\.org|pythonhoste[d]|npmj[s]\.(?:org|com)|deb\.debia[n]|unpk[g]\.com|jsdeliv[r]|crates\.i[o]"
    )
    found = {
        f"{name_of(path)}: {match.group().decode()}"
        for path in tracked()
        if b"\0" not in (content := path.read_bytes())
        for match in wrong.finditer(content)
    }
    assert found == set()


def test_the_page_of_settings_is_generated() -> None:
    """To repair: `.venv/bin/python -c 'from tts.config import as_markdown; print(as_markdown(), end="")'`."""
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == as_markdown()
