"""softmax and logsumexp of several numbers: exact to rounding, without overflow, in every reader."""

import math
import random
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import pytest
from mpmath import mp, mpf

from engine import DomainError, Value, compile, grad, hessian, logaddexp, logsumexp, softmax
from tests import thorough_unless
from tests.engine.compiler.backends import both_backends

LOGITS = [[1000.0, 0.0], [1000.0, 999.5, 998.25], [0.0, -40.0, -800.0], [-1e300, 1e300], [3.0], [2.0, 2.0], [-5.0, 7.5]]
FUNCTIONS: list[Callable[[Sequence[Any]], Any]] = [logsumexp, lambda xs: softmax(xs)[0], lambda xs: softmax(xs)[-1]]


def exact_softmax(xs: Sequence[float]) -> list[Any]:
    largest = max(xs)
    powers = [mp.exp(mpf(x) - mpf(largest)) for x in xs]
    return [power / sum(powers) for power in powers]


@pytest.mark.parametrize("xs", LOGITS, ids=str)
def test_softmax_and_logsumexp_are_exact_to_rounding(xs: list[float]) -> None:
    with mp.workdps(50):
        exact = exact_softmax(xs)
        for found, p in zip(softmax(xs), exact, strict=True):
            assert abs(found - p) <= 4.0 * 2.0**-53 * p + 5e-324
        total = mpf(max(xs)) - mp.log(max(exact))
        assert abs(logsumexp(xs) - total) <= len(xs) * math.ulp(float(total))


@pytest.mark.parametrize("xs", LOGITS, ids=str)
def test_their_derivatives_are_those_of_the_formulas(xs: list[float]) -> None:
    leaves = [Value(x) for x in xs]
    with mp.workdps(50):
        p = exact_softmax(xs)
        assert grad(logsumexp(leaves), leaves) == pytest.approx([float(x) for x in p], rel=1e-14, abs=1e-300)
        for i, probability in enumerate(softmax(leaves)):
            expected = [float(p[i] * ((i == j) - p[j])) for j in range(len(p))]
            assert grad(probability, leaves) == pytest.approx(expected, rel=1e-14, abs=4.0 * 2.0**-53)


@both_backends
def test_programs_choose_the_largest_anew_for_each_row(backend: str) -> None:
    rng = random.Random(0)
    rows = [[rng.uniform(-900.0, 900.0) for _ in range(4)] for _ in range(20)]
    for function in FUNCTIONS:
        leaves = [Value(0.0) for _ in range(4)]
        program = compile(function(leaves), leaves, backend=backend)
        assert program.each(rows) == pytest.approx([function(row) for row in rows], rel=1e-13, abs=1e-300)


def test_logsumexp_of_two_is_logaddexp() -> None:
    assert logsumexp([2.0, 3.0]) == logaddexp(2.0, 3.0) == pytest.approx(math.log(math.exp(2.0) + math.exp(3.0)))


def test_infinities_are_limits() -> None:
    assert logsumexp([-math.inf, 1.0]) == 1.0
    assert logsumexp([-math.inf, -math.inf]) == -math.inf
    assert logsumexp([math.inf, math.inf]) == math.inf
    assert softmax([-math.inf, 1.0]) == [0.0, 1.0]
    for number in (float, Value):
        with pytest.raises(DomainError, match="divide needs a denominator other than 0"):
            softmax([number(-math.inf)] * 2)
    assert all(map(math.isnan, softmax([math.nan, 1.0])))
    assert math.isnan(logsumexp([1.0, math.nan, -math.inf]))


NONE = -math.inf  # the logarithm of 0, of a masked class or an impossible state


@both_backends
@pytest.mark.parametrize("xs", [[NONE, NONE, 0.0], [1.0, NONE, 2.0], [NONE, 3.0, NONE], [NONE, NONE]], ids=str)
def test_minus_infinity_has_derivative_0_and_disturbs_no_other(xs: list[float], backend: str) -> None:
    finite, leaves = [x for x in xs if x > NONE], [Value(x) for x in xs]
    others = iter(softmax(finite) if finite else [])
    expected = [next(others) if x > NONE else 0.0 for x in xs]
    for function in (logsumexp, lambda xs: reduce(logaddexp, xs)):
        y = function(leaves)
        program = compile(y, leaves, backend=backend)
        assert y.data == program(*xs) == (function(finite) if finite else NONE)
        assert grad(y, leaves) == pytest.approx(expected, rel=1e-15)
        assert program.grad(*xs) == pytest.approx(expected, rel=1e-15)
        second = [[expected[i] * ((i == j) - expected[j]) for j in range(len(xs))] for i in range(len(xs))]
        for matrix in (hessian(y, leaves), program.hessian(*xs)):
            assert [x for row in matrix for x in row] == pytest.approx([x for row in second for x in row], rel=1e-14)


@thorough_unless(lambda size: size == 700.0)
@pytest.mark.parametrize("size", [0.0, 5.0, 700.0])
def test_logsumexp_of_many_keeps_its_digits(size: float) -> None:
    rng = random.Random(0)
    xs = [rng.uniform(-size, size) for _ in range(2000)]
    leaves = [Value(x) for x in xs]
    y = logsumexp(leaves)
    with mp.workdps(50):
        total = mp.log(sum(mp.exp(mpf(x)) for x in xs))
        assert abs(y.data - total) <= 2.0 * math.ulp(y.data)
        for x, slope in zip(xs, grad(y, leaves), strict=True):
            assert abs(slope - mp.exp(mpf(x) - total)) <= (8.0 + max(xs) - x) * math.ulp(slope)


@pytest.mark.parametrize("function", [softmax, logsumexp])
def test_of_nothing_they_are_an_error(function: Callable[[Sequence[float]], Any]) -> None:
    with pytest.raises(ValueError, match=f"{function.__name__} needs at least one number"):
        function([])
