"""The paper's Table 1, for any graph: backpropagation step by step, in formulas and in numbers.

Everything in it is derived from the graph: the local relationship and the local derivatives from the table of
operations by way of `NamedGraph`, and the backpropagated derivatives by passing these formulas back from the output.
"""

from __future__ import annotations

import functools
import operator
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from engine import NamedGraph, Value, toposort
from engine.trace import Symbol
from viz import notation
from viz.equation import PLUS, equal, named, partial
from viz.general import LETTERS, folded, in_general, index_letters, layer_of
from viz.network import weights_and_biases
from viz.sheet import Cell, Sheet

COLUMNS = ("Step", "Variable", "Local relationship", "Local derivative", "Backpropagated")
LEAVES = {"w": "Weights (40)", "b": "Biases", "y": "Targets"}  # what is no step of the paper's


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


@dataclass(frozen=True, repr=False)
class Table:
    """The rows of `backpropagation_table`; printed, it is the paper's Table 1, a block for each step.

    Attributes:
        graph: The named nodes that it is about.
        rows: One for each variable.
        short: Which labels are written otherwise.
    """

    graph: NamedGraph
    rows: tuple[Row, ...]
    short: dict[str, str]

    def __repr__(self) -> str:
        return self.sheet().text()

    def _repr_html_(self) -> str:
        return self.sheet()._repr_html_()

    def sheet(self, title: str = "Backpropagation step by step") -> Sheet:
        """Every variable by itself, with its numbers, ready for print: a row for each."""
        rows = [cells for name, rows in self.blocks() for cells in self._block(name, rows)]
        return Sheet(title, COLUMNS, rows, self.short)

    def general(self, title: str = "Backpropagation step by step, in general") -> Sheet | None:
        """One row for all units of a layer, with indices, as the paper has it.

        The index form is found by comparing the formulas of the graph, see `viz.general`. None where units are not
        alike, or two nodes have one name.
        """
        if len(set(self.graph.names.values())) < len(self.graph.names):
            return None
        blocks: list[list[Cell]] = []
        labels = self._labels()
        for name, rows in self.blocks():
            cells = self._in_general(rows)
            if cells is None:
                return None
            blocks.append([[name], *cells])
            labels += [symbol.name for symbol in toposort(*(line for cell in cells for line in cell)) if symbol.name]
        return Sheet(title, COLUMNS, blocks, notation.short_labels(labels) if self.short else {})

    def blocks(self) -> Iterator[tuple[str, list[Row]]]:
        """The rows of each step, and those of the leaves by their kind and layer."""
        for name, rows in groupby(self.rows, self._block_of):
            yield name[0], list(rows)

    def _block_of(self, row: Row) -> tuple[str, object]:
        if row.step is not None:
            return str(row.step), None
        symbol = notation.parse(self.graph.names[row.variable])
        return ("Leaves", None) if symbol is None else (LEAVES.get(symbol.letter, "Leaves"), symbol.superscript)

    def _block(self, name: str, rows: list[Row]) -> Iterator[list[Cell]]:
        """For each variable its relationships, its local derivatives beside them, and the backpropagated derivative."""
        for row in rows:
            variable = self._symbol(row.variable)
            local = [
                _equation(
                    partial(self._symbol(term.made), variable),
                    term.local_derivative,
                    self.graph.number(term.local_number),
                )
                for term in row.terms
            ]
            head = [name] if row is rows[0] else []
            yield [head, [variable], [self._relation(term.made) for term in row.terms], local, self._derivative(row)]

    def _derivative(self, row: Row) -> list[Symbol]:
        """The backpropagated derivative as a formula and in numbers; in one line where the formula is a number."""
        left = partial(self._symbol(self.graph.outputs[0]), self._symbol(row.variable))
        contributions = [self.graph.number(term.contribution_number) for term in row.terms]
        in_numbers = _equation(left, functools.reduce(_plus, contributions), self.graph.number(row.number))
        if row.derivative.is_number:
            return [in_numbers if row.delta is None else named(in_numbers, row.delta)]
        formula = equal(left, row.derivative)
        return [formula if row.delta is None else named(formula, row.delta), in_numbers]

    def _in_general(self, rows: list[Row]) -> list[list[Symbol]] | None:
        """The cells of one step for all its rows at once; None if these are not alike."""
        is_weight = rows[0].step is None and _letter(self.graph.names[rows[0].variable]) == "w"
        # The weights into one unit have an index j, and a layer has such units i; other rows have the index i.
        groups = [list(group) for _, group in groupby(rows, lambda row: row.terms[0].made)] if is_weight else [rows]
        i, j, m = self._letters()
        letters = (j, i * (len(groups) > 1)) if is_weight else (i, "")

        def over_rows(formula: Callable[[Row], Symbol | None]) -> Symbol | None:
            return _over([_over([formula(row) for row in group], letters[0]) for group in groups], letters[1])

        sizes = self._sizes()
        relations, local = [], []
        for kind in self._kinds(rows):
            is_own = len(kind) == len(rows) and all(sum(term.made in kind for term in row.terms) == 1 for row in rows)
            outer = "".join(letters) if is_own or is_weight else j
            inner = m if is_weight or (len(kind) > 1 and not is_own) else j
            relations.append(_over([folded(self._relation(z), inner, sizes) for z in kind], outer[-1:]))
            local.append(over_rows(functools.partial(self._local_in_general, kind, inner, j)))
        cells = [
            [over_rows(lambda row: self._symbol(row.variable))],
            relations,
            local,
            [over_rows(lambda row: folded(self._backpropagated(row), j, sizes))],
        ]
        found = [[line for line in cell if line is not None] for cell in cells]
        return found if [len(cell) for cell in found] == [len(cell) for cell in cells] else None

    def _kinds(self, rows: list[Row]) -> list[list[Value]]:
        """The nodes that are made from the rows' variables, those with labels alike together: all a of a layer."""
        kinds: dict[object, list[Value]] = {}
        for z in _made(rows):
            symbol = notation.parse(self.graph.names[z])
            kind = (symbol.letter, symbol.superscript, bool(symbol.subscript)) if symbol else z
            kinds.setdefault(kind, []).append(z)
        return list(kinds.values())

    def _relation(self, z: Value) -> Symbol:
        return equal(self._symbol(z), self.graph.relation(z))

    def _local(self, row: Row, made: Sequence[Value]) -> list[Symbol]:
        variable = self._symbol(row.variable)
        terms = [term for term in row.terms if term.made in made]
        return [equal(partial(self._symbol(term.made), variable), term.local_derivative) for term in terms]

    def _local_in_general(self, made: Sequence[Value], inner: str, letter: str, row: Row) -> Symbol | None:
        return _over([folded(formula, inner, self._sizes()) for formula in self._local(row, made)], letter)

    def _letters(self) -> list[str]:
        """i, j and m, or others where labels have these: for the variable, for what is made of it, and for sums."""
        used = index_letters(map(self.graph.symbol, self.graph.names.values()))
        return [letter for letter in LETTERS if letter not in used][:3]

    def _sizes(self) -> Counter[str]:
        """How many units each layer has, by the labels."""
        units = {symbol for symbol in map(notation.parse, self.graph.names.values()) if symbol and symbol.subscript}
        counts = {letter: Counter(layer_of(symbol) for symbol in units if symbol.letter == letter) for letter in "xaz"}
        return counts["x"] | counts["a"] | counts["z"]

    def _backpropagated(self, row: Row) -> Symbol:
        """∂E/∂z = Σ ∂E/∂a ∂a/∂z = the formula =: delta."""
        output, variable = self._symbol(self.graph.outputs[0]), self._symbol(row.variable)
        sides = [partial(output, variable), row.derivative]
        made = [self._symbol(term.made) for term in row.terms]
        if made != [output]:
            sides.insert(1, functools.reduce(operator.add, [partial(output, a) * partial(a, variable) for a in made]))
        return equal(*sides) if row.delta is None else named(equal(*sides), row.delta)

    def _symbol(self, node: Value) -> Symbol:
        return self.graph.symbol(self.graph.names[node])

    def _labels(self) -> list[str]:
        return [*self.graph.names.values(), *(row.delta.name for row in self.rows if row.delta is not None)]


def _letter(label: str) -> str:
    symbol = notation.parse(label)
    return symbol.letter if symbol else ""


def _made(rows: Sequence[Row]) -> list[Value]:
    """The nodes that are made from the variables of these rows."""
    return list(dict.fromkeys(term.made for row in rows for term in row.terms))


def _over(formulas: Sequence[Symbol | None], letter: str) -> Symbol | None:
    found = [formula for formula in formulas if formula is not None]
    return in_general(found, letter) if len(found) == len(formulas) else None


def _plus(x: Symbol, y: Symbol) -> Symbol:
    return x.apply(PLUS, (x, y))


def _equation(left: Symbol, formula: Symbol, number: Symbol) -> Symbol:
    """left = formula = number; without the formula where that is a number itself."""
    return equal(left, number) if formula.is_number else equal(left, formula, number)


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
                          ∂E/∂z = 0.5
                          ∂E/∂y = −(z − y)
                          ∂E/∂y = −0.5
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
    table = Table(graph, tuple(rows), {})
    return replace(table, short=notation.short_labels(table._labels())) if short else table


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
