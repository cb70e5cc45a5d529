"""A picture of an equation: its graph, with the nodes and arrows that the equation is about highlighted.

The equation with its numbers put in stands below. What is highlighted follows from it, for the indices that are shown:

- the ring of a node: the equation has its value, a derivative with respect to it, or its δ;
- an arrow: the equation has its weight, or the derivative of the node at its head with respect to the one at its tail,
  or it has the values of both;
- ∂ at a node or a weight: the equation has the derivative of the output with respect to it, or its δ.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TypeVar

from demos.paper.equations.instances import Instances, derivative
from engine import Value, toposort
from engine.labels import delta_label, short_labels
from engine.symbolic.expression import Expression
from viz import Drawing
from viz.drawing.diagram import Diagram, FormulaNote
from viz.drawing.networks import network_diagram
from viz.drawing.numbers import Numbers
from viz.drawing.themes import Theme, choose_theme
from viz.math.equations import PARTIAL, column_of, equal, listed, matrix_of, numeral, plus, symbol
from viz.math.formulas import format_formula
from viz.math.numbers_put_in import rebuild
from viz.math.written_lines import beside, formula_lines
from viz.pages.live_page.live_numbers import NUMBER, number, put_in

CAPTION_DIGITS = 4  # of numbers in captions
WIDTH = 94  # of captions in a terminal
MAX_TERMS = 4  # of a sum, and entries of a vector, that are all written; of more, the first two and the last

Arrow = tuple[Value, Value]  # its tail and its head
T = TypeVar("T")


@dataclass(frozen=True)
class Picture:
    """The graph, the marks and the caption of a picture.

    Attributes:
        graph: The outputs that are drawn with all that they are made from.
        caption: The lines below it: the equation for the instance, with its numbers.
        nodes: The nodes that are highlighted.
        arrows: The arrows that are highlighted.
        instance: The indices that were chosen, by letter.
        weights: Further leaves to draw as weights.
        derivatives: The nodes, and the arrows of weights, that show the derivative of the output with respect to them.
        has_local_derivatives: Whether arrows show local derivatives.
        slopes: The z of the units that show σ'(a) below them.
    """

    graph: Value | Sequence[Value]
    caption: Sequence[Expression]
    nodes: Sequence[Value] = ()
    arrows: Sequence[Arrow] = ()
    instance: Expression | None = None
    derivatives: Sequence[Value | Arrow] = ()
    has_local_derivatives: bool = False
    weights: Sequence[Value] = ()
    slopes: Sequence[Value] = ()

    def diagram(self, digits: int = CAPTION_DIGITS) -> Diagram:
        """The graph with its marks, and the caption as notes."""
        numbers = Numbers(digits)
        diagram, circles = network_diagram(
            self.graph,
            weights=self.weights,
            short=True,
            data=True,
            gradients=bool(self.derivatives),
            local_derivatives=self.has_local_derivatives,
            numbers=numbers,
        )
        nodes = {circle: [node for node in circles if circles[node] is circle] for circle in diagram.circles}
        for circle, halves in nodes.items():
            circle.rings = tuple(node in self.nodes for node in halves)
            circle.halves = tuple(
                half if node in self.derivatives else replace(half, derivative="")
                for node, half in zip(halves, circle.halves, strict=True)
            )
        for z in self.slopes:
            circles[z].below = f"{z.op.symbol}′ = {numbers.local(z, 0)}"
        for arrow in diagram.arrows:
            ends = [(tail, head) for tail in nodes[arrow.tail] for head in nodes[arrow.head]]
            arrow.is_marked = any(pair in self.arrows for pair in ends)
            if not any(pair in self.derivatives for pair in ends):
                arrow.derivative = ""
        first, *others = self.known_caption
        captions = [FormulaNote(first, digits, self.instance), *(FormulaNote(line, digits) for line in others)]
        diagram.notes = [*captions, *diagram.notes]
        return diagram

    def draw(self, theme: str | Theme = "light", digits: int = CAPTION_DIGITS) -> Drawing:
        """The drawing, with this many significant digits."""
        return self.diagram(digits).draw(theme=choose_theme(theme))

    @property
    def outputs(self) -> Sequence[Value]:
        """The outputs of the graph."""
        return [self.graph] if isinstance(self.graph, Value) else self.graph

    @cached_property
    def known_caption(self) -> list[Expression]:
        """The caption with its numbers, and in layers of one unit without its index."""
        node = {x.label: x for x in toposort(*self.outputs) if x.label}
        deltas = (str(delta) for label in node if (delta := delta_label(label)))
        short = short_labels([*node, *deltas])
        return [_with_numbers(formula, node, short) for formula in self.caption]

    def written_lines(self, digits: int = CAPTION_DIGITS) -> list[str]:
        """The caption for a terminal, vectors and matrices written out."""
        write = partial(format_formula, digits=digits)
        blocks = [block for formula in self.known_caption for block in formula_lines(formula, WIDTH, write)]
        blocks[0] = beside([self._instance_text()], blocks[0])
        return [line.rstrip() for block in blocks for line in block]

    def lines(self) -> list[str]:
        """The lines of the caption as text."""
        first, *others = (format_formula(line, digits=CAPTION_DIGITS) for line in self.known_caption)
        return [self._instance_text() + first, *others]

    def _instance_text(self) -> str:
        return "" if self.instance is None else f"{format_formula(self.instance)}: "


def indices(**numbers: float) -> Expression:
    """The indices of an instance, k = 2, i = 1."""
    return listed(*(equal(symbol(letter), numeral(number)) for letter, number in numbers.items()))


def _with_numbers(formula: Expression, node: Mapping[str, Value], short: Mapping[str, str]) -> Expression:
    """The formula with its places for numbers filled, and shorter names."""

    def evaluate(x: Expression, inputs: tuple[Expression, ...]) -> Expression:
        if x.op is PARTIAL:
            y, by = x.inputs
            return numeral(derivative(node[y.name], node[by.name]))
        return x.builder.make(x.op, inputs)  # which folds what has numbers alone

    def value(x: Expression) -> Expression:
        return x if x.is_constant else numeral(node[x.name].data if x.name in node else 0.0)

    def make(x: Expression, inputs: tuple[Expression, ...]) -> Expression:
        if x.op is NUMBER:
            return rebuild(x.inputs[0], value, evaluate)
        return Expression(x.builder, x.op, inputs)

    return rebuild(formula, lambda x: x if x.is_constant else symbol(short.get(x.name, x.name)), make)


MakePicture = Callable[[Instances], Picture | None]
PICTURES: dict[str, MakePicture] = {}


def pictures(numbers: str) -> Callable[[MakePicture], MakePicture]:
    """Register the picture of all equations with these numbers, which state the same."""

    def decorate(make: MakePicture) -> MakePicture:
        PICTURES.update(dict.fromkeys(numbers.split(), make))
        return make

    return decorate


def total(terms: Sequence[Expression]) -> Expression:
    """The sum of the terms; dots stand for those in the middle of a long one."""
    return plus(*_without_middle(terms, symbol("…")))


def line(left: Expression, formula: Expression) -> Expression:
    """The line left = formula = the formula with numbers put in = the number of the left side."""
    return equal(left, formula, put_in(formula), number(left))


def sum_lines(left: Expression, terms: Sequence[Expression]) -> list[Expression]:
    """The line left = the sum of the terms, and the same with numbers put in."""
    return [equal(left, total(terms)), equal(left, total([put_in(term) for term in terms]), number(left))]


def vector(entries: Sequence[Expression]) -> Expression:
    """A column vector of the numbers of these entries."""
    return column_of(*_without_middle([number(x) for x in entries], symbol("⋮")))


def matrix(rows: Sequence[Sequence[Expression]]) -> Expression:
    """A matrix of the numbers of these entries."""
    written = [_without_middle([number(x) for x in row], symbol("⋯")) for row in rows]
    return matrix_of(*_without_middle(written, [symbol("⋮")] * len(written[0])))


def _without_middle(items: Sequence[T], dots: T) -> list[T]:
    return list(items) if len(items) <= MAX_TERMS else [*items[:2], dots, items[-1]]
