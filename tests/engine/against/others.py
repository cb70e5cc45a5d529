"""Comparisons with HIPS autograd, JAX and PyTorch, which share NumPy's names; each has derivatives of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine import toposort
from tests.engine.against.expressions import Derivatives, Expression, as_list, interpret, our_derivatives, rounding
from tests.engine.operations import Table

# Their derivatives round differently: PyTorch computes that of expm1 as z + 1, which loses small z; autograd divides by
# |x| where we take a sign. So results may differ by this, relative to the largest intermediate number.
ROUNDING_FACTOR, RELATIVE_TOLERANCE = 1e3, 1e-12


def function(expression: Expression, table: Table, number: Callable[[float], Any] = float) -> Callable[[Any], Any]:
    """The expression as a function of one vector of its leaves."""

    def of(vector: Any) -> Any:
        leaves = {x: vector[i] for i, x in enumerate(expression.leaves)}
        return interpret(expression.output, leaves, table, number)

    return of


def assert_agree(expression: Expression, theirs: Derivatives) -> None:
    """Their numbers are ours, up to rounding."""
    nodes = as_list(our_derivatives(expression))
    largest = max(abs(part.data) for part in toposort(expression.output, *nodes) if part.inputs)
    for i, (node, other) in enumerate(zip(nodes, as_list(theirs), strict=True)):
        allowed = ROUNDING_FACTOR * rounding(node) + RELATIVE_TOLERANCE * largest
        what = "the value" if i == 0 else f"derivative {i} of the gradient and the second derivatives, in a row"
        assert abs(node.data - float(other)) <= allowed, (what, node.data, float(other), allowed)
