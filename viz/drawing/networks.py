"""Drawing a graph as the paper draws networks: circles in columns, weights and constants on the arrows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from engine import NamedGraph, Value
from engine._support import checks
from engine.analysis.roles import units_of_network, weights_and_biases
from engine.analysis.stale import stale_note
from engine.labels import Role, role_of, short_labels
from viz.drawing.canvas import LabelRow
from viz.drawing.diagram import Diagram, PassArrow
from viz.drawing.drawing import MAX_NODES, Drawing, check_limit, check_outputs, check_values
from viz.drawing.layout.diagram_labels import MAX_LABELS
from viz.drawing.layout.parts import Arrow, Circle, NodeText
from viz.drawing.numbers import DEFAULT_DIGITS, Numbers
from viz.drawing.themes import Theme, choose_theme
from viz.drawing.weights import (
    MAX_WEIGHT_CIRCLES,
    Derivatives,
    hidden_dependencies,
    notes_on_readers,
    weights_on_arrows,
)
from viz.math.formulas import format_number


def draw_network(
    root: Value | Sequence[Value],
    *,
    names: Mapping[str, Any] | None = None,
    weights: Value | Iterable[Value] = (),
    direction: str = "LR",
    format: str = "svg",
    short: bool = False,
    data: bool = True,
    gradients: bool | None = None,
    local_derivatives: bool = False,
    width_by_weight: bool = False,
    digits: int = DEFAULT_DIGITS,
    steps: int | None = None,
    theme: str | Theme = "light",
    font: str | None = None,
    size: float | tuple[float, float] | None = None,
    text: float | None = None,
    limit: int = MAX_NODES,
) -> Drawing:
    """Draw a graph as the paper draws networks (its Figures 1 to 4).

    Labelled nodes and variables are circles. Operations without a label are merged into the node that reads them: to
    see them, label them, give `names=locals()`, or use `draw`. The label of an arrow is its local derivative if that is
    a constant or a weight: `y = 2*a` gives an arrow labelled 2. For a function of one node, such as tanh, it is the
    function's symbol. Weights are the first argument of `dot`, unless labelled as targets, y, labelled leaves beginning
    with w in a product, and the `weights` given; they are drawn without circles. A unit, a node labelled a that is read
    only by a node labelled z with the same indices, is one circle split by a dotted line. A bias stands above its unit,
    or at its left if the picture leads downwards or upwards. Arrows are dashed as in `draw`. If there are more than 20
    arrows between two columns, they are thin and without labels, and a line below the picture says how many numbers are
    left out. Labels never lie on each other: rows and columns move apart, and what still finds no place is in a table
    below the picture. In a picture of a given `size`, all is closer together, and numbers are in the table where this
    lets the type be as large as `text`, or 7 points.

    A weight or bias that is also read in another way, as by a penalty w**2, has a circle and arrows of its own. If
    there are more than six of these, as with weight decay, a line below the picture names the nodes that read them.

    Args:
        root, names, direction, format, short, theme, font, size, text: As in `viz.draw`; to fill a page, such as a
            slide, circles stand up to twice as far apart.
        weights: Further leaves to draw as weights, one or several.
        data: Whether to show the value of each node, weight and bias.
        gradients: Whether to show their gradients; by default, they are shown with `data` if one of them is not 0.
        local_derivatives: Show the value of every arrow's local derivative instead of its symbol; of a weight, beside
            its name.
        width_by_weight: Draw arrows as thick as their weights are large, in two colours, and dashed if negative.
        digits: The significant digits of numbers.
        steps: Number the steps of backpropagation over the columns, against the arrows, as the paper's Figure 8 does,
            beginning with this number over the output: 1 if the error is computed from the output, 0, which is not
            shown, if the output is the error.
        limit: The largest number of named nodes; drawings of more could not be read.

    Raises errors as `viz.draw` does.

    >>> from engine import label
    >>> x = Value(1.5, "x")
    >>> a_1, a_2 = 3 * x, -x
    >>> y = 2 * a_1 + a_2
    >>> label(a_1=a_1, a_2=a_2, y=y)
    >>> draw_network(y).source.count("->")
    4
    """
    look = choose_theme(theme, font, size, text)
    diagram, _ = network_diagram(
        root,
        names,
        weights,
        limit,
        short=short,
        data=data,
        gradients=data if gradients is None else gradients,
        local_derivatives=local_derivatives,
        width_by_weight=width_by_weight,
        numbers=Numbers(digits),
    )
    if steps is not None:
        number_columns(diagram, steps)
    return diagram.draw(direction, format, look)


def network_diagram(
    root: Value | Sequence[Value],
    names: Mapping[str, Any] | None = None,
    weights: Value | Iterable[Value] = (),
    limit: int = MAX_NODES,
    *,
    short: bool = False,
    data: bool = False,
    gradients: bool = False,
    local_derivatives: bool = False,
    width_by_weight: bool = False,
    numbers: Numbers | None = None,
) -> tuple[Diagram, dict[Value, Circle]]:
    """The diagram that `draw_network` draws, and the circle of each node.

    >>> x = Value(1.5, "x")
    >>> diagram, circles = network_diagram(2 * x)
    >>> circles[x].before = ("1.5", " =")
    >>> diagram.draw().source.count("->")
    1
    """
    numbers = numbers or Numbers()
    graph = NamedGraph(check_outputs(root), names)
    parameters, biases = _parameters_and_biases(graph, check_values(weights, "weights must be"), limit)
    formulas = {node: graph.formulas(node) if node.inputs else {} for node in graph.nodes}
    shown, unshown = _choose_circles(graph, formulas, parameters, biases)
    hidden = parameters.difference(shown)
    labels = short_labels(graph.names.values()) if short else {}
    text = {node: labels.get(name, name) for node, name in graph.names.items()}
    has_gradients = gradients and any(node.grad for node in graph.nodes)

    def node_text(node: Value) -> NodeText:
        derivative = numbers.derivative(node) if has_gradients else ""
        return NodeText(text[node], numbers.value(node) if data else "", derivative and f"∂ {derivative}")

    units = units_of_network(graph, shown)
    columns = _assign_columns(graph, shown, units)
    circles: dict[Value, Circle] = {}
    inner = set(units.values())
    for node in shown:
        if node in inner:
            continue
        parts = (units[node], node) if node in units else (node,)
        circle = Circle(tuple(map(node_text, parts)), columns[node], is_aside=not node.inputs and columns[node] > 0)
        circle.above = tuple(node_text(bias) for bias in biases[parts[0]] if bias in hidden)
        if local_derivatives and node in units:
            circle.below = numbers.local_named(graph, node, parts[0])
        circles |= dict.fromkeys(parts, circle)
    arrows = []
    for node in shown:
        weight_of = weights_on_arrows(graph, node, formulas[node], parameters)
        symbols = _symbols_on_arrows(node, formulas[node])
        for x in graph.inputs(node):
            if x in hidden or units.get(node) is x:
                continue
            local = numbers.local_named(graph, node, x) if local_derivatives else ""
            if x in weight_of:
                label = node_text(weight_of[x])
                label = replace(label, value=local or label.value)  # which is that of the weight
            else:
                label = NodeText("" if local_derivatives else symbols.get(x, ""), local)
            arrow = Arrow(circles[x], circles[node], label.symbol, label.value, label.derivative)
            arrow.weight = weight_of[x].data if width_by_weight and x in weight_of else None
            arrow.is_dashed = x not in formulas[node]
            arrows.append(arrow)
    stale = stale_note(*graph.outputs) if data or gradients or local_derivatives else ""
    notes: list[LabelRow] = [(stale,)] if stale else []
    notes += _note_on_merged(graph) + notes_on_readers(unshown, text) + _note_on_dense(arrows, width_by_weight)
    return Diagram(_with_targets(graph, circles), arrows, notes=notes), circles


def _parameters_and_biases(
    graph: NamedGraph, weights: Sequence[Value], limit: int
) -> tuple[set[Value], dict[Value, list[Value]]]:
    """The weights and biases that need no circle, and the biases of each node.

    Raises ValueError if a given weight is not in the graph, or if more than `limit` nodes need circles.
    """
    check_limit(limit)
    for w in weights:
        if w not in graph.names:
            raise ValueError(f"weights contains {w!r:.60}, which is not a named node of this graph")
    parameters, biases = weights_and_biases(graph, weights)
    parameters = {x for x in parameters if not x.inputs and x not in graph.outputs}
    n_circles = sum(node not in parameters for node in graph.nodes)
    if n_circles > limit:
        raise ValueError(
            f"the network has {n_circles} nodes, more than the {limit} that can be read in one drawing: draw a part of"
            " it (the output of one neuron or layer), label fewer nodes, or pass a larger limit=..."
        )
    return parameters, biases


def _choose_circles(
    graph: NamedGraph,
    formulas: Mapping[Value, Derivatives],
    parameters: set[Value],
    biases: Mapping[Value, list[Value]],
) -> tuple[list[Value], dict[Value, list[Value]]]:
    """The nodes that have circles, and by node the weights and biases that it reads without an arrow from them.

    Parameters that are read in such a way have circles, unless they are too many.
    """
    nodes = [node for node in graph.nodes if node not in parameters]
    unshown = {node: hidden_dependencies(graph, node, formulas[node], parameters, biases[node]) for node in nodes}
    circled = set[Value]().union(*unshown.values())
    if len(circled) > MAX_WEIGHT_CIRCLES:
        return nodes, unshown
    return [node for node in graph.nodes if node not in parameters or node in circled], {}


def _with_targets(graph: NamedGraph, circles: Mapping[Value, Circle]) -> list[Circle]:
    """The circles in order, with a target beside each output that an error compares it with."""
    target_of: dict[Circle, Circle] = {}
    for node in graph.nodes:
        inputs = [x for x in graph.inputs(node) if x in circles]
        targets = [x for x in inputs if circles[x].is_aside and role_of(graph.names[x]) is Role.TARGET]
        outputs = [x for x in inputs if x.inputs and targets and circles[x].column == circles[targets[0]].column]
        if len(targets) == len(outputs):
            target_of |= {circles[z]: circles[y] for y, z in zip(targets, outputs, strict=True)}
    for target in target_of.values():
        target.is_aside, target.is_beside = False, True
    others = [circle for circle in dict.fromkeys(circles.values()) if not circle.is_beside]
    return [each for circle in others for each in (circle, target_of.get(circle)) if each]


def _note_on_merged(graph: NamedGraph) -> list[LabelRow]:
    """A note for a graph whose operations are all without labels, so that they are merged into its outputs."""
    computed = [node for node in graph.nodes if node.inputs]
    n = len(set[Value]().union(*(graph.operations(node) for node in computed)))
    if n < 2 or graph.labelled.intersection(computed):
        return []
    into = (" into ", graph.names[computed[0]]) if len(computed) == 1 else ()
    return [(f"{n} operations without labels are merged", *into)]


def _note_on_dense(arrows: Sequence[Arrow], width_by_weight: bool) -> list[LabelRow]:
    """A note on numbers that are left out between columns with too many arrows for labels."""
    n = Counter(arrow.columns for arrow in arrows)
    left_out = sum(n[arrow.columns] > MAX_LABELS and bool(arrow.value) for arrow in arrows)
    advice = "" if width_by_weight else "; width_by_weight=True shows weights as widths"
    return [(f"the numbers on {left_out} arrows are left out{advice}",)] if left_out else []


def number_columns(diagram: Diagram, first: int) -> None:
    """Number the columns against the arrows, beginning with `first`; a column of split circles has two numbers."""
    is_valid = isinstance(first, int) and not isinstance(first, bool) and first >= 0
    needs = "steps must be the first number over the columns, a whole number of at least 0"
    checks.value_error_unless(is_valid, needs, first)
    widths: dict[int, int] = defaultdict(int)
    for circle in diagram.circles:
        widths[circle.column] = max(
            widths[circle.column], 0 if circle.is_aside or circle.is_beside else len(circle.halves)
        )
    step = first
    for column in sorted(widths, reverse=True):
        diagram.steps[column] = tuple(range(step + widths[column] - 1, step - 1, -1))
        step += widths[column]
    numbered = [column for column, numbers in diagram.steps.items() if any(numbers)]
    if len(numbered) > 1:
        diagram.pass_arrows.append(PassArrow("backward propagation", min(numbered), max(numbered), is_backward=True))


def _assign_columns(graph: NamedGraph, shown: list[Value], units: dict[Value, Value]) -> dict[Value, int]:
    """The column of each node: one after the last of its inputs; for a leaf, one before its first reader."""
    columns: dict[Value, int] = {}
    drawn = set(shown)
    readers: dict[Value, list[int]] = defaultdict(list)
    for node in shown:
        sources = [x for x in graph.inputs(node) if x in drawn]
        if sources and units.get(node) is sources[0]:  # z is in the circle of its a
            columns[node] = columns[sources[0]]
        else:
            columns[node] = 1 + max((columns[x] for x in sources if x.inputs), default=0 if sources else -1)
        for x in sources:
            readers[x].append(columns[node])
    return columns | {x: min(found) - 1 for x, found in readers.items() if not x.inputs}


def _symbols_on_arrows(node: Value, derivatives: Derivatives) -> dict[Value, str]:
    """The local derivatives that are constants; for a function of one node, its symbol."""
    numbers = {x: format_number(symbol.value) for x, symbol in derivatives.items() if symbol.is_constant}
    function = {x: node.op.symbol for x in derivatives if node.inputs == (x,)}
    return function | numbers
