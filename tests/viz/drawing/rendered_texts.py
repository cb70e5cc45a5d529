"""Overlaps in a picture, read from what Graphviz draws."""

from __future__ import annotations

import math
from itertools import combinations
from typing import Any, NamedTuple

from tests.viz.drawing.network_reading import curve

CAPITALS, BELOW = 0.68, 0.2  # of a size of type: the height of letters above their line, and of what is below it
TOLERANCE = 0.5  # in points


class Text(NamedTuple):
    """A text as it is drawn: the name of its part of the picture, and the sides of its box in points."""

    part: str
    text: str
    left: float
    right: float
    bottom: float
    top: float


def rendered_texts(layout: dict[str, Any]) -> list[Text]:
    """All texts that a layout of `dot -Tjson` draws, but spaces."""
    found = []
    for part in layout["objects"]:
        size = 0.0
        for drawn in part.get("_ldraw_", ()):
            if drawn["op"] == "F":
                size = drawn["size"]
            elif drawn["op"] == "T" and drawn["text"].strip():
                (x, y), width = drawn["pt"], drawn["width"]
                left = x - {"l": 0.0, "c": width / 2, "r": width}[drawn["align"]]
                found.append(
                    Text(part["name"], drawn["text"], left, left + width, y - BELOW * size, y + CAPITALS * size)
                )
    return found


def overlaps(layout: dict[str, Any]) -> list[str]:
    """The faults found: texts on texts, texts on the rims of circles, and arrows through circles or hidden by them."""
    texts, problems = rendered_texts(layout), []
    for one, other in combinations(texts, 2):
        across = min(one.right, other.right) - max(one.left, other.left)
        up = min(one.top, other.top) - max(one.bottom, other.bottom)
        if one.part != other.part and across > TOLERANCE and up > TOLERANCE:
            problems.append(f"{one.text!r} of {one.part} lies on {other.text!r} of {other.part}")
    for circle in layout["objects"]:
        if circle.get("shape") == "plaintext" or float(circle["height"]) < 0.5:
            continue
        for text in texts:
            if text.part == circle["name"] and not _is_inside(text, circle):
                problems.append(f"{text.text!r} runs out of {text.part}")
            if text.part != circle["name"] and not _is_outside(text, circle):
                problems.append(f"{text.text!r} of {text.part} lies on {circle['name']}")
    return problems


def arrows_through_circles(layout: dict[str, Any]) -> list[str]:
    """The arrows that run through other circles than their own."""
    problems = []
    for edge in layout.get("edges", ()):
        points = curve(edge)
        for i, circle in enumerate(layout["objects"]):
            is_other = i not in (edge["tail"], edge["head"]) and circle.get("shape") != "plaintext"
            if is_other and min(_radii(circle, *point) for point in points) < 0.98:
                problems.append(f"an arrow runs through {circle['name']}")
    return problems


def _radii(circle: dict[str, Any], x: float, y: float) -> float:
    """The distance of a point from the middle of an ellipse, in its radii."""
    at_x, at_y = map(float, circle["pos"].split(","))
    return math.hypot((x - at_x) / (36 * float(circle["width"])), (y - at_y) / (36 * float(circle["height"])))


def _is_inside(text: Text, circle: dict[str, Any]) -> bool:
    corners = [(x, y) for x in (text.left, text.right) for y in (text.bottom, text.top)]
    return all(_radii(circle, x, y) < 1.0 for x, y in corners)


def _is_outside(text: Text, circle: dict[str, Any]) -> bool:
    x, y = map(float, circle["pos"].split(","))
    nearest = min(max(x, text.left), text.right), min(max(y, text.bottom), text.top)
    return _radii(circle, *nearest) > 1.0
