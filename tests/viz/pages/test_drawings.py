"""The drawings of a live page, as SVG."""

from __future__ import annotations

import random
import re
from xml.etree.ElementTree import Element, fromstring

import pytest

from engine import Value
from nn import MLP, half_squared_error
from tests.layout_program import needs_dot
from viz.pages.live_page.drawings import svg_of
from viz.pages.live_page.model import LiveGraph
from viz.pages.live_page.places import SVG


def lines(svg: Element) -> list[list[complex]]:
    """The points of each line of an arrow: its start, and three for each cubic curve."""
    paths = [path.get("d", "") for path in svg.iter(f"{SVG}path") if path.get("fill") == "none"]
    numbers = [re.findall(r"([-0-9.]+),([-0-9.]+)", path) for path in paths]
    return [[complex(float(x), float(y)) for x, y in points] for points in numbers]


def turns(line: list[complex]) -> list[float]:
    """The cosines of the angles between the polygon's sides that begin or end where two curves of a line meet."""
    points, meeting = [line[0]], set[complex]()
    for k, point in enumerate(line[1:], 1):
        if abs(point - points[-1]) > 0.02:  # Graphviz repeats points, and rounds to 0.01
            points.append(point)
        if k % 3 == 0:
            meeting.add(points[-1])
    sides = [(y, y - x, z - y) for x, y, z in zip(points, points[1:], points[2:], strict=False)]
    return [(p * q.conjugate()).real / abs(p) / abs(q) for y, p, q in sides if y in meeting]


@needs_dot
@pytest.mark.parametrize("n", [1, 5])
def test_arrows_lead_through_their_numbers_without_a_corner(n: int) -> None:
    a, b = Value(2.0, "a"), Value(1.0, "b")
    y = (a + b) * (b + 1) * a
    for _ in range(n):
        y = y * a + b
    graph = LiveGraph(y)
    svg = fromstring(svg_of(graph, "all"))
    found = lines(svg)
    assert len(found) == sum(len(node.inputs) for node in graph.order)
    assert min(turn for line in found for turn in turns(line)) > 0.99


@needs_dot
def test_the_arrow_of_a_constant_begins_beside_its_number() -> None:
    b = Value(2.0, "b")
    svg = fromstring(svg_of(LiveGraph(b + 1), "all"))
    [number] = [text for text in svg.iter(f"{SVG}text") if text.text == "1"]
    x, y = float(number.get("x", "")), float(number.get("y", ""))
    assert min(abs(line[0] - complex(x, y)) for line in lines(svg)) < 20


@needs_dot
def test_numbers_that_change_stand_below_their_symbols() -> None:
    network = MLP(2, [3, 1], rng=random.Random(1))
    svg = fromstring(svg_of(LiveGraph(half_squared_error(network([0.5, -1.0]), 0.25)), "paper"))
    texts = ["".join(text.itertext()) for text in svg.iter(f"{SVG}text")]
    assert any("∂" in text for text in texts)
    assert not any("=" in text for text in texts)  # as beside the symbol of a bias
