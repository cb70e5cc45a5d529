"""Backpropagation: sums over paths, unchanged numbers, and derivatives of derivatives."""

import gc
import math
import tracemalloc
from typing import Any, cast

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine import (
    TABLE,
    DomainError,
    Value,
    backward,
    dot,
    forward,
    grad,
    numerical_gradient,
    primitive,
    toposort,
    zero_grad,
)
from engine.backprop import backpropagate
from engine.ops import constant
from tests import share
from tests.engine.recipes import RECIPES, Recipe, follow


def test_second_backward_doubles() -> None:
    x = Value(1.5)
    y = 2 * (3 * x) + x * x
    y.backward()
    once = [node.grad for node in toposort(y)]
    y.backward()
    assert [node.grad for node in toposort(y)] == [2 * g for g in once]
    assert x.grad == 2 * 9.0


@pytest.mark.parametrize("pairs", [1, 2, 40, 400])  # 400 pairs are too many to be unrolled
@pytest.mark.parametrize("biases", [0, 1])
def test_a_weighted_sum_of_any_size_has_one_rule(pairs: int, biases: int) -> None:
    weights, values = [Value(0.1 * j - 2.0) for j in range(pairs)], [Value(1.0 / (j + 3)) for j in range(pairs)]
    values[0] = weights[-1]  # a node that is used twice adds up
    bias = [Value(0.5)] * biases
    a = dot(weights, values, *bias)
    expected = dict.fromkeys([*weights, *values, *bias], 0.0)
    for i, x in enumerate(a.inputs):
        expected[x] += 3.0 * a.op.local_derivative(i, a.data, [node.data for node in a.inputs])
    assert grad(a * 3.0, expected) == list(expected.values())


@pytest.mark.parametrize("more", [0, 400])
def test_a_weighted_sum_gives_constants_nothing(more: int) -> None:
    x = Value(1.5)
    a = dot([2.0, x, *[1.0] * more], [x, 3.0, *[1.0] * more], 4.0)
    a.backward()
    assert (x.grad, {node.grad for node in a.inputs if node is not x}) == (5.0, {0.0})


def test_backpropagate_returns_what_backward_adds() -> None:
    x = Value(1.5)
    y = x * x + x.exp()
    order = toposort(y)
    derivatives = backpropagate(order)
    assert x.grad == 0.0
    y.backward()
    assert derivatives == {node: node.grad for node in order}


def test_backward_from_two_outputs_adds() -> None:
    x = Value(1.5)
    backward(3 * x)
    backward(x * x)
    assert x.grad == 3.0 + 3.0


def test_zero_grad_reaches_every_node() -> None:
    x = Value(1.5)
    y = (x * x).exp()
    y.backward()
    y.zero_grad()
    assert [node.grad for node in toposort(y)] == [0.0, 0.0, 0.0]
    y.backward()
    zero_grad(y, x)
    assert x.grad == 0.0


def test_a_node_used_twice_by_one_operation_gets_both_parts() -> None:
    a = Value(3.0)
    assert grad(a * a, [a]) == [6.0]
    assert grad(a - a, [a]) == [0.0]
    assert grad(a / a, [a]) == [0.0]


def test_a_diamond_adds_its_two_paths() -> None:
    x = Value(1.5)
    a_1, a_2 = 3 * x, -x
    y = 2 * a_1 + a_2
    assert grad(y, [x, a_1, a_2, y]) == [5.0, 2.0, 1.0, 1.0]


def test_thirty_diamonds_in_a_row_take_thirty_steps() -> None:
    x = Value(1.0)
    y = x
    for _ in range(30):
        y = y + y  # 2**30 paths
    assert grad(y, [x]) == [2.0**30]


def test_the_derivative_of_a_leaf_wrt_itself_is_1() -> None:
    x = Value(1.5)
    x.backward()
    assert (x.grad, grad(x, [x])) == (1.0, [1.0])
    assert grad(x, [x], create_graph=True)[0].data == 1.0


def test_the_derivative_wrt_a_constant_is_0() -> None:
    x = Value(1.5)
    y = 3 * x
    three = y.inputs[0]
    assert grad(y, [three]) == [0.0]
    assert grad(y, [three], create_graph=True)[0].data == 0.0


def test_the_derivative_of_a_constant_is_0() -> None:
    three = (3 * Value(1.5)).inputs[0]
    three.backward()
    assert (three.op, three.grad) == (constant, 0.0)
    assert grad(three, [three]) == [0.0]
    assert grad(three, [three], create_graph=True)[0].data == 0.0


def test_the_derivative_wrt_an_input_out_of_reach_is_0() -> None:
    x, stranger = Value(1.5), Value(2.0)
    assert grad(x * x, [stranger, x]) == [0.0, 3.0]
    assert [d.data for d in grad(x * x, [stranger, x], create_graph=True)] == [0.0, 3.0]


def test_grad_touches_no_grad() -> None:
    x = Value(1.5)
    y = x * x + x
    x.grad = 7.0
    grad(y, [x])
    [first] = grad(y, [x], create_graph=True)
    assert [node.grad for node in toposort(y)] == [7.0, 0.0, 0.0]
    assert all(node.grad == 0.0 for node in toposort(first) if node is not x)


def test_grad_needs_values() -> None:
    x = Value(1.5)
    with pytest.raises(TypeError, match=r"inputs\[1\] is 1.5, of type float: a Value is needed, or a list of Values"):
        grad(x * x, [x, cast(Any, 1.5)])
    with pytest.raises(TypeError, match=r"grad takes one output, a Value, not 1.5 of type float"):
        grad(cast(Any, 1.5), [x])


def test_backward_starts_from_a_value() -> None:
    output: Any = 1.5
    with pytest.raises(TypeError, match=r"backward starts from a Value, not from 1.5 of type float"):
        backward(output)


def test_an_error_in_the_sweep_leaves_every_grad_as_it_was() -> None:
    x = Value(0.0, "x")
    y = 3 * x.sqrt() + x * x
    for i, node in enumerate(toposort(y)):
        node.grad = float(i)
    with pytest.raises(DomainError, match=r"the derivative of sqrt\(x = 0.0\)"):
        y.backward()
    assert [node.grad for node in toposort(y)] == list(map(float, range(len(toposort(y)))))
    for create_graph in (False, True):
        with pytest.raises(DomainError, match=r"the derivative of sqrt\(x = 0.0\)"):
            grad(y, [x], create_graph)


def test_forward_recomputes_from_the_leaves() -> None:
    x, w = Value(1.5), Value(2.0)
    a = w * x
    y = a.sigmoid() + a
    x.data, w.data = -0.5, 3.0
    assert y.forward() == y.data == (Value(-1.5).sigmoid() + -1.5).data
    assert a.data == -1.5
    y.backward()
    assert x.grad == pytest.approx(numerical_gradient(y, [x])[0])


def test_an_error_in_forward_leaves_every_result_as_it_was() -> None:
    x = Value(4.0, "x")
    a = 2 * x
    y = a + x.log()
    before = [node.data for node in toposort(y) if node is not x]
    x.data = -1.0
    with pytest.raises(DomainError, match=r"log\(x = -1.0\) is not finite"):
        forward(y)
    assert [node.data for node in toposort(y) if node is not x] == before
    assert x.data == -1.0


def test_any_exception_in_forward_leaves_every_result_as_it_was() -> None:
    calls = []

    def stopped_at_the_second_call(x: float) -> float:
        calls.append(x)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return x

    pause = primitive("pause", "pause", stopped_at_the_second_call, lambda z, x: 1.0)
    del TABLE["pause"]
    x = Value(1.0, "x")
    y = pause(2.0 * x)
    x.data = 5.0
    with pytest.raises(KeyboardInterrupt):
        forward(y)
    assert (y.inputs[0].data, y.data, calls) == (2.0, 2.0, [2.0, 10.0])


def test_forward_of_several_outputs_shares_their_work() -> None:
    x = Value(1.0)
    a = x + 1
    y, z = a * a, -a
    x.data = 2.0
    forward(y, z)
    assert (y.data, z.data) == (9.0, -3.0)


def test_second_derivative_of_a_power() -> None:
    x = Value(1.5)
    [first] = grad(x**4, [x], create_graph=True)
    [second] = grad(first, [x], create_graph=True)
    [third] = grad(second, [x], create_graph=True)
    assert (first.data, second.data, third.data) == (4 * 1.5**3, 12 * 1.5**2, 24 * 1.5)
    assert grad(third, [x]) == [24.0]


def test_derivatives_of_the_sine_go_round_in_fours() -> None:
    x = Value(0.7)
    derivative, found = x.sin(), []
    for _ in range(5):
        found.append(derivative.data)
        [derivative] = grad(derivative, [x], create_graph=True)
    sine, cosine = math.sin(0.7), math.cos(0.7)
    assert found == pytest.approx([sine, cosine, -sine, -cosine, sine], rel=1e-15)


def test_mixed_partial_derivatives_are_symmetric() -> None:
    x, y = Value(1.5), Value(0.75)
    f = x**y + (x * y).sin() * x.tanh() / (1 + y * y)
    [by_x, by_y] = grad(f, [x, y], create_graph=True)
    assert grad(by_x, [y]) == pytest.approx(grad(by_y, [x]), rel=1e-13)


def test_mixed_derivatives_of_powers_are_symmetric_at_0() -> None:
    x, y = Value(0.5), Value(0.0)
    [by_x, by_y] = grad(x**y, [x, y], create_graph=True)
    assert grad(by_y, [x]) == [2.0]
    assert grad(by_x, [y]) == [2.0]


def test_a_gradient_is_an_operand_of_further_graphs() -> None:
    x = Value(1.5)
    [slope] = grad(x**3, [x], create_graph=True)
    penalty = slope**2 + x
    penalty.backward()
    assert x.grad == 2 * (3 * 1.5**2) * (6 * 1.5) + 1
    x.data = 2.0
    assert penalty.forward() == 12.0**2 + 2.0


def test_graphs_in_a_loop_are_freed_without_garbage_collection() -> None:
    def train(steps: int) -> None:
        x = Value(0.5)
        for _ in range(steps):
            y = (x * x + x.exp()).sigmoid() ** 2
            y.backward()
            [first] = grad(y, [x], create_graph=True)
            grad(first, [x])

    train(5)  # generates the backward steps
    gc.disable()
    tracemalloc.start()
    try:
        train(10)
        before, _ = tracemalloc.get_traced_memory()
        train(200)
        after, _ = tracemalloc.get_traced_memory()
        assert after - before < 20_000  # bytes: 200 graphs have some 2,000,000, and free lists of Python a few thousand
    finally:
        tracemalloc.stop()
        gc.enable()


# Leaves that do not meet at a kink, nor add up to one.
OFFSETS = (0.1234567, 0.3141592, 0.2718281)


@pytest.mark.thorough
@settings(max_examples=share(4.0))
@given(RECIPES, st.tuples(*[st.integers(-3, 3)] * 3))
def test_gradients_of_random_graphs(recipe: Recipe, wholes: tuple[int, ...]) -> None:
    leaves = [Value(n + offset) for n, offset in zip(wholes, OFFSETS, strict=True)]
    y, _ = follow(recipe, [2.0, 0.5, *leaves], limit=1e3)
    assume(isinstance(y, Value) and y.op is not constant)
    try:
        gradient = grad(y, leaves)
        of_graph = grad(y, leaves, create_graph=True)
        near, far = numerical_gradient(y, leaves, step=1e-6), numerical_gradient(y, leaves, step=1e-5)
    except DomainError:
        assume(False)
    assert gradient == pytest.approx([d.data for d in of_graph], rel=0, abs=0, nan_ok=True)
    for exact, slope, other in zip(gradient, far, near, strict=True):
        if math.isfinite(exact) and math.isclose(slope, other, rel_tol=1e-5, abs_tol=1e-5):  # no kink, no pole nearby
            assert exact == pytest.approx(slope, rel=1e-4, abs=1e-4)


def test_grad_takes_a_single_input_too() -> None:
    x = Value(3.0, "x")
    assert grad(x * x, x) == [6.0]
