"""Constants that are data: those of a loop that are not the same number in all of its iterations.

Formulas of different iterations are not made once because two of these numbers happen to be equal, nor simplified
because one of them is 1: then the iterations would not be wired alike any longer, and there would be no loop. So
repetition is looked for in the graph as it is, and each number of a column of data becomes a leaf of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine import ops
from engine.compiler.repetition.formulas import Formulas, Found, find_repetition, read_formulas
from engine.compiler.repetition.runs import operand_numbers
from engine.symbolic.expression import Expression, ExpressionBuilder, as_written
from engine.symbolic.rewrites import exact

Operand = tuple[int, int]  # the position of an operation, and the index of one of its inputs


def separate_data(
    order: Sequence[Any],
    outputs: Sequence[Any],
    leaves: Mapping[Any, Expression],
    inputs: Sequence[Expression],
    parameters: Sequence[Expression],
    frozen: Mapping[Any, float],
) -> Formulas | None:
    """The formulas of a graph, given in topological order, in which data are symbols with a `value`.

    `leaves` are the inputs and parameters; `frozen` has the numbers of the other leaves. None without data.

    >>> from engine import Value, toposort
    >>> w, total = Value(0.5, "w"), Value(0.0)
    >>> for i in range(200):
    ...     total = total + (w * (i % 2)).sin()
    >>> order, symbol = toposort(total), ExpressionBuilder(exact).symbol("w")
    >>> frozen = {x: x.data for x in order if not x.inputs}
    >>> formulas = separate_data(order, [total], {w: symbol}, [], [symbol], frozen)
    >>> [sum(y.name == "data" for x in formulas.order for y in x.inputs), sum(x.op is ops.sin for x in formulas.order)]
    [199, 200]
    """
    written = _write_graph(order, leaves, frozen)
    found = find_repetition(Formulas(list(written.values()), ()), inputs, parameters)
    builder = ExpressionBuilder(exact, expand=False)
    data = dict(_find_data(builder, found))
    if not data:
        return None
    made = {x: builder.constant(x.value) if x.is_constant else x for x in written.values() if not x.inputs}
    for i, x in enumerate(found.operations):
        made[x] = builder.make(x.op, tuple([data.get((i, k), made[y]) for k, y in enumerate(x.inputs)]))
    return read_formulas({node: made[x] for node, x in written.items()}, outputs)


def _write_graph(
    order: Sequence[Any], leaves: Mapping[Any, Expression], frozen: Mapping[Any, float]
) -> dict[Any, Expression]:
    """An expression of its own for each node of a graph; only operations on constants alone are folded."""
    builder = ExpressionBuilder(as_written, expand=False)
    written = dict(leaves)
    for node in order:
        if inputs := tuple([written[x] for x in node.inputs]):
            is_constant = {x.op for x in inputs} == {ops.constant}
            folded = builder.make(node.op, inputs) if is_constant else None  # not folded where it is not defined
            written[node] = (
                folded if folded is not None and folded.is_constant else Expression(builder, node.op, inputs)
            )
        elif node not in leaves:
            written[node] = builder.constant(frozen[node])
    return written


def _find_data(builder: ExpressionBuilder, found: Found) -> Iterator[tuple[Operand, Expression]]:
    """The leaf for each operand that is data. Columns of the same numbers have the same leaves."""
    leaves: dict[tuple[Expression, ...], list[Expression]] = {}
    for run in found.runs:
        for b, k, column in operand_numbers(run, found.operations, found.numbers):
            if isinstance(column[0], int) or column.count(column[0]) == len(column):
                continue
            key = tuple(column)
            if key not in leaves:
                leaves[key] = [Expression(builder, ops.variable, (), "data", x.value) for x in column]
            for t, leaf in enumerate(leaves[key]):
                yield (run.start + t * run.period + b, k), leaf
