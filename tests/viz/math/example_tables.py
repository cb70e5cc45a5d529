"""Tables 1 and 2 of networks, and Table 1 of cross entropy, as sheets."""

from __future__ import annotations

from functools import reduce
from operator import add

from engine import Value
from engine.symbolic.expression import Expression
from tests.paper_graphs import NetworkNumbers, figure_4
from viz.math.backpropagation_table import BackpropagationTable, backpropagation_table
from viz.math.equations import column_of, matrix_shape, numeral
from viz.math.sheet import Sheet


def table_1(numbers: NetworkNumbers) -> list[Sheet]:
    """The table of a network in general, and with its numbers."""
    table = backpropagation_table(figure_4(numbers))
    return [table.general(), table.sheet()]


def table_2(numbers: NetworkNumbers) -> Sheet:
    """The equations of a network in matrix form, beside their index form and the numbers."""
    table = backpropagation_table(figure_4(numbers))
    general = table.general()
    rows = []
    blocks = zip(general.rows, table.blocks(), table.matrix_rows(), strict=True)
    for (head, *_, [equation]), (_, block), (_, [matrix]) in blocks:
        assert isinstance(equation, Expression)
        entries = column_of(*(numeral(row.number) for row in block))
        rows.append([head, [matrix.equation], [matrix_shape(len(block), 1)], [equation], [entries]])
    return Sheet("Table 2 of network #1", ("ID", "Matrix form", "Shape", "Index form", "Graph"), rows, general.short)


def cross_entropy_table(outputs: str) -> BackpropagationTable:
    """Table 1 of three outputs, "sigmoid" or "softmax", with their cross entropy."""
    a = [Value(x, f"a_{i}^(K)") for i, x in enumerate((0.75, -0.5, 1.25), 1)]
    y = [Value(x, f"y_{i}") for i, x in enumerate((0.0, 0.0, 1.0), 1)]
    if outputs == "sigmoid":
        z = [x.sigmoid() for x in a]
        terms = [t * p.log() + (1 - t) * (1 - p).log() for p, t in zip(z, y, strict=True)]
    else:
        powers = [x.exp() for x in a]
        S = reduce(add, powers)
        S.label = "S"
        z = [power / S for power in powers]
        terms = [t * p.log() for p, t in zip(z, y, strict=True)]
    for i, node in enumerate(z, 1):
        node.label = f"z_{i}^(K)"
    E = -reduce(add, terms)
    E.label = "E"
    return backpropagation_table(E, short=False)
