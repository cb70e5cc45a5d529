"""The one table of operations, read by all code that computes, differentiates, formats or draws an operation.

An entry is a *primitive*, which every target spells in its own way, or a rule over other entries. In the rules

- z is the output and x, y are the inputs: floats, `Value`s or expressions, so that a rule is plain arithmetic;
- `greater(x, y)` stands for a comparison: a Python `if` would freeze one branch into a graph;
- both sides of `where` are evaluated, so it guards the argument of a function, never its result, and comparisons
  are ordered so that NaN falls through them.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Any

from engine.op import NEVER, TABLE, Op, Selected
from engine.registry import declare, declare_composite, declare_leaf, declare_primitive

# The operations of leaves, by name alone. A number that an operator meets is a constant.
variable, constant = declare_leaf("variable"), declare_leaf("constant")

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

exp = declare_primitive("exp", "exp", math.exp,
    lambda z, x: z,
    needs="a number below 709.79", doc="""e^x. Above 709.78 it exceeds the largest float: DomainError.

    >>> exp(0.0)
    1.0
    """)

log = declare_primitive("log", "log", math.log,
    lambda z, x: 1.0 / x,
    needs="a number above 0", doc="""The natural logarithm, for x > 0.

    >>> log(1.0)
    0.0
    """)

log1p = declare_primitive("log1p", "log1p", math.log1p,
    lambda z, x: 1.0 / (1.0 + x),
    needs="a number above -1", doc="""log(1 + x), exact for small x, for x > -1.

    >>> log1p(1e-20)
    1e-20
    """)

expm1 = declare_primitive("expm1", "expm1", math.expm1,
    lambda z, x: exp(x),
    needs="a number below 709.79", doc="""exp(x) - 1, exact for small x.

    >>> expm1(1e-20)
    1e-20
    """)

sqrt = declare_primitive("sqrt", "√", math.sqrt,
    lambda z, x: 0.5 / z,
    needs="a number >= 0 (for the derivative: > 0)",
    doc="""The square root, for x ≥ 0; its derivative exists for x > 0.

    >>> sqrt(9.0)
    3.0
    """)

absolute = declare_primitive("abs", "|·|", abs,
    lambda z, x: greater(x, 0.0) - greater(0.0, x),
    doc="""|x|. The derivative at the kink: abs'(0) = 0, as in PyTorch.

    >>> absolute(-2.0)
    2.0
    """)

sin = declare_primitive("sin", "sin", math.sin,
    lambda z, x: cos(x),
    needs="a finite number", doc="""The sine of an angle in radians.

    >>> sin(0.0)
    0.0
    """)

cos: Op = declare_primitive("cos", "cos", math.cos,
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

atan = declare_primitive("atan", "atan", math.atan,
    lambda z, x: 1.0 / (1.0 + x * x),
    doc="""The angle in radians, between -π/2 and π/2, whose tangent is x.

    >>> atan(0.0)
    0.0
    """)

tanh = declare_primitive("tanh", "tanh", math.tanh,
    lambda z, x: 1.0 - z * z,
    activation=True, doc="""The hyperbolic tangent. Its derivative 1 - z² is exact to the rounding of 1.

    >>> tanh(0.0)
    0.0
    """)

greater: Op = declare_primitive("greater", ">", lambda x, y: 1.0 if x > y else 0.0,
    lambda z, x, y: 0.0,
    lambda z, x, y: 0.0,
    edges=(NEVER, NEVER),
    doc="""1 where x > y, else 0. Its derivatives are 0, also at the step x = y: no gradient flows through it.

    >>> greater(3.0, 2.0)
    1.0
    """)

where: Op = declare_primitive("where", "where", lambda c, x, y: x if c else y,
    lambda z, c, x, y: 0.0,
    lambda z, c, x, y: 1.0,
    lambda z, c, x, y: 1.0,
    edges=(NEVER, Selected(by=0, where=True), Selected(by=0, where=False)),
    doc="""x where c ≠ 0, else y. The derivative passes to the chosen one alone, and never to c.

    >>> where(greater(3.0, 2.0), 10.0, 20.0)
    10.0
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

SMALL_EXPONENT = 2.0**-4


def _power_wrt_base(z: Any, x: Any, y: Any) -> Any:
    """y x^(y-1); for an exponent near 0 and a small base y z / x, since x^(y-1) may overflow; 0 where both are 0."""
    has_size = greater(abs(x), 0.0)
    is_small = where(greater(SMALL_EXPONENT, abs(y)), where(has_size, greater(1.0, abs(x)), where(y, 0.0, 1.0)), 0.0)
    quotient = where(has_size, y, 0.0) * z / where(is_small, where(has_size, x, 1.0), 1.0)
    return where(is_small, quotient, y * power(where(is_small, 1.0, x), y - 1.0))


power: Op = declare_primitive("power", "^", math.pow,
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

sigmoid = declare_composite("sigmoid", "σ",
    lambda x: where(greater(0.0, x), exp(-abs(x)), 1.0) / (1.0 + exp(-abs(x))),
    lambda z, x: z * (1.0 - z),
    activation=True,
    doc="""The logistic function 1 / (1 + e^-x), without overflow at either end. The paper's σ, Section 3.1.

    >>> sigmoid(-1000.0), sigmoid(0.0)
    (0.0, 0.5)
    """)

softplus = declare_composite("softplus", "softplus",
    lambda x: where(greater(x, 0.0), x, 0.0) + log1p(exp(-abs(x))),
    lambda z, x: sigmoid(x),
    activation=True, doc="""log(1 + e^x), without overflow: a smooth relu.

    >>> softplus(1000.0)
    1000.0
    """)

relu = declare_composite("relu", "ReLU",
    lambda x: where(greater(0.0, x), 0.0, x),
    lambda z, x: greater(x, 0.0),
    activation=True,
    doc="""max(x, 0), the rectified linear unit. The derivative at the kink: relu'(0) = 0, as in PyTorch.

    >>> relu(-2.0), relu(3.0)
    (0.0, 3.0)
    """)

leaky_relu = declare_composite("leaky_relu", "leaky_relu",
    lambda x, slope: where(greater(x, 0.0), x, slope * x),
    lambda z, x, slope: where(greater(x, 0.0), 1.0, slope),
    lambda z, x, slope: where(greater(x, 0.0), 0.0, x),
    defaults=(0.01,), activation=True,
    doc="""x where x > 0, else slope · x. The derivative at the kink is the slope, as in PyTorch.

    >>> leaky_relu(-2.0), leaky_relu(-2.0, 0.1)
    (-0.02, -0.2)
    """)
# fmt: on


def _weighted_sum(*inputs: float) -> float:
    n = len(inputs) // 2
    products = map(operator.mul, inputs[:n], inputs[n:])
    # From left to right: `sum` rounds differently from Python 3.12 on.
    return reduce(operator.add, products, inputs[-1]) if len(inputs) % 2 else reduce(operator.add, products)


def _other_factor(i: int, z: Any, inputs: Sequence[Any]) -> Any:
    n = len(inputs) // 2
    return inputs[i + n] if i < n else inputs[i - n] if i < 2 * n else 1.0


weighted_sum = declare(Op("dot", "Σ", _weighted_sum, _other_factor, is_primitive=True))


def dot(weights: Iterable[Any], values: Iterable[Any], bias: Any = None) -> Any:
    """The weighted sum of a unit as one node: a_i = Σ_j w_ij z_j, plus the bias if there is one (the paper's (24)).

    The node's inputs are the weights, then the values, then the bias. It is summed from the bias on, left to right.
    The local derivatives are ∂a/∂z_j = w_j, ∂a/∂w_j = z_j and ∂a/∂bias = 1.
    Raises ValueError without a weight, and unless there is one weight for each value.

    >>> from engine import Value
    >>> dot([0.5, -0.25], [Value(1.5), Value(-0.5)])
    Value(data=0.875, grad=0.0)
    """
    weights, values = tuple(weights), tuple(values)
    if len(weights) != len(values) or not weights:
        raise ValueError(f"dot needs one weight for each value: {len(weights)} weights and {len(values)} values given")
    return weighted_sum(*weights, *values, *(() if bias is None else (bias,)))


__test__ = {name: op.__doc__ or "" for name, op in TABLE.items()}
