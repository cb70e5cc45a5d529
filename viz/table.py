"""The paper's Table 1, for any graph: backpropagation step by step, in formulas and in numbers.

Everything in it is derived from the graph: the local relationship and the local derivatives from the table of
operations by way of `NamedGraph`, and the backpropagated derivatives by passing these formulas back from the output.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby

from engine import NamedGraph, Value
from engine.trace import Symbol
from viz import formula, notation
from viz.network import weights_and_biases


@dataclass(frozen=True)
class Term:
    """What one node that is made from the variable passes back to it: upstream derivative · local derivative."""

    made: Value
    local_derivative: Symbol
    local_number: float
    contribution: Symbol
    contribution_number: float


@dataclass(frozen=True)
class Row:
    """The derivative of the output with respect to one variable: the sum of its terms.

    Attributes:
        step: How many steps back from the output; None for what is no step of the paper's: weights, biases, targets.
        variable: What is differentiated by.
        terms: One for each node that is made from it.
        derivative: Their sum as a formula.
        number: Their sum.
        delta: The name that it gets, for a weighted sum a: δ.
    """

    step: int | None
    variable: Value
    terms: tuple[Term, ...]
    derivative: Symbol
    number: float
    delta: Symbol | None


@dataclass(frozen=True)
class Table:
    """The rows of `backpropagation_table`; printed, it is the paper's Table 1, a block for each step."""

    graph: NamedGraph
    rows: tuple[Row, ...]
    short: dict[str, str] = field(repr=False)

    def __str__(self) -> str:
        return "\n\n".join("\n".join(self._block(step, list(rows))) for step, rows in groupby(self.rows, _step))

    def name(self, node: Value) -> str:
        """The node's label as print."""
        return self._show(self.graph.names[node])

    def _block(self, step: int | None, rows: list[Row]) -> Iterator[str]:
        """The rows of one step: relationships, local derivatives, and the backpropagated derivatives."""
        output = self.name(self.graph.outputs[0])
        variables = ", ".join(self.name(row.variable) for row in rows)
        yield f"Step {step}: {variables}" if step else f"Leaves: {variables}"
        made = dict.fromkeys(term.made for row in rows for term in row.terms)
        yield from _column(
            "local relationship", [f"{self.name(z)} = {self._text(self.graph.relation(z))}" for z in made]
        )
        local = [
            _equation(
                f"∂{self.name(term.made)}/∂{self.name(row.variable)}",
                self._text(term.local_derivative),
                term.local_number,
            )
            for row in rows
            for term in row.terms
        ]
        yield from _column("local derivative", local)
        backpropagated = []
        for row in rows:
            left = f"∂{output}/∂{self.name(row.variable)}"
            numbers = " + ".join(formula.number(term.contribution_number, 12) for term in row.terms)
            delta = f" =: {self._text(row.delta)}" if row.delta is not None else ""
            backpropagated.append(f"{left} = {self._text(row.derivative)}{delta}")
            backpropagated.append(_equation(" " * len(left), numbers, row.number))
        yield from _column("backpropagated", backpropagated)

    def _text(self, symbol: Symbol) -> str:
        return formula.to_unicode(symbol, self._show)

    def _show(self, label: str) -> str:
        return notation.to_unicode(self.short.get(label, label))


def _step(row: Row) -> int | None:
    return row.step


def _column(title: str, lines: list[str]) -> Iterator[str]:
    for i, line in enumerate(lines):
        yield f"  {'' if i else title:<20}{line}"


def _equation(left: str, text: str, number: float) -> str:
    """left = text = number; without the text, where it says no more."""
    value = formula.number(number, 12)
    return f"{left} = {value}" if text == value else f"{left} = {text} = {value}"


def backpropagation_table(output: Value, *, short: bool = True) -> Table:
    """The paper's Table 1 for any graph with labels, from the output back to the leaves (its (38) and (40)).

    The derivative by a weighted sum labelled a_i^(k) is given the name δ_i^(k), and is called so from there on. Steps
    are counted from the output back; the leaves that are no last step, weights, biases and targets, come at the end.
    `short` leaves out the unit's index in layers of one unit, as the paper does.

    >>> z, y = Value(0.75, "z"), Value(0.25, "y")
    >>> E = (z - y) ** 2 / 2
    >>> E.label = "E"
    >>> print(backpropagation_table(E))
    Step 1: z, y
      local relationship  E = (z − y)² / 2
      local derivative    ∂E/∂z = z − y = 0.5
                          ∂E/∂y = −(z − y) = −0.5
      backpropagated      ∂E/∂z = z − y
                                = 0.5
                          ∂E/∂y = −(z − y)
                                = −0.5
    """
    graph = NamedGraph(output)
    upstream = {output: graph.number(1.0)}
    numbers, steps = {output: 1.0}, {output: 0}
    terms: dict[Value, list[Term]] = {node: [] for node in graph.nodes}
    rows = []
    for node in reversed(graph.nodes):
        if node is not output:
            rows.append(_row(graph, node, terms[node], 1 + max(steps[term.made] for term in terms[node])))
            numbers[node], steps[node] = rows[-1].number, rows[-1].step or 0
            delta = rows[-1].delta
            upstream[node] = rows[-1].derivative if delta is None else delta
        formulas = graph.formulas(node)
        for x, local in graph.edges(node):
            product = upstream[node] * formulas[x]
            terms[x].insert(0, Term(node, formulas[x], local, product, numbers[node] * local))
    rows.reverse()
    rows = _steps_first(graph, rows)
    labels = [*graph.names.values(), *(row.delta.name for row in rows if row.delta is not None)]
    return Table(graph, tuple(rows), notation.short_labels(labels) if short else {})


def _row(graph: NamedGraph, node: Value, terms: list[Term], step: int) -> Row:
    derivative = terms[0].contribution
    for term in terms[1:]:
        derivative = derivative + term.contribution
    # From the last term to the first, as backpropagation adds them up.
    number = sum(term.contribution_number for term in reversed(terms))
    return Row(step, node, tuple(terms), derivative, number, _delta(graph, node))


def _steps_first(graph: NamedGraph, rows: list[Row]) -> list[Row]:
    """The rows by steps; last, without a step, the leaves that are not the end of the longest path."""
    parameters, _ = weights_and_biases(graph)
    last = max((row.step or 0 for row in rows if row.variable not in parameters), default=0)
    rows = sorted(rows, key=lambda row: row.step or 0)
    leaves = [row for row in rows if not row.variable.inputs and (row.variable in parameters or row.step != last)]
    return [row for row in rows if row not in leaves] + [replace(row, step=None) for row in leaves]


def _delta(graph: NamedGraph, node: Value) -> Symbol | None:
    """The name δ_i^(k) for the derivative by a_i^(k)."""
    symbol = notation.parse(graph.names[node])
    if symbol is None or symbol.letter != "a" or not symbol.superscript:
        return None
    return graph.symbol(notation.delta_label(graph.names[node]))
