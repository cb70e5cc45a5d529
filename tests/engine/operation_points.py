"""Where operations are tested: ordinary points of each, and special floats."""

import math
from itertools import product

from engine import Op

# Ordinary points of each operation, away from kinks. A new operation needs some.
POINTS: dict[str, list[tuple[float, ...]]] = {
    "add": [(2.0, 3.0), (-0.5, 0.0)],
    "subtract": [(2.0, 3.0), (-0.5, 0.0)],
    "multiply": [(2.0, 3.0), (-0.5, 0.0)],
    "divide": [(2.0, 3.0), (-0.5, -1.5)],
    "negate": [(2.0,), (-0.5,)],
    "exp": [(-2.0,), (0.0,), (1.5,)],
    "log": [(0.25,), (1.0,), (5.0,)],
    "log1p": [(-0.5,), (0.0,), (5.0,)],
    "expm1": [(-2.0,), (0.0,), (1.5,)],
    "sqrt": [(0.25,), (5.0,)],
    "abs": [(-2.0,), (0.5,)],
    "sin": [(-2.0,), (0.0,), (1.0,)],
    "cos": [(-2.0,), (0.0,), (1.0,)],
    "tan": [(-1.0,), (0.0,), (0.75,)],
    "atan": [(-2.0,), (0.0,), (5.0,)],
    "tanh": [(-2.0,), (0.0,), (0.5,)],
    "greater": [(2.0, 3.0), (3.0, 2.0)],
    "where": [(1.0, 2.0, 3.0), (-2.5, 2.0, 3.0)],
    "maximum": [(2.0, 3.0), (0.5, -0.5)],
    "minimum": [(2.0, 3.0), (0.5, -0.5)],
    "power": [(2.0, 3.0), (1.5, -0.5), (0.5, 0.0), (0.25, 0.25)],
    "sigmoid": [(-3.0,), (0.0,), (2.0,)],
    "softplus": [(-3.0,), (0.0,), (2.0,)],
    "relu": [(-2.0,), (0.5,)],
    "leaky_relu": [(-2.0, 0.1), (0.5, 0.1)],
    "dot": [(2.0, -3.0), (2.0, 3.0, 0.5), (0.5, -1.5, 2.0, 3.0), (0.5, -1.5, 2.0, 3.0, 0.25)],
}

# Floats at which a formula may part from what it was derived from.
SPECIAL = (0.0, -0.0, 1.0, -1.0, 2.0, -0.3, 5e-324, 1e308, -800.0, math.inf, -math.inf, math.nan)


def points(op: Op) -> list[tuple[float, ...]]:
    """The ordinary points of an operation."""
    assert op.name in POINTS, (
        f"the operation {op.name!r} is not tested: give it points in tests/engine/operation_points.py"
    )
    return POINTS[op.name]


def special_points(op: Op) -> list[tuple[float, ...]]:
    """The ordinary points of an operation, and every combination of special floats."""
    return points(op) + list(product(SPECIAL, repeat=op.arity or 3))
