"""Graphs of any depth are pickled and copied, and shared nodes stay shared."""

from __future__ import annotations

import copy
import pickle
import threading
from typing import Any

import pytest
from hypothesis import given

from engine import Value, forward, toposort
from engine import pickling as module
from tests import by_night, thorough_unless
from tests.engine.recipes import RECIPES, Recipe, follow

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


def again(x: Any, protocol: int = pickle.DEFAULT_PROTOCOL) -> Any:
    return pickle.loads(pickle.dumps(x, protocol))


def shape(*outputs: Value) -> list[tuple[object, ...]]:
    """All of a graph but the identity of its nodes."""
    position = {node: i for i, node in enumerate(toposort(*outputs))}
    return [
        (node.op, repr(node.data), repr(node.grad), node.label, *[position[x] for x in node.inputs])
        for node in position
    ] + [(position[output],) for output in outputs]


def chain(length: int) -> tuple[Value, Value]:
    x = Value(0.5, "x")
    y = x
    for i in range(length):
        y = y * x if i % 2 else y + 0.25
    return x, y


@thorough_unless(lambda protocol: protocol == pickle.HIGHEST_PROTOCOL)
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_long_chain_is_pickled_without_recursion(protocol: int) -> None:
    _, y = chain(by_night(20_000, 100_000) if protocol == pickle.DEFAULT_PROTOCOL else 2_000)
    y.label = "y"
    y.backward()
    assert shape(again(y, protocol)) == shape(y)


@given(RECIPES)
def test_any_graph_comes_back_as_it_was(recipe: Recipe) -> None:
    y, _ = follow(recipe, [Value(0.5, "a"), Value(2.0), Value(-1.0)])
    assert shape(again(y)) == shape(y)


def test_shared_nodes_stay_shared_in_any_order() -> None:
    x = Value(0.5, "x")
    a = x * x
    b = a.sin()
    y, z = b + a, b * x
    for nodes in ([y, a, x], [x, a, y], [a, z, y, b, x], toposort(y, z), toposort(z, y)[::-1]):
        assert shape(*again(nodes)) == shape(*nodes)
        assert again({"nodes": nodes, "last": nodes[-1]})["last"].data == nodes[-1].data
    first, second = again([y, y])
    assert first is second


def test_every_node_of_a_long_chain_is_pickled_in_linear_time() -> None:
    _, y = chain(by_night(3_000, 10_000))
    for nodes in (toposort(y), toposort(y)[::-1]):
        assert shape(*again(nodes)) == shape(*nodes)  # in minutes, if each node saved its own graph


def test_an_unpickled_graph_goes_on_working() -> None:
    x, y = chain(100)
    copied = again(y)
    leaf = next(node for node in toposort(copied) if node.label == "x")
    leaf.data = x.data = 0.75
    forward(copied)
    y.forward()
    assert copied.data == y.data
    copied.backward()
    y.backward()
    assert leaf.grad == x.grad


def test_a_pickler_that_is_used_again_saves_what_it_has_not_met(tmp_path: Any) -> None:
    x, y = chain(10)
    z = y * x
    with open(tmp_path / "nodes", "wb") as file:
        pickler = pickle.Pickler(file)
        pickler.dump(y)
        pickler.dump(z)
    with open(tmp_path / "nodes", "rb") as file:
        unpickler = pickle.Unpickler(file)
        first, second = unpickler.load(), unpickler.load()
    assert second.inputs[0] is first
    assert shape(first, second) == shape(y, z)


def test_after_pickling_no_lists_are_kept() -> None:
    _, y = chain(10)
    pickle.dumps(y)
    with pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
        pickle.dumps([y, threading.Lock()])
    assert len(module._known.lists) == 0
    y.inputs[0].data = 7.0
    assert again(y).inputs[0].data == 7.0


def test_a_copy_has_the_same_inputs_and_a_deep_copy_its_own() -> None:
    class Parameter(Value):
        note = ""

    p = Parameter(2.0, "p")
    p.note = "kept"
    y = p * 3.0
    shallow, deep = copy.copy(y), copy.deepcopy(y)
    assert shallow is not y
    assert shallow.inputs[0] is p
    assert shape(shallow) == shape(deep) == shape(y)
    assert isinstance(deep.inputs[0], Parameter)
    assert deep.inputs[0] is not p
    assert deep.inputs[0].note == copy.copy(p).note == "kept"
