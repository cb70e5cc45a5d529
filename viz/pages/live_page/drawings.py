"""The drawings of a live page: SVG in which the script finds nodes, arrows and numbers by attributes.

    data-select   on the texts of a node, or on its number at an arrow: its index; the script makes it a button
    data-arrow    on an arrow: the index of each arrow of the view that it stands for
    data-node     on a number: the name of its node, with `data-field`, and `data-of` and `data-index` for a local one

Each number is drawn as a placeholder of nine signs, so that any number has room; then the number of the first paint is
put there. The titles and links of Graphviz are removed, since they would show those numbers after a change.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from xml.etree.ElementTree import Element, fromstring, register_namespace, tostring

from engine import Value
from viz.drawing.diagram import Diagram
from viz.drawing.drawing import Drawing
from viz.drawing.graphs import draw
from viz.drawing.layout.parts import Arrow as DrawnArrow
from viz.drawing.layout.parts import Circle
from viz.drawing.themes import THEMES
from viz.pages.live_page.model import LiveGraph
from viz.pages.live_page.places import NAMESPACE, SVG, Placeholders, fill_places
from viz.stepping.network_picture import NetworkPicture
from viz.stepping.views import PaperView

SLOPE = "∂z/∂a"  # before the local derivative of a unit
MAX_NODES_WITH_LOCALS = 100  # of which `dot` makes a drawing with local derivatives at once
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"  # newer versions of Graphviz give it to each text
MARGIN = 3.0  # points around a drawing
MAX_REACH = 20.0  # from a label to where the points that control its curve pull, in points
_LIGHT = THEMES["light"]
_CLASSES = {  # by which the page's style gives colours
    (_LIGHT.fill, "fill"): "inside",
    (_LIGHT.ink, "fill"): "solid",
    (_LIGHT.gradient, "fill"): "slope",
    (_LIGHT.ink, "stroke"): "ink",
}


def svg_of(graph: LiveGraph, view: str) -> str:
    """The drawing of a view.

    Raises ValueError for a graph that is too large to be drawn, and DrawingError if it cannot be drawn.
    """
    svg = (_operations if view == "all" else _network)(graph)
    for group in list(svg.iter()):
        for title in group.findall(f"{SVG}title"):
            group.remove(title)
        _name_colours(group)
        for name in ("font-family", XML_SPACE):
            group.attrib.pop(name, None)
    _crop(svg)
    register_namespace("", NAMESPACE)
    return tostring(svg, encoding="unicode")


def _name_colours(item: Element) -> None:
    """Give an element classes instead of the colours of the light theme."""
    colours = [(item.get(name, ""), name) for name in ("fill", "stroke")]
    known = [colour for colour in colours if colour in _CLASSES]
    if known:
        item.set("class", " ".join(_CLASSES[colour] for colour in known))
    for _, name in known:
        del item.attrib[name]


def _crop(svg: Element) -> None:
    """Cut the margin, but for the width of a marked line."""
    [group] = svg.findall(f"{SVG}g")
    margin = max(0.0, float(group.get("transform", "").partition("translate(")[2].split()[0]) - MARGIN)
    x, y, width, height = map(float, svg.get("viewBox", "").split())
    svg.set("viewBox", f"{x + margin:g} {y + margin:g} {width - 2 * margin:g} {height - 2 * margin:g}")
    for name in ("width", "height"):
        svg.attrib.pop(name, None)
    for background in group.findall(f"{SVG}polygon")[:1]:
        group.remove(background)


def _operations(graph: LiveGraph) -> Element:
    """The drawing of every operation, whose nodes are boxes; of large graphs, without local derivatives."""
    places = Placeholders(graph)
    names = {graph.short[name]: node for node, name in graph.names.items()}
    is_small = len(graph.order) <= MAX_NODES_WITH_LOCALS
    drawing = draw(graph.root, names=names, numbers=places, gradients=True, local_derivatives=is_small, short=True)
    svg, groups = _parse(drawing)
    fill_places(svg, places, graph, graph.views["all"])
    shown = {node for node in graph.names if node.inputs or node in graph.leaves}
    for node in shown:
        [box] = groups[f"n{graph.position[node] + 1}"]
        box.set("data-select", str(graph.position[node]))
    taken: Counter[str] = Counter()
    for k, arrow in enumerate(graph.arrows["all"]):
        title = f"n{graph.position[arrow.x] + 1}->n{graph.position[arrow.node] + 1}"
        if taken[title] < len(groups.get(title, ())):  # of x · x, there are two of this title
            groups[title][taken[title]].set("data-arrow", str(k))
            taken[title] += 1
    _mark_labelled_arrows(svg, graph, groups)
    return svg


def _mark_labelled_arrows(svg: Element, graph: LiveGraph, groups: Mapping[str, list[Element]]) -> None:
    """Mark the arrows that lead through their labels, and join their two lines to one."""
    arrow_of = {(graph.names[arrow.node], str(arrow.index)): k for k, arrow in enumerate(graph.arrows["all"])}
    lines_at = defaultdict[str, list[Element]](list)
    [drawing] = svg.findall(f"{SVG}g")
    for title, found in groups.items():
        for end in title.split("->") if "->" in title else ():
            lines_at[end].append(found[0])
    for title, [label, *_] in groups.items():
        number = next(label.iter(f"{SVG}tspan"), None) if re.fullmatch("e[0-9]+", title) else None
        if number is None:
            continue
        into, out = sorted(lines_at[title], key=lambda line: line.find(f"{SVG}polygon") is not None)
        for part in (label, out):
            part.set("data-arrow", str(arrow_of[number.get("data-of", ""), number.get("data-index", "")]))
        [behind] = label.findall(f"{SVG}polygon")
        label.remove(behind)
        corners = _points(behind.get("points", ""))
        _join_lines(into, out, (corners[0] + corners[2]) / 2)
        drawing.remove(into)


def _network(graph: LiveGraph) -> Element:
    """The drawing of the named nodes, which are circles, with weights on the arrows."""
    names = {node: name for node, name in graph.views["paper"].names.items() if node not in graph.constants}
    view = PaperView(graph.root, names)  # constants stand at arrows
    picture, places = NetworkPicture(view), Placeholders(graph)
    index_of = {(arrow.node, arrow.x): k for k, arrow in enumerate(graph.arrows["paper"])}
    edges = {
        arrow: [(node, view.inputs(node)[i]) for node, i in found if (node, view.inputs(node)[i]) in index_of]
        for arrow, found in picture.edges.items()
    }
    diagram = picture.filled(places)
    diagram.has_changing_numbers = True
    _add_local_derivatives(graph, picture, diagram, edges, places)
    svg, groups = _parse(diagram.draw())
    fill_places(svg, places, graph, graph.views["paper"])
    titles = {circle: f"n{i}" for i, circle in enumerate(picture.diagram.circles, 1)}
    for circle, title in titles.items():
        [ellipse] = groups[title][0].iter(f"{SVG}ellipse")
        nodes = _nodes_of(picture, circle)
        _add_areas(groups[title][0], ellipse, [str(graph.position[node]) for node in nodes])
    _add_areas_of_labels(svg, graph)
    arrows = {f"{titles[arrow.tail]}->{titles[arrow.head]}": arrow for arrow in picture.diagram.arrows}
    for title, found in groups.items():
        corner = re.search(r"\be([0-9]+)_", title) if "->" in title else None
        arrow = picture.diagram.arrows[int(corner[1]) - 1] if corner else arrows.get(title)
        if arrow and edges.get(arrow):
            indices = " ".join(str(index_of[edge]) for edge in edges[arrow])
            for group in found:
                group.set("data-arrow", indices)
    return svg


def _add_local_derivatives(
    graph: LiveGraph,
    picture: NetworkPicture,
    diagram: Diagram,
    edges: Mapping[DrawnArrow, list[tuple[Value, Value]]],
    places: Placeholders,
) -> None:
    """Add places for local derivatives: at arrows without weights, and below units, from z back to a.

    An arrow that merges several paths says how many.
    """
    by_edge = {(arrow.node, arrow.x): arrow for arrow in graph.arrows["paper"]}
    constants = {graph.names[x] for x in graph.constants}
    for arrow, drawn in zip(picture.diagram.arrows, diagram.arrows, strict=True):
        for edge in edges.get(arrow, [])[:1]:
            rule = by_edge[edge].rule[0]
            is_number = rule.is_constant or rule.name in constants
            if not drawn.value:
                merged = f"{by_edge[edge].n_paths} paths" if by_edge[edge].n_paths > 1 else ""
                drawn.label = merged or ("" if is_number else drawn.label)
                drawn.value = places.arrow(*edge, by_edge[edge].index, rule.name if rule.name in constants else "")
    for circle, drawn_circle in zip(picture.diagram.circles, diagram.circles, strict=True):
        for x, z in (pair for pair in pairwise(_nodes_of(picture, circle)) if pair[::-1] in by_edge):
            drawn_circle.below = f"{SLOPE} {places.arrow(z, x, by_edge[z, x].index)}"


def _nodes_of(picture: NetworkPicture, circle: Circle) -> list[Value]:
    """The node of a circle, or a and z."""
    return [node for node in picture.labels if picture.circles.get(node) is circle]


def _add_areas_of_labels(svg: Element, graph: LiveGraph) -> None:
    """Let weights and biases, whose labels stand at arrows and circles, be chosen."""
    position = {name: graph.position[node] for node, name in graph.names.items()}
    for group in svg.iter(f"{SVG}g"):
        texts = group.findall(f"{SVG}text")
        numbers = [number for text in texts for number in text.findall(f"{SVG}tspan")]
        names = {number.get("data-node", "") for number in numbers if number.get("data-field") != "local"}
        if len(texts) == 1 and not names and numbers:  # a local derivative, through which its arrow leads
            for behind in group.findall(f"{SVG}polygon"):
                group.remove(behind)
        if len(names) != 1 or group.find(f"{SVG}ellipse") is not None:
            continue
        area, *others = group.findall(f"{SVG}polygon")
        for other in others:  # of the same place
            group.remove(other)
        area.set("class", "area inside")
        group.set("data-select", str(position[names.pop()]))


def _join_lines(into: Element, out: Element, middle: complex) -> None:
    """Lead the line into a label on through its middle, as a smooth curve: a number may be shorter than its place."""
    [path] = out.findall(f"{SVG}path")
    # A start, and three points for each cubic curve.
    before, after = (_points(line.findall(f"{SVG}path")[0].get("d", "")) for line in (into, out))
    tangent = _unit(_unit(before[-1] - _other(before[::-1])) + _unit(_other(after) - after[0]))
    reach_back, reach_on = (min(MAX_REACH, abs(middle - end) / 3) for end in (before[-4], after[3]))
    curves = [*before[1:-2], middle - reach_back * tangent, middle, middle + reach_on * tangent, *after[2:]]
    start, *others = (f"{point.real:.2f},{point.imag:.2f}" for point in (before[0], *curves))
    path.set("d", f"M{start}C{' '.join(others)}")


def _points(text: str) -> list[complex]:
    """The points of a path, those that control its curves included, or of a polygon."""
    return [complex(float(x), float(y)) for x, y in re.findall(r"([-0-9.]+),([-0-9.]+)", text)]


def _other(points: Sequence[complex]) -> complex:
    """The next point that is not the first one."""
    return next((point for point in points if point != points[0]), points[0])


def _unit(vector: complex) -> complex:
    """The vector at length 1, or 0."""
    return vector / (abs(vector) or 1.0)


def _add_areas(group: Element, ellipse: Element, nodes: list[str]) -> None:
    """Add an area for each node of a circle: all of it, or its left and its right half."""
    cx, cy, rx, ry = (float(ellipse.get(name, "0")) for name in ("cx", "cy", "rx", "ry"))
    for k, node in enumerate(nodes):
        top, arc = f"{cx:g},{cy - ry:g}", f"A{rx:g},{ry:g} 0 0"
        path = f"M{top}{arc} {k} {cx:g},{cy + ry:g}"
        path += "Z" if len(nodes) > 1 else f"{arc} {k} {top}Z"
        area = Element(f"{SVG}path", {"class": "area", "data-select": node, "d": path})
        group.insert(list(group).index(ellipse) + 1 + k, area)


def _parse(drawing: Drawing) -> tuple[Element, Mapping[str, list[Element]]]:
    """The SVG of a drawing, and its groups by their titles."""
    svg = fromstring(drawing.render("svg"))
    groups = defaultdict(list)
    for group in svg.iter(f"{SVG}g"):
        group.attrib.pop("id", None)
        groups[group.findtext(f"{SVG}title", "")].append(group)
    return svg, groups
