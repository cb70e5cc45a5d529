"""Constant folding, common subexpressions, dead code, and loop-invariant expressions."""

import re
from collections import Counter

import pytest

from engine import TABLE, Value, compile, exp, greater, operation, sigmoid, sin, where
from engine.compiler.targets.llvm.jit import python_callback
from engine.compiler.targets.llvm.lowering import lower
from tests.engine.compiler.agreement import assert_agrees, operations, spread
from tests.engine.compiler.backends import both_backends

X, Y, W, V = (Value(number, name) for number, name in ((0.5, "x"), (1.5, "y"), (2.0, "w"), (-0.75, "v")))


def names(output: Value, inputs: list[Value], wrt: list[Value], *, gradient: bool = True) -> Counter[str]:
    program = compile(output, inputs, wrt, backend="python")
    return Counter(op.name for op in operations(program, gradient=gradient))


def test_frozen_leaves_and_constants_are_folded() -> None:
    output = exp(Value(2.0) * 3 + W) * X + sin(V * Y)
    assert names(output, [X], [], gradient=False) == {"multiply": 1, "add": 1}


def test_common_subexpressions_are_computed_once() -> None:
    output = exp(X * Y) + exp(X * Y) * sin(exp(X * Y))
    assert names(output, [X, Y], [], gradient=False) == {"multiply": 2, "exp": 1, "sin": 1, "add": 1}


def test_the_backward_pass_shares_the_work_of_the_forward_pass() -> None:
    assert names(exp(sigmoid(X)), [X], [X]) == {"sigmoid": 1, "exp": 1, "subtract": 1, "multiply": 2}


def test_dead_code_is_eliminated() -> None:
    assert names(X * Y, [X, Y], [X, Y]) == {"multiply": 1}
    exp(X * Y)  # not part of the output
    program = compile(X * Y, [X, Y], backend="python")
    assert "exp" not in program.source


def test_a_derivative_that_is_not_asked_for_costs_nothing() -> None:
    output = exp(sin(X) * W) * V
    forward_alone = names(output, [X], [], gradient=False)
    assert names(output, [X], []) == forward_alone
    assert names(output, [X], [V]) == forward_alone  # ∂/∂v is computed in the forward pass
    by_weight = names(output, [X], [W])
    assert by_weight - forward_alone == {"multiply": 2}  # v exp(...) sin(x)
    assert "cos" not in by_weight
    assert names(output, [X], [X])["cos"] == 1


def backward_lines(output: Value, inputs: list[Value], wrt: list[Value]) -> int:
    source = compile(output, inputs, wrt, backend="python").source
    _, _, backward = source.partition("# backward")
    return backward.count(" = ")


def test_the_backward_pass_is_as_long_as_wrt_requires() -> None:
    nodes = [X]
    weights = [Value(0.5, f"w_{i}") for i in range(20)]
    for i, w in enumerate(weights):
        nodes.append((nodes[-1] * w).tanh())
        nodes[-1].label = f"z_{i}"
    by_all = backward_lines(nodes[-1], [X], weights)
    by_last = backward_lines(nodes[-1], [X], weights[-1:])
    assert by_last <= 2 < 20 < by_all
    assert backward_lines(nodes[-1], [X], []) == 0


def loop_of(output: Value, inputs: list[Value], wrt: list[Value]) -> tuple[str, str]:
    """The lines of `sum_over` in Python before its loop over rows, and in it."""
    from engine.compiler.targets.python import PythonPrinter

    text = "\n".join(PythonPrinter(compile(output, inputs, wrt, backend="python")._ir).sum_over())
    before, loop = re.split(r"\n    for .* in rows:\n", text)
    return before, loop.partition("\n    return")[0]


def test_weight_decay_is_outside_the_loop_over_the_rows() -> None:
    decay = 0.5 * sin(W * W)
    before, loop = loop_of((X * W).tanh() + decay, [X], [W])
    assert "sin" in before
    assert "cos" in before
    assert "sin" not in loop
    assert "cos" not in loop
    assert "tanh" in loop


def test_expressions_of_parameters_are_hoisted_out_of_the_loop() -> None:
    """Even those without a label that are used once, which elsewhere are inlined."""
    before, loop = loop_of(X * exp(W * V) + sin(W) * Y, [X, Y], [X, W, V])
    assert "exp" in before
    assert "sin" in before
    assert "exp" not in loop
    assert "sin" not in loop


def test_machine_code_computes_parameters_alone_once() -> None:
    ir = compile((X * W).tanh() + 0.5 * exp(W * W), [X], [W, X], backend="python")._ir
    text = lower(ir, 4, summed=True, python_callback=python_callback).text
    names = "compute_uniform", "process_slots"
    uniform, varying = (re.search(rf"define void @{name}\(.*?\n}}", text, re.DOTALL) for name in names)
    assert uniform
    assert varying
    assert "call void @uniform_" in uniform[0]
    assert "call void @varying_" in varying[0]
    bodies = dict(re.findall(r"define internal void @(\w+?)_\d+\((.*?)\n}", text, re.DOTALL))
    assert "pathgrad_exp_1" in bodies["uniform"]
    assert "tanh" not in bodies["uniform"]
    assert "pathgrad_tanh_4" in bodies["varying"]
    assert "exp" not in bodies["varying"]


@both_backends
@pytest.mark.parametrize("n", [1, 2, 7, 100])
def test_invariant_terms_count_for_every_row(backend: str, n: int) -> None:
    output = (X * W).tanh() + 0.5 * (W * W + V * V) + W
    program = compile(output, [X], [W, V, X], backend=backend)
    assert_agrees(program, output, [X], [W, V, X], spread(n, 1), threads=(1, 2, 3))


@both_backends
def test_a_term_of_a_derivative_may_be_a_choice(backend: str) -> None:
    """A choice is written in parentheses in a sum: (1 if c else 0) + (w + w)."""
    output = where(greater(X, 0.0), W, 0.0) + W * W
    program = compile(output, [X], [W], backend=backend)
    assert program.value_and_grad(0.5) == (6.0, [5.0])
    assert program.value_and_grad(-0.5) == (4.0, [4.0])
    assert_agrees(program, output, [X], [W], spread(10, 1))
    output = X * W + where(greater(V, W), V, W)  # the invariant term
    program = compile(output, [X], [W, V], backend=backend)
    assert_agrees(program, output, [X], [W, V], spread(10, 1))


def test_derivatives_wrt_conditions_are_not_computed() -> None:
    """They are 0 whatever the inputs of a condition, and are not added either."""
    output = where(greater(X, Y), sin(X), Y) * X
    needed = names(output, [X, Y], [X, Y])
    assert needed["multiply"] <= 4
    assert needed["add"] == 1


@both_backends
def test_both_terms_of_a_derivative_may_be_loop_invariant(backend: str) -> None:
    """`three` depends on x until it is expanded."""
    three = operation("three", "three", lambda x: 3.0 * x**0.0, lambda z, x: 0.0)
    try:
        output = three(X) * W + W * W
        program = compile(output, [X], [W], backend=backend)
        assert_agrees(program, output, [X], [W], spread(10, 1), threads=(1, 2))
    finally:
        del TABLE["three"]


@both_backends
def test_an_infinite_invariant_is_infinite_on_all_threads(backend: str) -> None:
    program = compile(W * W, [X], [W], backend=backend)
    program.parameters[0] = float("inf")
    for threads in (1, 2, 7):
        assert program.sum_over(spread(20, 1), threads=threads)[0] == float("inf")
