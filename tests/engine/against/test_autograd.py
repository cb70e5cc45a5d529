"""Random expressions against HIPS autograd: values, gradients, second derivatives."""

import warnings

import autograd
import autograd.numpy
import autograd.scipy.special
import numpy as np
import pytest
from hypothesis import given, settings

from engine import TABLE, Op
from tests import share
from tests.engine.against.expressions import Derivatives, Expression, applied_to_leaves, expressions
from tests.engine.against.others import assert_agree, function
from tests.engine.operations import table

AUTOGRAD = {
    **table(autograd.numpy, autograd.scipy.special, autograd.scipy.special.expit),
    # clipped where tanh rounds to ±1, since autograd's derivative divides by cosh², which overflows
    "tanh": lambda x: autograd.numpy.tanh(autograd.numpy.clip(x, -100.0, 100.0)),
    "stop_gradient": autograd.tracer.getval,
}


def by_autograd(expression: Expression) -> Derivatives:
    f, point = function(expression, AUTOGRAD), np.array([x.data for x in expression.leaves])
    gradient = autograd.grad(f)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Output seems independent of input")  # its derivative is 0, as it should be
        second = autograd.jacobian(gradient)(point)
        return Derivatives(float(f(point)), gradient(point).tolist(), second.tolist())


@pytest.mark.parametrize("op", TABLE.values(), ids=TABLE)
def test_each_operation_alone_is_autograds(op: Op) -> None:
    for expression in applied_to_leaves(op):
        assert_agree(expression, by_autograd(expression))


@pytest.mark.thorough
@settings(max_examples=share(1.0))
@given(expressions())
def test_derivatives_to_second_order_are_autograds(expression: Expression) -> None:
    assert_agree(expression, by_autograd(expression))
