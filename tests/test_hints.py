"""The commands in messages: each is written by `engine._support.typed_commands`, and runs."""

from __future__ import annotations

import ast
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine._support import typed_commands
from engine._support.typed_commands import install_command, pathgrad_command, python_command, script_command
from tests.commands import run_here
from tests.imports import parsed

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

pytestmark = pytest.mark.once

ROOT = Path(__file__).parent.parent
INSTALLED = ("engine", "nn", "viz")
SOURCES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for folder in (*INSTALLED, "demos")
    for path in sorted((ROOT / folder).rglob("*.py"))
}
WRITER = "engine/_support/typed_commands.py"
COMMAND = re.compile(r"\bpip3? install\b|\bpython3? -m\b")
# How the docstrings of demos begin, by which they are found.
SEARCHED = {("demos/__main__.py", "`python -m demos."), ("demos/__main__.py", "python -m ")}
SEARCHED |= {("demos/applied/__main__.py", "python -m demos.applied ")}
# Examples of what is computed within a command, by file and expression.
EXAMPLES = {
    "demos/__main__.py": {"command.removeprefix('python -m ')": "demos"},
    "demos/applied/__main__.py": {"name": "logistic"},
    "demos/cli.py": {"name": "xor", "extra": "demos"},
    "demos/learn/lesson.py": {"n": "4"},
    "demos/paper/commands.py": {"part": "examples", "equation.errata[0]": "D5"},
    "demos/paper/tables.py": {"ids[0]": "D5"},
    "demos/worked/__main__.py": {"command": "demos.step mazur"},
}
# Which would change the tree, has a placeholder, takes long, and is a README's, whose tests run it.
NOT_RUN = ("demos.tour --write", "demos.learn NAME", "demos.paper all", "demos.applied logistic")


def calls(function: str) -> Iterator[tuple[str, str]]:
    """The file and the argument of every call of a function, with examples in the place of what is computed."""

    def text(file: str, argument: ast.expr) -> str:
        match argument:
            case ast.Constant(str(written)):
                return written
            case ast.JoinedStr(parts):
                return "".join(text(file, part) for part in parts)
            case ast.FormattedValue(value):
                return text(file, value)
        return EXAMPLES[file][ast.unparse(argument)]

    for file, source in SOURCES.items():
        for node in parsed(source) if file != WRITER and f"{function}(" in source else ():
            match node:
                case ast.Call(ast.Name(name), [argument]) if name == function:
                    yield file, text(file, argument)


def test_no_message_has_a_command_of_its_own() -> None:
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    found = set()
    for file, source in SOURCES.items():
        nodes = parsed(source)
        texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
        texts -= {ast.get_docstring(node, clean=False) or "" for node in nodes if isinstance(node, documented)}
        found |= {(file, text) for text in texts if COMMAND.search(text)}
    written = {call for call in calls("python_command") if call[1].startswith("pip ")}
    assert {(file, text) for file, text in found if file != WRITER} == SEARCHED | written


def test_extras_that_messages_name_exist() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    named = {extra for _, extra in calls("install_command")}
    assert {"native", "train", "slides", "matrix"} <= named
    assert named <= set(extras)


def test_installed_packages_name_no_demos() -> None:
    named = [text for file, text in calls("python_command") if file.split("/")[0] in INSTALLED]
    assert [text for text in named if not text.startswith(("viz", "pip "))] == []


HINTS = sorted({text for _, text in calls("python_command") if text.startswith(("demos", "viz"))})


@pytest.mark.parametrize("hint", HINTS)
def test_a_command_in_a_message_runs(hint: str, tmp_path: Path) -> None:
    module, *arguments = shlex.split(hint)
    if hint in NOT_RUN or not arguments:
        arguments = ["--help"]
    done = run_here(module, arguments, tmp_path)
    assert done.status == 0
    assert done.output


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a Python that runs, `python`, which is not on the search path."""
    folder = tmp_path / "a folder" / "bin"
    folder.mkdir(parents=True)
    (folder / "python").touch(mode=0o755)
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    return folder


def test_the_python_that_runs_is_named_as_it_can_be_typed(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(elsewhere / ".." / "..")
    assert python_command("viz") == "'a folder/bin/python' -m viz"
    monkeypatch.chdir(elsewhere)
    assert python_command("viz") == "./python -m viz"
    monkeypatch.chdir(ROOT)
    assert python_command("viz") == f"'{elsewhere}/python' -m viz"
    monkeypatch.setenv("PATH", str(elsewhere))
    assert python_command("viz") == "python -m viz"


def test_pathgrad_is_named_where_it_is_installed(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(elsewhere.parent)
    assert pathgrad_command() == "bin/python -m viz"
    (elsewhere / "pathgrad").touch(mode=0o755)
    assert pathgrad_command() == "bin/pathgrad"
    assert script_command("jupyter", "jupyter") == "bin/python -m jupyter"
    (elsewhere / "jupyter").touch(mode=0o755)
    assert script_command("jupyter", "jupyter") == "bin/jupyter"
    monkeypatch.setenv("PATH", str(elsewhere))
    assert pathgrad_command() == "pathgrad"


def test_an_extra_is_installed_in_a_clone_or_from_elsewhere(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(elsewhere))
    monkeypatch.chdir(ROOT)
    assert install_command("native") == "python -m pip install -e '.[native]'"
    monkeypatch.chdir(elsewhere)
    assert install_command("native") == f"python -m pip install -e '{ROOT}[native]'"
    monkeypatch.setattr(typed_commands, "clone_folder", lambda: "")
    assert install_command("native") == "python -m pip install 'pathgrad[native]'"
