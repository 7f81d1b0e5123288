"""The requirement files and the package agree with each other, with the code and with what is installed."""

import re
import subprocess
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions, requires, version
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import tts
from tests.test_laws import PROGRAM, imports_of

ROOT = Path(__file__).resolve().parents[1]
FILES = ("requirements.txt", "requirements-serve.txt", "requirements-dev.txt", "requirements-node.txt")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

#: Served with, but not imported by the program.
NOT_IMPORTED = {
    "gunicorn",
    "packaging",
    "python-engineio",
    "python-socketio",
    "simple-websocket",
    "sudachidict-small",
}


#: `training` is no part of the package; the command `import` finds it in a checkout.
OURS = {"tts", "training"}


@cache
def lines_of(file: str) -> list[str]:
    return [line.partition("#")[0].strip() for line in (ROOT / file).read_text(encoding="utf-8").splitlines()]


def pins_of(file: str) -> dict[str, str]:
    """Return the exact version of every package in a requirements file, without the files it includes."""
    pins: dict[str, str] = {}
    for line in lines_of(file):
        if line and not line.startswith("-r "):
            pin = re.fullmatch(r"([\w.-]+)==([\w.]+)", line)
            assert pin, f"{file}: {line!r} is not pinned"
            pins[canonicalize_name(pin[1])] = pin[2]
    return pins


def direct(file: str) -> set[str]:
    """Return the packages that stand above the line `# Pulled in by these`."""
    above = (ROOT / file).read_text(encoding="utf-8").partition("# Pulled in by these")[0]
    return {name for name in pins_of(file) if re.search(rf"^{name}==", canonicalize_lines(above), re.MULTILINE)}


def canonicalize_lines(text: str) -> str:
    return "\n".join(canonicalize_name(line.split("==")[0]) + "==" for line in text.splitlines() if "==" in line)


@pytest.mark.parametrize("file", FILES)
def test_everything_is_pinned(file: str) -> None:
    assert pins_of(file)


def test_no_two_files_disagree() -> None:
    pins: dict[str, str] = {}
    for file in FILES:
        for name, pinned in pins_of(file).items():
            assert pins.setdefault(name, pinned) == pinned, name


def test_the_stack_is_whole_and_serving_is_light() -> None:
    assert "-r requirements-serve.txt" in lines_of("requirements.txt")
    serve, whole = pins_of("requirements-serve.txt"), pins_of("requirements.txt")
    assert {"flask", "flask-socketio", "gevent", "gevent-websocket"} <= serve.keys()
    assert {"torch", "modelscope", "onnxruntime"} <= whole.keys() | serve.keys()
    assert not serve.keys() & {"torch", "modelscope"}


def test_the_lock_is_complete_and_installed() -> None:
    """Whatever a pinned package needs is pinned too, and the tests run with exactly the pinned versions."""
    pins = pins_of("requirements.txt") | pins_of("requirements-serve.txt") | pins_of("requirements-dev.txt")
    for name, pinned in pins.items():
        assert version(name).partition("+")[0] == pinned
        for text in requires(name) or ():
            needed = Requirement(text)
            if needed.marker and not needed.marker.evaluate({"extra": ""}):
                continue
            if name == "torch" and re.match("nvidia|cuda|triton", needed.name):
                continue  # torch pins these itself, and they differ from one kind of machine to the next
            assert canonicalize_name(needed.name) in pins, f"{name} needs {needed.name}"


def test_what_the_program_imports_is_required() -> None:
    """No import relies on a package that happens to be there, and none is required for nothing."""
    imported = {name.split(".")[0] for path in PROGRAM for name in imports_of(path)}
    known = packages_distributions()
    outside = {name for name in imported if name not in sys.stdlib_module_names and name not in OURS}
    used = {canonicalize_name(known[name][0]) for name in outside}
    client = {Requirement(text).name for text in PROJECT["optional-dependencies"]["client"]}
    assert used - client - direct("requirements-serve.txt") == set()
    assert direct("requirements-serve.txt") - used - NOT_IMPORTED == set()


def test_the_extras_are_the_requirements() -> None:
    extras = {name: [Requirement(text) for text in texts] for name, texts in PROJECT["optional-dependencies"].items()}
    pins = pins_of("requirements.txt") | pins_of("requirements-serve.txt")
    for requirement in [one for some in extras.values() for one in some]:
        assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)]), requirement
    assert {canonicalize_name(one.name) for one in extras["serve"]} == direct("requirements-serve.txt")
    assert PROJECT["dependencies"] == []


def test_the_supported_pythons_are_told_the_same_everywhere() -> None:
    found = re.search(r'^versions="([\d. ]+)"', (ROOT / "script" / "setup").read_text(encoding="utf-8"), re.MULTILINE)
    assert found
    versions = found[1].split()
    told = [text.rsplit(" ", 1)[1] for text in PROJECT["classifiers"] if "Python :: 3." in text]
    assert versions == told
    asked = SpecifierSet(PROJECT["requires-python"])
    assert [f"3.{minor}" for minor in range(9, 20) if f"3.{minor}" in asked] == versions


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the built package."""
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def test_the_package_holds_the_program_and_nothing_else(wheel: Path) -> None:
    names = ZipFile(wheel).namelist()
    info = f"shengliu-{tts.__version__}.dist-info"
    assert {name.split("/")[0] for name in names} == {"tts", info}
    assert {"tts/web/templates/index.html", "tts/web/static/js/main.js", f"{info}/licenses/LICENSE"} <= set(names)
    ours = {path.relative_to(ROOT).as_posix() for path in (ROOT / "tts").rglob("*") if path.is_file()}
    assert {name for name in ours if "__pycache__" not in name} <= set(names)


def test_the_package_offers_a_command_and_needs_nothing_by_itself(wheel: Path) -> None:
    files = ZipFile(wheel)
    info = f"shengliu-{tts.__version__}.dist-info"
    assert "shengliu = tts.__main__:main" in files.read(f"{info}/entry_points.txt").decode()
    metadata = files.read(f"{info}/METADATA").decode()
    needs = re.findall(r"^Requires-Dist: (.+)$", metadata, re.MULTILINE)
    assert needs
    assert all("extra ==" in line for line in needs)


def test_the_client_alone_loads_nothing_of_the_server() -> None:
    """A program that depends on `shengliu[client]` has none of these installed."""
    program = "import sys, tts.client, tts.__main__; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not set(run.stdout.split()) & {"numpy", "flask", "gevent", "av", "soxr", "structlog", "langcodes"}


def test_an_installed_package_serves_the_page(wheel: Path, tmp_path: Path) -> None:
    """The templates lie at the top of a checkout, but inside an installed package."""
    ZipFile(wheel).extractall(tmp_path)
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from tts.workers import patch; patch()\n"
        "from tts.web import create_app\n"
        "client = create_app({'engines': ('tone',), 'default_voice': 'tone-zh'}).test_client()\n"
        "print(client.get('/').status_code, client.get('/static/js/main.js').status_code)\n"
    )
    run = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert run.stdout == "200 200\n", run.stderr
