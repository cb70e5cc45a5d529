"""Films: animated SVG files of both passes, in which the values appear and then the derivatives, each with a caption.

Graphviz draws the network once, and CSS lets its numbers appear without scripts, so that a film also runs as an image.
Viewers who ask for reduced motion see the whole picture at once.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from engine import NamedGraph, Value, forward
from engine._support import checks
from engine._support.safe_files import write_atomically
from engine.labels import short_labels
from engine.symbolic.expression import Expression
from viz.drawing import dot_labels
from viz.drawing.animation import REST_BEATS, AnimatedSvg
from viz.drawing.canvas import FontSize
from viz.drawing.diagram import Diagram
from viz.drawing.dot_program import DrawingError
from viz.drawing.drawing import MAX_NODES, Drawing, check_names, html_image
from viz.drawing.networks import network_diagram
from viz.drawing.themes import Theme, choose_theme
from viz.math.equations import TIMES, equal, partial, plus
from viz.math.formulas import format_formula

_BLANK = "\u00a0"  # in place of a number


@dataclass(frozen=True)
class Beat:
    """A moment of the film, in which one number appears.

    Attributes:
        phase: "forward" or "backward".
        node: The node whose value, or derivative, appears.
        others: The nodes that it is computed from: forward, its inputs; backward, the nodes that read it.
        caption: The computation of its number.
    """

    phase: str
    node: Value
    others: tuple[Value, ...]
    caption: str


class Film:
    """The forward and the backward pass through the network that `draw_network` draws, with a caption for each number.

    The film uses a copy of the graph; values and gradients of the given one stay as they are.

    Args:
        root: The output.
        names, weights, short, theme, font, size, limit: As in `viz.draw_network`.
        seconds: The time for each number.

    Attributes:
        drawing: The last picture.
        beats: The moments of the film, in order.

    Raises TypeError if `root` is not a `Value`, and the errors of `draw_network`.

    >>> x = Value(1.5, "x")
    >>> a = 3 * x
    >>> y = a**2
    >>> a.label, y.label = "a", "y"
    >>> for beat in Film(y).beats:
    ...     print(beat.phase, beat.caption)
    forward a = 3 · x = 4.5
    forward y = a² = 20.2
    backward ∂y/∂y = 1
    backward ∂y/∂a = ∂y/∂y · 2 · a = 9
    backward ∂y/∂x = ∂y/∂a · 3 = 27
    """

    def __init__(
        self,
        root: Value,
        *,
        names: Mapping[str, Any] | None = None,
        weights: Iterable[Value] = (),
        short: bool = False,
        theme: str | Theme = "light",
        font: str | None = None,
        size: float | tuple[float, float] | None = None,
        seconds: float = 1.2,
        limit: int = MAX_NODES,
    ) -> None:
        if not isinstance(root, Value):
            raise TypeError(f"a film starts from a Value, not from {checks.format_given(root)}")
        checks.value_error_unless(0.0 < seconds <= 60.0, "seconds must be above 0 and at most 60", seconds)
        self.theme = choose_theme(theme, font, size)
        self.seconds = seconds
        self._network = _FilmedNetwork(root, check_names(names), list(weights), short, limit)
        self.drawing: Drawing = self._network.diagram.draw(theme=self.theme)
        self.beats: list[Beat] = [*self._network.forward(), *self._network.backward()]

    def svg(self) -> str:
        """Return the film as SVG. Raises DrawingError if `dot` is missing or fails."""
        animation = AnimatedSvg(self.drawing, self._network.diagram, self.theme, len(self.beats))
        circles = self._network.circles
        for i, beat in enumerate(self.beats):
            is_backward = beat.phase == "backward"
            animation.reveal(circles[beat.node], self._network.half(beat.node), is_backward, i)
            for other in beat.others:
                tail, head = (beat.node, other) if is_backward else (other, beat.node)
                animation.highlight(circles[tail], circles[head], i)
        return animation.to_svg([(f"{beat.phase} propagation", beat.caption) for beat in self.beats], self.seconds)

    def frames(self) -> list[Drawing]:
        """Return the film as drawings for slides, one for each number, all of the same size, with their captions.

        `for i, frame in enumerate(film.frames(), 1): frame.save(f"frame-{i:02}.pdf")` writes them.

        >>> len(Film(2 * Value(1.5, "x")).frames())
        3
        """
        width = max(dot_labels.label_width(beat.caption, FontSize.NOTE) for beat in self.beats)
        return [self._frame(i, width).draw(theme=self.theme) for i in range(len(self.beats))]

    def _frame(self, i: int, width: float) -> Diagram:
        """The diagram with the numbers that are known in a beat, and space for the others."""
        known, beat = {(beat.phase, beat.node) for beat in self.beats[: i + 1]}, self.beats[i]
        diagram, circle_of = self._network.diagram, self._network.circles
        marked = [{circle_of[beat.node], circle_of[other]} for other in beat.others]
        circles = {circle: replace(circle, is_marked=circle is circle_of[beat.node]) for circle in diagram.circles}
        for node, before in circle_of.items():
            halves, half = list(circles[before].halves), self._network.half(node)
            value = halves[half].value if not node.inputs or ("forward", node) in known else _BLANK
            derivative = halves[half].derivative if ("backward", node) in known else _BLANK
            halves[half] = replace(halves[half], value=value, derivative=derivative)
            circles[before].halves = tuple(halves)
        arrows = []
        for arrow in diagram.arrows:
            is_marked = {arrow.tail, arrow.head} in marked
            arrows.append(replace(arrow, tail=circles[arrow.tail], head=circles[arrow.head], is_marked=is_marked))
        notes = [(f"{beat.phase} propagation",), (beat.caption,), *diagram.notes]
        return replace(diagram, circles=list(circles.values()), arrows=arrows, notes=notes, notes_width=width)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the film to a file whose suffix is .svg, and return its path. Raises ValueError for another suffix."""
        path = Path(path)
        if path.suffix.lower() != ".svg":
            raise ValueError(f"cannot save {path}: the suffix of a film must be .svg; frames() have other formats, too")
        return write_atomically(path, self.svg())

    def _repr_html_(self) -> str | None:
        """The film as an image; inside the page, the style sheets of two films would affect each other."""
        try:
            return html_image(self.svg(), repr(self))
        except DrawingError:
            return None  # the notebook then shows the text of `__repr__`

    def __repr__(self) -> str:
        seconds = self.seconds * (len(self.beats) + REST_BEATS)
        return f"<film of {len(self.beats)} numbers, {seconds:.0f} seconds; .save('name.svg') writes it>"


class _FilmedNetwork:
    """The network of a film, on a copy of the graph after both passes, and the circle of each of its nodes."""

    def __init__(self, root: Value, names: Mapping[str, Any], weights: list[Value], short: bool, limit: int) -> None:
        copies: dict[int, Value] = {}
        copy = deepcopy(root, copies)
        for weight in weights:
            if id(weight) not in copies:
                raise ValueError(f"weights contains {weight!r:.60}, which is not a node of this graph")
        forward(copy)
        copy.zero_grad()
        copy.backward()
        copied_names = {name: copies.get(id(node)) for name, node in names.items()}
        copied_weights = [copies[id(weight)] for weight in weights]
        self.graph = NamedGraph(copy, copied_names)
        found = network_diagram(copy, copied_names, copied_weights, limit, short=short, data=True, gradients=True)
        self.diagram, self.circles = found
        for arrow in self.diagram.arrows:
            arrow.derivative = ""  # no beat reveals it
        for circle in self.diagram.circles:
            circle.above = tuple(replace(bias, derivative="") for bias in circle.above)
        self._short = short_labels(self.graph.names.values()) if short else {}

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
                yield Beat("forward", node, others, self._format(equal(*sides)))

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
            caption = self._format(equal(*sides, self.graph.constant(x.grad)))
            yield Beat("backward", x, tuple(readers[x]), caption)

    def _format(self, formula: Expression) -> str:
        return format_formula(formula, short=self._short, digits=3)
