"""Boxes on the page, and the straight pieces of arrows that are near to them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from viz.drawing.canvas import Point
from viz.drawing.courses import Course
from viz.drawing.layout import Arrow, Circle

GAP = 0.03  # between a label and anything else, in inches
_SQUARE = 0.5  # the side of a square of the grid in which pieces are found, in inches


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


class Piece(NamedTuple):
    """A straight piece of the course of an arrow, and whether the arrow's tip is at its end."""

    arrow: Arrow
    start: Point
    end: Point
    has_tip: bool


class Pieces:
    """The pieces of courses, by the squares of a grid through which they run."""

    def __init__(self, courses: Mapping[Arrow, Course]) -> None:
        self._pieces: list[Piece] = []
        self._squares: dict[tuple[int, int], list[int]] = defaultdict(list)
        for arrow, course in courses.items():
            for start, end in pairwise(course.points):
                for square in _squares_on(start, end):
                    self._squares[square].append(len(self._pieces))
                self._pieces.append(Piece(arrow, start, end, end is course.points[-1]))

    def near(self, box: Box) -> Iterator[Piece]:
        """The pieces of which the least upright rectangle around them overlaps a box."""
        (left, bottom), (right, top) = (
            _square_at(box.x + side * box.half_width, box.y + side * box.half_height) for side in (-1, 1)
        )
        squares = self._squares
        found = {i for x in range(left, right + 1) for y in range(bottom, top + 1) for i in squares.get((x, y), ())}
        for i in sorted(found):
            piece = self._pieces[i]
            if box.may_meet(piece.start, piece.end):
                yield piece

    def keep_clear_of(self, circles: Mapping[Circle, Box]) -> bool:
        """Whether no arrow touches a circle that is not its own."""
        return not any(
            piece.arrow.tail is not circle
            and piece.arrow.head is not circle
            and box.ellipse_meets(piece.start, piece.end)
            for circle, box in circles.items()
            for piece in self.near(box)
        )


def _square_at(x: float, y: float) -> tuple[int, int]:
    return math.floor(x / _SQUARE), math.floor(y / _SQUARE)


def _squares_on(start: Point, end: Point) -> Iterator[tuple[int, int]]:
    """The squares through which a straight piece runs."""
    (x, y), (to_x, to_y) = sorted((start, end))
    slope = (to_y - y) / (to_x - x) if to_x - x > 1e-9 else 0.0
    first, last = _square_at(x, y)[0], _square_at(to_x, to_y)[0]
    for column in range(first, last + 1):
        before = y if column == first else y + slope * (column * _SQUARE - x)
        after = to_y if column == last else y + slope * ((column + 1) * _SQUARE - x)
        low, high = _square_at(0.0, min(before, after))[1], _square_at(0.0, max(before, after))[1]
        for row in range(low, high + 1):
            yield column, row
