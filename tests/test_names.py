"""The names of the packages: `pathgrad` has those of all three, and a user's own file of such a name is an error."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import thorough_unless

ROOT = Path(__file__).parent.parent


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python in a folder, with the packages of this tree on the search path, after the folder."""
    path = os.pathsep.join(map(str, [ROOT, ROOT / "viz" / "top-level"]))
    environment = os.environ | {"PYTHONPATH": path}
    return subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True)


def test_pathgrad_has_the_names_of_all_three_packages(tmp_path: Path) -> None:
    code = """
import engine, nn, sys, viz
names = ["__version__", *engine.__all__, *nn.__all__, *viz.__all__]
assert len(names) == len(set(names))
import pathgrad
assert pathgrad.__all__ == names
assert set(names) <= set(dir(pathgrad))
for package in (engine, nn, viz):
    for name in package.__all__:
        assert getattr(pathgrad, name) is getattr(package, name), name
from pathgrad import *
from pathgrad import MLP, Value, __version__, draw
assert __version__ == engine.__version__
"""
    assert run(tmp_path, "-c", code).stderr == ""
    assert "module 'pathgrad' has no attribute 'x'" in run(tmp_path, "-c", "import pathgrad; pathgrad.x").stderr


def test_pathgrad_imports_only_what_is_asked_for(tmp_path: Path) -> None:
    code = "import sys; from pathgrad import Value; sys.exit('nn' in sys.modules or 'viz' in sys.modules)"
    assert run(tmp_path, "-c", code).returncode == 0


@thorough_unless(lambda kind, hidden: kind == "file" or hidden == "engine")
@pytest.mark.parametrize("kind", ["file", "package"])
@pytest.mark.parametrize(
    ("hidden", "code"),
    [
        ("engine", "import nn"),
        ("engine", "import viz"),
        ("engine", "from pathgrad import Value"),
        ("nn", "from pathgrad import MLP"),
        ("viz", "from pathgrad import draw"),
    ],
)
def test_a_file_that_hides_a_package_is_named(kind: str, hidden: str, code: str, tmp_path: Path) -> None:
    found = tmp_path / f"{hidden}.py" if kind == "file" else tmp_path / hidden
    if kind == "package":
        found.mkdir()
    (found if kind == "file" else found / "__init__.py").touch()
    done = run(tmp_path, "-c", code)
    needs = code.split()[1]
    assert done.stderr.splitlines()[-1].startswith(f"ImportError: {needs} needs ")
    assert f"the name {hidden} leads to {found}: rename that, or run Python in another folder" in done.stderr


def test_a_program_called_engine_is_named_though_it_is_running(tmp_path: Path) -> None:
    (tmp_path / "engine.py").write_text("print('once')\nfrom viz import draw\n", encoding="utf-8")
    done = run(tmp_path, "engine.py")
    assert done.stdout == "once\n"
    assert f"the name engine leads to {tmp_path / 'engine.py'}: rename that" in done.stderr


def test_the_command_says_so_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "engine.py").touch()
    done = run(tmp_path, "-m", "pathgrad", "check", "x")
    assert done.returncode == 1
    assert re.fullmatch(r"pathgrad cannot start: viz needs .* leads to .*engine\.py: rename .*\n", done.stderr)


def test_both_packages_check_alike() -> None:
    assert (ROOT / "nn/_engine.py").read_text("utf-8") == (ROOT / "viz/_engine.py").read_text("utf-8")
