"""The formulas of a graph, and the runs in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from engine import ops
from engine.compiler.repetition.runs import SPACE, Run, find_runs, number_nodes
from engine.symbolic.expression import Expression

MIN_SAVED = 100  # operations that a loop saves

# The operations whose operands may be other constants in each iteration: no rewrite rule depends on them, but for 1.
ARITHMETIC = {ops.add, ops.subtract, ops.multiply, ops.divide, ops.negate, ops.maximum, ops.minimum, ops.weighted_sum}

# An array is named by the position of its element 0, if it has values of operations. Others are below 0, and after
# these two come arrays of constants.
INPUTS, PARAMETERS = -1, -2


class Formulas(NamedTuple):
    """The formulas of a graph: its operations in topological order, among leaves; and those of the outputs."""

    order: Sequence[Expression]
    outputs: Sequence[Expression]


def read_formulas(symbols: Mapping[Any, Expression], outputs: Sequence[Any]) -> Formulas:
    """The formulas of outputs, given those of all nodes in topological order.

    It is without those that a simplification made superfluous.
    """
    order, values = list(dict.fromkeys(symbols.values())), [symbols[output] for output in outputs]
    read = set(values)
    for symbol in reversed(order):
        if symbol in read:
            read.update(symbol.inputs)
    return Formulas([symbol for symbol in order if symbol in read], values)


def latest_first(formulas: Formulas) -> Formulas:
    """Formulas in the order of their distances from the outputs, in which the units of a layer follow one another."""
    distances: dict[Expression, int] = {}
    for x in reversed(formulas.order):
        distance = distances.setdefault(x, 0) + 1
        for y in x.inputs:
            if distances.get(y, 0) < distance:
                distances[y] = distance
    return formulas._replace(order=sorted(formulas.order, key=lambda x: -distances[x]))


class Found(NamedTuple):
    """The runs in formulas: the outputs, the operations, the numbers of all nodes, and the runs."""

    outputs: Sequence[Expression]
    operations: list[Expression]
    numbers: dict[Expression, int]
    runs: list[Run]

    @property
    def remaining(self) -> int:
        """The number of operations that loops would leave."""
        return len(self.operations) - sum(run.saved for run in self.runs)

    @property
    def is_one_loop(self) -> bool:
        """Whether all operations, but for those of an iteration or two, are those of one loop."""
        return len(self.runs) == 1 and self.remaining < 3 * self.runs[0].period + MIN_SAVED


def find_repetition(formulas: Formulas, inputs: Sequence[Expression], parameters: Sequence[Expression]) -> Found:
    """The runs in formulas of these inputs and parameters."""
    spaces = ((INPUTS, inputs), (PARAMETERS, parameters))
    leaves = {x: i + name * SPACE for name, symbols in spaces for i, x in enumerate(symbols)}
    operations, numbers = number_nodes(formulas.order, leaves)
    return Found(formulas.outputs, operations, numbers, find_runs(operations, numbers, ARITHMETIC, MIN_SAVED))
