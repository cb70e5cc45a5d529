"""Films: animated SVG files of both passes, in which the values appear and then the derivatives, each with a caption.

Graphviz draws the network once, and CSS lets its numbers appear without scripts, so that a film also runs as an image.
Viewers who ask for reduced motion see the whole picture at once.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

from engine import NamedGraph, Value, forward
from engine._support import checks
from engine._support.safe_files import write_atomically
from engine.labels import short_labels
from engine.symbolic.expression import Expression
from viz.drawing.animation import REST_BEATS, AnimatedSvg
from viz.drawing.canvas import FontSize
from viz.drawing.diagram import Caption, Diagram
from viz.drawing.dot_formulas import formula_to_dot, row_width
from viz.drawing.dot_program import DrawingError
from viz.drawing.drawing import MAX_NODES, Drawing, check_names, html_image
from viz.drawing.layout import Circle
from viz.drawing.networks import network_diagram
from viz.drawing.themes import THEMES, Theme, choose_theme
from viz.math.equations import TIMES, equal, partial, plus
from viz.math.formulas import format_formula

MAX_CAPTION_SIZE = 0.035  # of the type of captions, as a fraction of the width of the picture
_BLANK = "\u00a0"  # in place of a number


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


class Film:
    """The forward and the backward pass through the network that `draw_network` draws, with a caption for each number.

    The film uses a copy of the graph; values and gradients of the given one stay as they are.

    Args:
        root: The output.
        names, weights, short, theme, font, size, text, limit: As in `viz.draw_network`.
        digits: The number of significant digits of all numbers.
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
    forward a = 3x = 4.5
    forward y = a² = 20.25
    backward ∂y/∂y = 1
    backward ∂y/∂a = ∂y/∂y · 2a = 9
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
        text: float | None = None,
        digits: int = 4,
        seconds: float = 1.2,
        limit: int = MAX_NODES,
    ) -> None:
        if not isinstance(root, Value):
            raise TypeError(f"a film starts from a Value, not from {checks.format_given(root)}")
        checks.value_error_unless(0.0 < seconds <= 60.0, "seconds must be above 0 and at most 60", seconds)
        self.theme = choose_theme(theme, font, size, text)
        self.seconds = seconds
        self._network = _FilmedNetwork(root, check_names(names), list(weights), short, digits, limit)
        self.drawing: Drawing = self._network.diagram.draw(theme=self.theme)
        self.beats: list[Beat] = [*self._network.forward(), *self._network.backward()]

    def svg(self) -> str:
        """Return the film as SVG. Raises DrawingError if `dot` is missing or fails."""
        diagram, circles = self._network.diagram_with(self._network.captions(self.beats, self.theme))
        animation = AnimatedSvg(diagram, self.theme, len(self.beats))
        for i, beat in enumerate(self.beats):
            is_backward, half = beat.phase == "backward", self._network.half(beat.node)
            animation.reveal(circles[beat.node], half, is_backward, i)
            for other in beat.others:
                tail, head = (beat.node, other) if is_backward else (other, beat.node)
                animation.highlight(circles[tail], circles[head], i)
        return animation.to_svg(self.seconds)

    def frames(self) -> list[Drawing]:
        """Return the film as drawings for slides, one for each number, all of the same size, with their captions.

        `for i, frame in enumerate(film.frames(), 1): frame.save(f"frame-{i:02}.png")` writes them; `save`, in one PDF.

        >>> len(Film(2 * Value(1.5, "x")).frames())
        3
        """
        return self._frames(self.theme)

    def _frames(self, theme: Theme) -> list[Drawing]:
        captions = self._network.captions(self.beats, theme)
        return [self._network.frame(self.beats, i, captions).draw(theme=theme) for i in range(len(self.beats))]

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the film to a file, and return its path: .svg moves, .pdf is a deck of slides, one for each number.

        The pages of a deck have the `size` of the film if that is a pair, as that of the theme "slide" is; else they
        are 13.33 by 7.5 inches, 16:9. A deck needs pypdf.
        Raises ValueError for another suffix, ImportError if pypdf is not installed, and the errors of `Drawing.save`.

        >>> x = Value(1.5, "x")
        >>> Film(2 * x, theme="slide").save("demos/out/deck.pdf").name
        'deck.pdf'
        """
        path = Path(path)
        suffix = path.suffix.lower()
        if suffix not in (".svg", ".pdf"):
            raise ValueError(f"cannot save {path}: the suffix of a film must be .svg or .pdf; frames() have others")
        return write_atomically(path, self.svg() if suffix == ".svg" else self._deck())

    def _deck(self) -> bytes:
        """The frames as the pages of a PDF. Graphviz writes several pictures as files one after the other."""
        try:
            from pypdf import PdfReader, PdfWriter
        except ImportError as error:
            raise ImportError("a deck needs pypdf: pip install 'pathgrad[slides]'") from error
        is_page = isinstance(self.theme.size, (tuple, list))
        theme = self.theme if is_page else replace(self.theme, size=THEMES["slide"].size)
        deck = PdfWriter()
        for frame in self._frames(theme):
            deck.append(PdfReader(BytesIO(frame.render("pdf"))))
        deck.compress_identical_objects()
        content = BytesIO()
        deck.write(content)
        return content.getvalue()

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

    def __init__(
        self, root: Value, names: Mapping[str, Any], weights: list[Value], short: bool, digits: int, limit: int
    ) -> None:
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
        self._digits = digits
        self._short = short_labels(self.graph.names.values()) if short else {}

    def diagram_with(self, captions: list[Caption]) -> tuple[Diagram, dict[Value, Circle]]:
        """The diagram with all numbers and rings of a film, and the circle of each node."""
        copies = {circle: replace(circle, rings=(True,) * len(circle.halves)) for circle in self.diagram.circles}
        arrows = [replace(arrow, tail=copies[arrow.tail], head=copies[arrow.head]) for arrow in self.diagram.arrows]
        diagram = replace(self.diagram, circles=list(copies.values()), arrows=arrows, captions=captions)
        return diagram, {node: copies[circle] for node, circle in self.circles.items()}

    def captions(self, beats: Sequence[Beat], theme: Theme) -> list[Caption]:
        """The captions, of one size of type: the largest at which all are as wide as the picture, within limits."""
        sides = [circle.x + side * circle.radius for circle in self.diagram.circles for side in (-1, 1)]
        width = max(sides) - min(sides)
        if isinstance(theme.size, (tuple, list)):  # the picture may be higher than the page, in proportion
            sides = [circle.y + side * circle.radius for circle in self.diagram.circles for side in (-1, 1)]
            width = max(width, (max(sides) - min(sides)) * theme.size[0] / theme.size[1])
        smallest = FontSize.NOTE
        widest = max(row_width(self._cells(beat, smallest, theme)) for beat in beats)
        size = max(int(min(smallest * width / widest, MAX_CAPTION_SIZE * 72 * width)), smallest)
        return [Caption(f"{beat.phase} propagation", self._cells(beat, size, theme), size) for beat in beats]

    def _cells(self, beat: Beat, size: int, theme: Theme) -> str:
        return formula_to_dot(beat.formula, size, self._digits, self._short, theme)

    def frame(self, beats: Sequence[Beat], i: int, captions: list[Caption]) -> Diagram:
        """The diagram with the numbers that are known in a beat, and space for the others."""
        known, beat = {(beat.phase, beat.node) for beat in beats[: i + 1]}, beats[i]
        diagram, circles = self.diagram_with(captions)
        diagram.caption = i
        for circle in diagram.circles:
            circle.rings = (False,) * len(circle.halves)
        for node, circle in circles.items():
            halves, half = list(circle.halves), self.half(node)
            value = halves[half].value if not node.inputs or ("forward", node) in known else _BLANK
            derivative = halves[half].derivative if ("backward", node) in known else _BLANK
            halves[half] = replace(halves[half], value=value, derivative=derivative)
            circle.halves = tuple(halves)
            if node is beat.node:
                circle.rings = tuple(k == half for k in range(len(halves)))
        marked = [{circles[beat.node], circles[other]} for other in beat.others]
        for arrow in diagram.arrows:
            arrow.is_marked = {arrow.tail, arrow.head} in marked
        return diagram

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
