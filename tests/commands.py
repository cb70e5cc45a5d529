"""The commands of this project, run in the process of the tests: most take longer to start than to run."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple, TypeVar

import pytest

T = TypeVar("T")


class Done(NamedTuple):
    """The status and the output of a command."""

    status: object
    output: str
    errors: str


def run_here(module: str, arguments: Sequence[str], folder: Path, text: str = "q\n") -> Done:
    """Do what `python -m module` does in a folder, with this text as its input."""
    spec = find_spec(module)
    assert spec, f"unknown module {module}"
    is_package = spec.submodule_search_locations is not None
    program = import_module("viz.command.cli" if module == "viz" else f"{module}.__main__" if is_package else module)
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(io.StringIO()) as out:
        patch.chdir(folder)
        patch.setattr(sys, "stdin", io.StringIO(text))
        with redirect_stderr(io.StringIO()) as errors:
            try:
                status = program.main([*arguments])
            except SystemExit as stopped:
                status = stopped.code
    return Done(status or 0, out.getvalue(), errors.getvalue())


def exit_status(program: Callable[[T], object], given: T) -> object:
    """The exit status of a program that ends by SystemExit, as for --help and for wrong options."""
    with pytest.raises(SystemExit) as stopped:
        program(given)
    return stopped.value.code
