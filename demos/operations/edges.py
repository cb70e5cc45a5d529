"""The edges of an operation's domain, and what the operation gives there: a number, NaN, or a DomainError."""

from __future__ import annotations

import inspect
import math
import sys
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from engine import DomainError, Op, Value, grad

INF, NAN = math.inf, math.nan
MAX, TINY = sys.float_info.max, 5e-324  # the largest float, and the smallest above 0

Point = tuple[float, ...]

# Where every operation of one input is looked at, and where some are besides.
REALS = (-INF, -MAX, -TINY, -0.0, 0.0, TINY, MAX, INF, NAN)
FURTHER: dict[str, tuple[float, ...]] = {
    "exp": (-746.0, 709.0, 710.0),
    "expm1": (-746.0, 709.0, 710.0),
    "log": (-1.0, 1.0),
    "log1p": (-2.0, -1.0, -0.999999),
    "sqrt": (-1.0, 1.0),
    "tan": (math.pi / 2,),
    "tanh": (-20.0, 20.0),
    "sigmoid": (-746.0, -40.0, 40.0),
    "softplus": (-746.0, -40.0, 40.0),
}

# Where operations of several inputs are looked at. One that is added to the table needs some.
EDGES: dict[str, list[Point]] = {
    "add": [(0.0, -0.0), (-0.0, -0.0), (TINY, -TINY), (MAX, TINY), (MAX, MAX), (INF, -INF), (NAN, 1.0)],
    "subtract": [(0.0, 0.0), (-0.0, 0.0), (TINY, TINY), (MAX, -MAX), (INF, INF), (NAN, 1.0)],
    "multiply": [(-0.0, 2.0), (TINY, 0.5), (TINY, MAX), (MAX, 2.0), (MAX, -2.0), (0.0, INF), (NAN, 0.0)],
    "divide": [
        *((1.0, 0.0), (1.0, -0.0), (0.0, 0.0), (-0.0, 2.0), (1.0, TINY), (TINY, 2.0), (MAX, 0.5), (MAX, MAX)),
        *((1.0, INF), (INF, 2.0), (INF, INF), (NAN, 1.0), (1.0, NAN)),
    ],
    "greater": [(0.0, -0.0), (2.0, 2.0), (TINY, 0.0), (INF, MAX), (INF, INF), (NAN, 0.0), (0.0, NAN)],
    "where": [
        *((0.0, 2.0, 3.0), (-0.0, 2.0, 3.0), (TINY, 2.0, 3.0), (INF, 2.0, 3.0), (NAN, 2.0, 3.0)),
        *((1.0, NAN, 3.0), (1.0, 2.0, NAN), (0.0, 2.0, INF)),
    ],
    "maximum": [(2.0, 2.0), (0.0, -0.0), (-0.0, 0.0), (TINY, 0.0), (MAX, INF), (INF, INF), (2.0, NAN), (NAN, 2.0)],
    "minimum": [(2.0, 2.0), (0.0, -0.0), (-0.0, 0.0), (TINY, 0.0), (MAX, INF), (INF, INF), (2.0, NAN), (NAN, 2.0)],
    "power": [
        *((0.0, 0.0), (-0.0, 0.0), (0.0, 0.5), (0.0, 1.0), (0.0, 2.0), (0.0, -1.0), (-0.0, -1.0), (2.0, 0.0)),
        *((-2.0, 0.0), (-2.0, 2.0), (-2.0, 3.0), (-2.0, -1.0), (-2.0, 0.5), (TINY, 0.0), (TINY, 1.0), (TINY, 2.0)),
        *((TINY, -1.0), (MAX, 0.5), (MAX, 2.0), (MAX, -2.0), (10.0, 400.0), (10.0, -400.0)),
        *((0.0, INF), (0.5, INF), (1.0, INF), (2.0, INF), (2.0, -INF), (INF, 0.0), (INF, 2.0)),
        *((INF, -1.0), (-INF, 3.0), (NAN, 0.0), (NAN, 2.0), (1.0, NAN), (2.0, NAN)),
    ],
    "leaky_relu": [
        *((0.0, 0.01), (-0.0, 0.01), (TINY, 0.01), (-TINY, 0.01), (MAX, 0.01), (-MAX, 0.01), (-MAX, 2.0)),
        *((INF, 0.01), (-INF, 0.01), (-INF, 0.0), (NAN, 0.01)),
    ],
    "dot": [
        *((0.0, 1.0, -0.0, -0.0, -0.0), (TINY, 1.0, 0.5, 2.0, 3.0), (1e16, 1.0, 1.0, 1.0, -1e16)),
        *((MAX, MAX, 2.0, -2.0, 0.0), (0.0, 1.0, INF, 2.0, 3.0), (1.0, 1.0, 2.0, NAN, 3.0)),
    ],
}


class Outcome(NamedTuple):
    """What an operation gives at a point; None where that is a DomainError."""

    point: Point
    value: float | None
    derivatives: list[float | None]  # by each input; by a variable, with constants for the other inputs


def edges(op: Op) -> list[Point]:
    """The points at which an operation is looked at, from the left to the right.

    Raises ValueError for an operation of several inputs that `EDGES` does not know.
    """
    if op.arity == 1:
        wanted = {*REALS, *FURTHER.get(op.name, ())} - {0.0}
        reals = sorted({*(x for x in wanted if x == x)})
        return [(x,) for x in (*(x for x in reals if x < 0), -0.0, 0.0, *(x for x in reals if x > 0), NAN)]
    if op.name not in EDGES:
        raise ValueError(f"demos/operations/edges.py does not say at which points {op.name!r} has its edges")
    return EDGES[op.name]


def names(op: Op) -> list[str]:
    """What the inputs are called, as labels: as in the rules, and for `dot`, the paper's with two weights and a bias.

    >>> from engine import TABLE
    >>> names(TABLE["where"]), names(TABLE["dot"])
    (['c', 'x', 'y'], ['w_1', 'w_2', 'x_1', 'x_2', 'b'])
    """
    if callable(op.derivatives):
        return ["w_1", "w_2", "x_1", "x_2", "b"]
    return list(inspect.signature(op.derivatives[0]).parameters)[1:]


def outcome(op: Op, point: Point) -> Outcome:
    """What the operation gives there.

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
