"""The drawings of a live page: SVG in which the script finds nodes, arrows and numbers by attributes.

    data-select   on the texts of a node, or on its number at an arrow: its index; the script makes it a button
    data-arrow    on an arrow: the index of each arrow of the view that it stands for
    data-node     on a number: the name of its node, with `data-field`, and `data-of` and `data-index` for a local one

Each number is drawn as a placeholder of nine signs, so that any number has room; then the number of the first paint is
put there. The titles and links of Graphviz are removed, since they would show those numbers after a change.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import count
from xml.etree.ElementTree import Element, SubElement, fromstring, register_namespace, tostring

from engine import Value
from engine.sweep import edge_inputs
from viz.drawing.dot_labels import label_width
from viz.drawing.drawing import Drawing
from viz.drawing.graphs import draw
from viz.drawing.numbers import Numbers
from viz.math.formulas import format_number
from viz.pages.live_page.model import LiveGraph
from viz.stepping.network_picture import NetworkPicture

DIGITS, SIGNS = 4, 9  # of a number, and the signs for which there is room
_NAMESPACE = "http://www.w3.org/2000/svg"
_SVG = f"{{{_NAMESPACE}}}"


class Placeholders(Numbers):
    """Numbers that tell, in a picture, which number stands where.

    Attributes:
        fields: The attributes of the element of each placeholder, by its number.
    """

    def __init__(self, graph: LiveGraph) -> None:
        super().__init__(DIGITS)
        self.fields: list[dict[str, str]] = []
        self._names = graph.names
        text = "\n".join(graph.names.values())
        self._start = next(n for n in count(10 ** (SIGNS - 1), 10 ** (SIGNS - 4)) if str(n)[:4] not in text)

    def value(self, node: Value) -> str:
        """A place for the value."""
        return self._place({"data-node": self._names[node], "data-field": "value"})

    def derivative(self, node: Value) -> str:
        """A place for the derivative."""
        return self._place({"data-node": self._names[node], "data-field": "derivative"})

    def along(self, edges: Iterable[tuple[Value, int]]) -> str:
        """A place for the local derivative along an edge; none where derivatives are never passed back."""
        [(node, i)] = edges
        if all(i != j for j, _, _ in edge_inputs(node)):
            return ""
        where = {"data-of": self._names[node], "data-index": str(i)}
        return self._place({"data-node": self._names[node.inputs[i]], "data-field": "local"} | where)

    def _place(self, fields: dict[str, str]) -> str:
        self.fields.append(fields)
        return str(self._start + len(self.fields) - 1)

    def find(self, text: str) -> tuple[re.Match[str], dict[str, str]] | None:
        """The place in a text, and its attributes."""
        found = re.search(rf"[0-9]{{{SIGNS}}}", text)
        k = int(found[0]) - self._start if found else -1
        return (found, self.fields[k]) if found and 0 <= k < len(self.fields) else None


def svg_of(graph: LiveGraph, view: str) -> str:
    """The drawing of a view.

    Raises ValueError for a graph that is too large to be drawn, and DrawingError if `dot` is missing or fails.
    """
    svg = (_operations if view == "all" else _network)(graph)
    for parent in list(svg.iter()):
        for child in list(parent):
            if child.tag == f"{_SVG}title":
                parent.remove(child)
    svg.attrib.pop("width", None)
    svg.attrib.pop("height", None)
    register_namespace("", _NAMESPACE)
    return tostring(svg, encoding="unicode")


def _operations(graph: LiveGraph) -> Element:
    """The drawing of every operation, whose nodes are boxes."""
    places = Placeholders(graph)
    names = {name: node for node, name in graph.names.items()}
    drawing = draw(graph.root, names=names, numbers=places, gradients=True, local_derivatives=True)
    svg, groups = _parse(drawing)
    _fill(svg, places, graph)
    shown = {node for node in graph.names if node.inputs or node in graph.leaves}
    for node in shown:
        [box] = groups[f"n{graph.position[node] + 1}"]
        box.set("data-select", str(graph.position[node]))
    arrow_of = {(graph.names[arrow.node], str(arrow.index)): k for k, arrow in enumerate(graph.arrows["all"])}
    for title, [label, *_] in list(groups.items()):
        number = next(label.iter(f"{_SVG}tspan"), None) if re.fullmatch("e[0-9]+", title) else None
        if number is not None:  # the label of an arrow, which leads through it
            k = arrow_of[number.get("data-of", ""), number.get("data-index", "")]
            lines = [groups[name][0] for name in groups if "->" in name and title in name.split("->")]
            for part in [label, *lines]:
                part.set("data-arrow", str(k))
            for behind in label.findall(f"{_SVG}polygon"):
                label.remove(behind)
            _join_lines(*sorted(lines, key=lambda line: line.find(f"{_SVG}polygon") is not None))
    return svg


def _network(graph: LiveGraph) -> Element:
    """The drawing of the named nodes, which are circles, with weights on the arrows."""
    view = graph.views["paper"]
    picture, places = NetworkPicture(view), Placeholders(graph)
    diagram = picture.filled(lambda node: (places.value(node), f"∂ {places.derivative(node)}"))
    svg, groups = _parse(diagram.draw())
    _fill(svg, places, graph)
    arrow_of = {(arrow.node, arrow.index): k for k, arrow in enumerate(graph.arrows["paper"])}
    titles = {circle: f"n{i}" for i, circle in enumerate(picture.diagram.circles, 1)}
    for circle, title in titles.items():
        [ellipse] = groups[title][0].iter(f"{_SVG}ellipse")
        nodes = [node for node in view.names if picture.circles.get(node) is circle]
        _add_areas(groups[title][0], ellipse, [str(graph.position[node]) for node in nodes])
    arrows = {f"{titles[arrow.tail]}->{titles[arrow.head]}": arrow for arrow in picture.diagram.arrows}
    for title, found in groups.items():
        corner = re.search(r"\be([0-9]+)_", title) if "->" in title else None
        arrow = picture.diagram.arrows[int(corner[1]) - 1] if corner else arrows.get(title)
        if arrow:
            for group in found:
                group.set(
                    "data-arrow", " ".join(str(arrow_of[edge]) for edge in picture.edges[arrow] if edge in arrow_of)
                )
    return svg


def _join_lines(into: Element, out: Element) -> None:
    """Draw the line of an arrow through its label, whose number may be shorter than its place."""
    points = [re.findall(r"[-0-9.]+,[-0-9.]+", line.findall(f"{_SVG}path")[0].get("d", "")) for line in (into, out)]
    between = {"fill": "none", "stroke": "black", "d": f"M{points[0][-1]}L{points[1][0]}"}
    SubElement(into, f"{_SVG}path", between)


def _add_areas(group: Element, ellipse: Element, nodes: list[str]) -> None:
    """Add an area for each node of a circle, from left to right, in which it is chosen."""
    cx, cy, rx, ry = (float(ellipse.get(name, "0")) for name in ("cx", "cy", "rx", "ry"))
    width = 2 * rx / len(nodes)
    for k, node in enumerate(nodes):
        place = {"x": cx - rx + k * width, "y": cy - ry, "width": width, "height": 2 * ry}
        area = Element(f"{_SVG}rect", {"data-select": node} | {name: f"{number:.1f}" for name, number in place.items()})
        group.insert(list(group).index(ellipse) + 1 + k, area)


def _parse(drawing: Drawing) -> tuple[Element, Mapping[str, list[Element]]]:
    """The SVG of a drawing, and its groups by their titles."""
    svg = fromstring(drawing.render("svg"))
    groups = defaultdict(list)
    for group in svg.iter(f"{_SVG}g"):
        group.attrib.pop("id", None)
        groups[group.findtext(f"{_SVG}title", "")].append(group)
    return svg, groups


def _fill(svg: Element, places: Placeholders, graph: LiveGraph) -> None:
    """Put an element for the number in the place of each placeholder, centred there."""
    values, derivatives = graph.numbers()
    known = {"value": values, "derivative": derivatives}
    node_of = {name: node for node, name in graph.names.items()}
    for text in list(svg.iter(f"{_SVG}text")):
        content = text.text or ""
        found = places.find(content)
        if not found:
            continue
        place, fields = found
        if text.get("text-anchor") == "start":
            width = 72 * label_width(content, 1) * float(text.get("font-size", "10"))
            text.set("x", f"{float(text.get('x', '0')) + width / 2:.2f}")
            text.set("text-anchor", "middle")
        text.text = content[: place.start()]
        number = known.get(fields["data-field"], {}).get(node_of[fields["data-node"]])
        item = SubElement(text, f"{_SVG}tspan", fields)
        item.text = "" if number is None else format_number(number, DIGITS)
        item.tail = content[place.end() :]
