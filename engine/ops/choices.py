"""Operations with steps and kinks, and those that no gradient flows through: comparisons, choices, rounding."""

from __future__ import annotations

import math
from sys import float_info

from engine.op import NEVER, Selected
from engine.registry import BinaryOp, TernaryOp, declare_composite, declare_primitive

# fmt: off
# One entry, one paragraph: symbol and forward rule, the local derivatives, the domain, the docstring.

greater: BinaryOp = declare_primitive("greater", ">", lambda x, y: 1.0 if x > y else 0.0,
    lambda z, x, y: 0.0,
    lambda z, x, y: 0.0,
    edges=(NEVER, NEVER),
    doc="""1 where x > y, else 0. Its derivatives are 0, also at the step x = y: no gradient flows through it.

    >>> greater(3.0, 2.0)
    1.0
    """)

where: TernaryOp = declare_primitive("where", "where", lambda c, x, y: x if c else y,
    lambda z, c, x, y: 0.0,
    lambda z, c, x, y: 1.0,
    lambda z, c, x, y: 1.0,
    edges=(NEVER, Selected(by=0, where=True), Selected(by=0, where=False)),
    doc="""x where c ≠ 0, else y. The derivative passes to the chosen one alone, and never to c.

    >>> where(greater(3.0, 2.0), 10.0, 20.0)
    10.0
    """)

multiply_no_nan = declare_composite("multiply_no_nan", "·", lambda x, y: where(y, x, 1.0) * y,
    lambda z, x, y: y,
    lambda z, x, y: clamp(x, -float_info.max, float_info.max),
    doc="""x · y, and 0 where y = 0, even if x is infinite or NaN; tf.math.multiply_no_nan. For an infinite x, the
    derivative with respect to y is the largest float: if the derivative of y is 0, their product is 0, not NaN.

    >>> multiply_no_nan(float("inf"), 0.0), multiply_no_nan(2.0, 3.0)
    (0.0, 6.0)
    """)

maximum = declare_primitive("maximum", "max", lambda x, y: x if x >= y or x != x else y,
    lambda z, x, y: 0.5 + 0.5 * (greater(x, y) - greater(y, x)),
    lambda z, x, y: 0.5 + 0.5 * (greater(y, x) - greater(x, y)),
    doc="""The larger of x and y; NaN if one is NaN. At x = y either derivative is 1/2, as in PyTorch.

    >>> maximum(2.0, 3.0)
    3.0
    """)

minimum = declare_primitive("minimum", "min", lambda x, y: x if x <= y or x != x else y,
    lambda z, x, y: 0.5 + 0.5 * (greater(y, x) - greater(x, y)),
    lambda z, x, y: 0.5 + 0.5 * (greater(x, y) - greater(y, x)),
    doc="""The smaller of x and y; NaN if one is NaN. At x = y either derivative is 1/2, as in PyTorch.

    >>> minimum(2.0, 3.0)
    2.0
    """)

clamp: TernaryOp = declare_composite("clamp", "clamp",
    lambda x, low, high: minimum(maximum(x, low), high),
    lambda z, x, low, high: (1.0 - greater(low, x)) * (1.0 - greater(x, high)),
    lambda z, x, low, high: greater(low, x) * (1.0 - greater(low, high)),
    lambda z, x, low, high: greater(maximum(x, low), high),
    doc="""x, but at least `low` and at most `high`, which counts if low > high. At both ends it has the derivative 1
    with respect to x, as in PyTorch.

    >>> clamp(5.0, 0.0, 1.0), clamp(0.25, 0.0, 1.0)
    (1.0, 0.25)
    """)

absolute = declare_primitive("abs", "|·|", abs,
    lambda z, x: greater(x, 0.0) - greater(0.0, x),
    doc="""|x|. The derivative at the kink: abs'(0) = 0, as in PyTorch.

    >>> absolute(-2.0)
    2.0
    """)

sign = declare_composite("sign", "sgn",
    lambda x: where(greater(x, 0.0), 1.0, where(greater(0.0, x), -1.0, x)),
    lambda z, x: 0.0,
    edges=(NEVER,),
    doc="""1 for x > 0, -1 for x < 0, and 0 at 0. Its derivative is 0, also at the step: no gradient flows through it.

    >>> sign(-2.0), sign(0.0)
    (-1.0, 0.0)
    """)

floor = declare_primitive("floor", "floor", lambda x: x // 1.0 if math.isfinite(x) else x,
    lambda z, x: 0.0,
    edges=(NEVER,),
    doc="""The largest integer ≤ x. Its derivative is 0, also at the steps: no gradient flows through it.

    >>> floor(-1.5), floor(2.0)
    (-2.0, 2.0)
    """)

stop_gradient = declare_composite("stop_gradient", "stop_gradient", lambda x: x,
    lambda z, x: 0.0,
    edges=(NEVER,),
    is_held=True,
    doc="""x, which derivatives take for a constant: no gradient flows through it. PyTorch's x.detach(), and JAX's
    jax.lax.stop_gradient.

    >>> from engine import Value, grad
    >>> x = Value(3.0)
    >>> grad(stop_gradient(x) * x, [x])
    [3.0]
    """)
