"""Random graphs over the whole table: programs agree with the engine on every backend and for every width."""

import math
from collections.abc import Sequence

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from engine import DomainError, Value, add, compile, forward, grad, toposort
from engine.compiler.targets.llvm import execution, jit
from tests import by_night, share
from tests.engine.compiler.agreement import assert_agrees
from tests.engine.compiler.backends import needs_llvm
from tests.engine.float_bits import bits
from tests.engine.recipes import ORDINARY, RECIPES, Recipe, each_operation_first, follow

LIMIT = 1e4
NUMBERS = st.sampled_from([-2.5, -1.0, -0.3, 0.0, 0.125, 0.7, 1.0, 3.0])
ORDERS = st.permutations(range(4))


def graph(recipe: Recipe, start: list[float]) -> tuple[Value, list[Value]]:
    """The graph of a recipe, and its leaves: two inputs, two parameters, and a frozen leaf."""
    leaves = [Value(number, name) for number, name in zip(start, ("x", "y", "w", "v", "frozen"), strict=True)]
    output, _ = follow(recipe, [2.0, -0.5, *leaves], limit=LIMIT)
    assume(isinstance(output, Value) and output.inputs)
    return output, leaves


def possible(output: Value, inputs: list[Value], rows: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The rows at which the engine has finite values and derivatives that are not too large."""
    before, good = [x.data for x in inputs], []
    for row in rows:
        for x, number in zip(inputs, row, strict=True):
            x.data = number
        try:
            forward(output)
            slopes = grad(output, inputs)
        except DomainError:
            continue
        if all(abs(number) < LIMIT for number in (output.data, *slopes)):
            good.append(row)
    for x, number in zip(inputs, before, strict=True):
        x.data = number
    forward(output)
    return good


def frozen_unless_unread(outputs: list[Value], leaves: list[Value], wrt: Sequence[Value] = ()) -> list[Value]:
    """No leaf, or the last one if an input or all of `wrt` is not in the graph: `compile` refuses to freeze it."""
    order = toposort(*outputs)
    is_read = set(leaves[:2]).issubset(order) and not (wrt and set(wrt).isdisjoint(order))
    return [] if is_read else leaves[4:]


def check(recipe: Recipe, start: list[float], rows: list[tuple[float, float]], order: list[int], backend: str) -> None:
    output, leaves = graph(recipe, start)
    inputs = leaves[:2]
    rows = possible(output, inputs, rows)
    assume(rows)
    wrt = [leaves[i] for i in order] + frozen_unless_unread([output], leaves)
    program = compile(output, inputs, wrt, backend=backend)
    assert_agrees(program, output, inputs, wrt, rows)


START = st.lists(NUMBERS, min_size=5, max_size=5)
ROWS = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=11)
SOME_ROWS = [(0.75, 1.25), (0.125, 3.0), (0.7, -2.5), (0.0, 1.0), (-0.3, 0.7)]


@pytest.mark.thorough
@settings(max_examples=share(3.0))
@given(RECIPES, START, ROWS, ORDERS)
@each_operation_first(ORDINARY, SOME_ROWS, [0, 1, 2, 3])
def test_python_has_the_values_of_the_engine_to_the_bit(
    recipe: Recipe, start: list[float], rows: list[tuple[float, float]], order: list[int]
) -> None:
    check(recipe, start, rows, order, "python")


@pytest.mark.thorough
@settings(max_examples=share(0.3))
@given(RECIPES, START, ROWS, ORDERS)
@each_operation_first(ORDINARY, SOME_ROWS, [0, 1, 2, 3])
def test_arrays_have_the_values_of_the_engine(
    recipe: Recipe, start: list[float], rows: list[tuple[float, float]], order: list[int]
) -> None:
    pytest.importorskip("numpy")
    check(recipe, start, rows, order, "numpy")


@pytest.mark.thorough
@needs_llvm
@pytest.mark.parametrize("lanes", by_night([1, 4], [1, 2, 4, 8]))
def test_machine_code_has_the_values_of_the_engine(monkeypatch: pytest.MonkeyPatch, lanes: int) -> None:
    monkeypatch.setattr(jit, "machine_lanes", lambda: lanes)

    @settings(max_examples=share(0.3))
    @given(RECIPES, START, ROWS, ORDERS)
    @each_operation_first(ORDINARY, SOME_ROWS, [0, 1, 2, 3])
    def run(recipe: Recipe, start: list[float], rows: list[tuple[float, float]], order: list[int]) -> None:
        check(recipe, start, rows, order, "llvm")

    run()


@needs_llvm
def test_optimized_code_has_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "OPTIMIZED_IF_BOUND", range(1, 10_000))

    @settings(max_examples=share(0.3))
    @given(RECIPES, START)
    @each_operation_first(ORDINARY)
    def run(recipe: Recipe, start: list[float]) -> None:
        output, leaves = graph(recipe, start)
        wrt = leaves[:4] + frozen_unless_unread([output], leaves)
        program, again = (compile(output, leaves[:2], wrt, backend="llvm") for _ in range(2))
        bound, (value, derivatives) = again.bind(start[:2]), program.value_and_grad(start[:2])
        assert [bits(x) for x in (bound(), *bound.gradient.tolist())] == [bits(x) for x in (value, *derivatives)]

    run()


@settings(max_examples=share(0.6))
@given(RECIPES, START)
@each_operation_first(ORDINARY)
@example([(add, [0, 3, 0, 0, 0])], ORDINARY)
def test_several_outputs_are_the_engine_s_to_the_bit(recipe: Recipe, start: list[float]) -> None:
    output, leaves = graph(recipe, start)
    outputs = [output, *output.inputs, leaves[0]]
    wrt = leaves[2:4] + frozen_unless_unread(outputs, leaves, leaves[2:4])
    program = compile(outputs, leaves[:2], wrt, backend="python")
    assert [bits(x) for x in program(*start[:2])] == [bits(x.data) for x in outputs]


@settings(max_examples=share(0.6))
@given(RECIPES, START, ROWS)
@each_operation_first(ORDINARY, SOME_ROWS)
def test_python_raises_where_the_engine_does_and_only_there(
    recipe: Recipe, start: list[float], rows: list[tuple[float, float]]
) -> None:
    output, leaves = graph(recipe, start)
    program = compile(output, leaves[:2], leaves[:4] + frozen_unless_unread([output], leaves), backend="python")
    for row in rows:
        for x, number in zip(leaves, row, strict=False):
            x.data = number
        try:
            forward(output)
        except DomainError:
            continue  # a program may have eliminated the node
        assert bits(program(*row)) == bits(output.data) or math.isnan(output.data)
