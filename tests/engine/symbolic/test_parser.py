"""Typed formulas: their meaning, their errors, and that they are never run as code."""

from __future__ import annotations

import inspect
import math
import re
import sys
import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import TABLE, DomainError, Value, ops, toposort
from engine.symbolic.parser import parse_formula, variables_of

ALL = ", ".join(sorted(name for name, op in TABLE.items() if op.arity is not None))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2*3", 7.0),
        ("-2**2", -4.0),
        ("2**-1", 0.5),
        ("2^3^2", 512.0),
        ("(1 + 2) * 3", 9.0),
        ("+x", 2.0),
        ("x - y - 1", -2.0),
        ("x / y / 4", 2.0 / 3.0 / 4.0),
        ("1e3 + .5", 1000.5),
        ("sin(x) + exp(0)", math.sin(2.0) + 1.0),
        ("maximum(x, y)", 3.0),
        ("leaky_relu(-x)", -0.02),
        ("leaky_relu(-x, 0.5)", -1.0),
        ("where(greater(x, y), 1, 2)", 2.0),
        ("  x*y\n", 6.0),
        ("2**-x**2", 2.0**-4.0),
        ("-x**2/4*y", -3.0),
        ("1_000.5e-3", 1.0005),
        ("maximum(x, y,)", 3.0),
        ("(" * 200 + "x" + ")" * 200, 2.0),
        ("alpha_1 + 1", 2.0),
    ],
)
def test_formulas(text: str, value: float) -> None:
    assert parse_formula(text, {"x": 2.0, "y": 3.0}).data == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize("name", [name for name, op in TABLE.items() if op.arity is not None])
def test_every_operation_of_the_table_can_be_typed(name: str) -> None:
    arity = TABLE[name].arity or 0
    node = parse_formula(f"{name}({', '.join('abcd'[:arity])})", {"a": 0.5, "b": 0.25, "c": 0.75})
    assert node.op is TABLE[name]


def test_a_name_is_one_leaf_with_its_label() -> None:
    y = parse_formula("x*x + x", {"x": 3.0})
    y.backward()
    [x] = variables_of(y)
    assert (x.label, x.grad) == ("x", 7.0)


def test_leaves_may_be_given() -> None:
    x = Value(3.0, "x")
    assert x in toposort(parse_formula("x + 1", {"x": x}))


def test_numbers_alone_are_a_leaf() -> None:
    assert parse_formula("2 * 3").op is ops.variable


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "x +",
        "x y",
        "import os",
        "__import__('os').system('true')",
        "().__class__.__bases__",
        "x.data",
        "x[0]",
        "[x for x in (1, 2)]",
        "lambda: 1",
        "x if y else z",
        "x < y",
        "x and y",
        "not x",
        "~x",
        "x // y",
        "x % y",
        "x @ y",
        "x := 1",
        "'text'",
        "b'x'",
        "None",
        "True",
        "1j",
        "...",
        "f'{x}'",
        "{x}",
        "sin",
        "sin()",
        "sin(x, y)",
        "sin(x=1)",
        "sin(*x)",
        "dot(x, y)",
        "print(x)",
        "eval('1')",
        "x; y",
        "x\ny",
        "\x00",
        "(" * 5000,
        "-" * 5000 + "x",
        "x" * 20_000,
        "9**9**9**9",
        "1" * 400,
    ],
)
def test_everything_else_is_refused_quickly(text: str) -> None:
    start = time.perf_counter()
    if text == "sin":  # a variable of that name, which is harmless
        assert parse_formula(text).label == "sin"
        return
    with pytest.raises((ValueError, DomainError)):
        parse_formula(text)
    assert time.perf_counter() - start < 5.0  # a hang, not a measure of speed


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x y", "'x y' is not a formula at character 3: write something like x*y + sin(x)"),
        ("x +", "'x +' is not a formula: write something like x*y + sin(x)"),
        ("2 * x.data", "'x.data' cannot stand in a formula: write numbers, names, + - * / ** and operations"),
        ("dot(x, y)", f"unknown operation 'dot' in 'dot(x, y)'; choose from {ALL}"),
        ("1 + ln(x)", f"unknown operation 'ln' in '1 + ln(x)'; did you mean log? Choose from {ALL}"),
        ("max(x, y)", f"unknown operation 'max' in 'max(x, y)'; did you mean maximum? Choose from {ALL}"),
        ("min(x, y)", f"unknown operation 'min' in 'min(x, y)'; did you mean minimum? Choose from {ALL}"),
        ("arctan(x)", f"unknown operation 'arctan' in 'arctan(x)'; did you mean atan? Choose from {ALL}"),
        ("sigmoud(x)", f"unknown operation 'sigmoud' in 'sigmoud(x)'; did you mean sigmoid? Choose from {ALL}"),
        (
            "y*x(1 - y)",
            f"unknown operation 'x' in 'y*x(1 - y)'; write x*(, if a product is meant. Choose from {ALL}",
        ),
        ("2x + 1", "'2x + 1' is not a formula: write 2*x"),
        ("2pi", "'2pi' is not a formula: write 2*pi"),
        ("1 + 2.5 x_1", "'1 + 2.5 x_1' is not a formula: write 2.5*x_1"),
        ("2(x + 1)", "'2(x + 1)' is not a formula: write 2*("),
        ("(x + 1)(x - 1)", "'(x + 1)(x - 1)' is not a formula: write )*("),
        ("sin(x + (y", "'sin(x + (y' is not a formula: the ( at character 9 is not closed"),
        ("sin(x + (y)", "'sin(x + (y)' is not a formula: the ( at character 4 is not closed"),
        ("x + y) * 2", "'x + y) * 2' is not a formula: the ) at character 6 closes nothing"),
        ("x^2 + y^2 x", "'x^2 + y^2 x' is not a formula: write 2*x"),
        ("  x^y x", "'  x^y x' is not a formula at character 7: write something like x*y + sin(x)"),
        ("(log(-1) + x", "'(log(-1) + x' is not a formula: the ( at character 1 is not closed"),
        ("x / * 3", "'x / * 3' is not a formula: write a number or a name before the * at character 5"),
        ("2 sin(x)", "'2 sin(x)' is not a formula: write 2*sin"),
        ("x if y", "'x if y' is not a formula: if is a keyword of Python"),
        ("x²", "'x²' cannot stand in a formula: write numbers, names, + - * / ** and operations"),
        ("sin(x, y)", "sin takes 1 inputs, not 2, in 'sin(x, y)'"),
        ("leaky_relu()", "leaky_relu takes 2 inputs, not 0, in 'leaky_relu()'"),
        ("1" * 400, f"a number in '{'1' * 79} is larger than the largest float"),
    ],
)
def test_an_error_shows_the_place_and_what_is_possible(text: str, message: str) -> None:
    with pytest.raises((ValueError, DomainError), match=f"^{re.escape(message)}$"):
        parse_formula(text)


def test_the_length_and_the_depth_of_a_formula_are_limited() -> None:
    assert parse_formula("x".ljust(10_000)).label == "x"
    with pytest.raises(ValueError, match="a formula has at most 10000 characters, not 10001"):
        parse_formula("x".ljust(10_001))
    for deep in ("-" * 200 + "x", "+" * 200 + "x", "x" + " + x" * 200):
        assert toposort(parse_formula(deep))[0].label == "x"
    for deeper in ("-" * 201 + "x", "+" * 201 + "x", "x" + " + x" * 201):
        with pytest.raises(ValueError, match="is nested more than 200 deep"):
            parse_formula(deeper)


def test_a_formula_that_is_not_text_is_an_error() -> None:
    text: Any = 3.0
    with pytest.raises(TypeError, match=r"a formula is text such as 'x\*y \+ sin\(x\)', not 3.0 of type float"):
        parse_formula(text)


def test_near_the_recursion_limit_a_formula_is_nested_too_deep() -> None:
    def from_deep_down(depth: int) -> Value:
        return parse_formula("-" * 90 + "x") if depth == 0 else from_deep_down(depth - 1)

    used = len(inspect.stack())
    messages = set()
    for left in range(20, 400, 20):
        with suppress(RecursionError):  # raised by the parser itself
            try:
                from_deep_down(sys.getrecursionlimit() - used - left)
            except ValueError as error:
                messages.add(str(error)[-18:])
    assert "is nested too deep" in messages


@given(st.text(alphabet="xy01.+-*/^() ,sincosexp_[]{}'\"\\:;=<>@!\n", max_size=60))
def test_any_text_is_a_formula_or_a_clear_error(text: str) -> None:
    with suppress(ValueError, DomainError):
        assert isinstance(parse_formula(text), Value)


def test_pi_is_the_number_unless_it_is_given_another() -> None:
    assert parse_formula("pi*x", {"x": 2.0}).data == 2.0 * math.pi
    assert parse_formula("pi*x", {"x": 2.0, "pi": 3.0}).data == 6.0


def test_the_exponential_is_not_taken_for_a_power_of_a_variable() -> None:
    with pytest.raises(ValueError, match=r"e does not have a value in 'e\*\*x': write exp\(x\), or give e one"):
        parse_formula("e^x")
    assert parse_formula("e^x", {"e": 2.0, "x": 3.0}).data == 8.0
    assert parse_formula("d*e", {"d": 3.0}).data == 3.0


def test_the_operation_shown_as_sigma_is_called_sigmoid() -> None:
    with pytest.raises(ValueError, match="sigmoid"):
        parse_formula("σ(x)")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1e400", "a number in '1e400' is larger than the largest float"),
        ("1e308*10", "multiply(1e+308, 10.0) is inf: a formula is computed with finite numbers"),
        ("x - 1e308*10", "multiply(1e+308, 10.0) is inf"),
        ("1/(1e308*10*x)", "multiply(1e+308, 10.0) is inf"),
        ("-1e308 - 1e308*x", "subtract(-1e+308, 1e+308) is -inf"),
        ("x / 1e-320", "divide(x = 1.0, 1e-320) is inf"),
        ("y + 1", "add(y = inf, 1.0) is inf"),
    ],
)
def test_a_formula_that_is_not_finite_is_a_domain_error(text: str, message: str) -> None:
    with pytest.raises(DomainError, match=re.escape(message)):
        parse_formula(text, {"y": math.inf})
