"""The sweep, in both directions, on floats, `Value`s and expressions; and edges."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import engine
from engine import DomainError, Op, Value, dot, grad, greater, label, log, toposort, where
from engine.derivatives.modes import entrywise
from engine.graph import compute_values, depends_on
from engine.guards import GuardedChainRule, tangent_rules
from engine.ops import constant
from engine.sweep import (
    IDENTITY,
    Edge,
    chain_rule,
    cotangents,
    edges,
    is_met_now,
    present_edges,
    reachable_nodes,
    reverse,
    tangents,
)
from engine.symbolic.expression import Expression, ExpressionBuilder
from engine.symbolic.rewrites import exact
from tests import share
from tests.engine.compiler.backends import RUNNERS
from tests.engine.known_graphs import figure_2
from tests.engine.recipes import RECIPES, Recipe, follow

NUMBERS = [0.7, -1.3, 2.1]


def data(*outputs: Value) -> dict[Value, float]:
    return {node: node.data for node in toposort(*outputs)}


def graph_of(recipe: Recipe) -> tuple[Value, list[Value]]:
    leaves = [Value(x, f"x{i}") for i, x in enumerate(NUMBERS)]
    y, _ = follow(recipe, [2.0, *leaves], limit=1e3)
    assume(isinstance(y, Value) and y.op is not constant)
    return y, leaves


def evaluate(formula: Any, numbers: Mapping[str, float]) -> float:
    """The number of a formula for these numbers of its names."""
    found: dict[Expression, float] = {}
    for part in toposort(formula):
        named = part.value if part.is_constant else numbers.get(part.name, 0.0)
        found[part] = part.op(*[found[x] for x in part.inputs]) if part.inputs else named
    return found[formula]


def test_the_derivative_of_the_output_goes_back_along_the_edges() -> None:
    y, _ = figure_2()
    numbers = data(y)
    derivatives = reverse(toposort(y), lambda node: edges(node, numbers))
    assert {node.label: slope for node, slope in derivatives.items() if node.label} == {
        "y": 1,
        "a_1": 2,
        "a_2": 1,
        "x": 5,
    }


def test_reverse_accepts_a_custom_chain_rule() -> None:
    y, _ = figure_2()
    numbers, seen = data(y), []

    def recorded(node: Value, upstream: float, edge: Edge) -> float:
        seen.append((node.op.name, edge.i, upstream, edge.local_derivative))
        return float(chain_rule(node, upstream, edge))

    reverse(toposort(y), lambda node: edges(node, numbers), 1.0, recorded)
    assert seen == [
        *[("add", 0, 1.0, 1.0), ("add", 1, 1.0, 1.0), ("negate", 0, 1.0, -1.0)],
        *[("multiply", 1, 1.0, 2.0), ("multiply", 1, 2.0, 3.0)],
    ]


def test_the_sum_rule_gets_contributions_in_the_order_of_arrival() -> None:
    x = Value(3.0, "x")
    y = x * x + x
    numbers, sums = data(y), {}

    def total(node: Value, contributions: list[float]) -> float:
        sums[node] = contributions
        return math.fsum(contributions)

    assert reverse(toposort(y), lambda node: edges(node, numbers), 1.0, chain_rule, total)[x] == 7.0
    assert sums[x] == [1.0, 3.0, 3.0]


@settings(max_examples=share(0.5))
@given(RECIPES)
def test_the_reverse_sweep_on_floats_is_that_of_grad(recipe: Recipe) -> None:
    y, leaves = graph_of(recipe)
    numbers = data(y)
    try:
        expected = grad(y, leaves)
    except DomainError:
        return
    found = reverse(toposort(y), lambda node: present_edges(node, numbers))
    assert [found.get(x, 0.0) for x in leaves] == pytest.approx(expected, rel=0, abs=0, nan_ok=True)


@settings(max_examples=share(0.5))
@given(RECIPES, st.lists(st.floats(-2.0, 2.0), min_size=3, max_size=3))
def test_tangents_are_the_gradient_times_the_direction(recipe: Recipe, direction: list[float]) -> None:
    y, leaves = graph_of(recipe)
    numbers = data(y)
    try:
        gradient = grad(y, leaves)
    except DomainError:
        return
    assume(all(map(math.isfinite, gradient)))
    expected = math.fsum(slope * along for slope, along in zip(gradient, direction, strict=True))
    seeds = dict(zip(leaves, direction, strict=True))
    order = reachable_nodes(toposort(y), [y], is_met_now)
    try:
        floats = tangents(order, lambda node: present_edges(node, numbers), seeds).get(y, 0.0)
        graph = tangents(toposort(y), lambda node: edges(node, IDENTITY), seeds, *tangent_rules()).get(y, 0.0)
    except DomainError:  # in a branch that is not taken, which a graph has too
        return
    size = 1e-9 * (1.0 + sum(abs(s * d) for s, d in zip(gradient, direction, strict=True)))
    assume(math.isfinite(floats))
    assert floats == pytest.approx(expected, rel=1e-9, abs=size)
    assert (graph.data if isinstance(graph, Value) else graph) == pytest.approx(
        floats, rel=1e-12, abs=size, nan_ok=True
    )


def test_both_sweeps_run_on_expressions() -> None:
    builder = ExpressionBuilder(exact, expand=False)
    x, w = builder.symbol("x"), builder.symbol("w")
    y = builder.make(greater, (x, w))
    y = where(y, x * x * w, w * w) + x.tanh()
    order = toposort(y)
    for numbers in ({"x": 2.0, "w": 0.5}, {"x": 0.5, "w": 2.0}):
        by_x, by_w = (Value(numbers[name]) for name in "xw")
        plain = where(greater(by_x, by_w), by_x * by_x * by_w, by_w * by_w) + by_x.tanh()
        expected = grad(plain, [by_x, by_w])
        found = reverse(
            order, lambda node: edges(node, IDENTITY), builder.constant(1.0), GuardedChainRule(order, [x, w])
        )
        assert [evaluate(found[leaf], numbers) for leaf in (x, w)] == pytest.approx(expected, rel=1e-15)
        seeds = {x: builder.constant(3.0), w: builder.constant(-2.0)}
        tangent = tangents(order, lambda node: edges(node, IDENTITY), seeds, *tangent_rules())[y]
        assert evaluate(tangent, numbers) == pytest.approx(3.0 * expected[0] - 2.0 * expected[1], rel=1e-15)


def test_tangents_do_not_enter_a_branch_that_is_not_taken() -> None:
    x = Value(0.0, "x")
    y = where(greater(x, 0.0), x.sqrt(), 3.0 * x)
    numbers = data(y)
    order = reachable_nodes(toposort(y), [y], is_met_now)
    assert tangents(order, lambda node: present_edges(node, numbers), {x: 1.0})[y] == 3.0


def test_the_tangent_of_a_seed_includes_those_of_other_seeds() -> None:
    x = Value(3.0, "x")
    a = x * x
    y = a * a
    found = tangents(toposort(y), present_edges, {x: 1.0, a: 0.5})
    assert (found[a], found[y]) == (6.5, 6.5 * 18.0)


@pytest.mark.parametrize("backend", RUNNERS)
def test_a_tangent_selects_among_branches_without_a_product(backend: str) -> None:
    x = Value(4.0, "x")
    y = where(greater(x, 0.0), x.sqrt(), 3.0 * x) * 2.0
    slope = tangents(toposort(y), lambda node: edges(node, IDENTITY), {x: Value(1.0)}, *tangent_rules())[y]
    program = engine.compile(slope, [x], backend=backend)
    assert [program(at) for at in (4.0, 0.0, -1.0)] == [0.5, 6.0, 6.0]


def test_cotangents_start_from_several_outputs() -> None:
    x, w = Value(3.0, "x"), Value(2.0, "w")
    a = x * x
    outputs = [a, a * w]
    found = cotangents(toposort(*outputs), present_edges, {outputs[0]: 1.0, outputs[1]: 10.0})
    assert (found[a], found[x], found[w]) == (21.0, 126.0, 90.0)
    rows = cotangents(toposort(*outputs), present_edges, {y: {i: 1.0} for i, y in enumerate(outputs)}, *entrywise())
    assert (rows[x], rows[w]) == ({0: 6.0, 1: 12.0}, {1: 9.0})


def test_a_node_without_a_path_from_a_seed_has_no_tangent() -> None:
    x, w = Value(1.5, "x"), Value(2.0, "w")
    y, other = x * x, w * w
    numbers = data(y + other)
    found = tangents(toposort(y + other), lambda node: edges(node, {**numbers, node: node.data}), {x: 1.0})
    assert found[y] == 3.0
    assert other not in found


def test_edges_name_the_node_whose_derivative_has_no_value() -> None:
    x = Value(0.0, "x")
    y = x.sqrt()
    with pytest.raises(DomainError, match=r"the derivative of sqrt\(x = 0.0\) is not finite"):
        list(edges(y, data(y)))


@pytest.mark.parametrize(
    ("make", "labels"),
    [
        (lambda c, x, y: x * 2.0, ["x"]),
        (lambda c, x, y: greater(x, y), []),
        (lambda c, x, y: where(c, x, y), ["x"]),
        (lambda c, x, y: where(greater(0.0, c), x, y), ["y"]),
        (lambda c, x, y: where(1.0, x, y), ["x"]),
        (lambda c, x, y: where(0.0, x, y), ["y"]),
        (lambda c, x, y: dot([x, 2.0], [y, c], y), ["x", "y", "c", "y"]),
    ],
)
def test_an_edge_is_absent_where_there_is_no_path(make: Callable[..., Value], labels: list[str]) -> None:
    leaves = [Value(3.0), Value(2.0), Value(0.5)]
    label(**dict(zip("cxy", leaves, strict=True)))
    z = make(*leaves)
    assert [edge.input.label for edge in present_edges(z, data(z))] == labels


def test_compute_values_takes_numbers_of_leaves_and_changes_none() -> None:
    x, w = Value(1.5, "x"), Value(2.0, "w")
    y = w * x * x
    assert compute_values(toposort(y), {x: 3.0})[y] == 18.0
    assert (x.data, y.data) == (1.5, 4.5)
    with pytest.raises(DomainError, match=r"log\(x = -1.0\) is not finite"):
        compute_values(toposort(log(x)), {x: -1.0})


def test_depends_on_follows_inputs() -> None:
    x, w = Value(1.5, "x"), Value(2.0, "w")
    y, other = x * x, w * w
    assert depends_on([x], toposort(y, other)) == {x, y}


def test_an_operation_of_a_users_own_may_pass_no_derivative() -> None:
    sign = Op("sign", "sign", lambda x: greater(x, 0.0) - greater(0.0, x), [lambda z, x: 0.0], edges=[False])
    x = Value(0.0, "x")
    y = sign(x.sqrt()) + x
    assert grad(y, [x]) == [1.0]
