"""Hyperbolic functions, and their inverses."""

from __future__ import annotations

import math

from engine.ops.arithmetic import sqrt
from engine.ops.trigonometric import hypot
from engine.registry import UnaryOp, declare_primitive

# fmt: off
# One entry, one paragraph: symbol and forward rule, the local derivatives, the domain, the docstring.

sinh = declare_primitive("sinh", "sinh", math.sinh,
    lambda z, x: cosh(x),
    needs="a number from -710.47 to 710.47",
    doc="""The hyperbolic sine (e^x - e^-x)/2. Beyond ±710.47 it exceeds the largest float: DomainError.

    >>> sinh(0.0)
    0.0
    """)

cosh: UnaryOp = declare_primitive("cosh", "cosh", math.cosh,
    lambda z, x: sinh(x),
    needs="a number from -710.47 to 710.47",
    doc="""The hyperbolic cosine (e^x + e^-x)/2. Beyond ±710.47 it exceeds the largest float: DomainError.

    >>> cosh(0.0)
    1.0
    """)

tanh = declare_primitive("tanh", "tanh", math.tanh,
    lambda z, x: 1.0 - z * z,
    activation=True, doc="""The hyperbolic tangent. Its derivative 1 - z² is exact to the rounding of 1.

    >>> tanh(0.0)
    0.0
    """)

asinh = declare_primitive("asinh", "arsinh", math.asinh,
    lambda z, x: 1.0 / hypot(1.0, x),
    doc="""The number whose hyperbolic sine is x: log(x + √(x² + 1)).

    >>> asinh(0.0)
    0.0
    """)

acosh = declare_primitive("acosh", "arcosh", math.acosh,
    lambda z, x: 1.0 / (sqrt(x - 1.0) * sqrt(x + 1.0)),
    needs="a number >= 1 (for the derivative: > 1)",
    doc="""The number ≥ 0 whose hyperbolic cosine is x, for x ≥ 1; its derivative exists for x > 1.

    >>> acosh(1.0)
    0.0
    """)

atanh = declare_primitive("atanh", "artanh", math.atanh,
    lambda z, x: 1.0 / ((1.0 - x) * (1.0 + x)),
    needs="a number between -1 and 1", doc="""The number whose hyperbolic tangent is x, for -1 < x < 1.

    >>> atanh(0.0)
    0.0
    """)
