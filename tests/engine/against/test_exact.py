"""Random expressions against arithmetic of 150 digits: values, gradients, second derivatives."""

import math

import pytest
from hypothesis import given, settings
from mpmath import mp, mpf

from engine import TABLE, Op, grad, toposort
from tests import share
from tests.engine.against.exact import DIGITS, STEP, exactly
from tests.engine.against.expressions import (
    Expression,
    applied_to_leaves,
    as_list,
    differentiable,
    expressions,
    our_derivatives,
    rounding,
)


def assert_exact(expression: Expression) -> None:
    """Our numbers are the exact ones, up to rounding."""
    with mp.workdps(DIGITS):
        expected = as_list(exactly(expression))
        fine = STEP * max(1, *map(abs, expected))  # much more than the error of the differences
        found = as_list(our_derivatives(expression))
        assert all(math.isfinite(node.data) for node in toposort(*found) if node.inputs)
        for got, exact in zip(found, expected, strict=True):
            folded = math.ulp(got.data)  # the rounding of a derivative that is a constant
            allowed = 2 * rounding(got) + folded + fine  # twice, since the bound is of first order
            assert abs(mpf(got.data) - exact) <= allowed, (got.data, float(exact), allowed)


@pytest.mark.parametrize("op", differentiable(), ids=str)
def test_each_operation_alone_is_exact_to_rounding(op: Op) -> None:
    for expression in applied_to_leaves(op):
        assert_exact(expression)


@pytest.mark.thorough
@settings(max_examples=share(3.0))
@given(expressions())
def test_derivatives_to_second_order_are_exact_to_rounding(expression: Expression) -> None:
    assert_exact(expression)


def assert_same_bits(expression: Expression) -> None:
    """Gradients as floats and as graphs have the same numbers."""
    y, leaves = expression
    assert grad(y, leaves) == [slope.data for slope in grad(y, leaves, create_graph=True)]


@pytest.mark.parametrize("op", TABLE.values(), ids=TABLE)
def test_gradients_of_each_operation_are_the_same_bits(op: Op) -> None:
    for expression in applied_to_leaves(op):
        assert_same_bits(expression)


@settings(max_examples=share(1.0))
@given(expressions())
def test_gradients_are_the_same_bits_as_floats_and_as_graphs(expression: Expression) -> None:
    assert_same_bits(expression)
