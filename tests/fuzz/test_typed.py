"""What somebody types: formulas, commands of the shell, answers to its questions, options and files of the demos."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from demos import __main__ as listing
from demos import regression, step
from demos.mistakes import __main__ as mistakes
from demos.paper import __main__ as paper
from engine import TABLE, Value, label
from engine.symbolic.parser import parse_formula
from tests import share
from tests.fuzz.inputs import FRAGMENTS, anything, floats, labels, text
from tests.fuzz.outcomes import outcome
from viz import Stepper
from viz.stepping.shell import ALIASES, Shell

TOKENS = [
    *"+-*/^().,=xyz%@~|&<>:;!",
    "**",
    "//",
    " ",
    "1",
    "2.5",
    "1e400",
    "0x1f",
    "9" * 30,
    "1j",
    "True",
    "None",
    "'x'",
]
TOKENS += [
    *TABLE,
    "if",
    "else",
    "lambda",
    "for",
    "in",
    "await",
    "yield",
    ":=",
    "f'{x}'",
    "...",
    "\\\n",
    "é",
    "ﬁ",
    "\ud800",
]
formulas = st.lists(st.sampled_from(TOKENS), max_size=12).map("".join) | text


@settings(max_examples=share(3))
@given(formulas)
@example("é^(x if x else y)")
@example("\n\n x^y if x\n else é^^é")
@example("0x" + "f" * 5000)
@example("-" * 9_000 + "x")
@example("(" * 5_000)
@example("x" + "+x" * 4_900)
@example("9**9**9**9")
@example("1if 1else 2")
@example("x\x00")
def test_a_formula_is_a_value_or_an_error_that_shows_it(formula: str) -> None:
    found = outcome(parse_formula, formula)
    assert isinstance(found, (Value, ValueError, ArithmeticError))
    assert not isinstance(found, UnicodeError)
    if isinstance(found, ArithmeticError):
        assert "is not finite" in str(found) or "larger than the largest float" in str(found)


@settings(max_examples=share(0.5))
@given(formulas, st.dictionaries(labels, anything, max_size=3) | anything)
def test_a_formula_with_any_values_is_a_value_or_an_error(formula: str, values: Any) -> None:
    outcome(parse_formula, formula, values)


def test_a_formula_is_read_however_deep_the_program_that_asks() -> None:
    def deep(depth: int) -> Any:
        return outcome(parse_formula, "-" * 150 + "x") if depth == 0 else deep(depth - 1)

    for depth in range(0, 900, 50):
        try:
            found = deep(depth)
        except RecursionError:  # of the test itself: there was no room left for a call of anything
            break
        assert isinstance(found, Value) or "nested too deep" in str(found) or "is not a formula" in str(found)


COMMANDS = sorted({*ALIASES, *(name.removeprefix("do_") for name in dir(Shell) if name.startswith("do_"))})
words = (
    st.sampled_from(["x", "a", "y", "#1", "1", "0", "-1", "9" * 20, "9" * 5000, "nan", "inf", "1e999", "x.svg"]) | text
)
lines = st.tuples(st.sampled_from(COMMANDS) | text, st.lists(words, max_size=3)).map(
    lambda line: " ".join([line[0], *line[1]])
)


def shell(names: tuple[str, str, str], out: io.StringIO) -> Shell:
    """A shell on a small graph with these labels."""
    x = Value(1.5)
    a = 3 * x
    y = a * a + x.sin()
    x.label, a.label, y.label = names
    return Shell(Stepper(y), stdin=io.StringIO(), stdout=out)


@settings(max_examples=share(1), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.tuples(labels, labels, labels) | st.just(("x", "a", "y")), typed=st.lists(lines, max_size=8))
@example(
    names=("x", "a", "y"),
    typed=["next 99999999999999", "back 99999999999999", "until", "jump 1e3", "quiz", "1/0", "quiz", "x" * 20_000],
)
@example(
    names=("x", "a", "y"), typed=["?", "!", "! ls", "\x1c", "\x00", "help help", "EOF", "s", "\x85", "d", "d", "u u"]
)
def test_the_shell_answers_whatever_is_typed(
    names: tuple[str, str, str], typed: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    out = io.StringIO()
    opened = shell(names, out)
    for line in typed:
        if "/" not in line:  # which would name files elsewhere
            found = outcome(opened.onecmd, line)
            assert not isinstance(found, BaseException), "an error is said, never raised"
    before = out.tell()
    opened.onecmd("print #1" if "#1" in opened.stepper._by_name else "where")
    assert out.tell() > before


MAINS: dict[str, Callable[[list[str]], int]] = {
    "list": listing.main,
    "mistakes": mistakes.main,
    "paper": paper.main,
    "regression": regression.main,
    "step": step.main,
}
OPTIONS = "eq table figure errata 38 1 D5 --x --y --w --sizes --seed --as --out --network --set --html x=1.5 x= =1 fig2"
options = st.sampled_from([*OPTIONS.split(), "x.py:y", ".", "nan", "1e999", "2;3", "-1", "--"])


def ends_well(main: Callable[[list[str]], int], arguments: list[str]) -> None:
    """Run a demo: it ends with 0, 1 or 2, and says something if it does not end well."""
    out, said = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(said), pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", io.StringIO("n\nq\n"))
        try:
            status: Any = outcome(main, arguments)
        except SystemExit as stopped:
            status = stopped.code
    assert status in (0, 1, 2), (arguments, status)
    assert status == 0 or said.getvalue().strip()
    assert "Traceback" not in said.getvalue()


@pytest.mark.parametrize("name", MAINS)
@settings(max_examples=share(0.15), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(arguments=st.lists(options | text | floats.map(str), min_size=1, max_size=4))
def test_options_of_a_demo_are_done_or_refused(
    name: str, arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if name == "regression":
        arguments = ["--epochs", "many", *arguments]  # refused, whatever else is given
    if not any("/" in argument for argument in arguments):
        ends_well(MAINS[name], arguments)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | floats | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["x", "y", "weights"]) | text, inner),
    max_leaves=6,
)


@settings(max_examples=share(0.5), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.dictionaries(st.sampled_from(["x", "y", "weights"]), json_values, min_size=2)
    | json_values
    | st.binary(max_size=40)
)
def test_a_file_of_a_network_is_shown_or_refused(content: Any, tmp_path: Path) -> None:
    path = tmp_path / "net.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    ends_well(paper.main, ["descent", "--network", str(path), "--out", str(tmp_path)])


@pytest.mark.parametrize(
    "program",
    ["y = 1/0", "raise SystemExit(3)", "import no_such_module", "y = (", "y = 3", "def f(: pass", "assert False, 'no'"],
)
def test_a_file_that_cannot_be_run_is_told_in_one_line(
    program: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.py").write_text(program)
    with pytest.raises(SystemExit) as stopped:
        step.main([f"{tmp_path}/notes.py:y"])
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert "notes.py" in said.splitlines()[-1]
    assert "Traceback" not in said


def test_fragments_are_all_of_them_labels() -> None:
    nodes = {f"n{i}": Value(1.0) for i in range(len(FRAGMENTS))}
    label(**dict(zip(FRAGMENTS, nodes.values(), strict=False)))
    assert [node.label for node in nodes.values()] == FRAGMENTS
