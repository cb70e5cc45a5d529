"""Constants that are data: those of a loop that are not the same number in all of its iterations.

Formulas of different iterations are not made once because two of these numbers happen to be equal, nor simplified
because one of them is 1: then the iterations would not be wired alike any longer, and there would be no loop. So
repetition is looked for in the graph as it is, and each number of a column of data becomes a leaf of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine import ops
from engine.compiler.repetition.runs import find_runs, number_nodes, operand_numbers
from engine.compiler.repetition.segments import ARITHMETIC, MAX_STRAIGHT, number_leaves
from engine.symbolic.expression import Expression, ExpressionBuilder, as_written
from engine.symbolic.rewrites import exact

Operand = tuple[int, int]  # the position of an operation, and the index of one of its inputs


def separate_data(
    order: Sequence[Any],
    inputs: Mapping[Any, Expression],
    parameters: Mapping[Any, Expression],
    frozen: Mapping[Any, float],
) -> dict[Any, Expression] | None:
    """The formula of each node of a graph, in topological order, in which data are symbols with a `value`.

    `frozen` has the numbers of the other leaves. None without data.

    >>> from engine import Value, toposort
    >>> w, total = Value(0.5, "w"), Value(0.0)
    >>> for i in range(200):
    ...     total = total + (w * float(i % 2)).sin()
    >>> symbols, frozen = {w: ExpressionBuilder(exact).symbol("w")}, {x: x.data for x in toposort(total) if not x.inputs}
    >>> formulas = separate_data(toposort(total), {}, symbols, frozen)
    >>> len(set(formulas.values())) > 600, len({x.value for x in formulas.values() if x.name == "data"})
    (True, 2)
    """
    written = _write_graph(order, {**inputs, **parameters}, frozen)
    operations, numbers = number_nodes(
        list(written.values()), number_leaves(list(inputs.values()), list(parameters.values()))
    )
    builder = ExpressionBuilder(exact, expand=False)
    data = dict(_find_data(builder, operations, numbers))
    if not data:
        return None
    made = {x: builder.constant(x.value) if x.is_constant else x for x in written.values() if not x.inputs}
    for i, x in enumerate(operations):
        made[x] = builder.make(x.op, tuple([data.get((i, k), made[y]) for k, y in enumerate(x.inputs)]))
    return {node: made[x] for node, x in written.items()}


def _write_graph(
    order: Sequence[Any], leaves: Mapping[Any, Expression], frozen: Mapping[Any, float]
) -> dict[Any, Expression]:
    """An expression of its own for each node of a graph; only operations on constants alone are folded."""
    builder = ExpressionBuilder(as_written, expand=False)
    written = dict(leaves)
    for node in order:
        if inputs := tuple([written[x] for x in node.inputs]):
            made = Expression(builder, node.op, inputs)
            if all([x.op is ops.constant for x in inputs]) and (folded := builder.make(node.op, inputs)).is_constant:
                made = folded
            written[node] = made
        elif node not in leaves:
            written[node] = builder.constant(frozen[node])
    return written


def _find_data(
    builder: ExpressionBuilder, operations: Sequence[Expression], numbers: Mapping[Expression, int]
) -> Iterator[tuple[Operand, Expression]]:
    """The leaf for each operand that is data. Columns of the same numbers have the same leaves."""
    leaves: dict[tuple[Expression, ...], list[Expression]] = {}
    for run in find_runs(operations, numbers, ARITHMETIC, MAX_STRAIGHT):
        for b, k, column in operand_numbers(run, operations, numbers):
            if isinstance(column[0], int) or column.count(column[0]) == len(column):
                continue
            key = tuple(column)
            if key not in leaves:
                leaves[key] = [Expression(builder, ops.variable, (), "data", x.value) for x in column]
            for t, leaf in enumerate(leaves[key]):
                yield (run.start + t * run.period + b, k), leaf
