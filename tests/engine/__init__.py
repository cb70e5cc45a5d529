"""What the tests of the engine share: where operations are tested, how floats compare, random and known graphs."""

import math
from collections.abc import Sequence
from itertools import product
from typing import Any

from hypothesis import strategies as st

from engine import TABLE, DomainError, Op, Value, label

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
    assert op.name in POINTS, f"the operation {op.name!r} is not tested: give it points in tests/engine/__init__.py"
    return POINTS[op.name]


def special_points(op: Op) -> list[tuple[float, ...]]:
    """The ordinary points of an operation, and every combination of special floats."""
    return points(op) + list(product(SPECIAL, repeat=op.arity or 3))


def bits(x: float) -> str:
    """What two floats have in common that are the same, NaN and the sign of 0 included."""
    assert type(x) is float, f"{x!r} is no float"
    return x.hex()


Recipe = list[tuple[Op, list[int]]]

# Each step: an operation, and how far back its inputs lie in what has been made by then.
RECIPES: st.SearchStrategy[Recipe] = st.lists(
    st.tuples(st.sampled_from(list(TABLE.values())), st.lists(st.integers(0, 7), min_size=5, max_size=5)),
    min_size=1,
    max_size=12,
)


def follow(recipe: Recipe, start: Sequence[Any], limit: float = math.inf) -> tuple[Any, Recipe]:
    """The last thing that a recipe makes, and the steps that were possible: inside the domain, and below the limit."""
    made, possible = list(start), []
    for op, picks in recipe:
        inputs = [made[-1 - pick % len(made)] for pick in picks[: op.arity or 5]]
        try:
            result = op(*inputs)
        except DomainError:
            continue
        if limit < math.inf and not abs(float(result)) < limit:
            continue
        made.append(result)
        possible.append((op, picks))
    return made[-1], possible


def figure_2() -> tuple[Value, Value]:
    """y and x of the paper's Figure 2, between which there are two paths."""
    x = Value(1.5, "x")
    a_1, a_2 = 3 * x, -x
    y = 2 * a_1 + a_2
    label(a_1=a_1, a_2=a_2, y=y)
    return y, x


def doubled(times: int) -> tuple[Value, Value]:
    """y and x, between which there are 2 to the power of `times` paths."""
    x = y = Value(1.0, "x")
    for _ in range(times):
        y = 0.5 * y + 0.5 * y
    return y, x
