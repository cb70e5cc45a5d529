"""The rows of the paper's Table 1: the derivatives of an output by its named nodes, passed back step by step."""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import NamedTuple

from engine import NamedGraph, Value, ops
from engine.analysis.roles import weights_and_biases
from engine.labels import Role, delta_label, parse_label, role_of
from engine.sweep import Edge, reverse
from engine.symbolic.expression import Expression

WEIGHTS, BIASES = "Weights (40)", "Biases"
# The kinds of leaves that are not a step of the paper's, by the roles of their labels; a word does not have a role.
LEAF_KINDS = {Role.WEIGHT: WEIGHTS, Role.BIAS: BIASES, Role.TARGET: "Targets", Role.INPUT: "Leaves", None: "Leaves"}


@dataclass(frozen=True)
class Term:
    """The contribution of one reader, a node that reads the variable: upstream derivative · local derivative.

    `factors` are the numbers of the two, in the order of the formula; of the output alone, the local derivative.
    """

    reader: Value
    local_derivative: Expression
    local_number: float | None
    contribution: Expression
    contribution_number: float
    factors: tuple[float, ...]


@dataclass(frozen=True)
class TableRow:
    """The derivative of the output with respect to one variable: the sum of its terms.

    Attributes:
        step: The number of steps back from the output; None for weights, biases and targets, which are not steps.
        variable: The node with respect to which the output is differentiated.
        terms: One for each node that reads it.
        derivative: Their sum as a formula.
        number: Their sum as a number.
        delta: The name δ of the derivative, if the variable is a weighted sum a.
        kind: The step, or else "Weights (40)", "Biases", "Targets" or "Leaves".
    """

    step: int | None
    variable: Value
    terms: tuple[Term, ...]
    derivative: Expression
    number: float
    delta: Expression | None
    kind: str = ""


class _Derivative(NamedTuple):
    """A derivative as a formula and as a number."""

    formula: Expression
    number: float


def _backpropagate(graph: NamedGraph) -> list[TableRow]:
    """A row for each named node but the output, in topological order: the sweep on pairs of a formula and a number."""
    [output] = graph.outputs
    steps, terms, rows, taken = {output: 0}, dict[Value, list[Term]](), list[TableRow](), {output}

    def edges(node: Value) -> Iterator[Edge]:
        # Both branches of a `where` have formulas; the one that is not taken receives 0, the nodes inside it nothing.
        numbers = dict(graph.edges(node)) if node in taken else {}
        taken.update(numbers)
        for i, (x, formula) in enumerate(graph.formulas(node).items()):
            yield Edge(x, (formula, numbers.get(x, 0.0) if numbers else None), i)

    def pass_back(node: Value, derivative: _Derivative, edge: Edge) -> _Derivative:
        formula, number = edge.local_derivative
        local = _Derivative(formula, number or 0.0)
        # A sum stands last, as in Step 6 of the paper's Table 1.
        first, last = (local, derivative) if derivative.formula.op is ops.add else (derivative, local)
        product = _Derivative(first.formula * last.formula, first.number * last.number)
        is_one_number = node is output or number is None
        factors = (product.number,) if is_one_number else (first.number, last.number)
        terms.setdefault(edge.input, []).insert(0, Term(node, formula, number, *product, factors))
        return product

    def add_up(node: Value, contributions: list[_Derivative]) -> _Derivative:
        if node is output:
            return contributions[0]
        # Formulas are added from the first term to the last, numbers in the order of backpropagation.
        formula = functools.reduce(operator.add, [term.contribution for term in terms[node]])
        number = functools.reduce(operator.add, [contribution.number for contribution in contributions])
        steps[node] = 1 + max(steps[term.reader] for term in terms[node])
        name = delta_label(graph.names[node])
        delta = graph.symbol(str(name)) if name else None
        rows.append(TableRow(steps[node], node, tuple(terms[node]), formula, number, delta))
        return _Derivative(formula if delta is None else delta, number)

    reverse(graph.nodes, edges, _Derivative(graph.constant(1.0), 1.0), pass_back, add_up)
    return rows[::-1]


def table_rows(graph: NamedGraph) -> list[TableRow]:
    """The rows by step; then those of leaves before the last step, and of all weights and biases, by kind and layer.

    Weights and biases are recognized by their place in the graph, whatever their letters; a bias that is added to a
    weighted sum by an operation of its own, by its label too.
    """
    rows = _backpropagate(graph)
    parameters, biases = weights_and_biases(graph)
    added = {row.variable for row in rows if _is_added_to_weights(graph, row, parameters)}
    kinds = dict.fromkeys(parameters, WEIGHTS) | dict.fromkeys([*added, *chain(*biases.values())], BIASES)
    for row in rows:
        role = role_of(graph.names[row.variable])
        if row.variable not in kinds or role in LEAF_KINDS:
            kinds[row.variable] = LEAF_KINDS.get(role, "Leaves")
    parameters |= added
    last = max((row.step or 0 for row in rows if row.variable not in parameters), default=0)
    steps, leaves = list[TableRow](), list[TableRow]()
    for row in sorted(rows, key=lambda row: row.step or 0):
        if not row.variable.inputs and (row.variable in parameters or row.step != last):
            leaves.append(replace(row, step=None, kind=kinds[row.variable]))
        else:
            steps.append(replace(row, kind=str(row.step)))
    blocks = list(dict.fromkeys(block_key(graph, row) for row in leaves))
    return steps + sorted(leaves, key=lambda row: blocks.index(block_key(graph, row)))


def _is_added_to_weights(graph: NamedGraph, row: TableRow, weights: set[Value]) -> bool:
    """Whether the variable is a leaf b, added to the products of weights wherever it is used."""
    if row.variable.inputs or role_of(graph.names[row.variable]) is not Role.BIAS:
        return False
    return all(term.local_number == 1.0 and not weights.isdisjoint(graph.inputs(term.reader)) for term in row.terms)


def block_key(graph: NamedGraph, row: TableRow) -> tuple[str, object]:
    """The key that the rows of a block share: their step, or their kind and layer."""
    label = parse_label(graph.names[row.variable]) if row.step is None else None
    return row.kind, label and label.superscript
