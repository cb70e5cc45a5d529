"""The drawing of the paper's view: the network of `draw_network`, with the numbers that a step knows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

from engine import Value
from viz.drawing.diagram import Diagram
from viz.drawing.graphs import Marks
from viz.drawing.layout.parts import BLANK, Arrow, Circle, NodeText
from viz.drawing.networks import network_diagram
from viz.drawing.numbers import Numbers
from viz.stepping.views import View


class NetworkPicture:
    """The diagram of a view, in which numbers are filled in.

    Attributes:
        circles: The circle of each node; weights and biases may be without one.
        edges: The edges that each arrow stands for: a node and the index of its input. The arrow of a weight stands for
            the edge to the weight, too.

    Raises ValueError for a graph that is too large to be drawn.

    >>> from viz.drawing.numbers import KnownNumbers
    >>> from viz.stepping.views import PaperView
    >>> x = Value(1.5, "x")
    >>> y = 2 * x
    >>> picture = NetworkPicture(PaperView(y, {x: "x", y: "y"}))
    >>> picture.filled(KnownNumbers({x: 1.5, y: 3.0}, {})).draw().source.count("1.5")
    1
    """

    def __init__(self, view: View, **options: Any) -> None:
        self.nodes = {name: node for node, name in view.names.items()}
        self.diagram, self.circles = network_diagram(view.root, self.nodes, **options)
        self.labels = view.labels
        joins: dict[tuple[Circle, Circle], Arrow] = {(arrow.tail, arrow.head): arrow for arrow in self.diagram.arrows}
        weights = {(arrow.label, arrow.head): arrow for arrow in self.diagram.arrows}
        self.edges: dict[Arrow, list[tuple[Value, int]]] = defaultdict(list)
        for node in (node for node in view.names if node in self.circles):
            head = self.circles[node]
            for i, x in enumerate(view.inputs(node)):
                tail = self.circles.get(x)
                arrow = joins.get((tail, head)) if tail else weights.get((view.names.get(x, ""), head))
                if arrow:
                    self.edges[arrow].append((node, i))

    def filled(self, numbers: Numbers, marks: Marks | None = None) -> Diagram:
        """The diagram with these numbers at its nodes, weights and biases, and with the marks of a step."""
        marks = marks or Marks()

        def fill(text: NodeText) -> NodeText:
            if text.symbol not in self.nodes:
                return text
            node = self.nodes[text.symbol]
            derivative = numbers.derivative(node)
            return NodeText(self.labels[node], numbers.value(node) or BLANK, f"∂ {derivative}" if derivative else BLANK)

        circles = {
            circle: replace(
                circle,
                halves=tuple(map(fill, circle.halves)),
                above=tuple(map(fill, circle.above)),
                is_marked=marks.current is not None and circle is self.circles.get(marks.current),
            )
            for circle in self.diagram.circles
        }
        arrows = []
        for arrow in self.diagram.arrows:
            is_weight = arrow.label in self.nodes and self.nodes[arrow.label] not in self.circles
            text = fill(NodeText(arrow.label)) if is_weight else NodeText(arrow.label)
            changed = replace(arrow, label=text.symbol, value=text.value, derivative=text.derivative)
            ends = circles[arrow.tail], circles[arrow.head]
            arrows.append(replace(changed, tail=ends[0], head=ends[1], is_marked=marks.edge in self.edges[arrow]))
        return replace(self.diagram, circles=list(circles.values()), arrows=arrows)
