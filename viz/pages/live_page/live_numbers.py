"""Formulas in which numbers follow the page: equations beside a graph, and the table of backpropagation.

A formula is made by `viz.math.equations`, of the names of nodes. In it, `number(formula)` is a place for the present
number of a formula, and `put_in(formula)` has such places for its names and derivatives:

>>> from viz.math.equations import equal, juxtaposed, partial, symbols
>>> y, a, x = symbols("y", "a", "x")
>>> chain_rule = juxtaposed(partial(y, a), partial(a, x))
>>> equation = LiveEquation("6", [equal(partial(y, x), chain_rule, put_in(chain_rule), number(partial(y, x)))])

∂y/∂x is the derivative of y with respect to x, for any two nodes; the page computes it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine import Value
from engine.graph import toposort
from engine.op import Op
from engine.symbolic.expression import Expression, ExpressionBuilder, as_written
from viz.math.backpropagation_table import BackpropagationTable
from viz.math.equations import JUXTAPOSED, PARTIAL, equal, grouped, partial, plus
from viz.math.formulas import LAYOUTS
from viz.math.numbers_put_in import rebuild
from viz.math.sheet import Cell, Sheet

_FIRST_PLACE = 0xE000  # private characters of Unicode, which stand for the places while a formula is written
_PLACE = re.compile("<mtext>([\ue000-\uf8ff])</mtext>")


def _not_computed(*_: Any) -> Any:
    raise ValueError("the place of a number is written, and cannot be computed")


NUMBER = Op("number", "", _not_computed, [_not_computed])
LAYOUTS[NUMBER] = "call"


@dataclass(frozen=True)
class LiveEquation:
    """An equation beside a live graph.

    Attributes:
        number: Its number, by which an address chooses it: `#eq=38`.
        lines: The equation, with places for numbers where it has them.
        nodes: The nodes that are marked.
        arrows: The arrows that are marked: the nodes at the tail and at the head.
        note: A sentence below it.
    """

    number: str
    lines: Sequence[Expression]
    nodes: Sequence[Value] = ()
    arrows: Sequence[tuple[Value, Value]] = ()
    note: str = ""


def number(formula: Expression) -> Expression:
    """A place for the number of a formula, which follows the page."""
    return formula.apply(NUMBER, (formula,))


def put_in(formula: Expression) -> Expression:
    """The formula with places for the numbers of its names and derivatives; in brackets in a product without signs."""
    return rebuild(formula, lambda x: x if x.is_constant else number(x), _make_with_places)


def _make_with_places(old: Expression, inputs: tuple[Expression, ...]) -> Expression:
    if old.op is PARTIAL:
        return number(old)
    if old.op is JUXTAPOSED:
        inputs = tuple([grouped(x) if x.op is NUMBER else x for x in inputs])
    return Expression(old.builder, old.op, inputs)  # neither simplified nor folded


def with_places(formula: Expression, index: Callable[[Expression], int], places: list[int]) -> Expression:
    """The formula with a private character for each number; `places` gets the index of the formula of each."""
    builder = ExpressionBuilder(as_written, expand=False)

    def make(old: Expression, inputs: tuple[Expression, ...]) -> Expression:
        if old.op is not NUMBER:
            return Expression(builder, old.op, inputs)
        places.append(index(old.inputs[0]))
        return builder.symbol(chr(_FIRST_PLACE + len(places) - 1))

    return rebuild(formula, lambda x: x, make)


def mark_places(text: str, places: Sequence[int]) -> str:
    """HTML with an element in place of each private character, for the number of a formula."""

    def element(found: re.Match[str]) -> str:
        k = ord(found[1]) - _FIRST_PLACE
        return f'<mn data-formula="{places[k]}"></mn>' if k < len(places) else found[0]

    return _PLACE.sub(element, text)


def split_at_places(text: str, places: Sequence[int]) -> list[str | int]:
    """The texts between the private characters, and at each of these the index of its formula."""
    parts: list[str | int] = [""]
    for character in text:
        k = ord(character) - _FIRST_PLACE
        if 0 <= k < len(places):
            parts += [places[k], ""]
        else:
            parts[-1] = f"{parts[-1]}{character}"
    return parts


def sheet_html(sheet: Sheet, index: Callable[[Expression], int]) -> str:
    """A table as HTML, with an element for each number."""
    places: list[int] = []

    def line(x: Expression | str) -> Any:
        return with_places(x, index, places) if isinstance(x, Expression) else x

    rows: list[list[Cell]] = [[[line(x) for x in cell] for cell in row] for row in sheet.rows]
    return mark_places(replace(sheet, rows=rows).html(), places)


def live_table(table: BackpropagationTable, title: str = "Backpropagation step by step") -> Sheet:
    """The paper's Table 1 with places for its numbers.

    >>> from viz.math.backpropagation_table import backpropagation_table
    >>> z, y = Value(0.75, "z"), Value(0.25, "y")
    >>> E = (z - y) ** 2 / 2
    >>> E.label = "E"
    >>> live_table(backpropagation_table(E)).rows[0][-1]
    [equal(partial(E, z), subtract(z, y)), equal(partial(E, z), number(partial(E, z)))]
    """
    graph, sheet = table.graph, table.sheet(title)
    output = graph.symbol_of(graph.outputs[0])
    rows: list[list[Cell]] = []
    for cells, row in zip(sheet.rows, table.rows, strict=True):
        variable = graph.symbol_of(row.variable)
        local, terms = list[Expression](), list[Expression]()
        for term in row.terms:
            reader = graph.symbol_of(term.reader)
            formula = [] if term.local_derivative.is_constant else [term.local_derivative]
            derivative = partial(reader, variable) if _has_function(term.local_derivative) else term.local_derivative
            local.append(equal(partial(reader, variable), *formula, number(derivative)))
            terms.append(number(partial(output, reader) * derivative))
        backpropagated = partial(output, variable)
        total = [number(backpropagated)] if len(terms) > 1 else []
        sides = [plus(*terms), *total] if total else [number(backpropagated)]
        lines = [x for x in cells[-1][:-1] if isinstance(x, Expression)]
        rows.append([*cells[:3], local, [*lines, equal(backpropagated, *sides)]])
    return replace(sheet, rows=rows)


def _has_function(formula: Expression) -> bool:
    """Whether σ' is in a formula, whose number the graph then provides, since a page may have another function."""
    return any(x.op.name.endswith("'") for x in toposort(formula))
