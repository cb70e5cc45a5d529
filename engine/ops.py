"""The one table of operations. Whatever computes, differentiates, prints or draws an operation reads it here.

An entry is a *primitive*, which every target spells in a line of its own, or a rule over other entries. In the rules

- z is the output and x, y are the inputs; they may be floats, `Value`s or symbols, so a rule is plain arithmetic;
- `greater(x, y)` stands for a comparison: a Python `if` would freeze one branch into a graph;
- both sides of `where` are evaluated, so it guards the argument of a function, never its result, and comparisons
  are ordered so that NaN falls through them.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from keyword import iskeyword
from typing import Any

from engine.op import Op, Rule

TABLE: dict[str, Op] = {}


def operation(name: str, symbol: str, forward: Rule, *derivatives: Rule, **columns: Any) -> Op:
    """Declare an operation: put it into the table, and return it, ready to be called.

    `forward(*inputs)`, and one `derivative(z, *inputs)` for each input, are written with + - * / and the operations
    of the table, so that they run on `Value`s too. `columns` are the further attributes of `Op`.
    Raises ValueError if the name is no identifier or is taken.

    >>> from engine import Value, operation
    >>> cube = operation("cube", "cube", lambda x: x * x * x, lambda z, x: 3.0 * x * x)
    >>> x = Value(2.0, "x")
    >>> cube(x).backward()
    >>> x.grad
    12.0
    >>> del TABLE["cube"]
    """
    return _declare(Op(name, symbol, forward, derivatives, **columns))


def primitive(name: str, symbol: str, function: Callable[..., float], *derivatives: Rule, **columns: Any) -> Op:
    """Declare an operation whose forward rule is a Python function of floats; otherwise as `operation`.

    `python="..."` is its spelling in Python, where it is not called by its name.

    >>> erf = primitive("erf", "erf", math.erf, lambda z, x: 2.0 / math.sqrt(math.pi) * exp(-x * x))
    >>> erf(0.0)
    0.0
    >>> del TABLE["erf"]
    """
    columns = {"python": name} | columns
    return _declare(Op(name, symbol, lambda *numbers: float(function(*numbers)), derivatives, **columns))


def _primitive(name: str, symbol: str, function: Callable[..., float], *derivatives: Rule, **columns: Any) -> Op:
    """The same for a function that is known to return floats, and that NumPy has too."""
    spelling = {} if "python" in columns else {"python": name, "numpy": f"np.{name}"}
    return _declare(Op(name, symbol, function, derivatives, **(spelling | columns)))


def _declare(op: Op) -> Op:
    if not isinstance(op.name, str) or not op.name.isidentifier() or iskeyword(op.name) or op.name.startswith("_"):
        raise ValueError(f"an operation is called by its name: {op.name!r} is no name such as 'softsign'")
    if op.name in TABLE or op.name in LEAVES:
        raise ValueError(f"there is an operation {op.name!r} in the table already")
    TABLE[op.name] = op
    return op


# Leaves are made by no operation. A number that an operator meets is a constant; no derivative by it is evaluated.
variable = Op("variable", "", float, ())
constant = Op("constant", "", float, ())
LEAVES = {op.name: op for op in (variable, constant)}


def find(name: str) -> Op:
    """The operation of that name. Raises KeyError if there is none."""
    return LEAVES.get(name) or TABLE[name]


# fmt: off
# One entry, one paragraph: symbol and forward rule, the local derivatives, how it is written, what it is.

add = _primitive("add", "+", operator.add,
    lambda z, x, y: 1.0,
    lambda z, x, y: 1.0,
    form="infix", python="{0} + {1}", llvm="fadd {t} {0}, {1}", doc="""x + y.

    >>> add(2.0, 3.0)
    5.0
    """)

subtract = _primitive("subtract", "−", operator.sub,
    lambda z, x, y: 1.0,
    lambda z, x, y: -1.0,
    form="infix", python="{0} - {1}", llvm="fsub {t} {0}, {1}", doc="""x - y.

    >>> subtract(2.0, 3.0)
    -1.0
    """)

multiply = _primitive("multiply", "·", operator.mul,
    lambda z, x, y: y,
    lambda z, x, y: x,
    form="infix", python="{0} * {1}", llvm="fmul {t} {0}, {1}", doc="""x · y.

    >>> multiply(2.0, 3.0)
    6.0
    """)

divide = _primitive("divide", "/", operator.truediv,
    lambda z, x, y: 1.0 / y,
    lambda z, x, y: -z / y,
    form="fraction", python="{0} / {1}", llvm="fdiv {t} {0}, {1}",
    needs="a denominator other than 0", doc="""x / y, for y ≠ 0.

    >>> divide(3.0, 2.0)
    1.5
    """)

negate = _primitive("negate", "−", operator.neg,
    lambda z, x: -1.0,
    form="prefix", python="-{0}", llvm="fneg {t} {0}", doc="""-x.

    >>> negate(2.0)
    -2.0
    """)

exp = _primitive("exp", "exp", math.exp,
    lambda z, x: z,
    llvm="exp", needs="a number below 709.79", doc="""e^x. Above 709.78 it exceeds the largest float: DomainError.

    >>> exp(0.0)
    1.0
    """)

log = _primitive("log", "log", math.log,
    lambda z, x: 1.0 / x,
    llvm="log", needs="a number above 0", doc="""The natural logarithm, for x > 0.

    >>> log(1.0)
    0.0
    """)

log1p = _primitive("log1p", "log1p", math.log1p,
    lambda z, x: 1.0 / (1.0 + x),
    llvm="log1p", needs="a number above -1", doc="""log(1 + x), exact for small x, for x > -1.

    >>> log1p(1e-20)
    1e-20
    """)

expm1 = _primitive("expm1", "expm1", math.expm1,
    lambda z, x: exp(x),
    llvm="expm1", needs="a number below 709.79", doc="""exp(x) - 1, exact for small x.

    >>> expm1(1e-20)
    1e-20
    """)

sqrt = _primitive("sqrt", "√", math.sqrt,
    lambda z, x: 0.5 / z,
    form="root", llvm="call {t} @llvm.sqrt.{v}({t} {0})", needs="a number of 0 or more (its derivative, above 0)",
    doc="""The square root, for x ≥ 0; its derivative exists for x > 0.

    >>> sqrt(9.0)
    3.0
    """)

absolute = _primitive("abs", "|·|", abs,
    lambda z, x: greater(x, 0.0) - greater(0.0, x),
    form="bars", llvm="call {t} @llvm.fabs.{v}({t} {0})",
    doc="""|x|. The derivative at the kink: abs'(0) = 0, as PyTorch has it.

    >>> absolute(-2.0)
    2.0
    """)

sin = _primitive("sin", "sin", math.sin,
    lambda z, x: cos(x),
    llvm="sin", needs="a finite number", doc="""The sine of an angle in radians.

    >>> sin(0.0)
    0.0
    """)

cos: Op = _primitive("cos", "cos", math.cos,
    lambda z, x: -sin(x),
    llvm="cos", needs="a finite number", doc="""The cosine of an angle in radians.

    >>> cos(0.0)
    1.0
    """)

tan = _primitive("tan", "tan", math.tan,
    lambda z, x: 1.0 + z * z,
    llvm="tan", needs="a finite number", doc="""The tangent of an angle in radians.

    >>> tan(0.0)
    0.0
    """)

atan = _primitive("atan", "atan", math.atan,
    lambda z, x: 1.0 / (1.0 + x * x),
    numpy="np.arctan({0})", llvm="atan", doc="""The angle in radians, between -π/2 and π/2, whose tangent is x.

    >>> atan(0.0)
    0.0
    """)

tanh = _primitive("tanh", "tanh", math.tanh,
    lambda z, x: 1.0 - z * z,
    llvm="tanh", activation=True, doc="""The hyperbolic tangent. Its derivative 1 - z² is exact to the rounding of 1.

    >>> tanh(0.0)
    0.0
    """)

greater: Op = _primitive("greater", ">", lambda x, y: 1.0 if x > y else 0.0,
    lambda z, x, y: 0.0,
    lambda z, x, y: 0.0,
    form="bracket", python="1.0 if {0} > {1} else 0.0", numpy="np.where({0} > {1}, 1.0, 0.0)",
    llvm="fcmp ogt {t} {0}, {1}\nselect {m} {a}, {t} {one}, {t} {zero}",
    doc="""1 where x > y, else 0. Both derivatives are 0, at the step x = y too.

    >>> greater(3.0, 2.0)
    1.0
    """)

where: Op = _primitive("where", "where", lambda c, x, y: x if c else y,
    lambda z, c, x, y: 0.0,
    lambda z, c, x, y: where(c, 1.0, 0.0),
    lambda z, c, x, y: where(c, 0.0, 1.0),
    form="cases", python="{1} if {0} else {2}", numpy="np.where({0}, {1}, {2})",
    llvm="fcmp une {t} {0}, {zero}\nselect {m} {a}, {t} {1}, {t} {2}",
    doc="""x where c ≠ 0, else y. The derivative by c is 0.

    >>> where(greater(3.0, 2.0), 10.0, 20.0)
    10.0
    """)

maximum = _primitive("maximum", "max", lambda x, y: x if x >= y or x != x else y,
    lambda z, x, y: 0.5 + 0.5 * (greater(x, y) - greater(y, x)),
    lambda z, x, y: 0.5 + 0.5 * (greater(y, x) - greater(x, y)),
    llvm="fcmp oge {t} {0}, {1}\nfcmp uno {t} {0}, {0}\nor {m} {a}, {b}\nselect {m} {c}, {t} {0}, {t} {1}",
    doc="""The larger of x and y; NaN if one is NaN. At x = y either derivative is 1/2, as PyTorch has it.

    >>> maximum(2.0, 3.0)
    3.0
    """)

minimum = _primitive("minimum", "min", lambda x, y: x if x <= y or x != x else y,
    lambda z, x, y: 0.5 + 0.5 * (greater(y, x) - greater(x, y)),
    lambda z, x, y: 0.5 + 0.5 * (greater(x, y) - greater(y, x)),
    llvm="fcmp ole {t} {0}, {1}\nfcmp uno {t} {0}, {0}\nor {m} {a}, {b}\nselect {m} {c}, {t} {0}, {t} {1}",
    doc="""The smaller of x and y; NaN if one is NaN. At x = y either derivative is 1/2, as PyTorch has it.

    >>> minimum(2.0, 3.0)
    2.0
    """)

power: Op = _primitive("power", "^", math.pow,
    # y x^(y-1); at y = 0 it is 0, but would ask for 1 / x, which 0 has not and numbers below 2^-1024 are too small for
    lambda z, x, y: y * power(where(y, x, where(greater(abs(x), 2.0**-1024), x, 1.0)), y - 1.0),
    # z log x; at x = 0 it is 0 as z is, for x < 0, or NaN, there is no derivative: NaN
    lambda z, x, y: z * log(where(x, where(greater(0.0, x), math.nan, x), 1.0)),
    form="power", llvm="pow",
    needs="a base above 0, or of 0 with an exponent of 0 or more, or below 0 with a whole exponent,"
    " and a result below 1.8e308",
    doc="""x to the power of y. The derivative by y is NaN at x < 0 and 0 at x = 0, as PyTorch has it.

    0 to the power of -∞ is as math.pow has it: ∞, before Python 3.11 a DomainError.

    >>> power(2.0, 3.0)
    8.0
    """)

sigmoid = operation("sigmoid", "σ",
    lambda x: where(greater(0.0, x), exp(-abs(x)), 1.0) / (1.0 + exp(-abs(x))),
    lambda z, x: z * (1.0 - z),
    activation=True,
    doc="""The logistic function 1 / (1 + e^-x), without overflow at either end. The paper's σ, Section 3.1.

    >>> sigmoid(-1000.0), sigmoid(0.0)
    (0.0, 0.5)
    """)

softplus = operation("softplus", "softplus",
    lambda x: where(greater(x, 0.0), x, 0.0) + log1p(exp(-abs(x))),
    lambda z, x: sigmoid(x),
    activation=True, doc="""log(1 + e^x), without overflow: a smooth relu.

    >>> softplus(1000.0)
    1000.0
    """)

relu = operation("relu", "relu",
    lambda x: where(greater(0.0, x), 0.0, x),
    lambda z, x: greater(x, 0.0),
    activation=True,
    doc="""max(x, 0), the rectified linear unit. The derivative at the kink: relu'(0) = 0, as PyTorch has it.

    >>> relu(-2.0), relu(3.0)
    (0.0, 3.0)
    """)

leaky_relu = operation("leaky_relu", "leaky_relu",
    lambda x, slope: where(greater(x, 0.0), x, slope * x),
    lambda z, x, slope: where(greater(x, 0.0), 1.0, slope),
    lambda z, x, slope: where(greater(x, 0.0), 0.0, x),
    defaults=(0.01,), activation=True,
    doc="""x where x > 0, else slope · x. The derivative at the kink is the slope, as PyTorch has it.

    >>> leaky_relu(-2.0), leaky_relu(-2.0, 0.1)
    (-0.02, -0.2)
    """)
# fmt: on


def _weighted_sum(*inputs: float) -> float:
    n = len(inputs) // 2
    products = map(operator.mul, inputs[:n], inputs[n:])
    # Added strictly from left to right: `sum` on floats rounds differently from Python 3.12 on.
    return reduce(operator.add, products, inputs[-1]) if len(inputs) % 2 else reduce(operator.add, products)


def _other_factor(i: int, z: Any, inputs: Sequence[Any]) -> Any:
    n = len(inputs) // 2
    return inputs[i + n] if i < n else inputs[i - n] if i < 2 * n else 1.0


weighted_sum = _declare(Op("dot", "Σ", _weighted_sum, _other_factor, form="sum", python="dot"))


def dot(weights: Iterable[Any], values: Iterable[Any], bias: Any = None) -> Any:
    """The weighted sum of a unit as one node: a_i = Σ_j w_ij z_j, plus the bias if there is one (the paper's (24)).

    The node's inputs are the weights, then the values, then the bias. It is added up from the bias on, left to right.
    The local derivatives are ∂a/∂z_j = w_j, ∂a/∂w_j = z_j and ∂a/∂bias = 1.
    Raises ValueError if there are no weights, or not as many weights as values.

    >>> from engine import Value
    >>> dot([0.5, -0.25], [Value(1.5), Value(-0.5)])
    Value(data=0.875, grad=0.0)
    """
    weights, values = tuple(weights), tuple(values)
    if len(weights) != len(values) or not weights:
        raise ValueError(f"dot needs one weight for each value: {len(weights)} weights and {len(values)} values given")
    return weighted_sum(*weights, *values, *(() if bias is None else (bias,)))


__test__ = {name: op.__doc__ or "" for name, op in TABLE.items()}
