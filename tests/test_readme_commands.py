"""Every command of every README: those of blocks run, in sentences they name what exists.

`.ci/run` runs the two commands that set everything up.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests import by_night
from tests.commands import run_here
from tests.readmes import PAGES, ROOT, Command, block_lines, parse_line, span_lines

BLOCKS = {command for page in PAGES.values() for line in block_lines(page) for command in parse_line(line)}
SENTENCES = {command for page in PAGES.values() for line in span_lines(page) for command in parse_line(line)} - BLOCKS
RUN = sorted(command for command in BLOCKS if command.program.startswith(("demos", "pathgrad")))
NAMED = sorted((BLOCKS | SENTENCES) - {*RUN})

LONG = ["demos.applied", "demos.digits", "demos.gallery", "demos.moons", "demos.paper", "demos.regression"]
LONG += ["demos.worked", "demos.xor"]
# Those that take long are started by day, with their options and --help; tests/demos runs them all in its own process.
# The pictures are written into the tree; tests of their own hold them against a fresh run. Those of demos.scale run it
# on fewer rows.
HELP_ALONE = ["demos.pictures", "demos.scale", *by_night(LONG, [])]
SHORTER = {"demos.digits": ["--epochs", "1"], "demos.moons": ["--epochs", "5"], "demos.regression": ["--epochs", "5"]}
NOTES = "from engine import Value\nx = Value(1.5, 'x')\nloss = x * x\n"


def test_commands_are_found() -> None:
    assert len(RUN) > 15
    assert Command("demos.step", ("fig4",)) in RUN
    assert Command("pip", ("install", "-e", ".[slides]")) in NAMED
    assert Command("pytest", ("-n", "auto")) in NAMED


@pytest.mark.once
@pytest.mark.parametrize("command", [c for c in RUN if c.program != "pathgrad"], ids=str)
def test_a_command_of_a_clone_runs(command: Command, tmp_path: Path) -> None:
    module, options = command.program, [*command.arguments]
    options = [str(tmp_path / option) if ".py" in option or option.endswith(".html") else option for option in options]
    if module in HELP_ALONE:
        options += ["--help"]
    if module in SHORTER:
        options += [*SHORTER[module], "--out", str(tmp_path)]
    (tmp_path / "notes.py").write_text(NOTES, encoding="utf-8")
    done = run_here(module, options, ROOT)
    assert done.status == 0, done.errors
    assert done.output


@pytest.mark.parametrize("command", [c for c in RUN if c.program == "pathgrad"], ids=str)
def test_a_command_of_the_package_runs(command: Command, tmp_path: Path) -> None:
    (tmp_path / "notes.py").write_text(NOTES, encoding="utf-8")
    if "--open" not in command.arguments:
        done = run_here("viz", command.arguments, tmp_path)
        assert done.status == 0, done.errors
    else:
        run_installed(command, tmp_path)


def run_installed(command: Command, folder: Path) -> None:
    """As it is installed, in a process and a folder of its own; where it is not, from this tree."""
    script = Path(sys.executable).with_name("pathgrad")
    start = [str(script)] if script.exists() else [sys.executable, "-m", "viz"]
    browser = f"{sys.executable} -c True %s"  # in place of one
    environment = os.environ | {"BROWSER": browser, "PYTHONPATH": "" if script.exists() else str(ROOT)}
    done = subprocess.run([*start, *command.arguments], cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


def exists(word: str) -> bool:
    return (ROOT / word.partition("::")[0]).exists()


def knows_extras(requirement: str) -> bool:
    """Whether the project has the extras that an installation of itself names; other packages have other tests."""
    extras = re.fullmatch(r"(?:\.|pathgrad)\[(.+)\]", requirement)
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return requirement == "." or all(
        re.search(rf"^{extra} = \[", project, re.MULTILINE) for extra in (extras[1].split(",") if extras else [])
    )


def unknown_words(command: Command) -> list[str]:
    """The arguments of a command that do not name what exists: an extra, a file, an option."""
    words = [
        word for word in command.arguments if not re.fullmatch(r"-\w|auto|\d+|slow or not slow|not slow|thorough", word)
    ]
    match command.program:
        case "venv":
            return [word for word in words if word != ".venv"]
        case "pip":
            return [word for word in words if word != "install" and not knows_extras(word)]
        case "pytest" | "jupyter" | "coverage" | "mutmut":
            verbs = {"lab", "run", "report", "results", "pytest"}
            return [word for word in words if word not in verbs and not exists(word)]
        case module:
            assert find_spec(module), f"unknown module {module}"
            help = run_here(module, ["--help"], ROOT).output if words else ""
            return [word for word in words if word not in help]


@pytest.mark.once
@pytest.mark.parametrize("command", NAMED, ids=str)
def test_a_command_names_what_exists(command: Command) -> None:
    assert unknown_words(command) == []


def test_a_command_that_names_nothing_is_found() -> None:
    wrong = ["pip install '.[slide]'", "python -m pytest no.py", "jupyter lab no.ipynb", "python -m demos.tour --no"]
    assert all(unknown_words(command) for line in wrong for command in parse_line(line))


@pytest.mark.parametrize("page", PAGES)
def test_shell_blocks_have_commands_of_this_project(page: str) -> None:
    lines = block_lines(PAGES[page])
    assert [line for line in lines if not re.match(r"([A-Z_]+=\w+ )?\.venv/bin/\w|python3 -m venv \.venv$", line)] == []
