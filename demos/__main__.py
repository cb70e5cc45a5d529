"""`python -m demos`: every demo with its command, a line each.

A demo is a module whose docstring begins with its command; the docstring is read without running the file.
"""

from __future__ import annotations

import argparse
import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from demos.cli import run_demo, run_program
from engine._support.typed_commands import python_command

FOLDER = Path(__file__).parent
COMMAND = "`python -m demos."


def find_demos(folder: Path = FOLDER, command: str = COMMAND) -> Iterator[tuple[str, str]]:
    """The command and the description of every demo in a folder whose command begins so, in the order of their names.

    >>> dict(find_demos())["python -m demos.mistakes"].partition(",")[0]
    'backpropagation done wrongly on purpose'
    """
    modules = {path.stem: path for path in folder.glob("*.py")}
    packages = {path.parent.name: path for path in folder.glob("*/__main__.py")}
    for _, path in sorted((modules | packages).items()):
        first, _, _ = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").partition("\n\n")
        if first.startswith(command):
            full_command, _, description = " ".join(first.split()).partition(": ")
            yield full_command.strip("`"), description


def main(arguments: list[str] | None = None) -> int:
    """List the demos; 0, or 2 for bad options."""
    argparse.ArgumentParser(
        prog=python_command("demos"),
        description="List the demos. Each has options of its own, which its --help describes.",
    ).parse_args(arguments)
    return run_demo(lambda: print_list(dict(find_demos())))


def print_list(listed: Mapping[str, str]) -> None:
    """Print commands, as they can be typed here, with their descriptions, a line each."""
    typed = {python_command(command.removeprefix("python -m ")): text for command, text in listed.items()}
    width = max(map(len, typed)) + 3
    for command, description in typed.items():
        print(f"{command:{width}}{description}")


if __name__ == "__main__":
    run_program(main)
