"""Branches of `where`: neither the value nor the derivatives of one that is not taken are computed."""

import math
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import pytest

from engine import DomainError, Value, compile, grad, greater, operation, toposort, where
from engine.compiler.diagnose import Interpreter
from engine.op import TABLE, Selected
from engine.sweep import present_edges, reverse
from tests.engine.compiler.agreement import assert_near
from tests.engine.compiler.backends import both_backends
from tests.engine.compiler.generated_modules import load_function

Graph = Callable[[Value], Any]


def shared(x: Value) -> Any:
    c, s = greater(x, 0.0), x.sqrt()
    return where(c, s, x) + where(c, 2.0 * s, x)


def of_two_conditions(x: Value) -> Any:
    s = x.sqrt()
    return where(greater(x, 0.0), s, x) + where(greater(x, 1.0), 2.0 * s, x)


def nested(x: Value) -> Any:
    inner = where(greater(x.log(), 0.0), x.log().sqrt(), 3.0 * x)
    return where(greater(x, 0.0), inner, where(greater(x, -1.0), x, 1.0 / x))


def condition_that_reads(x: Value) -> Any:
    s = abs(x).sqrt()
    return where(greater(s, 1.0), 1.0 / s, x)


def conditions_in_each_other_s_branches(x: Value) -> Any:
    """t depends on s if x > 1, and s is guarded by t > 0: the guard is known only after the expression."""
    s = x.sqrt()
    t = where(greater(x, 1.0), s, x)
    return where(greater(t, 0.0), s, x) + t


def with_a_label(x: Value) -> Any:
    c = greater(x, 0.0)
    c.label = "is_above"
    return where(c, x.sqrt(), x)


def by_a_number(x: Value) -> Any:
    return where(x, 1.0 / x, x)


# Triples of x, the value, and the derivative.
CASES: list[tuple[Graph, list[tuple[float, float, float]]]] = [
    (lambda x: where(greater(x, 0.0), x.sqrt(), x), [(0.0, 0.0, 1.0), (-1.0, -1.0, 1.0), (4.0, 2.0, 0.25)]),
    (lambda x: where(greater(x, 0.0), x.sqrt(), 0.0), [(0.0, 0.0, 0.0), (-1.0, 0.0, 0.0), (4.0, 2.0, 0.25)]),
    (shared, [(0.0, 0.0, 2.0), (-1.0, -2.0, 2.0), (4.0, 6.0, 0.75)]),
    (of_two_conditions, [(0.0, 0.0, 2.0), (-1.0, -2.0, 2.0), (0.25, 0.75, 2.0), (4.0, 6.0, 0.75)]),
    (nested, [(0.0, 0.0, 1.0), (-0.5, -0.5, 1.0), (-1.0, -1.0, -1.0), (0.5, 1.5, 3.0), (math.e, 1.0, 0.5 / math.e)]),
    (condition_that_reads, [(0.0, 0.0, 1.0), (-0.25, -0.25, 1.0), (4.0, 0.5, -0.0625), (-4.0, 0.5, 0.0625)]),
    (conditions_in_each_other_s_branches, [(0.0, 0.0, 2.0), (-1.0, -2.0, 2.0), (0.25, 0.75, 2.0), (4.0, 4.0, 0.5)]),
    (with_a_label, [(0.0, 0.0, 1.0), (-1.0, -1.0, 1.0), (4.0, 2.0, 0.25)]),
    (by_a_number, [(0.0, 0.0, 1.0), (2.0, 0.5, -0.25)]),
]


@both_backends
@pytest.mark.parametrize(("graph", "points"), CASES)
def test_a_program_computes_only_the_branch_that_is_taken(
    backend: str, graph: Graph, points: list[tuple[float, float, float]]
) -> None:
    x = Value(1.5, "x")
    program = compile(graph(x), [x], backend=backend)
    for at, value, slope in points:
        found, [derivative] = program.value_and_grad(at)
        assert_near([program(at), found, derivative], [value, value, slope], 1e-15)
    rows = [[at] for at, _, _ in points]
    total, [derivative] = program.sum_over(rows)
    assert_near([total, derivative], [sum(value for _, value, _ in points), sum(slope for *_, slope in points)], 1e-14)
    assert_near(program.each(rows), [value for _, value, _ in points], 1e-15)
    program.check(rows)


@pytest.mark.parametrize(("graph", "points"), CASES)
@pytest.mark.filterwarnings("error")
def test_generated_modules_compute_only_the_branch_taken(
    graph: Graph, points: list[tuple[float, float, float]]
) -> None:
    pytest.importorskip("numpy")
    x = Value(1.5, "x")
    program = compile(graph(x), [x], backend="python")
    for at, value, slope in points:
        found, [derivative] = load_function(program.source)(at, [])
        assert_near([found, derivative], [value, slope], 1e-15)
    found, [derivative] = load_function(program.source_for("numpy"))([[at] for at, _, _ in points], [])
    assert_near([found, derivative], [sum(value for _, value, _ in points), sum(slope for *_, slope in points)], 1e-14)


@both_backends
def test_no_derivative_passes_through_a_comparison(backend: str) -> None:
    b, x = Value(-1.0, "b"), Value(2.0, "x")
    assert compile(b ** greater(x, 0.0) + x, [b, x], [x], backend=backend).value_and_grad(-1.0, 2.0) == (1.0, [1.0])
    assert compile(greater(x, x).sqrt() + x, [x], backend=backend).value_and_grad(2.0) == (2.0, [1.0])


@both_backends
def test_second_derivatives_are_of_the_branch_that_is_taken(backend: str) -> None:
    x = Value(4.0, "x")
    y = where(greater(x, 0.0), x * x.sqrt(), x)
    [slope] = grad(y, [x], create_graph=True)
    program = compile(slope, [x], backend=backend)
    assert_near([program.value_and_grad(4.0)[0], *program.value_and_grad(4.0)[1]], [3.0, 0.375], 1e-15)
    assert program.value_and_grad(-1.0) == (1.0, [0.0])


@both_backends
def test_a_branch_is_computed_only_in_rows_that_take_it(backend: str) -> None:
    x, w = Value(0.5, "x"), Value(4.0, "w")
    program = compile(where(greater(x, 0.0), w.sqrt(), x) + x, [x], [w, x], backend=backend)
    total, gradient = program.sum_over([[-1.0], [1.0], [-2.0], [3.0]])
    assert (total, list(gradient)) == (2.0 * 2.0 - 3.0 + 1.0, [0.5, 6.0])
    program.parameters[0] = -1.0
    total, gradient = program.sum_over([[-1.0], [-2.0]])
    assert (total, list(gradient)) == (-6.0, [0.0, 4.0])
    program.parameters[0] = 4.0


@both_backends
def test_an_input_that_is_a_condition_is_tested_in_each_row(backend: str) -> None:
    x, w = Value(0.0, "x"), Value(3.0, "w")
    program = compile(where(x, (w + w) * w, w), [x], [w], backend=backend)
    total, gradient = program.sum_over([[0.0], [1.0]])
    assert (total, list(gradient)) == (3.0 + 18.0, [1.0 + 12.0])


def source(graph: Graph) -> str:
    x = Value(1.5, "x")
    return compile(graph(x), [x], backend="python").source


def test_a_branch_is_written_in_an_if() -> None:
    text = source(lambda x: where(greater(x, 0.0), x.sqrt(), x))
    assert "    if x > 0.0:\n        t = sqrt(x)\n" in text
    assert "    return t if x > 0.0 else x, [d_x]\n" in text
    assert "    if is_above:\n        t = sqrt(x)\n" in source(with_a_label)


def test_opposite_branches_are_if_and_else() -> None:
    def graph(x: Value) -> Any:
        above, below = x.sqrt(), (2.0 - x).sqrt()
        above.label, below.label = "above", "below"
        return where(greater(x, 0.0), above, below)

    text = source(graph)
    assert "    if x > 0.0:\n        above = sqrt(x)\n    else:\n        below = sqrt((2.0 - x))\n" in text


def test_a_nested_condition_is_false_until_it_is_computed() -> None:
    text = source(nested)
    before, _, after = text.partition("    t_2 = 0.0\n    if x > 0.0:\n")
    assert "t_2" not in before
    assert "        t_2 = 1.0 if t > 0.0 else 0.0\n" in after
    assert "    if x > 0.0 and t_2:\n" in after


def test_numpy_is_silent_only_where_it_computes_both_branches() -> None:
    x = Value(1.5, "x")
    silent = '@np.errstate(all="ignore")\ndef value_and_grad('
    assert silent in compile(with_a_label(x), [x], backend="python").source_for("numpy")
    assert "errstate" not in compile(x.relu() + x.sigmoid(), [x], backend="python").source_for("numpy")


def test_functions_that_select_an_input_get_all_inputs() -> None:
    """Python evaluates all arguments of a function."""
    edges = [False, Selected(by=0, where=True), Selected(by=0, where=False)]
    slopes = [lambda z, c, x, y: 0.0, lambda z, c, x, y: 1.0, lambda z, c, x, y: 1.0]
    either = operation("either", "either", lambda c, x, y: where(c, x, y), *slopes, edges=edges)
    try:
        x = Value(1.5, "x")
        s = x.exp()
        program = compile(either(greater(x, 0.0), s * s, s + s), [x], backend="python")
        assert program(-1.0) == 2.0 * math.exp(-1.0)
    finally:
        del TABLE["either"]


def guarded_by_many(n: int) -> tuple[Value, list[Value]]:
    """A square root that is needed if one of n numbers is above 0."""
    x = [Value(1.0, f"x_{i}") for i in range(n)]
    s = x[0].sqrt()
    total = Value(0.0)
    for leaf in x:
        total = total + where(greater(leaf, 0.0), s, 0.0)
    return total, x


@pytest.mark.parametrize("n", [12, 13, 40])
def test_a_long_guard_gets_a_variable(n: int) -> None:
    output, x = guarded_by_many(n)
    program = compile(output, x, backend="python")
    assert ("    guard = " in program.source) is (n > 12)
    off = [-1.0] * n
    assert program.value_and_grad(*off) == (0.0, [0.0] * n)
    for i in range(1, n):
        row = [4.0 if j in (0, i) else -1.0 for j in range(n)]
        assert program.value_and_grad(*row) == (4.0, [0.5] + [0.0] * (n - 1))
    assert program.sum_over([off, off])[0] == 0.0


def test_branches_without_an_order_are_computed_in_try() -> None:
    """The guard of the square root depends on the square root."""
    x = Value(1.5, "x")
    s = x.sqrt()
    s.label = "s"
    t = where(greater(x, 1.0), s, x)
    output = t
    for i in range(13):
        output = output + where(greater(t, float(i)), s, x)
    program = compile(output, [x], backend="python")
    assert program.value_and_grad(4.0) == (4.0 + 44.0 + 2.0, [0.5 + 11.0 + 0.25])
    assert program.sum_over([[4.0], [0.25]])[0] == 50.0 + 0.25 + 0.5 + 12 * 0.25
    tried = "    try:\n        s = sqrt(x)\n    except (ArithmeticError, ValueError):\n        s = _nan\n"
    assert tried in program.source
    assert program.value_and_grad(-1.0) == (-14.0, [14.0])


def random_graph(rng: random.Random, size: int) -> tuple[list[Value], list[Value], Value]:
    """Nested choices of operations with restricted domains, with common subexpressions."""
    inputs, weights = [Value(0.5 + 0.1 * i) for i in range(3)], [Value(0.7), Value(1.3)]
    nodes, conditions = [*inputs, *weights], [greater(inputs[0], 0.25)]

    def one() -> Value:
        return rng.choice(nodes[-8:] if rng.random() < 0.6 else nodes)

    def one_or(*numbers: Value | float) -> Value | float:
        possible: list[Value | float] = [one(), *numbers]
        return rng.choice(possible)

    ways: list[Callable[[], Any]] = [
        lambda: conditions.append(greater(one(), one_or(0.0, 0.5, 1.0))),
        lambda: nodes.append(where(rng.choice(conditions[-4:]), one(), one_or(one(), 0.0))),
        lambda: nodes.append(one().sqrt()),
        lambda: nodes.append(one().log()),
        lambda: nodes.append(one() - one()),
        lambda: nodes.append(one() * one()),
        lambda: nodes.append(conditions[-1]),
    ]
    for way in rng.choices(ways, [5, 6, 3, 1, 2, 2, 1], k=size):
        with suppress(DomainError):
            way()
    output = where(rng.choice(conditions), sum(nodes[-3:]), one())
    return inputs, weights, output


def reference(output: Value, inputs: list[Value], wrt: list[Value], row: Sequence[float]) -> list[float]:
    """The value and the derivatives, by a sweep over the edges that are present."""
    order = toposort(output)
    frozen = {x: x.data for x in order if not x.inputs}
    numbers = Interpreter([output], wrt, frozen)._forward(dict(zip(inputs, row, strict=True)), strict=False)
    derivatives = reverse(order, lambda node: present_edges(node, numbers))
    return [numbers[output], *[derivatives.get(x, 0.0) for x in wrt]]


@pytest.mark.thorough
@pytest.mark.parametrize("size", [6, 12, 24])
def test_random_graphs_of_choices(size: int) -> None:
    compared = 0
    for seed in range(100):
        rng = random.Random(seed)
        inputs, weights, output = random_graph(rng, size)
        program = compile(output, inputs, [*inputs, *weights], backend="python")
        rows, truth = [], []
        for _ in range(5):
            row = [rng.choice([-1.5, -0.5, 0.0, 0.3, 0.9, 1.7, 2.5]) for _ in inputs]
            try:
                numbers = reference(output, inputs, [*inputs, *weights], row)
            except DomainError:
                continue
            if all(map(math.isfinite, numbers)):
                rows.append(row)
                truth.append(numbers)
        for row, numbers in zip(rows, truth, strict=True):
            value, gradient = program.value_and_grad(*row)
            assert_near([value, *gradient], numbers, 1e-9 * max(map(abs, [1.0, *numbers])))
        sums = [sum(column) for column in zip(*truth, strict=True)] or [0.0] * 6
        total, slopes = program.sum_over(rows)
        assert_near([total, *slopes], sums, 1e-9 * max(map(abs, [1.0, *sums])))
        compared += len(rows)
    assert compared > 150
