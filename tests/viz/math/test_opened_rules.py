"""The rule of a local derivative opened, with its numbers put in, alone and in tables."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from contextlib import suppress

import pytest

from engine import DomainError, NamedGraph, Value, grad, label, maximum
from engine.op import TABLE, Op
from engine.symbolic.expression import Expression
from engine.symbolic.parser import parse_formula
from tests.paper_graphs import figure_4
from viz.math.backpropagation_table import backpropagation_table
from viz.math.formulas import format_formula
from viz.math.numbers_put_in import evaluate, local_sides, opened_rule, put_in_numbers

ACTIVATIONS = [op for op in TABLE.values() if op.activation]


def neuron() -> Value:
    w, x, b = Value(0.5, "w"), Value(1.5, "x"), Value(-0.25, "b")
    n = w * x + b
    o = n.tanh()
    label(n=n, o=o)
    return o


def softmax() -> Value:
    a = [Value(x, f"a_{i}") for i, x in enumerate((0.5, -1.0, 0.25), 1)]
    e = [x.exp() for x in a]
    loss = -(e[0] / (e[0] + e[1] + e[2])).log()
    loss.label = "L"
    return loss


def of_x(name: str) -> Value:
    x, z = Value(0.5, "x"), Value(1.5, "z")
    made: dict[str, Value] = {"sine": x.sin() * x, "square": x**2, "relu": (2 * x).relu(), "max": maximum(x, z) * x}
    made[name].label = "y"
    return made[name]


def local_lines(y: Value, format: str = "text") -> list[str]:
    cells = [x for row in backpropagation_table(y).sheet().rows for x in row[3]]
    return [format_formula(x, format, digits=4) for x in cells if isinstance(x, Expression)]


@pytest.mark.parametrize("op", ACTIVATIONS, ids=lambda op: op.name)
@pytest.mark.parametrize("x", [-0.75, 0.5])
def test_an_opened_rule_is_the_derivative(op: Op, x: float) -> None:
    a, b = Value(x, "a"), Value(1.25, "b")
    z = op(a * b)
    z.label = "z"
    graph = NamedGraph(z)
    [rule] = opened_rule(graph, z, graph.formulas(z)[a])
    assert f"{op.symbol}'" not in format_formula(rule)
    assert math.isclose(evaluate(rule, {"a": x, "b": 1.25, "z": z.data}), grad(z, [a])[0], rel_tol=1e-14)


@pytest.mark.parametrize(
    ("y", "lines"),
    [
        (neuron(), ["∂o/∂n = tanh'(n) = 0.7864", "tanh'(n) = 1 − o² = 1 − 0.4621² = 0.7864"]),
        (of_x("sine"), ["sin(x) + x · cos(x) = sin(0.5) + 0.5 · cos(0.5) = 0.9182"]),
        (of_x("square"), ["∂y/∂x = 2x = 1", "2x = 2 · 0.5 = 1"]),
        (of_x("relu"), ["2 · ReLU'(2x) = 2 · [2x > 0] = 2 · [2 · 0.5 > 0] = 2"]),
        (of_x("max"), ["x · ([z > x] + 0.5 · [z = x]) = 0.5 · 1 = 0.5"]),
        (figure_4(), ["σ'(a₁⁽³⁾) = z₁⁽³⁾ · (1 − z₁⁽³⁾) = 0.6702 · 0.3298 = 0.221"]),
    ],
    ids=["neuron", "sine", "square", "relu", "max", "figure 4"],
)
def test_table_1_opens_each_rule(y: Value, lines: list[str]) -> None:
    found = local_lines(y)
    for line in lines:
        assert line in found


def test_every_format_has_the_opened_rule() -> None:
    assert r"\tanh'(n) = 1 - o^{2} = 1 - 0.4621^{2} = 0.7864" in local_lines(neuron(), "latex")
    table = backpropagation_table(neuron())
    assert "<msup><mi>o</mi><mn>2</mn></msup>" in table.sheet().html().replace("<mrow>", "").replace("</mrow>", "")
    assert r"\tanh'(n) = 1 - o^{2} = 1 - 0.462117^{2}" in table.sheet().markdown()
    assert "tanh'(n) = 1 − o²\n" in f"{table.general().text()}\n"


@pytest.mark.parametrize("y", [neuron(), softmax(), figure_4(), of_x("max")], ids=["neuron", "softmax", "4", "max"])
def test_numbers_put_in_come_to_the_local_derivative(y: Value) -> None:
    table = backpropagation_table(y)
    for term in (term for row in table.rows for term in row.terms):
        *_, numbers = local_sides(table.graph, term.reader, term.local_derivative, table.numbers)
        assert term.local_number is not None
        assert math.isclose(evaluate(numbers, {}), term.local_number, rel_tol=1e-14)


def test_nodes_of_one_name_do_not_lend_each_other_numbers() -> None:
    y = Value(0.5, "x") * Value(1.5, "x").sin()
    y.label = "y"
    assert local_lines(y) == ["∂y/∂x = sin(x) = 0.9975", "∂y/∂x = x · cos(x) = 0.03537"]


def test_a_table_keeps_the_numbers_with_which_it_was_made() -> None:
    x = Value(0.5, "x")
    y = x**2
    y.label = "y"
    table = backpropagation_table(y)
    x.data = 3.0
    assert "2x = 2 · 0.5 = 1" in table.sheet().text()


@pytest.mark.parametrize(
    ("x", "y", "text"),
    [
        (-0.375, 2.0, "−0.375 / 2 + (−0.375) · 2 − (−0.375)²"),
        (1.2e-05, 2.0, "1.2·10⁻⁵ / 2 + 1.2·10⁻⁵ · 2 − (1.2·10⁻⁵)²"),
        (2.0, -1.2e-05, "2 / (−1.2·10⁻⁵) + 2 · (−1.2·10⁻⁵) − 2²"),
    ],
)
def test_numbers_get_brackets_where_they_need_them(x: float, y: float, text: str) -> None:
    a, b = Value(x, "a"), Value(y, "b")
    assert put_in_numbers(NamedGraph(f := a / b + a * b - a**2).relation(f), {"a": x, "b": y}) == text


def test_half_of_a_square_of_a_number_has_a_sign() -> None:
    z, y = Value(1.0, "z"), Value(0.25, "y")
    E = (z - y) ** 2 / 2
    assert put_in_numbers(NamedGraph(E).relation(E), {"z": 1.0, "y": 0.25}) == "½ · 0.75²"


def random_formula(rng: random.Random, leaves: list[Value], depth: int) -> Value:
    if depth == 0:
        return rng.choice(leaves)
    x, y = (random_formula(rng, leaves, d) for d in (depth - 1, rng.randrange(depth)))
    made: list[Callable[[], Value]] = [
        *(lambda: x + y, lambda: x - y, lambda: x * y, lambda: x / y, lambda: -x, lambda: -3 * x),
        *(lambda: x**2, lambda: x.tanh(), lambda: (x - y) ** 2 / 2),
    ]
    return rng.choice(made)()


def test_numbers_put_in_are_read_as_the_formula() -> None:
    rng, n_read = random.Random(0), 0
    for _ in range(300):
        leaves = [Value(rng.choice([1, -1]) * rng.choice([0.5, 1.25, 1.2e-05, 2e07]), name) for name in "abc"]
        with suppress(DomainError):
            y = random_formula(rng, leaves, rng.randrange(1, 5))
            graph = NamedGraph(y)
            text = put_in_numbers(graph.relation(y), {x.label: x.data for x in leaves}, 12)
            read = parse_formula(text.replace("½ · ", "0.5 · ").replace("½", "0.5 · "))
            assert math.isclose(read.data, y.data, rel_tol=1e-6, abs_tol=1e-9), text
            n_read += 1
    assert n_read > 250


def test_only_the_reader_with_a_rule_has_a_line_for_it() -> None:
    x = Value(0.5, "x")
    z = x.tanh()
    y = z * x
    label(z=z, y=y)
    [*_, (_, _, _, lines, _)] = backpropagation_table(y).general().rows
    assert [format_formula(line) for line in lines if isinstance(line, Expression)] == [
        *("∂z/∂x = tanh'(x)", "tanh'(x) = 1 − z²"),
        "∂y/∂x = z",
    ]
