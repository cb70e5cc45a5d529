"""Answers to the quiz: numbers, and formulas of nodes by every spelling of their names."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import Any, cast

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine import DomainError, NamedGraph, Value, ops
from viz.math.formulas import format_formula
from viz.stepping.answers import read_answer

VALUES = {
    "z_1^(2)": 0.5,
    "z₁⁽²⁾": 0.5,
    "w₁": 3.0,
    "x": 2.0,
    "#1": 4.0,
    "∂E/∂a": -0.25,
    "dE/da": -0.25,
    "E": 7.0,
    "if": 9.0,
}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0.25", 0.25),
        ("1e-3", 1e-3),
        ("1.5e3 + .5", 1500.5),
        ("-6/2", -3.0),
        ("3*z_1^(2)*(1-z_1^(2))", 0.75),
        ("3 · z₁⁽²⁾ × (1 − z₁⁽²⁾)", 0.75),
        ("x^2", 4.0),
        ("x^(2)", 4.0),
        ("w₁z₁⁽²⁾", 1.5),
        ("#1 + x", 6.0),
        ("∂E/∂a · x", -0.5),
        ("dE/da*x", -0.5),
        ("E/x", 3.5),
        ("if*2", 18.0),
        ("σ(x)", 1.0 / (1.0 + math.exp(-2.0))),
        ("sigma(x)", 1.0 / (1.0 + math.exp(-2.0))),
        ("sigmoid (x)", 1.0 / (1.0 + math.exp(-2.0))),
        ("max(x, 3)", 3.0),
        ("tanh'(0)", 1.0),
        ("∂E/∂a * σ'(x - 2)", -0.0625),
        ("sin'(sin'(x-2) - 1)", 1.0),
        ("sin'(" * 100 + "x" + ")" * 100, 0.7390851332151607),  # cos(0.739...) = 0.739...
    ],
)
def test_what_is_shown_can_be_typed(text: str, number: float) -> None:
    assert read_answer(text, VALUES) == pytest.approx(number, rel=1e-15)


def test_a_node_with_the_name_of_an_operation_is_a_node() -> None:
    assert read_answer("sin + sin(sin)", {"sin": 0.5}) == 0.5 + math.sin(0.5)
    assert read_answer("sigma", {"sigma": 0.5}) == 0.5


def test_a_number_is_never_the_name_of_a_node() -> None:
    assert read_answer("2 + 1e5", {"2": 3.0, "e5": 7.0, "": 1.0}) == 100002.0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0.0420157*foo", "unknown name 'foo'"),
        ("z_1^(3)", r"unknown name 'z_1\^\(3\)'; did you mean z_1\^\(2\)"),
        ("five", "unknown name 'five'"),
        ("import os", "unknown name 'import'"),
        ("xE", r"'xE' is not a formula: write x\*E"),
        ("2x", r"write 2\*x"),
        ("x(1 - x)", r"write x\*\("),
        ("0,185", r"write a decimal point, as in 0\.5"),
        ("sine(x)", "unknown operation 'sine'"),
        ("2*z_1^(2) - σ'(x", r"the \( at character 15 is not closed"),
        ("z_1^(2) / * 3", r"^'z_1\^\(2\) / \* 3' is not a formula: write"),
        ("foo'(x)", "unknown operation 'foo'"),
        ("maximum'(x)", "maximum' is ambiguous: maximum has 2 inputs"),
        ("z_1^(2) z_1^(2) +", r"z_1\^\(2\)"),
        ("", "not a formula"),
        ("x" * 1001, "1001 characters"),
        ("(" * 201 + "x" + ")" * 201, "nested more than 200 deep"),
    ],
)
def test_an_invalid_answer_is_an_error_with_advice(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_answer(text, VALUES)


def test_an_answer_is_text() -> None:
    with pytest.raises(TypeError, match=r"an answer must be text such as '0.5' or 'x\*y', not 0.5 of type float"):
        read_answer(cast(Any, 0.5), VALUES)


def test_an_answer_without_a_value_names_the_node() -> None:
    with pytest.raises(DomainError, match=r"log\(∂E/∂a = -0.25\)"):
        read_answer("log(∂E/∂a)", VALUES)
    with pytest.raises(DomainError, match=r"the derivative of log\(∂E/∂a = -0.25\) is not finite: log needs"):
        read_answer("log'(∂E/∂a)", VALUES)


@given(st.text(alphabet="xE12.e+-*/^() ,'σ·∂#sinif_₁⁽²⁾z=[]{}\"\\\n", max_size=40), st.text(max_size=5))
def test_any_text_is_a_number_or_a_clear_error(text: str, name: str) -> None:
    with suppress(ValueError, DomainError):
        assert isinstance(read_answer(text, {**VALUES, name: 0.5}), float)
    with suppress(ValueError, DomainError):
        assert isinstance(read_answer(f"{name}*{text}", {**VALUES, name: 0.5}), float)


LEAVES = {"x": 0.5, "y_1": 1.5, "w_21^(1)": 0.75, "delta_1^(2)": -2.0, "a": 1.25e-5}
UNARY = [ops.negate, ops.sin, ops.sigmoid, ops.absolute, ops.tanh, lambda x: x**2, lambda x: ops.sqrt(abs(x) + 1)]
BINARY = [ops.add, ops.subtract, ops.multiply, ops.maximum, lambda x, y: x / (y**2 + 1), lambda x, y: (x - y) ** 2 / 2]
graphs = st.recursive(
    st.sampled_from([Value(x, name) for name, x in LEAVES.items()]),
    lambda inner: (
        st.builds(lambda op, x: op(x), st.sampled_from(UNARY), inner)
        | st.builds(lambda op, x, y: op(x, y), st.sampled_from(BINARY), inner, inner)
        | st.builds(lambda x: 1.235e5 * x, inner)
    ),
    max_leaves=8,
)


@given(graphs)
def test_a_printed_formula_with_the_signs_asked_for_is_read(root: Value) -> None:
    root = root + 0.0  # a node of its own
    printed = format_formula(NamedGraph(root).relation(root))
    found = None
    while found is None:
        try:
            found = read_answer(printed, LEAVES)
        except ValueError as error:
            printed = str(error).partition(": write ")[2]
            assume(len(printed) < 80)  # a longer one is cut off
    assert found == pytest.approx(root.data, rel=1e-4, abs=1e-9)
