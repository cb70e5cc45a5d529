"""Random expressions for comparisons with other arithmetics, and a bound of their rounding error.

The expressions are over the whole table of operations, away from kinks and poles: there derivatives are one-sided, or
too large to be compared. What happens *at* such points is in `engine/OPERATIONS.md`, which `tests/engine/reference`
holds against others.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from hypothesis import strategies as st

from engine import TABLE, DomainError, Op, Value, grad, toposort
from engine.backprop import backpropagate
from engine.ops import constant, greater, power, where
from tests.engine.operations import Table, known
from tests.engine.recipes import RECIPES, Recipe

LEAVES = 3
MIN_MAGNITUDE, MAX_MAGNITUDE = 1e-6, 1e3  # of every node, unless it is 0
MIN_DISTANCE = 1e-6  # from a kink, relative to the operands
MAX_ROUNDING = 1e-9  # of every node, relative to its magnitude
ROUNDING = 4.0  # units in the last place that one operation may be off; softplus is the worst


class Expression(NamedTuple):
    """A node, and the leaves that it may be made from."""

    output: Value
    leaves: list[Value]

    def __repr__(self) -> str:
        nodes = toposort(self.output)
        names = {x: f"x{i}" for i, x in enumerate(self.leaves)} | {x: repr(x.data) for x in nodes if x.op is constant}
        lines = [f"{names[x]} = {x.data!r}" for x in self.leaves]
        for i, node in enumerate(node for node in nodes if node.inputs):
            names[node] = f"t{i}"
            lines.append(f"t{i} = {node.op.name}({', '.join(names[x] for x in node.inputs)})")
        return "\n".join(["Expression:", *lines])


def interpret(output: Value, leaves: Mapping[Value, Any], table: Table, number: Callable[[float], Any]) -> Any:
    """The same expression in another arithmetic, with its operations, its numbers, and replacements of the leaves."""
    made = dict(leaves)
    for node in toposort(output):
        if node.inputs:
            made[node] = table[node.op.name](*[made[x] for x in node.inputs])
        elif node not in made:
            made[node] = number(node.data)
    return made[output]


def rounding(output: Value) -> float:
    """A bound of the rounding error of the output, to first order.

    Each node may be off by some units in its last place, times the derivative of the output with respect to it.
    """
    return sum(
        abs(d) * ROUNDING * math.ulp(_magnitude(x)) for x, d in backpropagate(toposort(output)).items() if x.inputs
    )


def _magnitude(node: Value) -> float:
    """The magnitude of the numbers from which a node is computed by its last rounding."""
    if node.op.arity is not None:
        return abs(node.data)
    n = len(node.inputs) // 2  # a sum of products
    return sum(abs(w.data * x.data) for w, x in zip(node.inputs[:n], node.inputs[n:], strict=False)) + abs(node.data)


class Derivatives(NamedTuple):
    """A result, its gradient and its second derivatives, in the order of the leaves."""

    value: Any
    first: list[Any]
    second: list[list[Any]]


def our_derivatives(expression: Expression) -> Derivatives:
    """This engine's derivatives, as `Value`s."""
    y, leaves = expression
    first = grad(y, leaves, create_graph=True)
    return Derivatives(y, first, [grad(slope, leaves, create_graph=True) for slope in first])


def as_list(derivatives: Derivatives) -> list[Any]:
    """The value, the gradient, and the rows of second derivatives in one list."""
    return [derivatives.value, *derivatives.first, *(x for row in derivatives.second for x in row)]


def expressions() -> st.SearchStrategy[Expression]:
    """Random expressions in which every node is known accurately, and none is near a kink."""
    leaf = st.floats(-8.0, 8.0).filter(lambda x: abs(x) > 1e-3)
    built = st.builds(_build, RECIPES, st.lists(leaf, min_size=LEAVES, max_size=LEAVES))
    return built.filter(lambda expression: bool(expression.output.inputs))


def differentiable() -> list[Op]:
    """The operations whose rules are the derivatives of their functions."""
    return [op for op in TABLE.values() if not op.is_held]


def applied_to_leaves(op: Op) -> list[Expression]:
    """An operation of leaves at each of its ordinary points without 0."""
    each = [[Value(x) for x in numbers] for numbers in known(op).points if all(numbers)]
    assert each, f"{op.name} needs a point without 0 in tests/engine/operations.py"
    return [Expression(op(*leaves), leaves) for leaves in each]


def _build(recipe: Recipe, numbers: list[float]) -> Expression:
    leaves = [Value(x) for x in numbers]
    made: list[Any] = [2.0, -0.5, *leaves]
    for op, picks in recipe:
        inputs = [made[-1 - pick % len(made)] for pick in picks[: op.arity or 5]]
        if _is_clear_of_kinks(op, inputs):
            try:
                result = op(*inputs)
                if not isinstance(result, Value) or _is_accurate(result):
                    made.append(result)
            except DomainError:  # of the result, or of its derivative
                continue
    results = [x for x in made if isinstance(x, Value)]
    return Expression(results[-1], leaves)


def _is_clear_of_kinks(op: Op, inputs: Sequence[Value | float]) -> bool:
    kink = known(op).kink
    if kink is None:
        return True
    if op is where and isinstance(inputs[0], Value) and inputs[0].op is greater:
        return True  # which does not change nearby
    met = [x.data if isinstance(x, Value) else x for x in inputs]
    if op is power and met[0] < 0.0 and isinstance(inputs[1], Value):
        return False
    return abs(kink(*met)) > MIN_DISTANCE * max(map(abs, met))


def _is_accurate(node: Value) -> bool:
    return node.data == rounding(node) == 0.0 or (
        MIN_MAGNITUDE < abs(node.data) < MAX_MAGNITUDE and rounding(node) < MAX_ROUNDING * abs(node.data)
    )
