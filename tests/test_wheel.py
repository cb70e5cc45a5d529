"""The wheel, installed into an environment of its own: the command, the names, and the hints that it prints there."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import venv
from importlib import metadata
from pathlib import Path

import pytest

from viz.command.subcommands import SUBCOMMANDS

pytestmark = [pytest.mark.once, pytest.mark.thorough]  # the second command installs the project, too: in place

ROOT = Path(__file__).parent.parent
SCRIPTS = "Scripts" if os.name == "nt" else "bin"
EXAMPLES = [f"{name} {subcommand.examples[-1][0]}" for name, subcommand in SUBCOMMANDS.items()]  # those of a file
NOTES = "from pathgrad import Value\nx = Value(1.5, 'x')\na = 3 * x\nloss = (a - 1) ** 2\n"


def run(*command: str | Path, cwd: Path, text: str = "") -> subprocess.CompletedProcess[str]:
    """Run a program that finds the packages of this tree only where they are installed."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [*map(str, command)], cwd=cwd, env=environment, input=text, capture_output=True, encoding="utf-8", check=False
    )


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the programs of an environment with the wheel of this tree."""
    folder = tmp_path_factory.mktemp("wheel")
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("engine", "nn", "viz"):
        shutil.copytree(ROOT / name, folder / "tree" / name, ignore=ignored)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / "tree")
    venv.create(folder / "environment", symlinks=os.name != "nt")
    programs = folder / "environment" / SCRIPTS
    pip = [sys.executable, "-m", "pip"]
    built = run(*pip, "wheel", "--quiet", "--no-deps", "--wheel-dir", "wheels", "./tree", cwd=folder)
    [wheel] = (folder / "wheels").glob("*.whl")
    installed = run(*pip, "--python", programs / "python", "install", "--quiet", wheel, cwd=folder)
    assert (built.returncode, installed.returncode) == (0, 0), built.stderr + installed.stderr
    return programs


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "notes.py").write_text(NOTES, encoding="utf-8")
    return tmp_path


def test_the_page_of_a_formula(environment: Path, folder: Path) -> None:
    done = run(environment / "pathgrad", "live", "(a+b)*(b+1)", cwd=folder)
    assert (done.returncode, done.stdout) == (0, "live.html\n")
    assert (folder / "live.html").read_text(encoding="utf-8").endswith("</html>\n")


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_of_the_help_runs(example: str, environment: Path, folder: Path) -> None:
    done = run(environment / "pathgrad", *shlex.split(example), cwd=folder, text="q\n")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


def test_the_help_names_this_command(environment: Path, folder: Path) -> None:
    done = run(environment / "pathgrad", "--help", cwd=folder)
    assert f'  {environment}/pathgrad live "(a+b)*(b+1)" --set "a=2,b=1"\n' in done.stdout
    assert run(environment / "python", "-m", "viz", "--help", cwd=folder).stdout == done.stdout
    assert run(environment / "python", "-m", "pathgrad", "--help", cwd=folder).stdout == done.stdout


def test_names_and_version(environment: Path, folder: Path) -> None:
    code = "from pathgrad import *; from pathgrad import MLP, Value, __version__, draw; print(__version__)"
    done = run(environment / "python", "-c", code, cwd=folder)
    assert done.stderr == ""
    assert run(environment / "pathgrad", "--version", cwd=folder).stdout == f"pathgrad {done.stdout}"


def test_hints_name_this_python_and_the_distribution(environment: Path, folder: Path) -> None:
    code = "from pathgrad import Film, Value; Film(2 * Value(1.0, 'x')).save('deck.pdf')"
    done = run(environment / "python", "-c", code, cwd=folder)
    assert f"a deck needs pypdf: {environment}/python -m pip install 'pathgrad[slides]'\n" in done.stderr


def test_every_module_and_data_file_is_in_the_wheel(environment: Path) -> None:
    [site] = environment.parent.glob("**/site-packages")
    in_the_tree = {
        path.relative_to(ROOT).as_posix().removeprefix("viz/top-level/")
        for name in ("engine", "nn", "viz")
        for path in (ROOT / name).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    [distribution] = metadata.distributions(name="pathgrad", path=[str(site)])
    files = {file.as_posix() for file in distribution.files or () if file.suffix != ".pyc"}
    assert {file for file in files if file.split("/")[0] in ("engine", "nn", "viz", "pathgrad")} == in_the_tree
