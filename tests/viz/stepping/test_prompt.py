"""Lines of the shell at a terminal: by prompt_toolkit, by readline, or without either."""

from __future__ import annotations

import builtins
import sys

import pytest

from tests.paper_graphs import figure_2
from viz import Stepper
from viz.stepping.prompt import line_reader
from viz.stepping.shell import Shell


@pytest.fixture
def shell() -> Shell:
    return Shell(Stepper(figure_2(), "all"))


RIGHT, LEFT, SHIFT_RIGHT, SHIFT_LEFT = "\x1b[C", "\x1b[D", "\x1b[1;2C", "\x1b[1;2D"


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        ("goto 3\r", "goto 3"),
        (RIGHT, "step"),
        (LEFT, "back"),
        (SHIFT_RIGHT, "next"),
        (SHIFT_LEFT, "prev"),
        (f"ac{LEFT}b\r", "abc"),
        (f"ab{LEFT}{RIGHT}c\r", "abc"),
    ],
)
def test_arrow_keys_step_only_in_an_empty_line(shell: Shell, keys: str, line: str) -> None:
    pytest.importorskip("prompt_toolkit", reason="the extra `repl`")
    from prompt_toolkit.application import create_app_session
    from prompt_toolkit.input import create_pipe_input
    from prompt_toolkit.output import DummyOutput

    with create_pipe_input() as typed, create_app_session(input=typed, output=DummyOutput()):
        typed.send_text(keys)
        assert line_reader(shell)() == line


def test_without_prompt_toolkit_readline_completes(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    readline = pytest.importorskip("readline")
    monkeypatch.setitem(sys.modules, "prompt_toolkit", None)
    monkeypatch.setattr(builtins, "input", lambda prompt: f"after {prompt}")
    before = readline.get_completer(), readline.get_completer_delims()
    try:
        assert line_reader(shell)() == f"after {shell.prompt}"
        assert readline.get_completer()("qu", 0) in ("quit", "quiz")
        assert readline.get_completer()("nothing_begins_so", 0) is None
        assert readline.get_completer_delims() == " \t\n"
    finally:
        readline.set_completer(before[0])
        readline.set_completer_delims(before[1])


def test_lines_are_read_without_readline_too(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prompt_toolkit", None)
    monkeypatch.setitem(sys.modules, "readline", None)
    monkeypatch.setattr(builtins, "input", lambda prompt: f"after {prompt}")
    assert line_reader(shell)() == f"after {shell.prompt}"
