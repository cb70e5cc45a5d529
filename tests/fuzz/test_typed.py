"""Formulas, commands of the shell and answers to its questions."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from engine import TABLE, DomainError, Value, label
from engine.symbolic.parser import parse_formula
from tests import share
from tests.fuzz.inputs import FRAGMENTS, anything, labels, text
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


@pytest.mark.thorough
def test_a_formula_is_a_value_or_an_error_that_shows_it() -> None:
    kinds = set()

    @settings(max_examples=share(3))
    @given(formulas)
    @example("2*x")
    @example("1/0")
    @example("é^(x if x else y)")
    @example("\n\n x^y if x\n else é^^é")
    @example("0x" + "f" * 5000)
    @example("-" * 9_000 + "x")
    @example("(" * 5_000)
    @example("x" + "+x" * 4_900)
    @example("9**9**9**9")
    @example("1if 1else 2")
    @example("x\x00")
    def run(formula: str) -> None:
        found = outcome(parse_formula, formula)
        assert isinstance(found, (Value, ValueError, ArithmeticError))
        assert not isinstance(found, UnicodeError)
        if isinstance(found, ArithmeticError):
            assert "is not finite" in str(found) or "larger than the largest float" in str(found)
        kinds.add(type(found))

    run()
    assert {Value, ValueError, DomainError} <= kinds


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
        except RecursionError:  # of the test itself
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


def test_fragments_are_all_of_them_labels() -> None:
    nodes = {f"n{i}": Value(1.0) for i in range(len(FRAGMENTS))}
    label(**dict(zip(FRAGMENTS, nodes.values(), strict=False)))
    assert [node.label for node in nodes.values()] == FRAGMENTS
