"""Deep chains and wide fans: time and memory grow linearly, and nothing recurses."""

import pytest

from engine import Value, compile, dot, exp
from engine.compiler.repetition import segments
from tests import by_night, thorough_unless
from tests.effort import count_calls
from tests.engine.compiler.agreement import assert_agrees, assert_near, spread
from tests.engine.compiler.backends import both_backends, needs_llvm


def chain(n: int) -> tuple[Value, list[Value], list[Value]]:
    x, w = Value(0.5, "x"), Value(0.25, "w")
    node = x
    for i in range(n):
        node = (node + w if i % 2 else node * 0.75) if i % 5 else node - x
    return node, [x], [w, x]


@thorough_unless(lambda backend: backend == "python")
@both_backends
def test_a_long_chain(backend: str) -> None:
    output, inputs, wrt = chain(by_night(6_000, 30_000))
    program = compile(output, inputs, wrt, backend=backend)
    value, gradient = program.value_and_grad(0.5)
    other, same = compile(*chain(1000), backend=backend).value_and_grad(0.5)  # has converged by then
    assert_near([value, *gradient], [other, *same], 1e-12)


@thorough_unless(lambda backend: backend == "llvm")
@both_backends
def test_a_wide_fan(backend: str) -> None:
    n = by_night(2_000, 8_000)
    x, w = Value(0.5, "x"), [Value(i / n) for i in range(n)]
    output = dot(w, [x] * len(w), x) + dot([x * a for a in w], w)
    program = compile(output, [x], [x], backend=backend)
    value, gradient = program.value_and_grad(0.5)
    rest = sum(a.data**2 for a in w)
    assert_near([value, *gradient], [0.5 * (sum(a.data for a in w) + 1 + rest), 2 * value], 1e-8)


@thorough_unless(lambda backend: backend == "llvm")
@both_backends
def test_thousands_of_inputs_parameters_and_results(backend: str) -> None:
    x = [Value(number) for (number,) in spread(700, 1)]
    w = [Value(number) for (number,) in spread(700, 1)]
    output = Value(0.0)
    for a, b in zip(x, w, strict=True):
        output = output + (a * b - 0.5) ** 2
    wrt = [*w[::-1], *x]
    assert_agrees(compile(output, x, wrt, backend=backend), output, x, wrt, spread(3, 700))


@thorough_unless(lambda backend: backend == "python")
@both_backends
def test_hundreds_of_derivatives_that_are_inputs(backend: str) -> None:
    x = [Value(number) for (number,) in spread(700, 1)]
    w = [Value(number) for (number,) in spread(700, 1)]
    output = dot(w, x)
    assert_agrees(compile(output, x, w, backend=backend), output, x, w, spread(3, 700))


@needs_llvm
def test_a_long_dot_without_strides_is_split() -> None:
    from engine.compiler.targets.llvm.lowering import MAX_FUNCTION_LENGTH

    x, w = [Value(0.5), Value(0.25)], [Value(number) for (number,) in spread(1500, 1)]
    output = dot(w, [x[i * i % 3 % 2] for i in range(1500)])
    program = compile(output, x, [], backend="llvm")
    assert_agrees(program, output, x, [], spread(3, 2))
    functions = [part.count("\n") for part in program.llvm_ir.split("define internal")[1:]]
    assert max(functions) < 4 * MAX_FUNCTION_LENGTH


@thorough_unless(lambda backend: backend == "python")
@both_backends
def test_one_node_with_many_readers(backend: str) -> None:
    x, w = Value(0.5, "x"), [Value(number) for (number,) in spread(1000, 1)]
    shared = exp(x)
    output = dot([shared * a + a for a in w], w)
    assert_agrees(compile(output, [x], [x, *w[:3]], backend=backend), output, [x], [x, *w[:3]], spread(3, 1))


@needs_llvm
def test_long_code_is_split_into_functions() -> None:
    from engine.compiler.targets.llvm.lowering import MAX_FUNCTION_LENGTH

    x, w = Value(0.5, "x"), [Value(number) for (number,) in spread(800, 1)]
    nodes = [x]
    for i, a in enumerate(w):
        nodes.append((nodes[-1] * a + nodes[i // 2]).tanh())  # a distant operand
    program = compile(nodes[-1], [x], w, backend="llvm")
    assert_agrees(program, nodes[-1], [x], w, spread(9, 1))
    text = program.llvm_ir
    functions = [part.count("\n") for part in text.split("define internal")[1:]]
    assert len(functions) > 10
    assert max(functions) < 4 * MAX_FUNCTION_LENGTH


@thorough_unless(lambda backend: backend == "python")
@both_backends
def test_the_work_grows_with_the_length(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "MIN_OPERATIONS", 100)  # repetition is looked for in graphs of both lengths

    def calls(n: int) -> int:
        graph = chain(n)
        return count_calls(lambda: compile(*graph, backend=backend).value_and_grad(0.5))

    calls(10)  # imports, and fills caches
    assert calls(1_600) < 1.1 * 4 * calls(400)
