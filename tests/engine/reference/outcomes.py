"""The values and derivatives of an operation at a point: numbers, NaN, or a DomainError."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from engine import DomainError, Op, Value, grad
from tests.engine.operations import Point


class Outcome(NamedTuple):
    """A value and its derivatives at a point; None stands for a DomainError."""

    point: Point
    value: float | None
    derivatives: list[float | None]  # with respect to each input, a variable, with constants for the others


def names(op: Op) -> list[str]:
    """The names of the inputs, as labels: those of the rules, and for `dot`, the paper's with two weights and a bias.

    >>> from engine import TABLE
    >>> names(TABLE["where"]), names(TABLE["dot"])
    (['c', 'x', 'y'], ['w_1', 'w_2', 'x_1', 'x_2', 'b'])
    """
    if callable(op.derivatives):
        return ["w_1", "w_2", "x_1", "x_2", "b"]
    return list(inspect.signature(op.derivatives[0]).parameters)[1:]


def outcome(op: Op, point: Point) -> Outcome:
    """The value and the derivatives of an operation at a point.

    >>> from engine import divide, sqrt
    >>> outcome(divide, (1.0, 0.0))
    Outcome(point=(1.0, 0.0), value=None, derivatives=[None, None])
    >>> outcome(sqrt, (0.0,))
    Outcome(point=(0.0,), value=0.0, derivatives=[None])
    """
    value = _number(lambda: float(op(*point)))
    return Outcome(point, value, [_number(partial(_derivative, op, point, i)) for i in range(len(point))])


def _derivative(op: Op, point: Point, i: int) -> float:
    inputs: list[Value | float] = list(point)
    inputs[i] = x = Value(point[i])
    [derivative] = grad(op(*inputs), [x])
    return float(derivative)


def _number(compute: Callable[[], float]) -> float | None:
    try:
        return compute()
    except DomainError:
        return None
