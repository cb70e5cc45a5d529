"""Random expressions, to be computed by others too; and how far rounding may take this engine from the exact result.

The expressions are over the whole table of operations, away from kinks and poles: there derivatives are one-sided, or
too large to be compared. What happens *at* such points is in `engine/OPERATIONS.md`, which `tests/engine/reference`
holds against others.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from hypothesis import strategies as st

from engine import DomainError, Op, Value, grad, toposort
from engine.backprop import backpropagate
from engine.ops import constant, greater, power, where
from tests.engine.operations import Table, known
from tests.engine.recipes import RECIPES, Recipe

LEAVES = 3
SMALLEST, LARGEST = 1e-6, 1e3  # of all that an expression computes, but for 0
CLEAR = 1e-6  # how far from a kink, relative to the numbers that meet there
SHARP = 1e-9  # how well all that an expression computes must be known, relative to its size
ROUNDING = 4.0  # units in the last place that one operation may be off: that of the worst, softplus, and some


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


def replay(output: Value, leaves: Mapping[Value, Any], table: Table, number: Callable[[float], Any]) -> Any:
    """The same expression in another arithmetic, with its operations, its numbers, and replacements of the leaves."""
    made = dict(leaves)
    for node in toposort(output):
        if node.inputs:
            made[node] = table[node.op.name](*[made[x] for x in node.inputs])
        elif node not in made:
            made[node] = number(node.data)
    return made[output]


def rounding(output: Value) -> float:
    """How far rounding may have taken the output from the exact result, to first order.

    A node may be off by some units in its last place, and takes the output with it by its derivative.
    """
    return sum(abs(d) * ROUNDING * math.ulp(_size(x)) for x, d in backpropagate(toposort(output)).items() if x.inputs)


def _size(node: Value) -> float:
    """The largest number that came up on the way to this node's."""
    if node.op.arity is not None:
        return abs(node.data)
    n = len(node.inputs) // 2  # a sum of products
    return sum(abs(w.data * x.data) for w, x in zip(node.inputs[:n], node.inputs[n:], strict=False)) + abs(node.data)


class Derivatives(NamedTuple):
    """A result, its gradient and its second derivatives, in the order of the leaves."""

    value: Any
    first: list[Any]
    second: list[list[Any]]


def ours(expression: Expression) -> Derivatives:
    """The derivatives by this engine, as `Value`s."""
    y, leaves = expression
    first = grad(y, leaves, create_graph=True)
    return Derivatives(y, first, [grad(slope, leaves, create_graph=True) for slope in first])


def numbers(derivatives: Derivatives) -> list[Any]:
    """All numbers in a row."""
    return [derivatives.value, *derivatives.first, *(x for row in derivatives.second for x in row)]


def expressions() -> st.SearchStrategy[Expression]:
    """Random expressions in which every part is known sharply, and none is near a kink."""
    leaf = st.floats(-8.0, 8.0).filter(lambda x: abs(x) > 1e-3)
    built = st.builds(_build, RECIPES, st.lists(leaf, min_size=LEAVES, max_size=LEAVES))
    return built.filter(lambda expression: bool(expression.output.inputs))


def alone(op: Op) -> list[Expression]:
    """An operation on nothing but leaves, at its ordinary points but for 0: for those that chance leaves out."""
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
                if not isinstance(result, Value) or _is_sharp(result):
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
    if op is power and float(inputs[0]) < 0.0 and isinstance(inputs[1], Value):
        return False
    met = [float(x) for x in inputs]
    return abs(kink(*met)) > CLEAR * max(map(abs, met))


def _is_sharp(node: Value) -> bool:
    return node.data == rounding(node) == 0.0 or (
        SMALLEST < abs(node.data) < LARGEST and rounding(node) < SHARP * abs(node.data)
    )
