"""Second derivatives of each operation alone, relative to the exact ones, where inputs are of different sizes, too.

`engine/OPERATIONS.md` states the exceptions, which are absolute errors.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any

import pytest
from mpmath import mp, mpf

from engine import TABLE, DomainError, Op, Value, hessian, hvp, hypot
from tests.engine.operations import Point, known

UNITS = 20.0  # in the last place, of the second derivative and of what the rounding of the inputs changes in it
SIZES = (-1e6, -0.7, -1e-9, 1e-9, 1.0, 1e6)
SMALLEST = mpf(sys.float_info.min)
RANGE = (1e-300, 1e300)  # of inputs besides 0
STEP = mpf(10) ** -60  # of a difference, relative to the input


def points(op: Op) -> Iterator[Point]:
    """Points away from kinks: those of the table of tests, and combinations of inputs of different sizes."""
    n, entry = op.arity or 4, known(op)
    sizes = SIZES if n < 3 else (-0.7, 1e-9, 1e6)
    for point in dict.fromkeys([*entry.points, *entry.wide, *product(sizes, repeat=n)]):
        in_range = len(point) == n and all(not x or RANGE[0] < abs(x) < RANGE[1] for x in point)
        if in_range and (entry.kink is None or abs(entry.kink(*point)) > 1e-6 * max(map(abs, point))):
            yield point


def difference(function: Callable[..., Any], xs: Sequence[Any], j: int) -> Any:
    """The derivative of a function with respect to input j, by a central difference."""
    h = (abs(xs[j]) or 1) * STEP
    up, down = ([*xs[:j], xs[j] + step, *xs[j + 1 :]] for step in (h, -h))
    return (function(*up) - function(*down)) / (2 * h)


def assert_right(found: float, op: Op, i: int, j: int, xs: Sequence[Any]) -> None:
    """∂²z/∂x_i∂x_j is the exact one up to rounding, its own and that of the inputs, or to the error that is stated."""

    def second(*xs: Any) -> Any:
        return difference(known(op).first[i], xs, j)

    exact, unit = second(*xs), mpf(2) ** -53
    if not isinstance(exact, mpf) or abs(exact) > sys.float_info.max:
        return  # where a real derivative is one of complex numbers to mpmath, or exceeds the largest float
    error = abs(mpf(found) - exact)
    if error > UNITS * unit * abs(exact) + SMALLEST + known(op).error:
        size = abs(exact) + sum(abs(x * difference(second, xs, k)) for k, x in enumerate(xs))
        assert error <= UNITS * unit * size, (*map(float, xs), i, j, found, float(exact))


@pytest.mark.parametrize("op", TABLE.values(), ids=TABLE)
def test_second_derivatives_are_right_relative_to_exact_ones(op: Op) -> None:
    for point in points(op):
        inputs = [Value(x) for x in point]
        try:
            matrix = hessian(op(*inputs), inputs)
        except DomainError:
            continue
        with mp.workdps(200):
            for i, row in enumerate(matrix):
                for j, found in enumerate(row):
                    assert_right(found, op, i, j, [mpf(x) for x in point])


def test_the_curvature_of_a_long_hypotenuse_keeps_its_digits() -> None:
    for x, y in product((1.0, -1.0), (1e-6, -1e-9)):
        inputs = [Value(x, "x"), Value(y, "y")]
        z = hypot(*inputs)
        exact = y * y / (x * x + y * y) ** 1.5
        assert hessian(z, inputs)[0][0] == pytest.approx(exact, rel=1e-15)
        assert hvp(z, inputs, [1.0, 0.0])[0] == pytest.approx(exact, rel=1e-15)
