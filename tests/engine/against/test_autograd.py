"""Random expressions against HIPS autograd: values, gradients, second derivatives."""

import warnings
from collections import Counter

import autograd
import autograd.numpy
import numpy as np
from autograd.scipy.special import expit
from hypothesis import given, settings

from engine import TABLE
from tests import share
from tests.engine.against import Derivatives, Expression, assert_has_every_operation, expressions
from tests.engine.against.others import assert_agree, function, table

AUTOGRAD = {
    **table(autograd.numpy, expit),
    # flat from where floats have it flat, for its derivative there divides by a cosh² that overflows
    "tanh": lambda x: autograd.numpy.tanh(autograd.numpy.clip(x, -100.0, 100.0)),
}


def test_every_operation_is_one_of_autograds() -> None:
    assert_has_every_operation(AUTOGRAD)


def by_autograd(expression: Expression) -> Derivatives:
    f, point = function(expression, AUTOGRAD), np.array([x.data for x in expression.leaves])
    gradient = autograd.grad(f)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Output seems independent of input")  # its derivative is 0, as it should be
        second = autograd.jacobian(gradient)(point)
        return Derivatives(float(f(point)), gradient(point).tolist(), second.tolist())


def test_values_gradients_and_second_derivatives_are_autograds() -> None:
    met: Counter[str] = Counter()

    @settings(max_examples=share(1.0))
    @given(expressions())
    def compare(expression: Expression) -> None:
        met.update(expression.operations)
        assert_agree(expression, by_autograd(expression))

    compare()
    assert met.keys() == TABLE.keys(), "operations that came up in no expression"
