"""The one table of the operations for tests: points, exact derivatives, peers' names, boundaries, and notation.

An operation that is added to `engine/ops` needs one entry here. Tests compare the engine with it, random expressions
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
    """A module that is like NumPy, one with the error functions, the type of its constants, its logistic function."""

    np: Any
    special: Any
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
    units: Callable[..., float] = lambda *_: 4.0  # in the last place, that values may be off
    javascript: float = 2.0  # units in the last place by which JavaScript's values may differ
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


def gaussian(x: Any) -> Any:
    """The derivative of the error function."""
    return 2 / mp.sqrt(mp.pi) * mp.exp(-(x**2))


def erfc(x: Any) -> Any:
    """The complement of the error function; mpmath's overflows where it is far below the smallest float."""
    return mp.erfc(min(x, mpf(1e4)))


def normal(x: Any) -> Any:
    """The normal distribution function."""
    return erfc(-x / mp.sqrt(2)) / 2


def bell(x: Any) -> Any:
    """The derivative of the normal distribution function."""
    return mp.exp(-(x**2) / 2) / mp.sqrt(2 * mp.pi)


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
    "square": Known(
        points=each(-3.0, 0.0, 1.5),
        wide=each(-1e150, -1.0, -1e-9, 0.0, TINY, 1e-9, 1.0, 1e150),
        exact=lambda x: x * x,
        first=[lambda x: 2 * x],
        second=[lambda x: 2],
        symbol="·²",
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
    "cbrt": Known(
        points=each(-8.0, 0.25, 5.0),
        wide=each(-HUGE, -27.0, -1e-9, -1e-200, 1e-200, 1e-9, 0.5, 1.0, 1.0000000000000002, 7.0, 1e150, HUGE),
        exact=lambda x: mp.sign(x) * mp.cbrt(abs(x)),
        first=[lambda x: 1 / (3 * mp.cbrt(abs(x)) ** 2)],
        second=[lambda x: -2 * mp.sign(x) / (9 * mp.cbrt(abs(x)) ** 5)],
        numpy=lambda peer, x: peer.np.sign(x) * peer.np.abs(x) ** (1.0 / 3.0),
        kink=lambda x: x,  # a pole at 0
        boundary=each(-27.0, 27.0),
        form="cube root",
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
    "multiply_no_nan": Known(
        points=[(2.0, 3.0), (-0.5, 0.0)],
        wide=pairs(0.1, -0.3, 1e-150, 1e150),
        exact=operator.mul,
        first=[lambda x, y: y, lambda x, y: x],
        boundary=[(-0.0, 2.0), (2.0, -0.0), (MAX, 2.0), (INF, 0.0), (NAN, 0.0), (INF, 2.0), (0.0, INF), (2.0, NAN)],
        symbol="·",
        form="infix",
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
    "clamp": Known(
        points=[(0.5, -1.0, 2.0), (-3.0, -1.0, 2.0), (3.0, -1.0, 2.0), (0.5, 2.0, -1.0)],
        wide=[(x, -2.0, 3.0) for x in REALS],
        exact=lambda x, low, high: min(max(x, low), high),
        first=[
            lambda x, low, high: int(low < x < high),
            lambda x, low, high: int(x < low < high),
            lambda x, low, high: int(max(x, low) > high),
        ],
        numpy=lambda peer, x, low, high: peer.np.minimum(peer.np.maximum(x, low), high),
        boundary=[
            *(
                (0.0, -1.0, 1.0),
                (-0.0, 0.0, 1.0),
                (TINY, 0.0, 1.0),
                (MAX, 0.0, 1.0),
                (-MAX, 0.0, 1.0),
                (0.0, 1.0, -1.0),
            ),
            *((INF, 0.0, 1.0), (-INF, 0.0, 1.0), (2.0, 0.0, INF), (NAN, 0.0, 1.0), (0.5, NAN, 1.0), (0.5, 0.0, NAN)),
        ],
        kink=lambda x, low, high: (x - low) * (x - high) * (high - low),
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
    "sign": Known(
        points=each(-2.0, 0.5),
        wide=each(*REALS),
        exact=mp.sign,
        first=[lambda x: 0],
        numpy="sign",
        kink=lambda x: x,
        symbol="sgn",
    ),
    "floor": Known(
        points=each(-1.5, 0.25, 7.75),
        wide=each(*REALS),
        exact=mp.floor,
        first=[lambda x: 0],
        numpy="floor",
        kink=lambda x: abs(x - round(x)) if math.isfinite(x) else x,
        boundary=each(-1.0, 1.0, 2.0**53),
        form="floor",
    ),
    "stop_gradient": Known(
        points=each(-2.0, 0.5),
        wide=each(*REALS),
        exact=lambda x: x,
        first=[lambda x: 0],
        kink=lambda x: 0.0,  # its derivative is a convention everywhere
        is_method=False,
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
    "exp2": Known(
        points=each(-2.0, 0.5, 1.5),
        wide=each(-HUGE, -2e3, -1074.0, -20.5, -1e-17, 0.0, TINY, 1e-9, 1.0, 300.3, 1023.0),
        exact=lambda x: mp.power(2, x),
        first=[lambda x: mp.power(2, x) * mp.log(2)],
        second=[lambda x: mp.power(2, x) * mp.log(2) ** 2],
        numpy="exp2",
        ieee=lambda x: INF,
        boundary=each(-1075.0, 1023.0, 1024.0),
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
    "log2": Known(
        points=each(0.25, 1.0, 5.0),
        wide=POSITIVE,
        exact=lambda x: mp.log(x) / mp.log(2),
        first=[lambda x: 1 / (x * mp.log(2))],
        second=[lambda x: -1 / (x**2 * mp.log(2))],
        numpy="log2",
        ieee=lambda x: -INF if x == 0.0 else NAN,
        boundary=each(-1.0, 1.0, 2.0),
    ),
    "log10": Known(
        points=each(0.25, 1.0, 5.0),
        wide=POSITIVE,
        exact=lambda x: mp.log(x) / mp.log(10),
        first=[lambda x: 1 / (x * mp.log(10))],
        second=[lambda x: -1 / (x**2 * mp.log(10))],
        numpy="log10",
        ieee=lambda x: -INF if x == 0.0 else NAN,
        boundary=each(-1.0, 1.0, 10.0),
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
    "erf": Known(
        points=each(-0.75, 0.25, 1.5),
        wide=each(-HUGE, -30.0, -5.0, -0.5, -1e-9, 0.0, TINY, 1e-9, 0.3, 1.0, 3.0, 6.0, 1e3, HUGE),
        exact=mp.erf,
        first=[gaussian],
        second=[lambda x: -2 * x * gaussian(x)],
        numpy=lambda peer, x: peer.special.erf(x),
        boundary=each(-6.0, 6.0),
        javascript=5.0,
    ),
    "erfc": Known(
        points=each(-0.75, 0.25, 1.5),
        wide=each(-HUGE, -30.0, -5.0, -0.5, -1e-9, 0.0, TINY, 1e-9, 0.3, 1.0, 3.0, 10.0, 26.0, 26.5, 30.0, HUGE),
        exact=erfc,
        first=[lambda x: -gaussian(x)],
        second=[lambda x: 2 * x * gaussian(x)],
        numpy=lambda peer, x: peer.special.erfc(x),
        boundary=each(-6.0, 6.0, 26.0, 30.0),
        javascript=5.0,
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
    "asin": Known(
        points=each(-0.75, 0.0, 0.5),
        wide=each(-1.0 + 2.0**-53, -0.75, -1e-9, 0.0, TINY, 1e-9, 0.5, 0.99, 1.0 - 2.0**-53),
        exact=mp.asin,
        first=[lambda x: 1 / mp.sqrt(1 - x**2)],
        second=[lambda x: x / mp.sqrt(1 - x**2) ** 3],
        numpy="arcsin",
        boundary=each(-2.0, -1.0, 1.0, 2.0),
        symbol="arcsin",
        error=ROUNDING_OF_1,
    ),
    "acos": Known(
        points=each(-0.75, 0.0, 0.5),
        wide=each(-1.0 + 2.0**-53, -0.75, -1e-9, 0.0, TINY, 1e-9, 0.5, 0.99, 1.0 - 2.0**-53),
        exact=mp.acos,
        first=[lambda x: -1 / mp.sqrt(1 - x**2)],
        second=[lambda x: -x / mp.sqrt(1 - x**2) ** 3],
        numpy="arccos",
        boundary=each(-2.0, -1.0, 1.0, 2.0),
        symbol="arccos",
        error=ROUNDING_OF_1,
    ),
    "atan": Known(
        points=each(-2.0, 0.0, 5.0),
        wide=each(-1e70, -1.0, -1e-9, 0.0, TINY, 3.0, 1e9, 1e70),
        exact=mp.atan,
        first=[lambda x: 1 / (1 + x**2)],
        second=[lambda x: -2 * x / (1 + x**2) ** 2],
        numpy="arctan",
        symbol="arctan",
    ),
    "hypot": Known(
        points=[(3.0, 4.0), (-0.5, 1.5)],
        wide=[(3e200, -4e200), (1e-200, 1e-200), (1e-9, 2e-9), (5.0, 12.0), (-0.1, 0.3)],
        exact=mp.hypot,
        first=[lambda x, y: x / mp.hypot(x, y), lambda x, y: y / mp.hypot(x, y)],
        second=[lambda x, y: y**2 / mp.hypot(x, y) ** 3, lambda x, y: x**2 / mp.hypot(x, y) ** 3],
        numpy="hypot",
        boundary=[
            *((0.0, 0.0), (-0.0, 0.0), (TINY, 0.0), (1.0, TINY), (-MAX, 0.0), (MAX, 1.0), (MAX, MAX), (3.0, -4.0)),
            *((INF, 2.0), (2.0, -INF), (INF, INF), (NAN, 2.0), (INF, NAN), (0.0, NAN)),
        ],
        kink=lambda x, y: abs(x) + abs(y),
        ieee=lambda x, y: INF,
    ),
    "atan2": Known(
        points=[(0.5, 2.0), (-1.5, 0.75), (0.5, -2.0), (-0.5, -0.25)],
        wide=[(3e200, -4e200), (1e-150, 1e-150), (1e-9, 2e-9), (-5.0, -12.0), (-0.1, 0.3)],
        exact=mp.atan2,
        first=[lambda y, x: x / (x**2 + y**2), lambda y, x: -y / (x**2 + y**2)],
        second=[lambda y, x: -2 * x * y / (x**2 + y**2) ** 2, lambda y, x: 2 * x * y / (x**2 + y**2) ** 2],
        numpy="arctan2",
        boundary=[
            *((0.0, 0.0), (-0.0, 0.0), (0.0, 1.0), (-0.0, 1.0), (0.0, -1.0), (1.0, 0.0), (-1.0, 0.0)),
            *((1.0, -1.0), (-1.0, -1.0), (TINY, 1.0), (1.0, MAX), (MAX, 1.0), (1.0, INF), (1.0, -INF), (INF, 1.0)),
            *((INF, INF), (NAN, 1.0), (1.0, NAN)),
        ],
        kink=lambda y, x: y if x <= 0.0 else 1.0,  # a step of 2π
    ),
    "sinh": Known(
        points=each(-2.0, 0.0, 1.5),
        wide=each(-710.0, -20.0, -1.0, -1e-9, 0.0, TINY, 1e-9, 1.0, 300.0, 710.0),
        exact=mp.sinh,
        first=[mp.cosh],
        second=[mp.sinh],
        numpy="sinh",
        ieee=lambda x: math.copysign(INF, x),
        boundary=each(-711.0, -710.0, 710.0, 711.0),
    ),
    "cosh": Known(
        points=each(-2.0, 0.0, 1.5),
        wide=each(-710.0, -20.0, -1.0, -1e-9, 0.0, TINY, 1e-9, 1.0, 300.0, 710.0),
        exact=mp.cosh,
        first=[mp.sinh],
        second=[mp.cosh],
        numpy="cosh",
        ieee=lambda x: INF,
        boundary=each(-711.0, -710.0, 710.0, 711.0),
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
    "asinh": Known(
        points=each(-2.0, 0.0, 5.0),
        wide=each(-HUGE, -1e70, -1.0, -1e-9, 0.0, TINY, 3.0, 1e9, 1e300),
        exact=mp.asinh,
        first=[lambda x: 1 / mp.sqrt(1 + x**2)],
        second=[lambda x: -x / mp.sqrt(1 + x**2) ** 3],
        numpy="arcsinh",
        symbol="arsinh",
    ),
    "acosh": Known(
        points=each(1.25, 2.0, 5.0),
        wide=each(1.0 + 2.0**-52, 1.5, 7.0, 1e9, 1e300, HUGE),
        exact=mp.acosh,
        first=[lambda x: 1 / mp.sqrt(x**2 - 1)],
        second=[lambda x: -x / mp.sqrt(x**2 - 1) ** 3],
        numpy="arccosh",
        boundary=each(0.5, 1.0, 1.5),
        symbol="arcosh",
    ),
    "atanh": Known(
        points=each(-0.75, 0.0, 0.5),
        wide=each(-1.0 + 2.0**-53, -0.75, -1e-9, 0.0, TINY, 1e-9, 0.5, 0.99, 1.0 - 2.0**-53),
        exact=mp.atanh,
        first=[lambda x: 1 / (1 - x**2)],
        second=[lambda x: 2 * x / (1 - x**2) ** 2],
        numpy="arctanh",
        ieee=lambda x: math.copysign(INF, x) if abs(x) == 1.0 else NAN,
        boundary=each(-2.0, -1.0, 1.0, 2.0),
        symbol="artanh",
        error=ROUNDING_OF_1,
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
    "elu": Known(
        points=[(-2.0, 1.0), (-0.5, 0.3), (0.5, 1.5)],
        wide=[(x, 1.5) for x in REALS],
        exact=lambda x, k: x if x > 0 else k * mp.expm1(x),
        first=[lambda x, k: 1 if x > 0 else k * mp.exp(x), lambda x, k: mp.expm1(min(x, 0))],
        second=[lambda x, k: 0 if x > 0 else k * mp.exp(x), lambda x, k: 0],
        numpy=lambda peer, x, k: peer.np.where(
            x > 0.0, x, k * peer.np.expm1(peer.np.where(x > 0.0, peer.number(0.0), x))
        ),
        boundary=[
            *((0.0, 1.0), (-0.0, 1.0), (TINY, 1.0), (-TINY, 1.0), (MAX, 1.0), (-MAX, 1.0), (-MAX, 2.0)),
            *((INF, 1.0), (-INF, 1.0), (NAN, 1.0), (1.0, NAN), (-1.0, NAN)),
        ],
        kink=lambda x, k: x,
        symbol="ELU",
        is_activation=True,
    ),
    "silu": Known(
        points=each(-3.0, 0.25, 2.0),
        wide=each(*REALS, -800.0, -50.0),
        exact=lambda x: x * logistic(x),
        first=[lambda x: logistic(x) + x * slope(x)],
        second=[lambda x: slope(x) * (2 + x * (logistic(-x) - logistic(x)))],
        numpy=lambda peer, x: x * peer.sigmoid(x),
        boundary=each(-746.0, -40.0, 40.0),
        units=lambda x: 4.0 if x > -700.0 else 4.0 - x,  # σ rounded where floats are coarse, times x
        error=4 * ROUNDING_OF_1,
        symbol="SiLU",
        is_activation=True,
    ),
    "gelu": Known(
        points=each(-3.0, 0.25, 2.0),
        wide=each(*REALS, -800.0, -5.0, -8.0, 8.0),
        exact=lambda x: x * normal(x),
        first=[lambda x: normal(x) + x * bell(x)],
        second=[lambda x: (2 - x**2) * bell(x)],
        numpy=lambda peer, x: 0.5 * x * (1.0 + peer.special.erf(x / math.sqrt(2.0))),
        boundary=each(-40.0, -5.0, 5.0),
        units=lambda x: 4.0 + 2.0 * x * x,
        error=4 * ROUNDING_OF_1,
        symbol="GELU",
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
    "logaddexp": Known(
        points=[(2.0, 3.0), (0.5, -0.5), (-3.0, -1.0)],
        wide=[*pairs(-HUGE, -745.2, -1.0, 0.0, 1e-9, 36.8, 745.2, HUGE), (1000.0, 1001.0)],
        exact=lambda x, y: max(x, y) + mp.log1p(mp.exp(-abs(x - y))),
        first=[lambda x, y: logistic(x - y), lambda x, y: logistic(y - x)],
        second=[lambda x, y: slope(x - y), lambda x, y: slope(y - x)],
        numpy="logaddexp",
        boundary=[
            *(
                (0.0, 0.0),
                (-0.0, 0.0),
                (TINY, 0.0),
                (MAX, 1.0),
                (MAX, MAX),
                (-MAX, -MAX),
                (1000.0, 1001.0),
                (-1.0, -1.0),
            ),
            *((INF, 1.0), (-INF, 1.0), (INF, -INF), (-INF, -INF), (INF, INF), (NAN, 1.0), (1.0, NAN)),
        ],
        error=ROUNDING_OF_1,
    ),
}

EXACT: Table = {name: entry.exact for name, entry in OPERATIONS.items()}


def known(op: Op) -> Known:
    """The entry of an operation."""
    assert op.name in OPERATIONS, f"the operation {op.name!r} needs an entry in tests/engine/operations.py"
    return OPERATIONS[op.name]


def ordinary_point(op: Op, n: int) -> Point:
    """The first ordinary point of n inputs."""
    return next(point for point in known(op).points if len(point) == n)


def special_points(op: Op) -> list[Point]:
    """The ordinary points of an operation, and every combination of special floats."""
    return known(op).points + list(product(SPECIAL, repeat=op.arity or 3))


def boundary_points(op: Op) -> list[Point]:
    """The points at the boundary of an operation's domain; those of one input from the left to the right, NaN last."""
    if op.arity != 1:
        return [*known(op).boundary]
    numbers = {x.hex(): x for x in (*BOUNDARY_OF_ONE, *(x for (x,) in known(op).boundary))}.values()
    return each(*sorted(numbers, key=lambda x: (math.isnan(x), x, math.copysign(1.0, x))))


def table(np: Any, special: Any, sigmoid: Function, number: Callable[[float], Any] = float) -> Table:
    """The operations by the functions of a module that is like NumPy; `number` makes a constant for it.

    `special` has the error functions.
    """

    peer = Peer(np, special, number, sigmoid)

    def function(entry: Known) -> Function:
        if isinstance(entry.numpy, str):
            found: Function = getattr(np, entry.numpy)
            return found
        return partial(entry.numpy, peer) if entry.numpy else entry.exact

    return {name: function(entry) for name, entry in OPERATIONS.items()}
