"""Numbers that differ between the iterations of a loop: those that are equal by chance, 0 or 1 do not end it."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engine
from engine import Program, Value, compile
from tests import share, thorough_unless
from tests.engine.compiler.backends import needs_llvm
from tests.engine.compiler.repetition.unrolled import compile_twice, has_data, has_loops, looking_closely
from tests.engine.float_bits import bits

pytestmark = needs_llvm
Numbers = Callable[[random.Random], float]
Graph = tuple[Value, list[Value], list[Value]]  # an output, its variables, and its data

KINDS: dict[str, Numbers] = {
    "dummies": lambda rng: float(rng.random() < 0.5),
    "tenths": lambda rng: round(rng.random(), 1),
    "integers": lambda rng: rng.randint(-2, 2),
    "signed zeros": lambda rng: rng.choice([0.0, -0.0, 1.0]),
}


def add_up(terms: Sequence[Any]) -> Any:
    return sum(terms[1:], terms[0])


def variables(n: int) -> list[Value]:
    return [Value(0.3 + 0.2 * i, f"p_{i}") for i in range(n)]


def least_squares(n: int, number: Numbers) -> Graph:
    rng, p = random.Random(1), variables(3)
    rows = [[Value(x) for x in (rng.uniform(-1, 1), number(rng), rng.uniform(-1, 1))] for _ in range(n)]
    return add_up([(p[0] * x + p[1] * d + p[2] - y) ** 2 for x, d, y in rows]), p, [x for row in rows for x in row]


def logistic_likelihood(n: int, number: Numbers) -> Graph:
    rng, w = random.Random(2), variables(2)
    rows = [[Value(x) for x in (rng.uniform(-1, 1), number(rng))] for _ in range(n)]
    q = [engine.sigmoid(w[0] * x + w[1]) for x, _ in rows]
    terms = [y * p.log() + (1.0 - y) * (1.0 - p).log() for p, (_, y) in zip(q, rows, strict=True)]
    return -add_up(terms) / float(n), w, [x for row in rows for x in row]


def forced_oscillator(n: int, number: Numbers) -> Graph:
    """By Runge-Kutta steps; the end of one is the begin of the next, but for rounding."""
    p, x, v = leaves = variables(3)
    h, data = 0.01, []
    for i in range(n):
        begin, middle, end = times = [Value(i * h), Value(i * h + h / 2), Value(i * h + h)]
        a = v, (p * begin).sin() - x
        b = v + h / 2 * a[1], (p * middle).sin() - (x + h / 2 * a[0])
        c = v + h / 2 * b[1], (p * middle).sin() - (x + h / 2 * b[0])
        d = v + h * c[1], (p * end).sin() - (x + h * c[0])
        x, v = (u + h / 6 * (a[k] + 2.0 * b[k] + 2.0 * c[k] + d[k]) for k, u in enumerate((x, v)))
        data += times
    return x * v, leaves, data


GRAPHS: list[Callable[[int, Numbers], Graph]] = [least_squares, logistic_likelihood, forced_oscillator]
graphs = pytest.mark.parametrize("graph", GRAPHS, ids=lambda graph: graph.__name__)


@thorough_unless(lambda graph: graph is least_squares)
@graphs
def test_equal_numbers_do_not_make_code_grow(graph: Callable[[int, Numbers], Graph]) -> None:
    def code(n: int) -> str:
        output, x, _ = graph(n, KINDS["dummies"])
        return compile(output, x, backend="llvm").llvm_ir

    assert len(code(600)) < 1.01 * len(code(200)) < 25_000


@thorough_unless(lambda graph, kind: graph is least_squares)
@graphs
@pytest.mark.parametrize("kind", KINDS)
def test_data_are_numbers_in_memory(graph: Callable[[int, Numbers], Graph], kind: str) -> None:
    """The bits are those of formulas one by one in which data are inputs."""
    output, x, data = graph(12, KINDS[kind])
    looping, _ = compile_twice(output, x, None)
    assert has_loops(looping)
    _, plain = compile_twice(output, [*x, *data], x)
    rng, numbers = random.Random(3), [number.data for number in data]
    rows = [[rng.uniform(0.2, 1.5) for _ in x] for _ in range(5)]

    def results(program: Program, others: list[float]) -> list[str]:
        value, slopes = program.value_and_grad(*rows[0], *others)
        found = [value, *slopes]
        for some in (rows[:1], rows):
            total, sums = program.sum_over([row + others for row in some])
            found += [total, *sums]
        return list(map(bits, found))

    with looking_closely():
        assert results(looping, []) == results(plain, numbers)


@settings(max_examples=share(0.1), deadline=None)
@given(st.sampled_from(GRAPHS), st.integers(0, 10**6), st.integers(0, 2), st.integers(1, 3))
def test_loops_of_rounded_numbers_agree_with_eager(
    graph: Callable[[int, Numbers], Graph], seed: int, digits: int, largest: int
) -> None:
    own = random.Random(seed)
    output, x, _ = graph(12, lambda _: round(own.uniform(0, largest), digits))
    program, _ = compile_twice(output, x, None)
    assert has_loops(program)
    value, slopes = program.value_and_grad([u.data for u in x])
    output.backward()
    assert [value, *slopes] == pytest.approx([output.data, *(u.grad for u in x)], rel=1e-12, abs=1e-13)


def test_numbers_that_all_iterations_share_are_not_data() -> None:
    output, x, _ = least_squares(12, lambda rng: 1.0)
    program, _ = compile_twice(output, x, None)
    assert has_loops(program)
    assert not has_data(program)


def test_a_constant_that_is_not_a_number_travels_on() -> None:
    output, x, _ = least_squares(12, lambda rng: rng.choice([0.0, 1.0, math.nan]))
    program, _ = compile_twice(output, x, None)
    assert has_loops(program)
    value, slopes = program.value_and_grad([u.data for u in x])
    assert all(map(math.isnan, [value, *slopes]))


def test_infinite_slopes_do_not_reach_data_of_zero() -> None:
    """Edges into data are absent: 0 · ∞ is not computed."""
    w = Value(0.0, "w")
    terms = [(w + number).sqrt() * number + (w + 1.0) * number for number in [4.0, 1.0, 1.0, 0.25] * 4]
    roots = add_up([(number * w.cos()).sqrt() for number in [0.0, 1.0, 4.0, 1.0] * 4])
    for output in (add_up(terms), roots):
        programs = compile_twice(output, [w], None)
        found, plain = (program.value_and_grad(0.1) for program in programs)
        assert found[0] == pytest.approx(plain[0])
        assert found[1] == pytest.approx(plain[1], nan_ok=True)


def test_exponents_that_differ_are_not_data() -> None:
    p = variables(2)
    output = add_up([(p[0] + float(i)) ** (i % 3) + p[1] * (i % 2) for i in range(15)])
    programs = compile_twice(output, p, None)
    found, plain = ([value, *slopes] for value, slopes in (program.value_and_grad([0.5, 0.7]) for program in programs))
    assert found == pytest.approx(plain, rel=1e-13)
