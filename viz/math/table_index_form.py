"""The index form of the paper's Table 1: one row for all units of a layer, where the graph has a row for each."""

from __future__ import annotations

import functools
import operator
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import TypeVar

from engine import NamedGraph, Value
from engine.labels import Role, parse_indexed, parse_label
from engine.symbolic.expression import Expression
from viz.math.equations import defines, equal, partial
from viz.math.formulas import format_formula
from viz.math.index_form import INDEX_LETTERS, index_letters, to_index_form, to_sigma_notation
from viz.math.numbers_put_in import opened_rule
from viz.math.table_rows import WEIGHTS, TableRow

T = TypeVar("T")


class TableIndexForm:
    """Finds the index form of blocks of rows.

    Raises ValueError if two nodes have one label, since formulas with indices could not tell them apart.
    """

    def __init__(self, graph: NamedGraph) -> None:
        check_distinct(graph.names.values(), "index form")
        self.graph = graph
        used = index_letters(map(graph.symbol, graph.names.values()))
        # Of the variable, of its readers, and of sums: i, j, m, or others if labels have these.
        self.i, self.j, self.m = [letter for letter in INDEX_LETTERS if letter not in used][:3]
        self.sizes = _layer_sizes(graph)

    def cells(self, rows: list[TableRow]) -> list[list[Expression]]:
        """The variable of a block, its local relationships, local derivatives, and its backpropagated derivative.

        Raises ValueError if rows differ in more than an index, with the first two that do.
        """
        i, j, m = self.i, self.j, self.m
        is_weight = _are_weights(rows)
        # The weights into one unit have an index j, and a layer has such units i; other rows have the index i.
        groups = [list(group) for _, group in groupby(rows, lambda row: row.terms[0].reader)] if is_weight else [rows]
        letters = (j, i if len(groups) > 1 else "") if is_weight else (i, "")

        def over_rows(formula: Callable[[TableRow], Expression]) -> Expression:
            return _common([_common([formula(row) for row in group], letters[0]) for group in groups], letters[1])

        variable = over_rows(lambda row: self.graph.symbol_of(row.variable))
        relations, local = [], []
        for layer in self._layers_of_readers(rows):
            is_one_to_one = len(layer) == len(rows) and all(
                sum(term.reader in layer for term in row.terms) == 1 for row in rows
            )
            outer = "".join(letters) if is_one_to_one or is_weight else j
            inner = m if is_weight or (len(layer) > 1 and not is_one_to_one) else j
            equations = [equal(self.graph.symbol_of(z), self.graph.relation(z)) for z in layer]
            sums = [to_sigma_notation(equation, inner, self.sizes) for equation in equations]
            relations.append(_common(sums, outer[-1:]))
            local.append(over_rows(functools.partial(self._local_derivative, layer, inner)))
            readers = [term for term in rows[0].terms if term.reader in layer]
            if any(opened_rule(self.graph, term.reader, term.local_derivative) for term in readers):
                local.append(over_rows(functools.partial(self._opened, layer, inner)))
        derivative = over_rows(functools.partial(self._backpropagated, j))
        return [[variable], relations, local, [derivative]]

    def _layers_of_readers(self, rows: list[TableRow]) -> list[list[Value]]:
        """The nodes that read the rows' variables, those together whose labels differ in an index alone."""
        return self._by_family(dict.fromkeys(term.reader for row in rows for term in row.terms), lambda z: z)

    def families(self, rows: Iterable[TableRow]) -> list[list[TableRow]]:
        """The rows of a block, those together whose variables' labels differ in an index alone."""
        return self._by_family(rows, lambda row: row.variable)

    def _by_family(self, items: Iterable[T], node_of: Callable[[T], Value]) -> list[list[T]]:
        found: dict[object, list[T]] = {}
        for item in items:
            label = parse_indexed(self.graph.names[node_of(item)])
            found.setdefault(label.family if label else item, []).append(item)
        return list(found.values())

    def _local_derivative(self, layer: Sequence[Value], inner: str, row: TableRow) -> Expression:
        """The equation ∂z/∂variable = ... for all z of the layer."""
        variable = self.graph.symbol_of(row.variable)
        terms = [term for term in row.terms if term.reader in layer]
        if not terms:
            z = format_formula(self.graph.symbol_of(layer[0]))
            raise ValueError(f"{z} does not read {format_formula(variable)}")
        local = [equal(partial(self.graph.symbol_of(term.reader), variable), term.local_derivative) for term in terms]
        return _common([to_sigma_notation(formula, inner, self.sizes) for formula in local], self.j)

    def _opened(self, layer: Sequence[Value], inner: str, row: TableRow) -> Expression:
        """The equation σ'(a) = z(1 − z) for all z of the layer, whose local derivatives have σ'."""
        terms = [(term.reader, term.local_derivative) for term in row.terms if term.reader in layer]
        rules = [equal(formula, *opened_rule(self.graph, z, formula)) for z, formula in terms]
        return _common([to_sigma_notation(rule, inner, self.sizes) for rule in rules], self.j)

    def _backpropagated(self, letter: str, row: TableRow) -> Expression:
        """The equation ∂E/∂z = Σ ∂E/∂a ∂a/∂z = formula ≜ delta."""
        left = partial(*map(self.graph.symbol_of, (self.graph.outputs[0], row.variable)))
        equation = equal(left, *chain_rule(self.graph, row), row.derivative)
        return to_sigma_notation(equation if row.delta is None else defines(equation, row.delta), letter, self.sizes)


def _are_weights(rows: Sequence[TableRow]) -> bool:
    """Whether these are weights, or are read as weights are: by one reader each, which reads several of them."""
    readers = {term.reader for row in rows for term in row.terms}
    is_read_once = all(len(row.terms) == 1 for row in rows)
    return rows[0].kind == WEIGHTS or (is_read_once and 1 < len(readers) < len(rows))


def check_distinct(names: Iterable[str], form: str) -> None:
    """Raise ValueError if two nodes have one label."""
    name, times = Counter(names).most_common(1)[0]
    if times > 1:
        raise ValueError(f"{times} nodes have the label {name!r}; a table in {form} needs a label for each")


def chain_rule(graph: NamedGraph, row: TableRow) -> list[Expression]:
    """The sum Σ ∂E/∂a ∂a/∂z over the readers a of z; nothing if E itself reads z."""
    output, variable = graph.symbol_of(graph.outputs[0]), graph.symbol_of(row.variable)
    readers = [graph.symbol_of(term.reader) for term in row.terms]
    terms = [partial(output, a) * partial(a, variable) for a in readers]
    return [] if output in readers else [functools.reduce(operator.add, terms)]


def _layer_sizes(graph: NamedGraph) -> Counter[str]:
    """The number of units of each layer, by the labels."""
    labels = {label for label in map(parse_label, graph.names.values()) if label and label.subscript}
    roles = Role.INPUT, Role.WEIGHTED_SUM, Role.UNIT
    counts = (Counter(label.layer_of_unit for label in labels if label.role is role) for role in roles)
    return functools.reduce(operator.or_, counts)


def _common(formulas: Sequence[Expression], letter: str) -> Expression:
    """The index form of the formulas. Raises ValueError with the first two that differ in more than an index."""
    found = to_index_form(formulas, letter)
    if found is not None:
        return found
    n = next(n for n in range(2, len(formulas) + 1) if to_index_form(formulas[:n], letter) is None)
    raise ValueError(f"{format_formula(formulas[0])} and {format_formula(formulas[n - 1])} are not alike")
