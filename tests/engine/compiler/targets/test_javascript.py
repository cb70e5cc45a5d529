"""JavaScript: modules have the engine's values, derivatives, steps and refusals, for every operation and any graph."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine import TABLE, DomainError, Op, Value, compile, dot, exp, forward, grad, ops, primitive, toposort, where
from engine.backprop import backpropagate
from engine.labels import distinct_names
from tests import share, thorough_unless
from tests.engine.compiler.agreement import PRECISION, assert_near, largest_magnitude
from tests.engine.compiler.targets.node import Node, needs_node
from tests.engine.operations import known, ordinary_point, special_points
from tests.engine.recipes import ORDINARY, RECIPES, Recipe, each_operation_first, follow

pytestmark = needs_node
LIMIT = 1e4


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    with Node() as process:
        yield process


def module(*outputs: Value) -> str:
    return compile(list(outputs), backend="python").source_for("javascript")


def is_close(found: float, wanted: float, units: float) -> bool:
    """Whether two numbers differ by at most this many units in the last place, or are both NaN or the same infinity."""
    if not (math.isfinite(found) and math.isfinite(wanted)):
        return found == wanted or (math.isnan(found) and math.isnan(wanted))
    return abs(found - wanted) <= units * max(math.ulp(found), math.ulp(wanted))


def number_or_message(compute: Callable[..., Any], *arguments: Any) -> Any:
    """The result, or the message of the DomainError."""
    try:
        return compute(*arguments)
    except DomainError as error:
        return str(error)


def node_names(order: list[Value]) -> dict[Value, str]:
    """The names in a module: those of constants come last."""
    named = sorted(order, key=lambda node: node.op is ops.constant)
    return dict(zip(named, distinct_names([node.label for node in named]), strict=True))


def points_by_arity(op: Op) -> Iterator[tuple[list[Value], list[list[float]]]]:
    """Leaves for each number of inputs of an operation, and the points of the table for them."""
    entry = known(op)
    points = [list(map(float, point)) for point in (*entry.points, *entry.wide, *special_points(op))]
    if op is ops.power and sys.version_info < (3, 11):  # which refuses 0 to the power of -∞
        points = [point for point in points if point != [0.0, -math.inf]]
    for n in sorted({len(point) for point in points}):
        leaves = [Value(x, f"x_{i}") for i, x in enumerate(ordinary_point(op, n))]
        yield leaves, [point for point in points if len(point) == n]


def set_data(leaves: list[Value], numbers: list[float]) -> dict[str, float]:
    """Set the leaves, and return the numbers by name."""
    for x, number in zip(leaves, numbers, strict=True):
        x.data = number
    return {x.label: x.data for x in leaves}


@pytest.mark.parametrize("op", TABLE.values(), ids=TABLE)
def test_each_operation_has_the_values_of_python(node: Node, op: Op) -> None:
    for leaves, points in points_by_arity(op):
        output = op(*leaves)
        calls = [["values", set_data(leaves, point)] for point in points]
        for point, found in zip(points, node.run(module(output), calls), strict=True):
            wanted = number_or_message(op.evaluate, point, leaves)
            if isinstance(wanted, str):
                assert found == {"error": wanted}, point
            else:
                units = known(op).javascript if op.is_primitive else 4.0
                assert is_close(found["result"]["#1"], wanted, units), (point, found, wanted)


def gradient(output: Value, leaves: list[Value]) -> list[float]:
    forward(output)
    return grad(output, leaves)


@thorough_unless(lambda op: op.name not in ("clamp", "dot"))
@pytest.mark.parametrize("op", TABLE.values(), ids=TABLE)
def test_each_operation_has_the_derivatives_of_python(node: Node, op: Op) -> None:
    for leaves, points in points_by_arity(op):
        output = op(*leaves)
        text = module(output)
        for point in points:
            [found] = node.run(text, [["derivatives", set_data(leaves, point)]])
            wanted = number_or_message(gradient, output, leaves)
            if isinstance(wanted, str):
                assert found == {"error": wanted}, point
                continue
            for x, slope in zip(leaves, wanted, strict=True):
                rounding = known(op).error / math.ulp(1.0)
                assert is_close(found["result"].get(x.label, 0.0), slope, 8 + rounding), (point, x.label, found, wanted)


@pytest.mark.thorough
@settings(max_examples=share(1.5), deadline=None)
@given(RECIPES, st.lists(st.sampled_from([-2.5, -1.0, -0.3, 0.125, 0.7, 1.0, 3.0]), min_size=5, max_size=5))
@each_operation_first(ORDINARY)
def test_random_graphs_have_the_numbers_of_the_engine(node: Node, recipe: Recipe, start: list[float]) -> None:
    leaves = [Value(number, name) for number, name in zip(start, "xywvu", strict=True)]
    output, _ = follow(recipe, [2.0, -0.5, *leaves], limit=LIMIT)
    assume(isinstance(output, Value) and output.inputs)
    order = toposort(output)
    values, found = node.run(module(output), [["values"], ["derivatives"]])
    derivatives = number_or_message(backpropagate, order)
    if isinstance(derivatives, str):
        assert found == {"error": derivatives}
        return
    scale = largest_magnitude(output)
    assume(scale < LIMIT)
    values, found = values["result"], found["result"]
    names = node_names(order)
    assert_near([values[names[u]] for u in order], [u.data for u in order], PRECISION * scale)
    assert found.keys() <= {names[u] for u in derivatives}
    assert_near([found.get(names[u], 0.0) for u in derivatives], derivatives.values(), PRECISION * scale)


def test_only_the_operations_of_the_graph_are_printed() -> None:
    text = module(Value(2.0, "x") * 3.0)
    assert "multiply" in text
    assert not any(f'"{name}"' in text for name in TABLE if name != "multiply")
    assert "Math.exp" not in text


def test_frozen_leaves_have_no_derivatives(node: Node) -> None:
    x, w = Value(2.0, "x"), Value(3.0, "w")
    text = compile(w * x, [x], [x], backend="python").source_for("javascript")
    assert node.run(text, [["derivatives"], ["values", {"x": 5.0}]]) == [
        {"result": {"#1": 1.0, "x": 3.0}},
        {"result": {"x": 5.0, "w": 3.0, "#1": 15.0}},
    ]


def test_the_derivatives_of_an_inner_node(node: Node) -> None:
    x = Value(2.0, "x")
    a = x * x
    a.label = "a"
    text = module(a.exp() + x)
    assert node.run(text, [["derivatives", {}, "a"]]) == [{"result": {"a": 1.0, "x": 4.0}}]


def test_absent_edges_are_not_derivatives_of_0(node: Node) -> None:
    x = Value(0.0, "x")
    safe = where(x, x, 1.0)
    y = where(x, safe.log() / x if x.data else safe.log(), x * 3.0)
    assert node.run(module(y), [["derivatives"]])[0]["result"]["x"] == 3.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (["values", {"q": 1.0}], 'unknown leaf "q"; the leaves are x'),
        (["values", {"y": 1.0}], "y is computed, and cannot be set"),
        (["values", {"x": "1"}], "x must be a number, not a string"),
        (["derivatives", {}, "q"], 'unknown node "q"'),
    ],
)
def test_wrong_calls_say_what_is_wrong(node: Node, call: list[Any], message: str) -> None:
    y = Value(2.0, "x") * 3.0
    y.label = "y"
    assert node.run(module(y), [call]) == [{"error": message}]


def test_labels_cannot_leave_their_strings(node: Node) -> None:
    labels = ['"};alert(1)//', "</script>", "\u2028", "x`${1}`", "\\", "constructor", "__proto__"]
    leaves = [Value(float(i), label) for i, label in enumerate(labels, 1)]
    text = module(dot(leaves, leaves))
    assert "</script" not in text
    assert node.run(text, [["values"]])[0]["result"].items() >= {(x.label, x.data) for x in leaves}


def test_a_primitive_without_a_spelling_is_refused() -> None:
    erf = primitive("error", "error", math.erf, lambda z, x: 2.0 / math.sqrt(math.pi) * exp(-x * x))
    try:
        with pytest.raises(ValueError, match="'javascript' does not implement the operation 'error'"):
            module(erf(Value(0.5)))
    finally:
        del TABLE["error"]
