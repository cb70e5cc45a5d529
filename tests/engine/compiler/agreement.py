"""The engine's values and derivatives for some rows, and how near a program must come to them."""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from engine import Op, Program, Value, forward, toposort
from engine.backprop import backpropagate
from engine.ops import constant

PRECISION = 1e-12


class Expected(NamedTuple):
    """The engine's results for some rows: the values, the sums, and the largest intermediate number."""

    values: list[float]
    total: float
    gradient: list[float]
    scale: float


def largest_magnitude(output: Value) -> float:
    """The largest absolute number of a forward and a backward pass: a value, an adjoint, or a contribution to one."""
    order = toposort(output)
    adjoints = backpropagate(order)
    numbers = [node.data for node in order] + list(adjoints.values())
    for node in order:
        data = [x.data for x in node.inputs]
        for i, x in enumerate(node.inputs):
            if x.op is not constant:
                numbers.append(adjoints[node] * node.op.local_derivative(i, node.data, data))
    return max(map(abs, numbers))


def expected(output: Value, inputs: Sequence[Value], wrt: Sequence[Value], rows: Iterable[Sequence[float]]) -> Expected:
    """The engine's values and derivatives, summed in the order of the rows. The inputs keep their values."""
    before = [x.data for x in inputs]
    values, gradient, scale = [], [0.0] * len(wrt), 1.0
    for row in rows:
        for x, number in zip(inputs, row, strict=True):
            x.data = number
        forward(output)
        values.append(output.data)
        derivatives = backpropagate(toposort(output))
        gradient = [total + derivatives.get(x, 0.0) for total, x in zip(gradient, wrt, strict=True)]
        scale = max(scale, largest_magnitude(output))
    for x, number in zip(inputs, before, strict=True):
        x.data = number
    forward(output)
    total = 0.0
    for value in values:
        total += value
    return Expected(values, total, gradient, scale)


def assert_near(numbers: Iterable[float], others: Iterable[float], bound: float) -> None:
    """Assert that numbers are equal up to a bound, or both NaN, or the same infinity."""
    for i, (x, y) in enumerate(zip(numbers, others, strict=True)):
        same = x == y or (math.isnan(x) and math.isnan(y))
        assert same or abs(x - y) <= bound, f"{i}: {x!r} differs from {y!r} by {abs(x - y):.3g}, not {bound:.3g}"


def assert_agrees(
    program: Program,
    output: Value,
    inputs: Sequence[Value],
    wrt: Sequence[Value],
    rows: Sequence[Sequence[float]],
    threads: Iterable[int] = (1, 2),
) -> Expected:
    """Assert that a program has the engine's values and derivatives, for one row and for all."""
    truth = expected(output, inputs, wrt, rows)
    bound = PRECISION * truth.scale
    values = program.each(rows)
    if program.backend == "python":
        assert [x.hex() for x in values] == [x.hex() for x in truth.values]
    assert_near(values, truth.values, bound)
    for n in threads:
        total, gradient = program.sum_over(rows, threads=n)
        assert_near([total, *gradient], [truth.total, *truth.gradient], bound * max(1, len(rows)))
    for row, value in list(zip(rows, truth.values, strict=True))[:1]:
        one = expected(output, inputs, wrt, [row])
        assert_near([program(*row)], [value], PRECISION * one.scale)
        found, derivatives = program.value_and_grad(*row)
        assert_near([found, *derivatives], [value, *one.gradient], PRECISION * one.scale)
        assert type(found) is float
        assert {type(x) for x in derivatives} <= {float}
    return truth


def spread(n: int, width: int, low: float = -1.0, high: float = 1.0) -> list[list[float]]:
    """Rows that fill an interval evenly, all different."""
    step = math.sqrt(5.0) / 2.0 - 0.5  # the golden ratio, whose multiples are spread evenly
    return [[low + (high - low) * ((1 + i * width + j) * step % 1.0) for j in range(width)] for i in range(n)]


def operations(program: Program, *, gradient: bool = True) -> list[Op]:
    """The operation of each expression in the IR of a program."""
    ir = program._ir
    results = ir.results() if gradient else ir.values
    return [symbol.op for symbol in toposort(*results) if symbol.inputs]
