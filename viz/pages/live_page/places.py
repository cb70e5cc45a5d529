"""The places of numbers in the drawings of a live page, which are found again in the SVG."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import count
from xml.etree.ElementTree import Element, SubElement

from engine import DomainError, Value, ops
from engine.sweep import edge_inputs
from viz.drawing.layout.text_size import label_size
from viz.drawing.numbers import Numbers
from viz.math.formulas import format_number
from viz.pages.live_page.model import LiveGraph
from viz.stepping.views import View

DIGITS, SIGNS = 4, 9  # of a number, and the signs for which there is space
NAMESPACE = "http://www.w3.org/2000/svg"
SVG = f"{{{NAMESPACE}}}"


class Placeholders(Numbers):
    """Numbers that tell, in a picture, which number stands where.

    Attributes:
        fields: The attributes of the element of each placeholder, by its number.
    """

    def __init__(self, graph: LiveGraph) -> None:
        super().__init__(DIGITS)
        self.fields: list[dict[str, str]] = []
        self._names, self._leaves = graph.names, set(graph.leaves)
        text = "\n".join(graph.names.values())
        self._start = next(n for n in count(10 ** (SIGNS - 1), 10 ** (SIGNS - 4)) if str(n)[:4] not in text)

    def value(self, node: Value) -> str:
        """A place for the value; the number itself of a constant that cannot be changed."""
        if node.op is ops.constant and node not in self._leaves:
            return super().value(node)
        return self._place({"data-node": self._names[node], "data-field": "value"})

    def derivative(self, node: Value) -> str:
        """A place for the derivative."""
        return self._place({"data-node": self._names[node], "data-field": "derivative"})

    def along(self, edges: Iterable[tuple[Value, int]]) -> str:
        """A place for the local derivative along an edge; none where derivatives are never passed back."""
        [(node, i)] = edges
        return "" if all(i != j for j, _, _ in edge_inputs(node)) else self.arrow(node, node.inputs[i], i)

    def arrow(self, node: Value, x: Value, index: int, drag: str = "") -> str:
        """A place for the local derivative of an arrow; `drag` is the name of the leaf that changes it by dragging."""
        where = {"data-of": self._names[node], "data-index": str(index)} | ({"data-drag": drag} if drag else {})
        return self._place({"data-node": self._names[x], "data-field": "local"} | where)

    def _place(self, fields: dict[str, str]) -> str:
        self.fields.append(fields)
        return str(self._start + len(self.fields) - 1)

    def find(self, text: str) -> tuple[re.Match[str], dict[str, str]] | None:
        """The place in a text, and its attributes."""
        found = re.search(rf"[0-9]{{{SIGNS}}}", text)
        k = int(found[0]) - self._start if found else -1
        return (found, self.fields[k]) if found and 0 <= k < len(self.fields) else None


def fill_places(svg: Element, places: Placeholders, graph: LiveGraph, view: View) -> None:
    """Put an element for the number in the place of each placeholder, centred there."""
    values, derivatives = graph.numbers()
    known = {"value": values, "derivative": derivatives}
    node_of = {name: node for node, name in graph.names.items()}
    local = dict(_local_derivatives(view, values))
    for text in list(svg.iter(f"{SVG}text")):
        content = text.text or ""
        found = places.find(content)
        if not found:
            continue
        place, fields = found
        if text.get("text-anchor") == "start":
            width = 72 * label_size(content, round(float(text.get("font-size", "10"))))[0]
            text.set("x", f"{float(text.get('x', '0')) + width / 2:.2f}")
            text.set("text-anchor", "middle")
        text.text = content[: place.start()]
        node = node_of[fields["data-node"]]
        number = known.get(fields["data-field"], {}).get(node)
        if fields["data-field"] == "local":
            number = local.get((node_of[fields["data-of"]], int(fields["data-index"])))
        item = SubElement(text, f"{SVG}tspan", fields)
        item.text = "" if number is None else format_number(number, DIGITS)
        item.tail = content[place.end() :]


def _local_derivatives(view: View, values: Mapping[Value, float]) -> Iterator[tuple[tuple[Value, int], float]]:
    """The local derivatives of a view, by the node and the index of its input; those of finite values."""
    for node in view.names:
        with suppress(DomainError, KeyError):
            for edge in view.edges(node, values) if node.inputs else ():
                yield (node, edge.i), edge.local_derivative
