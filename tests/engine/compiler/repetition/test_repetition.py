"""Programs of graphs that repeat themselves: known ones are loops, with the bits of the formulas one by one."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

import engine
from engine import Value, compile, where
from engine.compiler.targets.llvm import jit
from engine.compiler.targets.llvm.kernel_code import lower_for_host
from tests import thorough_unless
from tests.engine.compiler.backends import needs_llvm
from tests.engine.compiler.repetition.unrolled import assert_same_bits, compile_twice, has_loops

pytestmark = needs_llvm
Graph = tuple[Value, list[Value], list[Value]]  # an output, and its inputs and parameters
STEPS = 12


def variables(name: str, n: int, seed: int = 0) -> list[Value]:
    rng = random.Random(seed)
    return [Value(rng.uniform(-1, 1), f"{name}_{i}") for i in range(n)]


def rosenbrock(n: int = STEPS) -> Graph:
    x = variables("x", n)
    terms = [100.0 * (v - u * u) ** 2 + (1.0 - u) ** 2 for u, v in pairwise(x)]
    return sum(terms[1:], terms[0]), x, []


def runge_kutta() -> Graph:
    begin = variables("y", 2)
    p, q = begin
    for _ in range(STEPS):
        slopes = [(q, -p)]
        for h in (0.05, 0.05, 0.1):
            a, b = slopes[-1]
            slopes.append((q + h * b, -(p + h * a)))
        (a, b), (c, d), (e, f), (g, k) = slopes
        p, q = p + (a + 2.0 * c + 2.0 * e + g) * (0.1 / 6), q + (b + 2.0 * d + 2.0 * f + k) * (0.1 / 6)
    return p * q, begin, []


def likelihood_of_constants() -> Graph:
    rng, w = random.Random(1), variables("w", 2)
    losses = [engine.softplus(w[0] * rng.uniform(-1, 1) + w[1]) * rng.uniform(0.1, 2) for _ in range(STEPS)]
    return sum(losses[1:], losses[0]) / float(STEPS), w, []


def likelihood_of_inputs() -> Graph:
    w, x, y = variables("w", 2), variables("x", STEPS, 1), variables("y", STEPS, 2)
    losses = [(engine.tanh(w[0] * a + w[1] * a * a) - b) ** 2 for a, b in zip(x, y, strict=True)]
    return sum(losses[1:], losses[0]), [*x, *y], w


def recurrent_network() -> Graph:
    x, w, u, h = variables("x", STEPS), variables("w", 4, 1), variables("u", 2, 2), [Value(0.0, "h"), Value(0.1, "k")]
    first = h
    for xt in x:
        h = [engine.tanh(engine.dot(w[2 * i : 2 * i + 2], h, xt * u[i])) for i in (0, 1)]
    return h[0] * h[1], x, [*w, *u, *first]


def states_and_their_losses() -> Graph:
    x, h, states = variables("x", STEPS), Value(0.3, "h"), []
    w = Value(0.7, "w")
    for xt in x:
        h = (w * h + xt).tanh()
        states.append(h)
    losses = [(state - 0.5) ** 2 for state in states]
    return (sum(losses[1:], losses[0]) * 0.1).sqrt(), x, [w]


def odd_head_and_tail() -> Graph:
    x = variables("x", STEPS + 2)
    total = x[0].exp() * x[1]
    for a, b in pairwise(x[1:-1]):
        total = total + a.sin() * b
    return total * x[-1].cos() + total, x, []


def carried_over_two() -> Graph:
    x = variables("x", 2 * STEPS)
    a, b = x[0], x[1]
    for xt in x[2:]:
        a, b = b, (a * 0.4 + b * xt).sin() * a
    return a + b, x, []


def loop_in_a_loop() -> Graph:
    rng, w, h = random.Random(2), variables("w", 2), Value(0.2, "h")
    total = None
    for _ in range(STEPS):
        force = rng.uniform(-1, 1)
        for _ in range(8):
            h = h + (force - w[0] * h - w[1] * h.sin()) * 0.1
        loss = (h - rng.uniform(-1, 1)) ** 2
        total = loss if total is None else total + loss
    assert total is not None
    return total, w, []


GRAPHS: list[Callable[[], Graph]] = [
    *(rosenbrock, runge_kutta, likelihood_of_constants, likelihood_of_inputs, recurrent_network),
    *(states_and_their_losses, odd_head_and_tail, carried_over_two, loop_in_a_loop),
]


@thorough_unless(lambda graph: graph in (rosenbrock, loop_in_a_loop))
@pytest.mark.parametrize("graph", GRAPHS, ids=lambda graph: graph.__name__)
def test_loops_have_the_bits_of_single_formulas(graph: Callable[[], Graph]) -> None:
    output, inputs, parameters = graph()
    for given, wrt in (([*inputs, *parameters], None), (inputs, [*parameters, *inputs]), ([], [*parameters, *inputs])):
        programs = compile_twice(output, given, wrt)
        assert has_loops(programs[0])
        assert_same_bits(programs, len(given))


def test_several_outputs_are_copied_by_a_loop() -> None:
    x, h, states = variables("x", STEPS), Value(0.3, "h"), []
    for xt in x:
        h = (0.5 * h + xt).tanh()
        states.append(h * h)
    programs = compile_twice(states, x, None)
    assert has_loops(programs[0])
    assert_same_bits(programs, len(x))


def test_a_graph_with_conditions_is_not_a_loop() -> None:
    x = variables("x", STEPS)
    terms = [where(engine.greater(xt, 0.0), xt * xt, -xt) for xt in x]
    programs = compile_twice(sum(terms[1:], terms[0]), x, None)
    assert not has_loops(programs[0])
    assert_same_bits(programs, len(x))


def test_constants_of_zero_keep_their_signs() -> None:
    x = variables("x", STEPS)
    terms = [(xt.sin() * number).cos() * number for xt, number in zip(x, [0.0, -0.0] * (STEPS // 2), strict=True)]
    programs = compile_twice(sum(terms[1:], terms[0]), x, None)
    assert has_loops(programs[0])
    assert_same_bits(programs, len(x))


def test_iterations_with_constant_adjoints_are_no_loop() -> None:
    x, y = begin = variables("x", 2)
    for _ in range(STEPS):
        x, y = x + 0.1 * y, y - 0.1 * x.sin()
    programs = compile_twice(x, begin, None)
    assert has_loops(programs[0])
    assert_same_bits(programs, 2)


def test_a_product_with_constant_adjoints_is_not_a_loop() -> None:
    x = variables("x", STEPS)
    total = x[0] * x[0]
    for i, xt in enumerate(x[1:]):
        total = 0.9 * total + (i + 0.1) * xt + xt.sin()
    programs = compile_twice(total, x, None)
    assert not has_loops(programs[0])
    assert_same_bits(programs, len(x))


def test_the_code_does_not_grow_with_the_repetitions() -> None:
    def code(n: int) -> str:
        output, x, _ = rosenbrock(n)
        return compile(output, x, backend="llvm").llvm_ir

    assert len(code(900)) < 1.1 * len(code(300)) < 20_000


def test_sources_and_matrices_are_of_the_whole_graph() -> None:
    output, x, _ = rosenbrock(200)
    program, point = compile(output, x, backend="llvm"), np.linspace(-1.0, 1.0, 200)
    assert has_loops(program)
    plain = compile(output, x, backend="python")
    assert program.source == plain.source
    assert program.hessian(point)[5].tolist() == pytest.approx(plain.hessian(point)[5].tolist(), rel=1e-13)
    program.check([point])


def test_a_call_counts_the_operations_of_all_iterations() -> None:
    output, x, _ = rosenbrock(500)
    kernel = lower_for_host(compile(output, x, backend="llvm")._ir, many=False, summed=True)
    assert kernel.operations > 499 * 20 > kernel.instructions


def test_few_iterations_of_a_long_body_are_not_optimized(monkeypatch: pytest.MonkeyPatch) -> None:
    levels: list[jit.Level] = []

    def compile_object(text: str, level: jit.Level) -> bytes:
        if "@forward_0" in text:  # not the functions of the library
            levels.append(level)
        return made(text, level)

    made = jit.compile_object
    monkeypatch.setattr(jit, "compile_object", compile_object)
    x = Value(0.5, "x")
    for period, iterations in ((300, 5), (5, 300)):
        h, operations = x, random.Random(0).choices((engine.tanh, engine.sin), k=period)
        for operation in operations * iterations:
            h = operation(h)
        assert compile(h, [x], backend="llvm").value_and_grad(0.5)[0] == pytest.approx(h.data)
    assert levels == [jit.UNOPTIMIZED, jit.OPTIMIZED_CODEGEN]


@pytest.mark.parametrize(("terms", "expected"), [(8, True), (9, False)])
def test_dots_of_at_most_8_products_and_a_start_are_rolled(terms: int, expected: bool) -> None:
    w, h = variables("w", terms), [Value(0.1 * i, f"h_{i}") for i in range(terms)]
    inputs, x = list(h), variables("x", 40)
    for xt in x:
        h = [*h[1:], engine.tanh(engine.dot(w, h, xt))]
    programs = compile_twice(h[-1], [*inputs, *x], w)
    assert has_loops(programs[0]) == expected
    assert_same_bits(programs, terms + 40)


def test_what_is_computed_once_for_all_rows_is_not_of_a_row() -> None:
    w = variables("w", 500)
    total = w[0].sin()
    for x in w[1:]:
        total = total + x.sin() * 0.3
    for program in compile_twice(total, [], w):
        kernel = lower_for_host(program._ir, many=True, summed=True)
        assert kernel.row_operations < 500 < 5000 < kernel.operations
