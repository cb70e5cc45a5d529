"""The one table of operations, read by all code that computes, differentiates, formats or draws an operation.

An entry is a *primitive*, which every target spells in its own way, or a rule over other entries. In the rules

- z is the output and x, y are the inputs: floats, `Value`s or expressions, so that a rule is plain arithmetic;
- `greater(x, y)` stands for a comparison: a Python `if` would freeze one branch into a graph;
- both sides of `where` are evaluated, so it guards the argument of a function, never its result, and comparisons
  are ordered so that NaN falls through them.

An entry stands in the first of these modules of which the title fits:

    arithmetic     + - * /, squares, and roots
    choices        what is straight between steps and kinks: comparisons, choices, signs
    exponential    exponentials, logarithms, powers, and the error function
    trigonometric  functions of angles, their inverses, and the hypotenuse
    hyperbolic     hyperbolic functions, and their inverses
    activations    activation functions of networks
    reductions     sums: one number of several
"""

from engine.op import TABLE
from engine.registry import declare_leaf

# fmt: off
# isort: off
# In the order of the table.
from engine.ops.arithmetic import add, subtract, multiply, divide, negate, sqrt, square, cbrt
from engine.ops.choices import greater, where, multiply_no_nan, maximum, minimum, clamp
from engine.ops.choices import absolute, sign, floor, stop_gradient
from engine.ops.exponential import exp, exp2, expm1, log, log2, log10, log1p, power, erf, erfc
from engine.ops.trigonometric import sin, cos, tan, asin, acos, atan, hypot, atan2
from engine.ops.hyperbolic import sinh, cosh, tanh, asinh, acosh, atanh
from engine.ops.activations import sigmoid, softplus, relu, leaky_relu, elu, silu, gelu
from engine.ops.reductions import dot, logaddexp, logsumexp, softmax, weighted_sum as weighted_sum
from engine.ops.reductions import dot_operands as dot_operands
# isort: on
# fmt: on

__all__ = [
    "absolute",
    "acos",
    "acosh",
    "add",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cbrt",
    "clamp",
    "cos",
    "cosh",
    "divide",
    "dot",
    "elu",
    "erf",
    "erfc",
    "exp",
    "exp2",
    "expm1",
    "floor",
    "gelu",
    "greater",
    "hypot",
    "leaky_relu",
    "log",
    "log1p",
    "log2",
    "log10",
    "logaddexp",
    "logsumexp",
    "maximum",
    "minimum",
    "multiply",
    "multiply_no_nan",
    "negate",
    "power",
    "relu",
    "sigmoid",
    "sign",
    "silu",
    "sin",
    "sinh",
    "softmax",
    "softplus",
    "sqrt",
    "square",
    "stop_gradient",
    "subtract",
    "tan",
    "tanh",
    "where",
]

# The operations of leaves, by name alone. A number that an operator meets is a constant.
variable, constant = declare_leaf("variable"), declare_leaf("constant")

__test__ = {name: op.__doc__ or "" for name, op in TABLE.items()}
