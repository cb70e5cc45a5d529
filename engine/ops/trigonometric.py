"""Functions of angles, their inverses, and the hypotenuse."""

from __future__ import annotations

import math
from typing import Any

from engine.ops.arithmetic import sqrt, square
from engine.ops.choices import greater, sign, where
from engine.registry import UnaryOp, declare_primitive


def _hypot(x: float, y: float) -> float:
    z = math.hypot(x, y)
    if math.isinf(z) and math.isfinite(x) and math.isfinite(y):
        raise OverflowError
    return z


def _share_of_hypotenuse(z: Any, x: Any, y: Any) -> Any:
    """x / z; for |x| > |y| by y / x, since the derivative of x / z is a difference there, of 1 / z and x² / z³."""
    is_longer = greater(abs(x), abs(y))
    return where(is_longer, sign(x) / sqrt(1.0 + square(y / where(is_longer, x, 1.0))), x / z)


# fmt: off
# One entry, one paragraph: symbol and forward rule, the local derivatives, the domain, the docstring.

sin = declare_primitive("sin", "sin", math.sin,
    lambda z, x: cos(x),
    needs="a finite number", doc="""The sine of an angle in radians.

    >>> sin(0.0)
    0.0
    """)

cos: UnaryOp = declare_primitive("cos", "cos", math.cos,
    lambda z, x: -sin(x),
    needs="a finite number", doc="""The cosine of an angle in radians.

    >>> cos(0.0)
    1.0
    """)

tan = declare_primitive("tan", "tan", math.tan,
    lambda z, x: 1.0 + z * z,
    needs="a finite number", doc="""The tangent of an angle in radians.

    >>> tan(0.0)
    0.0
    """)

asin = declare_primitive("asin", "arcsin", math.asin,
    lambda z, x: 1.0 / sqrt((1.0 - x) * (1.0 + x)),
    needs="a number from -1 to 1 (for the derivative: between them)",
    doc="""The angle in radians, from -π/2 to π/2, whose sine is x; its derivative exists for -1 < x < 1.

    >>> asin(0.0)
    0.0
    """)

acos = declare_primitive("acos", "arccos", math.acos,
    lambda z, x: -1.0 / sqrt((1.0 - x) * (1.0 + x)),
    needs="a number from -1 to 1 (for the derivative: between them)",
    doc="""The angle in radians, from 0 to π, whose cosine is x; its derivative exists for -1 < x < 1.

    >>> acos(1.0)
    0.0
    """)

atan = declare_primitive("atan", "arctan", math.atan,
    lambda z, x: 1.0 / (1.0 + x * x),
    doc="""The angle in radians, between -π/2 and π/2, whose tangent is x.

    >>> atan(0.0)
    0.0
    """)

hypot = declare_primitive("hypot", "hypot", _hypot,
    _share_of_hypotenuse,
    lambda z, x, y: _share_of_hypotenuse(z, y, x),
    needs="numbers whose hypotenuse is below 1.8e308 (for the derivative: not both 0)",
    doc="""√(x² + y²), without overflow on the way; its derivatives, x / z and y / z, exist unless x = y = 0.

    >>> hypot(3.0, 4.0), hypot(1e200, 0.0)
    (5.0, 1e+200)
    """)

atan2 = declare_primitive("atan2", "atan2", math.atan2,
    lambda z, y, x: x / hypot(x, y) / hypot(x, y),
    lambda z, y, x: -y / hypot(x, y) / hypot(x, y),
    needs="numbers (for the derivative: not both 0, with a hypotenuse below 1.8e308)",
    doc="""The angle in radians, from -π to π, of the point (x, y): y comes first. At (0, 0) it has no derivative.

    >>> round(atan2(1.0, 0.0), 6), round(atan2(0.0, -1.0), 6)
    (1.570796, 3.141593)
    """)
