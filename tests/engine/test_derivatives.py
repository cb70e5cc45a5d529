"""`jvp`, `vjp`, `jacobian`, `hessian` and `hvp`: shapes, absent edges, branches, errors, and the cost of a sweep."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from engine import (
    AnomalyError,
    DomainError,
    Op,
    Value,
    detect_anomaly,
    grad,
    greater,
    hessian,
    hvp,
    jacobian,
    jvp,
    toposort,
    vjp,
    where,
)
from engine.derivatives.modes import cheaper_mode, entrywise
from engine.ops import constant
from engine.sweep import chain_rule, cotangents, edges, tangents
from tests import share
from tests.engine.recipes import RECIPES, Recipe, follow

floats_and_graphs = pytest.mark.parametrize("graph", [False, True], ids=["floats", "graphs"])


def numbers(nested: Any) -> Any:
    """The numbers of `Value`s in nested lists and arrays."""
    nested = nested.tolist() if isinstance(nested, np.ndarray) else nested
    return [numbers(x) for x in nested] if isinstance(nested, list) else getattr(nested, "data", nested)


def untyped(function: Any) -> Any:
    return function


def ones(nested: Any) -> Any:
    return [ones(x) for x in nested] if isinstance(nested, list) else 1.0


def forward(outputs: Any, inputs: Any, graph: bool = False) -> Any:
    return jvp(outputs, inputs, ones(inputs), graph)


def backward(outputs: Any, inputs: Any, graph: bool = False) -> Any:
    return vjp(outputs, inputs, ones(outputs), graph)


def hessian_times_ones(outputs: Any, inputs: Any, graph: bool = False) -> Any:
    return hvp(outputs[0], inputs, ones(inputs), graph)


SWEEPS: list[Callable[..., Any]] = [jacobian, forward, backward]
in_each_sweep = pytest.mark.parametrize("sweep", SWEEPS)


def leaves(*given: float) -> list[Value]:
    return [Value(x, f"x_{i}") for i, x in enumerate(given, 1)]


def unit(nodes: list[Any], i: int) -> list[float]:
    return [float(i == j) for j in range(len(nodes))]


def in_each_way(outputs: list[Value], inputs: list[Value], graph: bool) -> list[list[list[float]]]:
    """The Jacobian in the cheaper mode, in forward mode and in reverse mode."""
    columns = [jvp(outputs, inputs, unit(inputs, j), create_graph=graph) for j in range(len(inputs))]
    rows = [vjp(outputs, inputs, unit(outputs, i), create_graph=graph) for i in range(len(outputs))]
    found = [jacobian(outputs, inputs, create_graph=graph), [list(row) for row in zip(*columns, strict=True)], rows]
    return [numbers(matrix) for matrix in found]


@floats_and_graphs
def test_results_are_nested_as_outputs_or_inputs(graph: bool) -> None:
    x, y, z = leaves(2.0, 3.0, 5.0)
    outputs, inputs = [x * y, ([y * z], x)], ((x,), [y, [z]])
    assert numbers(jvp(outputs, inputs, [[1.0], (10.0, [100.0])], graph)) == [23.0, [[350.0], 1.0]]
    assert numbers(vjp(outputs, inputs, (1.0, [[10.0], 100.0]), graph)) == [[103.0], [52.0, [30.0]]]
    assert numbers(hvp(x * y * z, inputs, ([1.0], (0.0, [2.0])), graph)) == [[6.0], [9.0, [3.0]]]
    assert numbers(jacobian(outputs, inputs, graph)) == [[3.0, 2.0, 0.0], [0.0, 5.0, 3.0], [1.0, 0.0, 0.0]]
    assert numbers(hessian(x * y * z, inputs, graph)) == [[0.0, 5.0, 3.0], [5.0, 0.0, 2.0], [3.0, 2.0, 0.0]]


@floats_and_graphs
def test_a_single_value_takes_the_axis_away(graph: bool) -> None:
    x, y = leaves(2.0, 3.0)
    assert numbers(jacobian(x * y, [x, y], graph)) == [3.0, 2.0]
    assert numbers(jacobian([x * y], [x, y], graph)) == [[3.0, 2.0]]
    assert numbers(jacobian([x * y, x], x, graph)) == [3.0, 1.0]
    assert numbers(jacobian([x * y, x], [x], graph)) == [[3.0], [1.0]]
    assert numbers(jacobian(x * y, x, graph)) == 3.0
    assert numbers(jvp(x * y, x, 2.0, graph)) == 6.0
    assert numbers(vjp(x * y, x, 2.0, graph)) == 6.0
    assert numbers(hessian(x**3, x, graph)) == 12.0
    assert numbers(hvp(x**3, x, 2.0, graph)) == 24.0


@floats_and_graphs
def test_arrays_of_values_are_outputs_and_inputs(graph: bool) -> None:
    xs = np.array(leaves(1.0, 2.0, 3.0, 4.0)).reshape(2, 2)
    ys = xs @ xs
    matrix = numbers(jacobian(ys, xs, graph))
    assert np.shape(matrix) == (4, 4)
    assert matrix[1] == [2.0, 5.0, 0.0, 2.0]
    v = np.array([[1.0, 0.0], [2.0, -1.0]])
    at = np.array([[x.data for x in row] for row in xs])
    assert np.allclose(numbers(jvp(ys, xs, v, graph)), v @ at + at @ v, rtol=1e-15)
    assert np.allclose(numbers(vjp(ys, xs, v, graph)), v @ at.T + at.T @ v, rtol=1e-15)
    assert numbers(jvp(np.array(xs[0, 0] * 2.0), (x for x in xs[0]), [3, np.float32(1)], graph)) == 6.0


@floats_and_graphs
def test_results_are_arrays_where_arrays_were_given(graph: bool) -> None:
    x, y = np.array(leaves(2.0, 3.0)), np.array(leaves(5.0, 7.0, 11.0, 13.0)).reshape(2, 2)
    outputs = np.array([x[0] * y[0, 0], x[1] * y[1, 1]])
    z = outputs[0] * outputs[1]
    arrays = {
        "grad": (grad(z, x, graph), (2,)),
        "grad of a matrix": (grad(z, y, graph), (2, 2)),
        "jvp": (jvp(outputs, list(x), [1.0, 1.0], graph), (2,)),
        "vjp": (vjp(list(outputs), y, [1.0, 1.0], graph), (2, 2)),
        "hvp": (hvp(z, y, np.ones((2, 2)), graph), (2, 2)),
        "jacobian": (jacobian(outputs, y, graph), (2, 4)),
        "jacobian by a list": (jacobian(outputs, list(x), graph), (2, 2)),
        "jacobian by one": (jacobian(outputs, x[0], graph), (2,)),
        "jacobian of one": (jacobian(z, x, graph), (2,)),
        "hessian": (hessian(z, y, graph), (4, 4)),
        "of none": (jacobian(outputs, np.array([], dtype=object), graph), (2, 0)),
    }
    for name, (found, shape) in arrays.items():
        assert (name, type(found), found.shape) == (name, np.ndarray, shape)
        assert found.dtype == (object if graph and found.size else float)
    assert numbers(grad(z, y, graph)) == numbers(untyped(grad)(z, y.tolist(), graph))
    mixed = vjp(z, [x, y[0, 0]], 1.0, graph)
    assert (type(mixed), type(mixed[0]), type(mixed[1])) == (list, np.ndarray, Value if graph else float)
    lists = [grad(z, list(x), graph), jvp(z, [list(x)], [[1, 1]], graph), jacobian([z], list(x), graph)]
    assert not any(isinstance(found, np.ndarray) for found in lists)
    assert numbers(grad(z, x, True) - hvp(z, x, [0.5, 0.25], True)) == numbers(grad(z, x) - hvp(z, x, [0.5, 0.25]))


@floats_and_graphs
def test_numbers_among_outputs_are_constants(graph: bool) -> None:
    x, y = leaves(2.0, 3.0)
    outputs = [[x * y, 1], [np.float32(0.5), y]]
    assert numbers(jacobian(outputs, [x, y], graph)) == [[3.0, 2.0], [0.0, 0.0], [0.0, 0.0], [0.0, 1.0]]
    assert numbers(jvp(np.array([[x, 0], [1.0, y]]), [x, y], [1.0, 2.0], graph)) == [[1.0, 0.0], [0.0, 2.0]]
    assert numbers(vjp(outputs, [x, y], [[1.0, 2.0], [3.0, 4.0]], graph)) == [3.0, 6.0]


@floats_and_graphs
def test_results_are_floats_or_values(graph: bool) -> None:
    x, y = leaves(2.0, 3.0)
    kind = Value if graph else float
    found = [
        *jvp([x * y, y], [x], [1.0], graph),
        *vjp([x * x], [x, y], [1.0], graph),
        *hvp(x * x, [x, y], [1, 1], graph),
    ]
    found += [*jacobian([x], [x, y], graph)[0], *hessian(x * 2.0, [x, y], graph)[0]]
    assert [type(one) for one in found] == [kind] * len(found)


@floats_and_graphs
def test_an_output_may_be_an_input_or_depend_on_none(graph: bool) -> None:
    x, y = leaves(2.0, 3.0)
    a = x * x
    outputs, inputs = [x, a, a * y, y * 2.0], [x, a]
    expected = [[1.0, 0.0], [4.0, 1.0], [12.0, 3.0], [0.0, 0.0]]
    assert in_each_way(outputs, inputs, graph) == [expected] * 3
    assert jacobian([], [x]) == jvp([], [x], [1.0]) == vjp([x], [], [1.0]) == hessian(x, []) == []
    assert numbers(jacobian([x, x], [x, y, x], graph)) == [[1.0, 0.0, 1.0]] * 2
    assert numbers(jvp([a, a], [x, x], [1.0, 2.0], graph)) == [12.0, 12.0]
    assert numbers(vjp([a, a], [x, x], [1.0, 2.0], graph)) == [12.0, 12.0]


@floats_and_graphs
def test_constants_have_no_derivatives(graph: bool) -> None:
    [x] = leaves(2.0)
    y = x * 3.0
    three = y.inputs[1]
    assert three.op is constant
    assert in_each_way([y, three], [x, three], graph) == [[[3.0, 0.0], [0.0, 0.0]]] * 3


@floats_and_graphs
def test_kinks_have_the_derivatives_of_the_table(graph: bool) -> None:
    [x] = leaves(0.0)
    outputs = [x.relu(), abs(x), x.maximum(0.0), greater(x, 0.0)]
    expected = [grad(y, [x]) for y in outputs]
    assert in_each_way(outputs, [x], graph) == [expected] * 3
    assert numbers(hessian(x.relu() * x, [x], graph)) == [[0.0]]


BRANCHES: list[Callable[[Value], Value]] = [
    lambda x: where(greater(x, 0.0), x.sqrt(), 3.0 * x),
    lambda x: where(greater(0.0, x), 3.0 * x, where(greater(x, 0.0), x.sqrt(), x * x + 3.0 * x)),
    lambda x: where(greater(x.sqrt(), 1.0), x, 3.0 * x),
    lambda x: where(greater(x, 0.0), x.sqrt() * x.sqrt(), x) * 3.0,
]


@pytest.mark.parametrize("make", BRANCHES, ids=["root", "nested", "condition", "square"])
def test_floats_do_not_enter_branches_that_are_not_taken(make: Callable[[Value], Value]) -> None:
    [x] = leaves(0.0)
    y = make(x)
    assert in_each_way([y, y * y], [x], graph=False) == [[[3.0], [0.0]]] * 3
    assert hessian(y * y, [x])[0][0] == pytest.approx(18.0)
    assert hvp(y * y, [x], [1.0]) == pytest.approx([18.0])


@in_each_sweep
def test_graphs_select_among_branches_when_recomputed(sweep: Callable[..., Value]) -> None:
    [x] = leaves(2.0)
    y = where(greater(x, 1.0), x * x, 3.0 * x) * x
    slope = sweep(y, x, True)
    assert slope.data == 12.0
    x.data = 0.5
    assert slope.forward() == pytest.approx(3.0)


@floats_and_graphs
def test_contradictory_branches_are_not_differentiated(graph: bool) -> None:
    x, c = leaves(0.0, 1.0)
    y = where(c, where(c, 3.0 * x, x.sqrt()), 2.0 * x)
    assert in_each_way([y, y + x], [x], graph) == [[[3.0], [4.0]]] * 3


@in_each_sweep
def test_a_graph_needs_derivatives_of_both_branches(sweep: Callable[..., Any]) -> None:
    [x] = leaves(0.0)
    y = where(greater(x, 0.0), x.sqrt(), 3.0 * x)
    with pytest.raises(
        DomainError, match=r"the derivative of sqrt\(x_1 = 0.0\) .* a branch of where that is not taken"
    ):
        sweep([y], [x], True)


@floats_and_graphs
def test_a_derivative_that_is_not_finite_names_its_node(graph: bool) -> None:
    x, y = leaves(0.0, 2.0)
    for sweep in [*SWEEPS, hessian_times_ones]:
        with pytest.raises(DomainError, match=r"the derivative of sqrt\(x_1 = 0.0\) is not finite"):
            sweep([x.sqrt(), x * y], [x, y], graph)


@floats_and_graphs
def test_what_a_direction_misses_is_not_differentiated(graph: bool) -> None:
    x, y = leaves(0.0, 2.0)
    outputs = [x.sqrt() + y, x * y]
    assert numbers(jvp(outputs, [x, y], [0.0, 1.0], graph)) == [1.0, 0.0]
    assert numbers(vjp(outputs, [x, y], [0, 1], graph)) == [2.0, 0.0]
    assert numbers(jacobian(outputs, [y], graph)) == [[1.0], [0.0]]


def test_a_direction_may_be_part_of_a_graph() -> None:
    x, v = leaves(2.0, 3.0)
    slope = jvp(x**3, x, v, create_graph=True)
    assert (slope.data, grad(slope, [x, v])) == (36.0, [36.0, 12.0])
    [product] = hvp(x**3, [x], [v], create_graph=True)
    assert (product.data, grad(product, [x, v])) == (36.0, [18.0, 12.0])
    back = vjp([x**3], x, [v], create_graph=True)
    assert (back.data, grad(back, [x, v])) == (36.0, [36.0, 12.0])


@settings(max_examples=share(1.0))
@given(RECIPES)
def test_random_graphs_have_one_jacobian_in_all_modes(recipe: Recipe) -> None:
    inputs = leaves(0.7, -1.3, 2.1)
    y, _ = follow(recipe, [2.0, *inputs], limit=1e3)
    outputs = [node for node in toposort(y) if node.inputs][-3:] if isinstance(y, Value) else []
    for graph in (False, True):
        try:
            expected = [numbers(grad(output, inputs, create_graph=graph)) for output in outputs]
            if not all(math.isfinite(x) for row in expected for x in row):
                return
            found = in_each_way(outputs, inputs, graph) if outputs else []
        except DomainError:
            continue
        for matrix in found:
            for row, by_grad in zip(matrix, expected, strict=True):
                assert row == pytest.approx(by_grad, rel=1e-9, abs=1e-9 * (1.0 + max(map(abs, by_grad))))


@settings(max_examples=share(1.0))
@given(RECIPES)
def test_the_cheaper_mode_visits_fewer_edges(recipe: Recipe) -> None:
    inputs = leaves(0.7, -1.3, 2.1)
    y, _ = follow(recipe, [2.0, *inputs], limit=1e3)
    outputs = [node for node in toposort(y) if node.inputs][-3:] if isinstance(y, Value) else []
    order = toposort(*outputs)
    data = {node: node.data for node in order}
    visited = []

    def count(node: Value, derivative: float, edge: Any) -> Any:
        visited.append((node, edge.input))
        return chain_rule(node, derivative, edge)

    def all_edges(node: Value) -> Any:
        return edges(node, data)

    try:
        forward = tangents(order, all_edges, {x: {x: 1.0} for x in inputs}, *entrywise(count))
        n = len(visited)
        reverse = cotangents(order, all_edges, {output: {output: 1.0} for output in outputs}, *entrywise(count))
    except DomainError:
        return
    n_forward = sum(reader in reverse for reader, _ in visited[:n])  # of edges between inputs and outputs
    n_reverse = sum(x in forward for _, x in visited[n:])
    assert cheaper_mode(outputs, inputs, order) == ("forward" if n_forward < n_reverse else "reverse")


def test_a_jacobian_differentiates_each_node_once() -> None:
    calls: list[float] = []

    def count(x: float) -> float:
        calls.append(x)
        return 0.5

    slope = Op("slope", "slope", count, [lambda z, x: 0.0], is_primitive=True)
    half = Op("half", "½", lambda x: 0.5 * x, [lambda z, x: slope(x)], is_primitive=True)
    parameters, state, residuals = leaves(1.0, 2.0, 3.0, 4.0), Value(0.5), []
    for i in range(160):
        state = half(state + parameters[i % 4])
        residuals += [state] * (i % 8 == 7)
    matrix = jacobian(residuals, parameters)
    assert len(calls) == 160
    assert matrix == [grad(residual, parameters) for residual in residuals]


def test_a_hessian_is_exactly_symmetric() -> None:
    x, y, z = inputs = leaves(0.3, 0.7, 1.1)
    output = (x * y).exp() / (z + x * x) + (y * z).tanh() * x
    for graph in (False, True):
        matrix = hessian(output, inputs, graph)
        assert matrix == [list(column) for column in zip(*matrix, strict=True)]
        direction = [1.0, -2.0, 0.5]
        expected = [sum(a * b for a, b in zip(row, direction, strict=True)) for row in numbers(matrix)]
        assert numbers(hvp(output, inputs, direction, graph)) == pytest.approx(expected, rel=1e-13)


def test_a_hessian_graph_is_differentiated_and_recomputed() -> None:
    x, y = leaves(2.0, 3.0)
    [[second, mixed], _] = hessian(x**3 * y**2, [x, y], create_graph=True)
    assert (second.data, mixed.data) == (108.0, 72.0)
    assert grad(second, [x, y]) == [54.0, 72.0]
    x.data = 1.0
    assert (second.forward(), mixed.forward()) == (54.0, 18.0)


def test_derivatives_change_no_node() -> None:
    x, y = leaves(2.0, 3.0)
    z = x * y
    z.backward()
    for use in [*SWEEPS, hessian]:
        use(z, [x, y])
    assert (x.grad, y.grad, z.grad, z.data) == (3.0, 2.0, 1.0, 6.0)


def test_deep_graphs_have_jacobians() -> None:
    [x] = leaves(1.0)
    y = x
    for _ in range(20_000):
        y = y * 1.0
    assert [sweep(y, x) for sweep in SWEEPS] == [1.0] * 3


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (lambda x: jvp([x, "2"], [x], [1.0]), r"outputs\[1\] is '2', of type str: a Value is needed"),
        (lambda x: jvp({"y": x}, x, 1.0), r"outputs is \{.*\}, of type dict: .*; of a dict, list\(d.values\(\)\)"),
        (lambda x: jacobian(x.data, x), r"outputs must be computed with Values, but is 2.0, a number: x.data is"),
        (lambda x: vjp([1, x.data], x, [1, 2]), r"outputs must be computed with Values, but is made of numbers alone"),
        (lambda x: jacobian([x], [x, 2.0]), r"inputs\[1\] is 2.0, of type float: a Value is needed"),
        (lambda x: untyped(grad)(lambda v: v * v), r"grad takes Values .*, not a function: engine.compile\(f, at=\[x0"),
        (lambda x: untyped(hessian)(lambda v: v * v), r"not a function: engine.compile\(f, at=\[x0\]\).hessian is"),
        (lambda x: untyped(jacobian)(abs, argnums=1), r"not a function: engine.compile\(f, at=\[x0\]\).jacobian is"),
        (lambda x: jacobian([x], ["x"]), r"inputs\[0\] is 'x', of type str: a Value is needed, or a list of Values"),
        (lambda x: jacobian([x], {x: 1.0}), r"inputs is \{.*\}, of type dict: a Value is needed, or a list of Values"),
        (lambda x: jacobian(None, x), r"outputs is None, of type NoneType: a Value is needed, or a list of Values"),
        (lambda x: jvp([x], [x], 1.0), r"v is 1.0, of type float: a number is needed for each of inputs"),
        (lambda x: jvp([x], [[x]], [1.0]), r"v\[0\] is 1.0, of type float: a number is needed for each of inputs\[0\]"),
        (lambda x: vjp([x], x, ["a"]), r"u\[0\] is 'a', of type str: a number is needed for outputs\[0\]"),
        (lambda x: jvp(x, [x], [x]), r"v\[0\] is Value\(.*\), of type Value: .*; a Value's own number is its .data"),
        (lambda x: hvp(x, [x], [[1.0]]), r"v\[0\] is \[1.0\], of type list: a number is needed for xs\[0\]"),
        (lambda x: untyped(hessian)([x], [x]), r"hessian takes one output, a Value, not \[Value.*\] of type list"),
        (lambda x: untyped(hvp)(2.0, [x], [1.0]), r"hvp takes one output, a Value, not 2.0 of type float$"),
        (
            lambda x: untyped(grad)(grad(x**3, x, create_graph=True), x),
            r"not \[Value.*\] of type list: take .* out of the list, as in \[z\] = grad\(y, x, create_graph=True\)$",
        ),
        (lambda x: untyped(grad)(np.array([x]), x), r"grad takes one output, .* \[z\] = grad"),
        (lambda x: untyped(grad)([x, x * x], x), r"of type list: for several there are jacobian and vjp$"),
        (lambda x: untyped(grad)(np.array([2.0]), x), r"grad takes one output, a Value, not .* of type ndarray$"),
        (lambda x: untyped(hessian)([], x), r"hessian takes one output, a Value, not \[\] of type list$"),
    ],
)
def test_an_argument_of_another_type_is_named(use: Callable[[Value], Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        use(Value(2.0, "x"))


def test_a_direction_has_a_number_for_each_input() -> None:
    x, y = leaves(2.0, 3.0)
    with pytest.raises(ValueError, match=r"v has 1 entry, but inputs has 2: one number is needed for each"):
        jvp(x, [x, y], [1.0])
    with pytest.raises(ValueError, match=r"u\[0\] has 3 entries, but outputs\[0\] has 1"):
        vjp([[x]], [x, y], [[1.0, 2.0, 3.0]])


@floats_and_graphs
def test_stale_graphs_are_anomalies(graph: bool) -> None:
    x, y = leaves(2.0, 3.0)
    with detect_anomaly():
        z = x * y
        x.data = 4.0
        for use in [*SWEEPS, hessian]:
            with pytest.raises(AnomalyError, match=r"x_1.data was 2.0 and is 4.0 now, after multiply was computed"):
                use(z, x, graph)


def test_a_nan_that_a_sweep_makes_is_an_anomaly() -> None:
    x, w = Value(1.0, "x"), Value(math.inf, "w")
    y = (x * w).tanh()
    assert all(math.isnan(sweep(y, x)) for sweep in SWEEPS)
    tiny, huge = Value(1e-300, "tiny"), Value(1e200, "huge")
    zero = tiny * huge * huge - tiny * huge * huge
    with detect_anomaly():
        with pytest.raises(
            AnomalyError, match=r"is nan at tanh\(inf\): its local derivative 0.0 times the tangent inf"
        ):
            jvp(y, x, 1.0)
        with pytest.raises(AnomalyError, match=r"with respect to x is nan .* inf times the upstream gradient 0.0"):
            vjp(y, x, 1.0)
        with pytest.raises(AnomalyError, match=r"the derivative at tiny is nan: (inf \+ -inf|-inf \+ inf)"):
            jacobian(zero, tiny)
        with pytest.raises(AnomalyError, match=r"the derivative at subtract\(.*\) is nan: inf \+ -inf"):
            jacobian([zero, zero * 1.0, zero * 2.0], tiny)
