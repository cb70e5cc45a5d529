"""Circles in columns and arrows between them: what they are, and where they stand.

Lengths are inches.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise

from viz import notation
from viz.canvas import Point, Words

ROW = 0.45  # between circles that stand above each other
COLUMN = 2.3  # between columns, at least
STEEPEST = 0.3  # of its height is what stands a tall column away from its neighbours
LABEL = 0.46  # the height of a label with a value below it
MOST_LABELS = 20  # on the arrows between two columns; where there are more, none could be read

Group = tuple[int, int]  # the arrows between two columns


@dataclass(frozen=True)
class Half:
    """What stands in a circle, or in either half of a split one: a symbol, and below it its value and derivative."""

    symbol: str
    value: str = ""
    derivative: str = ""

    @property
    def has_numbers(self) -> bool:
        """Whether anything stands below the symbol."""
        return bool(self.value or self.derivative)


@dataclass(eq=False)
class Circle:
    """A node, or a unit: a circle split into a and z. Without halves it is empty.

    Attributes:
        halves: What stands in it: nothing, one thing, or a and z.
        column: Columns are numbered in the direction of the arrows.
        is_aside: Stands below the others of its column, which are centred without it.
        is_dots: Is no circle, but takes the place of those that are left out, as ⋮ does.
        is_faint: Is grey.
        above: What stands small above it, such as a bias.
        below: A small text.
        before: Words at its left, such as those of "x_1 =".
        note: Words below its first half, tied to it by a thin line.
    """

    halves: tuple[Half, ...]
    column: int
    is_aside: bool = False
    is_dots: bool = False
    is_faint: bool = False
    above: tuple[Half, ...] = ()
    below: str = ""
    before: Words = ()
    note: Words = ()
    x: float = field(default=0.0, init=False)
    y: float = field(default=0.0, init=False)

    @property
    def radius(self) -> float:
        """Half the width: wider for a split circle, and for numbers."""
        has_numbers = any(half.has_numbers for half in self.halves)
        if len(self.halves) == 2:
            return 0.85 if has_numbers else 0.575
        return 0.55 if has_numbers else 0.475


@dataclass(eq=False)
class Arrow:
    """From one circle to another.

    Attributes:
        tail, head: The circles.
        label: A symbol or a number.
        value: Of the weight that is the label, to stand below it, or beside it where labels are close together.
        is_under: The label stands under the arrow instead of on it.
        is_faint: Is grey.
        is_cut: Only its ends are drawn; dots between them stand for columns that are left out.
    """

    tail: Circle
    head: Circle
    label: str = ""
    value: str = ""
    is_under: bool = False
    is_faint: bool = False
    is_cut: bool = False

    @property
    def columns(self) -> Group:
        """Those that it leads from and to."""
        return self.tail.column, self.head.column


def fraction(arrows: list[Arrow]) -> float:
    """How far along the arrows between two columns their labels stand.

    With n heads, labels at 1/(n+1) are furthest apart, wherever the arrows cross; 0.36 serves for two.
    """
    strong = [arrow for arrow in arrows if not arrow.is_faint]
    heads, tails = {arrow.head for arrow in strong}, {arrow.tail for arrow in strong}
    if len(heads) <= 1 or len(tails) <= 1:
        return 0.5
    return 0.36 if len(heads) == 2 else 1.0 / (len(heads) + 1)


def place(circles: list[Circle], groups: dict[Group, list[Arrow]], fractions: dict[Group, float]) -> None:
    """Set the positions: columns far enough apart for the labels, each centred around the middle line.

    Dots push down what is below them, and the column is centred as if they were not there.
    """
    columns: dict[int, list[Circle]] = defaultdict(list)
    for circle in circles:
        columns[circle.column].append(circle)
    row = ROW + 2 * max((circle.radius for circle in circles), default=0.0)
    for column in columns.values():
        upright = [circle for circle in column if not circle.is_aside]
        top = (sum(not circle.is_dots for circle in upright) - 1) / 2 * row
        for i, circle in enumerate(upright + [circle for circle in column if circle.is_aside]):
            circle.y = top - i * row
    x = 0.0
    for number in sorted(columns):
        column = columns[number]
        group = (number - 1, number)
        if number > min(columns):
            wanted = 0.0
            if 0 < len(groups.get(group, ())) <= MOST_LABELS:
                part = fractions[group]
                is_beside = are_crowded(groups[group], part)
                rooms = [_rooms(arrow, is_beside) for arrow in groups[group]]
                wanted = max(max(room / part, other / (1.0 - part)) for room, other in rooms)
            tallest = max(len(column), len(columns[number - 1])) * row
            x += max(COLUMN, wanted, STEEPEST * tallest)
        for circle in column:
            circle.x = x


def are_crowded(arrows: list[Arrow], part: float, least: float = LABEL) -> bool:
    """Whether values below the labels, which stand at this fraction of their arrows, would lie upon other labels."""
    labelled = [arrow for arrow in arrows if arrow.label]
    ys = sorted(arrow.tail.y + part * (arrow.head.y - arrow.tail.y) for arrow in labelled)
    return any(above - below < least for below, above in pairwise(ys))


def _rooms(arrow: Arrow, is_beside: bool) -> tuple[float, float]:
    """How far from the middle of its tail, and of its head, the middle of an arrow's label stands at least."""
    value = 0.035 * len(arrow.value) + 0.1 if arrow.value else 0.0
    half = _half_width(arrow.label) + value if is_beside else max(_half_width(arrow.label), value)
    return arrow.tail.radius + half, arrow.head.radius + half


def _half_width(label: str) -> float:
    """About half the width of a label on an arrow, with the space around it."""
    return 0.35 if notation.parse(label) else 0.06 * len(label) + 0.1


def detour(arrow: Arrow, circles: list[Circle], lane: int) -> list[Point]:
    """The corners of an arrow that would, straight, pass through a circle: by the nearest gap of every column between.

    Arrows through the same gap have lanes of their own.
    """
    (x1, y1), (x2, y2) = (arrow.tail.x, arrow.tail.y), (arrow.head.x, arrow.head.y)
    columns: dict[float, list[Circle]] = defaultdict(list)
    for circle in circles:
        if arrow.tail.column < circle.column < arrow.head.column:
            columns[circle.x].append(circle)
    corners, is_blocked = [], False
    for x in sorted(columns):
        slope = (y2 - y1) / (x2 - x1)
        y = y1 + slope * (x - x1)
        is_blocked |= any(abs(circle.y - y) < circle.radius * math.hypot(1.0, slope) for circle in columns[x])
        away = max(circle.radius for circle in columns[x]) + ROW / 2
        gaps = [circle.y + side for circle in columns[x] for side in (away, -away)]
        gap = min((abs(gap - y), gap) for gap in gaps)[1] + (lane % 3 - 1) * ROW / 3
        corners += [(x - away, gap), (x + away, gap)]
    return corners if is_blocked else []
