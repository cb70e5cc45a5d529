"""Drawings of networks read back: the circles in columns, the texts, and the arrows with their labels."""

import math
import re
from collections import defaultdict
from typing import Any

from engine import Value, dot, label
from tests.viz.drawing.dot_reading import DotGraph, DotNode, read_dot
from viz import draw_network


def read_network(root: Value | list[Value], **options: Any) -> DotGraph:
    """A picture read back; without numbers, unless they are asked for."""
    return read_dot(draw_network(root, **{"data": False, **options}))


def circles(picture: DotGraph) -> list[DotNode]:
    return [node for node in picture.nodes.values() if node.radius]


def texts(picture: DotGraph) -> list[DotNode]:
    return [node for node in picture.nodes.values() if not node.radius]


def columns(picture: DotGraph) -> list[list[str]]:
    """The texts of the circles in each column, from left to right and from top to bottom."""
    found = defaultdict(list)
    for node in sorted(circles(picture), key=lambda node: (node.x, -node.y)):
        found[node.x].append(node.text)
    return list(found.values())


def arrows(picture: DotGraph) -> set[tuple[str, str, str]]:
    """The tail, head and label of each arrow; its label is the text on the line between the two circles."""
    found = []
    for tail, head, _ in picture.edges:
        start, end = picture.nodes[tail], picture.nodes[head]
        on_it = [text.text for text in texts(picture) if lies_between(text, start, end)]
        found.append((start.text, end.text, " and ".join(on_it)))
    assert len(set(found)) == len(found), "two arrows are the same"
    return set(found)


def distance(one: DotNode, other: DotNode) -> float:
    return math.dist((one.x, one.y), (other.x, other.y))


def lies_between(text: DotNode, start: DotNode, end: DotNode) -> bool:
    """Whether a text is on the straight line from the rim of one circle to the rim of another, up to rounding."""
    from_start, to_end = distance(text, start), distance(text, end)
    is_on_line = from_start + to_end < distance(start, end) + 1e-3
    return is_on_line and from_start > start.radius and to_end > end.radius


def skipping(units: int) -> Value:
    """A network of three layers, of which the last also reads the inputs."""
    x = [Value(1.0, f"x_{i}") for i in range(1, units + 1)]
    below = x
    for letter in "ab":
        below = [dot([Value(1.0, "w")] * units, below) for _ in x]
        label(**{f"{letter}_{i}": node for i, node in enumerate(below, 1)})
    y: Value = dot([Value(1.0, f"w_{i}") for i in range(1, 2 * units + 1)], [*below, *x])
    y.label = "y"
    return y


def curve(edge: dict[str, Any]) -> list[tuple[float, float]]:
    """Points along an edge in a layout of `dot`: "e,x,y" for the tip of the arrow, then Bézier curves end to end."""
    points = [tuple(map(float, point.split(","))) for point in re.sub(r"e,\S+ ", "", edge["pos"]).split()]
    found = []
    for i in range(0, len(points) - 3, 3):
        for t in (step / 20 for step in range(21)):
            parts = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
            x, y = (sum(p * c[axis] for p, c in zip(parts, points[i : i + 4], strict=True)) for axis in (0, 1))
            found.append((x, y))
    return found
