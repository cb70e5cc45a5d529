"""Every entry of the table over its whole domain, against formulas that mpmath evaluates to 50 digits."""

import math
from typing import Any

import pytest
from mpmath import mp, mpf

from engine import TABLE, Op, Value, grad, sigmoid, softplus
from tests.engine.operations import TINY, known, logistic, slope


def nought(*_: Any) -> int:
    return 0


def error(got: float, exact: Any) -> Any:
    """|got - exact|, 0 if the exact number overflows and the other is the infinity of its sign."""
    if abs(exact) > mpf(1.797693134862315e308):
        return 0 if got == math.copysign(math.inf, exact) else math.inf
    return abs(mpf(got) - exact)


every_operation = pytest.mark.parametrize("op", TABLE.values(), ids=TABLE)


@every_operation
def test_value_is_within_a_few_units_in_the_last_place(op: Op) -> None:
    entry = known(op)
    with mp.workdps(50):
        for numbers in entry.wide:
            expected = mpf(entry.exact(*map(mpf, numbers)))
            assert error(op(*numbers), expected) <= entry.units(*numbers) * math.ulp(float(expected)), numbers


@every_operation
def test_derivatives_are_exact_to_1e_12(op: Op) -> None:
    entry = known(op)
    with mp.workdps(50):
        for numbers in entry.wide:
            inputs = [Value(x) for x in numbers]
            for got, formula in zip(grad(op(*inputs), inputs), entry.first, strict=True):
                expected = mpf(formula(*map(mpf, numbers)))
                allowed = max(1e-12 * abs(expected), entry.error, 2 * TINY)
                assert error(got, expected) <= allowed, (numbers, got, expected)


@every_operation
def test_second_derivatives_are_exact_to_1e_12(op: Op) -> None:
    entry = known(op)
    with mp.workdps(50):
        for numbers in entry.wide:
            inputs = [Value(x) for x in numbers]
            firsts = grad(op(*inputs), inputs, create_graph=True)
            for x, first, formula in zip(inputs, firsts, entry.second or [nought] * len(inputs), strict=True):
                expected = mpf(formula(*map(mpf, numbers)))
                allowed = max(1e-12 * abs(expected), entry.error, 2 * TINY)
                assert error(grad(first, [x])[0], expected) <= allowed, (numbers, expected)


@pytest.mark.parametrize("a", [-700.0, -40.0, -5.0])
def test_derivatives_in_the_left_tail_are_relatively_exact(a: float) -> None:
    x = Value(a)
    with mp.workdps(50):
        exact = [logistic(mpf(a)), slope(mpf(a)), slope(mpf(a)) * (1 - 2 * logistic(mpf(a)))]
        derivative = softplus(x)
        for expected in exact:
            [derivative] = grad(derivative, [x], create_graph=True)
            assert error(derivative.data, expected) <= 1e-14 * expected
        [of_sigmoid] = grad(sigmoid(x), [x])
        assert error(of_sigmoid, exact[1]) <= 1e-14 * exact[1]
