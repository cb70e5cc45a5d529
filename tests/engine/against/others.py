"""The operations in the words of NumPy, which HIPS autograd, JAX and PyTorch share; each has derivatives of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine import toposort
from tests.engine.against import Derivatives, Expression, Table, numbers, ours, replay, rounding
from tests.engine.against.exact import ARITHMETIC

# Their derivatives round in other ways than ours: PyTorch has expm1's as z + 1, which loses what is small beside 1;
# autograd divides by |x|, where we have a sign. So they may part by this much of the largest number on the way.
LOOSER, RELATIVE = 1e3, 1e-12


def table(np: Any, sigmoid: Callable[[Any], Any], number: Callable[[float], Any] = float) -> Table:
    """The operations by the functions of a module that is like NumPy; `number` makes a constant for it."""
    nought, one = number(0.0), number(1.0)
    return ARITHMETIC | {
        "exp": np.exp,
        "log": np.log,
        "log1p": np.log1p,
        "expm1": np.expm1,
        "sqrt": np.sqrt,
        "abs": np.abs,
        "sin": np.sin,
        "cos": np.cos,
        "tan": np.tan,
        "atan": np.arctan,
        "tanh": np.tanh,
        "greater": lambda x, y: np.where(x > y, one, nought),
        "where": lambda c, x, y: np.where(c != 0.0, x, y),
        "maximum": np.maximum,
        "minimum": np.minimum,
        "power": lambda x, y: x**y,
        "sigmoid": sigmoid,
        "softplus": lambda x: np.logaddexp(nought, x),
        "relu": lambda x: np.maximum(x, nought),
        "leaky_relu": lambda x, slope: np.where(x > 0.0, x, slope * x),
    }


def function(expression: Expression, table: Table, number: Callable[[float], Any] = float) -> Callable[[Any], Any]:
    """The expression as a function of one vector of its leaves."""

    def of(vector: Any) -> Any:
        leaves = {x: vector[i] for i, x in enumerate(expression.leaves)}
        return replay(expression.output, leaves, table, number)

    return of


def assert_agree(expression: Expression, theirs: Derivatives) -> None:
    """Their numbers are ours, up to what rounding may do to either."""
    nodes = numbers(ours(expression))
    largest = max(abs(part.data) for part in toposort(expression.output, *nodes) if part.inputs)
    for i, (node, other) in enumerate(zip(nodes, numbers(theirs), strict=True)):
        allowed = LOOSER * rounding(node) + RELATIVE * largest
        what = "the value" if i == 0 else f"derivative {i} of the gradient and the second derivatives, in a row"
        assert abs(node.data - float(other)) <= allowed, (what, node.data, float(other), allowed)
