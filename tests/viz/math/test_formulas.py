"""Formulas as text: each operation, the brackets that they need and no others, and that they have the graph's value."""

import ast
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import example, given

from engine import TABLE, NamedGraph, Value, dot, sin
from tests import thorough_unless
from tests.viz.math.formula_examples import (
    EXPRESSIONS,
    READABLE,
    TEXT_OF_OPERATION,
    applied,
    exact_value,
    formula_and_value,
    in_python,
    node_of,
    relation,
    x,
    y,
)
from viz.math.equations import numeral
from viz.math.formulas import format_formula, format_number


def written(node: Value) -> str:
    """The formula of a node as text."""
    return format_formula(relation(node))


@pytest.mark.parametrize("name", TABLE)
def test_every_operation_is_written(name: str) -> None:
    assert written(applied(TABLE[name])) == TEXT_OF_OPERATION[name]


@pytest.mark.parametrize("typed", READABLE)
def test_a_formula_is_written_as_a_reader_would(typed: str) -> None:
    assert written(node_of(typed)) == READABLE[typed]


SIGNS = [
    "x + -2",
    "x - -2",
    "x - -y",
    "y - -2 * x",
    "x / -y",
    "x / -2",
    "dot([-1.0, 2.0], [x, y])",
    "dot([x], [y], -u)",
]


@pytest.mark.parametrize("typed", SIGNS)
def test_no_sign_follows_another(typed: str) -> None:
    assert not re.search("[+−·/] −", written(node_of(typed)))


def test_labels_are_written_as_print() -> None:
    z = Value(0.25, "z_1^(1)")
    assert written(Value(0.5, "w_11^(2)") * z) == "w₁₁⁽²⁾z₁⁽¹⁾"
    assert written(Value(0.1, "rate") * z) == "rate · z₁⁽¹⁾"


def test_labels_can_be_written_in_another_way() -> None:
    assert format_formula(relation(x * y), short={"x": "u_1"}) == "u₁y"


@pytest.mark.parametrize(("label", "text"), [("x_1", "x₁²"), ("x^2", "(x²)²"), ("z^(2)", "(z⁽²⁾)²")])
def test_a_power_cannot_be_taken_for_a_superscript(label: str, text: str) -> None:
    assert written(Value(3.0, label) ** 2) == text


@pytest.mark.parametrize("exponent", [float("inf"), float("nan")])
def test_an_exponent_that_is_not_finite_is_written(exponent: float) -> None:
    assert str(exponent) in written(Value(0.5, "x") ** exponent)


def test_an_activation_is_written_with_its_derivative() -> None:
    z = x.sigmoid()
    assert format_formula(NamedGraph(z).formulas(z)[x]) == "σ'(x)"


@pytest.mark.parametrize(("digits", "text"), [(6, "−0.123457"), (2, "−0.12")])
def test_numbers_are_rounded_to_significant_digits(digits: int, text: str) -> None:
    assert format_number(-0.123456789, digits) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (123456.789, "1.235·10⁵"),
        (1e-17, "1·10⁻¹⁷"),
        (-0.000217, "−0.000217"),
        (-1.2e-05, "−1.2·10⁻⁵"),
        (9999.6, "1·10⁴"),
    ],
)
def test_a_large_or_small_number_is_written_with_a_power_of_ten(number: float, text: str) -> None:
    assert format_number(number, 4) == text


@pytest.mark.parametrize(("number", "text"), [(-0.5, "x · (−0.5)"), (1e-9, "x · 1·10⁻⁹"), (3.0, "x · 3")])
def test_a_leaf_without_a_label_is_written_as_a_number(number: float, text: str) -> None:
    assert written(x * Value(number)) == text


def test_infinities_and_nan_are_written() -> None:
    assert [format_number(float(text)) for text in ("inf", "-inf", "nan")] == ["inf", "−inf", "nan"]


def test_minus_zero_is_written_as_zero() -> None:
    assert [format_number(-0.0), format_formula(numeral(-0.0)), format_number(-1e-300)] == ["0", "0", "−1·10⁻³⁰⁰"]


def weighted_sum(n: int) -> str:
    weights = [Value(1.0, f"w_{j}") for j in range(1, n + 1)]
    return written(dot(weights, [Value(1.0, f"z_{j}") for j in range(1, n + 1)], Value(1.0, "b")))


def test_a_long_sum_is_shortened() -> None:
    assert weighted_sum(3) == "w₁z₁ + w₂z₂ + w₃z₃ + b"
    assert weighted_sum(12) == "w₁z₁ + w₂z₂ + ⋯ + w₁₂z₁₂ + b"


def test_a_negative_weight_is_subtracted() -> None:
    z = [Value(1.0, f"z_{j}") for j in (1, 2, 3)]
    assert written(dot([-2.0, 1.5, -0.75], z, Value(1.0, "b"))) == "−2z₁ + 1.5z₂ − 0.75z₃ + b"


@thorough_unless(lambda step: step is sin)
@pytest.mark.parametrize("step", [sin, lambda node: node + x, lambda node: node * node], ids=["sin", "+ x", "doubled"])
def test_a_formula_too_long_to_read_is_shortened(step: Callable[[Value], Value]) -> None:
    node = Value(0.5, "x")
    for _ in range(10_001):
        node = step(node)
    text = written(node)
    assert "…" in text
    assert len(text) < 10_000


@example("(x / (-(y * u)))")
@example("((-x) - (y - (u + 2)))")
@given(EXPRESSIONS)
def test_the_text_has_the_value_of_the_graph(expression: str) -> None:
    formula, value = formula_and_value(expression)
    text = format_formula(formula)
    assert exact_value(in_python(text)) == value, text


def without_a_pair_of_brackets(text: str) -> Iterator[str]:
    """The text without each pair of brackets; those that keep a minus apart from the sign before it must stay."""
    open_brackets = []
    for i, char in enumerate(text):
        if char == "(":
            open_brackets.append(i)
        elif char == ")":
            start = open_brackets.pop()
            if not (text[start + 1] == "−" and text[:start].endswith(("+ ", "− ", "· ", "/ "))):
                yield text[:start] + text[start + 1 : i] + text[i + 1 :]


def parsed(text: str) -> str:
    """The formula as Python parses it; "" if it is not Python, as (x + x)2 is not."""
    try:
        return ast.dump(ast.parse(in_python(text)))
    except SyntaxError:
        return ""


@given(EXPRESSIONS)
def test_every_pair_of_brackets_is_needed(expression: str) -> None:
    text = format_formula(formula_and_value(expression)[0])
    meaning = parsed(text)
    assert meaning
    for shorter in without_a_pair_of_brackets(text):
        assert parsed(shorter) != meaning, f"{text} could be written {shorter}"


@pytest.mark.parametrize("digits", [0, -1, 1.5])
def test_numbers_have_at_least_one_digit(digits: Any) -> None:
    with pytest.raises(ValueError, match=f"digits must be a whole number of at least 1, not {digits}"):
        format_number(1.5, digits)
