"""What `agreement` takes for rounding: also where the engine is at the edge of what floats hold."""

import pytest

from engine import Value
from tests.engine.compiler.agreement import Expected


def test_a_coarse_computation_that_overflows_excuses_no_number() -> None:
    largest = 1.3407807929942596e154  # whose square is nearly the largest float
    x = Value(largest, "x")
    truth = Expected(x * x, [x], [x], [[1.0], [largest]])
    truth.assert_values([1.0, x.data * x.data])
    for wrong in ([1.0, 123.0], [123.0, x.data * x.data]):
        with pytest.raises(AssertionError, match="differs from"):
            truth.assert_values(wrong)


def test_one_badly_conditioned_row_does_not_excuse_the_others() -> None:
    x, y = Value(1.0, "x"), Value(1.0, "y")
    truth = Expected(x - y, [x, y], [x, y], [[1e9 + 1.5, 1e9 + 0.5], [2.5, 1.5]])
    truth.assert_values([1.0 + 1e-5, 1.0])  # as close as the rounding of a billion lets a difference come
    with pytest.raises(AssertionError, match="differs from"):
        truth.assert_values([1.0, 1.0 + 1e-5])
