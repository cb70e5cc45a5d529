"""The operations and their derivatives to a hundred digits, by mpmath: no rule of the engine is used.

The forward rules are the definitions of textbooks; derivatives are central differences with so small a step, and so
many digits, that neither the step nor the rounding is seen.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

from mpmath import mp, mpf

from tests.engine.against import Derivatives, Expression, replay

DIGITS = 150
STEP = mpf(10) ** -40


def weighted_sum(*inputs: Any) -> Any:
    """b + Σ w_i x_i of w_1, ..., w_n, x_1, ..., x_n, b; without b, if the number of inputs is even."""
    n = len(inputs) // 2
    products = [w * x for w, x in zip(inputs[:n], inputs[n:], strict=False)]
    return sum(products, inputs[-1]) if len(inputs) % 2 else sum(products[1:], products[0])


# What numbers of every kind do by themselves.
ARITHMETIC: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "negate": operator.neg,
    "dot": weighted_sum,
}

EXACT: dict[str, Callable[..., Any]] = ARITHMETIC | {
    "exp": mp.exp,
    "log": mp.log,
    "log1p": lambda x: mp.log(1 + x),
    "expm1": lambda x: mp.exp(x) - 1,
    "sqrt": mp.sqrt,
    "abs": abs,
    "sin": mp.sin,
    "cos": mp.cos,
    "tan": mp.tan,
    "atan": mp.atan,
    "tanh": mp.tanh,
    "greater": lambda x, y: mpf(1 if x > y else 0),
    "where": lambda c, x, y: x if c != 0 else y,
    "maximum": max,
    "minimum": min,
    "power": mp.power,
    "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
    "softplus": lambda x: mp.log(1 + mp.exp(x)),
    "relu": lambda x: max(x, mpf(0)),
    "leaky_relu": lambda x, slope: x if x > 0 else slope * x,
}


def exactly(expression: Expression) -> Derivatives:
    """The value, the gradient and the second derivatives of an expression, to more digits than floats have."""

    def function(point: Sequence[Any]) -> Any:
        return replay(expression.output, dict(zip(expression.leaves, point, strict=True)), EXACT, mpf)

    with mp.workdps(DIGITS):
        return differences(function, [mpf(x.data) for x in expression.leaves])


def differences(function: Callable[[Sequence[Any]], Any], point: Sequence[Any]) -> Derivatives:
    """The derivatives of a function of several numbers, from what it is around the point."""
    n, h = len(point), STEP

    def at(*moves: tuple[int, int]) -> Any:
        moved = list(point)
        for i, sign in moves:
            moved[i] += sign * h
        return function(moved)

    here, up, down = at(), [at((i, 1)) for i in range(n)], [at((i, -1)) for i in range(n)]
    second = [[mpf(0)] * n for _ in range(n)]
    for i in range(n):
        second[i][i] = (up[i] - 2 * here + down[i]) / h**2
        for j in range(i):
            corners = at((i, 1), (j, 1)) - at((i, 1), (j, -1)) - at((i, -1), (j, 1)) + at((i, -1), (j, -1))
            second[i][j] = second[j][i] = corners / (4 * h**2)
    return Derivatives(here, [(u - d) / (2 * h) for u, d in zip(up, down, strict=True)], second)
