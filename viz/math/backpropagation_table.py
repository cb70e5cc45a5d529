"""The paper's Table 1, for any graph: backpropagation step by step, in formulas and in numbers.

All of it is derived from the graph: `NamedGraph` has the local relationships and the local derivatives, and the sweep
passes them back from the output, as formulas and as numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from engine import NamedGraph, Value, toposort
from engine._support.checks import check_instance
from engine.analysis.stale import stale_note
from engine.labels import short_labels
from engine.symbolic.expression import Expression
from viz.math.equations import defines, equal, juxtaposed, partial, plus
from viz.math.formulas import DEFAULT_DIGITS
from viz.math.matrix_form import MATRIX_COLUMNS, MatrixForm, MatrixRow
from viz.math.numbers_put_in import local_sides
from viz.math.sheet import Cell, Sheet
from viz.math.table_index_form import TableIndexForm, chain_rule
from viz.math.table_rows import BIASES, WEIGHTS, TableRow, Term, block_key, table_rows

COLUMNS = ("Step", "Variable", "Local relationship", "Local derivative", "Backpropagated")
INDEX_FORM_HINT = (
    "In index form, all units of a layer are computed alike, and their labels differ in an index that counts 1, 2, 3,"
    " ...: x_1, w_12^(1) (to unit 1, from unit 2), b_1^(1), a_1^(1), z_1^(1), y_1, hidden_1."
    " The table that is not general shows each variable by itself"
)


@dataclass(frozen=True, repr=False)
class BackpropagationTable:
    """The rows of `backpropagation_table`; printed, it is the paper's Table 1, a block for each step.

    Attributes:
        graph: The graph of named nodes.
        rows: One for each variable.
        short: The labels that are replaced, and by what.
        numbers: The values by name, of names that stand for one value.
    """

    graph: NamedGraph
    rows: tuple[TableRow, ...]
    short: dict[str, str]
    numbers: dict[str, float]

    def __repr__(self) -> str:
        return self.sheet().text()

    def _repr_html_(self) -> str:
        return self.sheet()._repr_html_()

    def sheet(self, title: str = "Backpropagation step by step") -> Sheet:
        """A table with a row for each variable, and numbers."""
        rows = [cells for name, rows in self.blocks() for cells in self._cells(name, rows)]
        return Sheet(title, COLUMNS, rows, self.short, DEFAULT_DIGITS)

    def general(self, title: str = "Backpropagation step by step, in general") -> Sheet:
        """One row for all units of a layer, with indices, as in the paper; if a step has several letters, for each one.

        The index form is found by comparing the formulas of the graph, see `viz.math.index_form`. Raises ValueError if
        units are not alike, with the first two that are not, or if two nodes have one label.
        """
        index_form = TableIndexForm(self.graph)
        blocks: list[list[Cell]] = []
        labels = _labels(self.graph, self.rows)
        for name, rows in self.blocks():
            try:
                families = [index_form.cells(family) for family in index_form.families(rows)]
            except ValueError as error:
                block = f"step {name}" if name.isdigit() else name
                raise ValueError(f"{block} cannot be written in index form: {error}. {INDEX_FORM_HINT}") from error
            blocks += [[[] if i else [name], *cells] for i, cells in enumerate(families)]
            lines = (line for cells in families for cell in cells for line in cell)
            labels += [node.name for node in toposort(*lines) if node.name]
        return Sheet(title, COLUMNS, blocks, short_labels(labels) if self.short else {})

    def matrix_rows(self) -> Iterator[tuple[str, list[MatrixRow]]]:
        """The name of each block, and its rows in matrix form, one for each array."""
        form = MatrixForm(self.graph, self.rows, (row.variable for row in self.rows if row.kind in (WEIGHTS, BIASES)))
        return ((name, form.rows(rows)) for name, rows in self.blocks())

    def matrix(self, title: str = "Backpropagation in matrix form") -> Sheet:
        """The paper's Table 2: one row for each scalar, vector or matrix.

        They are found in the formulas of the graph, see `viz.math.matrix_form`; what is not alike stays scalar. Raises
        ValueError if two nodes have one label.
        """
        cells: list[list[Cell]] = []
        for name, rows in self.matrix_rows():
            for row in rows:
                cells.append([[name.replace(WEIGHTS, "Weights (41)")] if row is rows[0] else [], *row.cells])
        return Sheet(title, MATRIX_COLUMNS, cells, self.short)

    def blocks(self) -> Iterator[tuple[str, list[TableRow]]]:
        """The rows of each step, and of each kind and layer of leaves, with the name of the block."""
        for (kind, layer), rows in groupby(self.rows, lambda row: block_key(self.graph, row)):
            yield kind if layer or kind != WEIGHTS else "Weights", list(rows)  # (40) is about layers

    def _cells(self, name: str, rows: list[TableRow]) -> Iterator[list[Cell]]:
        """The cells of each row of a block."""
        for row in rows:
            variable = self.graph.symbol_of(row.variable)
            terms = [(term, self.graph.symbol_of(term.reader)) for term in row.terms]
            relations = [equal(z, self.graph.relation(term.reader)) for term, z in terms]
            local = [line for term in row.terms for line in self._local(term, variable)]
            yield [[name] if row is rows[0] else [], [variable], relations, local, self._derivative(row)]

    def _derivative(self, row: TableRow) -> list[Expression]:
        """The backpropagated derivative by the chain rule, as a formula, and with its numbers put in."""
        left = partial(self.graph.symbol_of(self.graph.outputs[0]), self.graph.symbol_of(row.variable))
        formula = [] if row.derivative.is_constant else [row.derivative]
        chain = chain_rule(self.graph, row)
        sides = [[*chain, *formula]] if len(row.terms) == 1 else [chain, formula]  # a sum has a line of its own
        lines = [equal(left, *found) for found in sides if found]
        terms = [juxtaposed(*map(self.graph.constant, term.factors)) for term in row.terms]
        lines.append(self._equation(left, plus(*terms), row.number))
        if row.delta is not None:
            named = max(len(lines) - 2, 0)
            lines[named] = defines(lines[named], row.delta)
        return lines

    def _local(self, term: Term, variable: Expression) -> Iterator[Expression]:
        """The equation of a local derivative, and another with its rule opened and its numbers put in."""
        formula, number = term.local_derivative, term.local_number
        yield self._equation(partial(self.graph.symbol_of(term.reader), variable), formula, number)
        sides = local_sides(self.graph, term.reader, formula, {} if number is None else self.numbers)
        if len(sides) > 1 and not sides[1].is_constant:
            yield equal(*sides) if number is None else equal(*sides, self.graph.constant(number))

    def _equation(self, left: Expression, formula: Expression, number: float | None) -> Expression:
        """The equation left = formula = number, without a number that is None, or a formula that is the number."""
        if number is None:
            return equal(left, formula)
        return equal(left, *([] if formula.is_constant else [formula]), self.graph.constant(number))


def _labels(graph: NamedGraph, rows: Iterable[TableRow]) -> list[str]:
    return [*graph.names.values(), *(row.delta.name for row in rows if row.delta is not None)]


def backpropagation_table(output: Value, *, short: bool = True) -> BackpropagationTable:
    """The paper's Table 1 for any graph with labels, from the output back to the leaves (its (38) and (40)).

    The derivative with respect to a weighted sum labelled a_i^(k) is named δ_i^(k) from there on. Steps are counted
    from the output back; weights, biases and targets come at the end. `short` leaves out the unit's index in layers of
    one unit, as the paper does. Raises ValueError for a stale graph, whose results are not those of its leaves.

    >>> z, y = Value(0.75, "z"), Value(0.25, "y")
    >>> E = (z - y) ** 2 / 2
    >>> E.label = "E"
    >>> print(backpropagation_table(E))
    Step 1: z, y
      local relationship  E = ½(z − y)²
      local derivative    ∂E/∂z = z − y = 0.5
                          z − y = 0.75 − 0.25 = 0.5
                          ∂E/∂y = −(z − y) = −0.5
                          −(z − y) = −(0.75 − 0.25) = −0.5
      backpropagated      ∂E/∂z = z − y
                          ∂E/∂z = 0.5
                          ∂E/∂y = −(z − y)
                          ∂E/∂y = −0.5
    """
    check_instance(output, Value, "the output of a table of backpropagation must be a Value")
    if stale := stale_note(output):
        raise ValueError(stale)
    graph = NamedGraph(output)
    rows = table_rows(graph)
    return BackpropagationTable(
        graph, tuple(rows), short_labels(_labels(graph, rows)) if short else {}, _numbers_by_name(graph)
    )


def _numbers_by_name(graph: NamedGraph) -> dict[str, float]:
    """The values of the named nodes, without names that nodes of different values share."""
    numbers = {name: node.data for node, name in graph.names.items()}
    shared = {name for node, name in graph.names.items() if node.data != numbers[name]}
    return {name: number for name, number in numbers.items() if name not in shared}
