"""The layout of a diagram: circles, arrows between them, and their positions in inches."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise, product

from engine.labels import parse_label
from viz.drawing.canvas import FontSize, LabelRow, Point
from viz.drawing.dot_labels import label_width

MIN_ROW_GAP = 0.45  # between circles above each other
MIN_COLUMN_DISTANCE = 2.3
MIN_CLEARANCE = 0.03  # between a circle and an arrow that passes it
LABEL_HEIGHT, VALUE_HEIGHT = 0.34, 0.12  # of a label on an arrow, and of the value below it
MAX_LABELS = 20  # on the arrows between two columns; more arrows are drawn without labels
MAX_STRETCH = 2.0  # the largest factor for the distances of rows or columns in a picture that fills its space
MAX_ROW_DISTANCE = 3.2  # to which labels may move rows apart, from centre to centre

ColumnPair = tuple[int, int]


@dataclass(frozen=True)
class NodeText:
    """The text in a circle, or in one half of a split circle: a symbol, and below it its value and derivative."""

    symbol: str
    value: str = ""
    derivative: str = ""


@dataclass(eq=False)
class Circle:
    """The circle of a node, or of a unit, which is split into a and z.

    Attributes:
        halves: Its texts: none, one, or those of a and z.
        column: Columns are numbered in the direction of the arrows.
        is_aside: Whether it is placed below the other circles of its column, and not counted when these are centred.
        is_dots: Whether dots ⋮ are drawn instead, for circles that are left out.
        is_faint: Whether it is grey.
        is_marked: Whether it is highlighted.
        rings: For each half, whether a ring around it highlights it; empty if no room is kept for rings.
        above: Small texts above it, such as a bias.
        below: A small text below it.
        before: Text at its left, such as "x_1 =".
        note: Text below its first half, joined to it by a thin line.
    """

    halves: tuple[NodeText, ...]
    column: int
    is_aside: bool = False
    is_dots: bool = False
    is_faint: bool = False
    is_marked: bool = False
    rings: tuple[bool, ...] = ()
    above: tuple[NodeText, ...] = ()
    below: str = ""
    before: LabelRow = ()
    note: LabelRow = ()
    x: float = field(default=0.0, init=False)
    y: float = field(default=0.0, init=False)

    @property
    def at(self) -> Point:
        """The position of its centre."""
        return self.x, self.y

    @property
    def radius(self) -> float:
        """The radius in inches; larger for a split circle, and with numbers."""
        has_numbers = any(half.value or half.derivative for half in self.halves)
        if len(self.halves) == 2:
            return 0.85 if has_numbers else 0.575
        return 0.55 if has_numbers else 0.475


@dataclass(eq=False)
class Arrow:
    """An arrow from one circle to another.

    Attributes:
        tail, head: The circles.
        label: A symbol or a number.
        value: The value of the weight that is the label, drawn below it, or beside it where labels are close together.
        derivative: The derivative with respect to this weight, drawn after its value.
        is_under: Whether the label is drawn below the arrow instead of on it.
        is_faint: Whether it is grey.
        is_marked: Whether it is highlighted.
        is_cut: Whether only its ends are drawn, with dots between them for columns that are left out.
    """

    tail: Circle
    head: Circle
    label: str = ""
    value: str = ""
    derivative: str = ""
    is_under: bool = False
    is_faint: bool = False
    is_marked: bool = False
    is_cut: bool = False

    @property
    def numbers(self) -> list[str]:
        """Its value and its derivative, those of them that are given."""
        return [number for number in (self.value, self.derivative) if number]

    @property
    def columns(self) -> ColumnPair:
        """The columns of its tail and its head."""
        return self.tail.column, self.head.column


@dataclass(frozen=True)
class LabelPlacement:
    """The positions of the labels on the arrows between two columns.

    Attributes:
        fraction: The position along the arrow, as a fraction of its length.
        values: The position of the values of weights: "below" the labels, "beside" them, or "nowhere" for lack of room.
    """

    fraction: float
    values: str = "below"


def place_circles(
    circles: list[Circle], arrows: list[Arrow], is_horizontal: bool
) -> dict[ColumnPair, LabelPlacement | None]:
    """Set the positions of circles, and return the placement of labels by column pair, None for too many arrows.

    Each column is centred around the middle line, without its dots, which push down the circles below them. Rows are as
    far apart as labels need, and columns also far enough for arrows to pass the neighbours of the circles they lead to.
    """
    columns: dict[int, list[Circle]] = defaultdict(list)
    for circle in circles:
        columns[circle.column].append(circle)
    for column in columns.values():
        top = (sum(not circle.is_aside and not circle.is_dots for circle in column) - 1) / 2
        for i, circle in enumerate(sorted(column, key=lambda circle: circle.is_aside)):
            circle.y = top - i  # in rows, until their distance is known
    radius = max((circle.radius for circle in circles), default=0.0)
    row = 2 * radius + max([MIN_ROW_GAP, *(_min_row_gap(circle, is_horizontal) for circle in circles)])
    groups: dict[ColumnPair, list[Arrow]] = defaultdict(list)
    for arrow in arrows:
        groups[arrow.columns].append(arrow)
    placements: dict[ColumnPair, LabelPlacement | None] = {}
    distances = [row]
    for pair, group in groups.items():
        placements[pair], distance = _place_labels(group, row, is_horizontal)
        distances.append(distance)
    row = max(distances)
    for circle in circles:
        circle.y *= row
    slope = (radius + MIN_CLEARANCE) / math.sqrt(row**2 - (radius + MIN_CLEARANCE) ** 2)
    x = 0.0
    for n in sorted(columns):
        if n > min(columns):
            group, placement = groups[n - 1, n], placements.get((n - 1, n))
            steepest = max((abs(arrow.head.y - arrow.tail.y) for arrow in group), default=0.0)
            for_labels = _min_column_distance(group, placement, is_horizontal) if placement else 0.0
            x += max(MIN_COLUMN_DISTANCE, slope * steepest, for_labels)
        for circle in columns[n]:
            circle.x = x
    return placements


def stretch_to_fill(circles: list[Circle], along: float, across: float) -> None:
    """Move rows or columns apart to match the shape of a space, whose sides are along and across the arrows."""
    around = 2 * max((circle.radius for circle in circles), default=0.0) + MIN_ROW_GAP
    xs, ys = [circle.x for circle in circles], [circle.y for circle in circles]
    length, breadth = max(xs, default=0.0) - min(xs, default=0.0), max(ys, default=0.0) - min(ys, default=0.0)
    longer = (breadth + around) * along / across - around
    broader = (length + around) * across / along - around
    for circle in circles:
        circle.x *= min(max(1.0, longer / length), MAX_STRETCH) if length else 1.0
        circle.y *= min(max(1.0, broader / breadth), MAX_STRETCH) if breadth else 1.0


def _min_row_gap(circle: Circle, is_horizontal: bool) -> float:
    """The least distance to the next circle: room for the texts above and below, or on both sides."""
    if is_horizontal:
        return 0.6 if circle.above and circle.below else 0.0
    width = bias_width(circle) if circle.above else 0.0
    return width + 0.25 + (label_width(circle.below, FontSize.NUMBER + 1) if circle.below else 0.0)


def bias_width(circle: Circle) -> float:
    """The width of the texts above a circle, each value below its symbol."""
    texts = (text for half in circle.above for text in (half.symbol, half.value, half.derivative))
    return max(label_width(text, FontSize.NUMBER + 1) for text in texts)


def _place_labels(arrows: list[Arrow], row: float, is_horizontal: bool) -> tuple[LabelPlacement | None, float]:
    """The placement of the labels of arrows between two columns, and the distance of rows that it needs.

    Labels are near the tails, or near the heads if they are far enough apart only there. None for too many arrows. The
    circles must be in whole rows.
    """
    if len(arrows) > MAX_LABELS:
        return None, row
    labelled = [arrow for arrow in arrows if arrow.label]
    fractions = label_fractions(arrows)
    if not labelled:
        return LabelPlacement(fractions[0]), row
    for forms in (("below", "beside"),) if is_horizontal else (("below",), ("nowhere",)):
        needs = {}
        for fraction, values in product(fractions, forms):
            breadth = max(_breadth(arrow, values, is_horizontal) for arrow in labelled)
            needs[LabelPlacement(fraction, values)] = breadth / _min_label_distance(labelled, fraction)
        found, need = min(needs.items(), key=lambda item: max(row, item[1]))  # the first with enough room
        if need <= MAX_ROW_DISTANCE:
            return found, need
    return LabelPlacement(fractions[0], "beside" if is_horizontal else "nowhere"), row


def label_fractions(arrows: list[Arrow]) -> tuple[float, float]:
    """The two positions of labels along the arrows between two columns: near the tails, and near the heads.

    With n heads, labels at 1/(n+1) are furthest apart, wherever the arrows cross; for two heads, 0.36 is used.
    """
    strong = [arrow for arrow in arrows if not arrow.is_faint]
    heads, tails = len({arrow.head for arrow in strong}), len({arrow.tail for arrow in strong})
    if heads <= 1 or tails <= 1:
        return 0.5, 0.5
    near_tails, near_heads = (0.36 if n == 2 else 1.0 / (n + 1) for n in (heads, tails))
    return near_tails, 1.0 - near_heads


def _min_label_distance(arrows: list[Arrow], fraction: float) -> float:
    """The least distance between labels at this fraction of their arrows' lengths."""
    ys = sorted(arrow.tail.y + fraction * (arrow.head.y - arrow.tail.y) for arrow in arrows)
    return max(1e-9, min((above - below for below, above in pairwise(ys)), default=math.inf))


def _breadth(arrow: Arrow, values: str, is_horizontal: bool) -> float:
    """The size of a label with its value across the arrow."""
    numbers = arrow.numbers if values == "below" else []
    if is_horizontal:
        height = LABEL_HEIGHT + VALUE_HEIGHT * len(numbers)
        return height if parse_label(arrow.label) else 0.28
    width = label_width(arrow.label, arrow_label_size(arrow.label, is_horizontal))
    return max([width, *(label_width(number, FontSize.NUMBER) for number in numbers)]) + 0.04


def arrow_label_size(label: str, is_horizontal: bool) -> int:
    """The size of type of a label on an arrow: small for numbers side by side."""
    return FontSize.ARROW_SYMBOL if is_horizontal or parse_label(label) else FontSize.ARROW_NUMBER


def _min_column_distance(arrows: list[Arrow], labels: LabelPlacement, is_horizontal: bool) -> float:
    """The least distance of two columns at which labels keep clear of circles."""
    lengths = [(_half_length(arrow, labels.values, is_horizontal), arrow) for arrow in arrows]
    before = max(arrow.tail.radius + length for length, arrow in lengths)
    behind = max(arrow.head.radius + length for length, arrow in lengths)
    return max(before / labels.fraction, behind / (1.0 - labels.fraction))


def _half_length(arrow: Arrow, values: str, is_horizontal: bool) -> float:
    """Half the size of a label with its value along the arrow, with some space."""
    if not is_horizontal:
        return LABEL_HEIGHT / 2 + (VALUE_HEIGHT * len(arrow.numbers) if values == "below" else 0.0) + 0.1
    lengths = [0.035 * len(number) + 0.1 for number in arrow.numbers]
    half = 0.06 * len(arrow.label) + 0.1
    if parse_label(arrow.label):
        half = max(0.35, label_width(arrow.label, FontSize.ARROW_SYMBOL) / 2 + 0.1)
    return half + sum(lengths) if values == "beside" else max([half, *lengths])


def corners_around(arrow: Arrow, circles: list[Circle], lane: int) -> list[Point]:
    """The corners that lead an arrow through the nearest gap of each column between; empty if it can be straight.

    Arrows through the same gap have different lanes.
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
