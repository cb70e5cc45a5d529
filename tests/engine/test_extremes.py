"""Every entry of the table over its whole domain, against formulas that mpmath evaluates to 50 digits."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from mpmath import mp, mpf

from engine import TABLE, Op, Value, grad, sigmoid, softplus

Formula = Callable[..., Any]
TINY, HUGE = 5e-324, 1.7e308
ROUNDING_OF_1 = 4 * 2.0**-53


def nought(*_: Any) -> int:
    return 0


def logistic(x: Any) -> Any:
    return 1 / (1 + mp.exp(-x))


def slope(x: Any) -> Any:
    """The derivative of the logistic function."""
    return logistic(x) * logistic(-x)


class Exact(NamedTuple):
    """An operation as mathematics has it, and the numbers to compare at."""

    numbers: list[tuple[float, ...]]
    value: Formula
    first: list[Formula]  # ∂z/∂x_i
    second: list[Formula]  # ∂²z/∂x_i², if it is not 0 everywhere
    absolute: float = 0.0  # the error that derivatives may have in any case, where the rule takes a difference from 1


def each(*numbers: float) -> list[tuple[float, ...]]:
    return [(x,) for x in numbers]


def pairs(*numbers: float) -> list[tuple[float, ...]]:
    return [(x, y) for x in numbers for y in numbers]


REALS = (-HUGE, -1e3, -745.2, -36.8, -1.0, -1e-9, -TINY, 0.0, TINY, 1e-9, 1.0, 36.8, 745.2, 1e3, HUGE)
ANGLES = (-1e22, -100.0, -1e-9, 0.0, TINY, 1e-9, 1.5707963267948966, 3.141592653589793, 100.0, 1e22, HUGE)
EXPONENTS = (-HUGE, -1e3, -745.1, -20.0, -1e-17, 0.0, TINY, 1e-9, 1.0, 300.0, 709.0)
POSITIVE = (TINY, 1e-310, 1e-150, 1e-9, 0.5, 1.0, 1.0000000000000002, 7.0, 1e150, HUGE)
POWERS = [(0.5, 3.0), (2.0, -0.5), (1e300, 0.1), (1e-200, 0.9), (7.0, 300.0), (1.0000000000000002, 1e9), (0.25, -500.0)]

EXACT = {
    "add": Exact(pairs(0.1, -0.3, 1e-300, 1e300), lambda x, y: x + y, [lambda x, y: 1, lambda x, y: 1], []),
    "subtract": Exact(pairs(0.1, -0.3, 1e-300, 1e300), lambda x, y: x - y, [lambda x, y: 1, lambda x, y: -1], []),
    "multiply": Exact(pairs(0.1, -0.3, 1e-150, 1e150), lambda x, y: x * y, [lambda x, y: y, lambda x, y: x], []),
    "divide": Exact(
        pairs(0.1, -0.3, 1e-60, 1e60),
        lambda x, y: x / y,
        [lambda x, y: 1 / y, lambda x, y: -x / y**2],
        [lambda x, y: 0, lambda x, y: 2 * x / y**3],
    ),
    "negate": Exact(each(*REALS), lambda x: -x, [lambda x: -1], []),
    "exp": Exact(each(*EXPONENTS), mp.exp, [mp.exp], [mp.exp]),
    "log": Exact(each(*POSITIVE), mp.log, [lambda x: 1 / x], [lambda x: -1 / x**2]),
    "log1p": Exact(
        each(-1.0 + 2.0**-53, -0.75, -1e-9, 0.0, TINY, 1e-9, 1.0, HUGE),
        mp.log1p,
        [lambda x: 1 / (1 + x)],
        [lambda x: -1 / (1 + x) ** 2],
    ),
    "expm1": Exact(each(*EXPONENTS), mp.expm1, [mp.exp], [mp.exp]),
    "sqrt": Exact(each(*POSITIVE), mp.sqrt, [lambda x: 1 / (2 * mp.sqrt(x))], [lambda x: -1 / (4 * x * mp.sqrt(x))]),
    "abs": Exact(each(*REALS), abs, [mp.sign], []),
    "sin": Exact(each(*ANGLES), mp.sin, [mp.cos], [lambda x: -mp.sin(x)]),
    "cos": Exact(each(*ANGLES), mp.cos, [lambda x: -mp.sin(x)], [lambda x: -mp.cos(x)]),
    "tan": Exact(
        each(*ANGLES), mp.tan, [lambda x: 1 + mp.tan(x) ** 2], [lambda x: 2 * mp.tan(x) * (1 + mp.tan(x) ** 2)]
    ),
    "atan": Exact(
        each(-1e70, -1.0, -1e-9, 0.0, TINY, 3.0, 1e9, 1e70),
        mp.atan,
        [lambda x: 1 / (1 + x**2)],
        [lambda x: -2 * x / (1 + x**2) ** 2],
    ),
    "tanh": Exact(
        each(*REALS),
        mp.tanh,
        [lambda x: mp.sech(x) ** 2],
        [lambda x: -2 * mp.tanh(x) * mp.sech(x) ** 2],
        ROUNDING_OF_1,
    ),
    "greater": Exact(pairs(*REALS), lambda x, y: int(x > y), [lambda x, y: 0, lambda x, y: 0], []),
    "where": Exact(
        [(c, 2.0, 3.0) for c in REALS],
        lambda c, x, y: x if c else y,
        [lambda c, x, y: 0, lambda c, x, y: int(c != 0), lambda c, x, y: int(c == 0)],
        [],
    ),
    "maximum": Exact(
        pairs(*REALS),
        max,
        [lambda x, y: (1 + mp.sign(x - y)) / 2, lambda x, y: (1 + mp.sign(y - x)) / 2],
        [],
    ),
    "minimum": Exact(
        pairs(*REALS),
        min,
        [lambda x, y: (1 + mp.sign(y - x)) / 2, lambda x, y: (1 + mp.sign(x - y)) / 2],
        [],
    ),
    "power": Exact(
        [*POWERS, (2.0, 0.0)],
        mp.power,
        [lambda x, y: y * x ** (y - 1), lambda x, y: x**y * mp.log(x)],
        [lambda x, y: y * (y - 1) * x ** (y - 2), lambda x, y: x**y * mp.log(x) ** 2],
    ),
    "sigmoid": Exact(
        each(*REALS), logistic, [slope], [lambda x: slope(x) * (logistic(-x) - logistic(x))], ROUNDING_OF_1
    ),
    "softplus": Exact(each(*REALS), lambda x: mp.log1p(mp.exp(x)), [logistic], [slope], ROUNDING_OF_1),
    "relu": Exact(each(*REALS), lambda x: max(x, 0), [lambda x: int(x > 0)], []),
    "leaky_relu": Exact(
        [(x, 0.01) for x in REALS],
        lambda x, k: max(x, 0) + k * min(x, 0),
        [lambda x, k: 1 if x > 0 else k, lambda x, k: min(x, 0)],
        [],
    ),
    "dot": Exact(
        [(0.1, -0.3, 1e-9, 1e9), (1e200, 0.7, 1e100, -1e300)],
        lambda w, u, x, y: w * x + u * y,
        [lambda w, u, x, y: x, lambda w, u, x, y: y, lambda w, u, x, y: w, lambda w, u, x, y: u],
        [],
    ),
}


def error(got: float, exact: Any) -> Any:
    """|got - exact|; an exact number beyond the largest float is met by an infinity of its sign."""
    if abs(exact) > mpf(1.797693134862315e308):
        return 0 if got == math.copysign(math.inf, exact) else math.inf
    return abs(mpf(got) - exact)


every_operation = pytest.mark.parametrize("op", TABLE.values(), ids=TABLE)


def exact_of(op: Op) -> Exact:
    assert op.name in EXACT, f"say in {__name__}.EXACT what the operation {op.name!r} and its derivatives are exactly"
    return EXACT[op.name]


@every_operation
def test_value_is_within_a_few_units_in_the_last_place(op: Op) -> None:
    exact = exact_of(op)
    with mp.workdps(50):
        for numbers in exact.numbers:
            expected = mpf(exact.value(*map(mpf, numbers)))
            assert error(op(*numbers), expected) <= 4 * math.ulp(float(expected)), numbers


@every_operation
def test_derivatives_are_exact_to_1e_12(op: Op) -> None:
    exact = exact_of(op)
    with mp.workdps(50):
        for numbers in exact.numbers:
            inputs = [Value(x) for x in numbers]
            for got, formula in zip(grad(op(*inputs), inputs), exact.first, strict=True):
                expected = mpf(formula(*map(mpf, numbers)))
                allowed = max(1e-12 * abs(expected), exact.absolute, 2 * TINY)
                assert error(got, expected) <= allowed, (numbers, got, expected)


@every_operation
def test_second_derivatives_are_exact_to_1e_12(op: Op) -> None:
    exact = exact_of(op)
    with mp.workdps(50):
        for numbers in exact.numbers:
            inputs = [Value(x) for x in numbers]
            firsts = grad(op(*inputs), inputs, create_graph=True)
            for x, first, formula in zip(inputs, firsts, exact.second or [nought] * len(inputs), strict=True):
                expected = mpf(formula(*map(mpf, numbers)))
                allowed = max(1e-12 * abs(expected), exact.absolute, 2 * TINY)
                assert error(grad(first, [x])[0], expected) <= allowed, (numbers, expected)


@pytest.mark.parametrize("a", [-700.0, -40.0, -5.0])
def test_derivatives_in_the_left_tail_are_exact_relative_to_their_size(a: float) -> None:
    x = Value(a)
    with mp.workdps(50):
        exact = [logistic(mpf(a)), slope(mpf(a)), slope(mpf(a)) * (1 - 2 * logistic(mpf(a)))]
        derivative = softplus(x)
        for expected in exact:
            [derivative] = grad(derivative, [x], create_graph=True)
            assert error(derivative.data, expected) <= 1e-14 * expected
        [of_sigmoid] = grad(sigmoid(x), [x])
        assert error(of_sigmoid, exact[1]) <= 1e-14 * exact[1]
