"""Graphs of a million nodes, right to the last one, in memory that grows as they do. Their times are not checked.

`python -m tests.scale` measures; its pieces are tried here at tiny sizes.
"""

from __future__ import annotations

import copy
import gc
import math
import pickle
import random
import tracemalloc
import weakref
from collections.abc import Callable

import pytest

from engine import NamedGraph, Value, compile, count_paths, dot, explain, forward, grad, paths, toposort, zero_grad
from tests import scale
from tests.engine.compiler.backends import both_backends
from viz import Stepper, draw, draw_network

pytestmark = pytest.mark.once

slow = pytest.mark.slow
LENGTHS = [1_500, pytest.param(1_000_000, marks=slow)]
WIDTHS = [100, pytest.param(1_000, marks=slow)]


def summing_chain(n: int) -> tuple[Value, Value]:
    """n sums and products with 1 in turn: y = (1 + n/2) x, so that its value and its derivative are known exactly."""
    x = y = Value(1.0, "x")
    for i in range(n):
        y = y * 1.0 if i % 2 else y + x
    return y, x


def fan(width: int) -> tuple[Value, list[Value], list[list[float]]]:
    """Two layers in which each node reads all of the layer below, and a sum; with the weights of both."""
    rng = random.Random(0)
    weights = [[rng.choice([-1.0, 0.5, 1.0, 2.0]) for _ in range(width)] for _ in range(2)]
    leaves = [Value(float(i % 7), f"x_{i}") for i in range(width)]
    layer = leaves
    for row in weights:
        shared = [Value(w) for w in row]
        layer = [dot(shared[k:] + shared[:k], layer) for k in range(width)]  # row k is turned by k
    return dot([Value(1.0)] * width, layer), leaves, weights


@pytest.mark.parametrize("n", LENGTHS)
def test_a_long_chain_is_backpropagated_recomputed_and_freed(n: int) -> None:
    y, x = summing_chain(n)
    order = toposort(y)
    assert order[0] is x
    assert order[-1] is y
    assert len(order) == n + 1 + n // 2  # and a constant for each product
    y.backward()
    assert (y.data, x.grad) == (1.0 + n / 2, 1.0 + n / 2)
    x.data = 2.0
    forward(y)
    assert y.data == 2.0 + n
    assert grad(y, [x]) == [1.0 + n / 2]
    zero_grad(y)
    assert not any(node.grad for node in order)
    nodes = [weakref.ref(node) for node in order[:: max(1, n // 1000)] if node is not x]
    gc.disable()
    try:
        del y, order
        assert not any(node() for node in nodes)
    finally:
        gc.enable()


@pytest.mark.parametrize("n", LENGTHS)
def test_a_long_chain_is_copied_pickled_counted_and_named(n: int) -> None:
    y, x = summing_chain(n)
    for copied in (copy.deepcopy(y), pickle.loads(pickle.dumps(y))):
        assert len(toposort(copied)) == len(toposort(y))
        copied.backward()
        assert toposort(copied)[0].grad == 1.0 + n / 2
    assert count_paths(y, x) == 1 + n // 2
    assert len(explain(y, x, most=2).rows) == 2
    largest = next(paths(y, x, largest_first=True))
    assert largest.product == 1.0
    [edge] = NamedGraph(y).edges(y)
    assert edge.local_derivative == 1.0 + n / 2
    assert len(repr(y)) < 100


@pytest.mark.parametrize("width", WIDTHS)
def test_a_wide_fan_is_what_its_weights_say(width: int) -> None:
    y, leaves, (first, second) = fan(width)
    below = [math.fsum(first[(j + k) % width] * leaves[j].data for j in range(width)) for k in range(width)]
    columns = sum(second)  # each node of the layer below is read once with each weight
    assert y.data == columns * sum(below)
    y.backward()
    assert [x.grad for x in leaves] == [columns * sum(first)] * width
    assert count_paths(y, leaves[0]) == width**2
    assert next(paths(y, leaves[0], largest_first=True)).product == 4.0
    assert grad(y, leaves[:3]) == [columns * sum(first)] * 3


@pytest.mark.parametrize("n", LENGTHS)
def test_a_long_chain_is_stepped_through_in_both_directions(n: int) -> None:
    y, x = summing_chain(n)
    stepper = Stepper(y)
    edges = 2 * (n - n // 2) + n // 2
    assert len(stepper.steps) == n + 1 + edges
    stepper.finish()
    assert stepper.values[stepper.root] == y.data
    stepper.finish()
    assert stepper.gradients[stepper.find(x)] == 1.0 + n / 2
    middle = stepper.goto(n + n // 2)
    shown = repr(middle)
    stepper.restart()
    assert stepper.gradients == {}
    assert repr(stepper.goto(n + n // 2)) == shown
    assert stepper.until("x").position == len(stepper.steps)
    assert [stepper.back().position, stepper.next().position] == [len(stepper.steps) - 1, len(stepper.steps)]
    with pytest.raises(ValueError, match="unknown node 'y_17'"):
        stepper.find("y_17")
    assert x.grad == 0.0


@pytest.mark.parametrize("width", WIDTHS)
def test_a_wide_fan_is_stepped_through(width: int) -> None:
    y, leaves, (first, second) = fan(width)
    stepper = Stepper(y).cont()
    assert stepper.gradients[stepper.find(leaves[0])] == sum(first) * sum(second)
    assert len(repr(stepper)) < 1000
    assert stepper.restart().gradients == {}


@both_backends
@pytest.mark.parametrize("n", [1_000, pytest.param(100_000, marks=slow)])
def test_a_long_chain_is_compiled(backend: str, n: int) -> None:
    y, x = summing_chain(n)
    assert compile(y, [x], backend=backend).value_and_grad(2.0) == (2.0 + n, [1.0 + n / 2])


@both_backends
def test_a_node_that_1000_read_whose_sum_is_taken_is_compiled(backend: str) -> None:
    x = Value(0.5, "x")
    read = x * x
    weights = [Value(float(i % 7)) for i in range(1_000)]
    y = dot([Value(1.0)] * 1_000, [read * w for w in weights])
    total = math.fsum(w.data for w in weights)
    program = compile(y, [x], wrt=[x, *weights], backend=backend)
    assert program.value_and_grad(3.0) == (9.0 * total, [6.0 * total, *[9.0] * 1_000])


@both_backends
@pytest.mark.parametrize("width", WIDTHS)
def test_a_wide_fan_is_compiled(backend: str, width: int) -> None:
    y, leaves, (first, second) = fan(width)
    program = compile(y, leaves, backend=backend)
    doubled = [2.0 * x.data for x in leaves]
    assert program.value_and_grad(*doubled) == (2.0 * y.data, [sum(first) * sum(second)] * width)


def test_a_graph_too_large_to_be_drawn_is_refused_at_once() -> None:
    y, _ = summing_chain(3_000)
    for i, node in enumerate(toposort(y)):
        node.label = node.label or f"a_{i}"
    works: list[Callable[[], object]] = [lambda: draw(y), lambda: draw_network(y), Stepper(y).draw]
    for work in works:
        with pytest.raises(ValueError, match=r"\d nodes, more than the \d+ that can be read"):
            work()


# Memory


def bytes_of(work: Callable[[], object]) -> int:
    """The memory that the work leaves allocated, with its result."""
    gc.collect()
    tracemalloc.start()
    try:
        kept = work()
        found = tracemalloc.get_traced_memory()[0]
        del kept
    finally:
        tracemalloc.stop()
    return found


def backpropagated(n: int) -> Value:
    y = scale.chain(n)
    y.backward()
    return y


@pytest.mark.parametrize(
    ("work", "most"), [(scale.chain, 180), (backpropagated, 235)], ids=["built", "after a backward pass"]
)
@pytest.mark.parametrize("n", [5_000, pytest.param(1_000_000, marks=slow)])
def test_a_node_takes_the_same_memory_in_graphs_of_any_size(work: Callable[[int], Value], most: int, n: int) -> None:
    work(10)
    small, large = bytes_of(lambda: work(1_000)) / 1_000, bytes_of(lambda: work(n)) / n
    assert large == pytest.approx(small, rel=0.2)
    assert large < most


@pytest.mark.parametrize("n", [4_000, pytest.param(200_000, marks=slow)])
def test_a_step_takes_a_bounded_memory(n: int) -> None:
    y = scale.chain(n)
    Stepper(scale.chain(10)).cont()
    kept = bytes_of(lambda: Stepper(y).cont())
    assert kept / (3 * n) < 350  # of which the steps themselves take about 60


def test_a_freed_graph_leaves_nothing() -> None:
    backpropagated(10)
    assert bytes_of(lambda: backpropagated(8_000) and None) < 200_000  # 2000 tuples that Python keeps for the next


def test_the_nodes_of_a_stepper_are_freed_with_it() -> None:
    stepper = Stepper(scale.chain(100)).cont()
    root = weakref.ref(stepper.root)
    gc.disable()
    try:
        del stepper
        assert root() is None
    finally:
        gc.enable()


# The command


@pytest.mark.parametrize("shape", scale.SHAPES)
@pytest.mark.parametrize("kind", ["seconds", "compile"])
def test_each_stage_is_measured(kind: str, shape: str) -> None:
    figures = scale.KINDS[kind](scale.SHAPES[shape], 20)
    assert figures
    assert all(x >= 0.0 for x in figures.values())


def test_the_table_has_a_column_for_each_size() -> None:
    lines = list(
        scale.table("seconds", "chain", [10, 20], [{"build": 1e-6, "free": 0.0}, {"build": 3e-6, "free": 0.0}])
    )
    assert lines[0].split() == ["chain:", "µs", "for", "each", "node", "10", "20", "last", "/", "first"]
    assert lines[1].split() == ["build", "1.000", "3.000", "3.00"]
    assert lines[2].split() == ["free", "0.000", "0.000"]


def test_the_command_measures_in_a_process_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    found = scale.measure("bytes", "chain", 50)
    assert 100.0 < found["a graph"] < 300.0
    assert scale.parts("chain", 50) == 50
    assert scale.parts("fan", 10) == 10 * 2 + 10 * 20 + 20
