"""Exponentials, logarithms and powers, and the error function, an integral of an exponential."""

from __future__ import annotations

import math
from typing import Any

from engine.ops.choices import greater, where
from engine.registry import BinaryOp, declare_composite, declare_primitive

# fmt: off
# One entry, one paragraph: symbol and forward rule, the local derivatives, the domain, the docstring.

exp = declare_primitive("exp", "exp", math.exp,
    lambda z, x: z,
    needs="a number below 709.79", doc="""e^x. Above 709.78 it exceeds the largest float: DomainError.

    >>> exp(0.0)
    1.0
    """)

exp2 = declare_composite("exp2", "exp2",
    lambda x: power(2.0, x),
    lambda z, x: z * math.log(2.0),
    needs="a number below 1024", doc="""2^x. From 1024 on it exceeds the largest float: DomainError.

    >>> exp2(10.0)
    1024.0
    """)

expm1 = declare_primitive("expm1", "expm1", math.expm1,
    lambda z, x: exp(x),
    needs="a number below 709.79", doc="""exp(x) - 1, exact for small x.

    >>> expm1(1e-20)
    1e-20
    """)

log = declare_primitive("log", "log", math.log,
    lambda z, x: 1.0 / x,
    needs="a number above 0", doc="""The natural logarithm, for x > 0.

    >>> log(1.0)
    0.0
    """)

log2 = declare_primitive("log2", "log2", math.log2,
    lambda z, x: 1.0 / math.log(2.0) / x,
    needs="a number above 0", doc="""The logarithm to base 2, exact for powers of 2, for x > 0.

    >>> log2(1024.0)
    10.0
    """)

log10 = declare_primitive("log10", "log10", math.log10,
    lambda z, x: 1.0 / math.log(10.0) / x,
    needs="a number above 0", doc="""The logarithm to base 10, for x > 0.

    >>> log10(1000.0)
    3.0
    """)

log1p = declare_primitive("log1p", "log1p", math.log1p,
    lambda z, x: 1.0 / (1.0 + x),
    needs="a number above -1", doc="""log(1 + x), exact for small x, for x > -1.

    >>> log1p(1e-20)
    1e-20
    """)

SMALL_EXPONENT = 2.0**-4


def _power_wrt_base(z: Any, x: Any, y: Any) -> Any:
    """y x^(y-1); for an exponent near 0 and a small base y z / x, since x^(y-1) may overflow; 0 where both are 0."""
    has_size = greater(abs(x), 0.0)
    is_small = where(greater(SMALL_EXPONENT, abs(y)), where(has_size, greater(1.0, abs(x)), where(y, 0.0, 1.0)), 0.0)
    quotient = where(has_size, y, 0.0) * z / where(is_small, where(has_size, x, 1.0), 1.0)
    return where(is_small, quotient, y * power(where(is_small, 1.0, x), y - 1.0))

power: BinaryOp = declare_primitive("power", "^", math.pow,
    _power_wrt_base,
    # z log x; at x = 0 it is 0, as z is; for x < 0, and for NaN, it is NaN
    lambda z, x, y: z * log(where(x, where(greater(0.0, x), math.nan, x), 1.0)),
    needs="a result below 1.8e308; and a positive base, or base 0 and an exponent >= 0 (for the derivative: 0 or >= 1),"
    " or a negative base and an integer exponent",
    doc="""x to the power of y. The derivative with respect to y is NaN at x < 0 and 0 at x = 0, as in PyTorch.

    So at x = 0, log x counts as 0: in second derivatives too, and in the derivative of x**x.
    0 to the power of -∞ is that of math.pow: ∞, before Python 3.11 a DomainError.

    >>> power(2.0, 3.0)
    8.0
    """)

erf = declare_primitive("erf", "erf", math.erf,
    lambda z, x: 2.0 / math.sqrt(math.pi) * exp(-x * x),
    doc="""The error function 2/√π ∫ e^(-t²) dt, from 0 to x. The normal distribution function is ½(1 + erf(x/√2)).

    >>> erf(0.0)
    0.0
    """)

erfc = declare_primitive("erfc", "erfc", math.erfc,
    lambda z, x: -2.0 / math.sqrt(math.pi) * exp(-x * x),
    doc="""1 - erf(x), which keeps its digits where erf(x) is near 1.

    >>> erfc(0.0)
    1.0
    """)
