"""The drawings of the stepper's page: SVG in which the page's script finds nodes, numbers and arrows by attributes.

    data-shape    on the shape of a node: its id, or those of the nodes in a split circle
    data-number   on a number: the id of its node; `data-kind` is "data" or "grad", and `data-before` stands before it
    data-edge     on the parts of an arrow: its edges, each as the id of a node and the index of its input, such as n3-0

The titles of Graphviz are removed, since browsers show them as tooltips.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from xml.etree.ElementTree import Element, fromstring, register_namespace, tostring

from engine import Value
from viz.drawing.dot_labels import label_width
from viz.drawing.drawing import Drawing
from viz.drawing.graphs import Marks, draw
from viz.math.formulas import DEFAULT_DIGITS, format_number
from viz.stepping.narration import Narration
from viz.stepping.network_picture import DIGITS, NetworkPicture

_NAMESPACE = "http://www.w3.org/2000/svg"
_END = "\u2007"  # of a placeholder; labels do not have this space, which is not printable
_SVG = f"{{{_NAMESPACE}}}"

Ids = Mapping[Value, str]
Write = Callable[[float | None], str]  # a number, if it is known, as text
SCALED = range(700, 1750)  # the widths in pixels of drawings that are scaled to the width of the page


def is_network(narration: Narration) -> bool:
    """Whether a view is drawn as a network, not as boxes for every operation."""
    return narration.view.name == "paper"


def drawn_number(narration: Narration, number: float) -> str:
    """A number as it is written in the drawing of a view."""
    return format_number(number, DIGITS) if is_network(narration) else format_number(number)


def picture_svg(narration: Narration, ids: Ids, last: Marks, longest: Marks) -> str:
    """The drawing of a view with the `last` numbers, and with space for the `longest`.

    Raises ValueError for a graph that is too large to be drawn, and DrawingError if `dot` is missing or fails.
    """

    def write(number: float | None) -> str:
        return "?" if number is None else drawn_number(narration, number)

    svg = (_network if is_network(narration) else _operations)(narration, ids, last, longest, write)
    for group in svg.iter(f"{_SVG}g"):
        if (title := group.find(f"{_SVG}title")) is not None:
            group.remove(title)
    if is_network(narration) and round(float(svg.get("width", "0").removesuffix("pt")) * 96 / 72) in SCALED:
        svg.set("class", "scaled")
    register_namespace("", _NAMESPACE)
    return tostring(svg, encoding="unicode")


def _operations(narration: Narration, ids: Ids, last: Marks, longest: Marks, write: Write) -> Element:
    """The drawing of every operation, whose nodes are boxes."""
    names = {label: node for node, label in narration.view.labels.items()}
    drawing = draw(narration.root, names=names, marks=longest, digits=DEFAULT_DIGITS)
    svg, groups = _parse(drawing)
    for node in narration.names:
        [box] = groups[ids[node]]
        for polygon in box.iter(f"{_SVG}polygon"):
            polygon.set("data-shape", ids[node])
        texts = list(box.iter(f"{_SVG}text"))[-2:]  # after those of the label
        _mark_number(texts[0], ids[node], "data", "", write(last.values.get(node)))
        _mark_number(texts[1], ids[node], "grad", "∂ ", write(last.gradients.get(node)))
    taken: Counter[str] = Counter()
    for node in (node for node in narration.view.order if node.inputs):
        for i, x in enumerate(node.inputs):
            arrow = f"{ids[x]}->{ids[node]}"  # of x · x, there are two of this title
            _mark_arrow(groups[arrow][taken[arrow]], [f"{ids[node]}-{i}"])
            taken[arrow] += 1
    return svg


def _network(narration: Narration, ids: Ids, last: Marks, longest: Marks, write: Write) -> Element:
    """The drawing of the named nodes, which are circles, with weights on the arrows."""
    nodes = list(narration.names)
    picture = NetworkPicture(narration.view)
    position = {node: i for i, node in enumerate(nodes)}

    def placeholders(node: Value) -> tuple[str, str]:
        """Numbers, as long as the longest of a node, which tell where the numbers of that node stand."""
        value, gradient = write(longest.values.get(node)), "∂ " + write(longest.gradients.get(node))
        i = 2 * position[node]
        return f"{i:0{len(value)}d}{_END}", f"{i + 1:0{len(gradient)}d}{_END}"

    svg, groups = _parse(picture.filled(placeholders).draw())
    for text in svg.iter(f"{_SVG}text"):
        if place := re.fullmatch(rf"(.*?)([0-9]+){_END}", text.text or ""):
            i, is_gradient = divmod(int(place[2]), 2)
            known = last.gradients if is_gradient else last.values
            kind, before = ("grad", f"{place[1]}∂ ") if is_gradient else ("data", place[1])  # of a bias: b = 0.5
            if not place[1]:
                _centre(text)
            _mark_number(text, ids[nodes[i]], kind, before, write(known.get(nodes[i])))
    titles = {circle: f"n{i}" for i, circle in enumerate(picture.diagram.circles, 1)}
    for circle, title in titles.items():
        [ellipse] = groups[title][0].iter(f"{_SVG}ellipse")
        ellipse.set("data-shape", " ".join(ids[node] for node in nodes if picture.circles.get(node) is circle))
    arrows = {f"{titles[arrow.tail]}->{titles[arrow.head]}": arrow for arrow in picture.diagram.arrows}
    for title, found in groups.items():
        corner = re.search(r"\be([0-9]+)_", title) if "->" in title else None
        arrow = picture.diagram.arrows[int(corner[1]) - 1] if corner else arrows.get(title)
        if arrow:
            for group in found:
                _mark_arrow(group, [f"{ids[node]}-{index}" for node, index in picture.edges[arrow]])
    return svg


def _parse(drawing: Drawing) -> tuple[Element, dict[str, list[Element]]]:
    """The SVG of a drawing, and its groups by their titles."""
    svg = fromstring(drawing.render("svg"))
    groups = defaultdict(list)
    for group in svg.iter(f"{_SVG}g"):
        group.attrib.pop("id", None)
        groups[group.findtext(f"{_SVG}title", "")].append(group)
    return svg, groups


def _mark_arrow(group: Element, edges: list[str]) -> None:
    for part in group:
        if part.tag in (f"{_SVG}path", f"{_SVG}polygon"):
            part.set("data-edge", " ".join(edges))


def _mark_number(text: Element, id: str, kind: str, before: str, number: str) -> None:
    text.attrib.update({"data-number": id, "data-kind": kind, "data-before": before})
    text.text = before + number


def _centre(text: Element) -> None:
    """Let a text, whose width differs from step to step, stay in the middle of its place."""
    width = 72 * label_width(text.text or "", 1) * float(text.get("font-size", "10"))
    text.set("x", f"{float(text.get('x', '0')) + width / 2:.2f}")
    text.set("text-anchor", "middle")
