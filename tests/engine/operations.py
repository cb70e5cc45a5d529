"""The one table of the operations for tests: points, exact derivatives, peers' names, boundaries, and notation.

An operation that is added to `engine/ops.py` needs one entry here. Tests compare the engine with it, random expressions
in other arithmetics are made of it, and `engine/OPERATIONS.md` shows what the operation gives at its boundary points.
"""

from __future__ import annotations

import math
import operator
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import product
from typing import Any, NamedTuple

from mpmath import mp, mpf

from engine import Op

Point = tuple[float, ...]
Function = Callable[..., Any]
Table = Mapping[str, Function]  # the operations in another arithmetic

INF, NAN = math.inf, math.nan
MAX, TINY, HUGE = sys.float_info.max, 5e-324, 1.7e308  # the largest float, the smallest above 0, and a large one
ROUNDING_OF_1 = 4 * 2.0**-53  # the error of a rule that takes a difference from 1

# Floats at which a simplified formula may differ from the original.
SPECIAL = (0.0, -0.0, 1.0, -1.0, 2.0, -0.3, 5e-324, 1e308, -800.0, INF, -INF, NAN)
# The boundary points of every operation of one input.
BOUNDARY_OF_ONE = (-INF, -MAX, -TINY, -0.0, 0.0, TINY, MAX, INF, NAN)


class Peer(NamedTuple):
    """A module that is like NumPy, the type of its constants, and its logistic function."""

    np: Any
    number: Callable[[float], Any]
    sigmoid: Function


class Known(NamedTuple):
    """The entry of an operation.

    Exact functions and derivatives take numbers of mpmath. `numpy` is the name of NumPy's function, or a function of a
    `Peer` and the inputs; None if `exact` does for numbers of every kind.
    """

    points: list[Point]  # ordinary ones, away from kinks
    wide: list[Point]  # over the whole domain
    exact: Function
    first: list[Function]  # ∂z/∂x_i
    second: Sequence[Function] = ()  # ∂²z/∂x_i², if it is not 0 everywhere
    numpy: str | Function | None = None
    boundary: Sequence[Point] = ()  # for operations of one input, those besides BOUNDARY_OF_ONE
    kink: Callable[..., float] | None = None  # 0 at a kink of the operation, where its derivative is a convention
    error: float = 0.0  # an absolute error that derivatives may have
    ieee: Callable[..., float] = lambda *_: NAN  # the value by IEEE 754 where the engine raises a DomainError
    symbol: str | None = None  # in drawings, if it is not the name
    form: str | None = None  # in formulas, if it is not that of a function
    is_activation: bool = False
    is_method: bool = True


def each(*numbers: float) -> list[Point]:
    return [(x,) for x in numbers]


def pairs(*numbers: float) -> list[Point]:
    return list(product(numbers, repeat=2))


def weighted_sum(*inputs: Any) -> Any:
    """b + Σ w_i x_i of w_1, ..., w_n, x_1, ..., x_n, b; without b, if the number of inputs is even."""
    n = len(inputs) // 2
    products = [w * x for w, x in zip(inputs[:n], inputs[n:], strict=False)]
    return sum(products, inputs[-1]) if len(inputs) % 2 else sum(products[1:], products[0])


def ieee_quotient(x: float, y: float) -> float:
    return NAN if x == 0.0 or math.isnan(x) else math.copysign(INF, math.copysign(1.0, x) * math.copysign(1.0, y))


def ieee_power(x: float, y: float) -> float:
    """The value where math.pow raises an error: a pole, an overflow, or a fractional power of a negative number."""
    odd = math.isfinite(y) and y == math.floor(y) and y % 2.0 == 1.0
    if x >= 0.0 or y == math.floor(y):
        return -INF if odd and math.copysign(1.0, x) < 0 else INF
    return NAN


def logistic(x: Any) -> Any:
    return 1 / (1 + mp.exp(-x))


def slope(x: Any) -> Any:
    """The derivative of the logistic function."""
    return logistic(x) * logistic(-x)


REALS = (-HUGE, -1e3, -745.2, -36.8, -1.0, -1e-9, -TINY, 0.0, TINY, 1e-9, 1.0, 36.8, 745.2, 1e3, HUGE)
ANGLES = each(-1e22, -100.0, -1e-9, 0.0, TINY, 1e-9, 1.5707963267948966, 3.141592653589793, 100.0, 1e22, HUGE)
EXPONENTS = each(-HUGE, -1e3, -745.1, -20.0, -1e-17, 0.0, TINY, 1e-9, 1.0, 300.0, 709.0)
POSITIVE = each(TINY, 1e-310, 1e-150, 1e-9, 0.5, 1.0, 1.0000000000000002, 7.0, 1e150, HUGE)
TIES = [(2.0, 2.0), (0.0, -0.0), (-0.0, 0.0), (TINY, 0.0), (MAX, INF), (INF, INF), (2.0, NAN), (NAN, 2.0)]
POWERS = [(0.5, 3.0), (2.0, -0.5), (1e300, 0.1), (1e-200, 0.9), (7.0, 300.0), (1.0000000000000002, 1e9), (0.25, -500.0)]

OPERATIONS = {
    "add": Known(
        points=[(2.0, 3.0), (-0.5, 0.0)],
        wide=pairs(0.1, -0.3, 1e-300, 1e300),
        exact=operator.add,
        first=[lambda x, y: 1, lambda x, y: 1],
        boundary=[(0.0, -0.0), (-0.0, -0.0), (TINY, -TINY), (MAX, TINY), (MAX, MAX), (INF, -INF), (NAN, 1.0)],
        symbol="+",
        form="infix",
    ),
    "subtract": Known(
        points=[(2.0, 3.0), (-0.5, 0.0)],
        wide=pairs(0.1, -0.3, 1e-300, 1e300),
        exact=operator.sub,
        first=[lambda x, y: 1, lambda x, y: -1],
        boundary=[(0.0, 0.0), (-0.0, 0.0), (TINY, TINY), (MAX, -MAX), (INF, INF), (NAN, 1.0)],
        symbol="−",
        form="infix",
    ),
    "multiply": Known(
        points=[(2.0, 3.0), (-0.5, 0.0)],
        wide=pairs(0.1, -0.3, 1e-150, 1e150),
        exact=operator.mul,
        first=[lambda x, y: y, lambda x, y: x],
        boundary=[(-0.0, 2.0), (TINY, 0.5), (TINY, MAX), (MAX, 2.0), (MAX, -2.0), (0.0, INF), (NAN, 0.0)],
        symbol="·",
        form="infix",
    ),
    "divide": Known(
        points=[(2.0, 3.0), (-0.5, -1.5)],
        wide=pairs(0.1, -0.3, 1e-60, 1e60),
        exact=operator.truediv,
        first=[lambda x, y: 1 / y, lambda x, y: -x / y**2],
        second=[lambda x, y: 0, lambda x, y: 2 * x / y**3],
        boundary=[
            *((1.0, 0.0), (1.0, -0.0), (0.0, 0.0), (-0.0, 2.0), (1.0, TINY), (TINY, 2.0), (MAX, 0.5), (MAX, MAX)),
            *((1.0, INF), (INF, 2.0), (INF, INF), (NAN, 1.0), (1.0, NAN)),
        ],
        ieee=ieee_quotient,
        symbol="/",
        form="fraction",
    ),
    "negate": Known(
        points=each(2.0, -0.5),
        wide=each(*REALS),
        exact=operator.neg,
        first=[lambda x: -1],
        symbol="−",
        form="prefix",
    ),
    "exp": Known(
        points=each(-2.0, 0.0, 1.5),
        wide=EXPONENTS,
        exact=mp.exp,
        first=[mp.exp],
        second=[mp.exp],
        numpy="exp",
        ieee=lambda x: INF,
        boundary=each(-746.0, 709.0, 710.0),
    ),
    "log": Known(
        points=each(0.25, 1.0, 5.0),
        wide=POSITIVE,
        exact=mp.log,
        first=[lambda x: 1 / x],
        second=[lambda x: -1 / x**2],
        numpy="log",
        ieee=lambda x: -INF if x == 0.0 else NAN,
        boundary=each(-1.0, 1.0),
    ),
    "log1p": Known(
        points=each(-0.5, 0.0, 5.0),
        wide=each(-1.0 + 2.0**-53, -0.75, -1e-9, 0.0, TINY, 1e-9, 1.0, HUGE),
        exact=mp.log1p,
        first=[lambda x: 1 / (1 + x)],
        second=[lambda x: -1 / (1 + x) ** 2],
        numpy="log1p",
        ieee=lambda x: -INF if x == -1.0 else NAN,
        boundary=each(-2.0, -1.0, -0.999999),
    ),
    "expm1": Known(
        points=each(-2.0, 0.0, 1.5),
        wide=EXPONENTS,
        exact=mp.expm1,
        first=[mp.exp],
        second=[mp.exp],
        numpy="expm1",
        ieee=lambda x: INF,
        boundary=each(-746.0, 709.0, 710.0),
    ),
    "sqrt": Known(
        points=each(0.25, 5.0),
        wide=POSITIVE,
        exact=mp.sqrt,
        first=[lambda x: 1 / (2 * mp.sqrt(x))],
        second=[lambda x: -1 / (4 * x * mp.sqrt(x))],
        numpy="sqrt",
        boundary=each(-1.0, 1.0),
        symbol="√",
        form="root",
    ),
    "abs": Known(
        points=each(-2.0, 0.5),
        wide=each(*REALS),
        exact=abs,
        first=[mp.sign],
        numpy="abs",
        kink=lambda x: x,
        symbol="|·|",
        form="bars",
    ),
    "sin": Known(
        points=each(-2.0, 0.0, 1.0),
        wide=ANGLES,
        exact=mp.sin,
        first=[mp.cos],
        second=[lambda x: -mp.sin(x)],
        numpy="sin",
    ),
    "cos": Known(
        points=each(-2.0, 0.0, 1.0),
        wide=ANGLES,
        exact=mp.cos,
        first=[lambda x: -mp.sin(x)],
        second=[lambda x: -mp.cos(x)],
        numpy="cos",
    ),
    "tan": Known(
        points=each(-1.0, 0.0, 0.75),
        wide=ANGLES,
        exact=mp.tan,
        first=[lambda x: 1 + mp.tan(x) ** 2],
        second=[lambda x: 2 * mp.tan(x) * (1 + mp.tan(x) ** 2)],
        numpy="tan",
        boundary=each(math.pi / 2),
    ),
    "atan": Known(
        points=each(-2.0, 0.0, 5.0),
        wide=each(-1e70, -1.0, -1e-9, 0.0, TINY, 3.0, 1e9, 1e70),
        exact=mp.atan,
        first=[lambda x: 1 / (1 + x**2)],
        second=[lambda x: -2 * x / (1 + x**2) ** 2],
        numpy="arctan",
    ),
    "tanh": Known(
        points=each(-2.0, 0.0, 0.5),
        wide=each(*REALS),
        exact=mp.tanh,
        first=[lambda x: mp.sech(x) ** 2],
        second=[lambda x: -2 * mp.tanh(x) * mp.sech(x) ** 2],
        numpy="tanh",
        boundary=each(-20.0, 20.0),
        error=ROUNDING_OF_1,
        is_activation=True,
    ),
    "greater": Known(
        points=[(2.0, 3.0), (3.0, 2.0)],
        wide=pairs(*REALS),
        exact=lambda x, y: mpf(int(x > y)),
        first=[lambda x, y: 0, lambda x, y: 0],
        numpy=lambda peer, x, y: peer.np.where(x > y, peer.number(1.0), peer.number(0.0)),
        boundary=[(0.0, -0.0), (2.0, 2.0), (TINY, 0.0), (INF, MAX), (INF, INF), (NAN, 0.0), (0.0, NAN)],
        kink=operator.sub,
        symbol=">",
        form="bracket",
        is_method=False,
    ),
    "where": Known(
        points=[(1.0, 2.0, 3.0), (-2.5, 2.0, 3.0)],
        wide=[(c, 2.0, 3.0) for c in REALS],
        exact=lambda c, x, y: x if c != 0 else y,
        first=[lambda c, x, y: 0, lambda c, x, y: int(c != 0), lambda c, x, y: int(c == 0)],
        numpy=lambda peer, c, x, y: peer.np.where(c != 0.0, x, y),
        boundary=[
            *((0.0, 2.0, 3.0), (-0.0, 2.0, 3.0), (TINY, 2.0, 3.0), (INF, 2.0, 3.0), (NAN, 2.0, 3.0)),
            *((1.0, NAN, 3.0), (1.0, 2.0, NAN), (0.0, 2.0, INF)),
        ],
        kink=lambda c, x, y: c,
        form="cases",
        is_method=False,
    ),
    "maximum": Known(
        points=[(2.0, 3.0), (0.5, -0.5)],
        wide=pairs(*REALS),
        exact=max,
        first=[lambda x, y: (1 + mp.sign(x - y)) / 2, lambda x, y: (1 + mp.sign(y - x)) / 2],
        numpy="maximum",
        boundary=TIES,
        kink=operator.sub,
        symbol="max",
    ),
    "minimum": Known(
        points=[(2.0, 3.0), (0.5, -0.5)],
        wide=pairs(*REALS),
        exact=min,
        first=[lambda x, y: (1 + mp.sign(y - x)) / 2, lambda x, y: (1 + mp.sign(x - y)) / 2],
        numpy="minimum",
        boundary=TIES,
        kink=operator.sub,
        symbol="min",
    ),
    "power": Known(
        points=[(2.0, 3.0), (1.5, -0.5), (0.5, 0.0), (0.25, 0.25)],
        wide=[*POWERS, (2.0, 0.0)],
        exact=mp.power,
        first=[lambda x, y: y * x ** (y - 1), lambda x, y: x**y * mp.log(x)],
        second=[lambda x, y: y * (y - 1) * x ** (y - 2), lambda x, y: x**y * mp.log(x) ** 2],
        numpy=lambda peer, x, y: x**y,
        boundary=[
            *((0.0, 0.0), (-0.0, 0.0), (0.0, 0.5), (0.0, 1.0), (0.0, 2.0), (0.0, -1.0), (-0.0, -1.0), (2.0, 0.0)),
            *((-2.0, 0.0), (-2.0, 2.0), (-2.0, 3.0), (-2.0, -1.0), (-2.0, 0.5), (TINY, 0.0), (TINY, 1.0), (TINY, 2.0)),
            *((TINY, -1.0), (MAX, 0.5), (MAX, 2.0), (MAX, -2.0), (10.0, 400.0), (10.0, -400.0)),
            *((0.0, INF), (0.5, INF), (1.0, INF), (2.0, INF), (2.0, -INF), (INF, 0.0), (INF, 2.0)),
            *((INF, -1.0), (-INF, 3.0), (NAN, 0.0), (NAN, 2.0), (1.0, NAN), (2.0, NAN)),
        ],
        kink=lambda x, y: x,  # it may have a pole at 0
        ieee=ieee_power,
        symbol="^",
        form="power",
    ),
    "sigmoid": Known(
        points=each(-3.0, 0.0, 2.0),
        wide=each(*REALS),
        exact=logistic,
        first=[slope],
        second=[lambda x: slope(x) * (logistic(-x) - logistic(x))],
        numpy=lambda peer, x: peer.sigmoid(x),
        boundary=each(-746.0, -40.0, 40.0),
        error=ROUNDING_OF_1,
        symbol="σ",
        is_activation=True,
    ),
    "softplus": Known(
        points=each(-3.0, 0.0, 2.0),
        wide=each(*REALS),
        exact=lambda x: mp.log1p(mp.exp(x)),
        first=[logistic],
        second=[slope],
        numpy=lambda peer, x: peer.np.logaddexp(peer.number(0.0), x),
        boundary=each(-746.0, -40.0, 40.0),
        error=ROUNDING_OF_1,
        is_activation=True,
    ),
    "relu": Known(
        points=each(-2.0, 0.5),
        wide=each(*REALS),
        exact=lambda x: max(x, mpf(0)),
        first=[lambda x: int(x > 0)],
        numpy=lambda peer, x: peer.np.maximum(x, peer.number(0.0)),
        kink=lambda x: x,
        symbol="ReLU",
        is_activation=True,
    ),
    "leaky_relu": Known(
        points=[(-2.0, 0.1), (0.5, 0.1)],
        wide=[(x, 0.01) for x in REALS],
        exact=lambda x, k: x if x > 0 else k * x,
        first=[lambda x, k: 1 if x > 0 else k, lambda x, k: min(x, 0)],
        numpy=lambda peer, x, k: peer.np.where(x > 0.0, x, k * x),
        boundary=[
            *((0.0, 0.01), (-0.0, 0.01), (TINY, 0.01), (-TINY, 0.01), (MAX, 0.01), (-MAX, 0.01), (-MAX, 2.0)),
            *((INF, 0.01), (-INF, 0.01), (-INF, 0.0), (NAN, 0.01)),
        ],
        kink=lambda x, k: x,
        is_activation=True,
    ),
    "dot": Known(
        points=[(2.0, -3.0), (2.0, 3.0, 0.5), (0.5, -1.5, 2.0, 3.0), (0.5, -1.5, 2.0, 3.0, 0.25)],
        wide=[(0.1, -0.3, 1e-9, 1e9), (1e200, 0.7, 1e100, -1e300)],
        exact=weighted_sum,
        first=[lambda w, u, x, y: x, lambda w, u, x, y: y, lambda w, u, x, y: w, lambda w, u, x, y: u],
        boundary=[
            *((0.0, 1.0, -0.0, -0.0, -0.0), (TINY, 1.0, 0.5, 2.0, 3.0), (1e16, 1.0, 1.0, 1.0, -1e16)),
            *((MAX, MAX, 2.0, -2.0, 0.0), (0.0, 1.0, INF, 2.0, 3.0), (1.0, 1.0, 2.0, NAN, 3.0)),
        ],
        symbol="Σ",
        form="weighted sum",
        is_method=False,
    ),
}

EXACT: Table = {name: entry.exact for name, entry in OPERATIONS.items()}


def known(op: Op) -> Known:
    """The entry of an operation."""
    assert op.name in OPERATIONS, f"the operation {op.name!r} needs an entry in tests/engine/operations.py"
    return OPERATIONS[op.name]


def special_points(op: Op) -> list[Point]:
    """The ordinary points of an operation, and every combination of special floats."""
    return known(op).points + list(product(SPECIAL, repeat=op.arity or 3))


def boundary_points(op: Op) -> list[Point]:
    """The points at the boundary of an operation's domain; those of one input from the left to the right, NaN last."""
    if op.arity != 1:
        return [*known(op).boundary]
    numbers = {x.hex(): x for x in (*BOUNDARY_OF_ONE, *(x for (x,) in known(op).boundary))}.values()
    return each(*sorted(numbers, key=lambda x: (math.isnan(x), x, math.copysign(1.0, x))))


def table(np: Any, sigmoid: Function, number: Callable[[float], Any] = float) -> Table:
    """The operations by the functions of a module that is like NumPy; `number` makes a constant for it."""

    peer = Peer(np, number, sigmoid)

    def function(entry: Known) -> Function:
        if isinstance(entry.numpy, str):
            found: Function = getattr(np, entry.numpy)
            return found
        return partial(entry.numpy, peer) if entry.numpy else entry.exact

    return {name: function(entry) for name, entry in OPERATIONS.items()}
