"""Circles in columns and arrows between them: what they are, and where they stand, in inches."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise

from engine.labels import parse_label
from viz.drawing import dot_labels
from viz.drawing.canvas import ARROW_NUMBER_SIZE, ARROW_SYMBOL_SIZE, NUMBER_SIZE, LabelRow, Point

MIN_ROW_GAP = 0.45  # between circles that stand above each other, at least
MIN_COLUMN_DISTANCE = 2.3  # between columns, at least
CLEARANCE = 0.03  # between a circle and an arrow that passes by it, at least
LABEL_HEIGHT, VALUE_HEIGHT = 0.34, 0.12  # the heights of a label on an arrow, and of the value below it
MAX_LABELS = 20  # on the arrows between two columns; where there are more, there are none
MAX_STRETCH = 2.0  # times as far apart may rows or columns stand so that a picture fills its space
MAX_ROW_DISTANCE = 3.2  # from the middle of a circle to that of the next; no farther apart do they move for labels

ColumnPair = tuple[int, int]  # the arrows between two columns


@dataclass(frozen=True)
class NodeText:
    """What stands in a circle, or in either half of a split one: a symbol, and below it its value and derivative."""

    symbol: str
    value: str = ""
    derivative: str = ""


@dataclass(eq=False)
class Circle:
    """A node, or a unit: a circle split into a and z. Without halves it is empty.

    Attributes:
        halves: What stands in it: nothing, one thing, or a and z.
        column: Columns are numbered in the direction of the arrows.
        is_aside: Stands below the others of its column, which are centred without it.
        is_dots: Is no circle, but takes the place of those that are left out, as ⋮ does.
        is_faint: Is grey.
        is_marked: Is where something happens.
        above: What stands small above it, such as a bias.
        below: A small text.
        before: LabelRow at its left, such as those of "x_1 =".
        note: LabelRow below its first half, tied to it by a thin line.
    """

    halves: tuple[NodeText, ...]
    column: int
    is_aside: bool = False
    is_dots: bool = False
    is_faint: bool = False
    is_marked: bool = False
    above: tuple[NodeText, ...] = ()
    below: str = ""
    before: LabelRow = ()
    note: LabelRow = ()
    x: float = field(default=0.0, init=False)
    y: float = field(default=0.0, init=False)

    @property
    def at(self) -> Point:
        """Where its middle stands."""
        return self.x, self.y

    @property
    def radius(self) -> float:
        """NodeText the width: wider for a split circle, and for numbers."""
        has_numbers = any(half.value or half.derivative for half in self.halves)
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
        is_marked: Is where something happens.
        is_cut: Only its ends are drawn; dots between them stand for columns that are left out.
    """

    tail: Circle
    head: Circle
    label: str = ""
    value: str = ""
    is_under: bool = False
    is_faint: bool = False
    is_marked: bool = False
    is_cut: bool = False

    @property
    def columns(self) -> ColumnPair:
        """Those that it leads from and to."""
        return self.tail.column, self.head.column


@dataclass(frozen=True)
class LabelPlacement:
    """How the labels stand on the arrows between two columns.

    Attributes:
        part: How far along their arrows.
        values: Where the values of weights stand: "below" the labels or "beside" them; "nowhere" if there is no room.
    """

    part: float
    values: str = "below"


def place_circles(
    circles: list[Circle], arrows: list[Arrow], is_level: bool
) -> dict[ColumnPair, LabelPlacement | None]:
    """Set the positions, each column centred around the middle line, and return how labels stand between columns.

    Where arrows are too many for labels, this is None. Rows and columns stand as far apart as labels need, and columns
    far enough for the arrows to pass by the circles next to those that they lead to. Dots push down what is below them,
    and the column is centred without them.
    """
    columns: dict[int, list[Circle]] = defaultdict(list)
    for circle in circles:
        columns[circle.column].append(circle)
    for column in columns.values():
        top = (sum(not circle.is_aside and not circle.is_dots for circle in column) - 1) / 2
        for i, circle in enumerate(sorted(column, key=lambda circle: circle.is_aside)):
            circle.y = top - i  # in rows
    radius = max((circle.radius for circle in circles), default=0.0)
    row = 2 * radius + max([MIN_ROW_GAP, *(_min_row_gap(circle, is_level) for circle in circles)])
    groups: dict[ColumnPair, list[Arrow]] = defaultdict(list)
    for arrow in arrows:
        groups[arrow.columns].append(arrow)
    ways = {columns: _place_labels(group, row, is_level) for columns, group in groups.items()}
    row = max([row, *(wanted for _, wanted in ways.values())])
    for circle in circles:
        circle.y *= row
    labels = {columns: way for columns, (way, _) in ways.items()}
    slope = (radius + CLEARANCE) / math.sqrt(row**2 - (radius + CLEARANCE) ** 2)
    x = 0.0
    for number in sorted(columns):
        if number > min(columns):
            group, way = groups[number - 1, number], labels.get((number - 1, number))
            steepest = max((abs(arrow.head.y - arrow.tail.y) for arrow in group), default=0.0)
            x += max(MIN_COLUMN_DISTANCE, slope * steepest, _min_column_distance(group, way, is_level) if way else 0.0)
        for circle in columns[number]:
            circle.x = x
    return labels


def stretch_to_fill(circles: list[Circle], along: float, across: float) -> None:
    """Draw rows, or columns, apart so that the picture has about the shape of a space, along the arrows and across."""
    around = 2 * max((circle.radius for circle in circles), default=0.0) + MIN_ROW_GAP
    xs, ys = [circle.x for circle in circles], [circle.y for circle in circles]
    length, breadth = max(xs, default=0.0) - min(xs, default=0.0), max(ys, default=0.0) - min(ys, default=0.0)
    longer = (breadth + around) * along / across - around
    broader = (length + around) * across / along - around
    for circle in circles:
        circle.x *= min(max(1.0, longer / length), MAX_STRETCH) if length else 1.0
        circle.y *= min(max(1.0, broader / breadth), MAX_STRETCH) if breadth else 1.0


def _min_row_gap(circle: Circle, is_level: bool) -> float:
    """How far apart circles stand at least for what stands above and below this one, or on both sides of it."""
    if is_level:
        return 0.6 if circle.above and circle.below else 0.0
    width = bias_width(circle) if circle.above else 0.0
    return width + 0.25 + (dot_labels.label_width(circle.below, NUMBER_SIZE + 1) if circle.below else 0.0)


def bias_width(circle: Circle) -> float:
    """How wide it is what stands above a circle, each value below its symbol."""
    return max(
        dot_labels.label_width(text, NUMBER_SIZE + 1) for half in circle.above for text in (half.symbol, half.value)
    )


def _place_labels(arrows: list[Arrow], row: float, is_level: bool) -> tuple[LabelPlacement | None, float]:
    """How the labels of arrows stand, and from one row to the next what this takes, as circles stand in whole rows.

    They stand near the tails, or near the heads if only there they are far enough apart; there are none if the arrows
    are too many.
    """
    if len(arrows) > MAX_LABELS:
        return None, row
    labelled = [arrow for arrow in arrows if arrow.label]
    parts = label_fractions(arrows)
    if not labelled:
        return LabelPlacement(parts[0]), row
    for forms in (("below", "beside"),) if is_level else (("below",), ("nowhere",)):
        needs = {
            LabelPlacement(part, values): max(_breadth(arrow, values, is_level) for arrow in labelled)
            / _min_label_distance(labelled, part)
            for part in parts
            for values in forms
        }
        found, need = min(needs.items(), key=lambda item: max(row, item[1]))  # the first for which there is room
        if need <= MAX_ROW_DISTANCE:
            return found, need
    return LabelPlacement(parts[0], "beside" if is_level else "nowhere"), row


def label_fractions(arrows: list[Arrow]) -> tuple[float, float]:
    """How far along the arrows between two columns their labels may stand: near the tails, or near the heads.

    With n heads, labels at 1/(n+1) are furthest apart, wherever the arrows cross; 0.36 serves for two.
    """
    strong = [arrow for arrow in arrows if not arrow.is_faint]
    heads, tails = len({arrow.head for arrow in strong}), len({arrow.tail for arrow in strong})
    if heads <= 1 or tails <= 1:
        return 0.5, 0.5
    near_tails, near_heads = (0.36 if n == 2 else 1.0 / (n + 1) for n in (heads, tails))
    return near_tails, 1.0 - near_heads


def _min_label_distance(arrows: list[Arrow], part: float) -> float:
    """The least distance between labels at this fraction of their arrows."""
    ys = sorted(arrow.tail.y + part * (arrow.head.y - arrow.tail.y) for arrow in arrows)
    return max(1e-9, min((above - below for below, above in pairwise(ys)), default=math.inf))


def _breadth(arrow: Arrow, values: str, is_level: bool) -> float:
    """How much of the room across the arrows a label takes."""
    if is_level:
        return (
            LABEL_HEIGHT + (VALUE_HEIGHT if arrow.value and values == "below" else 0.0)
            if parse_label(arrow.label)
            else 0.28
        )
    value = arrow.value if values == "below" else ""
    return (
        max(
            dot_labels.label_width(arrow.label, arrow_label_size(arrow.label, is_level)),
            dot_labels.label_width(value, NUMBER_SIZE),
        )
        + 0.04
    )


def arrow_label_size(label: str, is_level: bool) -> int:
    """The size of type of a label on an arrow: numbers that stand side by side are small."""
    return ARROW_SYMBOL_SIZE if is_level or parse_label(label) else ARROW_NUMBER_SIZE


def _min_column_distance(arrows: list[Arrow], labels: LabelPlacement, is_level: bool) -> float:
    """How far apart two columns stand at least, so that labels keep clear of circles."""
    rooms = [(_half_length(arrow, labels.values, is_level), arrow) for arrow in arrows]
    before = max(arrow.tail.radius + room for room, arrow in rooms)
    behind = max(arrow.head.radius + room for room, arrow in rooms)
    return max(before / labels.part, behind / (1.0 - labels.part))


def _half_length(arrow: Arrow, values: str, is_level: bool) -> float:
    """NodeText of the room along the arrows that a label takes, with the space around it."""
    if not is_level:
        return LABEL_HEIGHT / 2 + (VALUE_HEIGHT if arrow.value and values == "below" else 0.0) + 0.1
    value = 0.035 * len(arrow.value) + 0.1 if arrow.value else 0.0
    symbol = parse_label(arrow.label)
    half = (
        max(0.35, dot_labels.label_width(arrow.label, ARROW_SYMBOL_SIZE) / 2 + 0.1)
        if symbol
        else 0.06 * len(arrow.label) + 0.1
    )
    return half + value if values == "beside" else max(half, value)


def corners_around(arrow: Arrow, circles: list[Circle], lane: int) -> list[Point]:
    """The corners of an arrow that would, straight, pass through a circle: by the nearest gap of every column between.

    Arrows through the same gap have lanes of their own.
    """
    (x1, y1), (x2, y2) = arrow.tail.at, arrow.head.at
    columns: dict[float, list[Circle]] = defaultdict(list)
    for circle in circles:
        if arrow.tail.column < circle.column < arrow.head.column:
            columns[circle.x].append(circle)
    corners, is_blocked = [], False
    for x in sorted(columns):
        slope = (y2 - y1) / (x2 - x1)
        y = y1 + slope * (x - x1)
        is_blocked |= any(abs(circle.y - y) < circle.radius * math.hypot(1.0, slope) for circle in columns[x])
        away = max(circle.radius for circle in columns[x]) + MIN_ROW_GAP / 2
        gaps = [circle.y + side for circle in columns[x] for side in (away, -away)]
        gap = min((abs(gap - y), gap) for gap in gaps)[1] + (lane % 3 - 1) * MIN_ROW_GAP / 3
        corners += [(x - away, gap), (x + away, gap)]
    return corners if is_blocked else []
