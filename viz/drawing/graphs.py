"""Drawing every node of a graph with its operation, its value and its derivative."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import count
from typing import Any, NamedTuple

import graphviz

from engine import Value, ops, toposort
from engine._support import checks
from engine.analysis.node_names import names_of_variables
from engine.analysis.stale import stale_note
from engine.backprop import check_numbers
from engine.labels import short_labels
from engine.op import NEVER
from viz.drawing import dot_labels
from viz.drawing.direction import GAPS, better_direction
from viz.drawing.drawing import DIRECTIONS, MAX_NODES, Drawing, check_limit, check_outputs
from viz.drawing.fusing import DrawnArrow, arrows_into, fused_nodes
from viz.drawing.layout.text_size import label_size
from viz.drawing.numbers import DEFAULT_DIGITS, KnownNumbers, Numbers
from viz.drawing.themes import Theme, choose_theme
from viz.drawing.tooltips import tooltips

# Sizes of type and lengths, in points.
NUMBER_SIZE, NAME_SIZE, SIGN_SIZE = 12, 14, 18
MIN_WIDTH, MIN_HEIGHT = 54, 36
# Iterations of network simplex per node. Without a limit, `dot` 2.43 takes minutes for some graphs of 200 nodes.
_NSLIMIT = "2"
AUTO = "auto"
_ADVICE = "draw_network shows such a graph better: only its labelled nodes"


@dataclass(frozen=True)
class Marks:
    """The marks of a stepper on a drawing: the numbers known so far, and the node and the edge that it visited last.

    Attributes:
        values: The known values; those of other nodes are left blank.
        gradients: The known gradients.
        unfinished: The nodes whose gradient lacks some of its terms.
        visited: The nodes to shade.
        current: The node to mark.
        edge: The edge to mark: a node, and the index of the input to which its gradient was passed back.
    """

    values: Mapping[Value, float] = field(default_factory=dict)
    gradients: Mapping[Value, float] = field(default_factory=dict)
    unfinished: AbstractSet[Value] = frozenset()
    visited: AbstractSet[Value] = frozenset()
    current: Value | None = None
    edge: tuple[Value, int] | None = None


def draw(
    root: Value | Sequence[Value],
    *,
    names: Mapping[str, Any] | None = None,
    direction: str = AUTO,
    format: str = "svg",
    short: bool = False,
    data: bool = True,
    gradients: bool | None = None,
    local_derivatives: bool = False,
    fuse: bool = False,
    digits: int = DEFAULT_DIGITS,
    marks: Marks | None = None,
    numbers: Numbers | None = None,
    theme: str | Theme = "light",
    font: str | None = None,
    size: float | tuple[float, float] | None = None,
    text: float | None = None,
    limit: int = MAX_NODES,
) -> Drawing:
    """Draw every node of a graph as a box: its operation, and below it its label, its value and its derivative ∂.

    A constant, such as the 2 of `2 * x`, is drawn without a box. `a + a` has two arrows. An arrow through which no
    derivative is ever passed back, as into `floor` or `stop_gradient`, is dashed. In an SVG file, the node under the
    mouse shows its formula, and its numbers with 12 digits. A line below the picture says so if numbers were changed
    without `forward()`, so that old results stand beside new numbers.

    Args:
        root: The output, or several.
        names: Names for nodes without labels: `names=locals()`. A notebook's own names, such as _12, are not used.
        direction: "LR", "RL", "TB" or "BT"; or "auto", that of LR and TB in which the picture is nearer to the shape of
            its page, or can better be read.
        format: The format that `save` uses for a file name without a suffix.
        short: Leave out the unit's index in layers of one unit, as the paper's Figure 4 does.
        data: Whether to show the value of each node.
        gradients: Whether to show derivatives; by default, they are shown with the values if one of them is not 0.
        local_derivatives: Show on each arrow the derivative of the node with respect to this input.
        fuse: Draw a + b + c as one operation with three arrows, and a product likewise.
        digits: The number of significant digits of all numbers.
        marks: The marks of a stepper, whose values and gradients are shown instead of the nodes' own.
        numbers: The texts of all numbers, instead of those with `digits`.
        theme: "light", "dark", "slide" (dark, 960 × 540 points), "print" (for papers), or a `viz.Theme` of your own.
        font: The name of a font, such as "Helvetica".
        size: In inches: the width of the picture, or (width, height) of a page in whose middle it is as large as fits.
        text: The size of the smallest type in the finished picture, in points, see `viz.Theme`; without a `size`,
            rounded up to whole points.
        limit: The largest number of nodes; drawings of more could not be read.

    Raises TypeError if `root` is not a `Value`, or is in a list with something else, and ValueError for more nodes than
    `limit`, and for an argument that is out of range or unknown, which lists those that are possible.

    >>> x = Value(1.5, "x")
    >>> draw(x + x).source.count("->")
    2
    """
    checks.check_choice(direction, (AUTO, *DIRECTIONS), "direction")
    checks.check_instance(marks, (Marks, type(None)), "marks must be of type Marks")
    if numbers is None:
        numbers = KnownNumbers(marks.values, marks.gradients, marks.unfinished, digits) if marks else Numbers(digits)
    look = choose_theme(theme, font, size, text)
    outputs = check_outputs(root)
    order = _nodes_to_draw(outputs, limit)
    given = names_of_variables(names, order)
    labels = {node: given.get(node, "") if marks else node.label or given.get(node, "") for node in order}
    shortened = short_labels(labels.values()) if short else {}
    fused = fused_nodes(order, {node for node in order if labels[node]}.union(outputs)) if fuse else set()
    if gradients is None:
        gradients = data and (marks is not None or any(node.grad for node in order))
    writer = _GraphWriter(
        look,
        {node: shortened.get(label, label) for node, label in labels.items()},
        marks or Marks(),
        numbers,
        arrows={node: arrows_into(node, fused) for node in order if node not in fused},
        shown=_Shown(data, gradients, local_derivatives),
        tooltips={} if marks else tooltips(outputs, {name: node for node, name in given.items()}, order),
    )
    note = "" if marks or not (data or gradients or local_derivatives) else stale_note(*outputs)
    return Drawing(writer.write(direction, note), format, advice=_ADVICE, wanted_type=look.text)


def _nodes_to_draw(outputs: Sequence[Value], limit: int) -> list[Value]:
    """The nodes in topological order. Raises ValueError if they are too many, TypeError for wrong data."""
    check_limit(limit)
    order = toposort(*outputs)
    check_numbers(order)
    if len(order) > limit:
        raise ValueError(
            f"the graph has {len(order)} nodes, more than the {limit} that can be read in one drawing: use"
            " draw_network, which shows only the labelled nodes, draw a part of the graph, or pass a larger limit=..."
        )
    return order


class _Shown(NamedTuple):
    """Which numbers are shown."""

    values: bool
    derivatives: bool
    local_derivatives: bool


@dataclass(frozen=True)
class _GraphWriter:
    """Writes a graph as DOT text.

    Attributes:
        theme: The look.
        labels: The labels of the nodes.
        marks: The nodes and the edge to mark.
        numbers: The texts of the numbers.
        arrows: The arrows into each node.
        shown: Which of the numbers are shown.
        tooltips: The texts over nodes.
    """

    theme: Theme
    labels: Mapping[Value, str]
    marks: Marks
    numbers: Numbers
    arrows: Mapping[Value, Sequence[DrawnArrow]]
    shown: _Shown
    tooltips: Mapping[Value, str]

    @property
    def scale(self) -> float:
        """The factor for type and lengths; pictures of a given size are scaled by Graphviz instead."""
        return self.theme.text / NUMBER_SIZE if self.theme.text and self.theme.size is None else 1.0

    def _points(self, size: float) -> int:
        """A size of type, scaled: a whole number of points, as in HTML-like labels."""
        return min(math.ceil(round(self.scale * size, 6)), dot_labels.MAX_SIZE)

    def write(self, direction: str, note: str) -> str:
        """The DOT text, with a note below the picture."""
        if direction == AUTO:
            tails = {node: [arrow.tail for arrow in arrows] for node, arrows in self.arrows.items()}
            boxes = {node: self._box_size(node) for node in tails}
            direction = better_direction(tails, boxes, self.theme.size, self.shown.local_derivatives)
        dot = graphviz.Digraph(**self._defaults(direction, note))
        ids, n_labels = {node: f"n{i}" for i, node in enumerate(self.labels, 1)}, count(1)
        for node, arrows in self.arrows.items():
            dot.node(ids[node], **self._node(node))
            for arrow in arrows:
                tail, style = ids[arrow.tail], self._arrow_style(arrow)
                if label := self._arrow_label(arrow):
                    dot.node(on_it := f"e{next(n_labels)}", **label)
                    dot.edge(tail, on_it, dir="none", **style)
                    tail = on_it
                elif self.shown.local_derivatives:
                    style = style | {"minlen": "2"}  # as long as arrows with labels
                dot.edge(tail, ids[node], **style)
        return str(dot.source)

    def _defaults(self, direction: str, note: str) -> dict[str, dict[str, str]]:
        """Attributes of Graphviz for the graph, its nodes and its edges."""
        look, k = self.theme, self.scale
        between_ranks, in_rank = GAPS[self.shown.local_derivatives][direction in ("TB", "BT")]
        graph = {"rankdir": direction, "ranksep": f"{k * between_ranks / 72:.3g}", "nodesep": f"{k * in_rank / 72:.3g}"}
        graph |= {"outputorder": "edgesfirst", "nslimit": _NSLIMIT}
        graph["pad"] = "0.15" if isinstance(look.size, (tuple, list)) else "0.06"  # more on a page
        font = {"fontname": look.nodes()["fontname"], "fontsize": f"{self._points(NUMBER_SIZE)}"}
        node = {"shape": "box", "style": "filled", "fillcolor": look.fill, "margin": f"{k * 0.045:.2g},{k * 0.03:.2g}"}
        node |= {"width": f"{k * MIN_WIDTH / 72:.3g}", "height": f"{k * MIN_HEIGHT / 72:.3g}"}
        below = {"label": dot_labels.escape_quoted(note), "fontcolor": look.title} | font if note else {}
        return {
            "graph_attr": graph | look.graph() | below,
            "node_attr": node | look.nodes() | font,
            "edge_attr": {"arrowsize": f"{k * 0.7:.3g}"} | look.edges(),
        }

    def _node(self, node: Value) -> dict[str, str]:
        """Attributes of Graphviz for a node."""
        if node.op is ops.constant:
            number = dot_labels.escape_quoted(self.numbers.value(node))
            return {"label": number, "shape": "plaintext", "style": "", "margin": "0.05", "width": "0", "height": "0"}
        look, marks = self.theme, self.marks
        fill = look.current if node is marks.current else look.visited if node in marks.visited else look.fill
        style = {"fillcolor": fill} if fill != look.fill else {}
        if node in self.tooltips:
            twice_read = self.tooltips[node].replace("\\", "\\\\")  # Graphviz resolves escape sequences twice in it
            style["tooltip"] = dot_labels.escape_quoted(twice_read)
        rows = "".join(f"<TR><TD>{cell}</TD></TR>" for cell in self._cells(node))
        return {"label": f"<{dot_labels.HTML_TABLE.format('', rows)}>" if rows else ""} | style

    def _cells(self, node: Value) -> list[str]:
        """The lines of a box."""
        cells = []
        if node.inputs:
            symbol = dot_labels.escape_html(node.op.symbol)
            size = self._points(NAME_SIZE if any(map(str.isalpha, node.op.symbol)) else SIGN_SIZE)
            cells.append(f'<FONT POINT-SIZE="{size}" COLOR="{self.theme.title}"><B>{symbol}</B></FONT>')
        if self.labels[node]:
            cells.append(dot_labels.to_dot(self.labels[node], self._points(NAME_SIZE)))
        numbers = [dot_labels.to_dot(text, self._points(NUMBER_SIZE)) for text in self._numbers(node)]
        if self.shown.derivatives:
            numbers[-1] = self.theme.derivative(numbers[-1])
        return cells + numbers

    def _numbers(self, node: Value) -> list[str]:
        """The value and the derivative of a node, if they are shown; blank if they are not known."""
        texts = [self.numbers.value(node)] if self.shown.values else []
        return texts + ([f"∂ {self.numbers.derivative(node)}"] if self.shown.derivatives else [])

    def _box_size(self, node: Value) -> tuple[float, float]:
        """The approximate width and height of a box, in points, before it is scaled."""
        if node.op is ops.constant:
            return 20.0, 20.0
        texts = [*self._numbers(node), self.labels[node]]
        lines = len(texts) - (not self.labels[node]) + bool(node.inputs)
        width = max(72 * label_size(text, NUMBER_SIZE, self.theme.font)[0] for text in texts) + 10
        return max(MIN_WIDTH, width), max(MIN_HEIGHT, 1.25 * NUMBER_SIZE * lines + 6)

    def _arrow_style(self, arrow: DrawnArrow) -> dict[str, str]:
        """Attributes of Graphviz for the line of an arrow, dashed if no derivative is ever passed back through it."""
        if self.marks.edge in arrow.edges:
            return self.theme.marked()
        return {"style": "dashed"} if any(node.op.presence(i) is NEVER for node, i in arrow.edges) else {}

    def _arrow_label(self, arrow: DrawnArrow) -> dict[str, str]:
        """Attributes of Graphviz for the label of an arrow, which hides the line below it; empty without a label."""
        text = self.numbers.along(arrow.edges) if self.shown.local_derivatives else ""
        if not text:
            return {}
        color = {"fontcolor": self.theme.mark} if self.marks.edge in arrow.edges else {}
        style = {"shape": "plaintext", "fillcolor": self.theme.behind, "width": "0", "height": "0"}
        return {"label": dot_labels.escape_quoted(text)} | style | {"margin": f"{0.03 * self.scale:.2g},0"} | color
