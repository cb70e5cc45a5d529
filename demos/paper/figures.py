"""The paper's Figures 1 to 9 and the picture that it calls Table 3.

Figures 1, 2, 4 and 8 are drawn from graphs of `Value`s. Figures 3, 5, 6, 7 and 9 show any number of units or layers,
which a graph cannot have: they are drawn from circles and arrows with general indices.

The dots ⋮ in columns are our addition: the paper leaves a gap in Figures 3, 5 and 9, and draws 6 and 7 without one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from demos.paper.examples import NET4, Example, Network, figure_1, figure_2, figure_3, figure_4
from engine.labels import Role, role_of
from viz import Drawing, draw_network
from viz.drawing.canvas import LabelRow
from viz.drawing.diagram import Diagram, PassArrow
from viz.drawing.layout.parts import Arrow, Circle, NodeText
from viz.drawing.networks import network_diagram, number_columns
from viz.drawing.themes import Theme, choose_theme

CAPTIONS = {
    "figure-1": "One path from x to y: the chain rule multiplies the two constants on the arrows.",
    "figure-1-numbers": "The value at every node, and the derivative of y with respect to it.",
    "figure-2": "Two paths from x to y: each gives a product, and the sum rule adds the two.",
    "figure-2-numbers": "The value at every node, and the derivative of y with respect to it.",
    "figure-3": "N paths from x to y, with a weight on every arrow; the dots are an addition of ours.",
    "figure-3-numbers": "The value of every node and weight, and the derivative of y with respect to it.",
    "figure-4": "The network: inputs, and units split into a and z.",
    "figure-4-numbers": "With the error Eₙ: each value, and the derivative of Eₙ with respect to it.",
    "figure-5": "Forward into unit i of layer k: the nodes of the layer before it, weighted, summed and squashed.",
    "figure-6": "A network of K layers, each as one vector, with one matrix of weights from layer to layer.",
    "figure-7": "Unit i of layer k: it reads every node of the layer before it and feeds every node of the next.",
    "figure-8": "The steps of backpropagation through the network, each above its nodes.",
    "figure-8-numbers": "The value of every node and weight, and the derivative of Eₙ with respect to it.",
    "figure-9": "Backward into unit i of layer k: its δ gathers those of all the units that it feeds.",
    "table-3": "Forward propagation: a node of layer k from all the nodes of layer k − 1.",
}


def figures(
    network: Network = NET4, theme: str | Theme = "light", examples: Mapping[int, Example] | None = None
) -> dict[str, Drawing]:
    """The drawings by name.

    `network` has the numbers of Figures 4 and 8; `examples` are other graphs for Figures 1, 2 or 3, by the figure's
    number; `theme` is one of `viz.draw_network`. Raises ValueError if the network's sizes do not fit together, or for
    an unknown theme.

    >>> figures().keys() == CAPTIONS.keys()
    True
    """
    graphs = {1: figure_1(), 2: figure_2(), 3: figure_3(), 4: figure_4(network), **(examples or {})}
    for example in graphs.values():
        example.output.zero_grad()
        example.output.backward()
    look = choose_theme(theme)
    return {
        "figure-1": draw_network(graphs[1].drawn, data=False, theme=look),
        "figure-1-numbers": _with_numbers(graphs[1], look),
        "figure-2": draw_network(graphs[2].drawn, data=False, theme=look),
        "figure-2-numbers": _with_numbers(graphs[2], look),
        "figure-3": _paths().draw(theme=look),
        "figure-3-numbers": _with_numbers(graphs[3], look),
        "figure-4": draw_network(graphs[4].drawn, short=True, data=False, theme=look),
        "figure-4-numbers": draw_network(graphs[4].output, short=True, data=True, gradients=True, theme=look),
        "figure-5": _forward().draw(theme=look),
        "figure-6": _layers().draw(theme=look),
        "figure-7": _unit().draw(theme=look),
        "figure-8": _steps(graphs[4], has_numbers=False).draw(theme=look),
        "figure-8-numbers": _steps(graphs[4], has_numbers=True).draw(theme=look),
        "figure-9": _backward().draw(theme=look),
        "table-3": _forward().draw(theme=look),
    }


def _with_numbers(example: Example, theme: Theme) -> Drawing:
    return draw_network(example.drawn, data=True, gradients=True, theme=theme)


def _paths() -> Diagram:
    """Figure 3."""
    x, a, y = _circle("x", 0), [_circle(f"a_{i}", 1) for i in "12N"], _circle("y", 2)
    into = [Arrow(x, node, f"w_{i}^(1)") for i, node in zip("12N", a, strict=True)]
    out = [Arrow(node, y, f"w_{i}^(2)") for i, node in zip("12N", a, strict=True)]
    return Diagram([x, *_with_dots(a), y], into + out)


def _forward() -> Diagram:
    """Figure 5, and Table 3."""
    indices = ("1", "2", "N_{k-1}")
    before = [_circle(f"z_{{{j}}}^(k-1)", 0) for j in indices]
    unit = _split_unit()
    after = [Circle((), 2) for _ in range(3)]
    into = [Arrow(node, unit, f"w_{{i{j}}}^(k)") for j, node in zip(indices, before, strict=True)]
    circles = [*_with_dots(before), unit, *_with_dots(after)]
    pass_arrow = PassArrow("forward propagation", 0, 1)
    return Diagram(circles, into + [Arrow(unit, node) for node in after], pass_arrows=[pass_arrow])


def _backward() -> Diagram:
    """Figure 9."""
    indices = ("1", "2", "N_{k+1}")
    before = [Circle((), 0) for _ in range(3)]
    unit = _split_unit()
    unit.note = ("delta_i^(k)", " = ∂", "E_n", " / ∂", "a_i^(k)")
    after = [_circle(f"delta_{{{j}}}^(k+1)", 2) for j in indices]
    out = [Arrow(unit, node, f"w_{{{j}i}}^(k+1)") for j, node in zip(indices, after, strict=True)]
    circles = [*_with_dots(before), unit, *_with_dots(after)]
    pass_arrow = PassArrow("computing gradients", 1, 2, is_backward=True)
    return Diagram(circles, [Arrow(node, unit) for node in before] + out, pass_arrows=[pass_arrow])


def _network(is_faint: bool) -> tuple[list[list[Circle]], list[Arrow]]:
    """The circles, layer by layer, of a network of K layers, and the grey arrows between them."""
    layers = [[Circle((), k, is_faint=is_faint) for _ in range(size)] for k, size in enumerate((3, 4, 4, 4, 4, 3))]
    arrows = []
    for k, layer in enumerate(layers[1:], 1):
        arrows += [Arrow(x, unit, is_faint=True, is_cut=k == 4) for x in layers[k - 1] for unit in layer]
    return layers, arrows


def _layers() -> Diagram:
    """Figure 6; in the paper, three of the four weights carry the number of the first layer."""
    layers, arrows = _network(is_faint=False)
    names = ("0", "1", "2", "3", "K-1", "K")
    for k, layer in zip(names, layers, strict=True):
        layer[0].halves = (NodeText(f"z_1^({k})"),)
        layer[-1].halves = (NodeText(f"z_{{N_{{{k}}}}}^({k})"),)
    headings: dict[float, LabelRow] = {column: (f"z_bold^({k})",) for column, k in enumerate(names)}
    headings[0] = ("x_bold", " = ", *headings[0])
    headings[5] = (*headings[5], " = ", "y_bold_hat")
    for arrow in arrows:
        below, above = arrow.columns
        if (arrow.tail, arrow.head) == (layers[below][-1], layers[above][-1]) and not arrow.is_cut:
            j, k = names[below], names[above]
            arrow.label, arrow.is_under = f"w_{{N_{k}N_{{{j}}}}}^({k})", True
            headings[(below + above) / 2] = (f"W_bold^({k})",)
    return Diagram([circle for layer in layers for circle in _with_dots(layer)], arrows, headings)


def _unit() -> Diagram:
    """Figure 7; in the paper, the last node of layer k+1 carries the size of another layer."""
    layers, arrows = _network(is_faint=True)
    focus = layers[2][1]
    focus.halves, focus.is_faint = (NodeText("z_i^(k)"),), False
    weights = {}
    for column, k in ((1, "k-1"), (3, "k+1")):
        for j, node in zip(("1", "2", "3", f"N_{{{k}}}"), layers[column], strict=True):
            node.halves, node.is_faint = (NodeText(f"z_{{{j}}}^({k})"),), False
            weights[node] = f"w_{{i{j}}}^(k)" if column == 1 else f"w_{{{j}i}}^(k+1)"
    for arrow in arrows:
        if focus in (arrow.tail, arrow.head):
            arrow.is_faint, arrow.label = False, weights[arrow.head if arrow.tail is focus else arrow.tail]
    names = ("z_bold^(k-1)", "W_bold^(k)", "z_bold^(k)", "W_bold^(k+1)", "z_bold^(k+1)")
    headings: dict[float, LabelRow] = {1 + i / 2: (name,) for i, name in enumerate(names)}
    return Diagram([circle for layer in layers for circle in _with_dots(layer)], arrows, headings)


def _steps(example: Example, has_numbers: bool) -> Diagram:
    """Figure 8."""
    diagram, circles = network_diagram(example.drawn, data=has_numbers, gradients=has_numbers)
    inputs = [leaf for leaf in example.leaves if role_of(leaf.label) is Role.INPUT]
    for j, x in enumerate(inputs, 1):
        circle = circles[x]
        circle.before = (x.label or "", " =")
        circle.halves = (replace(circle.halves[0], symbol=f"z_{j}^(0)"),)
    number_columns(diagram, 1)
    return diagram


def _circle(label: str, column: int) -> Circle:
    return Circle((NodeText(label),), column)


def _split_unit() -> Circle:
    return Circle((NodeText("a_i^(k)"), NodeText("z_i^(k)")), 1)


def _with_dots(column: list[Circle]) -> list[Circle]:
    """The circles of a column, with dots before the last one for those left out."""
    *others, last = column
    return [*others, Circle((), last.column, is_dots=True, is_faint=last.is_faint), last]
