"""Drawing every node and every operation of a graph, with data and gradients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import graphviz

from engine import DomainError, Value, ops, toposort
from engine._support import checks
from engine.analysis.stale import stale_note
from engine.backprop import check_numbers
from engine.labels import short_labels
from engine.sweep import edge_inputs, is_met_now, local_derivative
from viz.drawing import dot_labels
from viz.drawing.drawing import DIRECTIONS, MAX_NODES, Drawing, check_names, check_outputs
from viz.drawing.themes import Theme, choose_theme
from viz.math.formulas import format_number

_BOX = '<<TABLE BORDER="0" CELLBORDER="1" CELLSPACING="0" CELLPADDING="5"{}><TR>{}</TR></TABLE>>'
# The default size of Graphviz's nodes, in points: arrows end at the node, not at a smaller table in it. Where nodes may
# be smaller, `dot` 2.43 takes minutes for some graphs of 200 nodes.
_MIN_HEIGHT, _MIN_WIDTH = ' HEIGHT="36"', ' WIDTH="54"'
_OPERATION_STYLE = {"shape": "ellipse", "margin": "0.04", "width": "0.45", "height": "0.45", "fontsize": "18"}


@dataclass(frozen=True)
class Marks:
    """The marks of a stepper on a drawing: the numbers known so far, and the node and the edge that it visited last.

    Attributes:
        values: The known values; those of other nodes are left blank.
        gradients: The known gradients.
        visited: The nodes to shade.
        current: The node to mark.
        edge: The edge to mark: a node, and the index of the input to which its gradient was passed back.
    """

    values: Mapping[Value, float] = field(default_factory=dict)
    gradients: Mapping[Value, float] = field(default_factory=dict)
    visited: AbstractSet[Value] = frozenset()
    current: Value | None = None
    edge: tuple[Value, int] | None = None


def draw(
    root: Value | Sequence[Value],
    *,
    names: Mapping[str, Any] | None = None,
    direction: str = "LR",
    format: str = "svg",
    short: bool = False,
    data: bool = True,
    gradients: bool | None = None,
    local_derivatives: bool = False,
    marks: Marks | None = None,
    theme: str | Theme = "light",
    font: str | None = None,
    size: float | tuple[float, float] | None = None,
    text: float | None = None,
    limit: int = MAX_NODES,
) -> Drawing:
    """Draw every node of a graph as a box with its label, data and gradient, and its operation as an ellipse.

    A constant, such as the 2 of `2 * x`, is drawn without a box. `a + a` has two arrows. A line below the picture says
    so if numbers were changed without `forward()`, so that old results stand beside new numbers.

    Args:
        root: The output, or several.
        names: Names for nodes without labels: `names=locals()`.
        direction: "LR", "RL", "TB" or "BT".
        format: The format that `save` uses for a file name without a suffix.
        short: Leave out the unit's index in layers of one unit, as the paper's Figure 4 does.
        data: Whether to show the value of each node.
        gradients: Whether to show gradients; by default, they are shown if one of them is not 0.
        local_derivatives: Show on each arrow into an operation the derivative of its result with respect to this input.
        marks: The marks of a stepper, whose values and gradients are shown instead of the nodes' own.
        theme: "light", "dark", "slide" (dark, 960 × 540 points), "print" (for papers), or a `viz.Theme` of your own.
        font: The name of a font, such as "Helvetica".
        size: In inches: the width of the picture, or (width, height) of a page in whose middle it is as large as fits.
        text: The size of the smallest type in the finished picture, in points, see `viz.Theme`.
        limit: The largest number of nodes; drawings of more could not be read.

    >>> x = Value(1.5, "x")
    >>> draw(x + x).source.count("->")
    3
    """
    checks.check_choice(direction, DIRECTIONS, "direction")
    checks.check_instance(marks, (Marks, type(None)), "marks must be of type Marks")
    look = choose_theme(theme, font, size, text)
    outputs = check_outputs(root)
    order = toposort(*outputs)
    check_numbers(order)
    if len(order) > limit:
        raise ValueError(
            f"the graph has {len(order)} nodes, more than the {limit} that can be read in one drawing: use"
            " draw_network, which shows only the labelled nodes, draw a part of the graph, or pass a larger limit=..."
        )
    given = {node: name for name, node in check_names(names).items() if isinstance(node, Value)}
    shortened = short_labels([node.label or given.get(node, "") for node in order]) if short else {}
    has_gradients = marks is not None or any(node.grad for node in order) if gradients is None else gradients
    known = marks or Marks({node: node.data for node in order}, {node: node.grad for node in order})
    nodes = {"shape": "plaintext", "margin": "0"} | look.nodes()
    edges = {"arrowsize": "0.7", "fontname": nodes["fontname"], "fontsize": "11"} | look.edges()
    note = "" if marks or not (data or has_gradients or local_derivatives) else stale_note(*outputs)
    below = {"label": dot_labels.escape_quoted(note)} if note else {}
    dot = graphviz.Digraph(graph_attr={"rankdir": direction} | look.graph() | below, node_attr=nodes, edge_attr=edges)
    ids = {node: f"n{i}" for i, node in enumerate(order, 1)}
    for node, id in ids.items():
        if node.op is ops.constant:
            dot.node(id, dot_labels.escape_quoted(format_number(node.data)), margin="0.05", width="0", height="0")
            continue
        lines = [("data", known.values.get(node))] if data else []
        lines += [("grad", known.gradients.get(node))] if has_gradients else []
        fill = look.current if node is known.current else look.visited if node in known.visited else look.fill
        label = given.get(node, "") if marks else node.label or given.get(node, "")
        dot.node(id, _box(shortened.get(label, label), lines, fill, look))
        if node.inputs:
            dot.node(f"{id}o", dot_labels.escape_quoted(node.op.symbol), **_OPERATION_STYLE)
            dot.edge(f"{id}o", id)
        numbers = _numbers_on_arrows(node) if local_derivatives else {}
        for i, x in enumerate(node.inputs):
            style = look.marked() | {"fontcolor": look.mark} if known.edge == (node, i) else {}
            dot.edge(ids[x], f"{id}o", numbers.get(i), **style)
    return Drawing(dot.source, format)


def _numbers_on_arrows(node: Value) -> dict[int, str]:
    """The local derivatives by the index of the input, for inputs with an edge, if they are finite."""
    found, inputs = {}, [x.data for x in node.inputs]
    for i, _, _ in edge_inputs(node, is_met_now):
        with suppress(DomainError):
            found[i] = format_number(local_derivative(node, i, node.data, inputs), 4)
    return found


def _box(label: str, lines: list[tuple[str, float | None]], fill: str, theme: Theme) -> str:
    """A table with a cell for the label and one for each line; an empty cell if there is neither."""
    cells = [dot_labels.to_dot(label)] if label else []
    for name, x in lines:
        cell = dot_labels.to_dot(f"{name} {'' if x is None else format_number(x)}", 12)
        cells.append(theme.derivative(cell) if name == "grad" else cell)
    colour = "" if fill == theme.background else f' BGCOLOR="{fill}"'
    size = _MIN_HEIGHT if len(cells) > 1 else _MIN_HEIGHT + _MIN_WIDTH
    return _BOX.format(colour, "".join(f"<TD{size}>{cell}</TD>" for cell in cells or [""]))
