"""Random expressions against arithmetic of 150 digits: values, gradients, second derivatives."""

import math

import pytest
from hypothesis import given, settings
from mpmath import mp, mpf

from engine import TABLE, Op, Value, grad, toposort
from tests import share
from tests.engine.against.exact import DIGITS, STEP, differences, exactly
from tests.engine.against.expressions import Expression, alone, expressions, numbers, ours, rounding


def test_differences_find_the_derivatives_of_a_known_function() -> None:
    with mp.workdps(DIGITS):
        found = differences(lambda p: p[0] ** 3 * mp.exp(2 * p[1]), [mpf(2), mpf(0)])
        assert found.value == 8
        exact = [12, 16, 12, 24, 24, 32]
        for got, expected in zip([*found.first, *found.second[0], *found.second[1]], exact, strict=True):
            assert abs(got - expected) < mpf(10) ** -60


def assert_exact(expression: Expression) -> None:
    """Our numbers are the exact ones, up to what rounding may do to them."""
    with mp.workdps(DIGITS):
        expected = numbers(exactly(expression))
        fine = STEP * max(1, *map(abs, expected))  # much more than what the differences are off
        found = numbers(ours(expression))
        assert all(math.isfinite(node.data) for node in toposort(*found) if node.inputs)
        for got, exact in zip(found, expected, strict=True):
            allowed = 2 * rounding(got) + fine  # twice, for what is left out to first order
            assert abs(mpf(got.data) - exact) <= allowed, (got.data, float(exact), allowed)


@pytest.mark.parametrize("op", TABLE.values(), ids=TABLE)
def test_each_operation_alone_is_exact_to_rounding(op: Op) -> None:
    for expression in alone(op):
        assert_exact(expression)


@settings(max_examples=share(3.0))
@given(expressions())
def test_values_gradients_and_second_derivatives_are_exact_to_rounding(expression: Expression) -> None:
    assert_exact(expression)


@settings(max_examples=share(1.0))
@given(expressions())
def test_gradients_are_the_same_bits_as_floats_and_as_graphs(expression: Expression) -> None:
    y, leaves = expression
    assert grad(y, leaves) == [slope.data for slope in grad(y, leaves, create_graph=True)]


def test_rounding_is_bounded_by_what_a_cancellation_leaves() -> None:
    x = Value(0.1)
    y = (x + 1e6) - 1e6  # 1e6 is off by up to its last place, and so is what is left
    assert 0.0 < abs(y.data - 0.1) <= rounding(y) <= 1e-9
