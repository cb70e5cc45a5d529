"""Functions of angles, and their inverses."""

from __future__ import annotations

import math

from engine.ops.arithmetic import hypot, sqrt
from engine.registry import UnaryOp, declare_primitive

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

atan2 = declare_primitive("atan2", "atan2", math.atan2,
    lambda z, y, x: x / hypot(x, y) / hypot(x, y),
    lambda z, y, x: -y / hypot(x, y) / hypot(x, y),
    needs="numbers (for the derivative: not both 0, with a hypotenuse below 1.8e308)",
    doc="""The angle in radians, from -π to π, of the point (x, y): y comes first. At (0, 0) it has no derivative.

    >>> round(atan2(1.0, 0.0), 6), round(atan2(0.0, -1.0), 6)
    (1.570796, 3.141593)
    """)
