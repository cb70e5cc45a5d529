"""The straight pieces of arrows that are near to a box, found in a grid."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

from viz.drawing.layout.boxes import Box, Point
from viz.drawing.layout.courses import CLEARANCE, Course
from viz.drawing.layout.parts import Arrow, Circle

_SQUARE = 0.5  # the side of a square of the grid, in inches


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
        """Whether no arrow comes near a circle that is not its own."""
        return not any(
            piece.arrow.tail is not circle
            and piece.arrow.head is not circle
            and box.ellipse_meets(piece.start, piece.end)
            for circle, box in ((circle, box.grown(CLEARANCE)) for circle, box in circles.items())
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
