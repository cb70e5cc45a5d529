"""Boxes on the page, in inches."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

Point = tuple[float, float]

GAP = 0.03  # between a label and anything else


class Box(NamedTuple):
    """A rectangle on the page: its middle, and half its width and height."""

    x: float
    y: float
    half_width: float
    half_height: float

    def overlaps(self, other: Box) -> bool:
        """Whether it is closer to another than the gap."""
        return (
            abs(self.x - other.x) < self.half_width + other.half_width + GAP
            and abs(self.y - other.y) < self.half_height + other.half_height + GAP
        )

    def overlaps_ellipse(self, around: Box) -> bool:
        """Whether it is closer than the gap to the ellipse in a box."""
        x, y = abs(self.x - around.x) - self.half_width, abs(self.y - around.y) - self.half_height
        width, height = around.half_width + GAP, around.half_height + GAP
        return x < width and y < height and math.hypot(max(0.0, x) / width, max(0.0, y) / height) < 1.0

    def ellipse_meets(self, start: Point, end: Point) -> bool:
        """Whether a straight line meets the ellipse in this box."""
        x, y = (start[0] - self.x) / self.half_width, (start[1] - self.y) / self.half_height
        along, across = (end[0] - start[0]) / self.half_width, (end[1] - start[1]) / self.half_height
        length = along * along + across * across
        t = min(max(0.0, -(x * along + y * across) / length), 1.0) if length else 0.0
        return math.hypot(x + t * along, y + t * across) < 1.0

    def grown(self, by: float) -> Box:
        """The box with this much more on each side."""
        return Box(self.x, self.y, self.half_width + by, self.half_height + by)

    def may_meet(self, start: Point, end: Point) -> bool:
        """Whether it overlaps the rectangle around a straight line."""
        x, y, half_width, half_height = self
        return (
            min(start[0], end[0]) < x + half_width
            and max(start[0], end[0]) > x - half_width
            and min(start[1], end[1]) < y + half_height
            and max(start[1], end[1]) > y - half_height
        )

    def span_inside(self, start: Point, end: Point) -> tuple[float, float] | None:
        """The fractions between which a straight line is inside, if it is anywhere."""
        first, last = 0.0, 1.0
        sides = (start[0], end[0], self.x, self.half_width), (start[1], end[1], self.y, self.half_height)
        for at, to, middle, half in sides:
            if abs(to - at) < 1e-9:
                if abs(at - middle) > half:
                    return None
                continue
            one, other = (middle - half - at) / (to - at), (middle + half - at) / (to - at)
            first, last = max(first, min(one, other)), min(last, max(one, other))
        return (first, last) if first < last else None


def box_around(boxes: Sequence[Box]) -> Box:
    """The least box that contains boxes."""
    left = min((box.x - box.half_width for box in boxes), default=0.0)
    right = max((box.x + box.half_width for box in boxes), default=0.0)
    bottom = min((box.y - box.half_height for box in boxes), default=0.0)
    top = max((box.y + box.half_height for box in boxes), default=0.0)
    return Box((left + right) / 2, (bottom + top) / 2, (right - left) / 2, (top - bottom) / 2)
