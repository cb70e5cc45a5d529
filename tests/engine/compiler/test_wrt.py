"""Inputs, parameters, frozen leaves and outputs in every combination."""

import re
from typing import Any, cast

import numpy as np
import pytest

from engine import Value, compile, dot, exp, forward, grad, sigmoid
from tests.engine.compiler.agreement import assert_agrees, assert_near, spread
from tests.engine.compiler.backends import both_backends


def leaves() -> list[Value]:
    return [Value(0.5, "x"), Value(-1.25, "y"), Value(2.0, "w"), Value(0.75, "v")]


@both_backends
@pytest.mark.parametrize("order", ["xywv", "vwyx", "wxvy", "xw", "wx", "v", "y", ""])
def test_derivatives_come_in_the_order_that_was_asked_for(backend: str, order: str) -> None:
    x, y, w, v = all_four = leaves()
    output = exp(w * x) * y + v * v * w
    wrt = [dict(zip("xywv", all_four, strict=True))[letter] for letter in order]
    program = compile(output, [y, x], wrt, backend=backend)
    assert_agrees(program, output, [y, x], wrt, spread(9, 2))
    parameters = [leaf for leaf in wrt if leaf is w or leaf is v]
    assert list(program.parameters) == [leaf.data for leaf in parameters]
    program.sum_over(spread(9, 2))
    assert_near(program.gradient, compile(output, [y, x], parameters, backend=backend).sum_over(spread(9, 2))[1], 1e-12)


@both_backends
def test_by_default_wrt_is_the_inputs(backend: str) -> None:
    x, y, w, _ = leaves()
    program = compile(x * y * w, [y, x], backend=backend)
    assert program.value_and_grad(3.0, 5.0) == (30.0, [10.0, 6.0])
    assert len(program.parameters) == len(program.gradient) == 0


@both_backends
def test_a_program_of_parameters_alone(backend: str) -> None:
    _, _, w, v = leaves()
    output = sigmoid(w * v) + w
    program = compile(output, wrt=[v, w], backend=backend)
    assert_agrees(program, output, [], [v, w], [[]] * 5)
    assert program() == output.data
    program.check()


@both_backends
def test_a_program_of_nothing_has_a_value(backend: str) -> None:
    x, y, *_ = leaves()
    program = compile(x * y, wrt=[], backend=backend)
    assert program() == -0.625
    assert program.value_and_grad() == (-0.625, [])
    total, gradient = program.sum_over([[]] * 3)
    assert (total, list(gradient), program.each([[]] * 2)) == (-1.875, [], [-0.625] * 2)


@both_backends
def test_a_derivative_without_a_path_is_0(backend: str) -> None:
    x, y, w, v = leaves()
    output = x.tanh() * w
    wrt = [v, y, w, x]
    program = compile(output, [y, x], wrt, backend=backend)
    assert_agrees(program, output, [y, x], wrt, spread(10, 2))
    assert program.value_and_grad(1.0, 2.0)[1][:2] == [0.0, 0.0]


@both_backends
@pytest.mark.parametrize("which", ["an input", "a parameter", "a constant", "by nothing that is given"])
def test_an_output_may_be_invariant_or_a_leaf(backend: str, which: str) -> None:
    x, y, w, _ = leaves()
    [constant] = (2 * x**3).inputs[:1]
    output = {"an input": x, "a parameter": w, "a constant": constant}.get(which, exp(w * w))
    program = compile(output, [y, x], [w, x, y], backend=backend)
    assert_agrees(program, output, [y, x], [w, x, y], spread(10, 2))


# The inputs, wrt, the member that is not in the graph of x * y, and the variables that would be frozen.
STRANGERS = [("w", None, "inputs[0]", "x, y"), ("xw", "x", "inputs[1]", "y"), ("", "wv", "wrt[0]", "x, y")]


@pytest.mark.parametrize(("inputs", "wrt", "name", "frozen"), STRANGERS)
def test_an_input_not_in_the_graph_is_refused(inputs: str, wrt: str | None, name: str, frozen: str) -> None:
    by_name = {leaf.label: leaf for leaf in leaves()}
    graph = by_name["x"] * by_name["y"]
    wanted = None if wrt is None else [by_name[letter] for letter in wrt]
    message = (
        rf"^{re.escape(name)}, Value\(data=2.0.*'w'\), is not in the graph, whose variables {frozen} are in neither"
    )
    with pytest.raises(ValueError, match=message):
        compile(graph, [by_name[letter] for letter in inputs], wanted)


def test_the_frozen_variables_are_not_all_named() -> None:
    many = [Value(0.5, f"x_{i}") for i in range(9)]
    with pytest.raises(ValueError, match=r"variables x_0, .*, x_5 and 3 more are in neither inputs nor wrt"):
        compile(dot(many, many), [Value(1.0, "w")])


def test_an_input_unread_is_given_where_nothing_is_frozen() -> None:
    x, y, w, _ = leaves()
    [slope] = grad(x * x + y, [x], create_graph=True)
    assert compile(slope, [x, y]).value_and_grad(3.0, 4.0) == (6.0, [2.0, 0.0])
    assert compile(x * y, [x], [y, w]).value_and_grad(3.0) == (-3.75, [3.0, 0.0])
    assert compile(lambda a, b: a * w, n_inputs=2).value_and_grad(3.0, 4.0) == (6.0, [2.0, 0.0])


@both_backends
def test_an_operation_on_constants_alone_is_an_output(backend: str) -> None:
    [constant] = [(2 * Value(1.0, "x") ** 3).inputs[0]]
    assert compile(constant, backend=backend)() == 2.0


@both_backends
def test_leaves_that_are_in_no_list_are_frozen_as_they_were(backend: str) -> None:
    x, y, w, v = leaves()
    output = x * y + w * v
    program = compile(output, [x], [w], backend=backend)
    before = program(1.0)
    y.data, v.data = 100.0, 200.0
    assert program(1.0) == before
    assert program.value_and_grad(1.0) == (before, [0.75])


@both_backends
def test_several_outputs_have_values_and_no_gradient(backend: str) -> None:
    x, y, w, _ = leaves()
    outputs = [x * y, w, x, exp(w * y), Value(7.0)]
    program = compile(outputs, [x, y], backend=backend)
    for row in (rows := spread(11, 2)):
        x.data, y.data = row
        forward(*outputs)
        assert_near(program(*row), [node.data for node in outputs], 1e-12)
    many = program.each(rows)
    assert [len(values) for values in many] == [5] * 11
    for row, values in zip(rows, many, strict=True):
        assert_near(values, program(*row), 1e-12)
    with pytest.raises(ValueError, match="several outputs"):
        program.value_and_grad(1.0, 2.0)
    with pytest.raises(ValueError, match="several outputs"):
        program.sum_over(rows)


@both_backends
def test_one_output_in_a_list_stays_a_list(backend: str) -> None:
    x, *_ = leaves()
    program = compile([x * x], [x], backend=backend)
    assert program(3.0) == [9.0]
    assert program.each([[3.0], [2.0]]) == [[9.0], [4.0]]


@both_backends
def test_gradients_of_gradients(backend: str) -> None:
    x, y, w, v = leaves()
    output = exp(x * w) * y + sigmoid(w * v * y) + x**3 / (y * y)
    slope_x, slope_w = grad(output, [x, w], create_graph=True)
    penalty = dot([slope_x, slope_w], [slope_w, slope_x], slope_x)
    wrt = [x, y, w, v]
    program = compile(penalty, [x, y], wrt, backend=backend)
    assert_agrees(program, penalty, [x, y], wrt, spread(9, 2, 0.5, 1.5))
    [third] = grad(slope_x, [y], create_graph=True)
    assert_agrees(compile(third, [x, y], wrt, backend=backend), third, [x, y], wrt, spread(9, 2, 0.5, 1.5))


@both_backends
def test_the_same_node_used_in_many_ways(backend: str) -> None:
    x, y, w, _ = leaves()
    output = x * x + x * x + (x - x) + x / x + (w * w * w) ** 2 + x * w * (x * w) + y
    wrt = [x, y, w]
    assert_agrees(compile(output, [x, y], wrt, backend=backend), output, [x, y], wrt, spread(7, 2, 0.5, 1.5))


@pytest.mark.parametrize("target", ["python", "numpy"])
def test_the_source_gives_derivatives_in_the_order_of_wrt(target: str) -> None:
    pytest.importorskip("numpy")
    x, w = Value(2.0, "x"), Value(3.0, "w")
    for wrt in ([x, w], [w, x]):
        program = compile(w * x * x, [x], wrt)
        space: dict[str, Any] = {}
        exec(program.source_for(target), space)
        value, gradient = space["value_and_grad"](2.0 if target == "python" else [[2.0]], [3.0])
        assert (float(value), [float(d) for d in gradient]) == program.value_and_grad(2.0)


@both_backends
def test_all_parameters_can_be_set_at_once(backend: str) -> None:
    x, w, v = Value(2.0, "x"), Value(3.0, "w"), Value(4.0, "v")
    program = compile(w * x + v, [x], [w, v], backend=backend)
    view = program.parameters
    program.parameters = [10.0, 1]
    assert program(2.0) == 21.0
    assert program.parameters is view
    program.store()
    assert (w.data, v.data) == (10.0, 1.0)
    with pytest.raises(ValueError, match="2 parameters, but 1 were given"):
        program.parameters = [1.0]
    words: Any = [1.0, "2"]
    with pytest.raises(TypeError, match="'2', of type str"):
        program.parameters = words
    assert list(program.parameters) == [10.0, 1.0]


def test_invalid_outputs_and_sets_are_refused() -> None:
    x, w = Value(2.0, "x"), Value(3.0, "w")
    number: Any = 3.0
    with pytest.raises(TypeError, match=r"output must be computed with Values, but is 3.0, a number"):
        compile(number, [x])
    with pytest.raises(TypeError, match=r"inputs must be a list of Values, not \{"):
        compile(x * w, {x, w})
    assert compile(lambda a, b: a * b, n_inputs=cast(Any, np.int64(2)))(2.0, 3.0) == 6.0
    assert compile(x * w, cast(Any, np.array([x, w], dtype=object)))(2.0, 3.0) == 6.0
    with pytest.raises(TypeError, match="at is 3, of type int: a list with a number, or a list of numbers, for"):
        compile(lambda a: a, at=cast(Any, 3))
    with pytest.raises(TypeError, match=r"x has the dtype complex128: real numbers are needed"):
        compile(x * w, [x, w])(cast(Any, np.complex128(1j)), 1.0)
