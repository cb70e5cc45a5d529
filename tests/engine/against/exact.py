"""Expressions and their derivatives to a hundred digits, by mpmath: no rule of the engine is used.

The operations are those of textbooks; derivatives are central differences with so small a step, and so
many digits, that neither the step nor the rounding is seen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mpmath import mp, mpf

from tests.engine.against.expressions import Derivatives, Expression, interpret
from tests.engine.operations import EXACT

DIGITS = 150
STEP = mpf(10) ** -40


def exactly(expression: Expression) -> Derivatives:
    """The value, the gradient and the second derivatives of an expression, to more digits than floats have."""

    def function(point: Sequence[Any]) -> Any:
        return interpret(expression.output, dict(zip(expression.leaves, point, strict=True)), EXACT, mpf)

    with mp.workdps(DIGITS):
        return differences(function, [mpf(x.data) for x in expression.leaves])


def differences(function: Callable[[Sequence[Any]], Any], point: Sequence[Any]) -> Derivatives:
    """The derivatives of a function of several numbers, by central differences."""
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
