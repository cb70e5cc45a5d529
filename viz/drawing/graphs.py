"""Every node and every operation of a graph, from left to right, with data and gradient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import graphviz

from engine import DomainError, Value, ops, toposort
from engine._support import checks
from engine.labels import short_labels
from engine.sweep import differentiable_inputs, is_met_now, local_derivative
from viz.drawing import dot_labels
from viz.drawing.drawing import DIRECTIONS, MAX_NODES, Drawing, check_names, check_outputs
from viz.drawing.themes import Theme, choose_theme
from viz.math.formulas import format_number

_BOX = '<<TABLE BORDER="0" CELLBORDER="1" CELLSPACING="0" CELLPADDING="5"{}><TR>{}</TR></TABLE>>'
# The smallest node of Graphviz is 54 by 36 points, and arrows end at it, not at a smaller box that is drawn in it.
# With smaller nodes `dot` 2.43 is at some graphs of 200 nodes for minutes.
_MIN_CELL_HEIGHT = ' HEIGHT="36"'
_OPERATION_STYLE = {"shape": "ellipse", "margin": "0.04", "width": "0.45", "height": "0.45", "fontsize": "18"}


@dataclass(frozen=True)
class Marks:
    """Where a walk through the graph stands: what is known so far, and which node and edge were visited last.

    Attributes:
        values: The values that are known; others are left blank.
        gradients: Likewise.
        visited: Nodes that are shaded.
        current: The node that is marked.
        edge: A node and the index of the input to which its gradient was passed back.
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
    limit: int = MAX_NODES,
) -> Drawing:
    """Draw every node of a graph as a box with its label, data and gradient, made by an operation in an ellipse.

    A number that the formula met, as the 2 of `2 * x`, stands without a box. `a + a` has two arrows.

    Args:
        root: The output, or several.
        names: Names for nodes without labels: `names=locals()`.
        direction: "LR", "RL", "TB" or "BT".
        format: The format that `save` uses when the file's name does not say.
        short: Leave out the unit's index in layers of one unit, as the paper's Figure 4 does.
        data: Whether to show the value of each node.
        gradients: Whether to show gradients; if not given, they are shown once there are any.
        local_derivatives: Show on each arrow into an operation the derivative of its result by this input.
        marks: Where a walk through the graph stands: its values and gradients are shown instead of the nodes' own.
        theme: "light", "dark" (for slides), "print" (for papers), or a `viz.Theme` of your own.
        font: The name of a font, such as "Helvetica".
        size: In inches: the width of the picture, or (width, height) of the space to fill.
        limit: Refuse graphs of more nodes than this, for they could not be read.

    >>> x = Value(1.5, "x")
    >>> draw(x + x).source.count("->")
    3
    """
    checks.check_choice(direction, DIRECTIONS, "direction")
    checks.check_instance(marks, (Marks, type(None)), "marks are Marks")
    look = choose_theme(theme, font, size)
    order = toposort(*check_outputs(root))
    if len(order) > limit:
        raise ValueError(
            f"the graph has {len(order)} nodes, more than the {limit} that can be read in one drawing; draw_network"
            " shows its labelled nodes alone, a part of it can be drawn by itself, or ask for it with limit=..."
        )
    given = {node: name for name, node in check_names(names).items() if isinstance(node, Value)}
    shortened = short_labels([node.label or given.get(node, "") for node in order]) if short else {}
    has_gradients = marks is not None or any(node.grad for node in order) if gradients is None else gradients
    seen = marks or Marks({node: node.data for node in order}, {node: node.grad for node in order})
    nodes = {"shape": "plaintext", "margin": "0"} | look.nodes()
    edges = {"arrowsize": "0.7", "fontname": nodes["fontname"], "fontsize": "11"} | look.edges()
    dot = graphviz.Digraph(graph_attr={"rankdir": direction} | look.graph(), node_attr=nodes, edge_attr=edges)
    ids = {node: f"n{i}" for i, node in enumerate(order, 1)}
    for node, name in ids.items():
        if node.op is ops.constant:
            dot.node(name, dot_labels.escape_quoted(format_number(node.data)), margin="0.05", width="0", height="0")
            continue
        lines = [("data", seen.values.get(node))] if data else []
        lines += [("grad", seen.gradients.get(node))] if has_gradients else []
        fill = look.current if node is seen.current else look.visited if node in seen.visited else look.fill
        label = given.get(node, "") if marks else node.label or given.get(node, "")
        dot.node(name, _box(shortened.get(label, label), lines, fill, look))
        if node.inputs:
            dot.node(f"{name}o", dot_labels.escape_quoted(node.op.symbol), **_OPERATION_STYLE)
            dot.edge(f"{name}o", name)
        numbers = _numbers_on_arrows(node) if local_derivatives else {}
        for i, x in enumerate(node.inputs):
            style = look.marked() | {"fontcolor": look.mark} if seen.edge == (node, i) else {}
            dot.edge(ids[x], f"{name}o", numbers.get(i), **style)
    return Drawing(dot.source, format)


def _numbers_on_arrows(node: Value) -> dict[int, str]:
    """The local derivatives, by the index of the input; nothing where there is no path, or no finite value."""
    found, inputs = {}, [x.data for x in node.inputs]
    for i, _, _ in differentiable_inputs(node, is_met_now):
        with suppress(DomainError):
            found[i] = format_number(local_derivative(node, i, node.data, inputs), 4)
    return found


def _box(label: str, lines: list[tuple[str, float | None]], fill: str, theme: Theme) -> str:
    """A row of cells: the label, and each number that is known; one that is empty, if there is nothing."""
    cells = [dot_labels.to_dot(label)] if label else []
    for name, x in lines:
        cell = dot_labels.to_dot(f"{name} {'' if x is None else format_number(x)}", 12)
        cells.append(theme.derivative(cell) if name == "grad" else cell)
    colour = "" if fill == theme.background else f' BGCOLOR="{fill}"'
    size = _MIN_CELL_HEIGHT if len(cells) > 1 else f'{_MIN_CELL_HEIGHT} WIDTH="54"'
    return _BOX.format(colour, "".join(f"<TD{size}>{cell}</TD>" for cell in cells or [""]))
