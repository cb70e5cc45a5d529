"""The network of a film, and its beats: the numbers in the order in which they appear, each with its computation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from engine import NamedGraph, Value, forward, toposort
from engine.analysis.node_names import names_of_variables
from engine.labels import distinct_names, short_labels
from engine.symbolic.expression import Expression
from viz.drawing.canvas import FontSize
from viz.drawing.diagram import Caption, Diagram
from viz.drawing.dot_formulas import formula_to_dot, row_width
from viz.drawing.layout.arrangement import Arrangement
from viz.drawing.layout.parts import BLANK, Circle
from viz.drawing.networks import network_diagram
from viz.drawing.numbers import Numbers
from viz.drawing.themes import Theme
from viz.math.equations import TIMES, equal, partial, plus
from viz.math.formulas import format_formula

MAX_CAPTION_SIZE = 0.035  # of the type of captions, as a fraction of the width of the picture


@dataclass(frozen=True)
class Beat:
    """A moment of the film, in which one number appears.

    Attributes:
        phase: "forward" or "backward".
        node: The node whose value, or derivative, appears.
        others: The nodes that it is computed from: forward, its inputs; backward, the nodes that read it.
        caption: The computation of its number.
        formula: The same as an expression.
    """

    phase: str
    node: Value
    others: tuple[Value, ...]
    caption: str
    formula: Expression


class FilmedNetwork:
    """The network of a film, on a copy of the graph after both passes.

    Attributes:
        graph: The copy, with its names.
        diagram: The diagram of it, with all numbers.
        circles: The circle of each node that has one.
    """

    def __init__(
        self,
        root: Value,
        names: Mapping[str, Any] | None,
        weights: Sequence[Value],
        short: bool,
        digits: int,
        limit: int,
    ) -> None:
        copies: dict[int, Value] = {}
        copy = deepcopy(root, copies)
        for weight in weights:
            if id(weight) not in copies:
                raise ValueError(f"weights contains {weight!r:.60}, which is not a node of this graph")
        forward(copy)
        copy.zero_grad()
        copy.backward()
        given = names_of_variables(names, toposort(root))
        _name_all(NamedGraph(copy, {name: copies[id(node)] for node, name in given.items()}))
        self.graph = NamedGraph(copy)
        copied_weights = [copies[id(weight)] for weight in weights]
        self.diagram, self.circles = network_diagram(
            copy, None, copied_weights, limit, short=short, data=True, gradients=True, numbers=Numbers(digits)
        )
        self.diagram.has_all_numbers = True  # they appear one by one where the viewer looks
        for arrow in self.diagram.arrows:
            arrow.derivative = ""  # no beat reveals it
        for circle in self.diagram.circles:
            circle.above = tuple(replace(bias, derivative="") for bias in circle.above)
        self._arrangements: dict[str, Arrangement] = {}
        self._digits = digits
        self._short = short_labels(self.graph.names.values()) if short else {}

    def diagram_with(self, captions: list[Caption]) -> tuple[Diagram, dict[Value, Circle]]:
        """The diagram with all numbers and rings of a film, and the circle of each node."""
        copies = {circle: replace(circle, rings=(True,) * len(circle.halves)) for circle in self.diagram.circles}
        arrows = [replace(arrow, tail=copies[arrow.tail], head=copies[arrow.head]) for arrow in self.diagram.arrows]
        diagram = replace(self.diagram, circles=list(copies.values()), arrows=arrows, captions=captions)
        return diagram, {node: copies[circle] for node, circle in self.circles.items()}

    def arrangement(self, theme: Theme) -> Arrangement:
        """The arrangement of the diagram, computed once for each theme."""
        if repr(theme) not in self._arrangements:
            self._arrangements[repr(theme)] = self.diagram.arrange(theme=theme)
        return self._arrangements[repr(theme)]

    def captions(self, beats: Sequence[Beat], theme: Theme) -> list[Caption]:
        """The captions, of one size of type: the largest at which all are as wide as the picture, within limits."""
        box = self.arrangement(theme).box
        width = 2 * box.half_width
        if isinstance(theme.size, (tuple, list)):  # the picture may be higher than the page, in proportion
            width = max(width, 2 * box.half_height * theme.size[0] / theme.size[1])
        smallest = FontSize.NOTE
        widest = max(row_width(self._cells(beat, smallest, theme)) for beat in beats)
        size = max(int(min(smallest * width / widest, MAX_CAPTION_SIZE * 72 * width)), smallest)
        return [Caption(f"{beat.phase} propagation", self._cells(beat, size, theme), size) for beat in beats]

    def _cells(self, beat: Beat, size: int, theme: Theme) -> str:
        return formula_to_dot(beat.formula, size, self._digits, self._short, theme)

    def show_beat(self, diagram: Diagram, circles: Mapping[Value, Circle], beats: Sequence[Beat], i: int) -> None:
        """Give the diagram the numbers that are known in a beat, space for the others, its caption and marks."""
        known, beat = {(beat.phase, beat.node) for beat in beats[: i + 1]}, beats[i]
        diagram.caption = i
        originals = zip(diagram.circles, self.diagram.circles, strict=True)
        texts = {circle: list(original.halves) for circle, original in originals}
        for node, circle in circles.items():
            half = texts[circle][self.half(node)]
            value = half.value if not node.inputs or ("forward", node) in known else BLANK
            derivative = half.derivative if ("backward", node) in known else BLANK
            texts[circle][self.half(node)] = replace(half, value=value, derivative=derivative)
        for circle, halves in texts.items():
            is_current = circle is circles[beat.node]
            circle.halves = tuple(halves)
            circle.rings = tuple(is_current and k == self.half(beat.node) for k in range(len(halves)))
        marked = [{circles[beat.node], circles[other]} for other in beat.others]
        for arrow in diagram.arrows:
            arrow.is_marked = {arrow.tail, arrow.head} in marked

    def _in_order(self, direction: int) -> list[Value]:
        """The nodes with circles, column by column from top to bottom: forward for 1, backward for -1."""
        rank = {circle: i for i, circle in enumerate(self.diagram.circles)}

        def order(node: Value) -> tuple[int, int, int]:
            circle = self.circles[node]
            return direction * circle.column, direction * self.half(node), rank[circle]

        return sorted((node for node in self.graph.nodes if node in self.circles), key=order)

    def half(self, node: Value) -> int:
        """The index of a node's half in its circle: 1 for the z of a unit, else 0."""
        return int(any(self.circles.get(x) is self.circles[node] for x in self.graph.inputs(node)))

    def forward(self) -> Iterable[Beat]:
        """The beats of the forward pass."""
        for node in self._in_order(1):
            if node.inputs:
                sides = [self.graph.symbol_of(node), self.graph.relation(node), self.graph.constant(node.data)]
                others = tuple(x for x in self.graph.inputs(node) if x in self.circles)
                yield self._beat("forward", node, others, equal(*sides))

    def backward(self) -> Iterable[Beat]:
        """The beats of the backward pass."""
        formulas = {node: self.graph.formulas(node) for node in self.graph.nodes}
        readers: dict[Value, list[Value]] = defaultdict(list)
        for node, derivatives in formulas.items():
            for x in derivatives:
                readers[x].append(node)

        def derivative(node: Value) -> Expression:
            return partial(self.graph.symbol_of(self.graph.outputs[0]), self.graph.symbol_of(node))

        for x in self._in_order(-1):
            terms = [
                derivative(reader).apply(TIMES, (derivative(reader), formulas[reader][x])) for reader in readers[x]
            ]
            numbers = [
                self.graph.constant(reader.grad * dict(self.graph.edges(reader)).get(x, 0.0)) for reader in readers[x]
            ]
            sides = [derivative(x), *([plus(*terms)] if terms else []), *([plus(*numbers)] if len(numbers) > 1 else [])]
            yield self._beat("backward", x, tuple(readers[x]), equal(*sides, self.graph.constant(x.grad)))

    def _beat(self, phase: str, node: Value, others: tuple[Value, ...], formula: Expression) -> Beat:
        return Beat(phase, node, others, format_formula(formula, short=self._short, digits=self._digits), formula)


def _name_all(graph: NamedGraph) -> None:
    """Label each named node of a graph, and each leaf and output, with a name of its own."""
    names = [
        name if node in graph.labelled else "output" if node in graph.outputs else ""
        for node, name in graph.names.items()
    ]
    for node, name in zip(graph.names, distinct_names(names), strict=True):
        node.label = name
