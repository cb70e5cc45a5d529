"""The operations of the operators + - * /, squares, and roots."""

from __future__ import annotations

import math
import operator

from engine.registry import declare_composite, declare_primitive


def _cbrt(x: float) -> float:
    """The cube root to 1 unit in the last place, by one step of Newton's method; `math` has it from Python 3.11 on."""
    if x == 0.0 or not math.isfinite(x):
        return x
    z = math.copysign(abs(x) ** (1.0 / 3.0), x)
    return z - (z - x / (z * z)) / 3.0


# fmt: off
# One entry, one paragraph: symbol and forward rule, the local derivatives, the domain, the docstring.

add = declare_primitive("add", "+", operator.add,
    lambda z, x, y: 1.0,
    lambda z, x, y: 1.0,
    doc="""x + y.

    >>> add(2.0, 3.0)
    5.0
    """)

subtract = declare_primitive("subtract", "−", operator.sub,
    lambda z, x, y: 1.0,
    lambda z, x, y: -1.0,
    doc="""x - y.

    >>> subtract(2.0, 3.0)
    -1.0
    """)

multiply = declare_primitive("multiply", "·", operator.mul,
    lambda z, x, y: y,
    lambda z, x, y: x,
    doc="""x · y.

    >>> multiply(2.0, 3.0)
    6.0
    """)

divide = declare_primitive("divide", "/", operator.truediv,
    lambda z, x, y: 1.0 / y,
    lambda z, x, y: -z / y,
    needs="a denominator other than 0", doc="""x / y, for y ≠ 0.

    >>> divide(3.0, 2.0)
    1.5
    """)

negate = declare_primitive("negate", "−", operator.neg,
    lambda z, x: -1.0,
    doc="""-x.

    >>> negate(2.0)
    -2.0
    """)

square = declare_composite("square", "·²",
    lambda x: x * x,
    lambda z, x: 2.0 * x,
    doc="""x².

    >>> square(-3.0)
    9.0
    """)

sqrt = declare_primitive("sqrt", "√", math.sqrt,
    lambda z, x: 0.5 / z,
    needs="a number >= 0 (for the derivative: > 0)",
    doc="""The square root, for x ≥ 0; its derivative exists for x > 0.

    >>> sqrt(9.0)
    3.0
    """)

cbrt = declare_primitive("cbrt", "cbrt", _cbrt,
    lambda z, x: 1.0 / (3.0 * z * z),
    needs="any number (for the derivative: other than 0)",
    doc="""The cube root, also of x < 0; its derivative exists for x ≠ 0.

    >>> cbrt(-27.0)
    -3.0
    """)
