"""The positions of circles: in columns along the arrows, in rows across them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from viz.drawing.layout.boxes import Point
from viz.drawing.layout.parts import Arrow, Circle, ColumnPair

# In inches.
MIN_ROW_GAP = 0.45  # between circles above each other
LEAST_ROW_GAP = 0.12  # the same, however compact the picture
MIN_COLUMN_DISTANCE = 2.3
MIN_CLEARANCE = 0.03  # between a circle and an arrow that passes it
UNLABELLED_SPACE = 0.5  # of an arrow without a label
LABEL_SPACE = 0.55  # of an arrow, beside its label
MAX_STRETCH = 2.0  # the largest factor for the distances of rows or columns in a picture that fills its space


class Spacing(NamedTuple):
    """Factors for the distances of rows and columns; below 1, least sizes and gaps are smaller, too."""

    rows: float = 1.0
    columns: float = 1.0

    @property
    def compactness(self) -> float:
        """The factor for least sizes and gaps."""
        return min(1.0, self.columns)


def place_circles(
    circles: Sequence[Circle],
    arrows: Sequence[Arrow],
    is_horizontal: bool,
    spacing: Spacing,
    label_lengths: Mapping[ColumnPair, float],
) -> None:
    """Set the positions of circles, whose sizes are known.

    Each column is centred around the middle line, without its dots, which push down the circles below them. Columns are
    far enough apart for the labels between them, by their lengths along the arrows, and for arrows to pass the
    neighbours of the circles they lead to.
    """
    columns: dict[int, list[Circle]] = defaultdict(list)
    for circle in circles:
        columns[circle.column].append(circle)
    breadth = max((circle.half_sizes(is_horizontal)[1] for circle in circles), default=0.0)
    row = (2 * breadth + max(LEAST_ROW_GAP, MIN_ROW_GAP * spacing.compactness)) * spacing.rows
    for column in columns.values():
        _place_in_rows(column, row, row - 2 * breadth, is_horizontal)
    _center_errors(columns, arrows)
    steepness = {
        circle: found for column in columns.values() for circle, found in _steepness(column, is_horizontal).items()
    }
    passing: dict[ColumnPair, float] = defaultdict(float)
    for arrow in arrows:
        rise = arrow.head.y - arrow.tail.y
        steepest = max(steepness[arrow.tail][rise > 0.0], steepness[arrow.head][rise < 0.0])
        passing[arrow.columns] = max(passing[arrow.columns], abs(rise) * steepest)
    tight = spacing.compactness
    x, before = 0.0, 0.0
    for n in sorted(columns):
        length = max(circle.half_sizes(is_horizontal)[0] for circle in columns[n])
        if n > min(columns):
            label = label_lengths.get((n - 1, n), 0.0)
            gap = label * (1.0 + tight) / 2 + LABEL_SPACE * tight if label else UNLABELLED_SPACE * tight
            least = (before + length + gap) * max(1.0, spacing.columns)
            x += max(MIN_COLUMN_DISTANCE * spacing.columns, least, passing[n - 1, n])
        for circle in columns[n]:
            circle.x = x
        before = length


def _steepness(column: Sequence[Circle], is_horizontal: bool) -> dict[Circle, Point]:
    """The lengths, relative to their rise, at which arrows keep clear of the neighbours of the circles they lead to.

    They are in the direction of the columns, for neighbours below and above.
    """
    found = {}
    for end in column:
        below = above = 0.0
        for circle in column:
            away = circle.y - end.y
            if away:
                along, across = (half + MIN_CLEARANCE for half in circle.half_sizes(is_horizontal))
                sine = min(0.95, across / abs(away))
                length = along / across * sine / math.sqrt(1.0 - sine**2)
                below, above = (max(below, length), above) if away < 0.0 else (below, max(above, length))
        found[end] = (below, above)
    return found


def stretch_to_fill(circles: Sequence[Circle], space: Point, taken: Point, is_horizontal: bool) -> None:
    """Move rows or columns apart to match the shape of a space, of which other parts take up something.

    Its sides, and what is taken of them, are along and across the arrows.
    """
    xs, ys = [circle.x for circle in circles], [circle.y for circle in circles]
    sizes = [circle.half_sizes(is_horizontal) for circle in circles]
    length, breadth = max(xs, default=0.0) - min(xs, default=0.0), max(ys, default=0.0) - min(ys, default=0.0)
    around = [2 * max((size[i] for size in sizes), default=0.0) + MIN_ROW_GAP for i in (0, 1)]
    longer = (breadth + around[1] + taken[1]) * space[0] / space[1] - around[0] - taken[0]
    broader = (length + around[0] + taken[0]) * space[1] / space[0] - around[1] - taken[1]
    for circle in circles:
        circle.x *= min(max(1.0, longer / length), MAX_STRETCH) if length else 1.0
        circle.y *= min(max(1.0, broader / breadth), MAX_STRETCH) if breadth else 1.0


def _place_in_rows(column: list[Circle], row: float, gap: float, is_horizontal: bool) -> None:
    """Place circles from top to bottom, in rows; those that are aside, or beside another, are closer to each other.

    The middle of the others, without dots, is at 0.
    """
    ordered = sorted(column, key=_is_aside)
    y = [0.0]  # of each circle
    last = 0.0  # of the last one in rows
    for above, circle in pairwise(ordered):
        near = y[-1] - above.half_sizes(is_horizontal)[1] - circle.half_sizes(is_horizontal)[1] - gap
        is_near = circle.is_aside or circle.is_beside
        y.append(near if is_near else min(last - row, near if above.is_beside else 0.0))
        last = last if is_near else y[-1]
    counted = [place for circle, place in zip(ordered, y, strict=True) if not _is_beyond(circle)]
    has_targets = any(circle.is_beside for circle in ordered)
    shift = -sum(counted) / len(counted) if has_targets and counted else (len(counted) - 1) / 2 * row
    for circle, place in zip(ordered, y, strict=True):
        circle.y = place + shift


def _is_aside(circle: Circle) -> bool:
    return circle.is_aside


def _is_beyond(circle: Circle) -> bool:
    """Whether it is not counted where a column is centred."""
    return circle.is_aside or circle.is_dots or circle.is_beside


def _center_errors(columns: Mapping[int, list[Circle]], arrows: Sequence[Arrow]) -> None:
    """A circle alone in its column that reads targets is in the middle between them and their outputs."""
    read: dict[Circle, list[Circle]] = defaultdict(list)
    for arrow in arrows:
        read[arrow.head].append(arrow.tail)
    for column in columns.values():
        if len(column) == 1 and any(tail.is_beside for tail in read[column[0]]):
            ys = [tail.y for tail in read[column[0]]]
            column[0].y = (max(ys) + min(ys)) / 2
