"""Topological order, and graphs that are deeper than Python's stack."""

import copy
import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings

from engine import Value, backward, forward, grad, toposort, zero_grad
from tests import by_night
from tests.engine.recipes import RECIPES, Recipe, follow


def test_inputs_come_first_and_each_node_once() -> None:
    x = Value(2.0)
    a, b = -x, x * x
    product = a * b
    y = product + a
    assert toposort(y) == [x, a, b, product, y]


def test_the_order_is_depth_first_from_left_to_right() -> None:
    x, y, z = Value(1.0), Value(2.0), Value(3.0)
    a, b = y * z, x * y
    total = a + b
    assert toposort(total) == [y, z, a, x, b, total]


def test_several_outputs_share_one_order() -> None:
    x = Value(2.0)
    a, b = -x, x * x
    assert toposort(a, b) == [x, a, b]
    assert toposort(b, a, b) == [x, b, a]
    assert toposort(a, x) == [x, a]
    assert toposort() == []


def by_recursion(node: Value, order: list[Value]) -> list[Value]:
    for x in node.inputs:
        by_recursion(x, order)
    if node not in order:
        order.append(node)
    return order


@settings(derandomize=True, deadline=None)
@given(RECIPES)
def test_the_order_is_that_of_a_recursive_walk(recipe: Recipe) -> None:
    y, _ = follow(recipe, [Value(0.5), Value(2.0)])
    assert toposort(y) == by_recursion(y, [])


def chain(x: Value, length: int) -> Value:
    for _ in range(length):
        x = -x
    return x


@pytest.mark.parametrize("length", [10_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_a_long_chain_needs_no_recursion(length: int) -> None:
    x = Value(1.5)
    y = chain(x, length)
    assert len(toposort(y)) == length + 1
    backward(y)
    assert (y.data, x.grad) == (1.5, 1.0)
    x.data = 2.0
    forward(y)
    assert y.data == 2.0
    zero_grad(y)
    assert x.grad == 0.0
    gone = weakref.ref(y)
    del y
    assert gone() is None


@pytest.mark.parametrize("step", [lambda v: v * v, lambda v: v.sin(), lambda v: v + 0.5], ids=["v * v", "sin", "v + c"])
def test_deep_graphs_of_all_shapes_are_copied_and_differentiated(step: Callable[[Value], Value]) -> None:
    x = Value(0.5)
    y = x
    for _ in range(by_night(5_000, 20_000)):
        y = step(y)
    copied = copy.deepcopy(y)
    assert len(toposort(copied)) == len(toposort(y))
    [first] = grad(y, [x], create_graph=True)
    assert grad(y, [x]) == [first.data]


def test_a_graph_is_freed_without_the_garbage_collector() -> None:
    gc.disable()
    try:
        x = Value(0.5)
        y = x * x + x.exp()
        y.backward()
        [first] = grad(y, [x], create_graph=True)
        nodes = [weakref.ref(node) for node in toposort(first, y) if node is not x]
        del y, first
        assert all(node() is None for node in nodes)
    finally:
        gc.enable()


def test_a_repeated_output_does_not_end_the_order() -> None:
    x = Value(2.0)
    a, b = -x, x * x
    assert toposort(a, a, b) == [x, a, b]


def test_a_graph_is_made_of_values() -> None:
    output: Any = 1.5
    with pytest.raises(TypeError, match=r"a graph is made of Values, not 1.5 of type float"):
        toposort(Value(1.0), output)
